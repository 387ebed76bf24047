//! Everything there is: a ledger, a reseller and two customers, their consoles and devices without a network.

pub mod owned;

use super::console::{Console, Wish};
use super::count::{Count, units};
use super::ledger::{Ink, Ledger, SKU};
use super::measure::{Bought, Tally};
use super::mutant::Wrong;
use super::offline::Offline;
use super::snapshot::Snapshot;
use super::stories::Stories;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::people::{NewUser, People, Place, Welcome};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::{NewAccount, Profile};
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_protocol::{Refused, Time, Units};
use owned::{Customer, Reseller, Slot};
use std::collections::BTreeMap;

/// Keys of a pool, each with a console.
pub const CONSOLES: usize = 10;

/// Everything.
pub struct Fleet {
    pub ledger: Ledger,
    pub free_on: FreeOn,
    pub reseller: Reseller,
    pub customers: Vec<Customer>,
    pub consoles: BTreeMap<u64, Console>,
    pub offline: BTreeMap<u64, Offline>,
    pub bought: Bought,
    pub tally: Tally,
    /// Percent of requests, and of answers, that are lost.
    pub loss: u32,
    /// The time, whatever the server's clock shows.
    pub time: Time,
    /// Seconds the server's clock is ahead; below zero it is behind.
    pub ahead: i64,
    /// A backup that may yet be needed.
    pub snapshot: Option<Box<Snapshot>>,
    /// Restorations so far, and until when nobody is promised anything after the last.
    pub restored: u32,
    /// Percent of calm days on which a backup is made that will be put back.
    pub rollbacks: u32,
    pub resting: Time,
    pub numbered: u64,
    /// What happens in this world beside the rest.
    pub stories: Stories,
}

impl Fleet {
    pub fn new(seed: u64, free_on: FreeOn, wrong: Option<Wrong>, ink: Ink) -> Self {
        let mut ledger = Ledger::new(seed, wrong, ink);
        let loss = 10 + ledger.random.below(21);
        let stories = Stories::of(wrong, &mut ledger.random);
        let (time, id, parent) = (ledger.now, AccountId(ledger.draw()), ledger.vendor);
        let holdings = [HoldingId(ledger.draw()), HoldingId(ledger.draw())];
        let (customers, consoles, offline) = (vec![], BTreeMap::new(), BTreeMap::new());
        let mut fleet = Self {
            ledger,
            free_on,
            reseller: Reseller { id, holdings, permits: vec![] },
            customers,
            consoles,
            offline,
            bought: Bought::default(),
            tally: Tally::new(seed),
            loss,
            time,
            ahead: 0,
            snapshot: None,
            restored: 0,
            rollbacks: if wrong == Some(Wrong::NoQuarantine) { 20 } else { 1 },
            resting: time,
            numbered: 0,
            stories,
        };
        fleet.account(id, parent, AccountKind::Reseller);
        fleet.stock_up(id, holdings, &units(2, 1)); // whatever lies idle hides what is oversold
        (0..2).for_each(|_| fleet.customer());
        (0..2).for_each(|customer| (0..4).for_each(|_| fleet.shared(customer)));
        fleet
    }

    fn account(&mut self, id: AccountId, parent: AccountId, kind: AccountKind) {
        let may_create_customers = kind == AccountKind::Reseller;
        let profile = Profile { name: format!("Account {id}"), may_create_customers, ..Profile::default() };
        self.ledger.must(Command::CreateAccount(NewAccount { id, parent, kind, profile }));
    }

    /// Buys units and puts them into a new pool.
    fn stock_up(&mut self, account: AccountId, [stock, pool]: [HoldingId; 2], bought: &Units) {
        let (lot, _) = self.mint(account, bought, None);
        self.ledger.must(Command::Convert { lot, stock, force: false });
        let (name, sku, free_on) = ("Pool".into(), SKU.into(), self.free_on);
        self.ledger.must(Command::CreatePool { id: pool, account, name, sku, free_on });
        self.ledger.must(Command::SetPoolQuota { pool, quota: bought.clone() });
    }

    /// A customer of the reseller's with one pool of ten keys on ten consoles.
    fn customer(&mut self) {
        let (id, parent) = (AccountId(self.ledger.draw()), self.reseller.id);
        self.account(id, parent, AccountKind::EndCustomer);
        let (stock, pool) = (HoldingId(self.ledger.draw()), HoldingId(self.ledger.draw()));
        self.stock_up(id, [stock, pool], &units(60, 40)); // as much as the keys have, or nobody would notice
        let slots = (0..CONSOLES).map(|_| self.slot(pool, units(6, 4), None).expect("the pool has it")).collect();
        let from = if self.ledger.random.chance(50) { "end" } else { "today" };
        let often = ("rehosts_max".to_owned(), Some(SettingValue::Number(100)));
        let extended = ("extend_from".to_owned(), Some(SettingValue::Word(from.to_owned())));
        self.ledger.must(Command::ChangeSettings { scope: Scope::Account(id), changes: vec![often, extended] });
        let (owner, member) = (self.user(id, "owner"), self.user(id, "member"));
        self.ledger.must(Command::People(Box::new(People::HandOver { account: id, user: owner })));
        let [standard, dates] = [HoldingId(self.ledger.draw()), HoldingId(self.ledger.draw())];
        let (pools, seats, lots, shared, changed) = (vec![pool], vec![], vec![], vec![], self.ledger.now);
        let (licensed, dated, floats, active) = (None, None, None, true);
        self.customers.push(Customer {
            id,
            owner,
            member,
            stock,
            standard,
            dates,
            pools,
            slots,
            seats,
            lots,
            shared,
            licensed,
            dated,
            floats,
            active,
            changed,
        });
    }

    fn user(&mut self, account: AccountId, name: &str) -> UserId {
        let id = UserId(self.ledger.draw());
        let username = Some(format!("{name}-{}", id.0.simple()));
        let email = format!("{name}-{}@example.com", id.0.simple());
        let (person, password) = (Person::default(), Some(PasswordHash("$phc$first".into())));
        let (place, welcome) = (Place::Member { account, role: Role::Viewer }, Welcome::Nothing);
        let user = NewUser { id, username, email, person, password, place, welcome };
        self.ledger.must(Command::People(Box::new(People::CreateUser(user))));
        id
    }

    /// Buys units; the lot and its Activation ID.
    pub fn mint(&mut self, account: AccountId, units: &Units, expires: Option<Time>) -> (HoldingId, String) {
        let line = self.line(SKU, units, expires);
        let bought = (line.lot, line.code.clone());
        self.order(account, vec![line]);
        bought
    }

    /// A line of an order to be.
    pub fn line(&mut self, sku: &'static str, units: &Units, expires: Option<Time>) -> Line {
        let (lot, key, code) = (HoldingId(self.ledger.draw()), KeyId(self.ledger.draw()), self.ledger.code());
        let (kind, units, free_on) = (KeyKind::ActivationId, units.clone(), self.free_on);
        Line { lot, key, code, kind, sku: sku.into(), units, expires, upgrade_until: None, free_on }
    }

    /// Buys lines.
    pub fn order(&mut self, account: AccountId, lines: Vec<Line>) {
        lines.iter().for_each(|line| self.bought.add(line.lot, Count::of(&line.sku, &line.units), line.expires));
        let (entitlement, reference) = (self.ledger.draw().to_string(), None);
        self.ledger.must(Command::Mint(Purchase { account, entitlement, reference, lines }));
    }

    /// Takes units of a lot out of the books, if it has so many that are free.
    pub fn retire(&mut self, sku: &str, lot: HoldingId, units: &Units) -> Result<(), Refused> {
        self.ledger.run(Command::Retire { lot, units: units.clone() })?;
        self.bought.retire(lot, Count::of(sku, units));
        Ok(())
    }

    /// A new key for a console, a new one unless it is named.
    pub fn slot(&mut self, pool: HoldingId, quota: Units, console: Option<u64>) -> Result<Slot, Refused> {
        let (key, allotment, code) = (KeyId(self.ledger.draw()), HoldingId(self.ledger.draw()), self.ledger.code());
        let new = NewKey { id: key, allotment, pool, code: code.clone(), name: "Key".into(), quota: quota.clone() };
        self.ledger.run(Command::CreatePoolKey(new))?;
        let console = console.unwrap_or_else(|| self.new_console(Wish::Nothing));
        self.wish(console, Wish::Run(code.clone(), SKU), None);
        let (stopped, halted, changed, expires) = (false, false, self.ledger.latest, None);
        Ok(Slot { key, code, pool, quota, stopped, halted, console, changed, expires })
    }

    /// The console's owner wants this of it; one that was thrown away is there again, with an empty disk.
    pub fn wish(&mut self, console: u64, wish: Wish, wanted: Option<Units>) {
        let random = &mut self.ledger.random;
        let console = self.consoles.entry(console).or_insert_with(|| Console::new(random, Wish::Nothing));
        if wish == Wish::Release && console.wish != wish {
            console.pending = None;
        }
        (console.wish, console.wanted) = (wish, wanted);
    }

    pub fn new_console(&mut self, wish: Wish) -> u64 {
        self.numbered += 1;
        self.consoles.insert(self.numbered, Console::new(&mut self.ledger.random, wish));
        self.numbered
    }

    pub fn new_offline(&mut self, account: AccountId, code: String) -> u64 {
        self.numbered += 1;
        self.offline.insert(self.numbered, Offline::new(&mut self.ledger.random, account, code));
        self.numbered
    }

    /// It is this time now.
    pub fn at(&mut self, time: Time) {
        self.time = time;
        self.ledger.at(time.plus(self.ahead));
    }

    /// The key of a console changed hands.
    pub fn touch(&mut self, number: u64) {
        let now = self.ledger.latest;
        let runs = self.consoles[&number].runs.as_ref().map(|runs| runs.code.clone());
        let slots = self.customers.iter_mut().flat_map(Customer::single_mut);
        slots.filter(|slot| Some(&slot.code) == runs.as_ref()).for_each(|slot| slot.changed = now);
    }

    /// Nobody is promised anything before `until`.
    pub fn disturb(&mut self, until: Time) {
        let slots = self.customers.iter_mut().flat_map(Customer::single_mut);
        slots.for_each(|slot| slot.changed = slot.changed.max(until));
    }
}
