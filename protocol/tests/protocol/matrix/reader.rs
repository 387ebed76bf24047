//! The places where one artefact is expected, and who takes which.

use crate::samples::{self, AUD, Claims, NONCE, NOW, expected, key, keyset, message, open, public, signer};
use leasehold_protocol::{
    Typ,
    accept::open_license,
    armour::{self, Label},
    keyset::Keyset,
    machine::{Action, Bytes, Enrolment, Event, HeldLease, Machine, Notice, Now, Order, Random, State},
    message::Host,
};

/// A place where one artefact is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reader {
    /// The opener of a type.
    Opener(Typ),
    /// A file of this kind, then the opener of its type.
    File(Label),
    /// [`Keyset::accept`].
    KeysetAccepted,
    /// [`Keyset::unverified`].
    KeysetUnverified,
    /// [`Keyset::judge_lease`].
    LeaseJudged,
    /// [`Keyset::judge_refusal`].
    RefusalJudged,
    /// [`Keyset::judge_receipt`].
    ReceiptJudged,
    /// [`open_license`].
    LicenseFile,
    /// A console that was announced and waits to be licensed.
    ConsoleRegistering,
    /// A console that waits for a lease.
    ConsoleActivating,
    /// A console that waits for a receipt.
    ConsoleReleasing,
    /// A console that is handed a keyset.
    ConsoleKeyset,
    /// A console that waits for a licence file.
    ConsoleImporting,
}

/// Who takes an artefact of this type.
pub fn readers_of(typ: Typ) -> Vec<Reader> {
    use Reader::*;
    let more = match typ {
        Typ::Register | Typ::Activate | Typ::Check | Typ::Release => vec![],
        Typ::Lease => vec![LeaseJudged, ConsoleRegistering, ConsoleActivating],
        Typ::Refusal => vec![RefusalJudged, ConsoleRegistering, ConsoleActivating, ConsoleReleasing],
        Typ::Receipt => vec![ReceiptJudged, ConsoleReleasing],
        Typ::Request => vec![File(Label::Request)],
        Typ::Return => vec![File(Label::Return)],
        Typ::License => vec![File(Label::License), LicenseFile, ConsoleImporting],
        Typ::Keyset => vec![File(Label::Keyset), KeysetAccepted, KeysetUnverified, ConsoleKeyset],
    };
    [vec![Opener(typ)], more].concat()
}

pub fn all_readers() -> Vec<Reader> {
    let mut all = Vec::new();
    for reader in Typ::ALL.iter().flat_map(|typ| readers_of(*typ)) {
        if !all.contains(&reader) {
            all.push(reader);
        }
    }
    all
}

/// The type inside a file of this kind.
pub fn typ_in(label: Label) -> Typ {
    match label {
        Label::License => Typ::License,
        Label::Request => Typ::Request,
        Label::Return => Typ::Return,
        Label::Keyset => Typ::Keyset,
    }
}

impl Reader {
    /// The key whose signature this reader would believe.
    pub fn key(self) -> &'static str {
        match self {
            Reader::Opener(typ) => signer(typ),
            Reader::File(label) => signer(typ_in(label)),
            Reader::KeysetAccepted | Reader::KeysetUnverified | Reader::ConsoleKeyset => "root",
            Reader::LeaseJudged | Reader::RefusalJudged | Reader::ReceiptJudged => "lease",
            Reader::ConsoleRegistering | Reader::ConsoleActivating | Reader::ConsoleReleasing => "lease",
            Reader::LicenseFile | Reader::ConsoleImporting => "file",
        }
    }

    pub fn takes(self, bytes: &[u8]) -> bool {
        let (device, root) = (public("device"), public("root"));
        let judge = keyset(Claims::All);
        match self {
            Reader::Opener(typ) => open(typ, bytes, &public(signer(typ))).is_ok(),
            Reader::File(label) => {
                let inside = armour::unwrap(label, armour::wrap(label, bytes).as_bytes()).expect("our own armour");
                open(typ_in(label), &inside, &public(self.key())).is_ok()
            }
            Reader::KeysetAccepted => Keyset::accept(bytes, &root, 0).is_ok(),
            Reader::KeysetUnverified => Keyset::unverified(bytes).is_ok(),
            Reader::LeaseJudged => judge.judge_lease(bytes, &expected(&device), NOW).is_ok(),
            Reader::RefusalJudged => judge.judge_refusal(bytes, &expected(&device)).is_ok(),
            Reader::ReceiptJudged => judge.judge_receipt(bytes, &expected(&device)).is_ok(),
            Reader::LicenseFile => open_license(bytes, &root, 0).is_ok(),
            Reader::ConsoleRegistering => {
                let host = Host { version: "9.2".into(), ..Host::default() };
                let enrolment = Enrolment { code: samples::CODE.into(), device_name: None, host };
                let answer = Event::Answer { status: 200, body: bytes.into(), retry_after: None };
                believed(state(), Event::Register(enrolment), answer)
            }
            Reader::ConsoleActivating => {
                let order = Order::of(samples::CODE, "9.2");
                believed(
                    state(),
                    Event::Activate(order),
                    Event::Answer { status: 200, body: bytes.into(), retry_after: None },
                )
            }
            Reader::ConsoleReleasing => {
                let held = Bytes(message(Typ::Lease, Claims::All));
                let end = samples::lease(Claims::All).exp;
                let lease = Some(HeldLease { bytes: held, end, unusable: false, proved_by: None });
                let answer = Event::Answer { status: 200, body: bytes.into(), retry_after: None };
                believed(State { lease, ..state() }, Event::Release, answer)
            }
            Reader::ConsoleKeyset => {
                believed(State { keyset: None, iss: None, ..state() }, Event::Tick, Event::Keyset(bytes.into()))
            }
            Reader::ConsoleImporting => {
                let request = Some(Bytes(message(Typ::Request, Claims::All)));
                believed(State { request, ..state() }, Event::Tick, Event::License(bytes.into()))
            }
        }
    }
}

/// A console with the story's keyset.
fn state() -> State {
    let keyset = Some(Bytes(message(Typ::Keyset, Claims::All)));
    State { keyset, iss: Some(samples::ISS.into()), ..State::new(public("root"), AUD) }
}

/// Whether a console, brought to wait by `first`, takes what `second` hands it: then it says so, and its state is another one.
fn believed(state: State, first: Event, second: Event) -> bool {
    let now = Now { wall: NOW, monotonic: 0 };
    let mut random = [0; 24];
    random[..16].copy_from_slice(&NONCE.0);
    let mut console = Machine::new(key("device"), state, now).expect("a good state");
    console.step(first, now, Random(random));
    let before = console.state().clone();
    let actions = console.step(second, now, Random([7; 24]));
    let taken = |action: &Action| {
        let Action::Show(notice) = action else { return false };
        matches!(
            notice,
            Notice::Leased { .. } | Notice::Released | Notice::Resync | Notice::Keyset { .. } | Notice::Licensed { .. }
        )
    };
    let taken = actions.iter().any(taken);
    let in_hand = |state: &State| (state.keyset.clone(), state.lease.clone(), state.license.clone(), state.refusal);
    assert!(taken || in_hand(&before) == in_hand(console.state()), "refused, and yet something is in hand");
    taken
}
