//! One line of a journal: `HASH ENTRY`, ended by a newline.
//!
//! ENTRY is JSON; HASH is SHA-256, in hex, over the previous line's hash and ENTRY (over 32 zero bytes for the first). So every
//! line is a checksum of itself and of all before it, and a person can read the file.

use base64::{Engine, engine::general_purpose::STANDARD};
use leasehold_protocol::{ActivationId, Cti, DeviceId, Digest, Time, Units};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The format this build writes.
pub const FORMAT: u32 = 1;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// The first line.
    Opened {
        /// The format of the lines that follow; this build writes and reads 1.
        format: u32,
        /// By the signer's clock.
        at: Time,
    },
    /// A licence file was signed and may have left.
    Issued(Issued),
    /// A licence file was given back.
    Returned(GivenBack),
}

/// A licence file that was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Its `iat`.
    pub at: Time,
    /// The grant it is charged to.
    pub grant: String,
    /// The installation.
    pub iss: String,
    /// The activation.
    pub sub: ActivationId,
    /// Its number in the activation.
    pub seq: u32,
    /// Its name.
    pub cti: Cti,
    /// The device.
    pub device: DeviceId,
    /// What people call the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// The units in it.
    pub units: Units,
    /// The digest of the request it answers.
    pub request: Digest,
    /// Its COSE bytes, in base64.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub signed: Vec<u8>,
}

/// A licence file that was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenBack {
    /// By the signer's clock.
    pub at: Time,
    /// The activation.
    pub sub: ActivationId,
    /// The file's name.
    pub held: Cti,
    /// The units freed.
    pub freed: Units,
    /// The digest of the device's message.
    pub message: Digest,
}

impl Entry {
    /// Adds the entry's line to `out`; its hash is the next line's `previous`.
    pub fn write(&self, previous: Digest, out: &mut Vec<u8>) -> Digest {
        let mut hashed = Vec::with_capacity(4096); // most lines, without growing step by step
        hashed.extend_from_slice(&previous.0);
        serde_json::to_writer(&mut hashed, self).expect("texts and numbers always encode");
        let hash = Digest::of(&hashed);
        out.extend_from_slice(hash.to_string().as_bytes());
        out.push(b' ');
        out.extend_from_slice(&hashed[previous.0.len()..]);
        out.push(b'\n');
        hash
    }

    /// Reads a line without its newline.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(line: &[u8], previous: Digest) -> Result<(Entry, Digest), String> {
        let parts = line.split_at_checked(64).and_then(|(hash, rest)| Some((hash, rest.strip_prefix(b" ")?)));
        let (hash, entry) = parts.ok_or("it has no hash")?;
        let hash = std::str::from_utf8(hash).ok().and_then(|hash| hash.parse::<Digest>().ok());
        let expected = Digest::of(&[&previous.0, entry].concat());
        // The text is compared too: hex has two spellings.
        if hash != Some(expected) || !line.starts_with(expected.to_string().as_bytes()) {
            return Err("its hash is not that of the line and those before it".into());
        }
        let entry = serde_json::from_slice(entry).map_err(|error| format!("its entry is not understood: {error}"))?;
        Ok((entry, expected))
    }
}

/// The previous hash of the first line.
pub const START: Digest = Digest([0; 32]);

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)
}
