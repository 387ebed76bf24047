//! What is signed with, over starts, imports and rotations.
//!
//! The store says which keyset is in force and which keys are in use; the file `keys/keyset.lks` follows it, for the verbs that
//! work without a server. A change is made in this order, so that a server that ends anywhere in between starts with one or the
//! other, whole, and both places agree again:
//!
//! | step | ended after it, the next start finds | and does |
//! |---|---|---|
//! | the file is written under another name, and synced | the old keyset in both places, a file nobody reads | nothing |
//! | the store commits the change with its Event | the new one in the store, the old file | [`start`] writes the file |
//! | the server signs with it | the same | the same |
//! | the file gets its name, and the folder is synced | the new one in both places | nothing |
//!
//! A file that is newer than the store's keyset comes from a store that was restored from a backup, or was put there by hand:
//! versions only rise, so it is taken, with an Event.

use crate::cli::failure::Failure;
use crate::keyring::vault::{Chosen, Vault};
use crate::keyring::{Keyring, KeyringError};
use crate::store::command::carry_out;
use leasehold_ledger::Command;
use leasehold_ledger::record::Signing;
use leasehold_ledger::store::Store;
use leasehold_ledger::view::find;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::keyset::{KeyUse, Keyset};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Kid, Time};
use std::path::Path;
use std::sync::Arc;

/// How long before the first of the keys in use ends everybody is told: 180 days, for a key ceremony takes people.
pub const WARNING: i64 = 180 * DAY;

/// Reads the keys of `iss`, and makes store and file agree.
///
/// # Errors
/// [`Failure`].
pub fn start(
    store: &dyn Store,
    folder: &Path,
    iss: &str,
    passphrase: Option<&[u8]>,
    now: Time,
) -> Result<Keyring, Failure> {
    let Some(kept) = find::<Signing>(store.read()?.as_ref(), Signing::KEY)? else {
        return Ok(Keyring::read(folder, iss, passphrase, now)?);
    };
    let vault = Arc::new(Vault::open(folder, passphrase)?);
    let file = vault.keyset()?.map(|text| armour::unwrap(Label::Keyset, &text)).transpose();
    let file = file.map_err(KeyringError::from)?;
    let version = |bytes: &Vec<u8>| Keyset::accept(bytes, &vault.root, 1).map(|keyset| keyset.version);
    let newer = file.as_ref().map(version).transpose().map_err(KeyringError::from)?;
    let newer = newer.is_some_and(|version| version > kept.version);
    let keyset = file.clone().filter(|_| newer).unwrap_or_else(|| kept.keyset.clone());
    let keyring = Keyring::assemble(vault.clone(), keyset.clone(), iss, still(&vault, &kept, &keyset, now)?, now)?;
    if newer {
        let after = Box::new(of(&keyring));
        tracing::warn!(version = after.version, "the keyset's file is newer than the store: it is in force");
        carry_out(store, now, &[Command::ChangeSigning { before: Some(Box::new(kept)), after }])?;
    } else if file.as_ref() != Some(&keyset) {
        tracing::warn!(version = kept.version, "the keyset's file is written again, from the store");
        vault.put(&vault.stage(armour::wrap(Label::Keyset, &keyset).as_bytes())?)?;
    }
    Ok(keyring)
}

/// The keys that were chosen, as far as they may sign still; where one may not, the newest takes its place.
fn still(vault: &Vault, kept: &Signing, keyset: &[u8], now: Time) -> Result<Chosen, KeyringError> {
    let keyset = Keyset::accept(keyset, &vault.root, 1)?;
    let may = |usage, kid: Kid| {
        let why = keyset.key(kid).map_or(Err("is not in the keyset"), |key| vault.may(key, usage, now));
        why.inspect_err(|why| tracing::warn!(%kid, why, "the key that was chosen does not sign: the newest does"))
            .is_ok()
    };
    Ok(Chosen {
        lease: Some(kept.lease).filter(|kid| may(KeyUse::Lease, *kid)),
        file: Some(kept.file).filter(|kid| may(KeyUse::File, *kid)),
    })
}

/// What a keyring signs with, as the store has it.
#[must_use]
pub fn of(keyring: &Keyring) -> Signing {
    let (lease, file) = keyring.in_use();
    Signing { version: keyring.keyset().version, keyset: keyring.keyset_bytes().to_vec(), lease, file }
}

/// The keyring after a new keyset, an armoured file. The keys in use stay in use unless others are `chosen`.
///
/// # Errors
/// [`KeyringError`]: not signed by the root, not newer, another installation's, or without a key that is to sign.
pub fn imported(current: &Keyring, text: &[u8], chosen: Chosen, now: Time) -> Result<Keyring, KeyringError> {
    let bytes = armour::unwrap(Label::Keyset, text)?;
    let vault = current.vault();
    Keyset::accept(&bytes, &vault.root, current.keyset().version.saturating_add(1))?;
    let (lease, file) = current.in_use();
    let chosen = Chosen { lease: chosen.lease.or(Some(lease)), file: chosen.file.or(Some(file)) };
    Keyring::assemble(vault.clone(), bytes, &current.keyset().iss, chosen, now)
}

/// The keyring with another key of its keyset in use; none for a key that is not in it.
///
/// # Errors
/// [`KeyringError`].
pub fn rotated(current: &Keyring, kid: Kid, now: Time) -> Result<Option<Keyring>, KeyringError> {
    let Some(entry) = current.keyset().key(kid) else { return Ok(None) };
    let (bytes, vault) = (current.keyset_bytes().to_vec(), current.vault());
    let chosen = match entry.usage {
        // The key of the other use goes on, or gives way to a newer one if its time is over.
        KeyUse::Lease => Chosen { lease: Some(kid), ..still(vault, &of(current), &bytes, now)? },
        KeyUse::File => Chosen { file: Some(kid), ..still(vault, &of(current), &bytes, now)? },
    };
    Keyring::assemble(vault.clone(), bytes, &current.keyset().iss, chosen, now).map(Some)
}
