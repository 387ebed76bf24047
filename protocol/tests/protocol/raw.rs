//! A message taken apart, so that tests can put it together wrongly. Written by hand, apart from the code under test.

use ed25519_dalek::Signer;
use leasehold_protocol::{SigningKey, cbor::Item};

/// A CBOR head: major type and argument, shortest form.
pub fn head(major: u8, argument: u64) -> Vec<u8> {
    let first = |low: u8| major << 5 | low;
    let be = argument.to_be_bytes();
    match argument {
        0..=23 => vec![first(argument as u8)],
        24..=0xff => vec![first(24), be[7]],
        0x100..=0xffff => [&[first(25)], &be[6..]].concat(),
        0x1_0000..=0xffff_ffff => [&[first(26)], &be[4..]].concat(),
        _ => [&[first(27)], &be[..]].concat(),
    }
}

/// A byte string.
pub fn bstr(bytes: &[u8]) -> Vec<u8> {
    [&head(2, bytes.len() as u64), bytes].concat()
}

/// A text string.
pub fn tstr(text: &str) -> Vec<u8> {
    [&head(3, text.len() as u64), text.as_bytes()].concat()
}

/// An integer.
pub fn int(value: i64) -> Vec<u8> {
    if value < 0 { head(1, (-1 - value) as u64) } else { head(0, value as u64) }
}

/// An encoded key and its encoded value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// A map with its entries as they stand.
pub fn map(entries: &[Entry]) -> Vec<u8> {
    let entries = entries.iter().flat_map(|(key, value)| [key.clone(), value.clone()]);
    [vec![head(5, entries.clone().count() as u64 / 2)], entries.collect()].concat().concat()
}

/// The four parts of a COSE_Sign1; `unprotected` is encoded, the others are the strings' content.
#[derive(Clone)]
pub struct Raw {
    pub protected: Vec<u8>,
    pub unprotected: Vec<u8>,
    pub payload: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Raw {
    pub fn of(message: &[u8]) -> Self {
        let Ok(Item::Sign1(inner)) = Item::decode(message) else { panic!("not a tagged item") };
        let Item::Array(parts) = *inner else { panic!("not an array") };
        let string = |at: usize| match &parts[at] {
            Item::Bytes(bytes) => bytes.to_vec(),
            other => panic!("{other:?}"),
        };
        Self { protected: string(0), unprotected: vec![0xa0], payload: string(2), signature: string(3) }
    }

    pub fn encode(&self) -> Vec<u8> {
        let parts = [bstr(&self.protected), self.unprotected.clone(), bstr(&self.payload), bstr(&self.signature)];
        [vec![0xd2, 0x84], parts.concat()].concat()
    }

    /// Signed anew, whatever stands in it (RFC 9052, section 4.4).
    pub fn signed(mut self, key: &SigningKey) -> Self {
        let parts = [vec![0x84], tstr("Signature1"), bstr(&self.protected), bstr(&[]), bstr(&self.payload)];
        self.signature = key.sign(&parts.concat()).to_bytes().to_vec();
        self
    }

    pub fn claims(&self) -> Fields {
        Fields::of(&self.payload)
    }

    pub fn header(&self) -> Fields {
        Fields::of(&self.protected)
    }

    pub fn with_claims(mut self, claims: Fields) -> Self {
        self.payload = claims.encode();
        self
    }

    pub fn with_header(mut self, header: Fields) -> Self {
        self.protected = header.encode();
        self
    }
}

/// A map with integer keys, to be edited.
#[derive(Clone)]
pub struct Fields(pub Vec<(i64, Item<'static>)>);

impl Fields {
    pub fn of(map: &[u8]) -> Self {
        let Ok(Item::Map(entries)) = Item::decode(map) else { panic!("not a map") };
        let labelled = entries.into_iter().map(|(key, value)| match key {
            Item::Int(label) => (label, owned(value)),
            other => panic!("{other:?}"),
        });
        Self(labelled.collect())
    }

    pub fn labels(&self) -> Vec<i64> {
        self.0.iter().map(|(label, _)| *label).collect()
    }

    pub fn without(mut self, label: i64) -> Self {
        self.0.retain(|(found, _)| *found != label);
        self
    }

    pub fn with(self, label: i64, value: Item<'static>) -> Self {
        let mut fields = self.without(label);
        fields.0.push((label, value));
        fields
    }

    /// The claim's value.
    pub fn value(&self, label: i64) -> Item<'static> {
        let found = self.0.iter().find(|(found, _)| *found == label);
        found.map(|(_, value)| value.clone()).expect("the claim is there")
    }

    pub fn item(self) -> Item<'static> {
        Item::map(self.0.into_iter().map(|(label, value)| (Item::Int(label), value)).collect())
    }

    pub fn encode(self) -> Vec<u8> {
        self.item().encode()
    }
}

/// The item without a borrow.
pub fn owned(item: Item<'_>) -> Item<'static> {
    match item {
        Item::Int(value) => Item::Int(value),
        Item::Bytes(bytes) => Item::Bytes(bytes.into_owned().into()),
        Item::Text(text) => Item::Text(text.into_owned().into()),
        Item::Array(items) => Item::Array(items.into_iter().map(owned).collect()),
        Item::Map(entries) => Item::Map(entries.into_iter().map(|(key, value)| (owned(key), owned(value))).collect()),
        Item::Sign1(inner) => Item::Sign1(Box::new(owned(*inner))),
    }
}

/// The bytes of a hex text; white space is skipped.
pub fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if !digits.len().is_multiple_of(2) {
        return Err(format!("{} hex digits", digits.len()));
    }
    let digit = |byte: u8| (byte as char).to_digit(16).ok_or(format!("{:?} is no hex digit", byte as char));
    digits.chunks(2).map(|pair| Ok((digit(pair[0])? * 16 + digit(pair[1])?) as u8)).collect()
}
