//! Strict deterministic CBOR (RFC 8949, section 4.2.1): the only module that names `serde_cbor`.
//!
//! An item is accepted if and only if writing it again gives the same bytes. That one rule refuses long integers, other
//! orders, repeated keys, indefinite lengths and trailing bytes, whatever the reader below would let through. Integers, byte and
//! text strings, arrays, maps and tag 18 around everything are all there is; floats, booleans, null and other tags are refused.
#![allow(clippy::disallowed_methods, reason = "the one module that may call serde_cbor")]

mod same;

use crate::error::FormatError;
use same::Same;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::{borrow::Cow, cell::Cell, cmp::Ordering, fmt};

/// Bytes in the longest item.
pub const ITEM_LEN_MAX: usize = 16 * 1024;
/// Arrays, maps and tags around the innermost value.
pub const DEPTH_MAX: u8 = 8;
/// Integers, strings, arrays, maps and the tag in one item, keys included: three times what any message needs. Without this limit 16 KiB
/// of one-byte integers cost a reader fourteen times a signature check.
pub const VALUES_MAX: u32 = 1024;
/// The tag of a COSE_Sign1 (RFC 9052, section 4.2).
const SIGN1_TAG: u64 = 18;

/// One CBOR data item. Strings borrow from the bytes that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item<'a> {
    /// Major types 0 and 1, within 64 bits signed.
    Int(i64),
    /// Major type 2.
    Bytes(Cow<'a, [u8]>),
    /// Major type 3.
    Text(Cow<'a, str>),
    /// Major type 4.
    Array(Vec<Item<'a>>),
    /// Major type 5; entries in the order they stand.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// Tag 18 around an item; never inside another one.
    Sign1(Box<Item<'a>>),
}

impl<'a> Item<'a> {
    /// A byte string.
    pub fn bytes(bytes: &'a [u8]) -> Self {
        Item::Bytes(Cow::Borrowed(bytes))
    }

    /// A text string.
    pub fn text(text: &'a str) -> Self {
        Item::Text(Cow::Borrowed(text))
    }

    /// A map, its entries put into deterministic order.
    #[must_use]
    pub fn map(mut entries: Vec<(Item<'a>, Item<'a>)>) -> Self {
        entries.sort_by(|a, b| key_order(&a.0, &b.0));
        Item::Map(entries)
    }

    /// Reads the one item that `bytes` are.
    ///
    /// # Errors
    /// [`FormatError`] with the place and the reason.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, FormatError> {
        if bytes.len() > ITEM_LEN_MAX {
            return Err(FormatError::TooLarge { len: bytes.len(), max: ITEM_LEN_MAX });
        }
        let mut reader = serde_cbor::Deserializer::from_slice(bytes);
        let values_left = Cell::new(VALUES_MAX);
        let outermost = Nested { levels: DEPTH_MAX, values_left: &values_left };
        let read = outermost.deserialize(&mut reader).and_then(|item| reader.end().map(|()| item));
        let item = read.map_err(|error| FormatError::Cbor {
            offset: reader.byte_offset() as u64, // the error's own place is 0 where the visitor below refused
            reason: reason(&error),
        })?;
        let mut same = Same::as_bytes(bytes);
        let written = serde_cbor::to_writer(&mut same, &item);
        if written.is_err() || same.rest() > 0 {
            return Err(FormatError::NotDeterministic { offset: bytes.len() - same.rest() });
        }
        Ok(item)
    }

    /// The deterministic encoding. Maps are written in the order they have: [`Item::map`] sorts, reading refuses
    /// any other order.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512); // most messages, without growing step by step
        serde_cbor::to_writer(&mut bytes, self).expect("an item is always encodable into memory");
        bytes
    }
}

/// serde_cbor's text without the place, which stands beside it.
fn reason(error: &serde_cbor::Error) -> String {
    let text = error.to_string();
    text.split(" at offset").next().unwrap_or_default().chars().take(120).collect()
}

/// Bytewise order of the encoded keys: non-negative integers by value, then negative ones by magnitude; texts by length,
/// then by bytes.
fn key_order(a: &Item<'_>, b: &Item<'_>) -> Ordering {
    match (a, b) {
        (Item::Int(a), Item::Int(b)) => (*a < 0, a.unsigned_abs()).cmp(&(*b < 0, b.unsigned_abs())),
        (Item::Text(a), Item::Text(b)) => (a.len(), a.as_bytes()).cmp(&(b.len(), b.as_bytes())),
        (Item::Int(_), _) => Ordering::Less,
        (_, Item::Int(_)) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Item::Int(value) => serializer.serialize_i64(*value),
            Item::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Item::Text(text) => serializer.serialize_str(text),
            Item::Array(items) => {
                let mut out = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| out.serialize_element(item))?;
                out.end()
            }
            Item::Map(entries) => {
                let mut out = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| out.serialize_entry(key, value))?;
                out.end()
            }
            Item::Sign1(inner) => serde_cbor::tags::Tagged::new(Some(SIGN1_TAG), inner.as_ref()).serialize(serializer),
        }
    }
}

/// Reads an item that may hold this many more levels; the whole message may hold this many more values.
#[derive(Clone, Copy)]
struct Nested<'b> {
    levels: u8,
    values_left: &'b Cell<u32>,
}

impl Nested<'_> {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1);
        let levels = levels.ok_or_else(|| E::custom(format_args!("more than {DEPTH_MAX} levels")))?;
        Ok(Self { levels, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Nested<'_> {
    type Value = Item<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Item<'de>, D::Error> {
        let left = self.values_left.get().checked_sub(1);
        self.values_left.set(left.ok_or_else(|| D::Error::custom(format_args!("more than {VALUES_MAX} values")))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_> {
    type Value = Item<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an integer, a string, an array, a map or tag 18")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Item<'de>, E> {
        Ok(Item::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Item<'de>, E> {
        i64::try_from(value).map(Item::Int).map_err(|_| E::custom("integer beyond 64 bits signed"))
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Item<'de>, E> {
        Ok(Item::bytes(bytes))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Item<'de>, E> {
        Ok(Item::text(text))
    }

    fn visit_bytes<E: serde::de::Error>(self, _: &[u8]) -> Result<Item<'de>, E> {
        Err(E::custom("a string of indefinite length"))
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Item<'de>, E> {
        Err(E::custom("a string of indefinite length"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item<'de>, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::with_capacity(room(seq.size_hint()));
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Item::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item<'de>, A::Error> {
        let inner = self.inner()?;
        let mut entries: Vec<(Item<'de>, Item<'de>)> = Vec::with_capacity(room(map.size_hint()));
        while let Some((key, value)) = map.next_entry_seed(inner, inner)? {
            check_key(entries.last().map(|(last, _)| last), &key)?;
            entries.push((key, value));
        }
        Ok(Item::Map(entries))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, tagged: D) -> Result<Item<'de>, D::Error> {
        if serde_cbor::tags::current_cbor_tag() != Some(SIGN1_TAG) {
            return Err(D::Error::custom("a tag other than 18"));
        }
        if self.levels != DEPTH_MAX {
            return Err(D::Error::custom("a tag inside another item"));
        }
        Ok(Item::Sign1(Box::new(self.inner()?.deserialize(tagged)?)))
    }
}

/// Room for what is announced, as far as a message has so much; beyond that it grows with the bytes read, for the
/// announcement may be a lie.
fn room(announced: Option<usize>) -> usize {
    announced.unwrap_or(0).min(16)
}

/// Keys of one map are of one kind and rise strictly, so none repeats.
fn check_key<E: serde::de::Error>(last: Option<&Item<'_>>, key: &Item<'_>) -> Result<(), E> {
    if !matches!(key, Item::Int(_) | Item::Text(_)) {
        return Err(E::custom("a map key is neither an integer nor a text"));
    }
    let Some(last) = last else { return Ok(()) };
    if matches!(last, Item::Int(_)) != matches!(key, Item::Int(_)) {
        return Err(E::custom("map keys of two kinds"));
    }
    match key_order(last, key) {
        Ordering::Less => Ok(()),
        Ordering::Equal => Err(E::custom("a map key is repeated")),
        Ordering::Greater => Err(E::custom("map keys are not in deterministic order")),
    }
}

#[cfg(test)]
mod tests;
