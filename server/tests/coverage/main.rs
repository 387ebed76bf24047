//! `COVERAGE.md`: which fact of the portals is proved by which tests. It is made from `facts.txt` and the names of the tests in
//! the sources; `LEASEHOLD_WRITE_COVERAGE=1 cargo test -p leasehold --test coverage` writes it, without that it is compared.

mod facts;
mod names;

use facts::{Fact, State};
use names::Named;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "\
# Which fact is proved by which test

What resellers and customers do in five portals today, in our words, and the tests whose names begin with the fact's id. Made by
`LEASEHOLD_WRITE_COVERAGE=1 cargo test -p leasehold --test coverage` from `server/tests/coverage/facts.txt` and the sources; the
same test without that variable fails while this file is another. Kinds: `wire` is what devices say, `api` what people and
programs ask for, `page` what the portal alone shows, `doc` a document. A fact is **done** when its tests prove it, **open**
while something of it is missing, **page** while it waits for the portal.
";

fn tests_of(named: &[Named]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut tests = BTreeMap::<&str, BTreeSet<&str>>::new();
    for one in named {
        for id in &one.ids {
            tests.entry(id).or_default().insert(&one.name);
        }
    }
    tests
}

fn coverage(facts: &[Fact], tests: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let count = |state| facts.iter().filter(|fact| fact.state == state).count();
    let (done, open, page) = (count(State::Done), count(State::Open), count(State::Page));
    let mut text = format!("{HEAD}\n{} facts: {done} done, {open} open, {page} waiting for the portal.\n", facts.len());
    text.push_str("\n| id | fact | kind | state | tests | where |\n|---|---|---|---|---|---|\n");
    for fact in facts {
        let tests = tests.get(fact.id).into_iter().flatten().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let tests = if tests.is_empty() { "-".to_owned() } else { tests.join("<br>") };
        let places = fact.places().map(|place| format!("`{place}`")).collect::<Vec<_>>();
        let places = if places.is_empty() { "-".to_owned() } else { places.join("<br>") };
        let Fact { id, words, kind, state, .. } = fact;
        writeln!(text, "| {id} | {words} | {kind} | {state} | {tests} | {places} |").expect("memory");
    }
    text
}

#[test]
fn every_fact_has_its_line_and_every_line_its_tests() {
    let (facts, named) = (facts::all(), names::in_sources());
    let tests = tests_of(&named);
    let ids: BTreeSet<&str> = facts.iter().map(|fact| fact.id).collect();
    assert_eq!(ids.len(), facts.len(), "an id stands twice in facts.txt");
    let strange: Vec<_> = named.iter().filter(|one| one.ids.iter().any(|id| !ids.contains(id.as_str()))).collect();
    assert!(strange.is_empty(), "tests of facts that are not in facts.txt: {strange:?}");
    let bare: Vec<_> = facts.iter().filter(|fact| fact.state == State::Done && !tests.contains_key(fact.id)).collect();
    assert!(bare.is_empty(), "done, but no test begins with their id: {bare:?}");
    let count = |state| facts.iter().filter(|fact| fact.state == state).count();
    println!(
        "count coverage: {} facts, {} done with {} tests, {} open, {} wait for the portal",
        facts.len(),
        count(State::Done),
        named.len(),
        count(State::Open),
        count(State::Page)
    );
}

#[test]
fn all_of_the_five_portals_facts_are_there() {
    let mut counts = BTreeMap::<char, Vec<u32>>::new();
    for fact in facts::all() {
        let (portal, number) = fact.id.split_at(1);
        counts.entry(portal.chars().next().expect("a letter")).or_default().push(number.parse().expect("a number"));
    }
    for (portal, count) in [('A', 63), ('G', 36), ('T', 37), ('V', 41), ('H', 40)] {
        assert_eq!(counts[&portal], (1..=count).collect::<Vec<_>>(), "{portal}, in order");
    }
}

#[test]
fn where_a_fact_is_found_there_is_a_route() {
    let document = leasehold::admin::document();
    let document = serde_json::to_value(&document).expect("JSON");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    for fact in facts::all() {
        assert!(fact.state != State::Done || fact.places().count() > 0, "{} is done, but nowhere", fact.id);
        for place in fact.places() {
            let is_there = match place.split_once(' ') {
                Some((method, path)) if path.starts_with('/') => {
                    document["paths"][format!("/api/v1{path}")][method.to_lowercase()].is_object()
                }
                Some(("leasehold", verb)) => is_verb(verb),
                None if place.ends_with(".md") => root.join(place).is_file(),
                _ => ["/v1/register", "/v1/activate", "/v1/check", "/v1/release"].contains(&place),
            };
            assert!(is_there, "{}: there is no {place}", fact.id);
        }
    }
}

fn is_verb(words: &str) -> bool {
    use clap::CommandFactory;
    let mut command = leasehold::cli::Cli::command();
    words.split(' ').all(|word| match command.find_subcommand(word).cloned() {
        Some(found) => {
            command = found;
            true
        }
        None => false,
    })
}

#[test]
fn coverage_md_is_what_the_sources_say() {
    let (facts, named) = (facts::all(), names::in_sources());
    let text = coverage(&facts, &tests_of(&named));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("COVERAGE.md");
    if std::env::var_os("LEASEHOLD_WRITE_COVERAGE").is_some() {
        std::fs::write(&path, &text).expect("it writes");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = there.lines().zip(text.lines()).find(|(there, here)| there != here);
    let hint = "LEASEHOLD_WRITE_COVERAGE=1 cargo test -p leasehold --test coverage writes it";
    assert!(there == text, "COVERAGE.md is another one: {hint}; first difference: {differs:?}");
}
