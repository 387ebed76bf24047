//! The tests in the sources whose names begin with ids of facts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Attributes that make a function a test.
const ATTRIBUTES: [&str; 2] = ["#[test]", "#[tokio::test]"];

/// A test of facts.
#[derive(Debug, Clone)]
pub struct Named {
    pub name: String,
    pub ids: Vec<String>,
}

/// Every test of a fact, from every crate.
pub fn in_sources() -> Vec<Named> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut files = Vec::new();
    for part in ["protocol", "signer", "server"] {
        sources(&root.join(part), &mut files);
    }
    assert!(files.len() > 100, "only {} sources were found", files.len());
    files.sort();
    files.iter().flat_map(|file| in_text(&std::fs::read_to_string(file).expect("a source"))).collect()
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        match entry.is_dir() {
            true if entry.ends_with("target") => {}
            true => sources(&entry, files),
            false if entry.extension().is_some_and(|end| end == "rs") => files.push(entry),
            false => {}
        }
    }
}

fn in_text(text: &str) -> Vec<Named> {
    let mut is_test = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        let name = line.split_once("fn ").filter(|(before, _)| before.trim_end().is_empty() || *before == "async ");
        match name.and_then(|(_, rest)| rest.split_once('(')) {
            Some((name, _)) if is_test => {
                let ids = ids(name);
                if !ids.is_empty() {
                    found.push(Named { name: name.to_owned(), ids });
                }
                is_test = false;
            }
            Some(_) => is_test = false,
            None => is_test |= ATTRIBUTES.contains(&line),
        }
    }
    found
}

/// The ids a name begins with; those of invariants and promises (`i14`, `r12`) may stand among them.
fn ids(name: &str) -> Vec<String> {
    let id = |part: &&str| {
        let (letter, number) = part.split_at(part.len().min(1));
        "agtvhir".contains(letter) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let found = name.split('_').take_while(id).filter(|part| !part.starts_with(['i', 'r']));
    found.map(str::to_uppercase).collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn the_ids_a_name_begins_with_are_its_facts() {
    assert_eq!(ids("h19_i14_a_pool_key_never_gets_a_file"), ["H19"]);
    assert_eq!(ids("a56_a62_a_transfer"), ["A56", "A62"]);
    assert_eq!(ids("a_transfer_of_a56"), [""; 0]);
    assert_eq!(ids("i13_one_event"), [""; 0]);
    let text = "#[tokio::test]\nasync fn a1_one() {\n}\nfn a2_helper() {}\n    #[test]\n    fn t6_t7_two() {";
    let names: Vec<_> = in_text(text).into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["a1_one", "t6_t7_two"]);
}
