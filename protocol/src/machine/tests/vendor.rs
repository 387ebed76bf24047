//! A vendor in memory: keys, a keyset, one record a device, answers by the rule of freshness. Test double of the server.

use super::leasehold_protocol::{
    ActivationId, Challenge, Cti, Digest, Nonce, PublicKey, Refused, SigningKey, Time, Units,
    activate::Activate,
    check::Check,
    keyset::{KeyEntry, KeyUse, Keyset},
    lease::{AtExpiry, Grant, Lease},
    license::License,
    machine::Kind,
    message::{DeviceMessage, Proof, Sender},
    receipt::Receipt,
    refusal::Refusal,
    register::Register,
    release::Release,
    request::Request,
    time::DAY,
};
use std::collections::BTreeMap;

/// 2026-01-01T00:00:00Z: where every test begins.
pub const START: Time = Time(1_767_225_600);
pub const ISS: &str = "test.example";
pub const PRODUCT: &str = "suite";
pub const CODE: &str = "AAAA-BBBB-CCCC-DDDD";
pub const ENROLMENT: &str = "EEEE-FFFF-GGGG-HHHH";
pub const TERM: i64 = 14 * DAY;

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn units(count: u32) -> Units {
    Units::of("OBM", count).expect("a good kind")
}

/// One device's activation.
pub struct Record {
    seq: u32,
    cti: Cti,
    nonce: Nonce,
    last: (u16, Vec<u8>),
    released: bool,
}

pub struct Vendor {
    pub root: SigningKey,
    pub lease_key: SigningKey,
    pub file_key: SigningKey,
    pub keyset_version: u32,
    pub revoked: Vec<PublicKey>,
    pub clock: Time,
    /// Seconds a lease lasts.
    pub term: i64,
    pub units: Units,
    /// Refuses every check and activation with this.
    pub refuse: Option<Refused>,
    pub records: BTreeMap<PublicKey, Record>,
    /// Answers made, by what was asked.
    pub answered: Vec<Kind>,
    /// Somebody has licensed the devices that are announced.
    pub licensed: bool,
    /// Asks for proof whatever it is given.
    pub deaf: bool,
    /// Resync rounds completed.
    pub rewinds: u32,
}

impl Vendor {
    pub fn new() -> Self {
        Self {
            root: key(1),
            lease_key: key(2),
            file_key: key(3),
            keyset_version: 1,
            revoked: vec![],
            clock: START,
            term: TERM,
            units: units(10),
            refuse: None,
            records: BTreeMap::new(),
            answered: vec![],
            licensed: false,
            deaf: false,
            rewinds: 0,
        }
    }

    pub fn keyset(&self) -> Vec<u8> {
        let entry = |key: &SigningKey, usage| {
            let public = PublicKey::of(key);
            let (nbf, exp) = (START.plus(-DAY), START.plus(730 * DAY));
            let max_term = (usage == KeyUse::Lease).then_some(3 * TERM);
            KeyEntry { public, usage, nbf, exp, max_term, revoked: self.revoked.contains(&public) }
        };
        let mut keys = vec![entry(&self.lease_key, KeyUse::Lease), entry(&self.file_key, KeyUse::File)];
        let lost = self.revoked.iter().filter(|lost| keys.iter().all(|key| key.public != **lost));
        let lost: Vec<KeyEntry> =
            lost.map(|lost| KeyEntry { public: *lost, ..entry(&self.lease_key, KeyUse::Lease) }).collect();
        keys.extend(lost.into_iter().map(|key| KeyEntry { revoked: true, ..key }));
        let (version, iat, exp) = (self.keyset_version, self.clock, START.plus(730 * DAY));
        Keyset { iss: ISS.into(), version, iat, exp, keys }.sign(&self.root)
    }

    /// A new lease key, certified by a newer keyset; the old one is revoked.
    pub fn revoke_lease_key(&mut self, seed: u8) {
        self.revoked.push(PublicKey::of(&self.lease_key));
        self.lease_key = key(seed);
        self.keyset_version += 1;
    }

    /// The server's answer: HTTP status and body.
    pub fn answer(&mut self, kind: Kind, bytes: &[u8]) -> (u16, Vec<u8>) {
        self.answered.push(kind);
        match kind {
            Kind::Register => {
                let asked = Register::open(bytes).expect("a console signs what it sends");
                let refused = if asked.code == ENROLMENT { self.refuse } else { Some(Refused::EnrolmentInvalid) };
                if refused.is_none() && !self.licensed {
                    return (202, vec![]);
                }
                self.renew(&asked.sender, &asked.proof, refused)
            }
            Kind::Activate => {
                let asked = Activate::open(bytes).expect("a console signs what it sends");
                let refused = if asked.code == CODE { self.refuse } else { Some(Refused::KeyInvalid) };
                self.renew(&asked.sender, &asked.proof, refused)
            }
            Kind::Check => {
                let asked = Check::open(bytes).expect("a console signs what it sends");
                self.renew(&asked.sender, &asked.proof, self.refuse)
            }
            Kind::Release => {
                let asked = Release::open(bytes).expect("a console signs what it sends");
                self.release(&asked)
            }
        }
    }

    fn renew(&mut self, sender: &Sender, proof: &Proof, refused: Option<Refused>) -> (u16, Vec<u8>) {
        let record = self.records.get(&sender.device);
        if let Some(again) = record.filter(|record| record.nonce == sender.nonce) {
            return again.last.clone();
        }
        if let Some(refused) = refused {
            return self.refuse(sender, refused);
        }
        if let Some(resync) = self.resync(sender, proof) {
            return resync;
        }
        let device = sender.device;
        let sub = ActivationId([device.0[0]; 16]);
        let seq = self.records.get(&device).map_or(1, |record| record.seq + 1);
        let cti = Cti::derive(sub, seq);
        let lease = self.lease(sender, sub, seq).sign(&self.lease_key);
        let last = (200, lease.clone());
        self.records.insert(device, Record { seq, cti, nonce: sender.nonce, last, released: false });
        (200, lease)
    }

    pub fn lease(&self, sender: &Sender, sub: ActivationId, seq: u32) -> Lease {
        Lease {
            grant: self.grant(sender, sub, seq),
            exp: self.clock.plus(self.term),
            renew: (self.clock.plus(DAY), self.clock.plus(DAY + 6 * 3600)),
            keyset_version: self.keyset_version,
            epoch: 1,
            notices: vec![],
        }
    }

    fn grant(&self, sender: &Sender, sub: ActivationId, seq: u32) -> Grant {
        Grant {
            iss: ISS.into(),
            sub,
            aud: sender.aud.clone(),
            nbf: self.clock,
            iat: self.clock,
            cti: Cti::derive(sub, seq),
            device: sender.device,
            nonce: sender.nonce,
            units: self.units.clone(),
            features: vec!["backup".into()],
            licensee: "Example-Licensee".into(),
            free_upgrade_until: None,
            at_expiry: AtExpiry::Stop,
            seq,
        }
    }

    /// The refusal `resync` to a message that does not follow the last answer and brings no challenge.
    fn resync(&mut self, sender: &Sender, proof: &Proof) -> Option<(u16, Vec<u8>)> {
        let record = self.records.get(&sender.device)?;
        let challenge = Challenge(Digest::of(&record.cti.0).0);
        if proof.held == Some(record.cti) && !self.deaf {
            return None;
        }
        if proof.challenge == Some(challenge) && !self.deaf {
            self.rewinds += u32::from(!record.released); // what was given back is not gone back to
            return None;
        }
        let refusal = Refusal { challenge: Some(challenge), ..self.refusal(sender, Refused::Resync) };
        Some((409, refusal.sign(&self.lease_key)))
    }

    fn refuse(&self, sender: &Sender, refused: Refused) -> (u16, Vec<u8>) {
        (409, self.refusal(sender, refused).sign(&self.lease_key))
    }

    pub fn refusal(&self, sender: &Sender, refused: Refused) -> Refusal {
        let (iat, device, nonce) = (self.clock, sender.device, sender.nonce);
        Refusal { iss: ISS.into(), sub: None, iat, device, nonce, number: refused as u16, challenge: None }
    }

    fn release(&mut self, asked: &Release) -> (u16, Vec<u8>) {
        let released = self.records.get(&asked.sender.device).is_some_and(|record| record.released);
        if let Some(resync) = self.resync(&asked.sender, &asked.proof).filter(|_| !released) {
            return resync;
        }
        let Some(record) = self.records.get_mut(&asked.sender.device) else {
            return self.refuse(&asked.sender, Refused::KeyInvalid);
        };
        record.released = true;
        let (iat, device, nonce) = (self.clock, asked.sender.device, asked.sender.nonce);
        let receipt = Receipt { iss: ISS.into(), sub: asked.sub, iat, device, nonce, held: record.cti };
        (200, receipt.sign(&self.lease_key))
    }

    /// The licence file that answers a request, ending after `term` seconds or never.
    pub fn license(&self, request: &[u8], term: Option<i64>) -> Vec<u8> {
        let asked = Request::open(request).expect("a console signs what it writes");
        let sub = ActivationId([0xf1; 16]);
        let grant = self.grant(&asked.sender, sub, 1);
        let exp = term.map(|term| self.clock.plus(term));
        let license = License { grant, exp, request: Digest::of(request), replaces: asked.replaces };
        license.sign(&self.file_key, &self.keyset())
    }
}
