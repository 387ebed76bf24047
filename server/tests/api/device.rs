//! Devices as the tests need them: they activate, ask for licence files, give them back.

use super::world::{NOW, SKU, units};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::check::Check;
use leasehold_protocol::message::{DeviceMessage, Host, Proof, Sender};
use leasehold_protocol::register::Register;
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, Cti, Nonce, PublicKey, SigningKey, Time, Units};

/// The Activation ID of the lot that licence files are asked of.
pub const LOT_CODE: &str = "AAAA-BBBB-CCCC-2222";
/// A device with or without a network.
pub struct Device(pub SigningKey);

impl Device {
    pub fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    fn sender(&self, nonce: u8) -> Sender {
        Sender { aud: SKU.into(), iat: NOW, device: PublicKey::of(&self.0), nonce: Nonce([nonce; 16]) }
    }

    pub fn request(&self, nonce: u8, count: u32) -> Request {
        Request {
            iss: Some("vendor.test".into()),
            code: LOT_CODE.into(),
            device_name: Some("gate 4".into()),
            wanted: Some(units(count)),
            replaces: None,
            sender: self.sender(nonce),
            host: Host { version: "8.1".into(), ..Host::default() },
        }
    }

    pub fn asks(&self, nonce: u8, count: u32) -> Vec<u8> {
        armour::wrap(Label::Request, &self.request(nonce, count).sign(&self.0)).into_bytes()
    }

    pub fn gives_back(&self, activation: ActivationId, seq: u32) -> Vec<u8> {
        let held = Cti::derive(activation, seq);
        let surrender = Surrender { iss: "vendor.test".into(), sub: activation, held, sender: self.sender(99) };
        armour::wrap(Label::Return, &surrender.sign(&self.0)).into_bytes()
    }

    pub fn activates(&self, code: &str) -> Activate {
        Activate {
            iss: "vendor.test".into(),
            keyset_version: 1,
            code: code.into(),
            device_name: Some("server 2".into()),
            wanted: None,
            replaces: None,
            proof: Proof::default(),
            sender: self.sender(1),
            host: Host { version: "8.1".into(), ..Host::default() },
        }
    }
}

impl Device {
    /// A check that follows lease `seq`, made at `iat` by the device's clock.
    pub fn checks(&self, activation: ActivationId, seq: u32, iat: Time) -> Check {
        let nonce = 100 + u8::try_from(seq).expect("few checks");
        Check {
            iss: "vendor.test".into(),
            sub: activation,
            usage: Units::default(),
            keyset_version: 1,
            sender: Sender { iat, ..self.sender(nonce) },
            host: Host { version: "8.1".into(), ..Host::default() },
            proof: Proof { held: Some(Cti::derive(activation, seq)), ..Proof::default() },
        }
    }

    /// Its id in hex.
    pub fn id(&self) -> String {
        PublicKey::of(&self.0).device_id().to_string()
    }

    pub fn registers(&self, code: &str) -> Register {
        Register {
            iss: "vendor.test".into(),
            code: code.into(),
            device_name: Some("till 7".into()),
            keyset_version: 1,
            sender: self.sender(1),
            host: Host { version: "8.1".into(), ..Host::default() },
            proof: Proof::default(),
        }
    }
}

/// The target's enrolment code.
pub const ENROLMENT: &str = "EEEE-FFFF-GGGG-0000";
/// The device that is activated with a pool key.
pub const LEASE_DEVICE: u8 = 40;
/// The device that waits in the target account.
pub const WAITING_DEVICE: u8 = 42;
/// The device whose licence file the world has.
pub const FILE_DEVICE: u8 = 41;
