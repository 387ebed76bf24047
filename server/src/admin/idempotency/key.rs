//! The key as it stands in the header: a structured field string (RFC 9651, 3.3.3), or the same without its quotes.

use super::KEY;
use crate::admin::problem::Problem;
use axum::http::{HeaderMap, StatusCode};

/// Letters in the longest key.
const KEY_LEN_MAX: usize = 255;

/// The key of a request.
///
/// # Errors
/// 400 `idempotency_key_invalid`.
pub fn read(headers: &HeaderMap) -> Result<String, Problem> {
    let mut values = headers.get_all(KEY).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(invalid("there are several")) };
    let text = value.to_str().map_err(|_| invalid("it is not ASCII"))?.trim();
    let key = match text.strip_prefix('"') {
        Some(rest) => unquoted(rest).ok_or_else(|| invalid("its quotes do not fit"))?,
        None if text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"') => text.to_owned(),
        None => return Err(invalid("without quotes it has no spaces and no quotes in it")),
    };
    if (1..=KEY_LEN_MAX).contains(&key.len()) { Ok(key) } else { Err(invalid("it has 1 to 255 letters")) }
}

/// What stands before the closing quote, which must be the last letter.
fn unquoted(text: &str) -> Option<String> {
    let mut key = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next()? {
            '"' => return letters.next().is_none().then_some(key),
            '\\' => key.push(letters.next().filter(|letter| matches!(letter, '"' | '\\'))?),
            letter if letter == ' ' || letter.is_ascii_graphic() => key.push(letter),
            _ => return None,
        }
    }
}

fn invalid(detail: &str) -> Problem {
    let title = "The Idempotency-Key is not understood";
    Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_invalid", title, detail)
        .hint("Send a text in double quotes, such as a random UUID, new for each new request.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn key(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(KEY, HeaderValue::from_str(value).expect("a value"));
        read(&headers).ok()
    }

    #[test]
    fn a_key_is_a_string_with_or_without_quotes() {
        for (value, read) in [("\"a b\"", "a b"), ("a-b", "a-b"), (r#""a\"\\b""#, r#"a"\b"#), ("\"x\" ", "x")] {
            assert_eq!(key(value).as_deref(), Some(read), "{value}");
        }
        let long = "x".repeat(256);
        for bad in ["", "\"\"", "\"a", "a\"", "a b", "\"a\";b", r#""a\b""#, "\"\t\"", &long] {
            assert_eq!(key(bad), None, "{bad}");
        }
    }

    #[test]
    fn two_keys_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(KEY, HeaderValue::from_static("a"));
        headers.append(KEY, HeaderValue::from_static("a"));
        assert!(read(&headers).is_err());
    }
}
