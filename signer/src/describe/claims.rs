//! Claims by the names the specification gives them.

use leasehold_protocol::cbor::Item;
use leasehold_protocol::keys::PublicKey;
use leasehold_protocol::{Day, Refused, Time, label};
use serde_json::{Map, Value};
use std::fmt;

/// How a claim's value is shown.
#[derive(Clone, Copy)]
enum Shape {
    /// As it stands.
    Plain,
    /// Seconds since 1970.
    Time,
    /// Days since 1970.
    Day,
    /// `[from, to]`.
    Window,
    /// A COSE_Key in a confirmation claim.
    Device,
    /// 1, 2, 3.
    AtExpiry,
    /// A rule's number.
    Refusal,
    /// A message within the message.
    Message,
    /// A list of certified keys.
    Keys,
}

const CLAIMS: &[(i64, &str, Shape)] = &[
    (label::ISS, "iss", Shape::Plain),
    (label::SUB, "sub", Shape::Plain),
    (label::AUD, "aud", Shape::Plain),
    (label::EXP, "exp", Shape::Time),
    (label::NBF, "nbf", Shape::Time),
    (label::IAT, "iat", Shape::Time),
    (label::CTI, "cti", Shape::Plain),
    (label::CNF, "device", Shape::Device),
    (label::NONCE, "nonce", Shape::Plain),
    (label::UNITS, "units", Shape::Plain),
    (label::FEATURES, "features", Shape::Plain),
    (label::LICENSEE, "licensee", Shape::Plain),
    (label::PRODUCT_VERSION, "product_version", Shape::Plain),
    (label::FREE_UPGRADE_UNTIL, "free_upgrade_until", Shape::Day),
    (label::RENEW, "renew", Shape::Window),
    (label::AT_EXPIRY, "at_expiry", Shape::AtExpiry),
    (label::SEQ, "seq", Shape::Plain),
    (label::HELD, "held", Shape::Plain),
    (label::USAGE, "usage", Shape::Plain),
    (label::REFUSAL, "refusal", Shape::Refusal),
    (label::FINGERPRINT, "fingerprint", Shape::Plain),
    (label::REQUEST_DIGEST, "request", Shape::Plain),
    (label::REPLACES, "replaces", Shape::Plain),
    (label::KEY_CODE, "code", Shape::Plain),
    (label::DEVICE_NAME, "device_name", Shape::Plain),
    (label::KEYSET_VERSION, "keyset_version", Shape::Plain),
    (label::STORE_EPOCH, "store_epoch", Shape::Plain),
    (label::KEYS, "keys", Shape::Keys),
    (label::NOTICES, "notices", Shape::Plain),
    (label::CHALLENGE, "challenge", Shape::Plain),
    (label::HELD_LEASE, "held_lease", Shape::Message),
];

/// Labels inside a certified key (see the protocol's `keyset`).
const KEY: &[(i64, &str, Shape)] = &[
    (2, "kid", Shape::Plain),
    (-2, "public", Shape::Plain),
    (-65561, "use", Shape::Plain),
    (-65562, "nbf", Shape::Time),
    (-65563, "exp", Shape::Time),
    (-65564, "max_term", Shape::Plain),
    (-65565, "revoked", Shape::Plain),
];

/// A claim's name and value. One that is not known is named by its number; a value that is not of its claim's shape is shown
/// as it stands, for nothing here decides.
pub fn named(label: &Item<'_>, value: &Item<'_>) -> (String, Value) {
    entry(CLAIMS, label, value)
}

fn entry(names: &[(i64, &str, Shape)], label: &Item<'_>, value: &Item<'_>) -> (String, Value) {
    let known = names.iter().find(|(number, ..)| *label == Item::Int(*number));
    match known {
        Some((_, name, shape)) => ((*name).to_owned(), shaped(*shape, value).unwrap_or_else(|| plain(value))),
        None => (plain(label).to_string().trim_matches('"').to_owned(), plain(value)),
    }
}

fn shaped(shape: Shape, value: &Item<'_>) -> Option<Value> {
    match (shape, value) {
        (Shape::Time, Item::Int(seconds)) => Some(time(*seconds)),
        (Shape::Day, Item::Int(days)) if *days <= Time::MAX.day().0 => Some(Day(*days).to_string().into()),
        (Shape::Window, Item::Array(ends)) => ends.iter().map(|end| shaped(Shape::Time, end)).collect(),
        (Shape::AtExpiry, Item::Int(at @ 1..=3)) => Some(["notice", "restrict", "stop"][*at as usize - 1].into()),
        (Shape::Refusal, Item::Int(number)) => {
            let refused = u16::try_from(*number).ok().and_then(Refused::from_number)?;
            Some(refused.code().into())
        }
        (Shape::Device, Item::Map(cnf)) => device(cnf),
        (Shape::Message, Item::Bytes(bytes)) => super::describe(bytes).ok().map(|inner| inner.json()),
        (Shape::Keys, Item::Array(keys)) => keys.iter().map(key).collect(),
        _ => None,
    }
}

fn time(seconds: i64) -> Value {
    let time = Some(Time(seconds)).filter(|time| (0..=Time::MAX.0).contains(&time.0));
    time.map_or_else(|| seconds.into(), |time| time.to_string().into())
}

fn device(cnf: &[(Item<'_>, Item<'_>)]) -> Option<Value> {
    let [(_, Item::Map(key))] = cnf else { return None };
    let public = key.iter().find(|(label, _)| *label == Item::Int(-2))?;
    let Item::Bytes(bytes) = &public.1 else { return None };
    let key = PublicKey(bytes.as_ref().try_into().ok()?);
    let fields = [("id", key.device_id().to_string()), ("public", key.to_string())];
    Some(fields.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect::<Map<_, _>>().into())
}

fn key(key: &Item<'_>) -> Option<Value> {
    let Item::Map(entries) = key else { return None };
    let shown = entries.iter().filter(|(label, _)| ![Item::Int(1), Item::Int(-1)].contains(label));
    let mut fields: Map<String, Value> = shown.map(|(label, value)| entry(KEY, label, value)).collect();
    let usage = fields.get("use").and_then(Value::as_i64);
    if let Some(word) = usage.and_then(|usage| [(1, "lease"), (2, "file")].into_iter().find(|(n, _)| *n == usage)) {
        fields.insert("use".into(), word.1.into());
    }
    Some(fields.into())
}

/// Bytes as hex, maps by the text of their keys.
fn plain(item: &Item<'_>) -> Value {
    match item {
        Item::Int(value) => (*value).into(),
        Item::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
        Item::Text(text) => text.as_ref().into(),
        Item::Array(items) => items.iter().map(plain).collect(),
        Item::Map(entries) => {
            let text = |key: &Item<'_>| match key {
                Item::Text(text) => text.clone().into_owned(),
                key => plain(key).to_string(),
            };
            entries.iter().map(|(key, value)| (text(key), plain(value))).collect::<Map<_, _>>().into()
        }
        Item::Sign1(inner) => plain(inner),
    }
}

/// A value after its name and colon: on the same line, or on lines of its own. Texts that could steer a terminal are quoted with escapes.
pub fn print(value: &Value, indent: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::String(text) => match leasehold_protocol::claims::plain(text) {
            Ok(text) => writeln!(out, " {text}"),
            Err(_) => writeln!(out, " {text:?}"),
        },
        Value::Object(fields) if !fields.is_empty() => {
            writeln!(out)?;
            fields.iter().try_for_each(|(name, value)| {
                write!(out, "{indent}{}:", name.escape_debug())?;
                print(value, &format!("{indent}  "), out)
            })
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            writeln!(out)?;
            items.iter().try_for_each(|item| {
                write!(out, "{indent}-")?;
                print(item, &format!("{indent}  "), out)
            })
        }
        Value::Array(items) => {
            let texts = items.iter().map(|item| match item {
                Value::String(text) => text.escape_debug().to_string(),
                other => other.to_string(),
            });
            writeln!(out, " {}", texts.collect::<Vec<_>>().join(", "))
        }
        other => writeln!(out, " {other}"),
    }
}
