//! What an organisation shares with its people, and who takes part.

use super::call::{Call, Deed};
use super::history::History;
use super::seen::{Sort, text};
use crate::world::Relation;
use axum::http::Method;
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};

pub const DEEDS: &[Deed] = &[
    ("seat", 8, seat),
    ("seat_taken_back", 4, seat_taken_back),
    ("flex", 5, flex),
    ("flex_quota", 2, flex_quota),
    ("flex_closed", 3, flex_closed),
    ("member_disabled", 1, member_disabled),
    ("member_enabled", 3, member_enabled),
    ("account_deactivated", 1, account_deactivated),
    ("account_reactivated", 5, account_reactivated),
    ("rehost_setting", 2, rehost_setting),
];

/// A lot or pool of the organisation's, of a product like this.
fn shared(history: &mut History, fits: impl Fn(&Value) -> bool) -> Option<Value> {
    let (sort, firm) = (history.any(&[Sort::Lot, Sort::Lot, Sort::Pool]), history.stage.firm.to_string());
    let is_firms = |one: &Value| one["account"] == firm.as_str() && one["converted"].is_null() && fits(one);
    history.pick_of(sort, is_firms)
}

fn seat(history: &mut History) -> Option<Call> {
    let from = shared(history, |one| one["product"] != "FLOAT")?;
    let members = history.stage.members;
    let mut body = json!({"user": history.any(&members)});
    if history.chance(3) {
        body["units"] = history.some_of(&from);
    }
    let path = format!("/holdings/{}/seats", text(&from, "id"));
    Some(Call::post(history.desk(&text(&from, "account")), path, body).yields(Sort::Seat))
}

fn seat_taken_back(history: &mut History) -> Option<Call> {
    let seat = history.pick_of(Sort::Seat, |seat| seat["state"] == "open")?;
    let token = history.desk(&text(&seat, "account"));
    Some(Call::json(token, Method::DELETE, format!("/seats/{}", text(&seat, "id")), json!(null)))
}

/// The organisation's owner; at times somebody else.
fn owner(history: &mut History) -> String {
    let firm = history.stage.firm.to_string();
    if history.chance(6) { history.desk(&firm) } else { history.stage.owner.clone() }
}

fn flex(history: &mut History) -> Option<Call> {
    let from = shared(history, |one| one["product"] == "FLOAT")?;
    let body = if history.chance(4) { json!({}) } else { json!({"units": history.some_of(&from)}) };
    Some(Call::post(owner(history), format!("/holdings/{}/flex", text(&from, "id")), body).yields(Sort::Flex))
}

fn flex_quota(history: &mut History) -> Option<Call> {
    let flex = history.pick(Sort::Flex)?;
    let body = json!({"units": history.near(&flex["units"])});
    Some(Call::json(owner(history), Method::PUT, format!("/keys/{}/quota", text(&flex, "id")), body))
}

fn flex_closed(history: &mut History) -> Option<Call> {
    let flex = history.pick(Sort::Flex)?;
    Some(Call::json(owner(history), Method::DELETE, format!("/keys/{}", text(&flex, "id")), json!(null)))
}

fn member(history: &mut History, act: &str) -> Option<Call> {
    let (firm, members) = (history.stage.firm, history.stage.members);
    // The member who is signed in is asked for at every sign-in; the other one comes and goes.
    let path = format!("/accounts/{firm}/members/{}/{act}", members[1]);
    let token = if history.chance(6) { history.desk(&firm.to_string()) } else { history.stage.world.admin() };
    Some(Call::post(token, path, json!(null)))
}

fn member_disabled(history: &mut History) -> Option<Call> {
    member(history, "disable")
}

fn member_enabled(history: &mut History) -> Option<Call> {
    member(history, "enable")
}

fn standing(history: &mut History, status: &str, act: &str) -> Option<Call> {
    let account = history.pick_of(Sort::Account, |account| account["status"] == status)?;
    let above = history.stage.world.of(Relation::Above, Role::Admin);
    let token = if history.chance(3) { history.vendor() } else { above };
    Some(Call::post(token, format!("/accounts/{}/{act}", text(&account, "id")), json!(null)))
}

fn account_deactivated(history: &mut History) -> Option<Call> {
    standing(history, "active", "deactivate")
}

fn account_reactivated(history: &mut History) -> Option<Call> {
    standing(history, "inactive", "reactivate")
}

fn rehost_setting(history: &mut History) -> Option<Call> {
    let (account, most) = (history.place(), history.dice.below(20));
    let path = format!("/accounts/{account}/settings");
    Some(Call::json(history.stage.world.vendor(), Method::PATCH, path, json!({"values": {"rehosts_max": most}})))
}
