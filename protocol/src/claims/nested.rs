//! Claims that are maps themselves: quantities, fingerprints and keys.

use super::{Claims, Fingerprint, LIST_LEN_MAX, has_labels, plain};
use crate::cbor::Item;
use crate::error::FormatError;
use crate::keys::PublicKey;
use crate::units::{KINDS_MAX, Units};
use std::collections::BTreeMap;

impl<'a> Claims<'a> {
    /// A map from kind to count. Zero is written as absence.
    pub fn units(&mut self, label: i64) -> Result<Option<Units>, FormatError> {
        let entries = self.text_map(label, KINDS_MAX)?;
        let Some(entries) = entries else { return Ok(None) };
        let counts = entries.into_iter().map(|(kind, item)| match item {
            Item::Int(count) if count > 0 => Ok((kind, u32::try_from(count).unwrap_or(u32::MAX))),
            _ => Err(self.wrong(label, "holds a count that is not a positive integer")),
        });
        let counts = counts.collect::<Result<BTreeMap<_, _>, _>>()?;
        Units::try_from(counts).map(Some).map_err(|_| self.wrong(label, "holds a kind or a count that is not allowed"))
    }

    /// A map from kind to count; absent is empty, empty must be absent.
    pub fn usage(&mut self, label: i64) -> Result<Units, FormatError> {
        match self.units(label)? {
            Some(units) if units.is_none() => Err(self.wrong(label, "is an empty map")),
            units => Ok(units.unwrap_or_default()),
        }
    }

    /// A map from component to its salted 32-byte hash; absent is empty, empty must be absent.
    pub fn fingerprint(&mut self, label: i64) -> Result<Fingerprint, FormatError> {
        let Some(entries) = self.text_map(label, LIST_LEN_MAX)? else { return Ok(Fingerprint::new()) };
        if entries.is_empty() {
            return Err(self.wrong(label, "is an empty map"));
        }
        let hashes = entries.into_iter().map(|(component, item)| {
            let Item::Bytes(bytes) = item else { return Err(self.wrong(label, "holds something that is no hash")) };
            let hash = <[u8; 32]>::try_from(bytes.as_ref());
            let hash = hash.map_err(|_| self.wrong(label, "holds a hash that is not 32 bytes"))?;
            Ok((plain(&component).map_err(|problem| self.wrong(label, problem))?, hash))
        });
        hashes.collect()
    }

    fn text_map(&mut self, label: i64, len_max: usize) -> Result<Option<Vec<(String, Item<'a>)>>, FormatError> {
        let Some(item) = self.take(label) else { return Ok(None) };
        let Item::Map(entries) = item else { return Err(self.wrong(label, "is not a map")) };
        if entries.len() > len_max {
            return Err(self.wrong(label, "has too many entries"));
        }
        let named = entries.into_iter().map(|(key, value)| match key {
            Item::Text(text) => Ok((text.into_owned(), value)),
            _ => Err(self.wrong(label, "has a key that is not a text")),
        });
        named.collect::<Result<Vec<_>, _>>().map(Some)
    }

    /// A list of maps, each read as claims of its own.
    pub fn maps(&mut self, label: i64, len_max: usize) -> Result<Vec<Claims<'a>>, FormatError> {
        let item = self.take(label).ok_or_else(|| self.wrong(label, "is missing"))?;
        let Item::Array(items) = item else { return Err(self.wrong(label, "is not a list")) };
        if !(1..=len_max).contains(&items.len()) {
            return Err(self.wrong(label, "is an empty or too long list"));
        }
        let maps = items.into_iter().map(|item| self.nested(label, item));
        maps.collect()
    }

    /// The device's public key: `{1: COSE_Key}` (RFC 8747, section 3.2).
    pub fn cnf(&mut self, label: i64) -> Result<Option<PublicKey>, FormatError> {
        let Some(item) = self.take(label) else { return Ok(None) };
        let mut cnf = self.nested(label, item)?;
        let Some(key) = cnf.take(1) else { return Err(self.wrong(label, "holds no COSE_Key")) };
        let mut key = self.nested(label, key)?;
        let public = key.public_key(label)?;
        key.closed()?;
        cnf.closed()?;
        Ok(Some(public))
    }

    /// Everything was taken: there is no room to grow here, for a device's identity has one spelling.
    fn closed(self) -> Result<(), FormatError> {
        match self.labels().next() {
            Some(label) => Err(self.wrong(label, "holds more than an Ed25519 key")),
            None => Ok(()),
        }
    }

    /// The parameters of an Ed25519 COSE_Key: kty OKP, crv Ed25519, x (RFC 9053, section 7.2).
    pub fn public_key(&mut self, of: i64) -> Result<PublicKey, FormatError> {
        let (kty, crv) = (self.take(1), self.take(-1));
        if kty != Some(Item::Int(1)) || crv != Some(Item::Int(6)) {
            return Err(self.wrong(of, "is not an Ed25519 COSE_Key"));
        }
        Ok(PublicKey(self.need(-2, Self::array)?))
    }

    fn nested(&self, label: i64, item: Item<'a>) -> Result<Claims<'a>, FormatError> {
        let Item::Map(entries) = item else { return Err(self.wrong(label, "is not a map")) };
        if !has_labels(&entries) {
            return Err(self.wrong(label, "has a key that is not an integer"));
        }
        Ok(Claims { typ: self.typ, within: self.within.or(Some(label)), left: entries })
    }
}
