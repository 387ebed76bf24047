//! The device key: PKCS#8 PEM without the public half, so that OpenSSL reads it, in a file nobody else can read.

use crate::failure::Failure;
use crate::folder::Folder;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use leasehold_protocol::SigningKey;
use pkcs8::LineEnding;
use ring::rand::{SecureRandom, SystemRandom};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use zeroize::Zeroizing;

/// Bytes in the longest key file.
const KEY_FILE_LEN_MAX: u64 = 4096;
/// Permissions of group and others.
const OTHERS: u32 = 0o077;

/// The key in the folder; made there if there is none.
pub(crate) fn read_or_make(folder: &Folder) -> Result<SigningKey, Failure> {
    match fs::symlink_metadata(folder.key_path()) {
        Ok(_) => read(folder),
        Err(_) => make(folder),
    }
}

/// The key in the folder. Links and files others may use are refused, and what was looked at is what is read.
pub(crate) fn read(folder: &Folder) -> Result<SigningKey, Failure> {
    let path = folder.key_path();
    let bad = |problem| Failure::KeyFile { path: path.clone(), problem };
    let looked_at = fs::symlink_metadata(&path).map_err(Failure::disk(&path))?;
    if !looked_at.is_file() {
        return Err(bad("is a link, or not a plain file"));
    }
    if looked_at.mode() & OTHERS != 0 {
        return Err(bad("can be used by others on this machine"));
    }
    let file = File::open(&path).map_err(Failure::disk(&path))?;
    let opened = file.metadata().map_err(Failure::disk(&path))?;
    if (opened.dev(), opened.ino()) != (looked_at.dev(), looked_at.ino()) {
        return Err(bad("was exchanged while it was being read"));
    }
    let mut pem = Zeroizing::new(String::new());
    file.take(KEY_FILE_LEN_MAX).read_to_string(&mut pem).map_err(Failure::disk(&path))?;
    let pair = KeypairBytes::from_pkcs8_pem(&pem).map_err(|_| bad("is not an Ed25519 key in PKCS#8 PEM"))?;
    Ok(SigningKey::from_bytes(&pair.secret_key))
}

fn make(folder: &Folder) -> Result<SigningKey, Failure> {
    let mut secret = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(secret.as_mut()).map_err(|_| Failure::Randomness)?;
    let pair = KeypairBytes { secret_key: *secret, public_key: None };
    let pem = pair.to_pkcs8_pem(LineEnding::LF).expect("32 bytes are always encodable");
    folder.replace(&folder.key_path(), pem.as_bytes())?;
    Ok(SigningKey::from_bytes(&secret))
}
