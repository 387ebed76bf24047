//! Commands of the operator on a store that serves nobody: no keys are at hand, and none are needed.

use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::{AccountId, Installation};
use leasehold_ledger::store::{Store, StoreError};
use leasehold_ledger::view::find;
use leasehold_ledger::{Command, Context, Fault, Shelf, apply};
use leasehold_protocol::{Challenge, Time};

/// Carries out commands in one transaction, each with its own Event.
///
/// # Errors
/// [`Fault`]; then nothing is written.
pub fn carry_out(store: &dyn Store, now: Time, commands: &[Command]) -> Result<(), Fault> {
    let mut refused = None;
    let written = store.write(&mut |tx| {
        let vendor = find::<Installation>(tx, Installation::KEY)?.map(|installation| installation.vendor);
        let actor = Actor::member("operator", vendor.unwrap_or(AccountId(uuid::Uuid::nil())), Role::Admin);
        let shelf = Shelf::default();
        let context = Context {
            now,
            actor: &actor,
            shelf: &shelf,
            keyset_version: 1,
            lease_term_max: i64::MAX,
            challenge: &|_, _| Challenge([0; 32]), // no device speaks here
            sign_license: &|_| Err("nothing is signed here".to_owned()),
        };
        for command in commands {
            match apply(tx, &context, command) {
                Ok((changes, _)) => {
                    changes.write(tx)?;
                    shelf.follow(&changes);
                }
                Err(Fault::Store(error)) => return Err(error),
                Err(fault) => {
                    let text = fault.to_string();
                    refused = Some(fault);
                    return Err(StoreError::Io(text));
                }
            }
        }
        Ok(())
    });
    match (written, refused) {
        (Err(_), Some(fault)) => Err(fault),
        (written, _) => Ok(written?),
    }
}
