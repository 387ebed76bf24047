//! The books, the devices, and what each hears.

use super::mutant::forget;
use super::{DEVICES, KEYS, Step};
use crate::rules::console::Console;
use crate::rules::world::{Lot, PoolKey, SKU, World, units};
use leasehold_ledger::actor::Actor;
use leasehold_ledger::draft::Fault;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::line::LineTransfer;
use leasehold_ledger::store::Store;
use leasehold_ledger::{Command, Outcome, view};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, PublicKey, Refused, SigningKey, Time, Units};
use std::collections::BTreeMap;

/// A device, and every lease that was ever signed for it, by activation.
struct Device {
    console: Console,
    /// The key it was activated with last.
    key: usize,
    kept: BTreeMap<ActivationId, Vec<(Units, Time)>>,
}

pub struct Bench {
    world: World,
    signer: SigningKey,
    free_on: FreeOn,
    forgets: bool,
    partner: AccountId,
    customer: AccountId,
    lots: [Lot; 2],
    keys: [PoolKey; 2],
    devices: Vec<Device>,
}

impl Bench {
    pub fn new(free_on: FreeOn, forgets: bool) -> Self {
        let mut world = World::with(free_on);
        let partner = world.reseller("Partner");
        let customer = world.create_account(world.root(), partner, AccountKind::EndCustomer, "Customer");
        let lots = [world.mint(partner, units(3, 0)), world.mint(customer, units(2, 0))];
        world.pooled(partner, units(5, 0));
        let pool = world.pool(partner, "Pool", units(5, 0));
        let keys = [world.pool_key(pool, "A", units(3, 0)), world.pool_key(pool, "B", units(2, 0))];
        let changes = vec![("rehosts_max".to_owned(), Some(SettingValue::Number(1000)))];
        for account in [partner, customer] {
            world.done(
                world.root(),
                Command::ChangeSettings { scope: Scope::Account(account), changes: changes.clone() },
            );
        }
        let devices =
            (1..).take(DEVICES).map(|number| Device { console: Console::new(number), key: 0, kept: BTreeMap::new() });
        let (devices, signer) = (devices.collect(), SigningKey::from_bytes(&[7; 32]));
        Self { world, signer, free_on, forgets, partner, customer, lots, keys, devices }
    }

    fn send(&mut self, actor: Actor, command: &Command) -> Result<Outcome, Refused> {
        let outcome = match self.world.attempt(actor, command) {
            Ok(outcome) => outcome,
            Err(Fault::Refused { refused, .. }) => return Err(refused),
            Err(fault) => panic!("{fault} by {command:?}"),
        };
        if self.forgets {
            forget(&self.world);
        } else {
            self.world.check(&format!("{command:?}"));
        }
        Ok(outcome)
    }

    /// What a device is answered: a lease in signed bytes, which it opens; or a no.
    fn hears(&mut self, device: usize, command: &Command, lost: bool) -> Result<Units, Refused> {
        let outcome = self.send(Actor::system("device"), command).expect("a device is answered");
        let Outcome::Lease(lease) = outcome else {
            let (Outcome::Refusal(no) | Outcome::Stranger(no)) = outcome else { panic!("no answer: {outcome:?}") };
            return Err(no.refused().expect("a known number"));
        };
        let bytes = lease.sign(&self.signer);
        let lease = Lease::open(&bytes, &PublicKey::of(&self.signer)).expect("its own signature");
        let device = &mut self.devices[device];
        device.kept.entry(lease.grant.sub).or_default().push((lease.grant.units.clone(), lease.exp));
        let given = lease.grant.units.clone();
        if !lost {
            device.console.held = Some(lease);
        }
        Ok(given)
    }

    fn activate(&mut self, device: usize, key: usize) -> Result<Units, Refused> {
        self.devices[device].key = key;
        let (code, id) = match key {
            0 | 1 => (self.lots[key].code.clone(), self.lots[key].key),
            _ => (self.keys[key - 2].code.clone(), self.keys[key - 2].id),
        };
        // Some take all there is, others share a line.
        let wanted = (key < 2 && device % 2 == 1).then(|| units(1, 0));
        let message = self.devices[device].console.activate(&self.world, &code);
        let message = Activate { wanted, ..message };
        let new = ActivationId(*self.world.draw().as_bytes());
        let send = |message: Activate, held| Command::Activate { message: Box::new(message), id: new, held };
        match self.hears(device, &send(message.clone(), None), false) {
            Err(Refused::Resync) => {}
            answer => return answer,
        }
        let view = self.world.store.read().expect("memory");
        let all = view::list::<Activation>(view.as_ref(), &[], None, usize::MAX).expect("sound");
        drop(view);
        let console = &mut self.devices[device].console;
        let own = |one: &Activation| one.key == id && one.device == console.device.device_id();
        let sub = all.into_iter().find(own).expect("there is one to resynchronise").id;
        let (proof, held) = (console.proved(&self.world, sub), console.held.clone());
        let sender = console.sender(&self.world);
        self.hears(device, &send(Activate { proof, sender, ..message }, held.map(Box::new)), false)
    }

    fn check(&mut self, device: usize, lost: bool) -> Result<Units, Refused> {
        let console = &mut self.devices[device].console;
        if console.held.is_none() {
            return Ok(Units::default());
        }
        let message = console.check(&self.world);
        let send = |message: Check, held| Command::Check { message: Box::new(message), held };
        match self.hears(device, &send(message.clone(), None), lost) {
            Err(Refused::Resync) => {}
            answer => return answer,
        }
        let console = &mut self.devices[device].console;
        let (proof, held) = (console.proved(&self.world, message.sub), console.held.clone());
        let sender = console.sender(&self.world);
        self.hears(device, &send(Check { proof, sender, ..message }, held.map(Box::new)), lost)
    }

    fn of(&self, device: usize) -> Option<ActivationId> {
        self.devices[device].console.held.as_ref().map(|lease| lease.grant.sub)
    }

    pub fn run(&mut self, step: &Step) {
        let root = self.world.root();
        let about = |activation: Option<ActivationId>, command: fn(ActivationId) -> Command| activation.map(command);
        let command = match *step {
            Step::Activate(device, key) => {
                let _refused_or_not = self.activate(device, key);
                return;
            }
            Step::Check(device, lost) => {
                let _refused_or_not = self.check(device, lost);
                return;
            }
            Step::Hours(hours) => return self.world.pass(hours * DAY / 24),
            Step::Release(device) => {
                let console = &mut self.devices[device].console;
                if console.held.is_none() {
                    return;
                }
                let message = Box::new(console.release(&self.world));
                let answer = self.send(Actor::system("device"), &Command::Release { message, held: None });
                if matches!(answer, Ok(Outcome::Receipt(_))) {
                    self.devices[device].console.held = None;
                }
                return;
            }
            Step::Stop(device) => about(self.of(device), |activation| Command::StopRenewal { activation }),
            Step::Resume(device) => about(self.of(device), |activation| Command::ResumeRenewal { activation }),
            Step::Rehost(device) => self.rehost(device),
            Step::Replace(dead, next) => {
                if let Some(command) = self.rehost(dead)
                    && self.send(root, &command).is_ok()
                    && dead != next
                {
                    let _refused_or_not = self.activate(next, self.devices[dead].key);
                }
                return;
            }
            Step::Reserve(count) => {
                let (account, reserve) = (self.partner, HoldingId(self.world.draw()));
                Some(Command::MintReserve { account, reserve, sku: SKU.into(), units: units(count, 0) })
            }
            Step::KeyQuota(key, count) => Some(Command::SetKeyQuota { key: self.keys[key].id, quota: units(count, 0) }),
            Step::Transfer(back, new, count) => Some(self.transfer(back, new, count)),
        };
        if let Some(command) = command {
            let _refused_or_not = self.send(root, &command);
        }
    }

    fn rehost(&mut self, device: usize) -> Option<Command> {
        let reserve = HoldingId(self.world.draw());
        self.of(device).map(|activation| Command::Rehost { activation, reserve })
    }

    fn transfer(&mut self, back: bool, new: bool, count: u32) -> Command {
        let (from, to) = if back { (1, 0) } else { (0, 1) };
        let account = [self.partner, self.customer][to];
        let into = (!new).then_some(self.lots[to].id);
        let what = self.world.line_transfer(self.lots[from].id, account, units(count, 0));
        Command::TransferLine(Box::new(LineTransfer { into, ..what }))
    }

    /// What devices can run on now, by the bytes they have: what they hold, or under `expiry` whatever they ever got.
    pub fn living(&self) -> Units {
        let now = self.world.now;
        let add = |all: Units, one: &Units| all.checked_add(one).expect("small");
        self.devices.iter().fold(Units::default(), |all, device| match self.free_on {
            FreeOn::Expiry => device.kept.values().fold(all, |all, kept| {
                let living = kept.iter().filter(|(_, exp)| *exp > now);
                add(all, &living.fold(Units::default(), |most, (units, _)| most.max(units)))
            }),
            _ => {
                let held = device.console.held.as_ref().filter(|lease| lease.exp > now);
                held.map_or(all.clone(), |lease| add(all, &lease.grant.units))
            }
        })
    }

    fn holdings(&self) -> Vec<Holding> {
        let view = self.world.store.read().expect("memory");
        view::list::<Holding>(view.as_ref(), &[], None, usize::MAX).expect("sound")
    }

    pub fn is_oversold(&self) -> bool {
        let minted = self.holdings().iter().map(|one| one.minted.count("OBM")).sum::<u32>();
        self.living().count("OBM") > minted
    }

    /// Two weeks later every lease has ended, and a new device gets all a key gives.
    pub fn serves(&mut self) {
        self.world.days(15);
        for key in 0..KEYS {
            let home = if key < 2 { self.lots[key].id } else { self.keys[key - 2].allotment };
            let all = self.world.holding(home).units;
            let console = Console::new(200 + u8::try_from(key).expect("few"));
            self.devices.push(Device { console, key, kept: BTreeMap::new() });
            let code = if key < 2 { self.lots[key].code.clone() } else { self.keys[key - 2].code.clone() };
            let message = Box::new(self.devices.last_mut().expect("just put").console.activate(&self.world, &code));
            let id = ActivationId(*self.world.draw().as_bytes());
            let device = self.devices.len() - 1;
            let given = self.hears(device, &Command::Activate { message, id, held: None }, false);
            let expected = if all.is_none() { Err(Refused::InsufficientUnits) } else { Ok(all) };
            assert_eq!(given, expected, "key {key} is starved");
        }
    }
}
