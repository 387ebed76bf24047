//! What happens to a console, and what it wants done about it.

use super::notice::{Cannot, Notice};
use super::state::Kind;
use crate::armour::Label;
use crate::claims::plain;
use crate::ids::Nonce;
use crate::message::Host;
use crate::time::Time;
use crate::units::Units;
use std::fmt;

/// The clocks, read by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock; people can set it.
    pub wall: Time,
    /// Seconds since any fixed moment of this process; never goes back.
    pub monotonic: i64,
}

/// Randomness for one step: never used twice, from the system's secure source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Random(pub [u8; 24]);

impl Random {
    /// The nonce of the message this step may make.
    pub(super) fn nonce(self) -> Nonce {
        Nonce(crate::ids::first(&self.0))
    }

    /// A whole number from 0 up to and without `end`; 0 where `end` is not positive.
    pub(super) fn below(self, end: i64) -> i64 {
        let [.., a, b, c, d, e, f, g, h] = self.0;
        let drawn = u128::from(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        let end = u128::try_from(end).unwrap_or(0);
        i64::try_from((drawn * end) >> 64).unwrap_or(0) // below end, which is an i64
    }
}

/// What somebody wants licensed.
#[derive(Clone, PartialEq, Eq)]
pub struct Order {
    /// The key, as typed.
    pub code: String,
    /// What people call the device.
    pub device_name: Option<String>,
    /// Units wanted; none for all the key gives.
    pub wanted: Option<Units>,
    /// Whether it takes the place of what is in hand.
    pub replaces: bool,
    /// The product's version and the machine's fingerprint.
    pub host: Host,
}

/// Without the key code: what is logged by mistake gives no licence away (R15).
impl fmt::Debug for Order {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code: _, device_name, wanted, replaces, host } = self;
        let mut out = out.debug_struct("Order");
        out.field("device_name", device_name).field("wanted", wanted).field("replaces", replaces).field("host", host);
        out.finish_non_exhaustive()
    }
}

impl Order {
    /// An order for all units of a key.
    #[must_use]
    pub fn of(code: &str, version: &str) -> Self {
        let host = Host { version: version.to_owned(), ..Host::default() };
        Self { code: code.to_owned(), device_name: None, wanted: None, replaces: false, host }
    }

    /// Refuses texts that do not travel.
    pub(super) fn check(&self) -> Result<(), Cannot> {
        travels("key", &self.code, self.device_name.as_deref(), &self.host)
    }
}

/// Under whose code a device is to be announced.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The account's enrolment code, as typed.
    pub code: String,
    /// What people call the device.
    pub device_name: Option<String>,
    /// The product's version and the machine's fingerprint.
    pub host: Host,
}

/// Without the code, as [`Order`].
impl fmt::Debug for Enrolment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code: _, device_name, host } = self;
        out.debug_struct("Enrolment").field("device_name", device_name).field("host", host).finish_non_exhaustive()
    }
}

impl Enrolment {
    /// Refuses texts that do not travel.
    pub(super) fn check(&self) -> Result<(), Cannot> {
        travels("enrolment code", &self.code, self.device_name.as_deref(), &self.host)
    }
}

fn travels(typed: &'static str, code: &str, name: Option<&str>, host: &Host) -> Result<(), Cannot> {
    let wrong = |what| move |problem| Cannot::Order { what, problem };
    plain(code).map_err(wrong(typed))?;
    plain(&host.version).map_err(wrong("product version"))?;
    name.map(plain).transpose().map_err(wrong("device name"))?;
    Ok(())
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The clock went on: whatever is due is done. Also the first event after a start.
    Tick,
    /// An enrolment code was entered.
    Register(Enrolment),
    /// A key was entered.
    Activate(Order),
    /// Update now.
    Check,
    /// The units are to be given back.
    Release,
    /// The product says what is in use.
    Usage(Units),
    /// A server answered the last [`Action::Send`].
    Answer {
        /// The HTTP status.
        status: u16,
        /// At most 64 KiB.
        body: Vec<u8>,
        /// Seconds the server asks to wait (`Retry-After`).
        retry_after: Option<u32>,
    },
    /// Nobody answered the last [`Action::Send`].
    NoAnswer,
    /// A keyset arrived, after [`Action::FetchKeyset`] or from a file.
    Keyset(Vec<u8>),
    /// Nobody answered [`Action::FetchKeyset`].
    NoKeyset,
    /// A licence file is wanted.
    Request(Order),
    /// A licence file arrived: the bytes inside its armour.
    License(Vec<u8>),
    /// The licence file is to be given back.
    Return,
}

/// What the caller does, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Put the state on disk, durably, before anything that follows.
    Save,
    /// POST these bytes; then [`Event::Answer`] or [`Event::NoAnswer`].
    Send {
        /// What it is; [`Kind::path`] says where it goes.
        kind: Kind,
        /// The signed message.
        bytes: Vec<u8>,
    },
    /// GET `/v1/keyset`; then [`Event::Keyset`] or [`Event::NoKeyset`].
    FetchKeyset,
    /// Write an armoured file.
    Write {
        /// What it holds.
        label: Label,
        /// The signed message.
        bytes: Vec<u8>,
    },
    /// [`Event::Tick`] at this moment, or sooner.
    Wait(Time),
    /// Tell people.
    Show(Notice),
}
