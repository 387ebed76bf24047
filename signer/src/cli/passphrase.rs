//! Where a passphrase comes from: a file (or standard input), the environment, a systemd credential, the terminal. Never the
//! command line, which everybody on the machine can read.

use super::failure::Failure;
use super::streams;
use crate::keyfile::{self, KeyFileError};
use leasehold_protocol::SigningKey;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const VARIABLE: &str = "LEASEHOLD_PASSPHRASE";
const CREDENTIAL: &str = "leasehold-passphrase";

/// Options of every verb that opens or makes a key.
#[derive(Debug, clap::Args)]
pub struct Source {
    /// Read the passphrase from this file's first line (`-` for standard input); else from LEASEHOLD_PASSPHRASE, the systemd
    /// credential leasehold-passphrase or the terminal
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

type Passphrase = Zeroizing<Vec<u8>>;

impl Source {
    /// Opens a key file, asking for the passphrase only if it is sealed.
    pub fn open(&self, path: &Path) -> Result<SigningKey, Failure> {
        match keyfile::read(path, None) {
            Err(KeyFileError::PassphraseNeeded(_)) => {}
            other => return Ok(other?),
        }
        let passphrase = match self.given()? {
            Some(passphrase) => passphrase,
            None if std::io::stdin().is_terminal() => prompt(&format!("passphrase of {}: ", path.display()))?,
            None => return Err(KeyFileError::PassphraseNeeded(path.to_owned()).into()),
        };
        Ok(keyfile::read(path, Some(&passphrase))?)
    }

    /// The passphrase of a new key, typed twice at a terminal.
    pub fn new_passphrase(&self) -> Result<Passphrase, Failure> {
        if let Some(passphrase) = self.given()? {
            return Ok(passphrase);
        }
        let hint =
            "give --passphrase-file FILE or LEASEHOLD_PASSPHRASE, or --no-passphrase if the disk itself is sealed";
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage("the new key needs a passphrase", hint));
        }
        let (first, second) = (prompt("new passphrase: ")?, prompt("the same again: ")?);
        if first != second {
            return Err(Failure::usage("the two passphrases differ", "type the same one twice"));
        }
        not_empty(first)
    }

    /// The passphrase, if the options, the environment or systemd give one.
    ///
    /// # Errors
    /// [`Failure`] when the place named cannot be read or is empty.
    pub fn given(&self) -> Result<Option<Passphrase>, Failure> {
        if let Some(path) = &self.passphrase_file {
            return read(path).map(Some);
        }
        if let Some(value) = std::env::var_os(VARIABLE) {
            return not_empty(Zeroizing::new(value.into_encoded_bytes())).map(Some);
        }
        let credential = std::env::var_os("CREDENTIALS_DIRECTORY").map(|folder| PathBuf::from(folder).join(CREDENTIAL));
        credential.filter(|path| path.exists()).map(|path| read(&path)).transpose()
    }
}

/// The first line.
fn read(path: &Path) -> Result<Passphrase, Failure> {
    let mut bytes = Zeroizing::new(streams::read(path)?);
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let end = if bytes[..end].ends_with(b"\r") { end - 1 } else { end };
    bytes.truncate(end);
    not_empty(bytes)
}

fn prompt(text: &str) -> Result<Passphrase, Failure> {
    let typed = rpassword::prompt_password(text);
    let typed =
        typed.map_err(|error| Failure::failed(format!("the terminal: {error}"), "give --passphrase-file FILE"))?;
    Ok(Zeroizing::new(typed.into_bytes()))
}

fn not_empty(passphrase: Passphrase) -> Result<Passphrase, Failure> {
    match passphrase.is_empty() {
        true => Err(Failure::usage("the passphrase is empty", "give one, or --no-passphrase for a new key without")),
        false => Ok(passphrase),
    }
}
