//! The benches work: a seeded store is a good ledger, a server starts on it, the herd's leases verify, figures print their
//! lines. How fast anything is decides nothing here.

use leasehold::{clock::Clock, store};
use leasehold_ledger::fsck;
use leasehold_ledger::store::Store;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_leasehold-benches");

/// Runs the program in `folder`; what it printed.
fn run(folder: &Path, words: &[&str]) -> String {
    let output = Command::new(PROGRAM).args(words).current_dir(folder).output().expect("the program starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{words:?}: {out}{err}");
    out.into_owned()
}

/// A server process that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The server, and its device port.
fn serve(data: &Path) -> (Server, String) {
    let mut command = Command::new(PROGRAM);
    command.args(["leasehold", "serve", "--data"]).arg(data);
    command.args(["--device", "127.0.0.1:0", "--portal", "127.0.0.1:0", "--operator", "127.0.0.1:0"]);
    let mut server = Server(command.stdout(Stdio::piped()).spawn().expect("the program starts"));
    let lines = BufReader::new(server.0.stdout.take().expect("piped")).lines();
    let mut ready =
        lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("ready device=").map(str::to_owned));
    let ready = ready.next().expect("the server gets ready");
    let device = ready.split(' ').next().expect("an address").to_owned();
    (server, device)
}

#[test]
fn a_seeded_store_breaks_no_invariant() {
    for history in ["kept", "left-out"] {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("data");
        let said = run(
            folder.path(),
            &["seed", "--data", data.to_str().expect("UTF-8"), "--keys", "600", "--history", history],
        );
        assert!(said.starts_with("600 keys in "), "{said}");
        let store = store::open(&data).expect("the store opens");
        let report = fsck::check(store.read().expect("it reads").as_ref(), Clock::System.now()).expect("it reads");
        // Without its history there is nothing that balances could follow from; all else holds.
        let missed = |problem: &str| history == "left-out" && problem.contains("by its Events");
        let found: Vec<_> = report.findings.iter().filter(|finding| !missed(&finding.problem)).collect();
        assert!(found.is_empty(), "{history}: {found:?}");
        assert_eq!(report.rows["activations"], 600);
        assert_eq!(report.rows["keys"], 603, "600 pool keys and the Activation ID of each of 3 accounts");
    }
}

#[test]
fn the_herd_verifies_its_leases_and_draws_its_curve() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    run(folder.path(), &["seed", "--data", data.to_str().expect("UTF-8"), "--keys", "500"]);
    let (_server, device) = serve(&data);
    let (url, trust) = (format!("http://{device}"), data.join("keys/root.pub"));
    let herd = |more: &[&str]| {
        let common =
            ["herd", "--server", &url, "--trust", trust.to_str().expect("UTF-8"), "--keys", "500", "--sample", "100"];
        run(folder.path(), &[&common, more].concat())
    };
    let said = herd(&["--consoles", "400", "--spread", "--seconds", "1", "--svg", "herd.svg"]);
    assert_eq!(said.matches("  200: 400\n").count(), 2, "{said}");
    assert_eq!(said.matches("  100 leases verified\n").count(), 2, "{said}");
    let svg = std::fs::read_to_string(folder.path().join("herd.svg")).expect("the curve");
    assert_eq!(svg.matches("<path ").count(), 2);
    let said = herd(&["--consoles", "400", "--held", "3", "--one-connection-per-check"]);
    assert!(said.contains("  200: 400\n") && said.contains("  100 leases verified\n"), "{said}");
    println!("count herd: 300 leases of 1,200 verified field by field");
}

#[test]
fn figures_print_their_lines_and_results_are_written() {
    let folder = TempDir::new().expect("a folder");
    let sizes =
        ["--keys", "2000", "--small", "500", "--large", "1500", "--rounds", "1", "--checks", "150", "--files", "40"];
    let figures = ["--figures", "S1,S2,S4,S6,S8,S9", "--write", "RESULTS.md"];
    let said = run(folder.path(), &[&["bench"], &sizes[..], &figures[..]].concat());
    let (_, table) = said.split_once("\n\n").expect("an empty line before the table");
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split(' ').collect()).collect();
    let names: Vec<&str> = lines.iter().map(|line| line[0]).collect();
    assert_eq!(names, ["S1", "S2", "S4", "S6", "S8", "S9"], "{said}");
    for line in &lines {
        let [_, median, min, max, "first", first, one, "then", then, two] = line[..] else { panic!("{line:?}") };
        let number = |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("{text:?} in {line:?}"));
        assert!(number(min) <= number(median) && number(median) <= number(max), "{line:?}");
        assert!(number(first) > 0.0 && number(then) > 0.0, "{line:?}");
        assert!([one, two].iter().all(|word| ["ok", "short"].contains(word)), "{line:?}");
    }
    let written = std::fs::read_to_string(folder.path().join("RESULTS.md")).expect("it is written");
    assert!(table.lines().all(|line| written.contains(line)), "{written}");
}
