//! Activations: what they carry is booked (I16), one at a time under a pool key (I9), and their records go together.

use super::Report;
use super::rows::Rows;
use crate::charge::{living, moved, next_end};
use crate::record::*;
use crate::renewal::Renewal;
use crate::rule::issue::CONVERSION_GRACE;
use leasehold_protocol::{ActivationId, Time, Units};
use std::collections::BTreeMap;

pub fn check(rows: &Rows, now: Time, report: &mut Report) {
    let mut running: BTreeMap<KeyId, ActivationId> = BTreeMap::new();
    for activation in rows.activations.values() {
        let id = activation.id;
        let Some(slot) = rows.renewals.get(&id) else {
            report.find("row", id, "an activation without its renewal record");
            continue;
        };
        numbered(activation, slot, report);
        let (key, home) = (rows.keys.get(&activation.key), rows.holdings.get(&activation.holding));
        let (Some(key), Some(home)) = (key, home) else {
            report.find("row", id, "its key or its holding is missing");
            continue;
        };
        let fits = home.key == Some(key.id) && key.account == activation.account && home.product == activation.product;
        report.ensure(fits, "row", id, || "its key, holding, account and product do not go together".to_owned());
        let is_old = activation.settled.as_ref().is_some_and(|settled| settled.terms != Terms::of(key, home));
        report
            .ensure(!is_old, "I13", id, || "plain renewals would go on with what key and holding no longer say".into());
        booked(activation, slot, home, now, report);
        ends(rows, activation, slot, home, report);
        let dead = living(activation, slot, now).is_none();
        report.ensure(dead || key.state != KeyState::Deleted, "I8", id, || {
            format!("a living artefact under the deleted key {}", key.id)
        });
        let is_file = activation.mode == Mode::File && key.is_online_only();
        report.ensure(!is_file, "I14", id, || "a licence file under a pool key".to_owned());
        if key.is_single() && activation.state == ActivationState::Active && slot.exp > now {
            let other = running.insert(key.id, id);
            report.ensure(other.is_none(), "I9", key.id, || format!("runs on {id} and {other:?}"));
        }
    }
    for id in rows.renewals.keys().filter(|id| !rows.activations.contains_key(id)) {
        report.find("row", id, "a renewal record without its activation");
    }
    for file in &rows.files {
        filed(rows, file, report);
    }
}

/// I10: numbers only rise.
fn numbered(activation: &Activation, slot: &Renewal, report: &mut Report) {
    let id = activation.id;
    report.ensure(slot.seq > 0, "I10", id, || "no answer was ever recorded".to_owned());
    // After a rollback the lost history and the new one may each have an answer of one number.
    let older = activation.older.iter().all(|artefact| artefact.seq <= slot.seq);
    let left = activation.abandoned.iter().all(|(first, last)| 0 < *first && first <= last && *last < slot.seq);
    report.ensure(older && left, "I10", id, || format!("an older answer is numbered above the last, {}", slot.seq));
    let is_over = activation.state == ActivationState::Released;
    report.ensure(is_over == slot.is_released(), "I10", id, || "the last answer does not fit the state".to_owned());
}

/// I16: what lives is charged or encumbered, and is looked at again when it ends.
fn booked(activation: &Activation, slot: &Renewal, home: &Holding, now: Time, report: &mut Report) {
    let id = activation.id;
    let away = moved(activation);
    if home.free_on != FreeOn::AtOnce {
        let living = living(activation, slot, now);
        let booked = activation.charged.checked_add(&away).unwrap_or_default();
        report.ensure(booked.covers(&living), "I16", id, || {
            format!("{living} live, {} are charged and {away} encumbered", activation.charged)
        });
    }
    let strays = activation.encumbrances.iter().any(|one| one.units.is_none() || one.at == home.id);
    report.ensure(!strays, "I16", id, || "an encumbrance of nothing, or at home".to_owned());
    let endless = |units: &Units, exp: Time| exp == Time::MAX && !units.is_none();
    let for_ever = endless(&activation.units, slot.exp) || activation.older.iter().any(|a| endless(&a.units, a.exp));
    let holds = !activation.charged.is_none() || !away.is_none();
    report.ensure(!holds || for_ever || activation.due.is_some(), "I16", id, || {
        "its units are never looked at again".to_owned()
    });
    if let (true, Some(end)) = (holds, next_end(activation, slot, now)) {
        report.ensure(activation.due.is_some_and(|due| due <= end), "I16", id, || {
            format!("an artefact ends {end}, it is looked at {:?}", activation.due)
        });
    }
}

/// I6: no lease outlives its term or its holding.
fn ends(rows: &Rows, activation: &Activation, slot: &Renewal, home: &Holding, report: &mut Report) {
    if slot.is_released() {
        return;
    }
    let term = rows.products.get(&activation.product).map(|product| slot.iat.plus(product.lease_term));
    let term = term.filter(|_| activation.mode == Mode::Lease).unwrap_or(Time::MAX);
    let latest = term.min(home.expires.unwrap_or(Time::MAX)); // `ends` may have been moved since
    ended(activation, slot, latest, report);
}

/// Seconds a server's clock may be set back without anybody being asked, and no Event says that it was.
const BACK_MAX: i64 = 300;

/// I6: no lease that was signed after its lot was converted outlives the grace. `set_back` has the lots that were converted
/// after the clock was set back, and what it had shown by then: what was signed by that time may have been there before, and so
/// may what bears a time a little later than the conversion.
pub fn graces(rows: &Rows, set_back: &BTreeMap<String, String>, report: &mut Report) {
    for activation in rows.activations.values() {
        let (slot, home) = (rows.renewals.get(&activation.id), rows.holdings.get(&activation.holding));
        let (Some(slot), Some(home)) = (slot.filter(|slot| !slot.is_released()), home) else { continue };
        let shown = set_back.get(&home.id.to_string());
        let is_later =
            |at: &Time| at.plus(BACK_MAX) < slot.iat && shown.is_none_or(|shown| slot.iat.to_string() > *shown);
        if let Some(at) = home.converted.filter(is_later) {
            ended(activation, slot, at.plus(CONVERSION_GRACE), report);
        }
    }
}

fn ended(activation: &Activation, slot: &Renewal, latest: Time, report: &mut Report) {
    report.ensure(slot.exp <= latest, "I6", activation.id, || format!("ends {}, not before {latest}", slot.exp));
}

/// A licence file and its activation go together.
fn filed(rows: &Rows, file: &LicenseFile, report: &mut Report) {
    let subject = || format!("file for request {}", file.request);
    let Some(activation) = rows.activations.get(&file.activation) else {
        return report.find("row", subject(), format!("activation {} is missing", file.activation));
    };
    report.ensure(activation.account == file.account, "row", subject(), || "of another account".to_owned());
    let key = rows.keys.get(&activation.key);
    report.ensure(key.is_none_or(|key| !key.is_online_only()), "I14", subject(), || {
        "it was made with a pool key".to_owned()
    });
    let slot = rows.renewals.get(&file.activation);
    let is_last = slot.is_some_and(|slot| slot.seq == file.seq && activation.mode == Mode::File);
    report.ensure(file.ended.is_some() || is_last, "I10", subject(), || {
        "it is given out and not the last answer".to_owned()
    });
}
