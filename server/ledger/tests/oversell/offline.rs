//! A device without a network: people carry its requests in and its licence files out, and lose some of both.

use super::artefact::Kept;
use super::count::{Count, units};
use super::fleet::Fleet;
use super::ledger::{ISS, SKU};
use super::random::Random;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{AccountId, FreeOn};
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::license::License;
use leasehold_protocol::message::{Host, Sender};
use leasehold_protocol::request::Request;
use leasehold_protocol::surrender::Surrender;
use leasehold_protocol::{ActivationId, Digest, Nonce, PublicKey, Time, Units};

/// A device that runs on licence files.
#[derive(Debug, Clone)]
pub struct Offline {
    device: PublicKey,
    account: AccountId,
    code: String,
    /// Nobody asks for anything for it any more.
    pub is_retired: bool,
    held: Option<License>,
    request: Option<(Request, Digest)>,
    /// What it gave back last, and whether that is still to be carried in.
    pub given_back: Option<(Surrender, bool)>,
    kept: Kept,
}

impl Offline {
    pub fn new(random: &mut Random, account: AccountId, code: String) -> Self {
        let device = PublicKey(random.bytes());
        let (held, request, given_back, kept) = (None, None, None, Kept::default());
        Self { device, account, code, is_retired: false, held, request, given_back, kept }
    }

    /// The units it can be running on at `now`.
    pub fn living(&self, free_on: FreeOn, now: Time) -> Count {
        if free_on == FreeOn::Expiry {
            return self.kept.living(now);
        }
        let held = self.held.as_ref().filter(|license| end(license) > now);
        held.map_or_else(Count::default, |license| Count::of(SKU, &license.grant.units))
    }

    fn sender(&self, random: &mut Random, now: Time) -> Sender {
        Sender { aud: SKU.into(), iat: now, device: self.device, nonce: Nonce(random.bytes()) }
    }

    /// Asks for a file with these units, which takes the place of the one it has.
    fn ask(&mut self, random: &mut Random, now: Time, wanted: Units) {
        let sender = self.sender(random, now);
        let digest = Digest::of(&sender.nonce.0);
        let request = Request {
            iss: Some(ISS.into()),
            code: self.code.clone(),
            device_name: None,
            wanted: Some(wanted),
            replaces: self.held.as_ref().map(|license| license.grant.cti),
            sender,
            host: Host { version: "9".into(), ..Host::default() },
        };
        self.request = Some((request, digest));
    }

    /// Gives its file back: it is unusable before anybody hears of that.
    fn give_back(&mut self, random: &mut Random, now: Time) {
        let sender = self.sender(random, now);
        if let Some(license) = self.held.take() {
            let surrender = Surrender { iss: ISS.into(), sub: license.grant.sub, held: license.grant.cti, sender };
            self.given_back = Some((surrender, true));
        }
    }
}

fn end(license: &License) -> Time {
    license.exp.unwrap_or(Time::MAX)
}

impl Fleet {
    /// Somebody has a day for this device.
    pub fn visit(&mut self, number: u64) {
        if self.snapshot.is_some() {
            return; // see there
        }
        let (time, loss) = (self.time, self.loss);
        let Some(mut device) = self.offline.remove(&number) else { return };
        let random = &mut self.ledger.random;
        match &device.given_back {
            Some((surrender, true)) if !random.chance(loss) => {
                let (account, message) = (device.account, Box::new(surrender.clone()));
                let _taken_or_not = self.ledger.run_as(account, Role::Viewer, Command::TakeReturn { account, message });
                device.given_back = device.given_back.map(|(surrender, _)| (surrender, false));
            }
            Some((_, true)) => {}
            _ if device.request.is_some() => self.carry(&mut device),
            _ if device.held.is_some() && random.chance(10) => device.give_back(random, time),
            _ if !device.is_retired && random.chance(if device.held.is_some() { 15 } else { 60 }) => {
                let wanted = units(1 + random.below(4), random.below(3));
                device.ask(random, time, wanted);
            }
            _ => {}
        }
        self.offline.insert(number, device);
    }

    /// The request is carried in, and the file out, if neither is lost.
    fn carry(&mut self, device: &mut Offline) {
        let Some((request, digest)) = device.request.clone() else { return };
        let (account, id) = (device.account, ActivationId(self.ledger.random.bytes()));
        if self.ledger.random.chance(self.loss) {
            return;
        }
        let answer = Command::AnswerRequest { account, request: Box::new(request), digest, id };
        let Ok(Outcome::File(bytes)) = self.ledger.run_as(account, Role::Viewer, answer) else {
            device.request = None;
            return;
        };
        let license = self.ledger.open(&bytes);
        self.tally.files += 1;
        device.kept.keep(Count::of(SKU, &license.grant.units), end(&license));
        if self.ledger.random.chance(self.loss) {
            return; // it can be downloaded again
        }
        let newer = |held: &License| license.grant.sub != held.grant.sub || license.grant.seq > held.grant.seq;
        if device.held.as_ref().is_none_or(newer) {
            device.held = Some(license);
        }
        device.request = None;
    }
}
