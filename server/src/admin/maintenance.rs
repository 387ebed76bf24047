//! The portal once maintenance of something pooled has ended (H25): people look at licences and change nothing about them, or,
//! where the account or one above it has set `expired_maintenance = block`, do not even look.
//!
//! That is for people who signed in and speak for the account itself. Their own affairs, members, tokens and settings go on; so
//! do programs, those above the account (who sell the extension), and devices by their own rule (H24). The vendor's own people
//! are not shut out of the vendor's portal.

use super::overview::Notice;
use super::problem::Problem;
use super::scopes;
use super::value::When;
use crate::app::App;
use axum::extract::MatchedPath;
use axum::http::Method;
use leasehold_ledger::draft::{Draft, Fault};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::issue::is_maintained;
use leasehold_ledger::rule::setting::expired_maintenance_blocks;
use leasehold_ledger::scan::Scan;
use leasehold_ledger::store::Table;
use leasehold_protocol::{Day, Refused, Time};

/// Parts of the API that are about licences.
const LICENCES: [&str; 7] = ["lots", "orders", "pools", "keys", "activations", "devices", "requests"];

/// Whether a person who speaks for `account` may call a route now.
///
/// # Errors
/// `maintenance_expired`, or [`Problem`] when the store cannot be read.
pub fn admit(app: &App, account: AccountId, method: &Method, path: Option<&MatchedPath>) -> Result<(), Problem> {
    let part = path.and_then(|path| scopes::part_of(method, path.as_str()));
    if !part.is_some_and(|part| LICENCES.contains(&part)) {
        return Ok(());
    }
    let (view, now) = (app.view()?, app.clock.now());
    let draft = Draft::new(view.as_ref());
    let account = draft.account(account)?.filter(|account| account.kind != AccountKind::Vendor);
    let Some(account) = account else { return Ok(()) };
    let blocks = expired_maintenance_blocks(&draft, &account)?;
    if *method == Method::GET && !blocks {
        return Ok(());
    }
    match expired(&draft, account.id, now)? {
        Some(day) => Err(Problem::refused(Refused::MaintenanceExpired, format!("of pooled licences, on {day}"))),
        None => Ok(()),
    }
}

/// What an account is told whose maintenance of something pooled has ended.
///
/// # Errors
/// [`Fault`].
pub fn notice(draft: &Draft<'_>, account: AccountId, now: Time) -> Result<Option<Notice>, Fault> {
    let text = "The day has passed until which upgrades of a pooled licence are free: its pool keys are not renewed, and licences \
                are looked at only. Extend the maintenance. Licences in hand run on.";
    let told = |_| Notice { code: Refused::MaintenanceExpired.code(), text, until: None::<When> };
    Ok(expired(draft, account, now)?.map(told))
}

/// The earliest day that has passed among those of pooled licences an account has.
fn expired(draft: &Draft<'_>, account: AccountId, now: Time) -> Result<Option<Day>, Fault> {
    let (mut scan, mut earliest) = (Scan::behind(Table::AccountHoldings, account.bytes()), None);
    while let Some(rows) = scan.step(draft)? {
        for (key, _) in rows {
            let Some(holding) = draft.record::<Holding>(key.get(16..).unwrap_or_default())? else { continue };
            let is_pooled = matches!(holding.role, HoldingRole::Stock | HoldingRole::Pool | HoldingRole::Allotment);
            let past =
                holding.upgrade_until.filter(|until| *until < now.day() && is_pooled && !holding.units.is_none());
            if past.is_some() && !is_maintained(&draft.product(&holding.product)?, past, now) {
                earliest = [earliest, past].into_iter().flatten().min();
            }
        }
    }
    Ok(earliest)
}
