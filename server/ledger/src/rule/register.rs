//! A device announces itself under an account's enrolment code, and waits until somebody has licensed it (A5).
//!
//! Licensing decides which key the device gets and charges nothing: the units are charged when the device asks, by the rule
//! of an activation with that key, in the transaction that records its lease. So at every instant what is charged is what
//! living leases carry (I16, I17), and a device that never comes again has cost nothing. What may have changed meanwhile is
//! found then, and said to the device, which goes on asking.

use crate::actor::active;
use crate::apply::{Context, Outcome, dispatch};
use crate::command::Command;
use crate::draft::{Draft, Fault, ensure};
use crate::record::waiting::WAITING_MAX;
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::refuse::refusal;
use crate::store::{Read, StoreError, Table, after};
use crate::view::{self, seconds};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::register::Register;
use leasehold_protocol::{ActivationId, DeviceId, Refused, Units};

/// Answers an announcement: a lease for a device that was licensed. `id` names its activation if it is a new one.
///
/// # Errors
/// [`Fault::Store`]; a no is an [`Outcome`].
pub fn register(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    message: &Register,
    id: ActivationId,
    held: Option<&Lease>,
) -> Result<Outcome, Fault> {
    let (sender, device) = (&message.sender, message.sender.device.device_id());
    let Some(account) = enrolling(draft, &message.code)? else {
        return refusal(draft, context, sender, Refused::EnrolmentInvalid).map(Outcome::Stranger);
    };
    let waiting = waiting(draft, context, account.id, device)?;
    let license = match &waiting {
        Some(waiting) => given(draft, waiting, &sender.aud)?,
        None => living(draft, context, account.id, device, &sender.aud)?,
    };
    if let Some((key, units)) = license {
        let held = held.cloned().map(Box::new);
        let command = Command::Activate { message: Box::new(activation(message, &key, units)), id, held };
        let outcome = dispatch(draft, context, &command)?;
        if matches!(outcome, Outcome::Lease(_)) {
            draft.delete(Table::WaitingDevices, Waiting::key_of(account.id, device));
        }
        return Ok(outcome);
    }
    match announce(draft, context, &account, message, waiting) {
        Err(Fault::Refused { refused, .. }) => {
            draft.discard();
            refusal(draft, context, sender, refused).map(Outcome::Refusal)
        }
        done => done,
    }
}

/// The account whose devices enrol with this code.
fn enrolling(draft: &Draft<'_>, typed: &str) -> Result<Option<Account>, Fault> {
    let Ok(code) = code::parse(typed) else { return Ok(None) };
    let Some(id) = draft.get(Table::EnrolmentCodes, code.as_bytes())? else { return Ok(None) };
    Ok(draft.record::<Account>(&id)?.filter(|account| account.deleted.is_none()))
}

/// The device, if it waits.
///
/// # Errors
/// [`StoreError`].
pub fn waiting(
    draft: &Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    device: DeviceId,
) -> Result<Option<Waiting>, StoreError> {
    let row = draft.record::<Waiting>(&Waiting::key_of(account, device))?;
    Ok(row.filter(|waiting| !waiting.is_over(context.now)))
}

/// What the device was given, unless the key is no more or no more the account's.
fn given(draft: &Draft<'_>, waiting: &Waiting, sku: &str) -> Result<Option<(Key, Option<Units>)>, Fault> {
    let Some(given) = waiting.given().filter(|_| waiting.product == sku) else { return Ok(None) };
    let key = draft.key(given.key)?;
    Ok(is_usable(&key, waiting.account).then(|| (key, given.units.clone())))
}

/// The key by which the device is licensed in this account already: its answer was lost, or it lost its state.
fn living(
    draft: &Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    device: DeviceId,
    sku: &str,
) -> Result<Option<(Key, Option<Units>)>, Fault> {
    let mut last: Option<Activation> = None;
    for id in seconds(draft, Table::DeviceActivations, &device.0)? {
        let (one, slot) = draft.indexed(id)?;
        let is_own = one.account == account && one.product == sku && one.mode == Mode::Lease;
        let lives = one.state == ActivationState::Active && slot.exp > context.now;
        if is_own && lives && last.as_ref().is_none_or(|last| last.created <= one.created) {
            last = Some(one);
        }
    }
    let Some(last) = last else { return Ok(None) };
    let key = draft.key(last.key)?;
    Ok(is_usable(&key, account).then_some((key, last.wanted)))
}

fn is_usable(key: &Key, account: AccountId) -> bool {
    key.account == account && key.state != KeyState::Deleted
}

/// The activation that a licensed device's announcement stands for.
fn activation(message: &Register, key: &Key, wanted: Option<Units>) -> Activate {
    Activate {
        iss: message.iss.clone(),
        code: key.code.clone(),
        device_name: message.device_name.clone(),
        wanted,
        replaces: None,
        keyset_version: message.keyset_version,
        sender: message.sender.clone(),
        host: message.host.clone(),
        proof: message.proof.clone(),
    }
}

/// Lets the device wait, or go on waiting. The first time is an Event; that it was heard again is a note.
fn announce(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: &Account,
    message: &Register,
    before: Option<Waiting>,
) -> Result<Outcome, Fault> {
    let sender = &message.sender;
    let is_sold = draft.record::<Product>(sender.aud.as_bytes())?.is_some();
    ensure(is_sold, Refused::ProductNotAllowed, || sender.aud.clone())?;
    draft.allowed(account, &sender.aud)?;
    active(account)?;
    let other = before.as_ref().filter(|before| before.product != sender.aud);
    ensure(other.is_none(), Refused::ProductNotAllowed, || "the device waits for another product".to_owned())?;
    let is_away = before.as_ref().is_some_and(|before| before.verdict == Verdict::TurnedAway);
    ensure(!is_away, Refused::EnrolmentInvalid, || "the device was turned away".to_owned())?;
    let is_first = before.is_none();
    if is_first && !has_room(draft, context, account.id)? {
        return Ok(Outcome::Full);
    }
    let now = Waiting {
        account: account.id,
        device: sender.device.device_id(),
        public: sender.device,
        product: sender.aud.clone(),
        name: message.device_name.clone(),
        fingerprint: message.host.fingerprint.clone(),
        version: message.host.version.clone(),
        announced: before.as_ref().map_or(context.now, |before| before.announced),
        heard: before.as_ref().filter(|one| !one.is_noted_again(context.now)).map_or(context.now, |one| one.heard),
        verdict: Verdict::Open,
    };
    if before.as_ref() != Some(&now) {
        draft.put(&now);
    }
    if is_first {
        let facts = Facts::default().is("product", &now.product).is("version", &now.version);
        let facts = now.name.iter().fold(facts, |facts, name| facts.is("name", name));
        draft.event_with(context, Verb::DeviceAnnounced, &[account.id], now.device, facts)?;
    }
    Ok(Outcome::Waiting)
}

/// Whether one more device may wait; where it is full, those that were not heard for long are forgotten.
fn has_room(draft: &mut Draft<'_>, context: &Context<'_>, account: AccountId) -> Result<bool, Fault> {
    let own = account.bytes();
    if draft.scan(Table::WaitingDevices, own, &after(own), WAITING_MAX)?.len() < WAITING_MAX {
        return Ok(true);
    }
    let over: Vec<Waiting> = all(draft, account)?.into_iter().filter(|one| one.is_over(context.now)).collect();
    over.iter().for_each(|one| draft.delete(Table::WaitingDevices, Waiting::key_of(account, one.device)));
    Ok(!over.is_empty())
}

/// Every device that waits in an account, those that are over included.
///
/// # Errors
/// [`StoreError`].
pub fn all(draft: &Draft<'_>, account: AccountId) -> Result<Vec<Waiting>, StoreError> {
    view::list(draft, account.bytes(), None, WAITING_MAX)
}

/// Nobody waits any more: the code they came with is good no more.
///
/// # Errors
/// [`StoreError`].
pub fn dismiss(draft: &mut Draft<'_>, account: AccountId) -> Result<(), StoreError> {
    for one in all(draft, account)? {
        draft.delete(Table::WaitingDevices, Waiting::key_of(account, one.device));
    }
    Ok(())
}
