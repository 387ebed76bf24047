//! Key files: PKCS#8 (RFC 5958) in PEM, version 1, as `openssl pkey` reads and `openssl genpkey -algorithm ed25519` writes them.
//!
//! With a passphrase the key is sealed by PBES2 (RFC 8018): scrypt, then AES-256-CBC. The file is made with mode 0600 and
//! never in place of another; reading refuses links, looser modes and files too long to be a key, and compares what it opened with
//! what it looked at, so that nothing can be slipped in between. Buffers that held the key are wiped. Randomness is handed in.

mod pem;

pub use pem::{Cost, Seal, public_from_pem, public_to_pem};

use crate::disk::{self, Disk};
use leasehold_protocol::{PublicKey, SigningKey};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use thiserror::Error;
use zeroize::Zeroizing;

/// Bytes in the longest key file.
pub const KEY_FILE_LEN_MAX: u64 = 16 * 1024;
/// Permission bits a key file may have.
const MODE: u32 = 0o600;

/// A key file was not read or written.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// A path that could lead elsewhere tomorrow.
    #[error("{0} is a symbolic link")]
    Link(PathBuf),
    /// A folder, device or socket.
    #[error("{0} is not a plain file")]
    NotAFile(PathBuf),
    /// Others on this machine may read or change it.
    #[error("{path} has mode {mode:04o}: others may use it")]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// No key is that long.
    #[error("{path} has more than {KEY_FILE_LEN_MAX} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Another file took its place between looking and opening.
    #[error("{0} was exchanged while it was being read")]
    Exchanged(PathBuf),
    /// A key is never written over another file.
    #[error("{0} exists already")]
    Exists(PathBuf),
    /// It is sealed and no passphrase was given.
    #[error("{0} is encrypted: a passphrase is needed")]
    PassphraseNeeded(PathBuf),
    /// The seal does not open.
    #[error("{0} does not open with this passphrase")]
    Passphrase(PathBuf),
    /// Not an Ed25519 key in PKCS#8, or not in SubjectPublicKeyInfo.
    #[error("{path} holds no Ed25519 key: {reason}")]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// What was met.
        reason: String,
    },
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Its words.
        source: io::Error,
    },
}

/// A key from 32 random bytes.
#[must_use]
pub fn generate(random: &[u8; 32]) -> SigningKey {
    SigningKey::from_bytes(random)
}

/// Where the public half of the key in `path` is written: the same name with `.pub` behind it.
#[must_use]
pub fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

/// Reads a key. `passphrase` is used only if the file is sealed.
///
/// # Errors
/// [`KeyFileError`].
pub fn read(path: &Path, passphrase: Option<&[u8]>) -> Result<SigningKey, KeyFileError> {
    let text = read_guarded(path)?;
    pem::private_from_pem(path, &text, passphrase)
}

/// Writes a new key file with mode 0600 and, beside it, its public half (see [`public_path`]); both are durable on return.
///
/// # Errors
/// [`KeyFileError`]; [`KeyFileError::Exists`] if either file is there already, and then neither was touched.
pub fn write(disk: &mut dyn Disk, path: &Path, key: &SigningKey, seal: Option<&Seal<'_>>) -> Result<(), KeyFileError> {
    let public = public_path(path);
    if let Some(taken) = [path, &public].into_iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(KeyFileError::Exists(taken.to_owned()));
    }
    let text = pem::private_to_pem(path, key, seal)?;
    let failed = |path: &Path, source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
        _ => KeyFileError::Io { path: path.to_owned(), source },
    };
    disk::create(disk, path, MODE, text.as_bytes()).map_err(|source| failed(path, source))?;
    let public_text = public_to_pem(&PublicKey::of(key));
    disk::create(disk, &public, 0o644, public_text.as_bytes()).map_err(|source| failed(&public, source))
}

/// Reads a public key file: SubjectPublicKeyInfo in PEM (RFC 8410).
///
/// # Errors
/// [`KeyFileError`]; a weak key is [`KeyFileError::NotAKey`].
pub fn read_public(path: &Path) -> Result<PublicKey, KeyFileError> {
    let io_error = |source| KeyFileError::Io { path: path.to_owned(), source };
    let mut text = String::new();
    let file = File::open(path).map_err(io_error)?;
    file.take(KEY_FILE_LEN_MAX + 1).read_to_string(&mut text).map_err(io_error)?;
    if text.len() as u64 > KEY_FILE_LEN_MAX {
        return Err(KeyFileError::TooLarge { path: path.to_owned() });
    }
    public_from_pem(&text).map_err(|reason| KeyFileError::NotAKey { path: path.to_owned(), reason })
}

/// The text of a file that holds a secret, wiped when it is dropped.
///
/// # Errors
/// [`KeyFileError`]: a link, a looser mode than 0600, a file too long to be a key, or one that was exchanged meanwhile.
pub fn read_guarded(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let io_error = |source| KeyFileError::Io { path: path.to_owned(), source };
    let seen = path.symlink_metadata().map_err(io_error)?;
    check_kind(path, &seen)?;
    let mut file = File::open(path).map_err(io_error)?;
    let opened = file.metadata().map_err(io_error)?;
    if (seen.dev(), seen.ino()) != (opened.dev(), opened.ino()) {
        return Err(KeyFileError::Exchanged(path.to_owned()));
    }
    check_kind(path, &opened)?;
    // The whole buffer at once: one that grows leaves copies behind that nobody wipes.
    let mut buffer = Zeroizing::new(vec![0; KEY_FILE_LEN_MAX as usize + 1]);
    let len = read_up_to(&mut file, &mut buffer).map_err(io_error)?;
    if len as u64 > KEY_FILE_LEN_MAX {
        return Err(KeyFileError::TooLarge { path: path.to_owned() });
    }
    let text = std::str::from_utf8(&buffer[..len]);
    let text = text.map_err(|_| KeyFileError::NotAKey { path: path.to_owned(), reason: "it is not text".into() })?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn check_kind(path: &Path, metadata: &Metadata) -> Result<(), KeyFileError> {
    let mode = metadata.mode() & 0o7777;
    match () {
        () if metadata.is_symlink() => Err(KeyFileError::Link(path.to_owned())),
        () if !metadata.is_file() => Err(KeyFileError::NotAFile(path.to_owned())),
        () if mode & !MODE != 0 => Err(KeyFileError::Mode { path: path.to_owned(), mode }),
        () if metadata.len() > KEY_FILE_LEN_MAX => Err(KeyFileError::TooLarge { path: path.to_owned() }),
        () => Ok(()),
    }
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while len < buffer.len() {
        match file.read(&mut buffer[len..])? {
            0 => break,
            read => len += read,
        }
    }
    Ok(len)
}

#[cfg(test)]
mod tests;
