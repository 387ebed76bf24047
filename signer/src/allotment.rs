//! A grant file: the units this signer may put into licence files, written by a vendor without a server or moved out of a
//! pool by the server. A journal never exceeds it.
//!
//! ```toml
//! grant = "north-2026-11"             # names the grant for ever
//! iss = "licences.example.com"
//! code = "ABCD-EFGH-JKLM-NPQR"        # the key that requests must name
//! product = "ARIA-OEM"
//! licensee = "example-labs"
//! features = ["failover"]             # may be left out
//! at_expiry = "restrict"              # or "notice", "stop"
//! exp = 2027-11-21T00:00:00Z          # the licences' end, or "perpetual"
//! free_upgrade_until = 2027-11-21     # may be left out
//! expires = 2027-06-30T00:00:00Z      # from then on nothing new is signed; may be left out
//!
//! [units]
//! endpoint = 100
//! ```

use crate::moment;
use leasehold_protocol::claims::{LIST_LEN_MAX, plain};
use leasehold_protocol::lease::AtExpiry;
use leasehold_protocol::{Day, Time, Units};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use toml::value::Datetime;

/// An allotment of units to one offline signer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allotment {
    /// Names the grant: 1 to 64 letters, digits, hyphens or underscores. Charges are counted under it.
    pub grant: String,
    /// The installation.
    pub iss: String,
    /// The key code it answers to.
    pub code: String,
    /// The product's sku.
    pub product: String,
    /// To whom.
    pub licensee: String,
    /// Features granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// What the product does at the end.
    pub at_expiry: AtExpiry,
    /// When the licences end.
    pub exp: End,
    /// Upgrades are free up to and including this day.
    #[serde(default, with = "moment::opt_day", skip_serializing_if = "Option::is_none")]
    pub free_upgrade_until: Option<Day>,
    /// From this moment nothing new is signed under the grant.
    #[serde(default, with = "moment::opt_time", skip_serializing_if = "Option::is_none")]
    pub expires: Option<Time>,
    /// All there is to give, by kind.
    pub units: Units,
}

/// When a licence ends. That it never does has to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At this moment.
    At(Time),
    /// Never: `"perpetual"`.
    Perpetual,
}

impl End {
    /// The claim.
    #[must_use]
    pub const fn exp(self) -> Option<Time> {
        match self {
            End::At(time) => Some(time),
            End::Perpetual => None,
        }
    }
}

/// The grant file is not usable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotAnAllotment {
    /// Not TOML of the right shape.
    #[error("not a grant file: {0}")]
    Syntax(String),
    /// One field.
    #[error("{field} {problem}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl Allotment {
    /// Reads a grant file.
    ///
    /// # Errors
    /// [`NotAnAllotment`].
    pub fn parse(text: &str) -> Result<Self, NotAnAllotment> {
        let allotment: Self =
            toml::from_str(text).map_err(|error| NotAnAllotment::Syntax(error.to_string().trim_end().to_owned()))?;
        allotment.check()?;
        Ok(allotment)
    }

    /// The file's text.
    #[must_use]
    pub fn render(&self) -> String {
        toml::to_string(self).expect("texts, numbers and times always render")
    }

    /// Whether `code` is this grant's key, however it was typed.
    #[must_use]
    pub fn answers_to(&self, code: &str) -> bool {
        let letters = |code: &str| code.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        letters(&self.code).eq_ignore_ascii_case(&letters(code))
    }

    fn check(&self) -> Result<(), NotAnAllotment> {
        let wrong = |field, problem| Err(NotAnAllotment::Field { field, problem });
        let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=64).contains(&self.grant.len()) || !self.grant.bytes().all(name) {
            return wrong("grant", "is not 1 to 64 letters, digits, hyphens or underscores");
        }
        let texts =
            [("iss", &self.iss), ("code", &self.code), ("product", &self.product), ("licensee", &self.licensee)];
        let features = self.features.iter().map(|feature| ("features", feature));
        for (field, text) in texts.into_iter().chain(features) {
            plain(text).map_err(|problem| NotAnAllotment::Field { field, problem })?;
        }
        if self.features.len() > LIST_LEN_MAX {
            return wrong("features", "are more than 32");
        }
        if self.units.is_none() {
            return wrong("units", "are none");
        }
        Ok(())
    }
}

impl Serialize for End {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            End::At(time) => moment::time::serialize(time, serializer),
            End::Perpetual => serializer.serialize_str("perpetual"),
        }
    }
}

impl<'de> Deserialize<'de> for End {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            At(Datetime),
            Word(String),
        }
        match Written::deserialize(deserializer)? {
            Written::At(time) => moment::from_datetime(time).map(End::At).map_err(de::Error::custom),
            Written::Word(word) if word == "perpetual" => Ok(End::Perpetual),
            Written::Word(word) => Err(de::Error::custom(format!("{word:?} is not a time and not \"perpetual\""))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        grant = "north-1"
        iss = "licences.example.com"
        code = "ABCD-EFGH-JKLM-NPQR"
        product = "ARIA-OEM"
        licensee = "example-labs"
        at_expiry = "restrict"
        exp = "perpetual"
        free_upgrade_until = 2027-11-21
        expires = 2027-06-30T02:00:00+02:00
        [units]
        endpoint = 100
    "#;

    #[test]
    fn a_grant_reads_back_what_it_renders() {
        let grant = Allotment::parse(TEXT).expect("good");
        assert_eq!(grant.expires, moment::parse("2027-06-30T00:00:00Z").ok());
        assert_eq!(grant.free_upgrade_until.map(|day| day.to_string()).as_deref(), Some("2027-11-21"));
        assert_eq!(Allotment::parse(&grant.render()), Ok(grant.clone()));
        let ends = Allotment { exp: End::At(Time(1_900_000_000)), free_upgrade_until: None, expires: None, ..grant };
        assert_eq!(Allotment::parse(&ends.render()), Ok(ends));
    }

    #[test]
    fn a_perpetual_grant_has_to_say_so() {
        assert!(Allotment::parse(&TEXT.replace("exp = \"perpetual\"", "")).is_err());
        assert!(Allotment::parse(&TEXT.replace("\"perpetual\"", "\"never\"")).is_err());
    }

    #[test]
    fn a_grant_with_impossible_fields_is_refused() {
        for (good, bad) in
            [("north-1", "north 1"), ("= 100", "= 0"), ("example-labs", ""), ("[units]", "x = 1\n[units]")]
        {
            assert!(Allotment::parse(&TEXT.replace(good, bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_key_code_is_compared_by_its_letters() {
        let grant = Allotment::parse(TEXT).expect("good");
        assert!(grant.answers_to("abcdefghjklmnpqr"));
        assert!(!grant.answers_to("ABCD-EFGH-JKLM-NPQ"));
    }
}
