//! The vectors in `fixtures/vectors`: one fault a file, its verdict in its header. Made from fixed keys and times, so
//! that making them again gives the same bytes.

mod armour;
mod borders;
mod cbor;
mod certified;
mod claims;
mod envelope;
pub mod points;
mod signature;
mod weak;

use crate::raw::Raw;
use crate::samples::{Claims, key, message, public, signer};
use leasehold_protocol::Typ;

/// A vector file.
#[derive(Clone)]
pub struct Vector {
    pub name: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Vector {
    /// A message in hex, opened as `typ` with the public key of its usual signer.
    pub fn new(name: impl Into<String>, expect: &str, typ: Typ, message: &[u8]) -> Self {
        let (expect, why) = expect.split_once(": ").unwrap_or((expect, ""));
        let mut headers = vec![("expect", expect.to_owned())];
        if !why.is_empty() {
            headers.push(("why", why.to_owned()));
        }
        headers.push(("typ", typ.name().to_owned()));
        if signer(typ) != "device" {
            headers.push(("key", public(signer(typ)).to_string()));
        }
        Self { name: name.into(), headers, body: hex_lines(message) }
    }

    pub fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(found, _)| *found != header);
        self.headers.push((header, value.into()));
        self
    }

    pub fn comment(self, comment: impl Into<String>) -> Self {
        self.with("comment", comment)
    }

    /// The file's bytes.
    pub fn file(&self) -> Vec<u8> {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        [headers.as_bytes(), b"\n", &self.body].concat()
    }
}

/// Every vector.
pub fn all() -> Vec<Vector> {
    [
        accepted(),
        types(),
        cbor::vectors(),
        envelope::vectors(),
        claims::vectors(),
        borders::vectors(),
        signature::vectors(),
        weak::vectors(),
        armour::vectors(),
        certified::vectors(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn accepted() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for typ in Typ::ALL {
        let all = message(*typ, Claims::All);
        let few = message(*typ, Claims::RequiredOnly);
        let name = format!("accepted-{typ}");
        if all != few {
            let required = Vector::new(format!("{name}-required-only"), "accepted", *typ, &few);
            vectors.push(required.comment("no optional claim"));
        }
        vectors.push(Vector::new(name, "accepted", *typ, &all).comment("every claim of this type"));
    }
    vectors
}

/// Each type where another one is expected: its neighbour, and the pairs somebody would gain from.
fn types() -> Vec<Vector> {
    let neighbours = Typ::ALL.iter().zip(Typ::ALL.iter().cycle().skip(1)).map(|(made, asked)| (*made, *asked));
    let gainful = [
        (Typ::License, Typ::Lease),
        (Typ::Lease, Typ::License),
        (Typ::Receipt, Typ::Refusal),
        (Typ::Request, Typ::Activate),
        (Typ::Activate, Typ::Register),
        (Typ::Return, Typ::Release),
        (Typ::Release, Typ::Check),
        (Typ::Lease, Typ::Keyset),
    ];
    let pairs = neighbours.chain(gainful);
    let vectors = pairs.map(|(made, asked)| {
        let vector = Vector::new(format!("type-{made}-as-{asked}"), "wrong-type", asked, &message(made, Claims::All));
        vector.comment(format!("a good {made} where a {asked} is expected"))
    });
    vectors.collect()
}

/// A sample taken apart.
fn raw(typ: Typ) -> Raw {
    Raw::of(&message(typ, Claims::All))
}

/// Signed by the type's usual key and put together.
fn signed(typ: Typ, raw: Raw) -> Vec<u8> {
    raw.signed(&key(signer(typ))).encode()
}

fn hex_lines(bytes: &[u8]) -> Vec<u8> {
    let lines = bytes.chunks(40).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n");
    lines.collect::<String>().into_bytes()
}
