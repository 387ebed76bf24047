//! Opening a file that came from a device: armour, size, CBOR and COSE, type, claims, weak key, signature, in this
//! order, and for each what was wrong and what to do about it. What comes out was signed by the device named in it.

use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::message::{DeviceMessage, Unverified};
use leasehold_protocol::{Digest, FormatError, SignatureError};
use thiserror::Error;

/// A file from a device is not acceptable. Nothing of it was believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Some other file.
    #[error("{0}")]
    NotArmour(FormatError),
    /// An armoured file of another kind.
    #[error("{0}")]
    WrongLabel(FormatError),
    /// The end is missing.
    #[error("the file is truncated: its last line, -----END LEASEHOLD {}-----, is missing", .0.word())]
    Truncated(Label),
    /// Longer than any such file.
    #[error("the file is too large: {0}")]
    TooLarge(FormatError),
    /// Armour around bytes that are no message.
    #[error("the file is damaged: {0}")]
    Malformed(FormatError),
    /// Armour around a message of another type.
    #[error("the file holds another message than its first line says: {0}")]
    WrongType(FormatError),
    /// A claim is missing or impossible.
    #[error("the message is not understood: {0}")]
    Claim(FormatError),
    /// The device's key would let anybody sign.
    #[error("the device's key is weak")]
    WeakKey,
    /// Changed on the way, or signed by another key.
    #[error("the signature is not valid: {0}")]
    Signature(SignatureError),
}

impl OpenError {
    /// The stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            OpenError::NotArmour(_) => "not_armour",
            OpenError::WrongLabel(_) => "wrong_label",
            OpenError::Truncated(_) => "truncated",
            OpenError::TooLarge(_) => "too_large",
            OpenError::Malformed(_) => "malformed",
            OpenError::WrongType(_) => "wrong_type",
            OpenError::Claim(_) => "claim_invalid",
            OpenError::WeakKey => "weak_key",
            OpenError::Signature(_) => "signature_bad",
        }
    }

    /// What to do.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            OpenError::NotArmour(_) => {
                "choose the file the device wrote, and copy it as it is, without a word processor"
            }
            OpenError::WrongLabel(_) => "choose another file: .lreq is a request, .lret a return, .lic a licence",
            OpenError::Truncated(_) => "copy the file from the device again; the copy was cut short",
            OpenError::TooLarge(_) => "choose the file the device wrote; none of them is that long",
            OpenError::Malformed(_) => {
                "copy the file from the device again; if that does not help, write a new one there"
            }
            OpenError::WrongType(_) => "write a new file on the device; this one was put together by hand",
            OpenError::Claim(_) => "update this program if the device is newer, or write a new file on the device",
            OpenError::WeakKey => "give the device a new identity; with this key anybody could speak for it",
            OpenError::Signature(_) => "copy the file from the device again; it was changed after it was signed",
        }
    }

    fn format(label: Label, file: &[u8], error: FormatError) -> Self {
        match error {
            FormatError::WrongLabel { .. } => OpenError::WrongLabel(error),
            FormatError::TooLarge { .. } => OpenError::TooLarge(error),
            FormatError::Armour(_) if armour::label_of(file) == Some(label) => match ends(file) {
                true => OpenError::Malformed(error),
                false => OpenError::Truncated(label),
            },
            FormatError::Armour(_) => OpenError::NotArmour(error),
            FormatError::WrongTyp { .. } | FormatError::UnknownTyp(_) => OpenError::WrongType(error),
            FormatError::Claim { .. } => OpenError::Claim(error),
            FormatError::Cbor { .. } | FormatError::NotDeterministic { .. } | FormatError::Envelope(_) => {
                OpenError::Malformed(error)
            }
        }
    }
}

/// The message in an armoured file, proved, and the digest of its COSE bytes, which names it for ever.
///
/// # Errors
/// [`OpenError`].
pub fn open<M: DeviceMessage>(label: Label, file: &[u8]) -> Result<(M, Digest), OpenError> {
    let wrong = |error| OpenError::format(label, file, error);
    let bytes = armour::unwrap(label, file).map_err(wrong)?;
    let message = Unverified::<M>::parse(&bytes).map_err(wrong)?;
    let device = *message.claimed().device();
    let refused = |error| if device.check().is_err() { OpenError::WeakKey } else { OpenError::Signature(error) };
    let message = message.verify().map_err(refused)?;
    Ok((message, Digest::of(&bytes)))
}

/// Whether the last line is an end line, of whatever kind.
fn ends(file: &[u8]) -> bool {
    let last = file.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    last.is_some_and(|line| line.starts_with(b"-----END LEASEHOLD ") && line.ends_with(b"-----"))
}
