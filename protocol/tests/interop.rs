//! R8: strangers can verify, and speak. Independent COSE libraries (Python's `cwt` and `pycose`, node's `@auth0/cose`) verify our
//! artefacts from the root key alone and refuse fakes; messages they make are byte for byte ours, and correctly signed
//! twins that are not deterministic are refused. The scripts are in `fixtures/interop`; `make tools` installs what they need.

#[path = "interop/artefacts.rs"]
mod artefacts;
#[path = "interop/messages.rs"]
mod messages;
#[path = "interop/server.rs"]
mod server;

use artefacts::{DEVICE, NOW, ROOT, signing};
use leasehold_protocol::PublicKey;
use leasehold_protocol::time::DAY;
use std::path::{Path, PathBuf};
use std::{env, fs, process::Command};

#[test]
fn r8_pycose_verifies_ours_and_refuses_fakes() {
    assert_verifies("pycose", python("verify.py", &["--library", "pycose"]));
}

#[test]
fn r8_cwt_verifies_ours_and_refuses_fakes() {
    assert_verifies("cwt", python("verify.py", &["--library", "cwt"]));
}

#[test]
fn r8_auth0_cose_verifies_ours_and_refuses_fakes() {
    assert_verifies("auth0-cose", node("verify.mjs", &[]));
}

#[test]
fn r8_messages_made_by_pycose_are_ours_and_their_twins_are_refused() {
    let made = run(python("make.py", &["--library", "pycose", "--seed", &hex(&DEVICE)]));
    messages::assert_understood("pycose", &made.expect("pycose makes messages"), 32);
}

#[test]
fn r8_messages_made_by_cwt_are_ours_and_their_twins_are_refused() {
    let made = run(python("make.py", &["--library", "cwt", "--seed", &hex(&DEVICE)]));
    messages::assert_understood("cwt", &made.expect("cwt makes messages"), 32);
}

#[test]
fn r8_messages_made_by_auth0_cose_are_ours_and_their_twins_are_refused() {
    let made = run(node("make.mjs", &[&hex(&DEVICE)]));
    messages::assert_understood("@auth0/cose", &made.expect("@auth0/cose makes messages"), 17);
}

#[test]
fn r8_the_readme_verifies_a_lease_in_python() {
    let folder = artefacts::write(&temporary("readme"));
    let keyset = folder.join("keyset.cose").display().to_string();
    let verdict =
        |lease: &str| run(python("verify_lease.py", &[&root(), &keyset, &folder.join(lease).display().to_string()]));
    let output = verdict("lease.cose").expect("the lease is verified");
    assert!(output.contains("'OBM': 24") && output.contains(&(NOW.0 + 14 * DAY).to_string()), "{output}");
    let refused = ["key_not_in_keyset", "flipped", "file_key", "is_a_refusal", "wrong_key_under_the_right_id"];
    for fake in refused {
        assert!(verdict(&format!("fakes/lease-{fake}.cose")).is_err(), "{fake}");
    }
}

#[test]
fn r8_the_verifiers_page_in_the_specification_is_the_one_that_runs_here() {
    let specification = include_str!("../SPEC.md");
    let page = specification.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a page");
    let functions: Vec<&str> = page.trim_end().split("\n\n\n").collect();
    assert_eq!(functions.len(), 4, "{page}");
    let read = |script| fs::read_to_string(workspace().join("fixtures/interop").join(script)).expect("a script");
    let scripts = ["libraries.py", "trust.py"].map(read);
    for function in functions {
        assert!(scripts.iter().any(|script| script.contains(&format!("\n{function}\n"))), "{function}");
    }
}

#[test]
fn r8_a_console_written_with_pycose_goes_through_its_whole_life() {
    let (port, server) = server::start(server::Answers::Honest);
    let output = run(speak(port)).expect("the console is content");
    let steps: Vec<&str> = output.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(steps, ["keyset", "activate", "check", "release", "done"], "{output}");
    assert_eq!(server.join().expect("the server ends"), ["keyset", "activate", "check", "release"]);
}

#[test]
fn r8_a_console_written_with_pycose_believes_no_forged_answer() {
    let (port, server) = server::start(server::Answers::ForgedLease);
    let error = run(speak(port)).expect_err("the forged lease is refused");
    assert!(error.contains("unknown key"), "{error}");
    assert_eq!(server.join().expect("the server ends"), ["keyset", "activate"]);
}

fn speak(port: u16) -> Command {
    let server = format!("http://127.0.0.1:{port}");
    let key = ["--key", "AAAA-BBBB-CCCC-2345", "--product", "backup-suite"];
    python("speak.py", &[&["--server", &server, "--root", &root()][..], &key].concat())
}

/// A stranger accepts every artefact of ours, reads what we wrote, and refuses every fake and every flipped bit.
fn assert_verifies(name: &str, mut script: Command) {
    let folder = artefacts::write(&temporary(name));
    script.arg(&folder);
    let output = run(script).expect("every verdict is right");
    for (typ, days) in [("lease", 14), ("license", 400)] {
        let exp = NOW.plus(days * DAY).0;
        let line = format!("{typ} sub {} iat {} exp {exp} units ACB:3+OBM:24", "11".repeat(16), NOW.0);
        assert!(output.lines().any(|found| found == line), "{line}\n{output}");
    }
    let fakes = fs::read_dir(folder.join("fakes")).expect("the fakes are there").count();
    let counts = output.lines().last().unwrap_or_default();
    assert!(counts.starts_with(&format!("verified 5 fakes {fakes} flips ")), "{counts}");
    let flips: usize = counts.rsplit(' ').next().and_then(|count| count.parse().ok()).expect("a count of flips");
    assert!(flips > 1500, "{flips} bytes in five artefacts are too few");
    println!("count interop {name}: {counts}");
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop").join(name)
}

fn root() -> String {
    hex(&PublicKey::of(&signing(ROOT)).0)
}

fn python(script: &str, arguments: &[&str]) -> Command {
    let installed = workspace().join("target/venv/bin/python");
    let program = env::var_os("LEASEHOLD_PYTHON").map_or(installed, PathBuf::from);
    assert!(program.exists(), "{} is missing: run `make tools`", program.display());
    let mut command = Command::new(program);
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(workspace().join("fixtures/interop").join(script)).args(arguments);
    command
}

fn node(script: &str, arguments: &[&str]) -> Command {
    let installed = workspace().join("target/npm");
    let modules = env::var_os("LEASEHOLD_NPM").map_or(installed, PathBuf::from);
    assert!(modules.join("node_modules").exists(), "{} is missing: run `make tools`", modules.display());
    let mut command = Command::new("node");
    command.env("LEASEHOLD_NPM", modules).arg(workspace().join("fixtures/interop").join(script)).args(arguments);
    command
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace")
}

/// What a script printed, or what it complained about.
fn run(mut command: Command) -> Result<String, String> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}: run `make tools`"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("scripts print UTF-8");
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
