//! A letter: blocks, from which plain text and HTML are made, so that both say the same.
//!
//! Everything that people chose passes through [`one_line`] before it comes here, and askama escapes it in HTML.

use askama::Template;

/// Characters of a name that are shown.
const NAME_LEN_MAX: usize = 120;

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What stands above.
    pub subject: String,
    /// What stands in it, from top to bottom.
    pub blocks: Vec<Block>,
    /// What stands below.
    pub footer: String,
}

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Lines of name and value.
    Facts(Vec<(&'static str, String)>),
    /// An address to open.
    Link(String),
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct Plain<'a> {
    blocks: &'a [Block],
    footer: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    subject: &'a str,
    blocks: &'a [Block],
    footer: &'a str,
}

impl Letter {
    /// As plain text.
    ///
    /// # Errors
    /// askama's own; none with these templates.
    pub fn plain(&self) -> askama::Result<String> {
        Plain { blocks: &self.blocks, footer: &self.footer }.render()
    }

    /// As HTML: no picture, no script, nothing to fetch.
    ///
    /// # Errors
    /// askama's own; none with these templates.
    pub fn html(&self) -> askama::Result<String> {
        Html { subject: &self.subject, blocks: &self.blocks, footer: &self.footer }.render()
    }
}

/// What somebody chose, as one line: no control character, nothing that turns the direction of reading, and not too long.
/// So no name can add a line to a letter, or make one look like another.
#[must_use]
pub fn one_line(text: &str) -> String {
    let is_plain = |c: char| !c.is_control() && !turns(c) && !matches!(c, '\u{2028}' | '\u{2029}');
    let plain: String = text.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(NAME_LEN_MAX) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

/// Marks of the bidirectional algorithm (Unicode Standard Annex 9, section 2).
fn turns(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            subject: "Up & down".into(),
            blocks: vec![
                Block::Text("Hello <b>Ann</b>,".into()),
                Block::Facts(vec![("User name", "ann\"o'".into()), ("Portal", "https://l.example".into())]),
                Block::Link("https://l.example/x?a=1&b=2".into()),
            ],
            footer: "Example & Sons".into(),
        }
    }

    #[test]
    fn plain_text_has_the_words_as_they_are() {
        let text = "Hello <b>Ann</b>,\n\nUser name: ann\"o'\nPortal: https://l.example\n\nhttps://l.example/x?a=1&b=2\n\n\
                    -- \nExample & Sons\n";
        assert_eq!(letter().plain().expect("text").trim_end(), text.trim_end());
    }

    #[test]
    fn html_has_every_word_escaped() {
        let html = letter().html().expect("HTML");
        for shown in [
            "<title>Up &#38; down</title>",
            "<p>Hello &#60;b&#62;Ann&#60;/b&#62;,</p>",
            "<td>ann&#34;o&#39;</td>",
            "<a href=\"https://l.example/x?a=1&#38;b=2\">https://l.example/x?a=1&#38;b=2</a>",
            "Example &#38; Sons</p>",
        ] {
            assert!(html.contains(shown), "{shown}\n{html}");
        }
        assert!(!html.contains("<b>") && !html.contains("src="), "{html}");
    }

    #[test]
    fn a_name_is_one_line_whatever_is_in_it() {
        assert_eq!(one_line(" Ann\r\nBcc: b@l.example\u{2028}\u{202e}x\0 "), "Ann Bcc: b@l.example x");
        assert_eq!(one_line(&"ä".repeat(121)), format!("{}…", "ä".repeat(120)));
        assert_eq!(one_line("Zoë 🦊 O'Hara"), "Zoë 🦊 O'Hara");
    }
}
