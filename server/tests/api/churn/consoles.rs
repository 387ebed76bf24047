//! Consoles: what they say at the device port, and what they make of the answers.

use super::call::Heard;
use crate::device::Device;
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::machine::Kind;
use leasehold_protocol::message::{DeviceMessage, Host, Proof, Sender};
use leasehold_protocol::receipt::Receipt;
use leasehold_protocol::refusal::Refusal;
use leasehold_protocol::release::Release;
use leasehold_protocol::{ActivationId, Challenge, Cti, Nonce, PublicKey, Time, Units};

/// Messages that a device sends before time passes: beyond 20 at once the port tells it to slow down, and the last may be two.
pub const MESSAGES_MAX: u32 = 18;

/// A console under one code, for one product.
pub struct Console {
    /// Its device, and that one's number.
    pub device: Device,
    pub number: u8,
    pub code: String,
    pub sku: String,
    pub wanted: Option<Units>,
    /// The lease in whose place it begins.
    pub replaces: Option<Cti>,
    /// The lease it holds, and its bytes.
    pub held: Option<(Lease, Vec<u8>)>,
    /// What it was asked to prove.
    pub challenge: Option<Challenge>,
    /// What it sent last.
    pub last: Option<(Kind, Vec<u8>)>,
    /// Messages it sent since time passed last.
    pub sent: u32,
}

/// What the device port said.
#[derive(Debug)]
pub enum Said {
    Lease(Box<Lease>),
    Receipt,
    Waits,
    No(Refusal),
}

/// Who speaks, about which product, when.
pub fn sender(device: &Device, sku: &str, now: Time, nonce: u64) -> Sender {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&nonce.to_be_bytes());
    let sender = device.request(0, 1).sender;
    Sender { aud: sku.into(), iat: now, nonce: Nonce(bytes), ..sender }
}

impl Console {
    pub fn new(number: u8, code: String, sku: String) -> Self {
        let (device, held, challenge, last) = (Device::new(number), None, None, None);
        Self { device, number, code, sku, wanted: None, replaces: None, held, challenge, last, sent: 0 }
    }

    /// The lease it holds, by its name.
    pub fn cti(&self) -> Option<Cti> {
        self.held.as_ref().map(|(lease, _)| lease.grant.cti)
    }

    pub fn about(&self) -> Option<ActivationId> {
        self.held.as_ref().map(|(lease, _)| lease.grant.sub)
    }

    fn proof(&self) -> Proof {
        let whole = self.challenge.and(self.held.as_ref()).map(|(_, bytes)| bytes.clone());
        Proof { held: self.cti(), challenge: self.challenge, held_lease: whole }
    }

    /// A new message. About a lease only where it holds one.
    pub fn message(&mut self, kind: Kind, now: Time, nonce: u64) -> Option<Vec<u8>> {
        let (sender, proof) = (sender(&self.device, &self.sku, now, nonce), self.proof());
        let iss = "vendor.test".to_owned();
        let bytes = match kind {
            Kind::Register => {
                let mut message = self.device.registers(&self.code);
                message.sender = sender;
                message.sign(&self.device.0)
            }
            Kind::Activate => {
                let mut message = self.device.activates(&self.code);
                (message.sender, message.proof, message.wanted) = (sender, proof, self.wanted.clone());
                message.replaces = self.replaces;
                message.sign(&self.device.0)
            }
            Kind::Check => {
                let (sub, usage) = (self.about()?, Units::default());
                let host = Host { version: "8.1".into(), ..Host::default() };
                Check { iss, sub, usage, keyset_version: 1, sender, host, proof }.sign(&self.device.0)
            }
            Kind::Release => Release { iss, sub: self.about()?, sender, proof }.sign(&self.device.0),
        };
        self.last = Some((kind, bytes.clone()));
        Some(bytes)
    }

    /// What it does about an answer.
    pub fn takes(&mut self, said: &Said, heard: &Heard) {
        match said {
            Said::Lease(lease) => {
                self.held = Some((lease.as_ref().clone(), heard.bytes.to_vec()));
                self.challenge = None;
            }
            Said::Receipt => self.held = None,
            Said::Waits => {}
            Said::No(refusal) => self.challenge = refusal.challenge,
        }
    }
}

/// What an answer says; the server signed it.
pub fn said(heard: &Heard, signer: &PublicKey) -> Result<Said, String> {
    let bytes = &heard.bytes;
    let what = |error: &dyn std::fmt::Display| format!("{} {error}: {:?}", heard.status, heard.json());
    match heard.status {
        200 => Lease::open(bytes, signer)
            .map(|lease| Said::Lease(Box::new(lease)))
            .or_else(|_| Receipt::open(bytes, signer).map(|_| Said::Receipt))
            .map_err(|error| what(&error)),
        202 => Ok(Said::Waits),
        409 => Refusal::open(bytes, signer).map(Said::No).map_err(|error| what(&error)),
        _ => Err(what(&"from the device port")),
    }
}
