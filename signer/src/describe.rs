//! Any artefact as text for people. Nothing is believed here and nothing is checked beyond its structure: the description
//! says so in its first line, and [`crate::verify`] is the one that checks.

mod claims;

use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::cbor::Item;
use leasehold_protocol::cose::Envelope;
use leasehold_protocol::error::FormatError;
use leasehold_protocol::{Digest, Kid, Typ};
use serde_json::{Map, Value, json};
use std::fmt;

/// An artefact's structure and claims, unproved. Prints as lines of `name: value`; [`Description::json`] is for programs.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// What the armour says it is; none for bare COSE bytes.
    pub label: Option<Label>,
    /// Its purpose.
    pub typ: Typ,
    /// The key it names.
    pub kid: Kid,
    /// COSE bytes.
    pub len: usize,
    /// SHA-256 of the COSE bytes.
    pub digest: Digest,
    /// Claims by name, in the order they stand.
    pub claims: Vec<(String, Value)>,
    /// The keyset that travels in a licence file.
    pub keyset: Option<Box<Description>>,
}

/// Describes an armoured file or bare COSE bytes of any type.
///
/// # Errors
/// [`FormatError`] when it is neither.
pub fn describe(bytes: &[u8]) -> Result<Description, FormatError> {
    match armour::label_of(bytes) {
        Some(label) => {
            let cose = armour::unwrap(label, bytes)?;
            Ok(Description { label: Some(label), ..describe_cose(&cose)? })
        }
        None if bytes.starts_with(b"-----") => Err(armour::unwrap(Label::License, bytes).err().unwrap_or(NOT_ARMOUR)),
        None => describe_cose(bytes),
    }
}

const NOT_ARMOUR: FormatError = FormatError::Armour("its first line names no kind of file");

fn describe_cose(bytes: &[u8]) -> Result<Description, FormatError> {
    let envelope = Envelope::parse(bytes)?;
    let keyset = envelope.keyset.as_deref().map(describe_cose).transpose()?.map(Box::new);
    let Item::Sign1(inner) = Item::decode(bytes)? else { return Err(FormatError::Envelope("tag 18 is missing")) };
    let Item::Array(parts) = *inner else { return Err(FormatError::Envelope("tag 18 holds no array")) };
    let Some(Item::Bytes(payload)) = parts.get(2) else {
        return Err(FormatError::Envelope("the payload is not a byte string"));
    };
    let Item::Map(claims) = Item::decode(payload)? else {
        return Err(FormatError::Envelope("the payload is not a map"));
    };
    Ok(Description {
        label: None,
        typ: envelope.typ,
        kid: envelope.kid,
        len: bytes.len(),
        digest: Digest::of(bytes),
        claims: claims.iter().map(|(label, value)| claims::named(label, value)).collect(),
        keyset,
    })
}

impl Description {
    /// For programs: times as RFC 3339, ids as hex.
    #[must_use]
    pub fn json(&self) -> Value {
        let claims: Map<String, Value> = self.claims.iter().cloned().collect();
        json!({
            "file": self.label.map(Label::word),
            "type": self.typ.name(),
            "kid": self.kid.to_string(),
            "size": self.len,
            "digest": self.digest.to_string(),
            "signature": "not checked",
            "claims": claims,
            "keyset": self.keyset.as_ref().map(|keyset| keyset.json()),
        })
    }

    fn lines(&self, indent: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { typ, kid, len, .. } = self;
        writeln!(out, "{indent}{typ}, {len} bytes, key {kid}, signature not checked")?;
        for (name, value) in &self.claims {
            write!(out, "{indent}  {name}:")?;
            claims::print(value, &format!("{indent}    "), out)?;
        }
        if let Some(keyset) = &self.keyset {
            write!(out, "{indent}  carries ")?;
            let inner = format!("{indent}  ");
            let text = Indented(keyset, &inner).to_string();
            out.write_str(text.trim_start())?;
        }
        Ok(())
    }
}

struct Indented<'a>(&'a Description, &'a str);

impl fmt::Display for Indented<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.lines(self.1, out)
    }
}

impl fmt::Display for Description {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines("", out)
    }
}

#[cfg(test)]
mod tests;
