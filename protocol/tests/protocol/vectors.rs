//! The vector files, judged by the expectation each one states.

use crate::cases;
use crate::raw::unhex;
use crate::samples::{open, signer};
use leasehold_protocol::{
    FormatError, PublicKey, SignatureError, Typ, VerifyError,
    accept::{NotAccepted, open_license},
    armour::{self, Label},
};
use std::{collections::BTreeMap, fs, path::PathBuf};

/// `expect`, and `why` where it is `malformed`.
pub type Verdict = (String, Option<String>);

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/vectors")
}

/// Name and bytes of every vector file.
pub fn files() -> BTreeMap<String, Vec<u8>> {
    let names = fs::read_dir(folder()).expect("the folder is there").map(|entry| entry.expect("readable").file_name());
    let names = names.map(|name| name.into_string().expect("an ASCII name"));
    let vectors = names.filter(|name| name != "README.md" && name != ".gitattributes");
    vectors.map(|name| (name.clone(), fs::read(folder().join(&name)).expect("readable"))).collect()
}

pub struct Headers<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Headers<'a> {
    pub fn split(file: &'a [u8]) -> Result<(Self, &'a [u8]), String> {
        let end = file.windows(2).position(|pair| pair == b"\n\n").ok_or("no empty line after the header")?;
        let text = std::str::from_utf8(&file[..end]).map_err(|_| "a header that is not UTF-8")?;
        let mut headers = BTreeMap::new();
        for line in text.lines() {
            let (name, value) = line.split_once(": ").ok_or(format!("a header without a value: {line:?}"))?;
            if !["expect", "why", "typ", "key", "root", "lowest", "label", "comment"].contains(&name) {
                return Err(format!("unknown header {name:?}"));
            }
            if headers.insert(name, value).is_some() {
                return Err(format!("{name:?} stands twice"));
            }
        }
        Ok((Self(headers), &file[end + 2..]))
    }

    pub fn value(&self, name: &str) -> Result<&'a str, String> {
        self.0.get(name).copied().ok_or(format!("no header {name:?}"))
    }

    fn key(&self, name: &str) -> Result<PublicKey, String> {
        let bytes = unhex(self.value(name)?)?;
        bytes.try_into().map(PublicKey).map_err(|_| format!("{name:?} is not 32 bytes"))
    }

    fn expected(&self) -> Result<Verdict, String> {
        let expect = self.value("expect")?;
        let known = [
            "accepted",
            "malformed",
            "wrong-type",
            "wrong-label",
            "signature",
            "wrong-key",
            "weak-key",
            "not-certified",
            "rolled-back",
            "term-too-long",
        ];
        if !known.contains(&expect) || (expect == "malformed") != self.0.contains_key("why") {
            return Err(format!("unknown expectation {expect:?}, or why is missing or superfluous"));
        }
        Ok((expect.to_owned(), self.0.get("why").map(|why| (*why).to_owned())))
    }
}

fn judge(headers: &Headers<'_>, body: &[u8]) -> Result<Verdict, String> {
    match content(headers, body)? {
        Ok(message) => judge_message(headers, &message),
        Err(verdict) => Ok(verdict),
    }
}

/// The message in a body, or the verdict on its armour.
pub fn content(headers: &Headers<'_>, body: &[u8]) -> Result<Result<Vec<u8>, Verdict>, String> {
    let Ok(label) = headers.value("label") else {
        return Ok(Ok(unhex(std::str::from_utf8(body).map_err(|_| "a body that is not hex")?)?));
    };
    let known = Label::ALL.into_iter().find(|known| known.word() == label);
    let known = known.ok_or(format!("unknown label {label:?}"))?;
    Ok(armour::unwrap(known, body).map_err(|error| verdict(error.into())))
}

/// The verdict on a message.
pub fn judge_message(headers: &Headers<'_>, message: &[u8]) -> Result<Verdict, String> {
    let typ = headers.value("typ")?;
    let typ = Typ::ALL.iter().copied().find(|known| known.name() == typ).ok_or(format!("unknown type {typ:?}"))?;
    if headers.0.contains_key("root") {
        let lowest = headers.value("lowest")?.parse().map_err(|error| format!("lowest: {error}"))?;
        let result = open_license(message, &headers.key("root")?, lowest);
        return Ok(result.map_or_else(certified_verdict, |_| plain("accepted")));
    }
    let from_device = signer(typ) == "device";
    let key = if from_device { PublicKey([0; 32]) } else { headers.key("key")? };
    Ok(open(typ, message, &key).map_or_else(verdict, |()| plain("accepted")))
}

fn plain(expect: &str) -> Verdict {
    (expect.to_owned(), None)
}

fn verdict(error: VerifyError) -> Verdict {
    let malformed = |why: &str| ("malformed".to_owned(), Some(why.to_owned()));
    match error {
        VerifyError::Signature(SignatureError::Invalid) => plain("signature"),
        VerifyError::Signature(SignatureError::WrongKey) => plain("wrong-key"),
        VerifyError::Signature(SignatureError::WeakKey) => plain("weak-key"),
        VerifyError::Format(FormatError::WrongTyp { .. }) => plain("wrong-type"),
        VerifyError::Format(FormatError::WrongLabel { .. }) => plain("wrong-label"),
        VerifyError::Format(FormatError::TooLarge { .. }) => malformed("size"),
        VerifyError::Format(FormatError::Cbor { .. }) => malformed("cbor"),
        VerifyError::Format(FormatError::NotDeterministic { .. }) => malformed("deterministic"),
        VerifyError::Format(FormatError::Envelope(_)) => malformed("envelope"),
        VerifyError::Format(FormatError::UnknownTyp(_)) => malformed("unknown-type"),
        VerifyError::Format(FormatError::Armour(_)) => malformed("armour"),
        VerifyError::Format(FormatError::Claim { label, .. }) => malformed(&format!("claim {label}")),
    }
}

fn certified_verdict(error: NotAccepted) -> Verdict {
    match error {
        NotAccepted::Verify(error) => verdict(error),
        NotAccepted::UnknownKey(_) | NotAccepted::KeyMayNot(_) | NotAccepted::Other(_) => plain("not-certified"),
        NotAccepted::KeysetRolledBack { .. } => plain("rolled-back"),
        NotAccepted::TermTooLong { .. } => plain("term-too-long"),
        other => panic!("a licence file is not judged by {other}"),
    }
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let mut wrong = Vec::new();
    let files = files();
    for (name, file) in &files {
        let judged = Headers::split(file).and_then(|(headers, body)| Ok((headers.expected()?, judge(&headers, body)?)));
        match judged {
            Ok((expected, found)) if expected == found => {}
            Ok((expected, found)) => wrong.push(format!("{name}: expected {expected:?}, found {found:?}")),
            Err(problem) => wrong.push(format!("{name}: {problem}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files.len() >= 450, "only {} vectors", files.len());
    println!("count vectors: {} files, each judged as it says", files.len());
}

#[test]
fn every_verdict_has_its_vectors() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in files().values() {
        let (headers, _) = Headers::split(file).expect("a vector");
        *counts.entry(headers.expected().expect("an expectation").0).or_default() += 1;
    }
    assert_eq!(counts.len(), 10, "{counts:?}");
    for typ in Typ::ALL {
        assert!(files().contains_key(&format!("accepted-{typ}")), "{typ}");
    }
}

#[test]
fn the_readme_of_the_vectors_names_every_class_and_header() {
    let readme = fs::read_to_string(folder().join("README.md")).expect("the README");
    for (name, file) in files() {
        let class = name.split('-').next().unwrap_or_default();
        assert!(readme.contains(&format!("| `{class}-` |")), "{name}");
        for header in Headers::split(&file).expect("a vector").0.0.keys() {
            assert!(readme.contains(&format!("`{header}`")), "{name}: {header}");
        }
    }
}

#[test]
fn the_vectors_are_what_the_generator_makes() {
    let made: BTreeMap<_, _> = cases::all().into_iter().map(|vector| (vector.name.clone(), vector.file())).collect();
    assert_eq!(made.len(), cases::all().len(), "two vectors of one name");
    let files = files();
    let names = |map: &BTreeMap<String, Vec<u8>>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&files), "run `cargo run -p leasehold-protocol --example make_vectors`");
    for (name, bytes) in &made {
        assert!(files[name] == *bytes, "{name} differs: run `cargo run -p leasehold-protocol --example make_vectors`");
    }
}
