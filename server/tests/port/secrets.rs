//! R15 with TLS, a passphrase and the log at its loudest: nothing secret is in what is logged, measured, answered or stored.

use crate::common::device::{Device, keyset};
use crate::common::http::{COSE, Http};
use crate::common::program::{leasehold, run, signal};
use crate::common::secrets::{holds, spellings};
use crate::common::seed::{Seed, on_disk};
use crate::common::server::{Process, serve};
use crate::common::tls::{Authority, Files, Pair};
use crate::common::wait_for;
use leasehold::keyring::{FOLDER, ROOT};
use leasehold_protocol::keyset::Keyset;
use leasehold_protocol::machine::Kind;
use leasehold_protocol::time::DAY;
use leasehold_signer::keyfile;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const PASSPHRASE: &str = "unlikely staple phrase";

/// Every private key below the data folder, with its name.
fn private_keys(data: &Path) -> Vec<(String, Vec<u8>)> {
    let folder = data.join(FOLDER);
    let mut keys = vec![("challenge secret".to_owned(), fs::read(folder.join("challenge.secret")).expect("it reads"))];
    for entry in fs::read_dir(&folder).expect("it reads") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            let key = keyfile::read(&path, Some(PASSPHRASE.as_bytes())).expect("a key");
            keys.push((path.display().to_string(), key.to_bytes().to_vec()));
        }
    }
    assert_eq!(keys.len(), 4, "lease key, file key, root key, challenge secret");
    keys
}

/// What devices do, right and wrong; the bodies of all answers that are no leases.
fn devices(mut connect: impl FnMut() -> Http, keys: &Keyset, seed: &Seed) -> Vec<u8> {
    let mut answers = Vec::new();
    for code in &seed.pool {
        let (mut device, mut http) = (Device::new(code), connect());
        for kind in [Kind::Activate, Kind::Check, Kind::Release] {
            device.say(&mut http, keys, kind).expect("an answer");
        }
        let mut forged = Device::new(code).message(Kind::Activate);
        *forged.last_mut().expect("a byte") ^= 1;
        answers.push(http.post("/v1/activate", &forged).expect("an answer").body);
        forged.pop();
        answers.push(http.post("/v1/activate", &forged).expect("an answer").body);
        answers.push(http.get(&format!("/v1/{code}")).expect("an answer").body);
        let other = connect().ask("POST", "/v1/check", &[("x-key", code)], code.as_bytes());
        answers.push(other.expect("an answer").body);
        let folded = [("content-type", COSE), ("transfer-encoding", "gzip, chunked"), ("x-key", code)];
        answers.push(connect().ask("POST", "/v1/check", &folded, b"").expect("an answer").body);
    }
    answers.concat()
}

/// Asks the API as `secret`, rightly and wrongly.
fn people(connect: impl Fn() -> Http, secret: &str) -> Vec<u8> {
    let mut http = connect();
    let mut ask = |path: &str, bearer: &str| {
        let bearer = format!("Bearer {bearer}");
        http.ask("GET", path, &[("authorization", &bearer)], b"").expect("an answer").body
    };
    [ask("/api/v1/whoami", secret), ask("/api/v1/tokens", secret), ask("/api/v1/tokens", &format!("{secret}x"))]
        .concat()
}

/// A reload that works and one that does not, so that the log has both.
fn reload(server: &Process, authority: &Authority, files: &Files) -> Vec<Pair> {
    let reads = |result: &str| {
        let page =
            Http::connect(server.operator()).and_then(|mut http| http.get("/metrics")).expect("an answer").text();
        let series = format!("leasehold_tls_certificate_reads_total{{result=\"{result}\"}} ");
        page.lines().find_map(|line| line.strip_prefix(&series)?.parse::<u32>().ok()).unwrap_or(0)
    };
    let hang_up = |result: &str| {
        let before = reads(result);
        signal(server.id(), "HUP");
        wait_for(Duration::from_secs(10), || (reads(result) > before).then_some(())).expect("it reads");
    };
    let (second, third) = (authority.issues(2090), authority.issues(2090));
    second.write(files);
    hang_up("ok");
    fs::write(&files.key, &third.key).expect("written");
    hang_up("failed");
    vec![second, third]
}

#[test]
fn r15_with_tls_and_the_log_at_trace_no_secret_is_anywhere() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    let (data, files, authority) = (path("data"), Files::below(folder.path()), Authority::new());
    fs::write(path("pass"), PASSPHRASE).expect("written");
    let init = ["init", "--iss", "demo.example", "--vendor", "One", "--demo-root", "--passphrase-file"];
    run(leasehold().args(init).arg(path("pass")).arg("--data").arg(&data)).ok();
    let seed = on_disk(&data, |operator| operator.seed(3, 14 * DAY));
    let first = authority.issues(2090);
    first.write(&files);
    fs::write(path("config.toml"), format!("{}ports = [\"device\", \"portal\"]\n", files.settings())).expect("written");
    let mut command = serve(&data);
    command
        .env("LEASEHOLD_LOG", "trace")
        .arg("--passphrase-file")
        .arg(path("pass"))
        .arg("--config")
        .arg(path("config.toml"));
    let server = Process::spawn(command).unwrap_or_else(|ended| panic!("{ended:?}"));
    let added = run(leasehold().args(["--json", "token", "add", "watcher", "--data"]).arg(&data)).ok();
    let token: serde_json::Value = serde_json::from_str(&added).expect("one object");
    let token = token["secret"].as_str().or(token["token"].as_str()).expect("its secret").to_owned();

    let device = || authority.http(server.device()).expect("it listens");
    let root = keyfile::read_public(&data.join(FOLDER).join(ROOT)).expect("the root's public half");
    let keys = keyset(&mut device(), &root);
    let mut answers = devices(device, &keys, &seed);
    answers.extend(people(|| authority.http(server.portal()).expect("it listens"), &token));
    let pairs = reload(&server, &authority, &files);
    let page = Http::connect(server.operator()).and_then(|mut http| http.get("/metrics")).expect("an answer").body;
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.id())).expect("Linux says");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a line of its own");
    assert_eq!(
        core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(),
        ["0", "0"],
        "core dumps are possible: {core}"
    );
    signal(server.id(), "TERM");
    let ended = server.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.output);
    let log = ended.output.into_bytes();
    assert!(holds(&log, b"not reloaded") && holds(&log, b"going down"), "{}", String::from_utf8_lossy(&log));

    let mut secrets = private_keys(&data);
    secrets.push(("passphrase".into(), PASSPHRASE.into()));
    secrets.push(("token".into(), token.into_bytes()));
    secrets.extend([first].iter().chain(&pairs).map(|pair| ("TLS key".into(), pair.scalar())));
    let store = fs::read(data.join(leasehold::store::open::FILE_NAME)).expect("it reads");
    let places = [("log", &log), ("metrics", &page), ("answers", &answers), ("store", &store)];
    for (name, secret) in &secrets {
        for (place, bytes) in places {
            let found = spellings(secret).iter().any(|spelling| holds(bytes, spelling));
            assert!(!found, "the {place} holds the {name}");
        }
    }
    for code in seed.pool.iter().chain([&seed.lot]) {
        for (place, bytes) in &places[..3] {
            assert!(!holds(bytes, code.as_bytes()), "the {place} holds a key code");
        }
        assert!(holds(&store, code.as_bytes()), "the store should hold the code: is this looking at the right bytes?");
    }
    println!(
        "count R15: {} secrets and {} key codes looked for in {} bytes of log at trace, metrics, answers and store: 0 found",
        secrets.len(),
        seed.pool.len() + 1,
        log.len()
    );
}
