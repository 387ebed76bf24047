//! What is printed: words for people, JSON for scripts.

use crate::client::Client;
use crate::failure::Failure;
use leasehold_protocol::Time;
use leasehold_protocol::machine::{Notice, Phase, Status};
use serde_json::json;

/// Days before its end from which the keyset's expiry is mentioned.
const KEYSET_WARNING: i64 = 180 * leasehold_protocol::time::DAY;

pub(super) fn failure(failure: &Failure, json: bool) {
    if json {
        let error = json!({"code": failure.code(), "what": failure.to_string(), "hint": failure.hint()});
        return eprintln!("{}", json!({ "error": error }));
    }
    eprintln!("{failure}\n{}", failure.hint());
}

pub(super) fn made(client: &Client, json: bool) {
    if json {
        return status(client, json);
    }
    let status = client.status();
    println!("made a console for {}, device {}", status.product, status.device);
    match (&status.installation, status.keyset_version) {
        (Some(installation), version) => println!("keyset {version} of {installation} accepted"),
        (None, _) => println!("no keyset yet: activate fetches it, import takes a .lks file"),
    }
}

pub(super) fn news(at: Time, notice: &Notice, json: bool) {
    if json {
        println!("{}", json!({"at": at.to_string(), "notice": notice.to_string()}));
    } else {
        println!("{at} {notice}");
    }
}

pub(super) fn status(client: &Client, json: bool) {
    let status = client.status();
    if json {
        return println!("{}", in_json(&status));
    }
    let now = client.machine().time(client.now());
    lines(&status, now).iter().for_each(|(name, value)| println!("{name:<13}{value}"));
}

/// Times as RFC 3339, so that people and scripts read the same.
fn in_json(status: &Status) -> serde_json::Value {
    let mut value = serde_json::to_value(status).expect("a status is always encodable");
    let days = status.free_upgrade_until.map(|day| ("free_upgrade_until", day.to_string()));
    let times = [
        ("end", status.end),
        ("next_check", status.next_check),
        ("refused_at", status.refused_at),
        ("keyset_end", status.keyset_end),
        ("server_time", status.server_time),
    ];
    let times = times.into_iter().filter_map(|(name, time)| Some((name, time?.to_string())));
    times.chain(days).for_each(|(name, text)| value[name] = text.into());
    value
}

fn lines(status: &Status, now: Time) -> Vec<(&'static str, String)> {
    let mut lines = vec![("state", format!("{}: {}", status.state, words(status.state)))];
    let mut say = |name, value: Option<String>| lines.extend(value.map(|value| (name, value)));
    say("product", Some(status.product.clone()));
    say("device", Some(status.device.to_string()));
    say("licensee", status.licensee.clone());
    say("units", Some(status.units.to_string()).filter(|_| status.licensee.is_some()));
    say("features", Some(status.features.join(", ")).filter(|features| !features.is_empty()));
    say("ends", ends(status, now));
    say("upgrades", status.free_upgrade_until.map(|day| format!("free until {day}")));
    say("next check", status.next_check.map(|at| at.to_string()));
    say("on its way", status.pending.map(|kind| format!("{} (sent again until answered)", kind.path())));
    say("notices", Some(status.notices.join(", ")).filter(|notices| !notices.is_empty()));
    let refusal = status.refusal.zip(status.refused_at).zip(status.refusal_text);
    say("refused", refusal.map(|((code, at), text)| format!("{code} at {at}: {text}")));
    let warning = status.keyset_end.filter(|end| now.plus(KEYSET_WARNING) > *end);
    say("keyset", warning.map(|end| format!("{} ends at {end}: ask the vendor for the next", status.keyset_version)));
    lines
}

fn ends(status: &Status, now: Time) -> Option<String> {
    status.licensee.as_ref()?;
    let Some(end) = status.end else { return Some("never".into()) };
    let left = end.0.saturating_sub(now.0);
    let days = left.div_euclid(leasehold_protocol::time::DAY);
    let hours = left.rem_euclid(leasehold_protocol::time::DAY) / 3600;
    Some(if left <= 0 { end.to_string() } else { format!("{end} (in {days} d {hours} h)") })
}

const fn words(state: Phase) -> &'static str {
    match state {
        Phase::Unlicensed => "nothing is in hand",
        Phase::Waiting => "announced; somebody has to license this device in the portal",
        Phase::Expired => "what was in hand has ended",
        Phase::ClockSuspect => "the clock is more than a day behind what the server has signed; check it",
        Phase::Stopped => "the server refused the last check; the lease runs to its end",
        Phase::Overdue => "the daily check is late; the lease runs to its end",
        Phase::Licensed => "all is well",
    }
}
