//! T26, T28: the reseller's guide is shipped, and what it says is there: its calls, their fields, its commands and its refusals.

use clap::Parser;
use leasehold_protocol::Refused;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn guide() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reseller-guide.md");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn document() -> Value {
    let text = leasehold::admin::document().to_json().expect("JSON");
    serde_json::from_str(&text).expect("JSON")
}

/// The fenced blocks of a language, in order.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.match_indices(&fence).filter_map(|(at, _)| text[at + fence.len()..].split("```").next()).collect()
}

/// A method and a path, if the words begin with them.
fn call(words: &str) -> Option<(String, String)> {
    let (method, path) = words.split_once(' ')?;
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method) && path.starts_with('/');
    known.then(|| (method.to_lowercase(), format!("/api/v1{}", path.split('?').next().unwrap_or_default())))
}

/// The operation of a call: paths are compared with the names of their ids.
fn operation<'a>(document: &'a Value, (method, path): &(String, String)) -> &'a Value {
    &document["paths"][path][method]
}

#[test]
fn t26_the_guide_says_who_is_a_reseller() {
    let text = guide();
    assert!(text.contains("more than five") && text.contains("hands licences on"));
}

#[test]
fn t28_every_call_the_guide_names_is_one_the_api_has() {
    let (text, document) = (guide(), document());
    let named = text.split('`').skip(1).step_by(2).filter_map(call);
    let shown = blocks(&text, "http").into_iter().flat_map(str::lines).filter_map(call);
    let calls: BTreeSet<_> = named.chain(shown).collect();
    assert!(calls.len() >= 25, "only {} calls found", calls.len());
    calls.iter().for_each(|call| assert!(operation(&document, call).is_object(), "{call:?}"));
    println!("count reseller's guide: {} calls, all in the OpenAPI document", calls.len());
}

#[test]
fn t28_every_body_in_the_guide_has_the_fields_its_call_takes() {
    let (text, document) = (guide(), document());
    let mut checked = 0;
    for block in blocks(&text, "http") {
        for part in block.split("\n\n").filter(|part| part.contains('{')) {
            let Some((head, body)) = part.trim().split_once('\n') else { continue };
            let operation = operation(&document, &call(head).expect("a call"));
            let body: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{head}: {error}"));
            let schema = schema(&document, &operation["requestBody"]["content"]["application/json"]["schema"]);
            let given = body.as_object().expect("an object");
            for name in given.keys() {
                assert!(schema["properties"][name].is_object(), "{head}: there is no field {name}");
            }
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                assert!(given.contains_key(name), "{head}: the field {name} is missing");
            }
            checked += 1;
        }
    }
    assert!(checked >= 10, "only {checked} bodies found");
}

fn schema<'a>(document: &'a Value, given: &'a Value) -> &'a Value {
    match given["$ref"].as_str().and_then(|name| name.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).expect("the document is whole"),
        None => given,
    }
}

#[test]
fn t28_every_command_in_the_guide_is_one_the_program_takes() {
    let text = guide();
    let lines = blocks(&text, "sh").into_iter().flat_map(str::lines);
    let spans = text.split('`').skip(1).step_by(2);
    let commands: Vec<&str> = lines.chain(spans).filter(|line| line.starts_with("leasehold ")).collect();
    assert!(commands.len() >= 4, "only {} commands found", commands.len());
    for command in commands {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        assert_eq!(words[0], "console", "a reseller has no other program: {command}");
        let refused = leasehold_console::cli::Cli::try_parse_from(words).err();
        assert!(refused.is_none(), "{command}\n{}", refused.map(|error| error.to_string()).unwrap_or_default());
    }
}

#[test]
fn t28_every_refusal_in_the_guide_is_one_there_is() {
    let text = guide();
    let rows = text.lines().skip_while(|line| !line.starts_with("| code |")).skip(2);
    let codes: Vec<&str> = rows.filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    assert!(codes.len() >= 5, "only {} codes found", codes.len());
    for code in codes {
        assert!(Refused::ALL.iter().any(|refused| refused.code() == code), "{code}");
    }
}
