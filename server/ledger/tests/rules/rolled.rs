//! A store that was put back to an earlier day, and a console whose lease it does not know.

use super::console::Console;
use super::world::{World, units};
use leasehold_ledger::Command;
use leasehold_ledger::memory::MemoryStore;
use leasehold_ledger::record::*;
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::view;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::{Refused, Units};

/// A console on a key of 4 + 4, and its store as a backup has it.
pub struct Stage {
    pub world: World,
    pub console: Console,
    pub pool: HoldingId,
    pub key: KeyId,
    pub backup: Vec<(Table, Vec<u8>, Vec<u8>)>,
}

impl Stage {
    pub fn set() -> Self {
        let mut world = World::new();
        let (_, pool) = world.customer_with_pool(units(20, 20));
        let key = world.pool_key(pool, "Key", units(4, 4));
        let mut console = Console::new(1);
        world.activate(&mut console, &key.code).expect("a lease");
        world.days(1);
        let backup = world.rows();
        Self { world, console, pool, key: key.id, backup }
    }

    /// The key's quota changes, and the console hears of it.
    pub fn quota(&mut self, quota: Units) -> Lease {
        let root = self.world.root();
        self.world.done(root, Command::SetKeyQuota { key: self.key, quota });
        self.world.check_in(&mut self.console).expect("a lease");
        self.world.check_in(&mut self.console).expect("a lease, and the one before has ended")
    }

    pub fn put_back(&mut self) {
        self.world.store = MemoryStore::new();
        let rows = &self.backup;
        let put = |tx: &mut dyn leasehold_ledger::store::Write| {
            rows.iter().try_for_each(|(table, key, value)| tx.put(*table, key, value))
        };
        self.world.store.write(&mut { put }).expect("memory");
    }

    /// The backup is put in place, as `store restore` does.
    pub fn restore(&mut self) {
        self.put_back();
        let root = self.world.root();
        self.world.done(root, Command::Restored { epoch: 2 });
    }

    pub fn check(&mut self) -> Result<Lease, Refused> {
        self.world.check_in(&mut self.console)
    }

    /// A check as a console makes it: it shows its lease when it is asked to.
    pub fn checks(&mut self) -> Result<Lease, Refused> {
        for _ in 0..3 {
            match self.check() {
                Err(Refused::Resync) => {}
                answered => return answered,
            }
            match self.world.resync(&mut self.console) {
                Err(Refused::Resync) => {}
                answered => return answered,
            }
        }
        Err(Refused::Resync)
    }

    pub fn verbs(&mut self, run: impl FnOnce(&mut Self)) -> Vec<Verb> {
        let before = self.world.events().len();
        run(self);
        self.world.events().split_off(before).iter().map(|event| event.verb).collect()
    }

    pub fn quarantine(&self) -> Option<Quarantine> {
        let view = self.world.store.read().expect("memory");
        view::find(view.as_ref(), Quarantine::KEY).expect("sound")
    }
}
