//! What people do about devices that wait: give one a key, or turn it away. The devices themselves are never touched (A5).

use crate::actor::Role;
use crate::apply::{Context, Outcome, dispatch};
use crate::charge;
use crate::command::Command;
use crate::draft::{Draft, Fault, ensure};
use crate::record::waiting::Given;
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::register::{all, waiting};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::message::{Host, Proof, Sender};
use leasehold_protocol::{ActivationId, DeviceId, Nonce, Refused, Units};

/// Gives a waiting device a key of its account, and units of it (none for all the key gives). Nothing is charged before the
/// device asks, see [`crate::rule::register`]; whatever an activation would be refused for now, is refused now.
///
/// # Errors
/// [`Fault`].
pub fn license(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    device: DeviceId,
    key: KeyId,
    units: Option<&Units>,
) -> Result<Outcome, Fault> {
    let before = reach(draft, context, account, device)?;
    let found = draft.key(key)?;
    let is_own = found.account == account && found.state != KeyState::Deleted;
    ensure(is_own, Refused::OutOfReach, || format!("no key {key} in this account"))?;
    let given = Given { key, units: units.cloned(), at: context.now };
    let same = before.given().is_some_and(|last| (last.key, &last.units) == (key, &given.units));
    if same {
        return Ok(Outcome::Done);
    }
    rehearse(draft, context, &before, &found, units)?;
    promised(draft, &before, &found, units)?;
    draft.put(&Waiting { verdict: Verdict::Licensed(given), ..before.clone() });
    let facts = Facts::default().is("key", key).is("product", &before.product);
    let facts = units.iter().fold(facts, |facts, units| facts.is("units", units));
    draft.event_with(context, Verb::DeviceLicensed, &[account], device, facts)?;
    Ok(Outcome::Done)
}

/// Turns a waiting device away: it hears that its enrolment is not valid, and stops asking. It may announce itself again
/// once it is forgotten, and people may license it until then.
///
/// # Errors
/// [`Fault`].
pub fn turn_away(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    device: DeviceId,
) -> Result<Outcome, Fault> {
    draft.reach(context.actor, account, Role::Operator)?;
    let before = found(draft, context, account, device)?;
    if before.verdict == Verdict::TurnedAway {
        return Ok(Outcome::Done);
    }
    let facts = Facts::default().is("product", &before.product).was("state", before.verdict.word(), "turned_away");
    draft.put(&Waiting { verdict: Verdict::TurnedAway, heard: context.now, ..before });
    draft.event_with(context, Verb::DeviceTurnedAway, &[account], device, facts)?;
    Ok(Outcome::Done)
}

fn reach(draft: &Draft<'_>, context: &Context<'_>, account: AccountId, device: DeviceId) -> Result<Waiting, Fault> {
    draft.reach(context.actor, account, Role::Operator)?;
    let waiting = found(draft, context, account, device)?;
    draft.reach_active(context.actor, account, Role::Operator)?;
    Ok(waiting)
}

fn found(draft: &Draft<'_>, context: &Context<'_>, account: AccountId, device: DeviceId) -> Result<Waiting, Fault> {
    let waiting = waiting(draft, context, account, device)?;
    waiting.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no device {device} waits in this account")))
}

/// The activation that the device's next question will be, tried in a draft that is thrown away: the same rules speak.
fn rehearse(
    draft: &Draft<'_>,
    context: &Context<'_>,
    waiting: &Waiting,
    key: &Key,
    units: Option<&Units>,
) -> Result<(), Fault> {
    let sender =
        Sender { aud: waiting.product.clone(), iat: context.now, device: waiting.public, nonce: Nonce([0; 16]) };
    let message = Activate {
        iss: draft.installation()?.iss,
        code: key.code.clone(),
        device_name: None,
        wanted: units.cloned(),
        replaces: None,
        keyset_version: 0,
        sender,
        host: Host { version: waiting.version.clone(), fingerprint: waiting.fingerprint.clone() },
        proof: Proof::default(),
    };
    let command = Command::Activate { message: Box::new(message), id: ActivationId([0; 16]), held: None };
    let refused = match dispatch(&mut Draft::new(draft), context, &command)? {
        Outcome::Refusal(refusal) | Outcome::Stranger(refusal) => refusal.refused().unwrap_or(Refused::KeyInvalid),
        _ => return Ok(()),
    };
    // a device that has a history with this key proves itself when it asks
    let detail = || format!("{} on device {}", waiting.product, waiting.device);
    ensure(refused == Refused::Resync, refused, detail)
}

/// What other waiting devices were given of this key and did not fetch is not given twice. It is no booking: who comes first
/// is served, and a promise that is never fetched is forgotten with its device.
fn promised(draft: &Draft<'_>, waiting: &Waiting, key: &Key, units: Option<&Units>) -> Result<(), Fault> {
    let mut left = Units::default();
    for id in &key.holdings {
        let home = draft.holding(*id)?;
        if home.product == waiting.product {
            left = charge::sum(&left, &charge::available(&home, &Units::default()))?;
        }
    }
    let others = all(draft, waiting.account)?.into_iter().filter(|other| other.device != waiting.device);
    let given: Vec<Waiting> = others.filter(|other| other.given().is_some_and(|given| given.key == key.id)).collect();
    let Some(first) = given.first() else { return Ok(()) };
    ensure(!key.is_single(), Refused::KeyOnOtherDevice, || format!("device {} was given it", first.device))?;
    for other in given.iter().filter_map(Waiting::given) {
        left = left.saturating_sub(&other.units.clone().unwrap_or_else(|| left.clone()));
    }
    let enough = units.map_or(!left.is_none(), |units| left.covers(units));
    ensure(enough, Refused::InsufficientUnits, || format!("{left} are not given to waiting devices"))
}
