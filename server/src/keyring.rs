//! The server's keys: the lease key and the file key it signs with, the keyset that certifies them, and the secret behind
//! challenges. All of them stand in the `keys` folder; private halves never leave this module.

use leasehold_protocol::accept::NotAccepted;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::cose::Envelope;
use leasehold_protocol::keyset::{KeyUse, Keyset};
use leasehold_protocol::lease::Lease;
use leasehold_protocol::license::License;
use leasehold_protocol::{ActivationId, Challenge, Cti, FormatError, PublicKey, SigningKey, Time};
use leasehold_signer::keyfile::{self, KeyFileError};
use leasehold_signer::signer::{FileSigner, SignerError};
use ring::hmac;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

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

/// The keys cannot be used.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// The key ceremony has not ended.
    #[error("the server's keys are not certified yet")]
    NotCertified,
    /// A key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A file that is not there or not readable.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The file system's words.
        source: io::Error,
    },
    /// The keyset file's text.
    #[error("keyset.lks: {0}")]
    Format(#[from] FormatError),
    /// The root did not sign the keyset, or it is older than the one in use.
    #[error("keyset.lks: {0}")]
    NotAccepted(#[from] NotAccepted),
    /// The keyset is another installation's.
    #[error("keyset.lks is for {found}, this installation is {expected}")]
    Issuer {
        /// The installation it names.
        found: String,
        /// This one.
        expected: String,
    },
    /// None of the private keys here may sign now.
    #[error("no {0} key here is in the keyset and may sign now")]
    NoKey(&'static str),
    /// The file key.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl KeyringError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            KeyringError::NotCertified => {
                "certify keys/keys.request with `leasehold-signer certify` on the offline machine, \
                 then `leasehold key import keyset.lks --root ROOT.pem.pub`"
            }
            KeyringError::Io { .. } => "check that the file is there and may be read",
            KeyringError::KeyFile(_) => {
                "key files are plain files with mode 0600; give the passphrase if one is needed"
            }
            KeyringError::Format(_) | KeyringError::NotAccepted(_) | KeyringError::Issuer { .. } => {
                "import the keyset that this installation's root key signed"
            }
            KeyringError::NoKey(_) | KeyringError::Signer(_) => {
                "certify a current key: `leasehold key rotate`, then the key ceremony again"
            }
        }
    }
}

/// The keys, as they were when they were read.
pub struct Keyring {
    lease: SigningKey,
    /// When the lease key signs.
    lease_window: (Time, Time),
    file: FileSigner,
    challenge: hmac::Key,
    keyset: Keyset,
    keyset_bytes: Vec<u8>,
}

impl Keyring {
    /// Reads the keys of `iss` from the folder; `now` decides which of several may sign.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn read(folder: &Path, iss: &str, passphrase: Option<&[u8]>, now: Time) -> Result<Self, KeyringError> {
        let (root_path, keyset_path) = (folder.join(ROOT), folder.join(KEYSET));
        if !root_path.exists() || !keyset_path.exists() {
            return Err(KeyringError::NotCertified);
        }
        Self::assemble(folder, &keyfile::read_public(&root_path)?, &read(&keyset_path)?, iss, passphrase, now)
    }

    /// The keys in the folder under a root key and a keyset file that need not stand there yet.
    ///
    /// # Errors
    /// [`KeyringError`].
    pub fn assemble(
        folder: &Path,
        root: &PublicKey,
        text: &[u8],
        iss: &str,
        passphrase: Option<&[u8]>,
        now: Time,
    ) -> Result<Self, KeyringError> {
        let keyset_bytes = armour::unwrap(Label::Keyset, text)?;
        let keyset = Keyset::accept(&keyset_bytes, root, 1)?;
        if keyset.iss != iss {
            return Err(KeyringError::Issuer { found: keyset.iss, expected: iss.to_owned() });
        }
        let keys = private_keys(folder, &keyset, passphrase)?;
        let best = |usage: KeyUse, name: &'static str| {
            let may = |key: &&SigningKey| {
                let entry = keyset.key(PublicKey::of(key).kid());
                entry.is_some_and(|entry| entry.usage == usage && !entry.revoked && entry.covers(now))
            };
            let newest = |key: &&SigningKey| keyset.key(PublicKey::of(key).kid()).map(|entry| entry.nbf);
            keys.iter().filter(may).max_by_key(newest).cloned().ok_or(KeyringError::NoKey(name))
        };
        let lease = best(KeyUse::Lease, "lease")?;
        let file = FileSigner::new(best(KeyUse::File, "file")?, keyset_bytes.clone(), Some(root))?;
        let entry = keyset.key(PublicKey::of(&lease).kid()).ok_or(KeyringError::NoKey("lease"))?;
        let lease_window = (entry.nbf, entry.exp.min(keyset.exp));
        let secret = read(&folder.join(CHALLENGE_SECRET))?;
        let challenge = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        Ok(Self { lease, lease_window, file, challenge, keyset, keyset_bytes })
    }

    /// The key that signs leases, refusals and receipts.
    #[must_use]
    pub fn lease_key(&self) -> &SigningKey {
        &self.lease
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
        let (lease, file) = (PublicKey::of(&self.lease).kid(), self.file.kid());
        end(lease).min(end(file)).min(self.keyset.exp)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kid = PublicKey::of(&self.lease).kid();
        out.debug_struct("Keyring").field("lease", &kid).field("file", &self.file.kid()).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, KeyringError> {
    std::fs::read(path).map_err(|source| KeyringError::Io { path: path.to_owned(), source })
}

/// The private keys here that the keyset certifies. Others wait for their ceremony, perhaps under another passphrase.
fn private_keys(folder: &Path, keyset: &Keyset, passphrase: Option<&[u8]>) -> Result<Vec<SigningKey>, KeyringError> {
    let io_error = |source| KeyringError::Io { path: folder.to_owned(), source };
    let mut keys = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io_error)? {
        let path = entry.map_err(io_error)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let kid =
            name.strip_suffix(EXTENSION).and_then(|name| name.split_once('-')).and_then(|(_, kid)| kid.parse().ok());
        if kid.is_some_and(|kid| keyset.key(kid).is_some()) {
            keys.push(keyfile::read(&path, passphrase)?);
        }
    }
    Ok(keys)
}
