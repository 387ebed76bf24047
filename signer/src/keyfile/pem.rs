//! The text of key files: keys to PEM and back, sealed or plain.

use super::KeyFileError;
use ed25519_dalek::pkcs8::{KeypairBytes, PublicKeyBytes};
use leasehold_protocol::{PublicKey, SigningKey};
use pkcs8::der::pem::{LineEnding, PemLabel};
use pkcs8::pkcs5::pbes2::{self, Kdf};
use pkcs8::pkcs5::{EncryptionScheme, scrypt};
use pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, EncryptedPrivateKeyInfoRef,
    PrivateKeyInfoRef, SecretDocument,
};
use std::path::Path;
use zeroize::Zeroizing;

/// What a guess at a passphrase costs: scrypt's parameters (RFC 7914).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// log2 of scrypt's N; memory is `1024 * 2^log_n` bytes, and OpenSSL stops at 32 MiB.
    pub log_n: u8,
    /// Rounds one after another: more time, no more memory.
    pub p: u32,
}

impl Cost {
    /// 16 MiB and 5 rounds: as costly as the usual advice (2^17, 1 round), within what OpenSSL accepts.
    pub const STANDARD: Cost = Cost { log_n: 14, p: 5 };
    /// For tests and demonstrations only: next to nothing.
    pub const TRIFLING: Cost = Cost { log_n: 4, p: 1 };
}

/// Bytes of memory that scrypt may take to open a seal: 16 times what [`Cost::STANDARD`] does.
const SCRYPT_MEMORY_MAX: u64 = 256 * 1024 * 1024;
/// Rounds of scrypt, one after another.
const SCRYPT_ROUNDS_MAX: u16 = 16;
/// Rounds of PBKDF2, which OpenSSL uses unless told otherwise; usual advice is 600,000.
const PBKDF2_ROUNDS_MAX: u32 = 10_000_000;

/// How a key file is sealed.
#[derive(Clone, Copy)]
pub struct Seal<'a> {
    /// What opens it again.
    pub passphrase: &'a [u8],
    /// 16 random bytes for scrypt's salt and 16 for the cipher's first block; new for every file.
    pub random: [u8; 32],
    /// See [`Cost::STANDARD`].
    pub cost: Cost,
}

impl std::fmt::Debug for Seal<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Seal").field("cost", &self.cost).finish_non_exhaustive()
    }
}

impl Seal<'_> {
    fn parameters(&self) -> Result<pbes2::Parameters, pkcs8::Error> {
        let wrong = |_| pkcs8::Error::ParametersMalformed;
        let params = scrypt::Params::new(self.cost.log_n, 8, self.cost.p).map_err(wrong)?;
        let (mut salt, mut iv) = ([0; 16], [0; 16]);
        salt.copy_from_slice(&self.random[..16]);
        iv.copy_from_slice(&self.random[16..]);
        Ok(pbes2::Parameters::generate_scrypt_aes256cbc(params, &salt, iv)?)
    }
}

/// The PEM text of `key`. No public key goes in (version 1): OpenSSL before 3.4 does not read version 2.
pub(super) fn private_to_pem(
    path: &Path,
    key: &SigningKey,
    seal: Option<&Seal<'_>>,
) -> Result<Zeroizing<String>, KeyFileError> {
    let encode = || -> Result<Zeroizing<String>, pkcs8::Error> {
        let plain = KeypairBytes { secret_key: key.to_bytes(), public_key: None }.to_pkcs8_der()?;
        let Some(seal) = seal else { return Ok(plain.to_pem(PrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)?) };
        let sealed = plain.decode_msg::<PrivateKeyInfoRef<'_>>()?;
        let sealed = sealed.encrypt_with_params(seal.parameters()?, seal.passphrase)?;
        Ok(sealed.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)?)
    };
    encode().map_err(|error| not_a_key(path, error))
}

/// The key in a PEM text.
pub(super) fn private_from_pem(path: &Path, text: &str, passphrase: Option<&[u8]>) -> Result<SigningKey, KeyFileError> {
    let (label, document) = SecretDocument::from_pem(text).map_err(|error| not_a_key(path, error))?;
    let plain = match label {
        PrivateKeyInfoRef::PEM_LABEL => document,
        EncryptedPrivateKeyInfoRef::PEM_LABEL => {
            let passphrase = passphrase.ok_or_else(|| KeyFileError::PassphraseNeeded(path.to_owned()))?;
            let sealed = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes());
            let sealed = sealed.map_err(|error| not_a_key(path, error))?;
            check_cost(&sealed.encryption_algorithm).map_err(|reason| not_a_key(path, reason))?;
            // A wrong passphrase shows as wrong padding or as bytes that are no key: both mean the same to the owner.
            sealed.decrypt(passphrase).map_err(|_| KeyFileError::Passphrase(path.to_owned()))?
        }
        _ => return Err(not_a_key(path, "it is not a private key in PKCS#8")),
    };
    let pair = KeypairBytes::from_pkcs8_der(plain.as_bytes()).map_err(|error| not_a_key(path, error))?;
    SigningKey::try_from(&pair).map_err(|error| not_a_key(path, error))
}

/// The file says what a guess costs, and so what one reading costs: no more than that is tried.
fn check_cost(seal: &EncryptionScheme) -> Result<(), &'static str> {
    let kdf = seal.pbes2().map(|parameters| &parameters.kdf).ok_or("its seal is of another kind than PBES2")?;
    let fits = match kdf {
        Kdf::Scrypt(scrypt) => {
            let memory = scrypt.cost_parameter.saturating_mul(128 * u64::from(scrypt.block_size));
            memory <= SCRYPT_MEMORY_MAX && scrypt.parallelization <= SCRYPT_ROUNDS_MAX
        }
        Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count <= PBKDF2_ROUNDS_MAX,
        _ => false,
    };
    if fits { Ok(()) } else { Err("its seal asks for more work than any key's") }
}

/// The PEM text of a public key (SubjectPublicKeyInfo, RFC 8410), as `openssl pkey -pubin` reads it.
#[must_use]
pub fn public_to_pem(key: &PublicKey) -> String {
    PublicKeyBytes(key.0).to_public_key_pem(LineEnding::LF).expect("32 bytes always encode")
}

/// The public key in a PEM text.
///
/// # Errors
/// What is wrong with it; a weak key is wrong.
pub fn public_from_pem(text: &str) -> Result<PublicKey, String> {
    let key = PublicKeyBytes::from_public_key_pem(text).map_err(|error| error.to_string())?;
    let key = PublicKey(key.to_bytes());
    key.check().map_err(|error| error.to_string())?;
    Ok(key)
}

fn not_a_key(path: &Path, reason: impl std::fmt::Display) -> KeyFileError {
    KeyFileError::NotAKey { path: path.to_owned(), reason: reason.to_string() }
}
