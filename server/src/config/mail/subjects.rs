//! What stands above each kind of mail. `{vendor}` in it becomes the vendor's name.

use serde::{Deserialize, Serialize};

/// Characters in the longest subject.
const SUBJECT_LEN_MAX: usize = 150;
/// The one word that is replaced.
const VENDOR: &str = "{vendor}";

/// A subject for each kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subjects {
    /// To somebody who was given an account.
    pub welcome: Subject,
    /// To somebody who is invited to an account.
    pub invitation: Subject,
    /// To somebody who forgot the password.
    pub reset: Subject,
    /// To an address that is to be somebody's.
    pub change_email: Subject,
    /// To the address that was somebody's until now.
    pub address_changed: Subject,
    /// To a reseller's first user.
    pub reseller_welcome: Subject,
    /// To somebody whose password was changed.
    pub password_changed: Subject,
    /// To somebody who was granted a seat.
    pub seat_granted: Subject,
    /// To somebody from whom a seat was taken back.
    pub seat_taken_back: Subject,
    /// To administrators, of licences that end soon.
    pub licences_ending: Subject,
    /// To administrators, of the end of free upgrades.
    pub maintenance_ending: Subject,
    /// To administrators, of consoles that are silent.
    pub consoles_silent: Subject,
}

impl Default for Subjects {
    fn default() -> Self {
        let subject = |text: &str| Subject(text.to_owned());
        Self {
            welcome: subject("Your account at {vendor}"),
            invitation: subject("Invitation to {vendor}"),
            reset: subject("Your password at {vendor}"),
            change_email: subject("Your new address at {vendor}"),
            address_changed: subject("Your address at {vendor} was changed"),
            reseller_welcome: subject("Your reseller account at {vendor}"),
            password_changed: subject("Your password at {vendor} was changed"),
            seat_granted: subject("Your seat at {vendor}"),
            seat_taken_back: subject("Your seat at {vendor} was taken back"),
            licences_ending: subject("Licences of {vendor} end soon"),
            maintenance_ending: subject("Free upgrades of {vendor} end soon"),
            consoles_silent: subject("Consoles with licences of {vendor} are silent"),
        }
    }
}

/// One line, with or without the vendor's name in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject(String);

impl Subject {
    /// The line with the vendor's name in it.
    #[must_use]
    pub fn line(&self, vendor: &str) -> String {
        self.0.replace(VENDOR, vendor)
    }
}

impl TryFrom<String> for Subject {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |why: &str| Err(format!("the subject {text:?} {why}"));
        match () {
            () if text.trim().is_empty() => wrong("is empty: leave it out for the usual one"),
            () if text.contains(char::is_control) => wrong("has more than one line: write one"),
            () if text.chars().count() > SUBJECT_LEN_MAX => wrong("is too long: 150 characters are the most"),
            () if text.replace(VENDOR, "").contains(['{', '}']) => {
                wrong("has braces: {vendor} is all that is replaced")
            }
            () => Ok(Self(text)),
        }
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.0
    }
}
