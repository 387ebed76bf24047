//! A device that writes its own messages: what it sent, what it holds, what was acknowledged.

use super::http::{Http, Reply};
use super::now;
use super::seed::{PRODUCT, units};
use super::server::ISS;
use leasehold::random;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::check::Check;
use leasehold_protocol::keyset::{KeyUse, Keyset};
use leasehold_protocol::lease::Lease;
use leasehold_protocol::machine::Kind;
use leasehold_protocol::message::{DeviceMessage, Host, Proof, Sender};
use leasehold_protocol::receipt::Receipt;
use leasehold_protocol::refusal::Refusal;
use leasehold_protocol::register::Register;
use leasehold_protocol::release::Release;
use leasehold_protocol::{Nonce, PublicKey, SigningKey, Units};
use std::io;

/// One device under one key.
pub struct Device {
    key: SigningKey,
    pub code: String,
    pub wanted: Option<Units>,
    /// The last lease acknowledged.
    pub lease: Option<Lease>,
    /// The message that waits for its answer.
    pub pending: Option<(Kind, Vec<u8>)>,
    /// The release that was acknowledged, and its receipt.
    pub released: Option<(Vec<u8>, Vec<u8>)>,
}

/// What an answer said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Lease(Box<Lease>),
    Receipt(Receipt),
    Refusal(Refusal),
    Problem(u16),
}

impl Device {
    pub fn new(code: &str) -> Self {
        let key = SigningKey::from_bytes(&random::bytes());
        Self { key, code: code.into(), wanted: None, lease: None, pending: None, released: None }
    }

    /// One that takes a single unit.
    pub fn modest(code: &str) -> Self {
        Self { wanted: Some(units(1)), ..Self::new(code) }
    }

    pub fn public(&self) -> PublicKey {
        PublicKey::of(&self.key)
    }

    pub fn sender(&self) -> Sender {
        Sender { aud: PRODUCT.into(), iat: now(), device: self.public(), nonce: Nonce(random::bytes()) }
    }

    fn proof(&self) -> Proof {
        Proof { held: self.lease.as_ref().map(|lease| lease.grant.cti), ..Proof::default() }
    }

    /// A message of this kind, about what is in hand.
    pub fn message(&self, kind: Kind) -> Vec<u8> {
        let (iss, sender, proof) = (ISS.to_owned(), self.sender(), self.proof());
        let host = Host { version: "9.1".into(), ..Host::default() };
        let sub = self.lease.as_ref().map(|lease| lease.grant.sub);
        let sub = || sub.expect("it was activated");
        let (code, wanted) = (self.code.clone(), self.wanted.clone());
        let (device_name, replaces, keyset_version) = (Some("Quietdevice".to_owned()), None, 1);
        match kind {
            Kind::Register => Register { iss, code, device_name, keyset_version, sender, host, proof }.sign(&self.key),
            Kind::Activate => {
                Activate { iss, code, device_name, wanted, replaces, keyset_version, sender, host, proof }
                    .sign(&self.key)
            }
            Kind::Check => {
                Check { iss, sub: sub(), usage: units(1), keyset_version, sender, host, proof }.sign(&self.key)
            }
            Kind::Release => Release { iss, sub: sub(), sender, proof }.sign(&self.key),
        }
    }

    /// Says something new, or repeats what waits for its answer, and takes the answer to heart.
    pub fn say(&mut self, http: &mut Http, keys: &Keyset, kind: Kind) -> io::Result<Heard> {
        if self.pending.is_none() {
            self.pending = Some((kind, self.message(kind)));
        }
        let (kind, bytes) = self.pending.clone().expect("just made");
        let reply = http.post(kind.path(), &bytes)?;
        let heard = hear(&reply, keys);
        match &heard {
            Heard::Lease(lease) => self.lease = Some(lease.as_ref().clone()),
            Heard::Receipt(_) => self.released = Some((bytes, reply.body)),
            Heard::Refusal(_) => {}
            Heard::Problem(_) => return Ok(heard), // still waiting
        }
        self.pending = None;
        Ok(heard)
    }

    /// As [`Device::say`], where a lease is expected.
    pub fn takes(&mut self, http: &mut Http, keys: &Keyset, kind: Kind) -> Lease {
        match self.say(http, keys, kind).expect("the server answers") {
            Heard::Lease(lease) => *lease,
            other => panic!("{kind:?} got {other:?}"),
        }
    }
}

/// The keyset of a server.
pub fn keyset(http: &mut Http, root: &PublicKey) -> Keyset {
    let reply = http.get("/v1/keyset").expect("the server answers");
    assert_eq!(reply.status, 200, "{}", reply.text());
    Keyset::open(&reply.body, root).expect("the root signed the keyset")
}

/// What a reply says; every signature is checked against the lease keys of `keys`.
pub fn hear(reply: &Reply, keys: &Keyset) -> Heard {
    let mut signers = keys.keys.iter().filter(|key| key.usage == KeyUse::Lease).map(|key| key.public);
    let heard = signers.find_map(|key| match reply.status {
        200 => Lease::open(&reply.body, &key)
            .map(|lease| Heard::Lease(Box::new(lease)))
            .or_else(|_| Receipt::open(&reply.body, &key).map(Heard::Receipt))
            .ok(),
        409 => Refusal::open(&reply.body, &key).map(Heard::Refusal).ok(),
        status => Some(Heard::Problem(status)),
    });
    heard.unwrap_or_else(|| panic!("a {} nobody signed: {}", reply.status, reply.text()))
}
