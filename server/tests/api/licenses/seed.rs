//! What the small world has of licences: credits for a year each, and one licence.

use crate::build::product;
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::license::key::NewActivationKey;
use leasehold_ledger::rule::license::make::NewLicense;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_protocol::Units;

/// The product of the world's licence: a year of users.
pub const YEAR: &str = "RDS-YEAR";
/// The code of its activation key.
pub const NAMED_CODE: &str = "AAAA-BBBB-CCCC-6666";

pub fn users(count: u32) -> Units {
    Units::of("users", count).expect("a good kind")
}

/// Twelve credits for `account`, of which a licence has two.
pub fn commands(
    account: AccountId,
    (credits, key, license): (HoldingId, KeyId, HoldingId),
    id: impl Fn() -> uuid::Uuid,
) -> Vec<Command> {
    let year = Product {
        sku: YEAR.into(),
        name: "Remote desktops".into(),
        kinds: vec!["users".into()],
        compat: "terminal".into(),
        term: Term::Annual,
        ..product()
    };
    let lot = HoldingId(id());
    let line = Line {
        lot,
        key: KeyId(id()),
        code: "AAAA-BBBB-CCCC-7777".into(),
        kind: KeyKind::ActivationId,
        sku: YEAR.into(),
        units: users(12),
        expires: None,
        upgrade_until: None,
        free_on: FreeOn::Fetch,
    };
    let (email, comment) = ("it@mail.example".to_owned(), "desk 4".to_owned());
    let kind = ProductKind::License;
    let new = NewLicense { id: license, key, kind, pool: credits, units: users(2), days: None, email, comment };
    let name = "Example Ltd".to_owned();
    let named = NewActivationKey { id: key, account, code: NAMED_CODE.into(), name };
    let purchase = Purchase { account, entitlement: "SO-C".into(), reference: None, lines: vec![line] };
    vec![
        Command::CreateProduct(year),
        Command::Mint(purchase),
        Command::Convert { lot, stock: credits, force: false },
        Command::License(Box::new(LicenseCommand::CreateKey(named))),
        Command::License(Box::new(LicenseCommand::Make(new))),
    ]
}
