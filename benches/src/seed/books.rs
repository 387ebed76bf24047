//! One account as the ledger's own commands make it: bought, converted, pooled, its pool keys made and activated.

use crate::world::{self, Console, ISS, KEYS_PER_ACCOUNT, UNITS, code, id, units};
use crate::{Done, seed::overlay::Overlay};
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::{NewAccount, Profile};
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_ledger::{Command, Context, Outcome, Shelf, apply};
use leasehold_protocol::activate::Activate;
use leasehold_protocol::message::Proof;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Challenge, PublicKey, Time};

/// Who writes the books, and when.
pub struct Clerk {
    /// The root of the tree.
    pub vendor: AccountId,
    /// The time of everything.
    pub now: Time,
}

impl Clerk {
    /// Applies a command to the rows.
    ///
    /// # Errors
    /// A rule's no, which would be a mistake in here.
    pub fn does(&self, rows: &mut Overlay, command: &Command) -> Done<Outcome> {
        let actor = match command {
            Command::Activate { message, .. } => {
                Actor::system(&format!("device {}", message.sender.device.device_id()))
            }
            _ => Actor::member("operator", self.vendor, Role::Admin),
        };
        let context = Context {
            shelf: &Shelf::default(),
            now: self.now,
            actor: &actor,
            keyset_version: 1,
            lease_term_max: i64::MAX,
            challenge: &|_, _| Challenge([0; 32]), // a first activation is asked for none
            sign_license: &|_| Err("no licence file is made here".into()),
        };
        let (changes, outcome) = apply(rows, &context, command)?;
        changes.write(rows)?;
        Ok(outcome)
    }

    /// The account number `number` with `publics.len()` activated pool keys.
    ///
    /// # Errors
    /// As [`Clerk::does`].
    pub fn account(&self, rows: &mut Overlay, number: u32, publics: &[PublicKey]) -> Done {
        let (account, lot, pool) = (AccountId(id(number, 0)), HoldingId(id(number, 1)), HoldingId(id(number, 4)));
        let profile = Profile {
            name: format!("Example Customer {number}"),
            key_prefix: Some(world::prefix(number)),
            ..Profile::default()
        };
        let kind = AccountKind::EndCustomer;
        self.does(rows, &Command::CreateAccount(NewAccount { id: account, parent: self.vendor, kind, profile }))?;
        let sku = Console(number * KEYS_PER_ACCOUNT).sku();
        let quota = units(UNITS * KEYS_PER_ACCOUNT);
        let line = Line {
            lot,
            key: KeyId(id(number, 2)),
            code: code(u64::from(number) | 1 << 40),
            sku: sku.into(),
            units: quota.clone(),
            expires: None,
            upgrade_until: Some(self.now.plus(400 * DAY).day()),
            kind: KeyKind::ActivationId,
            free_on: FreeOn::Fetch,
        };
        let entitlement = format!("SO-{number:07}");
        self.does(rows, &Command::Mint(Purchase { account, entitlement, reference: None, lines: vec![line] }))?;
        self.does(rows, &Command::Convert { lot, stock: HoldingId(id(number, 3)), force: true })?;
        let (name, sku, free_on) = ("Servers".to_owned(), sku.to_owned(), FreeOn::Fetch);
        self.does(rows, &Command::CreatePool { id: pool, account, name, sku, free_on })?;
        self.does(rows, &Command::SetPoolQuota { pool, quota })?;
        for (place, public) in (0..).zip(publics) {
            self.console(rows, pool, Console(number * KEYS_PER_ACCOUNT + place), *public)?;
        }
        Ok(())
    }

    /// A pool key, and its activation by the console it is for.
    fn console(&self, rows: &mut Overlay, pool: HoldingId, console: Console, public: PublicKey) -> Done {
        let serial = 16 + 2 * console.place();
        let (key, allotment) = (KeyId(id(console.account(), serial)), HoldingId(id(console.account(), serial + 1)));
        let code = code(console.0.into());
        let name = format!("Server-{}", console.place());
        let new = NewKey { id: key, allotment, pool, code: code.clone(), name, quota: units(UNITS) };
        self.does(rows, &Command::CreatePoolKey(new))?;
        let message = Activate {
            iss: ISS.into(),
            code,
            device_name: Some(format!("server-{}", console.place())),
            wanted: None,
            replaces: None,
            keyset_version: 1,
            sender: console.sender(public, world::FIRST_SEQ, self.now),
            host: world::host(),
            proof: Proof::default(),
        };
        let command = Command::Activate { message: Box::new(message), id: console.activation(), held: None };
        match self.does(rows, &command)? {
            Outcome::Lease(lease) if lease.grant.seq == world::FIRST_SEQ => Ok(()),
            other => Err(format!("an activation came to {other:?}").into()),
        }
    }
}
