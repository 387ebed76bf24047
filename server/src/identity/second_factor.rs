//! The second factor: codes of six digits that change every 30 seconds (TOTP, RFC 6238), and recovery codes for the day the
//! telephone is gone.
//!
//! SHA-1, six digits, 30 seconds: the only choice every authenticator app follows. A code is good for its own step and one before
//! and after it, and each step once: [`check`] finds which step a code is of, and the ledger takes only a later one than the last.

use super::secret::hash;
use crate::random;
use leasehold_protocol::Time;
use totp_rs::{Builder, Totp};

/// Bytes of a secret: the 160 bits that RFC 4226 recommends.
pub const SECRET_LEN: usize = 20;
/// Recovery codes of one enrolment.
pub const RECOVERY_CODES: usize = 10;

/// A new secret for somebody's authenticator app.
#[must_use]
pub fn draw() -> [u8; SECRET_LEN] {
    random::bytes()
}

/// The secret as people type it: base32.
#[must_use]
pub fn spelled(secret: &[u8]) -> String {
    totp_rs::Secret::from(secret).to_base32()
}

/// What an authenticator app reads from a QR code. `who` and `issuer` are shown there.
#[must_use]
pub fn uri(secret: &[u8], issuer: &str, who: &str) -> String {
    let (issuer, who, secret) = (escaped(issuer), escaped(who), spelled(secret));
    format!("otpauth://totp/{issuer}:{who}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
}

/// The step `code` is of, if it is one of those around `now`.
#[must_use]
pub fn check(secret: &[u8], code: &str, now: Time) -> Option<u64> {
    totp(secret).check(code.trim(), u64::try_from(now.0).ok()?)
}

/// The code at `now`, as an authenticator app shows it.
#[must_use]
pub fn code(secret: &[u8], now: Time) -> String {
    totp(secret).generate(u64::try_from(now.0).unwrap_or(0)).to_string()
}

/// Recovery codes, as they are shown once, and their hashes, as they are kept. 75 random bits each: too many to guess from a hash.
#[must_use]
pub fn recovery_codes() -> (Vec<String>, Vec<[u8; 32]>) {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| random::key_code()).collect();
    let hashes = codes.iter().map(|code| hash(code)).collect();
    (codes, hashes)
}

/// The hash of what was typed, if it has the form of a recovery code: blanks and case do not matter.
#[must_use]
pub fn recovery_hash(typed: &str) -> Option<[u8; 32]> {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let groups: Vec<&str> = letters.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    (letters.len() == 16).then(|| hash(&groups.join("-").to_ascii_uppercase()))
}

fn totp(secret: &[u8]) -> Totp {
    Builder::new().with_secret(secret).build_noncompliant() // ours are always long enough
}

/// Percent-encoding of everything but RFC 3986's unreserved characters.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let each = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1; the last six of its eight digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let secret = b"12345678901234567890";
        for (time, expected) in VECTORS {
            assert_eq!(code(secret, Time(time)), expected);
            assert_eq!(check(secret, expected, Time(time)), u64::try_from(time / 30).ok());
        }
    }

    #[test]
    fn a_code_is_good_one_step_before_and_after_its_own() {
        let (secret, now) = (draw(), Time(1_800_000_000));
        let step = u64::try_from(now.0 / 30).ok();
        let code = code(&secret, now);
        for (seconds, expected) in [(-31, None), (-30, step), (0, step), (59, step), (60, None)] {
            assert_eq!(check(&secret, &code, Time(now.0 + seconds)), expected, "{seconds}");
        }
        for wrong in ["", "12345", "1234567", "abcdef", "12 34 5x"] {
            assert_eq!(check(&secret, wrong, now), None, "{wrong:?}");
        }
        assert_eq!(check(&secret, &format!(" {code} "), now), step);
    }

    #[test]
    fn recovery_codes_are_kept_as_hashes_and_typed_as_people_type() {
        let (codes, hashes) = recovery_codes();
        assert_eq!((codes.len(), hashes.len()), (RECOVERY_CODES, RECOVERY_CODES));
        let typed = [codes[3].clone(), codes[3].to_lowercase(), codes[3].replace('-', " "), codes[3].replace('-', "")];
        assert!(typed.iter().all(|typed| recovery_hash(typed) == Some(hashes[3])), "{typed:?}");
        assert_eq!(recovery_hash("123456"), None);
    }

    #[test]
    fn the_uri_names_issuer_and_person_and_escapes_both() {
        let uri = uri(b"12345678901234567890", "vendor: test", "anna@mail.example");
        assert!(uri.starts_with("otpauth://totp/vendor%3A%20test:anna%40mail.example?secret=GEZDGNBV"), "{uri}");
        assert!(uri.contains("&issuer=vendor%3A%20test&"), "{uri}");
    }
}
