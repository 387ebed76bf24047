//! Mail, against a mail server of somebody else's making (aiosmtpd) that each test starts.

#[path = "../common/mod.rs"]
mod common;
mod delivery;
mod facts;
mod mailbox;
mod naughty;
mod office;
mod outbox;
mod process;
mod seats;
mod wire;

use leasehold::config::{Security, Sender, Smtp};
use leasehold::mail::letter::{Block, Letter};
use leasehold::mail::message::{Envelope, message};
use leasehold::mail::smtp::{Transport, Undelivered};
use leasehold_protocol::Time;
use mailbox::Mailbox;
use std::time::Duration;

const NOW: Time = Time(1_800_000_000);

fn sender() -> Sender {
    Sender::try_from("Example Software <licences@l.example>".to_owned()).expect("a sender")
}

/// A mail server on this machine, without TLS.
fn plain(mailbox: &Mailbox) -> Smtp {
    Smtp {
        host: "127.0.0.1".into(),
        security: Security::None,
        port: Some(mailbox.port),
        username: None,
        password_file: None,
        ca: None,
        timeout: 5.try_into().expect("seconds"),
    }
}

fn letter(text: &str) -> Letter {
    Letter { subject: "Hello".into(), blocks: vec![Block::Text(text.into())], footer: "Example".into() }
}

/// Sends a letter to an address.
fn send(settings: &Smtp, letter: &Letter, (name, to): (&str, &str)) -> Result<(), Undelivered> {
    let from = sender();
    let envelope = Envelope { from: &from, reply_to: None, name: name.into(), to, at: NOW, id: "1.a".into() };
    let message = message(letter, &envelope).expect("a message");
    let transport = Transport::open(settings, "l.example").expect("settings that can be used");
    within(20, transport.send(&message))
}

/// Runs `work`, which is to end by itself.
fn within<T>(seconds: u64, work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let limited = async { tokio::time::timeout(Duration::from_secs(seconds), work).await };
    runtime.block_on(limited).expect("it ends in time")
}
