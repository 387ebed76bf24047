//! Codes and names that people type.

use crate::draft::{Fault, ensure};
use crate::record::Product;
use leasehold_protocol::{Refused, Units};
use unicode_normalization::UnicodeNormalization;

/// The letters and digits of codes drawn at random: none that is mistaken for another (T6). Sixteen of thirty are 78 bits.
pub const ALPHABET: &[u8; 30] = b"ABCDEFGHJKMNPQRSTVWXYZ23456789";
const GROUPS: usize = 4;
const GROUP_LEN: usize = 4;
/// Random bytes for one code; bytes that would favour some letters are passed over.
pub const CODE_SEED_LEN: usize = 64;

/// A code drawn from random bytes, or nothing where too many had to be passed over (one seed in 10^20).
#[must_use]
pub fn draw(seed: &[u8; CODE_SEED_LEN]) -> Option<String> {
    let fair = 256 - 256 % ALPHABET.len();
    let letters: Vec<u8> = seed
        .iter()
        .filter(|byte| usize::from(**byte) < fair)
        .map(|byte| ALPHABET[usize::from(*byte) % ALPHABET.len()])
        .collect();
    let groups = letters.chunks_exact(GROUP_LEN).take(GROUPS).map(String::from_utf8_lossy).collect::<Vec<_>>();
    (groups.len() == GROUPS).then(|| groups.join("-"))
}

/// A code as it is stored: trimmed, upper case.
///
/// # Errors
/// `key_format` for anything but XXXX-XXXX-XXXX-XXXX.
pub fn parse(typed: &str) -> Result<String, Fault> {
    let code = typed.trim().to_ascii_uppercase();
    let group = |group: &str| group.len() == GROUP_LEN && group.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let good = code.split('-').count() == GROUPS && code.split('-').all(group);
    ensure(good, Refused::KeyFormat, || "the key has another form".to_owned())?;
    Ok(code)
}

/// A name as it is compared: trimmed, NFC, lower case (A15).
#[must_use]
pub fn fold(name: &str) -> String {
    name.trim().nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// A name people gave: trimmed, 1 to 128 bytes, nothing unprintable.
///
/// # Errors
/// `field_invalid`.
pub fn name(given: &str) -> Result<String, Fault> {
    let name = given.trim().nfc().collect::<String>();
    let plain = leasehold_protocol::claims::plain(&name);
    plain.map_err(|problem| Fault::refused(Refused::FieldInvalid, format!("the name {problem}")))
}

/// A field that may stay empty: trimmed, 128 bytes at most, nothing unprintable.
///
/// # Errors
/// `field_invalid`.
pub fn optional(field: &str, given: &str) -> Result<String, Fault> {
    let text = given.trim().nfc().collect::<String>();
    if text.is_empty() {
        return Ok(text);
    }
    let plain = leasehold_protocol::claims::plain(&text);
    plain.map_err(|problem| Fault::refused(Refused::FieldInvalid, format!("{field}: it {problem}")))
}

/// A username: a name without `@`, so that it is nobody's email.
///
/// # Errors
/// `field_invalid`.
pub fn username(given: &str) -> Result<String, Fault> {
    ensure(!given.contains('@'), Refused::FieldInvalid, || "username: it has an @; the email is another field".into())?;
    name(given)
}

/// An address (RFC 5321 without quoting and comments): one `@`, up to 64 bytes before it, 128 in all, nothing that ends a
/// header or starts another address.
///
/// # Errors
/// `field_invalid`.
pub fn email(given: &str) -> Result<String, Fault> {
    let address = optional("email", given)?;
    let (local, domain) = address.split_once('@').unwrap_or_default();
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || "@<>()[]\\,;:\"".contains(letter);
    let dots = |part: &str| part.starts_with('.') || part.ends_with('.') || part.contains("..");
    let good = |part: &str, max: usize| (1..=max).contains(&part.len()) && !part.contains(odd) && !dots(part);
    ensure(good(local, 64) && good(domain, 128), Refused::FieldInvalid, || {
        format!("email: {given:?} is no address like name@example.com")
    })?;
    Ok(address)
}

/// A licensee's name: the account's prefix, then letters, digits, underscores and hyphens (H17, H18).
///
/// # Errors
/// `licensee_name`.
pub fn licensee(prefix: Option<&str>, given: &str) -> Result<String, Fault> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let full = prefix.map_or_else(|| given.to_owned(), |prefix| format!("{prefix}-{given}"));
    let fits = !given.is_empty() && full.len() <= 64 && full.bytes().all(good);
    ensure(fits, Refused::LicenseeName, || format!("{full:?}"))?;
    Ok(full)
}

/// Units that are some, and of kinds the product has.
///
/// # Errors
/// `bad_quantity`.
pub fn quantity(product: &Product, units: &Units) -> Result<(), Fault> {
    ensure(!units.is_none(), Refused::BadQuantity, || "no units".to_owned())?;
    kinds(product, units)
}

/// Units, perhaps none, of kinds the product has.
///
/// # Errors
/// `bad_quantity`.
pub fn kinds(product: &Product, units: &Units) -> Result<(), Fault> {
    let unknown = units.iter().find(|(kind, _)| !product.kinds.iter().any(|known| known == kind));
    match unknown {
        Some((kind, _)) => {
            Err(Fault::refused(Refused::BadQuantity, format!("{} has no units of kind {kind:?}", product.sku)))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t6_a_drawn_code_has_the_form_that_is_asked_for() {
        let mut seed = [0; CODE_SEED_LEN];
        (0..).zip(&mut seed).for_each(|(at, byte): (u8, _)| *byte = at.wrapping_mul(37));
        let code = draw(&seed).expect("a fair seed");
        assert_eq!(parse(&code).expect("its own form"), code);
        assert!(code.bytes().all(|byte| byte == b'-' || ALPHABET.contains(&byte)));
        assert_eq!(draw(&[255; CODE_SEED_LEN]), None);
    }

    #[test]
    fn t6_a_typed_code_is_stored_in_upper_case_or_refused() {
        assert_eq!(parse(" abcd-1234-efgh-5678 ").expect("good"), "ABCD-1234-EFGH-5678");
        for bad in ["", "ABCD", "ABCD-1234-EFGH", "ABCD-1234-EFGH-567", "ABCD-1234-EFGH-56?8", "ABCD-1234-EFGH-5678-"] {
            assert!(matches!(parse(bad), Err(Fault::Refused { refused: Refused::KeyFormat, .. })), "{bad}");
        }
    }

    #[test]
    fn a15_names_compare_after_trim_nfc_and_case_fold() {
        assert_eq!(fold(" Caf\u{e9} "), fold("CAFE\u{301}"));
    }

    #[test]
    fn h17_h18_the_prefix_starts_the_licensee_name_and_odd_letters_are_refused() {
        assert_eq!(licensee(Some("CSV-PS"), "PoolKey").expect("good"), "CSV-PS-PoolKey");
        for bad in ["", "a b", "\u{e4}", &"x".repeat(65)] {
            assert!(licensee(None, bad).is_err(), "{bad}");
        }
    }
}
