//! R7: signatures by other people's vectors and by hand-made points, each through [`PublicKey::verify`], the one check there is.

mod messages;
mod published;
mod table;

use leasehold_protocol::{PublicKey, SignatureError};

/// What the one check says; a signature of another length never reaches it.
fn verdict(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    let key = PublicKey(key.try_into().map_err(|_| SignatureError::WeakKey)?);
    let signature = signature.try_into().map_err(|_| SignatureError::Invalid)?;
    key.verify(message, signature)
}
