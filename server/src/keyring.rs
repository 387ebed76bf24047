//! The server's keys: the lease key and the file key it signs with, the keyset that certifies them, and the secret behind
//! challenges. All of them stand in the `keys` folder ([`vault`]); private halves never leave this module.

mod error;
pub mod vault;

pub use error::KeyringError;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::cose::Envelope;
use leasehold_protocol::keyset::{KeyUse, Keyset};
use leasehold_protocol::lease::Lease;
use leasehold_protocol::license::License;
use leasehold_protocol::{ActivationId, Challenge, Cti, Kid, PublicKey, SigningKey, Time};
use leasehold_signer::signer::{FileSigner, SignerError};
use ring::hmac;
use std::path::Path;
use std::sync::Arc;
use vault::{Chosen, Vault};

/// The folder of keys in the data folder.
pub const FOLDER: &str = "keys";
/// The root key's public half.
pub const ROOT: &str = "root.pub";
/// The current keyset.
pub const KEYSET: &str = "keyset.lks";
/// The secret behind challenges.
pub const CHALLENGE_SECRET: &str = "challenge.secret";
/// Where private keys stand: `lease-KID.pem`, `file-KID.pem`.
const EXTENSION: &str = ".pem";

/// The keys, as they were when they were read.
pub struct Keyring {
    lease: SigningKey,
    /// When the lease key signs.
    lease_window: (Time, Time),
    lease_term_max: i64,
    file: FileSigner,
    challenge: hmac::Key,
    keyset: Keyset,
    keyset_bytes: Vec<u8>,
    vault: Arc<Vault>,
}

impl Keyring {
    /// Reads the keys of `iss` from the folder; `now` decides which of several may sign.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn read(folder: &Path, iss: &str, passphrase: Option<&[u8]>, now: Time) -> Result<Self, KeyringError> {
        let vault = Vault::open(folder, passphrase)?;
        let text = vault.keyset()?.ok_or(KeyringError::NotCertified)?;
        let keyset = armour::unwrap(Label::Keyset, &text)?;
        Self::assemble(Arc::new(vault), keyset, iss, Chosen::default(), now)
    }

    /// The keys that sign under a keyset, which need not be the one in force.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn assemble(
        vault: Arc<Vault>,
        keyset_bytes: Vec<u8>,
        iss: &str,
        chosen: Chosen,
        now: Time,
    ) -> Result<Self, KeyringError> {
        let keyset = Keyset::accept(&keyset_bytes, &vault.root, 1)?;
        if keyset.iss != iss {
            return Err(KeyringError::Issuer { found: keyset.iss, expected: iss.to_owned() });
        }
        let lease = vault.pick(&keyset, KeyUse::Lease, chosen.lease, now)?;
        let file = vault.pick(&keyset, KeyUse::File, chosen.file, now)?;
        let file = FileSigner::new(file, keyset_bytes.clone(), Some(&vault.root))?;
        let entry = keyset.key(PublicKey::of(&lease).kid()).ok_or(KeyringError::NoKey("lease"))?;
        let lease_window = (entry.nbf, entry.exp.min(keyset.exp));
        let lease_term_max = entry.max_term.unwrap_or(i64::MAX);
        let challenge = hmac::Key::new(hmac::HMAC_SHA256, &vault.read(CHALLENGE_SECRET)?);
        Ok(Self { lease, lease_window, lease_term_max, file, challenge, keyset, keyset_bytes, vault })
    }

    /// Where they stand.
    #[must_use]
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// The keys in use: for leases, for licence files.
    #[must_use]
    pub fn in_use(&self) -> (Kid, Kid) {
        (PublicKey::of(&self.lease).kid(), self.file.kid())
    }

    /// The key that signs leases, refusals and receipts.
    #[must_use]
    pub fn lease_key(&self) -> &SigningKey {
        &self.lease
    }

    /// Seconds of the longest lease that the lease key may sign.
    #[must_use]
    pub fn lease_term_max(&self) -> i64 {
        self.lease_term_max
    }

    /// The keyset.
    #[must_use]
    pub fn keyset(&self) -> &Keyset {
        &self.keyset
    }

    /// The signed keyset.
    #[must_use]
    pub fn keyset_bytes(&self) -> &[u8] {
        &self.keyset_bytes
    }

    /// Signs a licence file.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn sign_license(&self, license: &License) -> Result<Vec<u8>, SignerError> {
        self.file.sign(license)
    }

    /// A lease that a device sent back, if a key of this keyset signed it.
    #[must_use]
    pub fn open_held(&self, bytes: &[u8]) -> Option<Lease> {
        let kid = Envelope::parse(bytes).ok()?.kid;
        let entry = self.keyset.key(kid).filter(|entry| entry.usage == KeyUse::Lease && !entry.revoked)?;
        Lease::open(bytes, &entry.public).ok().filter(|lease| lease.grant.iss == self.keyset.iss)
    }

    /// What a device has to send back to prove that it has just spoken with this server.
    #[must_use]
    pub fn challenge(&self, activation: ActivationId, last: Cti) -> Challenge {
        let mut mac = hmac::Context::with_key(&self.challenge);
        mac.update(&activation.0);
        mac.update(&last.0);
        let mut challenge = [0; 32];
        challenge.copy_from_slice(mac.sign().as_ref());
        Challenge(challenge)
    }

    /// A fingerprint of what somebody asked for. A request may hold a password, so a plain hash in the store would let who steals the
    /// store try passwords faster than their own hash does.
    #[must_use]
    pub fn fingerprint(&self, parts: [&[u8]; 4]) -> [u8; 32] {
        let mut mac = hmac::Context::with_key(&self.challenge);
        mac.update(b"request\n"); // with what follows longer than a challenge's 32 bytes
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(mac.sign().as_ref());
        fingerprint
    }

    /// The lease key may sign at `now`.
    #[must_use]
    pub fn signs(&self, now: Time) -> bool {
        self.lease_window.0 <= now && now < self.lease_window.1
    }

    /// When the first of the keys in use ends.
    #[must_use]
    pub fn expires(&self) -> Time {
        let end = |kid| self.keyset.key(kid).map_or(Time(0), |entry| entry.exp);
        let (lease, file) = self.in_use();
        end(lease).min(end(file)).min(self.keyset.exp)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (lease, file) = self.in_use();
        out.debug_struct("Keyring").field("lease", &lease).field("file", &file).finish_non_exhaustive()
    }
}
