//! Fields of a list's rows: how they are named, compared, searched and documented.

use leasehold_ledger::rule::code::fold;
use leasehold_protocol::Time;
use serde::Serialize;

/// Bytes of a text that count for its place in a sorted list.
const SORT_LEN_MAX: usize = 192;

/// What a field is for one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A moment.
    At(Time),
    /// Nothing.
    None,
}

impl Value {
    /// A text, or nothing.
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.to_owned()))
    }

    /// A moment, or nothing.
    #[must_use]
    pub fn at(time: Option<Time>) -> Self {
        time.map_or(Self::None, Self::At)
    }

    /// The word of one of the ledger's enums, or of a flag.
    pub fn word(word: impl Serialize) -> Self {
        match serde_json::to_value(word) {
            Ok(serde_json::Value::String(text)) => Self::Text(text),
            Ok(serde_json::Value::Bool(flag)) => Self::Text(flag.to_string()),
            _ => Self::None,
        }
    }

    /// Where it stands among others; nothing stands behind everything.
    #[must_use]
    pub fn place(&self) -> Vec<u8> {
        match self {
            Self::None => vec![0xff],
            Self::At(time) => [&[1][..], &(time.0 ^ i64::MIN).to_be_bytes()].concat(),
            Self::Text(text) => {
                let mut place = [&[1][..], fold(text).as_bytes()].concat();
                place.truncate(SORT_LEN_MAX);
                place
            }
        }
    }
}

/// What may be asked of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Any text: equal in whatever case; `q` looks into it.
    Text,
    /// An id or another text that is compared only.
    Exact,
    /// One of these words.
    Word(Vec<String>),
    /// A moment: from, to.
    Time,
    /// One of several, separated by commas.
    Chosen,
    /// Nothing of a row: a parameter that says what the list has rows of, on or off, and what it does.
    Switch(&'static str),
}

/// A field.
pub struct Field<R> {
    /// As it is named in items and parameters.
    pub name: &'static str,
    /// What may be asked of it.
    pub kind: Kind,
    /// What it is for a row.
    pub value: fn(&R) -> Value,
}

impl<R> Field<R> {
    /// A text that people search for.
    pub fn text(name: &'static str, value: fn(&R) -> Value) -> Self {
        Self { name, kind: Kind::Text, value }
    }

    /// A text that is compared only.
    pub fn exact(name: &'static str, value: fn(&R) -> Value) -> Self {
        Self { name, kind: Kind::Exact, value }
    }

    /// One of some words.
    pub fn word(name: &'static str, words: Vec<serde_json::Value>, value: fn(&R) -> Value) -> Self {
        let words = words.into_iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
        Self { name, kind: Kind::Word(words), value }
    }

    /// Yes or no.
    pub fn flag(name: &'static str, value: fn(&R) -> Value) -> Self {
        Self { name, kind: Kind::Word(vec!["true".to_owned(), "false".to_owned()]), value }
    }

    /// A text of which several are asked for at once.
    pub fn chosen(name: &'static str, value: fn(&R) -> Value) -> Self {
        Self { name, kind: Kind::Chosen, value }
    }

    /// A parameter that says what the list has rows of.
    pub fn switch(name: &'static str, about: &'static str) -> Self {
        Self { name, kind: Kind::Switch(about), value: |_| Value::None }
    }

    /// A moment.
    pub fn time(name: &'static str, value: fn(&R) -> Value) -> Self {
        Self { name, kind: Kind::Time, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_sort_as_people_do_and_nothing_comes_last() {
        let text = |text: &str| Value::text(Some(text)).place();
        assert!(text("abc") < text("ABD") && text("\u{c9}") == text("e\u{301}"));
        assert!(text("z") < Value::None.place() && text("\u{10ffff}") < Value::None.place());
        let at = |seconds| Value::At(Time(seconds)).place();
        assert!(at(-5) < at(0) && at(0) < at(1) && at(1) < Value::None.place());
    }
}
