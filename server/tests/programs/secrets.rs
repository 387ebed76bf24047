//! R15, the operator's part: a passphrase and a token's secret are nowhere but where they were given.

use crate::common::http::Http;
use crate::common::program::{leasehold, run, signal};
use crate::common::server::{Process, serve};
use leasehold::store::open::FILE_NAME;
use tempfile::TempDir;

const PASSPHRASE: &str = "unlikely staple phrase";

fn holds(place: &[u8], secret: &str) -> bool {
    place.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[test]
fn r15_a_passphrase_and_a_tokens_secret_are_in_no_log_metric_error_or_file() {
    let folder = TempDir::new().expect("a temporary folder");
    let (data, pass) = (folder.path().join("data"), folder.path().join("pass"));
    std::fs::write(&pass, PASSPHRASE).expect("written");
    let init = ["init", "--iss", "one.example", "--vendor", "One", "--demo-root", "--passphrase-file"];
    let mut said = run(leasehold().args(init).arg(&pass).arg("--data").arg(&data)).ok();
    let mut command = serve(&data);
    command.env("LEASEHOLD_LOG", "trace").arg("--passphrase-file").arg(&pass);
    let server = Process::spawn(command).unwrap_or_else(|ended| panic!("{ended:?}"));
    let added = run(leasehold().args(["--json", "token", "add", "watcher", "--data"]).arg(&data)).ok();
    let token: serde_json::Value = serde_json::from_str(&added).expect("one object");
    let secret = token["secret"].as_str().or(token["token"].as_str()).unwrap_or_else(|| panic!("no secret: {token}"));
    assert!(secret.len() > 20, "{token}");

    let bearer = format!("Bearer {secret}");
    let wrong = format!("Bearer {secret}x");
    let mut portal = Http::connect(server.portal()).expect("it listens");
    let mut ask =
        |path: &str, bearer: &str| portal.ask("GET", path, &[("authorization", bearer)], b"").expect("an answer");
    let accounts = ask("/api/v1/accounts", &bearer);
    assert_eq!(accounts.status, 200, "{}", accounts.text());
    let tokens = ask("/api/v1/tokens", &bearer);
    let refused = [ask("/api/v1/accounts", &wrong), ask("/api/v1/nonesuch", &bearer), ask("/api/v1/keys/x", &bearer)];
    assert_eq!(refused[0].status, 401, "{}", refused[0].text());
    for answer in refused.iter().chain([&accounts, &tokens]) {
        said.push_str(&answer.text());
    }
    drop(portal);
    let page = Http::connect(server.operator()).and_then(|mut http| http.get("/metrics")).expect("an answer");
    said.push_str(&page.text());
    signal(server.id(), "TERM");
    let ended = server.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.output);
    assert!(ended.output.contains("going down"), "the log is not in the output: {}", ended.output);
    said.push_str(&ended.output);

    let store = std::fs::read(data.join(FILE_NAME)).expect("it reads");
    for (what, bytes) in [("output", said.as_bytes()), ("store", &store)] {
        assert!(!holds(bytes, PASSPHRASE), "the {what} holds the passphrase");
        assert!(!holds(bytes, secret), "the {what} holds the token's secret");
    }
    for entry in std::fs::read_dir(data.join("keys")).expect("it reads") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("it reads");
        assert!(!holds(&bytes, PASSPHRASE), "{} holds the passphrase", path.display());
    }
    println!(
        "count operator secrets: passphrase and token looked for in output, log at trace, metrics, errors, store: 0 found"
    );
}
