//! FLOW.md names functions; each has to be where it says, and no stage of the hot path may be missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const FLOW: &str = include_str!("../FLOW.md");
const STAGES: [&str; 11] =
    ["accept", "read", "shed", "decode", "authenticate", "queue", "decide", "commit", "wake", "sign", "send"];

/// Every `file::function` in the text.
fn named() -> BTreeSet<(&'static str, &'static str)> {
    let ticked =
        FLOW.lines().filter(|line| !line.starts_with("```")).flat_map(|line| line.split('`').skip(1).step_by(2));
    ticked.filter_map(|text| text.split_once(".rs::")).collect()
}

#[test]
fn every_function_that_flow_names_is_in_its_file() {
    let named = named();
    assert!(named.len() > 40, "only {} functions are named", named.len());
    for (file, function) in &named {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{file}.rs"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let declared = |line: &str| {
            let after = line.split_once("fn ").filter(|(before, _)| !before.contains("//")).map(|(_, after)| after);
            after.and_then(|after| after.strip_prefix(function)).is_some_and(|rest| rest.starts_with(['(', '<']))
        };
        assert!(text.lines().any(declared), "FLOW.md names {file}.rs::{function}, which is not there");
    }
    println!("count FLOW.md: {} functions, each in its file", named.len());
}

#[test]
fn the_hot_path_goes_through_every_stage_in_order() {
    let stages: Vec<_> = FLOW.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()).collect();
    let mut met = stages.iter().filter(|stage| STAGES.contains(stage)).copied().collect::<Vec<_>>();
    met.dedup();
    assert_eq!(met, STAGES);
}
