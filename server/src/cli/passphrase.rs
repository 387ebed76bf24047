//! The passphrase of the server's keys: the signer's rules about where it may come from.

use super::failure::Failure;
pub use leasehold_signer::cli::passphrase::Source;
use zeroize::Zeroizing;

const HINT: &str =
    "give --passphrase-file FILE or LEASEHOLD_PASSPHRASE, or --no-passphrase if the disk itself is sealed";

/// The passphrase for new keys.
pub(super) fn new(source: &Source) -> Result<Zeroizing<Vec<u8>>, Failure> {
    source.new_passphrase().map_err(|failure| Failure::usage(failure.what, HINT))
}

/// The passphrase for keys that are there, if one was given.
pub(super) fn given(source: &Source) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    source.given().map_err(|failure| Failure::usage(failure.what, HINT))
}
