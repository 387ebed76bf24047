//! A vendor, a customer and consoles that work with the ledger: batches of commands drawn from a seed.

use super::ledger::{Answers, Job};
use super::orders::{product, units};
use super::random::Random;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::{NewAccount, Profile};
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::message::{Host, Proof, Sender};
use leasehold_protocol::release::Release;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Nonce, PublicKey, Time};
use std::collections::BTreeSet;
use uuid::Uuid;

const ISS: &str = "leasehold.example";
pub const SKU: &str = "OBS-OEM";
const CONSOLES: usize = 6;
const BATCH_LEN_MAX: usize = 6;
const VENDOR: AccountId = AccountId(Uuid::from_u128(1));
pub const CUSTOMER: AccountId = AccountId(Uuid::from_u128(2));

/// A console, the lease in its hand, and the last message that was answered with a lease or a receipt.
#[derive(Debug, Clone)]
pub struct Console {
    device: PublicKey,
    held: Option<Lease>,
    pub answered: Option<(Job, Outcome)>,
}

/// Everybody, and what they know.
#[derive(Debug, Clone)]
pub struct Script {
    pub random: Random,
    pub now: Time,
    pub consoles: Vec<Console>,
    pub codes: Vec<String>,
    pub lots: Vec<HoldingId>,
    pub pools: Vec<HoldingId>,
    pub keys: Vec<KeyId>,
    pub tokens: Vec<TokenId>,
}

impl Script {
    pub fn new(seed: u64) -> Self {
        let console = |number: usize| {
            let device = PublicKey([u8::try_from(number).expect("few") + 1; 32]);
            Console { device, held: None, answered: None }
        };
        Self {
            random: Random::new(seed ^ 0x5c),
            now: Time(19_800 * DAY),
            consoles: (0..CONSOLES).map(console).collect(),
            codes: vec![],
            lots: vec![],
            pools: vec![],
            keys: vec![],
            tokens: vec![],
        }
    }

    /// What the store is made with.
    pub fn first(&self) -> Vec<Job> {
        let profile = Profile { name: "Customer".into(), ..Profile::default() };
        let customer = NewAccount { id: CUSTOMER, parent: VENDOR, kind: AccountKind::EndCustomer, profile };
        let installation = Installation { iss: ISS.into(), vendor: VENDOR, epoch: 1, created: self.now };
        let set_up = Command::SetUp { installation, vendor: "Vendor".into() };
        let admin = |command| Job { actor: Actor::member("root", VENDOR, Role::Admin), command, console: None };
        vec![
            Job { actor: Actor::system("setup"), command: set_up, console: None },
            admin(Command::CreateProduct(product())),
            admin(Command::CreateAccount(customer)),
        ]
    }

    /// The next batch of one commit. A console sends one message in it at most.
    pub fn batch(&mut self) -> Vec<Job> {
        let pause = self.random.below(100_000);
        self.now = self.now.plus(i64::try_from(pause).expect("small"));
        let mut sent = BTreeSet::new();
        let len = 1 + self.random.below(BATCH_LEN_MAX);
        let mut jobs = Vec::with_capacity(len);
        for _ in 0..len {
            let number = self.random.below(CONSOLES);
            let speaks = !self.codes.is_empty() && self.random.chance(70);
            if speaks && sent.insert(number) {
                let command = self.message(number);
                jobs.push(Job { actor: Actor::system("device"), command, console: Some(number) });
            } else {
                let command = self.order();
                jobs.push(Job { actor: Actor::member("root", VENDOR, Role::Admin), command, console: None });
            }
        }
        jobs
    }

    /// What a console sends.
    fn message(&mut self, number: usize) -> Command {
        let nonce = Nonce(self.random.bytes16());
        let console = self.consoles[number].clone();
        let sender = Sender { aud: SKU.into(), iat: self.now, device: console.device, nonce };
        let proof = Proof { held: console.held.as_ref().map(|lease| lease.grant.cti), ..Proof::default() };
        let host = Host { version: "9.1".into(), ..Host::default() };
        let held = None;
        match console.held.map(|lease| lease.grant) {
            Some(grant) if self.random.chance(85) => {
                let (iss, sub, usage) = (ISS.into(), grant.sub, units(1, 0));
                let check = Check { iss, sub, usage, keyset_version: 1, sender, host, proof };
                Command::Check { message: Box::new(check), held }
            }
            Some(grant) if self.random.chance(50) => {
                let release = Release { iss: ISS.into(), sub: grant.sub, sender, proof };
                Command::Release { message: Box::new(release), held }
            }
            held_before => {
                let replaces = held_before.map(|grant| grant.cti).filter(|_| self.random.chance(50));
                let activate = Activate {
                    iss: ISS.into(),
                    code: self.random.one(&self.codes).clone(),
                    device_name: Some(format!("console {number}")),
                    wanted: None,
                    replaces,
                    keyset_version: 1,
                    sender,
                    host,
                    proof,
                };
                Command::Activate { message: Box::new(activate), id: ActivationId(self.random.bytes16()), held }
            }
        }
    }

    /// Learns from the answers: consoles take their leases, people see what was made.
    pub fn settle(&mut self, jobs: &[Job], answers: &Answers) {
        for (job, answer) in jobs.iter().zip(answers) {
            match (&job.command, answer) {
                (_, Ok(Outcome::Lease(lease))) => self.answer(job, Some(lease), answer),
                (_, Ok(Outcome::Receipt(_))) => self.answer(job, None, answer),
                (Command::Mint(purchase), Ok(_)) => {
                    self.lots.extend(purchase.lines.iter().map(|line| line.lot));
                    self.codes.extend(purchase.lines.iter().map(|line| line.code.clone()));
                }
                (Command::Convert { stock, .. }, Ok(_)) => self.pools.push(*stock),
                (Command::CreatePool { id, .. }, Ok(_)) => self.pools.push(*id),
                (Command::CreatePoolKey(new), Ok(_)) => {
                    self.keys.push(new.id);
                    self.codes.push(new.code.clone());
                }
                (Command::CreateToken(token), Ok(_)) => self.tokens.push(token.id),
                _ => {}
            }
        }
    }

    fn answer(&mut self, job: &Job, held: Option<&Lease>, answer: &Result<Outcome, leasehold_ledger::Fault>) {
        let console = &mut self.consoles[job.console.expect("only consoles get leases and receipts")];
        console.held = held.cloned();
        console.answered = answer.as_ref().ok().map(|outcome| (job.clone(), outcome.clone()));
    }
}
