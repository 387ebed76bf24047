//! What devices do, and what is known of their leases from the leases alone.

use super::Bench;
use leasehold_ledger::record::HoldingId;
use leasehold_protocol::Refused;
use leasehold_protocol::lease::Lease;

impl Bench {
    /// Leases that may be alive: whose, how many units, of which licence.
    pub fn alive(&self) -> impl Iterator<Item = ((u8, usize), u32, HoldingId)> {
        let now = self.shop.world.now;
        let leases = self.out.iter().flat_map(|(at, leases)| leases.iter().map(|lease| (*at, lease)));
        leases
            .filter(move |(_, (lease, _))| lease.exp > now)
            .map(|(at, (lease, from))| (at, lease.grant.units.count("OBM"), *from))
    }

    /// The device showed the lease it holds, so that those before it have ended; this one came, or was lost on the way.
    fn leased(&mut self, at: (u8, usize), shown: Option<Lease>, lease: Lease) {
        let from = self.shop.world.activation(lease.grant.sub).0.holding;
        let out = self.out.entry(at).or_default();
        let seq = shown.filter(|shown| shown.grant.sub == lease.grant.sub).map_or(0, |shown| shown.grant.seq);
        out.retain(|(old, _)| old.grant.seq >= seq);
        out.push((lease, from));
    }

    pub fn activate(&mut self, device: u8, sku: usize) {
        let at = (device, sku);
        let mut console = self.consoles.remove(&at).expect("there is one");
        let shown = console.held.clone();
        match self.shop.activate(&mut console) {
            Ok(_) => {
                let lease = console.held.clone().expect("a lease");
                self.leased(at, shown, lease);
            }
            Err(Refused::KeyInvalid | Refused::InsufficientUnits | Refused::LicenceLapsed) => {}
            Err(other) => panic!("{other}"),
        }
        self.consoles.insert(at, console);
    }

    pub fn check(&mut self, device: u8, sku: usize, lost: bool) {
        let at = (device, sku);
        let mut console = self.consoles.remove(&at).expect("there is one");
        if console.held.is_some() {
            let before = console.clone();
            let answer = match self.shop.world.check_in(&mut console) {
                Err(Refused::Resync) => self.shop.world.resync(&mut console),
                answer => answer,
            };
            match answer {
                Ok(lease) => self.leased(at, before.held.clone(), lease),
                Err(Refused::LicenceLapsed) => {}
                Err(other) => panic!("{other}"),
            }
            if lost {
                console = console.restored(&before);
            }
        }
        self.consoles.insert(at, console);
    }

    pub fn release(&mut self, device: u8, sku: usize) {
        let at = (device, sku);
        let mut console = self.consoles.remove(&at).expect("there is one");
        if console.held.is_some() {
            let receipt = match self.shop.world.release(&mut console) {
                Err(Refused::Resync) => self.shop.world.release_again(&mut console),
                answer => answer,
            };
            receipt.expect("a release is always taken");
            self.out.remove(&at);
        }
        self.consoles.insert(at, console);
    }
}
