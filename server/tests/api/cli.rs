//! The verbs, the socket and the portal of a real server: what an operator types, what it prints, how it exits.

use super::device::{Device, LOT_CODE};
use leasehold::clock::Clock;
use leasehold::config::Config;
use leasehold::init::{self, Plan};
use leasehold::server::Server;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

struct Operator<'a>(&'a Path);

impl Operator<'_> {
    fn run(&self, words: &[&str], input: &[u8]) -> Output {
        let mut verb = Command::new(env!("CARGO_BIN_EXE_leasehold"));
        verb.arg("--data").arg(self.0).args(words).env_remove("LEASEHOLD_DATA");
        let mut verb =
            verb.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        verb.stdin.take().expect("a pipe").write_all(input).expect("it reads");
        verb.wait_with_output().expect("it ends")
    }

    fn json(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat(), b"");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn id(&self, words: &[&str]) -> String {
        self.json(words)["id"].as_str().expect("an id").to_owned()
    }

    /// Exit code and the lines on standard error.
    fn fails(&self, words: &[&str], input: &[u8]) -> (Option<i32>, Vec<String>) {
        let output = self.run(words, input);
        assert!(output.stdout.is_empty(), "{words:?}");
        let said = String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect();
        (output.status.code(), said)
    }
}

fn serve(data: &Path) -> Server {
    let plan = Plan { data, iss: "vendor.test", vendor: "Vendor", passphrase: None, demo_root: true };
    init::init(&plan, Clock::System).expect("a fresh folder");
    let mut config = Config::default();
    for address in [&mut config.listen.device, &mut config.listen.portal, &mut config.listen.operator] {
        address.set_port(0);
    }
    let server = Server::start(data, &config, None, Clock::System).expect("it starts");
    // The control thread binds its socket itself.
    let bound = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        data.join("control.sock").exists()
    });
    assert!(bound, "there is a control socket after five seconds");
    server
}

#[test]
fn an_operator_sells_pools_and_licenses_with_verbs_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = serve(folder.path());
    let lh = Operator(folder.path());
    let mode = folder.path().join("control.sock").metadata().expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let labs = lh.id(&["account", "add", "Example Labs"]);
    lh.json(&["product", "add", "OBM-STD", "--kind", "OBM", "--kind", "VM", "--compat", "standard", "--offline"]);
    let order = ["order", "add", "SO-1", "--account", &labs, "--product", "OBM-STD", "--units", "OBM=100,VM=5"];
    let lot = lh.json(&order)["lots"][0]["id"].as_str().expect("a lot").to_owned();
    lh.json(&["lot", "convert", &lot]);
    let pool = lh.id(&["pool", "add", "Branches", "--account", &labs, "--product", "OBM-STD"]);
    assert_eq!(lh.json(&["pool", "quota", &pool, "OBM=40"])["free"]["OBM"], 40);
    let key = lh.id(&["pool-key", "add", "server-2", "--pool", &pool, "--quota", "OBM=10"]);
    assert_eq!(lh.json(&["pool-key", "quota", &key, "OBM=7"])["units"]["OBM"], 7);
    assert_eq!(lh.json(&["pool-key", "stop", &key])["state"], "stopped");
    assert_eq!(lh.json(&["pool-key", "resume", &key])["state"], "open");
    assert_eq!(lh.json(&["account", "totals", "--account", &labs])["types"][0]["in_keys"]["OBM"], 7);
    lh.json(&["pool-key", "delete", &key]);
    let table = lh.run(&["pool", "list", "--account", &labs], b"");
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.lines().next().expect("a head").starts_with("ID ") && table.contains("Branches"), "{table}");
    let events = lh.json(&["event", "list", "--account", &labs, "--limit", "3"]);
    assert_eq!(
        (events["items"].as_array().map(Vec::len), &events["items"][0]["verb"]),
        (Some(3), &"key_deleted".into())
    );
    assert!(events["next"].is_string());

    licenses(&lh, &labs);
    lines(&lh, &labs);
    calls(&lh, &labs, &server);
    refusals(&lh, &pool);
    server.stop().expect("a clean end");
    let (exit, said) = lh.fails(&["account", "list"], b"");
    assert!(exit == Some(1) && said.len() == 2, "{said:?}");
    assert!(said[0].starts_with("leasehold: no server answers in ") && said[1].contains("leasehold serve --data "));
}

fn licenses(lh: &Operator<'_>, account: &str) {
    let order = ["order", "add", "SO-2", "--account", account, "--product", "OBM-STD"];
    lh.json(&[&order[..], &["--units", "OBM=10", "--activation-id", LOT_CODE]].concat());
    let request = lh.0.join("gate-4.lreq");
    std::fs::write(&request, Device::new(50).asks(1, 2)).expect("a file");
    let path = request.to_str().expect("text");
    let issue = ["license", "issue", path, "--account", account];
    for _ in 0..2 {
        let output = lh.run(&issue, b"");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let written = std::fs::read(lh.0.join("gate-4.lic")).expect("the licence");
    let piped = ["license", "issue", "-", "--account", account];
    assert_eq!(lh.run(&piped, &Device::new(50).asks(1, 2)).stdout, written);
    std::fs::write(lh.0.join("gate-4.lic"), "mine").expect("a file");
    let (exit, said) = lh.fails(&issue, b"");
    assert!(exit == Some(1) && said[0].contains("exists already"), "{said:?}");
    let (exit, said) = lh.fails(&piped, b"hello");
    assert!(exit == Some(4) && said[0].contains("(not_armour)"), "{said:?}");
    let list = lh.json(&["activation", "list", "--account", account]);
    let id = list["items"][0]["id"].as_str().expect("an activation").parse().expect("an id");
    let back = lh.run(&["license", "return", "-", "--account", account], &Device::new(50).gives_back(id, 1));
    assert!(back.status.success(), "{}", String::from_utf8_lossy(&back.stderr));
    assert_eq!(lh.json(&["activation", "show", &id.to_string()])["state"], "released");
    assert_eq!(lh.json(&["device", "list", "--account", account])["items"][0]["name"], "gate 4");
}

fn lines(lh: &Operator<'_>, account: &str) {
    let branch = lh.id(&["account", "add", "Branch"]);
    let order = ["order", "add", "SO-3", "--account", account, "--product", "OBM-STD", "--units", "OBM=9"];
    let lot = lh.json(&order)["lots"][0]["id"].as_str().expect("a lot").to_owned();
    assert_eq!(lh.json(&["lot", "conversion", &lot])["at_once"]["OBM"], 9);
    let transfer = ["lot", "transfer", &lot, "--to", &branch, "--units", "OBM=4", "--entitlement", "SO-4"];
    assert_eq!(lh.json(&transfer)["order"], "SO-4");
    let lines = lh.json(&["line", "list", "--subtree"]);
    let of = |number: &str| {
        let mut all = lines["items"].as_array().expect("lines").iter();
        all.find(|line| line["entitlement_id"] == number).expect("listed").clone()
    };
    assert_eq!((&of("SO-3")["available_quantity"]["OBM"], &of("SO-4")["sold_to"]), (&5.into(), &"Branch".into()));
    lh.json(&["reserve", "add", "--account", account, "--product", "OBM-STD", "--units", "OBM=2"]);
    assert_eq!(lh.json(&["reserve", "list", "--account", account])["items"][0]["free"]["OBM"], 2);
    let activations = lh.json(&["activation", "list", "--account", account]);
    let released = activations["items"][0]["id"].as_str().expect("an id").to_owned();
    for verb in ["stop", "rehost"] {
        let (exit, said) = lh.fails(&["activation", verb, &released], b"");
        assert!(exit == Some(3) && said[0].contains("(licence_lapsed)"), "{verb}: {said:?}");
    }
    assert_eq!(lh.json(&["activation", "resume", &released])["state"], "released", "it was never stopped");
}

fn calls(lh: &Operator<'_>, account: &str, server: &Server) {
    let made = lh.json(&["token", "add", "probe", "--account", account]);
    let (secret, id) = (made["secret"].as_str().expect("a secret"), made["id"].as_str().expect("an id"));
    let ask = || {
        let mut stream = TcpStream::connect(server.addresses.portal).expect("it listens");
        let head = format!(
            "GET /api/v1/whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {secret}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    };
    assert!(ask().starts_with("HTTP/1.1 200") && ask().contains("token probe"));
    lh.json(&["token", "revoke", id]);
    assert!(ask().starts_with("HTTP/1.1 401"));
    let body = format!("{{\"name\": \"Through api\", \"kind\": \"end_customer\", \"parent\": {}}}", whoami(lh));
    let output = lh.run(&["api", "POST", "/api/v1/accounts", "--body", "-"], body.as_bytes());
    assert!(String::from_utf8_lossy(&output.stdout).contains("Through api"));
    let jobs = lh.json(&["job", "list"]);
    assert_eq!(jobs["items"][0]["name"], "lapse");
    assert!(lh.json(&["job", "run", "lapse"])["done"].is_u64());
}

fn whoami(lh: &Operator<'_>) -> Value {
    lh.json(&["api", "get", "/whoami"])["account"].clone()
}

fn refusals(lh: &Operator<'_>, pool: &str) {
    let (exit, said) = lh.fails(&["pool", "quota", pool, "OBM=1000"], b"");
    assert!(exit == Some(3) && said.len() == 2 && said[0].contains("(insufficient_units)"), "{said:?}");
    let (exit, said) = lh.fails(&["pool", "quota", pool, "OBM=1000", "--json"], b"");
    let json: Value = serde_json::from_str(&said.concat()).expect("JSON");
    assert_eq!((exit, &json["code"], &json["exit"]), (Some(3), &"insufficient_units".into(), &3.into()));
    let (exit, said) = lh.fails(&["pool", "quota", pool, "OBM"], b"");
    assert!(exit == Some(2) && said[0].contains("KIND=N"), "{said:?}");
    assert_eq!(lh.fails(&["api", "POST", "/accounts", "--body", "{"], b"").0, Some(2));
    assert_eq!(lh.fails(&["lot", "retire", "no id", "--units", "OBM=1"], b"").0, Some(2));
}

#[test]
fn every_verb_that_speaks_to_a_server_has_an_example() {
    let nowhere = Path::new("/nowhere");
    let verbs: [(&str, &[&str]); 13] = [
        ("account", &["add", "list", "show", "totals", "deactivate", "reactivate"]),
        ("product", &["add", "list"]),
        ("order", &["add"]),
        ("lot", &["list", "convert", "conversion", "transfer", "retire"]),
        ("pool", &["add", "list", "quota", "move"]),
        ("pool-key", &["add", "list", "quota", "stop", "resume", "delete"]),
        ("device", &["list"]),
        ("activation", &["list", "show", "stop", "resume", "rehost"]),
        ("license", &["issue", "return"]),
        ("event", &["list"]),
        ("token", &["add", "list", "revoke"]),
        ("line", &["list"]),
        ("reserve", &["list", "add"]),
    ];
    for (noun, verbs) in verbs {
        for verb in verbs {
            let help = Operator(nowhere).run(&[noun, verb, "--help"], b"");
            let help = String::from_utf8_lossy(&help.stdout).into_owned();
            assert!(help.contains(&format!("Example: leasehold {noun} {verb}")), "{noun} {verb}: {help}");
        }
    }
}
