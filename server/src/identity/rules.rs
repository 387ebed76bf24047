//! Which passwords will do (A8), with every reason why one will not.
//!
//! 12 to 256 characters, no matter of which kind; not a name of the person; not one of the common passwords, nor made of them by
//! the usual tricks. The last is zxcvbn's to judge: it knows 30,000 common passwords, words, keyboards, dates and repeats, and
//! estimates how many guesses somebody needs who knows them too and the person's names.

use super::Password;
use leasehold_ledger::rule::code::fold;
use std::fmt;
use zxcvbn::Score;
use zxcvbn::feedback::Warning;

/// Characters a password has at least.
pub const LEN_MIN: usize = 12;
/// Characters a password has at most: passphrases fit, and hashing cannot be made expensive.
pub const LEN_MAX: usize = 256;
/// Fewer than 10^8 guesses will not do.
const SCORE_MIN: Score = Score::Three;

/// Why a password will not do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weakness {
    /// So many characters are too few.
    TooShort(usize),
    /// So many characters are too many.
    TooLong(usize),
    /// It is the person's username or email.
    OwnName,
    /// It is a common password, or near one.
    Common(Option<Warning>),
}

impl fmt::Display for Weakness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Weakness::TooShort(len) => write!(out, "it has {len} characters, and {LEN_MIN} are the least"),
            Weakness::TooLong(len) => write!(out, "it has {len} characters, and {LEN_MAX} are the most"),
            Weakness::OwnName => out.write_str("it is the username or the email address"),
            Weakness::Common(None) => out.write_str("it is easy to guess: add another word or two"),
            Weakness::Common(Some(warning)) => {
                let warning = warning.to_string();
                write!(out, "it is easy to guess: {}", warning.trim_end_matches('.'))
            }
        }
    }
}

/// Every reason against `password` for somebody with these names: username and email first, then whatever else is known.
#[must_use]
pub fn weaknesses(password: &Password, names: &[&str]) -> Vec<Weakness> {
    let text = password.text();
    let len = text.chars().count();
    if len > LEN_MAX {
        return vec![Weakness::TooLong(len)]; // nothing more is computed over what a stranger made long
    }
    let mut found = Vec::new();
    if len < LEN_MIN {
        found.push(Weakness::TooShort(len));
    }
    let parts = || names.iter().flat_map(|name| [*name, name.split('@').next().unwrap_or_default()]);
    if parts().any(|name| fold(name) == fold(text)) {
        found.push(Weakness::OwnName);
    }
    let known: Vec<&str> = parts().filter(|name| !name.is_empty()).collect();
    let guessing = zxcvbn::zxcvbn(text, &known);
    if guessing.score() < SCORE_MIN {
        found.push(Weakness::Common(guessing.feedback().and_then(zxcvbn::feedback::Feedback::warning)));
    }
    found
}

/// The reasons in one sentence.
#[must_use]
pub fn reasons(weaknesses: &[Weakness]) -> String {
    let words: Vec<String> = weaknesses.iter().map(ToString::to_string).collect();
    format!("the password will not do: {}", words.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Vec<Weakness> {
        weaknesses(&Password::new(text), &["anna.example", "a.example@mail.example", "Anna", "Example"])
    }

    #[test]
    fn twelve_characters_are_enough_and_a_long_passphrase_is_fine() {
        assert_eq!(judged("fjord-Kiwi-7"), []);
        assert_eq!(judged("fjord-Kiwi-"), [Weakness::TooShort(11)]);
        assert_eq!(judged("fjörd-Kiwi-7"), [], "characters are counted, not bytes");
        for len in [128, LEN_MAX] {
            assert_eq!(judged(&"otter lamps quietly ".repeat(13)[..len]), [], "{len}");
        }
        assert_eq!(judged(&"x".repeat(LEN_MAX + 1)), [Weakness::TooLong(LEN_MAX + 1)]);
    }

    #[test]
    fn no_kind_of_character_is_asked_for() {
        assert_eq!(judged("plain otters read lamps"), []);
    }

    #[test]
    fn a_name_of_the_person_will_not_do_in_any_case() {
        for name in ["anna.example", "ANNA.Example", " a.example@mail.example ", "a.Example"] {
            assert!(judged(name).contains(&Weakness::OwnName), "{name}");
        }
        assert!(judged("anna.example1")[..] != [], "nor one with a digit behind it");
    }

    #[test]
    fn common_passwords_and_the_usual_tricks_are_found() {
        for common in ["password1234", "P@ssw0rd1234", "123456789012", "qwertyuiop12", "aaaaaaaaaaaa", "iloveyou2024"] {
            assert!(matches!(judged(common)[..], [Weakness::Common(_)]), "{common}: {:?}", judged(common));
        }
    }

    #[test]
    fn all_reasons_are_given_at_once_and_none_repeats_the_password() {
        let said = reasons(&judged("hunter2"));
        assert_eq!(
            said,
            "the password will not do: it has 7 characters, and 12 are the least; it is easy to guess: This is a very common password"
        );
        assert!(!said.contains("hunter2"));
    }
}
