//! What steps keep for later ones, and how later ones name it.

use crate::cli::failure::Failure;
use serde_json::Value;
use std::collections::BTreeMap;

/// What was kept.
#[derive(Debug, Default)]
pub struct Kept {
    texts: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Kept {
    /// Keeps a text.
    pub fn text(&mut self, name: &str, value: &str) {
        self.texts.insert(name.to_owned(), value.to_owned());
    }

    /// Keeps a file.
    pub fn file(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.insert(name.to_owned(), bytes);
    }

    /// A file that was kept.
    ///
    /// # Errors
    /// [`Failure`] where none was kept under that name.
    pub fn bytes(&self, name: &str) -> Result<&[u8], Failure> {
        self.files.get(name).map(Vec::as_slice).ok_or_else(|| unknown(name))
    }

    /// `text` with what was kept in the place of each name in braces.
    ///
    /// # Errors
    /// [`Failure`] for a name under which nothing was kept.
    pub fn fill(&self, text: &str) -> Result<String, Failure> {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').ok_or_else(|| unknown(behind))?;
            filled.push_str(before);
            filled.push_str(self.texts.get(name).ok_or_else(|| unknown(name))?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// A value with every text in it filled.
    ///
    /// # Errors
    /// [`Failure`], as [`Kept::fill`].
    pub fn filled(&self, value: &Value) -> Result<Value, Failure> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill(text)?),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.filled(item)).collect::<Result<_, _>>()?),
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| Ok((name.clone(), self.filled(value)?));
                Value::Object(fields.iter().map(field).collect::<Result<_, Failure>>()?)
            }
            other => other.clone(),
        })
    }
}

fn unknown(name: &str) -> Failure {
    Failure::usage(format!("no step kept anything as {name:?}"), "mend the scenario")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_filled_wherever_they_stand_and_unknown_ones_are_refused() {
        let mut kept = Kept::default();
        kept.text("pool", "p1");
        kept.text("code", "AAAA");
        assert_eq!(kept.fill("/pools/{pool}/keys?{code}").expect("known"), "/pools/p1/keys?AAAA");
        let value = serde_json::json!({ "a": ["{pool}", 3], "b": { "c": "{code}-{code}" } });
        let filled = serde_json::json!({ "a": ["p1", 3], "b": { "c": "AAAA-AAAA" } });
        assert_eq!(kept.filled(&value).expect("known"), filled);
        for bad in ["{nobody}", "{pool", "a {"] {
            assert!(kept.fill(bad).is_err(), "{bad}");
        }
    }
}
