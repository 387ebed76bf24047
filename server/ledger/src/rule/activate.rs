//! Binding a key, for one product, to a device.

use crate::actor::{active, organised};
use crate::apply::{Context, Outcome};
use crate::charge;
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::renewal::Renewal;
use crate::rule::check::{Ask, answer, renew};
use crate::rule::code;
use crate::rule::flex::unless_said;
use crate::rule::refuse::{refusal, refuse, stranger};
use crate::rule::resync::{Standing, standing};
use crate::store::Table;
use crate::view::{seconds, triple};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::message::{Host, Sender};
use leasehold_protocol::{ActivationId, Cti, DeviceId, Nonce, Refused, Time, Units};

/// Answers an activation. `id` names the activation if it is a new one.
///
/// # Errors
/// [`Fault::Store`]; a no is an [`Outcome`].
pub fn activate(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    message: &Activate,
    id: ActivationId,
    held: Option<&Lease>,
) -> Result<Outcome, Fault> {
    let sender = &message.sender;
    let Some((key, home)) = key_for(draft, &message.code, &sender.aud, sender.device.device_id(), context.now)? else {
        return stranger(draft, context, sender);
    };
    let (activation, slot, standing) = match draft.activation_of(key.id, &sender.aud, sender.device.device_id())? {
        Some((activation, slot)) => {
            let standing = match standing(context, &activation, &slot, sender.nonce, &message.proof, held) {
                Standing::Retry if activation.mode == Mode::File => Standing::Stale,
                standing => standing,
            };
            (activation, slot, standing)
        }
        None => (blank(&key, &home, sender, &message.host, Mode::Lease, id, context.now), NO_ANSWER, Standing::First),
    };
    let seat = unless_said(&key, &home);
    let wanted = message.wanted.as_ref().or(seat.as_ref());
    let mut ask = Ask { sender, host: &message.host, usage: None, standing, wanted: Some(wanted), replaced: None };
    if standing == Standing::Retry {
        return answer(draft, context, activation, slot, &ask);
    }
    let answered = (|| {
        let activation = draft.rehomed(activation.clone(), &home, context.now)?;
        let activation = replace(draft, context, activation, &slot, message.replaces, &mut ask.replaced)?;
        let activation = begins(draft, context, activation, &slot, wanted, Mode::Lease)?;
        if standing == Standing::First {
            enter(draft, &activation, sender, &message.host, message.device_name.as_deref(), context.now)?;
        }
        renew(draft, context, &activation, &slot, &ask)
    })();
    match answered {
        Err(Fault::Refused { refused: Refused::Resync, .. }) => {
            refuse(draft, context, activation, &slot, &ask, Refused::Resync)
        }
        Err(Fault::Refused { refused, .. }) => {
            draft.discard();
            refusal(draft, context, sender, refused).map(Outcome::Refusal)
        }
        done => done,
    }
}

/// No answer was ever recorded.
pub const NO_ANSWER: Renewal =
    Renewal { nonce: Nonce([0; 16]), seq: 0, iat: Time(0), exp: Time(0), last_seen: 0, usage: [0; 4], flags: 0 };

/// The key with this code and the holding that a device draws on, if it gives this product. Of several that are good at `now`
/// the device stays with the one it has; a new one gets that with the most free units.
///
/// # Errors
/// [`Fault::Store`].
pub fn key_for(
    draft: &Draft<'_>,
    typed: &str,
    sku: &str,
    device: DeviceId,
    now: Time,
) -> Result<Option<(Key, Holding)>, Fault> {
    let Ok(code) = code::parse(typed) else { return Ok(None) };
    let key = draft.key_by_code(&code)?.filter(|key| key.state != KeyState::Deleted);
    let key = key.filter(|key| key.kind != KeyKind::PermissionKey || key.redeemed.is_some()); // people redeem those
    let Some(key) = key else { return Ok(None) };
    let mut homes = Vec::new();
    for id in &key.holdings {
        homes.push(draft.holding(*id)?);
    }
    homes.retain(|home| home.product == sku);
    let bought = matches!(key.kind, KeyKind::ActivationId | KeyKind::PermissionKey) && !homes.is_empty();
    if bought && draft.product(sku)?.used_by != UsedBy::Device {
        return Ok(None); // a seat is granted first (G12), or the owner opens floating ones (G7)
    }
    if homes.iter().any(|home| home.is_good(now)) {
        homes.retain(|home| home.is_good(now));
    }
    if homes.len() > 1
        && let Some((activation, _)) = draft.activation_of(key.id, sku, device)?
        && homes.iter().any(|home| home.id == activation.holding)
    {
        homes.retain(|home| home.id == activation.holding);
    }
    let most = homes.into_iter().max_by_key(|home| home.free().iter().map(|(_, count)| u64::from(count)).sum::<u64>());
    Ok(most.map(|home| (key, home)))
}

/// An activation that has had no answer yet.
#[must_use]
pub fn blank(
    key: &Key,
    home: &Holding,
    sender: &Sender,
    host: &Host,
    mode: Mode,
    id: ActivationId,
    now: Time,
) -> Activation {
    Activation {
        id,
        key: key.id,
        holding: home.id,
        account: key.account,
        product: sender.aud.clone(),
        device: sender.device.device_id(),
        mode,
        state: ActivationState::Active,
        wanted: None,
        units: Units::default(),
        charged: Units::default(),
        encumbrances: vec![],
        older: vec![],
        abandoned: vec![],
        version: host.version.clone(),
        refused: None,
        due: None,
        alarms: vec![],
        settled: None,
        created: now,
    }
}

/// What must hold where something new begins: product allowed, account active, units enough. A living lease is renewed
/// without asking for that. Returns the activation as it stands after time may have ended some of its artefacts.
///
/// # Errors
/// [`Fault::Refused`] by the first rule that stands against it.
pub fn begins(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    activation: Activation,
    slot: &Renewal,
    wanted: Option<&Units>,
    mode: Mode,
) -> Result<Activation, Fault> {
    let is_living = activation.state == ActivationState::Active && slot.exp > context.now;
    let is_renewal = is_living && mode == Mode::Lease && activation.mode == Mode::Lease;
    let account = draft.account(activation.account)?;
    let account = account.ok_or_else(|| Fault::refused(Refused::OutOfReach, activation.account.to_string()))?;
    if !is_renewal {
        draft.allowed(&account, &activation.product)?;
        active(&account)?;
    }
    let product = draft.product(&activation.product)?;
    if let Some(wanted) = wanted {
        code::quantity(&product, wanted)?;
    }
    draft.sweep(activation.holding, context.now)?;
    let activation = draft.record::<Activation>(&activation.id.0)?.unwrap_or(activation);
    let home = draft.holding(activation.holding)?;
    // A pool key's units count as there while it is active elsewhere: that is another rule's to refuse (I9).
    let rivals = if draft.key(activation.key)?.is_single() { home.charged.clone() } else { activation.charged.clone() };
    let most = charge::available(&home, &rivals);
    let enough =
        if home.converted.is_some() { true } else { wanted.map_or(!most.is_none(), |wanted| most.covers(wanted)) };
    let detail = || format!("{} has {most}", home.name);
    ensure(is_renewal || enough, Refused::InsufficientUnits, detail)?;
    if !is_renewal {
        organised(&account, &product)?;
    }
    Ok(activation)
}

/// The device asks for the new one in the place of the artefact it names (H6), and runs on that until it has the answer.
fn replace(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    new: Activation,
    slot: &Renewal,
    replaces: Option<Cti>,
    replaced: &mut Option<ActivationId>,
) -> Result<Activation, Fault> {
    let Some(cti) = replaces else { return Ok(new) };
    let compat = draft.holding(new.holding)?.compat;
    for id in seconds(draft, Table::DeviceActivations, &new.device.0)? {
        let (old, last) = draft.indexed(id)?;
        let is_it = old.cti(last.seq) == cti && old.account == new.account && old.id != new.id;
        let runs = old.state == ActivationState::Active && old.mode == Mode::Lease;
        if is_it && runs && draft.holding(old.holding)?.compat == compat {
            *replaced = Some(old.id);
            return draft.take_over(context, (&old, &last), new, slot);
        }
    }
    Ok(new)
}

/// Writes the indexes of a new activation, and its device.
///
/// # Errors
/// [`Fault::Store`].
pub fn enter(
    draft: &mut Draft<'_>,
    activation: &Activation,
    sender: &Sender,
    host: &Host,
    name: Option<&str>,
    now: Time,
) -> Result<(), Fault> {
    let id = activation.id.0;
    let of = triple(activation.key, &activation.product, activation.device);
    draft.put_raw(Table::ActivationOf, of, id.to_vec());
    draft.put_raw(Table::HoldingActivations, [&activation.holding.bytes()[..], &id].concat(), vec![]);
    draft.put_raw(Table::DeviceActivations, [activation.device.0, id].concat(), vec![]);
    let key = Device::key_of(activation.account, activation.device);
    if draft.record::<Device>(&key)?.is_none() {
        draft.put(&Device {
            account: activation.account,
            id: activation.device,
            public: sender.device,
            name: name.map(str::to_owned),
            fingerprint: host.fingerprint.clone(),
            first_seen: now,
        });
    }
    Ok(())
}
