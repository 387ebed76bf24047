//! What devices do, with a network or without, and what people do about their activations.

use super::call::{Call, Deed, Sent};
use super::consoles::{Console, MESSAGES_MAX, sender};
use super::history::History;
use super::seen::{Sort, text};
use crate::device::{Device, ENROLMENT};
use crate::world::{Relation, SKU, units};
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::machine::Kind;
use leasehold_protocol::message::DeviceMessage;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, Cti};
use serde_json::{Value, json};

pub const DEEDS: &[Deed] = &[
    ("activate", 18, activate),
    ("activate_in_place", 5, activate_in_place),
    ("check", 26, check),
    ("release", 6, release),
    ("register", 2, register),
    ("waiting_licensed", 5, waiting_licensed),
    ("file_requested", 8, file_requested),
    ("file_returned", 4, file_returned),
    ("activation_stopped", 3, activation_stopped),
    ("activation_resumed", 3, activation_resumed),
    ("rehosted", 5, rehosted),
    ("lapses_recorded", 3, lapses_recorded),
];

/// The first device's number: those below are the world's own.
const FIRST: u8 = 60;

fn device(history: &mut History) -> u8 {
    if history.devices >= u8::MAX - FIRST || (history.devices > 0 && history.chance(6)) {
        return FIRST + u8::try_from(history.dice.below(history.devices.into())).expect("few");
    }
    history.devices += 1;
    FIRST + history.devices - 1
}

/// A code that a device may be told, and the product it is for.
fn code(history: &mut History) -> Option<(String, String)> {
    let all =
        [Sort::PoolKey, Sort::PoolKey, Sort::PoolKey, Sort::License, Sort::License, Sort::Flex, Sort::Seat, Sort::Lot];
    let sort = history.any(&all);
    let one = match sort {
        Sort::Lot => history.pick_of(sort, |lot| lot["converted"].is_null())?,
        _ => history.pick(sort)?,
    };
    let code = text(&one, if sort == Sort::Lot { "activation_id" } else { "code" });
    Some((code, text(&one, "product")))
}

fn activate(history: &mut History) -> Option<Call> {
    let (code, sku) = code(history)?;
    let (number, some) = (device(history), history.chance(2));
    let console = Console::new(number, code, sku);
    let wanted = some.then(|| units(1 + u32::try_from(history.dice.below(4)).expect("few")));
    begins(history, Console { wanted, ..console }, Kind::Activate)
}

/// A device that has a lease activates another key of the same account and product in its place.
fn activate_in_place(history: &mut History) -> Option<Call> {
    let old = leased(history)?;
    let activation = history.pick_at(Sort::Activation, &history.consoles[old].about()?.to_string())?;
    let fits = |key: &Value| ["account", "product"].iter().all(|field| key[field] == activation[field]);
    let key = history.pick_of(Sort::PoolKey, |key| fits(key) && key["in_use"] == false)?;
    let (old, code) = (&history.consoles[old], text(&key, "code"));
    let console = Console { replaces: old.cti(), ..Console::new(old.number, code, text(&key, "product")) };
    begins(history, console, Kind::Activate)
}

/// The first message of a console.
fn begins(history: &mut History, console: Console, kind: Kind) -> Option<Call> {
    history.consoles.push(console);
    says(history, history.consoles.len() - 1, kind)
}

fn says(history: &mut History, console: usize, kind: Kind) -> Option<Call> {
    let number = history.consoles[console].number;
    let of_device = history.consoles.iter().filter(|one| one.number == number);
    if of_device.map(|one| one.sent).sum::<u32>() >= MESSAGES_MAX {
        return None;
    }
    let (now, nonce) = (history.stage.now(), history.fresh());
    let (again, one) = (history.chance(12), &mut history.consoles[console]);
    let repeated = one.last.clone().filter(|(last, _)| again && *last == kind).map(|(_, bytes)| bytes);
    let bytes = match repeated {
        Some(bytes) => bytes,
        None => one.message(kind, now, nonce)?,
    };
    Some(Call::of(Sent::Message { console, kind, bytes }))
}

/// A console with a lease; one that was heard of last more often.
fn leased(history: &mut History) -> Option<usize> {
    let consoles = history.consoles.iter().enumerate();
    let consoles = consoles.filter(|(_, one)| one.held.is_some());
    let mut all: Vec<usize> = consoles.map(|(at, _)| at).collect();
    if let Some((Sort::Activation, id)) = &history.focus {
        all.retain(|at| history.consoles[*at].about().is_some_and(|sub| sub.to_string() == *id));
    }
    if all.is_empty() {
        return None;
    }
    let console = history.any(&all);
    let sub = history.consoles[console].about()?.to_string();
    history.about.push((Sort::Activation, sub));
    Some(console)
}

fn check(history: &mut History) -> Option<Call> {
    let console = leased(history)?;
    says(history, console, Kind::Check)
}

fn release(history: &mut History) -> Option<Call> {
    let console = leased(history)?;
    says(history, console, Kind::Release)
}

fn register(history: &mut History) -> Option<Call> {
    let number = device(history);
    begins(history, Console::new(number, ENROLMENT.into(), SKU.into()), Kind::Register)
}

fn waiting_licensed(history: &mut History) -> Option<Call> {
    let own = history.stage.world.ids.account(Relation::Own).to_string();
    let waiting = history.pick(Sort::Waiting)?;
    let is_own = |key: &Value| key["account"] == own.as_str() && key["product"] == SKU;
    let key = history.pick_of(Sort::PoolKey, is_own)?;
    let path = format!("/accounts/{own}/waiting-devices/{}/license", text(&waiting, "id"));
    Some(Call::post(history.desk(&own), path, json!({"key": key["id"]})))
}

fn file_requested(history: &mut History) -> Option<Call> {
    let is_offline = |lot: &Value| lot["converted"].is_null() && [SKU, "TWIN"].contains(&text(lot, "product").as_str());
    let lot = history.pick_of(Sort::Lot, is_offline)?;
    let (number, account) = (device(history), text(&lot, "account"));
    let (device, free) = (Device::new(number), lot["free"]["OBM"].as_u64().unwrap_or(0));
    let count = if history.chance(8) { free + 1 } else { 1 + history.dice.below(free.clamp(1, 4)) };
    let mut request = device.request(0, u32::try_from(count).expect("few"));
    request.sender = sender(&device, &text(&lot, "product"), history.stage.now(), history.fresh());
    request.code = text(&lot, "activation_id");
    let file = armour::wrap(Label::Request, &request.sign(&device.0)).into_bytes();
    let (token, path) = (history.desk(&account), format!("/accounts/{account}/requests"));
    Some(Call::of(Sent::File { token, path, file, device: number }).yields(Sort::File))
}

fn file_returned(history: &mut History) -> Option<Call> {
    let out = history.pick(Sort::File)?;
    let (sub, seq) = (text(&out, "activation").parse::<ActivationId>().ok()?, out["seq"].as_u64()?);
    let (number, account) = (u8::try_from(out["device"].as_u64()?).ok()?, text(&out, "account"));
    let device = Device::new(number);
    let held = Cti::derive(sub, u32::try_from(seq).expect("few"));
    let sender = sender(&device, &text(&out, "product"), history.stage.now(), history.fresh());
    let message = Surrender { iss: "vendor.test".into(), sub, held, sender };
    let file = armour::wrap(Label::Return, &message.sign(&device.0)).into_bytes();
    let (token, path) = (history.desk(&account), format!("/accounts/{account}/returns"));
    Some(Call::of(Sent::File { token, path, file, device: number }))
}

fn act(history: &mut History, act: &str, fits: impl Fn(&Value) -> bool) -> Option<Call> {
    let activation = history.pick_of(Sort::Activation, fits)?;
    let token = history.desk(&text(&activation, "account"));
    Some(Call::post(token, format!("/activations/{}/{act}", text(&activation, "id")), json!(null)))
}

fn activation_stopped(history: &mut History) -> Option<Call> {
    act(history, "stop", |one| one["state"] == "active")
}

fn activation_resumed(history: &mut History) -> Option<Call> {
    act(history, "resume", |one| one["state"] == "stopped")
}

fn rehosted(history: &mut History) -> Option<Call> {
    act(history, "rehost", |one| one["state"] == "active" && one["mode"] == "lease")
}

fn lapses_recorded(history: &mut History) -> Option<Call> {
    Some(Call::post(history.vendor(), "/jobs/lapse/run".into(), json!(null)))
}
