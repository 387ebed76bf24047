//! The device's side of the story.

use super::{ACTIVATION, AUD, CODE, Claims, ISS, NONCE, NOW, message, public, units};
use leasehold_protocol::{
    Challenge, Cti, Typ,
    activate::Activate,
    check::Check,
    message::{Host, Proof, Sender},
    register::Register,
    release::Release,
    request::Request,
    surrender::Surrender,
};

fn sender() -> Sender {
    Sender { aud: AUD.into(), iat: NOW, device: public("device"), nonce: NONCE }
}

fn host(claims: Claims) -> Host {
    let fingerprint = [("board".to_owned(), [0xb0; 32]), ("disk".to_owned(), [0xd1; 32])];
    Host { version: "9.2.1".into(), fingerprint: claims.or_default(fingerprint.into()) }
}

fn proof(claims: Claims) -> Proof {
    Proof {
        held: claims.opt(Cti::derive(ACTIVATION, 7)),
        challenge: claims.opt(Challenge([0xc4; 32])),
        held_lease: claims.opt(message(Typ::Lease, Claims::RequiredOnly)),
    }
}

pub fn register(claims: Claims) -> Register {
    Register {
        iss: ISS.into(),
        code: CODE.into(),
        device_name: claims.opt("Atelier 3, Zoë".into()),
        keyset_version: claims.or_default(3),
        sender: sender(),
        host: host(claims),
        proof: proof(claims),
    }
}

pub fn activate(claims: Claims) -> Activate {
    Activate {
        iss: ISS.into(),
        code: CODE.into(),
        device_name: claims.opt("Atelier 3, Zoë".into()),
        wanted: claims.opt(units(4)),
        replaces: claims.opt(Cti([0x0e; 16])),
        keyset_version: claims.or_default(3),
        sender: sender(),
        host: host(claims),
        proof: proof(claims),
    }
}

pub fn check(claims: Claims) -> Check {
    Check {
        iss: ISS.into(),
        sub: ACTIVATION,
        usage: claims.or_default(units(3)),
        keyset_version: claims.or_default(3),
        sender: sender(),
        host: host(claims),
        proof: proof(claims),
    }
}

pub fn release(claims: Claims) -> Release {
    Release { iss: ISS.into(), sub: ACTIVATION, sender: sender(), proof: proof(claims) }
}

pub fn request(claims: Claims) -> Request {
    Request {
        iss: claims.opt(ISS.into()),
        code: CODE.into(),
        device_name: claims.opt("Atelier 3, Zoë".into()),
        wanted: claims.opt(units(4)),
        replaces: claims.opt(Cti([0x0e; 16])),
        sender: sender(),
        host: host(claims),
    }
}

pub fn surrender() -> Surrender {
    Surrender { iss: ISS.into(), sub: ACTIVATION, held: Cti::derive(ACTIVATION, 1), sender: sender() }
}
