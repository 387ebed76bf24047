//! From command to changes: reads a view, asks the rule, yields what to write.

use crate::actor::Actor;
use crate::command::Command;
use crate::draft::{Changes, Draft, Fault};
use crate::rule::*;
use crate::shelf::Shelf;
use crate::store::Read;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::license::License;
use leasehold_protocol::receipt::Receipt;
use leasehold_protocol::refusal::Refusal;
use leasehold_protocol::{ActivationId, Challenge, Cti, Time};

/// What a rule is given besides the command: time, who acts, and the two secrets it needs done but must not have.
pub struct Context<'a> {
    /// The moment of the decision.
    pub now: Time,
    /// Who sends the command.
    pub actor: &'a Actor,
    /// What the decisions of this transaction have read before.
    pub shelf: &'a Shelf,
    /// The keyset leases point to.
    pub keyset_version: u32,
    /// Seconds of the longest lease that the key in use may sign: consoles take none that is longer.
    pub lease_term_max: i64,
    /// The challenge for an activation whose last artefact is the given one.
    pub challenge: &'a dyn Fn(ActivationId, Cti) -> Challenge,
    /// The signed bytes of a licence, or why no key may sign it now.
    pub sign_license: &'a dyn Fn(&License) -> Result<Vec<u8>, String>,
}

/// What a command led to. Answers to devices are signed and sent once the changes are durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// A lease to sign.
    Lease(Box<Lease>),
    /// The device is announced and waits to be licensed.
    Waiting,
    /// The account lets so many devices wait that there is no room for another one.
    Full,
    /// A receipt to sign.
    Receipt(Receipt),
    /// A no to sign, to a device with a valid signature and a key that exists.
    Refusal(Refusal),
    /// A no to sign for somebody the store does not know, as far as there is a budget for that.
    Stranger(Refusal),
    /// A signed licence file.
    File(Vec<u8>),
    /// It was carried out before, for the same request; with the file it signed then.
    Repeated(Option<Vec<u8>>),
    /// Nothing changed: another request has the idempotency key.
    Raced,
}

/// Decides a command. Nothing is written: the caller writes the changes in the transaction it read from.
///
/// # Errors
/// [`Fault`]; then there is nothing to write.
pub fn apply(view: &dyn Read, context: &Context<'_>, command: &Command) -> Result<(Changes, Outcome), Fault> {
    let mut draft = Draft::new(view);
    // An answer is kept also for somebody who has just signed out.
    if !matches!(command, Command::RememberAnswer { .. }) {
        draft.admit(context.actor, context.now)?;
    }
    let outcome = dispatch(&mut draft, context, command)?;
    settled::unsettle(&mut draft)?;
    debug_assert!(draft.take_moves().is_empty(), "units moved without an Event");
    Ok((draft.into_changes(), outcome))
}

/// The rule of a command.
pub(crate) fn dispatch(draft: &mut Draft<'_>, context: &Context<'_>, command: &Command) -> Result<Outcome, Fault> {
    if let Some(outcome) = quarantine::admit(draft, context, command)? {
        return Ok(outcome);
    }
    match command {
        Command::SetUp { installation, vendor } => setup::set_up(draft, context, installation, vendor),
        Command::CreateAccount(new) => account::create(draft, context, new),
        Command::UpdateAccount { account, change } => account::update(draft, context, *account, change),
        Command::SetAccountStatus { account, status } => account::set_status(draft, context, *account, *status),
        Command::CreateProduct(product) => product::create(draft, context, product),
        Command::Mint(purchase) => lot::mint(draft, context, purchase),
        Command::Retire { lot, units } => lot::retire(draft, context, *lot, units),
        Command::Convert { lot, stock, force } => lot::convert(draft, context, *lot, *stock, *force),
        Command::CreatePool { id, account, name, sku, free_on } => {
            pool::create(draft, context, *id, *account, name, sku, *free_on)
        }
        Command::SetPoolQuota { pool, quota } => pool::set_quota(draft, context, *pool, quota),
        Command::Move { from, account, to, units } => pool::move_units(draft, context, *from, *account, to, units),
        Command::CreatePoolKey(new) => key::create(draft, context, new),
        Command::SetKeyQuota { key, quota } => key::set_quota(draft, context, *key, quota),
        Command::StopKey { key } => key::set_stopped(draft, context, *key, true),
        Command::ResumeKey { key } => key::set_stopped(draft, context, *key, false),
        Command::DeleteKey { key } => key::delete(draft, context, *key),
        Command::Activate { message, id, held } => activate::activate(draft, context, message, *id, held.as_deref()),
        Command::Check { message, held } => check::check(draft, context, message, held.as_deref()),
        Command::Release { message, held } => release::release(draft, context, message, held.as_deref()),
        Command::AnswerRequest { account, request, digest, id } => {
            file::answer(draft, context, *account, request, *digest, *id)
        }
        Command::TakeReturn { account, message } => file::take_return(draft, context, *account, message),
        Command::Lapse { activation } => release::lapse(draft, context, *activation),
        Command::RecordRenewals(hour) => housekeeping::renewals(draft, context, hour),
        Command::JobRan { name, at } => Ok(housekeeping::job_ran(draft, name, *at)),
        Command::AcceptClock { believed } => housekeeping::clock_accepted(draft, context, *believed),
        Command::Restored { epoch } => rollback::restored(draft, context, *epoch),
        Command::Doubt { doubt, epoch } => rollback::doubt(draft, context, *doubt, *epoch),
        Command::EndQuarantine => rollback::end(draft, context),
        Command::CreateToken(token) => token::create(draft, context, token),
        Command::RevokeToken { token } => token::revoke(draft, context, *token),
        Command::People(command) => people::decide(draft, context, command),
        Command::Once { asked, number, command } => once::run(draft, context, asked, *number, command),
        Command::RememberAnswer { asked, answer } => once::remember(draft, context, asked, answer),
        Command::ForgetAnswers => once::forget(draft, context),
        Command::TouchToken { token } => token::touch(draft, context, *token),
        Command::ChangeSettings { scope, changes } => setting::change(draft, context, *scope, changes),
        Command::DeleteAccount { account } => closing::delete(draft, context, *account),
        Command::SetEnrolmentCode { account, code } => {
            closing::set_enrolment(draft, context, *account, code.as_deref())
        }
        Command::ChangeSigning { before, after } => signing::change(draft, context, before.as_deref(), after),
        Command::Redeem { account, code } => redeem::redeem(draft, context, *account, code),
        Command::GrantSeat(new) => seat::grant(draft, context, new),
        Command::TakeSeat { key } => seat::take(draft, context, *key),
        Command::OpenFlex(new) => flex::open(draft, context, new),
        Command::TransferLine(what) => line::transfer(draft, context, what),
        Command::StopRenewal { activation } => rehost::stop(draft, context, *activation),
        Command::ResumeRenewal { activation } => rehost::resume(draft, context, *activation),
        Command::Rehost { activation, reserve } => rehost::rehost(draft, context, *activation, *reserve),
        Command::MintReserve { account, reserve, sku, units } => {
            rehost::mint(draft, context, *account, *reserve, sku, units)
        }
        Command::License(command) => license::decide(draft, context, command),
        Command::Register { message, id, held } => register::register(draft, context, message, *id, held.as_deref()),
        Command::LicenseWaiting { account, device, key, units } => {
            waiting::license(draft, context, *account, *device, *key, units.as_ref())
        }
        Command::TurnAway { account, device } => waiting::turn_away(draft, context, *account, *device),
        Command::RenameDevice { account, device, name } => {
            device::rename(draft, context, *account, *device, name.as_deref())
        }
        Command::UpdateProduct { sku, change } => revision::update(draft, context, sku, change),
        Command::TellNotice { account, kind, subjects } => notice::tell(draft, context, *account, *kind, subjects),
    }
}
