//! Notices by mail to an account's administrators: what ends in 30, 7 and 1 days, and which consoles are silent.
//!
//! Each is told once: a row remembers what was told last of a thing, and another end, or a console that was heard again, is told anew. An
//! account gets one mail of a kind a day; what comes up later that day waits for the next. Where nobody is there to read it, nothing is
//! remembered as told.

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault};
use crate::people;
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::setting;
use crate::store::{StoreError, Table};
use crate::view::{renewal, seconds};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Day, Time};
use std::ops::ControlFlow;

/// Days before an end on which it is told.
const STEPS: [u32; 3] = [1, 7, 30];
/// Things that one command tells of at most; others are told the next day.
pub const SUBJECTS_MAX: usize = 1000;
/// Things named in a mail; of the others, how many there are.
const LINES_MAX: usize = 20;
/// Administrators who get a mail.
const READERS_MAX: usize = 20;
/// Days after a console's silence was to be told on which it still is: what was long silent before is no news.
const SILENT_STILL: i64 = 30;

/// A device on leases that has given nothing back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    /// The skus of what runs on it.
    pub products: Vec<String>,
    /// Last heard.
    pub last_seen: Time,
    /// When the last of its leases ends, or has ended.
    pub lease_ends: Time,
}

/// What runs on leases on a device, for its account; none if nothing does. Seats that float come and go, and are not missed.
///
/// # Errors
/// [`Fault::Store`].
pub fn console(draft: &Draft<'_>, device: &Device) -> Result<Option<Console>, Fault> {
    let mut found: Option<Console> = None;
    for id in seconds(draft, Table::DeviceActivations, &device.id.0)? {
        let (activation, slot) = draft.indexed(id)?;
        let runs = matches!(activation.state, ActivationState::Active | ActivationState::Lapsed);
        if activation.account != device.account || activation.mode != Mode::Lease || !runs {
            continue;
        }
        if draft.product(&activation.product)?.used_by == UsedBy::Flex {
            continue;
        }
        let seen = Time(slot.last_seen.into());
        let all = found.get_or_insert(Console { products: vec![], last_seen: seen, lease_ends: slot.exp });
        all.last_seen = all.last_seen.max(seen);
        all.lease_ends = all.lease_ends.max(slot.exp);
        all.products.push(activation.product);
    }
    Ok(found)
}

/// The last moment of a day.
#[must_use]
pub fn end_of(Day(day): Day) -> Time {
    Time((day + 1) * DAY - 1)
}

/// What there is to tell of something now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Due {
    line: NoticeLine,
    of: Time,
    days: u32,
}

/// Whether there is something to tell now of a holding or device, by its own part of the key.
///
/// # Errors
/// [`Fault::Store`].
pub fn is_due(draft: &Draft<'_>, kind: NoticeKind, subject: &[u8], now: Time) -> Result<bool, Fault> {
    Ok(due(draft, kind, subject, now)?.is_some())
}

fn due(draft: &Draft<'_>, kind: NoticeKind, subject: &[u8], now: Time) -> Result<Option<Due>, Fault> {
    let due = match kind {
        NoticeKind::Silent => silence(draft, subject, now)?,
        NoticeKind::Ending | NoticeKind::Maintenance => ending(draft, kind, subject, now)?,
    };
    let Some(due) = due else { return Ok(None) };
    let told: Option<Notice> = draft.record(&Notice::key_of(kind, subject))?;
    Ok(told.is_none_or(|told| told.of != due.of || due.days < told.days).then_some(due))
}

/// When a holding with units in it ends, or its free upgrades.
fn end(kind: NoticeKind, holding: &Holding) -> Option<Time> {
    let end = match kind {
        NoticeKind::Maintenance => holding.upgrade_until.map(end_of),
        NoticeKind::Ending | NoticeKind::Silent => holding.until(),
    };
    end.filter(|_| holding.role != HoldingRole::Reserve && !holding.units.is_none())
}

/// A holding of the account that ends soon, unless what it was filled from says the same.
fn ending(draft: &Draft<'_>, kind: NoticeKind, subject: &[u8], now: Time) -> Result<Option<Due>, Fault> {
    let found = draft.record::<Holding>(subject.get(16..).unwrap_or_default())?;
    let Some(holding) = found.filter(|holding| subject.starts_with(holding.account.bytes())) else { return Ok(None) };
    let Some(of) = end(kind, &holding).filter(|end| *end > now) else { return Ok(None) };
    let Some(days) = STEPS.into_iter().find(|days| of.0 - now.0 <= i64::from(*days) * DAY) else { return Ok(None) };
    if let Some(above) = holding.parent.map(|parent| draft.holding(parent)).transpose()?
        && end(kind, &above) == Some(of)
    {
        return Ok(None);
    }
    let name = if holding.name.is_empty() { holding.product.clone() } else { holding.name };
    let line = NoticeLine { name, products: vec![holding.product], units: holding.units.to_string(), at: of };
    Ok(Some(Due { line, of, days }))
}

/// Whatever runs on the device was heard of within a day, as nearly everything is: then the slots say so, and no row is read.
fn was_heard(draft: &Draft<'_>, subject: &[u8], now: Time) -> Result<bool, Fault> {
    for id in seconds(draft, Table::DeviceActivations, subject.get(16..).unwrap_or_default())? {
        let slot = renewal(draft, ActivationId(id))?;
        if slot.is_none_or(|slot| now.0 - i64::from(slot.last_seen) >= DAY) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A console of the account that was heard of last so many days ago.
fn silence(draft: &Draft<'_>, subject: &[u8], now: Time) -> Result<Option<Due>, Fault> {
    if was_heard(draft, subject, now)? {
        return Ok(None);
    }
    let Some(device) = draft.record::<Device>(subject)? else { return Ok(None) };
    let days = setting::silent_days(draft, device.account)?;
    let Some(console) = console(draft, &device)? else { return Ok(None) };
    let silent = (now.0 - console.last_seen.0).div_euclid(DAY);
    if !(i64::from(days)..i64::from(days) + SILENT_STILL).contains(&silent) {
        return Ok(None);
    }
    let of = console.last_seen;
    let name = device.name.unwrap_or_else(|| device.id.to_string());
    Ok(Some(Due { line: NoticeLine { name, products: console.products, units: String::new(), at: of }, of, days }))
}

/// Tells an account's administrators of what is due among some of its holdings or devices, and remembers that.
///
/// # Errors
/// [`Fault`].
pub fn tell(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    kind: NoticeKind,
    subjects: &[Vec<u8>],
) -> Result<Outcome, Fault> {
    let today = Time(context.now.0.div_euclid(DAY) * DAY);
    let day = Notice { kind, subject: account.bytes().to_vec(), of: today, days: 0 };
    let is_done = draft.record::<Notice>(&Notice::key_of(kind, &day.subject))?.is_some_and(|last| last.of == today);
    if is_done || !setting::notices(draft, account)? {
        return Ok(Outcome::Done);
    }
    let readers = readers(draft, account)?;
    let own = subjects.iter().filter(|subject| subject.starts_with(account.bytes())).take(SUBJECTS_MAX);
    let mut told = Vec::new();
    for subject in own {
        told.extend(due(draft, kind, subject, context.now)?.map(|due| (subject.clone(), due)));
    }
    if readers.is_empty() || told.is_empty() {
        return Ok(Outcome::Done);
    }
    let (lines, more) = (told.iter().take(LINES_MAX), told.len().saturating_sub(LINES_MAX));
    let lines: Vec<NoticeLine> = lines.map(|(_, due)| due.line.clone()).collect();
    for reader in &readers {
        let mail = draft.enqueue(context, kind.mail(), reader, Some(account), reader.email.clone())?;
        draft.put(&MailNotice { mail: mail.id, lines: lines.clone(), more: u32::try_from(more).unwrap_or(u32::MAX) });
    }
    draft.put(&day);
    let facts = Facts::default().is("notice", kind.mail().name()).is("about", told.len()).is("readers", readers.len());
    for (subject, Due { of, days, .. }) in told {
        draft.put(&Notice { kind, subject, of, days });
    }
    draft.event_with(context, Verb::NoticePosted, &[account], account, facts)?;
    Ok(Outcome::Done)
}

/// The account's administrators who may sign in.
fn readers(draft: &Draft<'_>, account: AccountId) -> Result<Vec<User>, StoreError> {
    let (mut found, mut failed) = (Vec::new(), None);
    let _: Option<()> = people::through_members(draft, account, |member| {
        if member.acts_as() != Some(crate::actor::Role::Admin) {
            return ControlFlow::Continue(());
        }
        match people::user(draft, member.user) {
            Ok(user) => found.extend(user.filter(|user| user.state == UserState::Active)),
            Err(error) => failed = Some(error),
        }
        if found.len() < READERS_MAX && failed.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    failed.map_or(Ok(found), Err)
}
