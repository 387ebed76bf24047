//! How a device does, as far as the server has heard.
//!
//! | word | means |
//! |---|---|
//! | `forked` | two living copies of it were proved in the last 30 days |
//! | `mismatched` | less than half of its fingerprint was left in the last 30 days |
//! | `silent` | its lease has ended unheard, or it was not heard of for as many days as the account's setting `silent_days` says |
//! | `clock_suspect` | its clock was more than a day wrong when it checked last; its lease runs to its end |
//! | `overdue` | the window of its check has closed; the lease runs on |
//! | `waiting` | nothing of it lives here, and it waits to be licensed |
//! | `ok` | none of these |
//!
//! Where several hold, the one that stands first is told. A device on a licence file is never late.

use crate::admin::problem::Problem;
use crate::admin::sight::Sight;
use leasehold_ledger::charge::living;
use leasehold_ledger::record::activation::Alarm;
use leasehold_ledger::record::*;
use leasehold_ledger::renewal::Renewal;
use leasehold_ledger::rule::issue::window;
use leasehold_ledger::rule::setting::silent_days;
use leasehold_ledger::store::Table;
use leasehold_ledger::view::seconds;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Time};
use serde::Serialize;
use utoipa::ToSchema;

/// Days for which an alarm is shown.
const ALARM_DAYS: i64 = 30;

/// How a device does; where several hold, the one that stands first is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Two living copies of it were proved in the last 30 days.
    Forked,
    /// Less than half of its fingerprint was left in the last 30 days.
    Mismatched,
    /// Its lease has ended unheard, or it was not heard of for as many days as the account's setting `silent_days` says.
    Silent,
    /// Its clock was more than a day wrong when it checked last; its lease runs to its end.
    ClockSuspect,
    /// The window of its check has closed; the lease runs on.
    Overdue,
    /// Nothing of it lives here, and it waits to be licensed.
    Waiting,
    /// None of these.
    Ok,
}

impl Health {
    /// Every word.
    #[must_use]
    pub fn all() -> Vec<serde_json::Value> {
        let all =
            [Self::Forked, Self::Mismatched, Self::Silent, Self::ClockSuspect, Self::Overdue, Self::Waiting, Self::Ok];
        all.into_iter().filter_map(|word| serde_json::to_value(word).ok()).collect()
    }
}

/// A device with what its activations in its account say of it.
pub struct Seen {
    /// The device.
    pub device: Device,
    /// How it does.
    pub health: Health,
    /// A living lease or licence file of this account is on it.
    pub in_use: bool,
    /// Its activations in this account.
    pub licences: Vec<ActivationId>,
    /// Last heard; 0 for never.
    pub last_seen: u32,
}

impl Seen {
    /// Looks at a device. The same one may serve another account, which is none of this one's business.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn of(sight: &Sight<'_>, device: Device) -> Result<Self, Problem> {
        let mut seen = Self { device, health: Health::Ok, in_use: false, licences: Vec::new(), last_seen: 0 };
        let account = seen.device.account;
        let silent_after = i64::from(silent_days(&sight.draft, account)?) * DAY;
        for id in seconds(&sight.draft, Table::DeviceActivations, &seen.device.id.0)? {
            let (activation, slot) = sight.draft.indexed(id)?;
            if activation.account == account {
                seen.in_use |= !living(&activation, &slot, sight.now).is_none();
                seen.health = seen.health.min(judge(&activation, &slot, silent_after, sight.now));
                seen.last_seen = seen.last_seen.max(slot.last_seen);
                seen.licences.push(activation.id);
            }
        }
        if !seen.in_use && waits(sight, account, &seen.device)? {
            seen.health = seen.health.min(Health::Waiting);
        }
        Ok(seen)
    }
}

fn judge(activation: &Activation, slot: &Renewal, silent_after: i64, now: Time) -> Health {
    let alarmed = |alarm| activation.alarms.iter().any(|(kind, day)| *kind == alarm && now.day().0 - day < ALARM_DAYS);
    let is_due = activation.state == ActivationState::Active && activation.mode == Mode::Lease && !slot.is_released();
    let (_, closes) = window(activation.id, slot.iat, slot.exp);
    let is_gone = slot.exp <= now || Time(slot.last_seen.into()).plus(silent_after) <= now;
    match () {
        () if alarmed(Alarm::Fork) => Health::Forked,
        () if alarmed(Alarm::Mismatch) => Health::Mismatched,
        () if is_due && is_gone || activation.state == ActivationState::Lapsed => Health::Silent,
        () if is_due && slot.is_clock_suspect() => Health::ClockSuspect,
        () if is_due && closes < now => Health::Overdue,
        () => Health::Ok,
    }
}

fn waits(sight: &Sight<'_>, account: AccountId, device: &Device) -> Result<bool, Problem> {
    let waiting: Option<Waiting> = sight.draft.record(&Waiting::key_of(account, device.id))?;
    Ok(waiting.is_some_and(|one| !one.is_over(sight.now) && one.verdict != Verdict::TurnedAway))
}
