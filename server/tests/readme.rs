//! What the README says is true: its commands parse, its snippet is the script that is tested, its folders exist.

use clap::Parser;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository")
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("there is a README")
}

/// The fenced blocks of a language, joined.
fn blocks(text: &str, language: &str) -> String {
    let fence = format!("```{language}\n");
    let blocks = text.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next());
    blocks.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_command_in_the_readme_is_one_the_program_takes() {
    let text = blocks(&readme(), "sh");
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("leasehold ")).collect();
    assert!(commands.len() >= 8, "only {} commands found", commands.len());
    for command in commands {
        let words = words(command);
        let refused = match words[1].as_str() {
            "console" => leasehold_console::cli::Cli::try_parse_from(&words[1..]).err(),
            "signer" => leasehold_signer::cli::Cli::try_parse_from(&words[1..]).err(),
            _ => leasehold::cli::Cli::try_parse_from(&words).err(),
        };
        assert!(refused.is_none(), "{command}\n{}", refused.map(|error| error.to_string()).unwrap_or_default());
    }
}

/// Words of a command, quotes taken off.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_python_in_the_readme_is_the_script_that_the_interop_test_runs() {
    let script = std::fs::read_to_string(root().join("fixtures/interop/verify_lease.py")).expect("the script");
    assert_eq!(blocks(&readme(), "python").trim(), script.trim());
}

#[test]
fn every_place_the_readme_names_exists() {
    let text = readme();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let named = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|name| name.contains('/'));
    let named: Vec<&str> = named.collect();
    assert!(named.len() >= 10, "only {} places found", named.len());
    for name in named {
        assert!(root().join(name).exists(), "{name} is not there");
    }
}

#[test]
fn the_settings_in_the_readme_and_in_dist_are_settings() {
    let read = |text: &str| toml::from_str::<leasehold::config::Config>(text);
    let text = readme();
    for block in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        assert!(read(block).is_ok(), "{:?}\n{block}", read(block));
    }
    let dist = std::fs::read_to_string(root().join("server/dist/leasehold.toml")).expect("the settings file");
    let as_shipped = read(&dist).expect("it reads as it is shipped");
    assert_eq!(as_shipped.tls, None);
    // Every example in it reads too: a line that is a setting behind its comment sign is one.
    let is_setting = |line: &&str| line.starts_with('[') || line.contains(" = ");
    let lines = dist.lines().map(|line| line.strip_prefix("# ").filter(is_setting).unwrap_or(line));
    let all = lines.collect::<Vec<_>>().join("\n");
    let all = read(&all).unwrap_or_else(|error| panic!("{error}\n{all}"));
    assert!(all.tls.is_some() && all.trusted_proxies.len() == 1);
    assert_eq!(all.limits, as_shipped.limits, "what is commented out is the default");
}
