//! A console, as far as the ledger sees it: it names what it holds, accepts answers, repeats messages.

use super::world::{ISS, World, challenge};
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::{Activation, KeyId};
use leasehold_ledger::store::Store;
use leasehold_ledger::{Command, Outcome, view};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::message::{Host, Proof, Sender};
use leasehold_protocol::receipt::Receipt;
use leasehold_protocol::release::Release;
use leasehold_protocol::{ActivationId, Nonce, PublicKey, Refused, Units};

/// A device with its key, its version and the lease in hand.
#[derive(Clone)]
pub struct Console {
    pub device: PublicKey,
    pub host: Host,
    pub sku: String,
    pub held: Option<Lease>,
    pub nonces: u64,
}

impl Console {
    pub fn new(number: u8) -> Self {
        let host = Host { version: "9.1".into(), ..Host::default() };
        Self { device: PublicKey([number; 32]), host, sku: super::world::SKU.into(), held: None, nonces: 0 }
    }

    pub fn sender(&mut self, world: &World) -> Sender {
        self.nonces += 1;
        let mut nonce = [self.device.0[0]; 16];
        nonce[..8].copy_from_slice(&self.nonces.to_be_bytes());
        Sender { aud: self.sku.clone(), iat: world.now, device: self.device, nonce: Nonce(nonce) }
    }

    pub fn proof(&self) -> Proof {
        Proof { held: self.held.as_ref().map(|lease| lease.grant.cti), ..Proof::default() }
    }

    pub fn sub(&self) -> ActivationId {
        self.held.as_ref().expect("a lease is in hand").grant.sub
    }

    pub fn activate(&mut self, world: &World, code: &str) -> Activate {
        Activate {
            iss: ISS.into(),
            code: code.into(),
            device_name: Some(format!("console {}", self.device.0[0])),
            wanted: None,
            replaces: None,
            keyset_version: 1,
            sender: self.sender(world),
            host: self.host.clone(),
            proof: self.proof(),
        }
    }

    pub fn check(&mut self, world: &World) -> Check {
        Check {
            iss: ISS.into(),
            sub: self.sub(),
            usage: Units::default(),
            keyset_version: 1,
            sender: self.sender(world),
            host: self.host.clone(),
            proof: self.proof(),
        }
    }

    pub fn release(&mut self, world: &World) -> Release {
        Release { iss: ISS.into(), sub: self.sub(), sender: self.sender(world), proof: self.proof() }
    }

    /// What it answers to `resync`: the challenge and the lease in hand.
    pub fn proved(&self, world: &World, sub: ActivationId) -> Proof {
        let (activation, slot) = world.activation(sub);
        let held_lease = self.held.as_ref().map(|_| vec![]);
        Proof { challenge: Some(challenge(sub, activation.cti(slot.seq))), held_lease, ..self.proof() }
    }
}

/// What the server answers.
impl World {
    fn device(&mut self, command: Command) -> Outcome {
        self.run(Actor::system("device"), command).expect("a device is answered with an outcome")
    }

    pub fn send_activate(&mut self, message: &Activate, held: Option<&Lease>) -> Outcome {
        let id = ActivationId(*self.draw().as_bytes());
        let held = held.cloned().map(Box::new);
        self.device(Command::Activate { message: Box::new(message.clone()), id, held })
    }

    pub fn send_check(&mut self, message: &Check, held: Option<&Lease>) -> Outcome {
        self.device(Command::Check { message: Box::new(message.clone()), held: held.cloned().map(Box::new) })
    }

    pub fn send_release(&mut self, message: &Release, held: Option<&Lease>) -> Outcome {
        self.device(Command::Release { message: Box::new(message.clone()), held: held.cloned().map(Box::new) })
    }

    /// The console activates and takes the lease.
    pub fn activate(&mut self, console: &mut Console, code: &str) -> Result<Lease, Refused> {
        let message = console.activate(self, code);
        let lease = leased(self.send_activate(&message, None))?;
        console.held = Some(lease.clone());
        Ok(lease)
    }

    /// The console activates in the place of what it holds.
    pub fn replace(&mut self, console: &mut Console, code: &str) -> Result<Lease, Refused> {
        let replaces = console.held.as_ref().map(|lease| lease.grant.cti);
        let message = Activate { replaces, ..console.activate(self, code) };
        let lease = leased(self.send_activate(&message, None))?;
        console.held = Some(lease.clone());
        Ok(lease)
    }

    /// A check whose answer the console takes.
    pub fn check_in(&mut self, console: &mut Console) -> Result<Lease, Refused> {
        let lease = self.lost_check(console)?;
        console.held = Some(lease.clone());
        Ok(lease)
    }

    /// A check whose answer is lost on the way.
    pub fn lost_check(&mut self, console: &mut Console) -> Result<Lease, Refused> {
        let message = console.check(self);
        leased(self.send_check(&message, None))
    }

    /// The console answers a `resync` and takes the lease.
    pub fn resync(&mut self, console: &mut Console) -> Result<Lease, Refused> {
        let check = console.check(self);
        let proof = console.proved(self, check.sub);
        let lease = leased(self.send_check(&Check { proof, ..check }, console.held.as_ref()))?;
        console.held = Some(lease.clone());
        Ok(lease)
    }

    pub fn release(&mut self, console: &mut Console) -> Result<Receipt, Refused> {
        let message = console.release(self);
        receipt(self.send_release(&message, None))
    }
}

pub fn leased(outcome: Outcome) -> Result<Lease, Refused> {
    match outcome {
        Outcome::Lease(lease) => Ok(*lease),
        other => Err(no(other)),
    }
}

pub fn receipt(outcome: Outcome) -> Result<Receipt, Refused> {
    match outcome {
        Outcome::Receipt(receipt) => Ok(receipt),
        other => Err(no(other)),
    }
}

fn no(outcome: Outcome) -> Refused {
    match outcome {
        Outcome::Refusal(refusal) | Outcome::Stranger(refusal) => refusal.refused().expect("a known number"),
        other => panic!("neither the answer nor a no: {other:?}"),
    }
}

impl World {
    /// An activation after which the store is not checked: for many in a row.
    pub fn activate_quietly(&mut self, message: &Activate) {
        let id = ActivationId(*self.draw().as_bytes());
        let command = Command::Activate { message: Box::new(message.clone()), id, held: None };
        self.attempt(Actor::system("device"), &command).expect("a lease");
    }
}

/// Consoles that answer a `resync`, and consoles that go back.
impl Console {
    /// The state of `backup`, with nonces of its own.
    pub fn restored(&self, backup: &Self) -> Self {
        Self { nonces: self.nonces, ..backup.clone() }
    }
}

impl World {
    pub fn activate_again(&mut self, console: &mut Console, code: &str, key: KeyId) -> Result<Lease, Refused> {
        let view = self.store.read().expect("memory");
        let all = view::list::<Activation>(view.as_ref(), &[], None, usize::MAX).expect("sound");
        drop(view);
        let device = console.device.device_id();
        let own = |one: &Activation| one.key == key && one.product == console.sku && one.device == device;
        let sub = all.into_iter().find(own).expect("there is one to resynchronise").id;
        let activate = console.activate(self, code);
        let proof = console.proved(self, sub);
        let held = console.held.clone();
        let lease = leased(self.send_activate(&Activate { proof, ..activate }, held.as_ref()))?;
        console.held = Some(lease.clone());
        Ok(lease)
    }

    pub fn release_again(&mut self, console: &mut Console) -> Result<Receipt, Refused> {
        let release = console.release(self);
        let proof = console.proved(self, release.sub);
        let held = console.held.clone();
        receipt(self.send_release(&Release { proof, ..release }, held.as_ref()))
    }
}
