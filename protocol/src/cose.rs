//! The envelope: COSE_Sign1 (RFC 9052, section 4.2), always tagged 18, always Ed25519.
//!
//! ```cddl
//! message   = #6.18([ protected: bstr .cbor header, unprotected: {}, payload: bstr .cbor claims, signature: bstr .size 64 ])
//! header    = { 1: -8, 4: bstr .size 8, 16: tstr, ? -65557: bstr }   ; alg EdDSA, kid, typ, keyset (licence files only)
//! ```
//!
//! The check of type and signature sits inside [`Envelope::verify`], which alone yields claims to be believed.

use crate::cbor::Item;
use crate::claims::Claims;
use crate::error::{FormatError, SignatureError, VerifyError};
use crate::ids::Kid;
use crate::keys::PublicKey;
use crate::typ::Typ;
use crate::writer::Writer;
use ed25519_dalek::{Signer, SigningKey};
use std::borrow::Cow;
use std::fmt;

const ALG: i64 = 1;
const KID: i64 = 4;
const TYP: i64 = 16;
const KEYSET: i64 = -65557;
/// EdDSA (RFC 9053, section 2.2).
const EDDSA: i64 = -8;

/// A message whose structure is right and whose signature has not been checked yet.
#[derive(Clone)]
pub struct Envelope<'a> {
    /// The purpose it claims.
    pub typ: Typ,
    /// The key it claims.
    pub kid: Kid,
    /// The keyset that travels in a licence file.
    pub keyset: Option<Cow<'a, [u8]>>,
    protected: Cow<'a, [u8]>,
    payload: Cow<'a, [u8]>,
    signature: [u8; 64],
}

impl<'a> Envelope<'a> {
    /// Reads the structure.
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let wrong = FormatError::Envelope;
        let Item::Sign1(inner) = Item::decode(bytes)? else {
            return Err(wrong("tag 18 is missing"));
        };
        let Item::Array(parts) = *inner else { return Err(wrong("tag 18 holds no array")) };
        let parts = <[Item<'a>; 4]>::try_from(parts).map_err(|_| wrong("the array has not four elements"))?;
        let [Item::Bytes(protected), Item::Map(unprotected), Item::Bytes(payload), Item::Bytes(signature)] = parts
        else {
            return Err(wrong("the four elements are not bstr, map, bstr, bstr"));
        };
        if !unprotected.is_empty() {
            return Err(wrong("the unprotected header is not empty"));
        }
        let signature = signature.as_ref().try_into().map_err(|_| wrong("the signature is not 64 bytes"))?;
        let (typ, kid, keyset) = read_header(&protected)?;
        Ok(Self { typ, kid, keyset, protected, payload, signature })
    }

    /// Refuses any other type than `typ`.
    ///
    /// # Errors
    /// [`FormatError::WrongTyp`].
    pub fn expect(&self, typ: Typ) -> Result<(), FormatError> {
        if self.typ == typ {
            return Ok(());
        }
        Err(FormatError::WrongTyp { expected: typ, found: self.typ })
    }

    /// The claims of a message of type `typ`, not to be believed: for looking up which key should have signed it.
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn unverified_claims(&'a self, typ: Typ) -> Result<Claims<'a>, FormatError> {
        self.expect(typ)?;
        Claims::decode(typ, &self.payload)
    }

    /// The claims of a message of type `typ` signed by `key`.
    ///
    /// # Errors
    /// [`VerifyError`] when the type, the key id or the signature is another one.
    pub fn verify(&'a self, typ: Typ, key: &PublicKey) -> Result<Claims<'a>, VerifyError> {
        self.expect(typ)?;
        self.check_signature(key)?;
        Ok(Claims::decode(typ, &self.payload)?)
    }

    /// Checks the signature alone, over the bytes received.
    pub(crate) fn check_signature(&self, key: &PublicKey) -> Result<(), SignatureError> {
        if key.kid() != self.kid {
            return Err(SignatureError::WrongKey);
        }
        key.verify(&to_be_signed(&self.protected, &self.payload), &self.signature)
    }
}

/// Without the payload, which may hold a key code (R15).
impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Envelope").field("typ", &self.typ).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Signs `claims` as a message of type `typ`. `keyset` travels in the header of licence files.
#[must_use]
pub fn sign(typ: Typ, claims: Writer<'_>, key: &SigningKey, keyset: Option<&[u8]>) -> Vec<u8> {
    let kid = PublicKey::of(key).kid();
    let header = Writer::new().int(ALG, EDDSA).bytes(KID, &kid.0).text(TYP, typ.media_type());
    let protected = header.opt_bytes(KEYSET, keyset).encode();
    let payload = claims.encode();
    let signature = key.sign(&to_be_signed(&protected, &payload)).to_bytes();
    let parts = vec![Item::bytes(&protected), Item::Map(vec![]), Item::bytes(&payload), Item::bytes(&signature)];
    Item::Sign1(Box::new(Item::Array(parts))).encode()
}

/// Sig_structure (RFC 9052, section 4.4): context, protected header, empty external data, payload.
fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let parts = [Item::text("Signature1"), Item::bytes(protected), Item::bytes(&[]), Item::bytes(payload)];
    Item::Array(parts.into()).encode()
}

type Header = (Typ, Kid, Option<Cow<'static, [u8]>>);

fn read_header(protected: &[u8]) -> Result<Header, FormatError> {
    let wrong = FormatError::Envelope;
    let Item::Map(entries) = Item::decode(protected)? else {
        return Err(wrong("the protected header is not a map"));
    };
    let (mut alg, mut kid, mut typ, mut keyset) = (None, None, None, None);
    for (label, value) in entries {
        match (label, value) {
            (Item::Int(ALG), Item::Int(value)) => alg = Some(value),
            (Item::Int(KID), Item::Bytes(bytes)) => kid = bytes.as_ref().try_into().ok().map(Kid),
            (Item::Int(TYP), Item::Text(text)) => typ = Some(Typ::parse(&text)?),
            (Item::Int(KEYSET), Item::Bytes(bytes)) => keyset = Some(Cow::Owned(bytes.into_owned())),
            _ => return Err(wrong("the protected header holds a parameter that is not allowed")),
        }
    }
    if alg != Some(EDDSA) {
        return Err(wrong("the algorithm is not EdDSA"));
    }
    let kid = kid.ok_or(wrong("the key id is missing or not 8 bytes"))?;
    let typ = typ.ok_or(wrong("the type is missing"))?;
    match (typ, keyset.is_some()) {
        (Typ::License, false) => Err(wrong("a licence file carries its keyset")),
        (Typ::License, true) | (_, false) => Ok((typ, kid, keyset)),
        (_, true) => Err(wrong("only a licence file carries a keyset")),
    }
}
