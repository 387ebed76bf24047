//! A claims map being written: the mirror of [`crate::claims::Claims`].

use crate::cbor::Item;
use crate::claims::Fingerprint;
use crate::ids::ActivationId;
use crate::keys::PublicKey;
use crate::label;
use crate::time::Time;
use crate::units::Units;
use std::fmt;

/// Claims of one message, in any order; encoding sorts them.
#[derive(Default, Clone)]
pub struct Writer<'a>(Vec<(Item<'a>, Item<'a>)>);

/// Labels alone: a value may be a key code (R15).
impl fmt::Debug for Writer<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.0.iter().map(|(label, _)| label)).finish()
    }
}

impl<'a> Writer<'a> {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::with_capacity(24))
    }

    fn put(mut self, label: i64, item: Item<'a>) -> Self {
        self.0.push((Item::Int(label), item));
        self
    }

    /// An integer.
    #[must_use]
    pub fn int(self, label: i64, value: i64) -> Self {
        self.put(label, Item::Int(value))
    }

    /// An integer, if there is one.
    #[must_use]
    pub fn opt_int(self, label: i64, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.int(label, value),
            None => self,
        }
    }

    /// A byte string.
    #[must_use]
    pub fn bytes(self, label: i64, bytes: &'a [u8]) -> Self {
        self.put(label, Item::bytes(bytes))
    }

    /// A byte string, if there is one.
    #[must_use]
    pub fn opt_bytes(self, label: i64, bytes: Option<&'a [u8]>) -> Self {
        match bytes {
            Some(bytes) => self.bytes(label, bytes),
            None => self,
        }
    }

    /// A text.
    #[must_use]
    pub fn text(self, label: i64, text: &'a str) -> Self {
        self.put(label, Item::text(text))
    }

    /// A text, if there is one.
    #[must_use]
    pub fn opt_text(self, label: i64, text: Option<&'a str>) -> Self {
        match text {
            Some(text) => self.text(label, text),
            None => self,
        }
    }

    /// An activation's id, as text: the mirror of [`crate::claims::Claims::activation`].
    #[must_use]
    pub fn activation(self, label: i64, id: ActivationId) -> Self {
        self.put(label, Item::Text(id.to_string().into()))
    }

    /// An activation's id, if there is one.
    #[must_use]
    pub fn opt_activation(self, label: i64, id: Option<ActivationId>) -> Self {
        match id {
            Some(id) => self.activation(label, id),
            None => self,
        }
    }

    /// A list of texts, left out when empty.
    #[must_use]
    pub fn texts(self, label: i64, texts: &'a [String]) -> Self {
        if texts.is_empty() {
            return self;
        }
        self.put(label, Item::Array(texts.iter().map(|text| Item::text(text)).collect()))
    }

    /// Counts by kind.
    #[must_use]
    pub fn units(self, label: i64, units: &'a Units) -> Self {
        let entries = units.iter().map(|(kind, count)| (Item::text(kind), Item::Int(count.into())));
        self.put(label, Item::map(entries.collect()))
    }

    /// Counts by kind, if there are any.
    #[must_use]
    pub fn opt_units(self, label: i64, units: Option<&'a Units>) -> Self {
        match units {
            Some(units) => self.units(label, units),
            None => self,
        }
    }

    /// Salted hashes by component, left out when empty.
    #[must_use]
    pub fn fingerprint(self, fingerprint: &'a Fingerprint) -> Self {
        if fingerprint.is_empty() {
            return self;
        }
        let entries = fingerprint.iter().map(|(component, hash)| (Item::text(component), Item::bytes(hash)));
        self.put(label::FINGERPRINT, Item::map(entries.collect()))
    }

    /// The device's key (RFC 8747).
    #[must_use]
    pub fn cnf(self, key: &'a PublicKey) -> Self {
        let cnf = Writer::new().put(1, Writer::new().public_key(key).map());
        self.put(label::CNF, cnf.map())
    }

    /// The parameters of an Ed25519 COSE_Key, in this map.
    #[must_use]
    pub fn public_key(self, key: &'a PublicKey) -> Self {
        self.int(1, 1).int(-1, 6).bytes(-2, &key.0)
    }

    /// A list of maps.
    #[must_use]
    pub fn maps(self, label: i64, maps: Vec<Writer<'a>>) -> Self {
        self.put(label, Item::Array(maps.into_iter().map(Writer::map).collect()))
    }

    /// A window of time, if there is one.
    #[must_use]
    pub fn opt_window(self, label: i64, window: Option<(Time, Time)>) -> Self {
        match window {
            Some((from, to)) => self.put(label, Item::Array(vec![Item::Int(from.0), Item::Int(to.0)])),
            None => self,
        }
    }

    /// A moment.
    #[must_use]
    pub fn time(self, label: i64, time: Time) -> Self {
        self.int(label, time.0)
    }

    fn map(self) -> Item<'a> {
        Item::map(self.0)
    }

    /// The payload.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        self.map().encode()
    }
}
