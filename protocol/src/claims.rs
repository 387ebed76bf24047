//! One message's map of claims, being read: [`Claims`] takes numbers, strings and lists out of it, `nested` maps and keys.

use crate::cbor::Item;
use crate::error::FormatError;
use crate::ids::ActivationId;
use crate::time::Time;
use crate::typ::Typ;
use std::{borrow::Cow, collections::BTreeMap, fmt};

/// Claims below this are skipped where they are not known: room to grow (an old console reads a new lease).
pub const SKIPPED_BELOW: i64 = -70_000;
/// Bytes in the longest text claim, unless said otherwise.
pub const TEXT_LEN_MAX: usize = 128;
/// Entries in a list of texts, and components in a fingerprint.
pub const LIST_LEN_MAX: usize = 32;

mod nested;

/// A claims map being read: typed accessors take claims out, [`Claims::finish`] refuses what is left.
pub struct Claims<'a> {
    typ: Typ,
    /// The claim this map is inside of: errors name that one.
    within: Option<i64>,
    /// Labels, all of them integers, and values.
    left: Vec<(Item<'a>, Item<'a>)>,
}

impl<'a> Claims<'a> {
    /// Reads a payload.
    ///
    /// # Errors
    /// [`FormatError`] unless it is a deterministic map with integer keys.
    pub fn decode(typ: Typ, payload: &'a [u8]) -> Result<Self, FormatError> {
        let Item::Map(entries) = Item::decode(payload)? else {
            return Err(FormatError::Envelope("the payload is not a map"));
        };
        if !has_labels(&entries) {
            return Err(FormatError::Envelope("a claim's label is not an integer"));
        }
        Ok(Self { typ, within: None, left: entries })
    }

    /// The error of a claim.
    pub fn wrong(&self, label: i64, problem: &'static str) -> FormatError {
        FormatError::Claim { typ: self.typ, label: self.within.unwrap_or(label), problem }
    }

    fn take(&mut self, label: i64) -> Option<Item<'a>> {
        let at = self.left.iter().position(|(found, _)| matches!(found, Item::Int(found) if *found == label))?;
        Some(self.left.swap_remove(at).1)
    }

    /// A required claim, read by one of the optional readers below.
    ///
    /// # Errors
    /// [`FormatError::Claim`] when it is missing or wrong.
    pub fn need<T>(
        &mut self,
        label: i64,
        read: impl FnOnce(&mut Self, i64) -> Result<Option<T>, FormatError>,
    ) -> Result<T, FormatError> {
        read(self, label)?.ok_or_else(|| self.wrong(label, "is missing"))
    }

    /// An integer from 0 up.
    pub fn int(&mut self, label: i64) -> Result<Option<i64>, FormatError> {
        match self.take(label) {
            None => Ok(None),
            Some(Item::Int(value)) if value >= 0 => Ok(Some(value)),
            Some(_) => Err(self.wrong(label, "is not an integer from 0 up")),
        }
    }

    /// A moment.
    pub fn time(&mut self, label: i64) -> Result<Option<Time>, FormatError> {
        match self.int(label)? {
            Some(seconds) if seconds > Time::MAX.0 => Err(self.wrong(label, "is after the year 9999")),
            seconds => Ok(seconds.map(Time)),
        }
    }

    /// A sequence number: 32 bits.
    pub fn seq(&mut self, label: i64) -> Result<Option<u32>, FormatError> {
        let value = self.int(label)?;
        value.map(u32::try_from).transpose().map_err(|_| self.wrong(label, "is above 32 bits"))
    }

    /// A version number: 32 bits; absent is 0, 0 must be absent.
    pub fn version(&mut self, label: i64) -> Result<u32, FormatError> {
        match self.seq(label)? {
            Some(0) => Err(self.wrong(label, "is zero: leave it out")),
            version => Ok(version.unwrap_or(0)),
        }
    }

    /// Exactly `N` bytes.
    pub fn array<const N: usize>(&mut self, label: i64) -> Result<Option<[u8; N]>, FormatError> {
        let Some(item) = self.take(label) else { return Ok(None) };
        let Item::Bytes(bytes) = item else { return Err(self.wrong(label, "is not a byte string")) };
        let array = <[u8; N]>::try_from(bytes.as_ref());
        array.map(Some).map_err(|_| self.wrong(label, "is a byte string of the wrong length"))
    }

    /// An activation's id: 32 lower-case hexadecimal digits, for `sub` is a text (RFC 8392, section 3.1.2).
    pub fn activation(&mut self, label: i64) -> Result<Option<ActivationId>, FormatError> {
        let Some(item) = self.take(label) else { return Ok(None) };
        let Item::Text(text) = item else { return Err(self.wrong(label, "is not a text")) };
        let one_spelling = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let id = text.parse().ok().filter(|_| one_spelling);
        id.map(Some).ok_or_else(|| self.wrong(label, "is not 32 lower-case hexadecimal digits"))
    }

    /// A byte string of any length.
    pub fn bytes(&mut self, label: i64) -> Result<Option<Cow<'a, [u8]>>, FormatError> {
        match self.take(label) {
            None => Ok(None),
            Some(Item::Bytes(bytes)) => Ok(Some(bytes)),
            Some(_) => Err(self.wrong(label, "is not a byte string")),
        }
    }

    /// A text of 1 to [`TEXT_LEN_MAX`] bytes as [`plain`] wants it.
    pub fn text(&mut self, label: i64) -> Result<Option<String>, FormatError> {
        match self.take(label) {
            None => Ok(None),
            Some(Item::Text(text)) => plain(&text).map(Some).map_err(|problem| self.wrong(label, problem)),
            Some(_) => Err(self.wrong(label, "is not a text")),
        }
    }

    /// A list of texts; absent is empty, empty must be absent.
    pub fn texts(&mut self, label: i64) -> Result<Vec<String>, FormatError> {
        let Some(item) = self.take(label) else { return Ok(Vec::new()) };
        let Item::Array(items) = item else { return Err(self.wrong(label, "is not a list")) };
        if !(1..=LIST_LEN_MAX).contains(&items.len()) {
            return Err(self.wrong(label, "is an empty or too long list"));
        }
        let texts = items.iter().map(|item| match item {
            Item::Text(text) => plain(text).map_err(|problem| self.wrong(label, problem)),
            _ => Err(self.wrong(label, "holds something that is not a text")),
        });
        texts.collect()
    }

    /// A window of time: `[from, to]`, both seconds, in this order.
    pub fn window(&mut self, label: i64) -> Result<Option<(Time, Time)>, FormatError> {
        let Some(item) = self.take(label) else { return Ok(None) };
        match item {
            Item::Array(ends) => match ends[..] {
                [Item::Int(from), Item::Int(to)] if 0 <= from && from <= to && to <= Time::MAX.0 => {
                    Ok(Some((Time(from), Time(to))))
                }
                _ => Err(self.wrong(label, "is not a window of two times in order")),
            },
            _ => Err(self.wrong(label, "is not a list")),
        }
    }

    /// Everything known was taken: refuses what is left, except where there is room to grow.
    ///
    /// # Errors
    /// [`FormatError::Claim`] for an unknown claim at or above [`SKIPPED_BELOW`].
    pub fn finish(self) -> Result<(), FormatError> {
        match self.labels().find(|label| *label >= SKIPPED_BELOW) {
            Some(label) => Err(self.wrong(label, "is not known in this type")),
            None => Ok(()),
        }
    }

    fn labels(&self) -> impl Iterator<Item = i64> {
        self.left.iter().filter_map(|(label, _)| if let Item::Int(label) = label { Some(*label) } else { None })
    }
}

/// Whether every key is an integer.
fn has_labels(entries: &[(Item<'_>, Item<'_>)]) -> bool {
    entries.iter().all(|(key, _)| matches!(key, Item::Int(_)))
}

/// Labels alone: a value may be a key code (R15).
impl fmt::Debug for Claims<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<i64> = self.labels().collect();
        out.debug_struct("Claims").field("typ", &self.typ).field("left", &labels).finish_non_exhaustive()
    }
}

/// Component name to salted hash.
pub type Fingerprint = BTreeMap<String, [u8; 32]>;

/// Text that can be shown anywhere: 1 to [`TEXT_LEN_MAX`] bytes, no control characters, no line or paragraph
/// separators, nothing that turns the direction of the text beside it.
///
/// # Errors
/// What is wrong with it.
pub fn plain(text: &str) -> Result<String, &'static str> {
    if !(1..=TEXT_LEN_MAX).contains(&text.len()) {
        return Err("is a text that is empty or longer than 128 bytes");
    }
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(text.to_owned()); // nearly all of them: no need to look at letters
    }
    let turns = |c| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(|c| c.is_control() || turns(c)) {
        return Err("holds a control character");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
