//! Keysets as the holder of the root key certifies them, for an installation whose root key lies beside its data.

use leasehold::init::{DEMO_ROOT, asked, key_path, new_key, write_key};
use leasehold::keyring::{FOLDER, KEYSET, ROOT};
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::keyset::{KeyEntry, KeyUse, Keyset};
use leasehold_protocol::{Kid, PublicKey, SigningKey, Time};
use leasehold_signer::ceremony::{KeyRequest, KeysRequest};
use leasehold_signer::keyfile;
use std::path::{Path, PathBuf};

/// Who certifies.
pub struct Certifier {
    folder: PathBuf,
    root: SigningKey,
}

impl Certifier {
    pub fn of(data: &Path) -> Self {
        let folder = data.join(FOLDER);
        let root = keyfile::read(&folder.join(DEMO_ROOT), None).expect("the root key");
        Self { folder, root }
    }

    /// The keyset's file, as it lies there.
    pub fn text(&self) -> Vec<u8> {
        std::fs::read(self.folder.join(KEYSET)).expect("a keyset")
    }

    /// What it says.
    pub fn keyset(&self) -> Keyset {
        let root = keyfile::read_public(&self.folder.join(ROOT)).expect("the root's public half");
        Keyset::open(&armour::unwrap(Label::Keyset, &self.text()).expect("armour"), &root).expect("the root's")
    }

    /// What is asked to certify its keys again.
    pub fn asked(&self) -> Vec<KeyRequest> {
        let again = |key: KeyEntry| {
            let KeyEntry { usage, public, nbf, exp, max_term, revoked } = key;
            KeyRequest { usage, public, nbf, exp, max_term, revoked }
        };
        self.keyset().keys.into_iter().map(again).collect()
    }

    /// A new private key in the folder, and what is asked for it.
    pub fn new_key(&self, usage: KeyUse, now: Time) -> (Kid, KeyRequest) {
        let key = new_key();
        write_key(&key_path(&self.folder, usage, &key), &key, None).unwrap_or_else(|failure| panic!("{failure}"));
        (PublicKey::of(&key).kid(), asked(&key, usage, now))
    }

    /// The keyset of these keys, as a file.
    pub fn certify(&self, iss: &str, version: u32, keys: Vec<KeyRequest>, now: Time) -> String {
        certify(&self.root, iss, version, keys, now)
    }
}

/// A keyset by any root key.
pub fn certify(root: &SigningKey, iss: &str, version: u32, keys: Vec<KeyRequest>, now: Time) -> String {
    let request = KeysRequest { iss: iss.into(), version, keys };
    let keyset = request.keyset(&PublicKey::of(root), now).expect("it can be certified");
    armour::wrap(Label::Keyset, &keyset.sign(root))
}
