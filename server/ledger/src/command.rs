//! Every write the system can make.

pub mod license;
pub mod people;

use crate::record::*;
use crate::rule::account::{NewAccount, ProfileChange};
use crate::rule::flex::NewFlex;
use crate::rule::housekeeping::HourOfRenewals;
use crate::rule::key::NewKey;
use crate::rule::line::LineTransfer;
use crate::rule::lot::Purchase;
use crate::rule::once::Asked;
use crate::rule::pool::Destination;
use crate::rule::revision::ProductChange;
use crate::rule::seat::NewSeat;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::register::Register;
use leasehold_protocol::release::Release;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, DeviceId, Digest, Time, Units};

/// A command. Ids, codes and times in it were drawn by the caller; messages in it have had their signatures checked, and so
/// has a lease that came with one (`held`).
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "fields are named after what the rule's own documentation says")]
pub enum Command {
    /// [`crate::rule::setup`].
    SetUp { installation: Installation, vendor: String },
    /// [`crate::rule::account`].
    CreateAccount(NewAccount),
    /// [`crate::rule::account`].
    UpdateAccount { account: AccountId, change: ProfileChange },
    /// [`crate::rule::account`].
    SetAccountStatus { account: AccountId, status: AccountStatus },
    /// [`crate::rule::product`].
    CreateProduct(Product),
    /// [`crate::rule::lot`].
    Mint(Purchase),
    /// [`crate::rule::lot`].
    Retire { lot: HoldingId, units: Units },
    /// [`crate::rule::lot`].
    Convert { lot: HoldingId, stock: HoldingId, force: bool },
    /// [`crate::rule::pool`].
    CreatePool { id: HoldingId, account: AccountId, name: String, sku: String, free_on: FreeOn },
    /// [`crate::rule::pool`].
    SetPoolQuota { pool: HoldingId, quota: Units },
    /// [`crate::rule::pool`].
    Move { from: HoldingId, account: AccountId, to: Destination, units: Units },
    /// [`crate::rule::key`].
    CreatePoolKey(NewKey),
    /// [`crate::rule::key`].
    SetKeyQuota { key: KeyId, quota: Units },
    /// [`crate::rule::key`].
    StopKey { key: KeyId },
    /// [`crate::rule::key`].
    ResumeKey { key: KeyId },
    /// [`crate::rule::key`].
    DeleteKey { key: KeyId },
    /// [`crate::rule::activate`].
    Activate { message: Box<Activate>, id: ActivationId, held: Option<Box<Lease>> },
    /// [`crate::rule::check`].
    Check { message: Box<Check>, held: Option<Box<Lease>> },
    /// [`crate::rule::release`].
    Release { message: Box<Release>, held: Option<Box<Lease>> },
    /// [`crate::rule::file`].
    AnswerRequest { account: AccountId, request: Box<Request>, digest: Digest, id: ActivationId },
    /// [`crate::rule::file`].
    TakeReturn { account: AccountId, message: Box<Surrender> },
    /// [`crate::rule::release`].
    Lapse { activation: ActivationId },
    /// [`crate::rule::housekeeping`].
    RecordRenewals(HourOfRenewals),
    /// [`crate::rule::housekeeping`].
    JobRan { name: String, at: Time },
    /// [`crate::rule::housekeeping`].
    AcceptClock { believed: Time },
    /// [`crate::rule::rollback`].
    Restored { epoch: u32 },
    /// [`crate::rule::rollback`].
    Doubt { doubt: Doubt, epoch: u32 },
    /// [`crate::rule::rollback`].
    EndQuarantine,
    /// [`crate::rule::token`].
    CreateToken(Token),
    /// [`crate::rule::token`].
    RevokeToken { token: TokenId },
    /// [`crate::rule::people`]; boxed, so that the commands of devices stay small.
    People(Box<people::People>),
    /// [`crate::rule::once`]: a command of a request that named an idempotency key.
    Once { asked: Asked, number: u32, command: Box<Command> },
    /// [`crate::rule::once`].
    RememberAnswer { asked: Asked, answer: KeptAnswer },
    /// [`crate::rule::once`].
    ForgetAnswers,
    /// [`crate::rule::token`].
    TouchToken { token: TokenId },
    /// [`crate::rule::setting`].
    ChangeSettings { scope: Scope, changes: Vec<(String, Option<SettingValue>)> },
    /// [`crate::rule::closing`].
    DeleteAccount { account: AccountId },
    /// [`crate::rule::closing`].
    SetEnrolmentCode { account: AccountId, code: Option<String> },
    /// [`crate::rule::signing`].
    ChangeSigning { before: Option<Box<Signing>>, after: Box<Signing> },
    /// [`crate::rule::redeem`].
    Redeem { account: AccountId, code: String },
    /// [`crate::rule::seat`].
    GrantSeat(NewSeat),
    /// [`crate::rule::seat`].
    TakeSeat { key: KeyId },
    /// [`crate::rule::flex`].
    OpenFlex(NewFlex),
    /// [`crate::rule::line`].
    TransferLine(Box<LineTransfer>),
    /// [`crate::rule::rehost`].
    StopRenewal { activation: ActivationId },
    /// [`crate::rule::rehost`].
    ResumeRenewal { activation: ActivationId },
    /// [`crate::rule::rehost`].
    Rehost { activation: ActivationId, reserve: HoldingId },
    /// [`crate::rule::rehost`].
    MintReserve { account: AccountId, reserve: HoldingId, sku: String, units: Units },
    /// [`crate::rule::license`].
    License(Box<license::LicenseCommand>),
    /// [`crate::rule::register`].
    Register { message: Box<Register>, id: ActivationId, held: Option<Box<Lease>> },
    /// [`crate::rule::waiting`].
    LicenseWaiting { account: AccountId, device: DeviceId, key: KeyId, units: Option<Units> },
    /// [`crate::rule::waiting`].
    TurnAway { account: AccountId, device: DeviceId },
    /// [`crate::rule::device`].
    RenameDevice { account: AccountId, device: DeviceId, name: Option<String> },
    /// [`crate::rule::revision`].
    UpdateProduct { sku: String, change: Box<ProductChange> },
    /// [`crate::rule::notice`].
    TellNotice { account: AccountId, kind: NoticeKind, subjects: Vec<Vec<u8>> },
}
