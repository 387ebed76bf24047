//! `leasehold key ...`: the server's side of the key ceremony.

use super::failure::Failure;
use super::passphrase::{self, Source};
use crate::clock::Clock;
use crate::init::{self, KEYS_REQUEST};
use crate::keyring::vault::{Chosen, Vault, name};
use crate::keyring::{FOLDER, KEYSET, Keyring, KeyringError, ROOT};
use crate::store::command::carry_out;
use crate::{server, signing, store};
use leasehold_ledger::Command;
use leasehold_protocol::PublicKey;
use leasehold_protocol::accept::NotAccepted;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::keyset::{KeyUse, Keyset};
use leasehold_signer::ceremony::{KeyRequest, KeysRequest, fingerprint};
use leasehold_signer::disk::{self, RealDisk};
use leasehold_signer::keyfile;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Signing keys, without a server: it must be stopped for import; a running one has `leasehold keys`
#[derive(Debug, clap::Subcommand)]
pub enum KeyVerb {
    /// List the keys of the current keyset
    List,
    /// Take a keyset that the root key signed, made by `leasehold-signer certify`
    #[command(after_help = "Example: leasehold key import keyset.lks --root ROOT.pem.pub --data /srv/leasehold")]
    Import {
        /// The keyset
        #[arg(value_name = "KEYSET")]
        keyset: PathBuf,
        /// The root key's public half; needed the first time
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
        #[command(flatten)]
        passphrase: Source,
    },
    /// Make new lease and file keys and ask for them beside the current ones: writes keys/keys.request
    ///
    /// A running server goes on meanwhile; it takes the keyset that comes of it by `leasehold keys import-keyset`.
    #[command(after_help = "Example: leasehold key rotate --data /srv/leasehold")]
    Rotate {
        /// Leave the new private keys unencrypted
        #[arg(long)]
        no_passphrase: bool,
        #[command(flatten)]
        passphrase: Source,
    },
}

pub(super) fn run(verb: &KeyVerb, data: &Path, json: bool) -> Result<(), Failure> {
    let folder = data.join(FOLDER);
    match verb {
        KeyVerb::List => list(&folder, json),
        KeyVerb::Import { keyset, root, passphrase } => import(data, keyset, root.as_deref(), passphrase),
        KeyVerb::Rotate { no_passphrase, passphrase } => rotate(data, *no_passphrase, passphrase),
    }
}

fn list(folder: &Path, json: bool) -> Result<(), Failure> {
    let (keyset, root) = current(folder)?;
    if json {
        let keys = keyset.keys.iter().map(|key| {
            serde_json::json!({
                "kid": key.public.kid(), "use": name(key.usage), "nbf": key.nbf.to_string(), "exp": key.exp.to_string(),
                "revoked": key.revoked, "public": key.public.to_string(),
            })
        });
        let keys = keys.collect::<Vec<_>>();
        println!(
            "{}",
            serde_json::json!({"iss": keyset.iss, "version": keyset.version, "root": root.to_string(), "keys": keys})
        );
        return Ok(());
    }
    println!("{} keyset {} of {}, until {}", keyset.iss, keyset.version, keyset.iat, keyset.exp);
    println!("root   {}", fingerprint(&root));
    for key in &keyset.keys {
        let revoked = if key.revoked { "  revoked" } else { "" };
        println!("{:6} {}  {} to {}{revoked}", name(key.usage), key.public.kid(), key.nbf, key.exp);
    }
    Ok(())
}

/// Proves the new keyset, and that the keys here can sign under it, before it takes the old one's place.
fn import(data: &Path, path: &Path, root: Option<&Path>, source: &Source) -> Result<(), Failure> {
    let folder = data.join(FOLDER);
    let store = store::open(data)?;
    let iss = server::installation(&store)?.iss;
    let root = root_key(&folder, root)?;
    let lowest = match current(&folder) {
        Ok((keyset, _)) => keyset.version,
        Err(KeyringError::NotCertified) => 0,
        Err(error) => return Err(Failure::not_valid(error, "restore keys/keyset.lks from a backup first")),
    };
    let text = std::fs::read(path).map_err(|error| Failure::io(path, &error))?;
    let passphrase = passphrase::given(source)?;
    let sealed = passphrase.as_deref().map(Vec::as_slice);
    let (bytes, now) = (armour::unwrap(Label::Keyset, &text).map_err(KeyringError::from)?, Clock::System.now());
    let vault = Arc::new(Vault::new(&folder, root, sealed));
    let keyring = Keyring::assemble(vault, bytes, &iss, Chosen::default(), now)?;
    let found = keyring.keyset().version;
    if found < lowest {
        return Err(KeyringError::from(NotAccepted::KeysetRolledBack { found, lowest }).into());
    }
    if !folder.join(ROOT).exists() {
        init::write(&folder.join(ROOT), 0o644, keyfile::public_to_pem(&root).as_bytes())?;
    }
    let after = Box::new(signing::of(&keyring));
    carry_out(&store, now, &[Command::ChangeSigning { before: None, after }])?;
    replace(&folder.join(KEYSET), &text)?;
    println!("keyset {found} of {iss} is in force; start the server with `leasehold serve`");
    Ok(())
}

/// The root key this installation is bound to: the one that is here already, or the one given the first time.
fn root_key(folder: &Path, given: Option<&Path>) -> Result<PublicKey, Failure> {
    let known = folder.join(ROOT).exists().then(|| keyfile::read_public(&folder.join(ROOT))).transpose()?;
    let given = given.map(keyfile::read_public).transpose()?;
    match (known, given) {
        (Some(known), Some(given)) if known != given => {
            let hint = "every device trusts the root key it was built with; another one needs another installation";
            Err(Failure::usage("this is not the root key of this installation", hint))
        }
        (Some(root), _) | (None, Some(root)) => Ok(root),
        (None, None) => {
            let hint = "give its public half the first time: --root ROOT.pem.pub";
            Err(Failure::usage("no root key is known here yet", hint))
        }
    }
}

fn rotate(data: &Path, no_passphrase: bool, source: &Source) -> Result<(), Failure> {
    let folder = data.join(FOLDER);
    let (keyset, _) = current(&folder)?;
    let passphrase = if no_passphrase { None } else { Some(passphrase::new(source)?) };
    let now = Clock::System.now();
    let mut keys: Vec<KeyRequest> = keyset.keys.iter().filter(|key| key.exp > now).map(again).collect();
    for usage in [KeyUse::Lease, KeyUse::File] {
        let key = init::new_key();
        let path = init::key_path(&folder, usage, &key);
        init::write_key(&path, &key, passphrase.as_deref().map(Vec::as_slice))?;
        keys.push(init::asked(&key, usage, now));
        println!("new {}: {}", path.display(), fingerprint(&PublicKey::of(&key)));
    }
    let request = KeysRequest { iss: keyset.iss, version: keyset.version + 1, keys };
    let path = folder.join(KEYS_REQUEST);
    replace(&path, request.render().as_bytes())?;
    println!(
        "next, on the offline machine: leasehold-signer certify {} --root ROOT.pem --out keyset.lks",
        path.display()
    );
    Ok(())
}

/// A certified key, to be certified again as it is.
fn again(key: &leasehold_protocol::keyset::KeyEntry) -> KeyRequest {
    KeyRequest {
        usage: key.usage,
        public: key.public,
        nbf: key.nbf,
        exp: key.exp,
        max_term: key.max_term,
        revoked: key.revoked,
    }
}

fn current(folder: &Path) -> Result<(Keyset, PublicKey), KeyringError> {
    let path = folder.join(KEYSET);
    if !path.exists() {
        return Err(KeyringError::NotCertified);
    }
    let root = keyfile::read_public(&folder.join(ROOT))?;
    let text = std::fs::read(&path).map_err(|source| KeyringError::Io { path, source })?;
    let keyset = Keyset::accept(&armour::unwrap(Label::Keyset, &text)?, &root, 1)?;
    Ok((keyset, root))
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = disk::replace(&mut RealDisk, path, 0o644, bytes);
    let synced = written.and_then(|()| disk::Disk::sync_folder(&mut RealDisk, path));
    synced.map_err(|error| Failure::io(path, &error))
}
