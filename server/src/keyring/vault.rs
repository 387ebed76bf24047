//! The folder of keys: the root's public half, the keyset's file, and private halves, which are read when they are needed.

use super::KeyringError;
use super::{EXTENSION, KEYSET, ROOT};
use leasehold_protocol::keyset::{KeyEntry, KeyUse, Keyset};
use leasehold_protocol::{Kid, PublicKey, SigningKey, Time};
use leasehold_signer::disk::{self, Disk, RealDisk};
use leasehold_signer::keyfile;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// The folder, and what opens the private keys in it. The passphrase is kept, sealed by nothing but this process, as the keys
/// it opens are: a key that is made and certified while the server runs can be taken up without a restart.
pub struct Vault {
    folder: PathBuf,
    /// The root key's public half: what this installation is bound to.
    pub root: PublicKey,
    passphrase: Option<Zeroizing<Vec<u8>>>,
    /// Whoever changes what is signed with holds this: one at a time.
    pub turn: Mutex<()>,
}

/// Which keys to sign with; without a word the newest that may.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// For leases.
    pub lease: Option<Kid>,
    /// For licence files.
    pub file: Option<Kid>,
}

impl Vault {
    /// The keys in `folder` under `root`.
    #[must_use]
    pub fn new(folder: &Path, root: PublicKey, passphrase: Option<&[u8]>) -> Self {
        let passphrase = passphrase.map(|passphrase| Zeroizing::new(passphrase.to_vec()));
        Self { folder: folder.to_owned(), root, passphrase, turn: Mutex::new(()) }
    }

    /// The keys in `folder` under the root key that stands there.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn open(folder: &Path, passphrase: Option<&[u8]>) -> Result<Self, KeyringError> {
        let path = folder.join(ROOT);
        if !path.exists() {
            return Err(KeyringError::NotCertified);
        }
        Ok(Self::new(folder, keyfile::read_public(&path)?, passphrase))
    }

    /// A file of the folder.
    ///
    /// # Errors
    /// [`KeyringError::Io`].
    pub fn read(&self, name: &str) -> Result<Vec<u8>, KeyringError> {
        let path = self.folder.join(name);
        std::fs::read(&path).map_err(|source| KeyringError::Io { path, source })
    }

    /// The text of the keyset's file, if there is one.
    ///
    /// # Errors
    /// [`KeyringError::Io`].
    pub fn keyset(&self) -> Result<Option<Vec<u8>>, KeyringError> {
        let path = self.folder.join(KEYSET);
        RealDisk.read(&path).map_err(|source| KeyringError::Io { path, source })
    }

    /// Whether the private half of a key is on this machine.
    #[must_use]
    pub fn holds(&self, key: &KeyEntry) -> bool {
        self.path(key.usage, key.public.kid()).is_file()
    }

    /// The key to sign with at `now`: the one that was chosen, or the newest that may.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn pick(
        &self,
        keyset: &Keyset,
        usage: KeyUse,
        chosen: Option<Kid>,
        now: Time,
    ) -> Result<SigningKey, KeyringError> {
        let name = name(usage);
        let kid = match chosen {
            Some(kid) => kid,
            None => {
                let may = |key: &&KeyEntry| self.may(key, usage, now).is_ok();
                let newest = keyset.keys.iter().filter(may).max_by_key(|key| key.nbf); // of those as new, the last that stands there
                newest.ok_or(KeyringError::NoKey(name))?.public.kid()
            }
        };
        let entry = keyset.key(kid).ok_or(KeyringError::MayNot(kid, "is not in the keyset"))?;
        self.may(entry, usage, now).map_err(|why| KeyringError::MayNot(kid, why))?;
        let key = keyfile::read(&self.path(usage, kid), self.passphrase.as_deref().map(Vec::as_slice))?;
        if PublicKey::of(&key).kid() == kid {
            Ok(key)
        } else {
            Err(KeyringError::MayNot(kid, "is not what its file holds"))
        }
    }

    /// Why a certified key may not sign here now, if it may not.
    ///
    /// # Errors
    /// The reason, as it stands behind the key's name.
    pub fn may(&self, key: &KeyEntry, usage: KeyUse, now: Time) -> Result<(), &'static str> {
        match () {
            () if key.usage != usage => Err("is certified for another use"),
            () if key.revoked => Err("was revoked"),
            () if !key.covers(now) => Err("does not sign at this moment"),
            () if !self.holds(key) => Err("has no private half on this machine"),
            () => Ok(()),
        }
    }

    /// Writes the keyset's file under another name, durably. It is in force once [`Vault::put`] has given it its name.
    ///
    /// # Errors
    /// [`KeyringError::Io`].
    pub fn stage(&self, text: &[u8]) -> Result<PathBuf, KeyringError> {
        let path = self.folder.join(KEYSET);
        let begun = disk::begin(&mut RealDisk, &path, 0o644, text);
        let begun = begun.and_then(|begun| RealDisk.sync(&begun).map(|()| begun));
        begun.map_err(|source| KeyringError::Io { path, source })
    }

    /// Gives a staged file its name, durably.
    ///
    /// # Errors
    /// [`KeyringError::Io`].
    pub fn put(&self, staged: &Path) -> Result<(), KeyringError> {
        let path = self.folder.join(KEYSET);
        let named = disk::finish(&mut RealDisk, staged, &path).and_then(|()| RealDisk.sync_folder(&path));
        named.map_err(|source| KeyringError::Io { path, source })
    }

    /// Removes what was staged for nothing.
    pub fn drop_staged(&self, staged: &Path) {
        RealDisk.remove(staged).ok(); // the next one takes its place
    }

    fn path(&self, usage: KeyUse, kid: Kid) -> PathBuf {
        self.folder.join(format!("{}-{kid}{EXTENSION}", name(usage)))
    }
}

/// A use, as it stands in the names of key files.
#[must_use]
pub const fn name(usage: KeyUse) -> &'static str {
    match usage {
        KeyUse::Lease => "lease",
        KeyUse::File => "file",
    }
}
