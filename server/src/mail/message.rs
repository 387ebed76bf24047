//! From letter to message: headers and both bodies (RFC 5322, RFC 2046). lettre encodes each header, so that nothing in a
//! value ends its line.

use super::letter::{Letter, one_line};
use crate::config::Sender;
use leasehold_protocol::Time;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use std::time::{Duration, SystemTime};

/// Who writes, to whom, when.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// Who sends.
    pub from: &'a Sender,
    /// Who gets answers, if not the sender.
    pub reply_to: Option<&'a Sender>,
    /// Whose address it is, as they are called.
    pub name: String,
    /// The address.
    pub to: &'a str,
    /// When it was written.
    pub at: Time,
    /// What no other message is called. A copy of a message has another name, or a mailbox that knows the first one would drop
    /// the only copy whose link works.
    pub id: String,
}

/// A name as it may stand in a header. lettre leaves plain ASCII as it is, and what looks like an encoded word (RFC 2047) would
/// be read as something else.
fn header_text(name: &str) -> String {
    one_line(name).replace("=?", "= ?")
}

/// Puts a letter into a message.
///
/// # Errors
/// What is wrong with the address.
pub fn message(letter: &Letter, envelope: &Envelope<'_>) -> Result<Message, String> {
    let address: Address = envelope.to.parse().map_err(|error| format!("the address is not one: {error}"))?;
    // A name of dots alone is no phrase (RFC 5322, section 3.2.5), and programs fall over it.
    let name = Some(header_text(&envelope.name)).filter(|name| name.contains(char::is_alphanumeric));
    let from = envelope.from.mailbox();
    let seconds = u64::try_from(envelope.at.0).unwrap_or(0);
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(name, address))
        .subject(header_text(&letter.subject))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(format!("<{}@{}>", envelope.id, from.email.domain())))
        // No holiday notes in answer (RFC 3834, section 5).
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()));
    let builder = match envelope.reply_to {
        Some(reply_to) => builder.reply_to(reply_to.mailbox().clone()),
        None => builder,
    };
    let text = |made: askama::Result<String>| made.map_err(|error| error.to_string());
    let body = MultiPart::alternative_plain_html(text(letter.plain())?, text(letter.html())?);
    builder.multipart(body).map_err(|error| error.to_string())
}
