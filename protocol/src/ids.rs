//! Identifiers. Each is a fixed number of bytes and prints as lower-case hex.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(&self.0, out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let mut bytes = [0; $len];
                unhex(text, &mut bytes)?;
                Ok(Self(bytes))
            }
        }

        /// Hex in formats people read, plain bytes elsewhere.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
                } else {
                    <[u8; $len]>::deserialize(deserializer).map(Self)
                }
            }
        }
    };
}

id!(/// One product on one device under one key; `sub` of every artefact issued for it, there in hex.
    ActivationId, 16);
id!(/// A device: the first 16 bytes of SHA-256 of its public key.
    DeviceId, 16);
id!(/// A key id: the first 8 bytes of SHA-256 of the public key.
    Kid, 8);
id!(/// Names one issued artefact (RFC 8392, `cti`).
    Cti, 16);
id!(/// Drawn by a device for one message; a retry repeats it.
    Nonce, 16);
id!(/// Proof that a device has just spoken with the server.
    Challenge, 32);
id!(/// SHA-256 of a message's COSE bytes.
    Digest, 32);

/// The text is not the hex of an id of this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {} hexadecimal digits", .0 * 2)]
pub struct NotAnId(usize);

impl Cti {
    /// The `cti` of an activation's artefact number `seq`.
    #[must_use]
    pub fn derive(activation: ActivationId, seq: u32) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"leasehold cti v1\0");
        hash.update(activation.0);
        hash.update(seq.to_be_bytes());
        Self(first(&hash.finalize()))
    }
}

impl Digest {
    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(first(&Sha256::digest(bytes)))
    }
}

/// The first `N` bytes of a hash.
pub(crate) fn first<const N: usize>(hash: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&hash[..N]);
    out
}

/// Writes up to 32 bytes in lower-case hex, at once: digit by digit a line of a journal would cost more to print than to hash.
pub(crate) fn hex(bytes: &[u8], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    out.write_str(std::str::from_utf8(&text[..2 * bytes.len()]).expect("digits are ASCII"))
}

fn unhex(text: &str, out: &mut [u8]) -> Result<(), NotAnId> {
    let wrong = NotAnId(out.len());
    if text.len() != out.len() * 2 {
        return Err(wrong);
    }
    for (byte, digits) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(digits[0]).ok_or(wrong)? << 4 | digit(digits[1]).ok_or(wrong)?;
    }
    Ok(())
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        b'A'..=b'F' => Some(letter - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_what_they_print() {
        let id = Kid([0, 1, 2, 0xfd, 0xfe, 0xff, 9, 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("00".parse::<Kid>().is_err());
        assert!("+001020304050607".parse::<Kid>().is_err());
    }

    #[test]
    fn artefacts_of_one_activation_have_different_ctis() {
        let activation = ActivationId([7; 16]);
        assert_ne!(Cti::derive(activation, 1), Cti::derive(activation, 2));
        assert_ne!(Cti::derive(activation, 1), Cti::derive(ActivationId([8; 16]), 1));
    }
}
