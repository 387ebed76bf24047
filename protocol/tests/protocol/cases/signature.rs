//! Well-formed messages whose signature a strict check refuses (RFC 8032, section 5.1.7): changed ones and forged ones.

use super::points::{around_l, no_points, plus_l};
use super::{Vector, raw, signed};
use crate::raw::{Raw, bstr, tstr};
use crate::samples::{key, public};
use ed25519_dalek::Signer;
use leasehold_protocol::{Typ, cbor::Item};

const TYP: Typ = Typ::Receipt;
pub fn vectors() -> Vec<Vector> {
    [flipped(), forged()].into_iter().flatten().collect()
}

fn vector(name: &str, expect: &str, raw: &Raw, comment: &str) -> Vector {
    Vector::new(format!("signature-{name}"), expect, TYP, &raw.encode()).comment(comment)
}

fn good() -> Raw {
    raw(TYP).signed(&key("lease"))
}

/// Sig_structure with a context and external data of choice.
pub fn structure(raw: &Raw, context: &str, external: &[u8]) -> Vec<u8> {
    [vec![0x84], tstr(context), bstr(&raw.protected), bstr(external), bstr(&raw.payload)].concat()
}

fn flipped() -> Vec<Vector> {
    let good = good();
    let flip = |name: &str, expect: &str, edit: &dyn Fn(&mut Raw), comment: &str| {
        let mut raw = good.clone();
        edit(&mut raw);
        vector(name, expect, &raw, comment)
    };
    let license = signed(Typ::License, raw(Typ::License));
    let mut header = Raw::of(&license);
    *header.protected.last_mut().expect("a keyset ends it") ^= 1;
    let in_iss = good.payload.iter().position(|byte| *byte == b'x').expect("an x in the installation's name");
    vec![
        flip("payload-bit", "signature", &|raw| raw.payload[in_iss] ^= 1, "one bit of the payload"),
        flip("payload-last-bit", "signature", &|raw| *raw.payload.last_mut().expect("bytes") ^= 0x80, "its last bit"),
        Vector::new("signature-header-bit", "signature", Typ::License, &header.encode())
            .comment("one bit of the protected header, in the keyset a licence file carries"),
        flip("kid-bit", "wrong-key", &|raw| raw.protected[5] ^= 1, "one bit of the key id"),
        flip("r-bit", "signature", &|raw| raw.signature[0] ^= 1, "one bit of R"),
        flip("s-bit", "signature", &|raw| raw.signature[32] ^= 1, "one bit of s"),
        flip("s-top-bit", "signature", &|raw| raw.signature[63] ^= 0x80, "the top bit of s"),
        flip("zero", "signature", &|raw| raw.signature = vec![0; 64], "all bytes zero"),
        flip("ones", "signature", &|raw| raw.signature = vec![0xff; 64], "all bytes 255"),
        flip(
            "s-plus-l",
            "signature",
            &|raw| raw.signature = add_l(&raw.signature, 1),
            "s + L: a second signature of the same bytes",
        ),
        flip(
            "s-plus-8-l",
            "signature",
            &|raw| raw.signature = add_l(&raw.signature, 8),
            "s + 8 L: the cofactor's multiple",
        ),
        flip(
            "s-plus-15-l",
            "signature",
            &|raw| raw.signature = add_l(&raw.signature, 15),
            "s + 15 L: the last that fits",
        ),
        flip("s-zero", "signature", &|raw| raw.signature[32..].fill(0), "s = 0"),
        flip("s-l", "signature", &|raw| raw.signature = at_l(&raw.signature), "s = L"),
        flip("r-no-point", "signature", &|raw| raw.signature[..32].copy_from_slice(&no_points()[0]), "R is no point"),
        flip("halves-swapped", "signature", &|raw| raw.signature.rotate_left(32), "s before R"),
    ]
}

fn add_l(signature: &[u8], times: u32) -> Vec<u8> {
    let signature = signature.try_into().expect("64 bytes");
    plus_l(&signature, times).expect("it fits 256 bits").to_vec()
}

/// The same R with s = L.
fn at_l(signature: &[u8]) -> Vec<u8> {
    let r = signature[..32].try_into().expect("32 bytes");
    around_l(r)[1].1.to_vec()
}

fn forged() -> Vec<Vector> {
    let signed_over = |bytes: &[u8]| Raw { signature: key("lease").sign(bytes).to_bytes().to_vec(), ..raw(TYP) };
    let raw = raw(TYP);
    let other = super::raw(Typ::Refusal).signed(&key("lease"));
    vec![
        vector(
            "stranger",
            "signature",
            &raw.clone().signed(&key("stranger")),
            "signed by another key than the one named",
        ),
        vector(
            "stranger-named",
            "wrong-key",
            &{
                let kid = Item::Bytes(public("stranger").kid().0.to_vec().into());
                raw.clone().with_header(raw.header().with(4, kid)).signed(&key("stranger"))
            },
            "signed by another key, and named so",
        ),
        vector("other-message", "signature", &Raw { signature: other.signature, ..raw.clone() }, "of another message"),
        vector("payload-alone", "signature", &signed_over(&raw.payload), "over the payload alone"),
        vector("context", "signature", &signed_over(&structure(&raw, "Signature", &[])), "COSE_Sign's context"),
        vector("external-data", "signature", &signed_over(&structure(&raw, "Signature1", b"x")), "with external data"),
        Vector::new(
            "signature-device-other-key",
            "signature",
            Typ::Check,
            &super::raw(Typ::Check).signed(&key("stranger")).encode(),
        )
        .comment("a device's message signed by another key than it carries"),
    ]
}
