//! The text form of files, as strict as age's: one label, canonical base64 in lines of 64, nothing before or after.

use crate::error::FormatError;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Bytes in the longest armoured file.
pub const FILE_LEN_MAX: usize = 64 * 1024;
const COLUMNS: usize = 64;

/// What a file holds; the words in its first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// A licence file, `.lic`.
    License,
    /// A request for one, `.lreq`.
    Request,
    /// A licence given back, `.lret`.
    Return,
    /// A keyset, `.lks`.
    Keyset,
}

impl Label {
    /// Every label there is.
    pub const ALL: [Label; 4] = [Label::License, Label::Request, Label::Return, Label::Keyset];

    /// The word in the first and last line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Label::License => "LICENSE",
            Label::Request => "REQUEST",
            Label::Return => "RETURN",
            Label::Keyset => "KEYSET",
        }
    }

    /// The file name's extension.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Label::License => "lic",
            Label::Request => "lreq",
            Label::Return => "lret",
            Label::Keyset => "lks",
        }
    }
}

/// The file's text, with LF line ends.
#[must_use]
pub fn wrap(label: Label, bytes: &[u8]) -> String {
    let base64 = STANDARD.encode(bytes);
    let mut text = String::with_capacity(base64.len() + base64.len() / COLUMNS + 80);
    text.push_str(&format!("-----BEGIN LEASEHOLD {}-----\n", label.word()));
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(COLUMNS));
        text.push_str(line);
        text.push('\n');
        rest = more;
    }
    text.push_str(&format!("-----END LEASEHOLD {}-----\n", label.word()));
    text
}

/// The bytes in a file of kind `label`. Line ends are all LF or all CRLF; the last one may be missing.
///
/// # Errors
/// [`FormatError`] saying what is wrong with the file.
pub fn unwrap(label: Label, text: &[u8]) -> Result<Vec<u8>, FormatError> {
    if text.len() > FILE_LEN_MAX {
        return Err(FormatError::TooLarge { len: text.len(), max: FILE_LEN_MAX });
    }
    let wrong = FormatError::Armour;
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii());
    let text = text.ok_or(wrong("it holds bytes that are not ASCII text"))?;
    let lines = lines(text)?;
    let found = lines.first().copied().and_then(|line| word(line, "BEGIN"));
    let found = found.filter(|word| word.bytes().all(|byte| byte.is_ascii_uppercase())); // it goes into an error text
    let found = found.ok_or(wrong("the first line is not -----BEGIN LEASEHOLD ...-----"))?;
    if found != label.word() {
        return Err(FormatError::WrongLabel { expected: label.word(), found: found.chars().take(16).collect() });
    }
    let (Some(last), true) = (lines.last(), lines.len() >= 3) else {
        return Err(wrong("it is truncated: there is nothing after the first line"));
    };
    if word(last, "END") != Some(found) {
        return Err(wrong("it is truncated, or something follows the last line"));
    }
    let body = &lines[1..lines.len() - 1];
    let (final_line, full) = body.split_last().ok_or(wrong("it is truncated: it holds no data"))?;
    if full.iter().any(|line| line.len() != COLUMNS) || !(1..=COLUMNS).contains(&final_line.len()) {
        return Err(wrong("a line of data is not 64 columns wide"));
    }
    STANDARD.decode(body.concat()).map_err(|_| wrong("its data is not canonical base64"))
}

/// The kind of file this is, if its first line says so.
#[must_use]
pub fn label_of(text: &[u8]) -> Option<Label> {
    let first = text.split(|byte| *byte == b'\n').next()?;
    let first = std::str::from_utf8(first).ok()?.trim_end_matches('\r');
    Label::ALL.into_iter().find(|label| word(first, "BEGIN") == Some(label.word()))
}

fn lines(text: &str) -> Result<Vec<&str>, FormatError> {
    let crlf = text.contains('\r');
    let text = text.strip_suffix(if crlf { "\r\n" } else { "\n" }).unwrap_or(text);
    let lines: Vec<&str> = if crlf { text.split("\r\n").collect() } else { text.split('\n').collect() };
    if crlf && lines.iter().any(|line| line.contains(['\r', '\n'])) {
        return Err(FormatError::Armour("its line ends are mixed"));
    }
    Ok(lines)
}

fn word<'a>(line: &'a str, which: &str) -> Option<&'a str> {
    line.strip_prefix("-----")?.strip_prefix(which)?.strip_prefix(" LEASEHOLD ")?.strip_suffix("-----")
}

#[cfg(test)]
mod tests;
