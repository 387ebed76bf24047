//! An organisation on a real server, its owner's session, and real consoles: all under one clock.

use crate::common::fake_clock::FakeClock;
use crate::common::http::Http;
use crate::common::program::{Done, leasehold, run};
use crate::common::server::{TestServer, serve};
use leasehold::keyring::{FOLDER, ROOT};
use leasehold::random::key_code;
use serde_json::{Value, json};

const PASSWORD: &str = "a heron stands in cold water";

/// An organisation and its owner.
pub struct Club {
    pub server: TestServer,
    pub clock: FakeClock,
    account: String,
}

impl Club {
    pub fn new() -> Self {
        let (mut server, _) = TestServer::made(0);
        let clock = FakeClock::at(server.beside("clock"));
        server.start_as(clock.over(serve(&server.data())));
        let mut club = Self { server, clock, account: String::new() };
        club.account = club.id("/accounts", &json!({"parent": club.vendor(), "kind": "end_customer", "name": "Club"}));
        let owner = club.member("olga", "admin");
        club.does("POST", &format!("/accounts/{}/hand-over", club.account), &json!({"user": owner}));
        club.session("olga");
        club
    }

    fn vendor(&self) -> String {
        text(&self.does("GET", "/whoami", &json!(null)), "account")
    }

    /// What the operator has done by the command line.
    pub fn does(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut verb = leasehold();
        verb.args(["api", method, path, "--json", "--data"]).arg(self.server.data());
        if !body.is_null() {
            verb.args(["--body", &body.to_string()]);
        }
        serde_json::from_str(&run(&mut verb).ok()).unwrap_or_default()
    }

    fn id(&self, path: &str, body: &Value) -> String {
        text(&self.does("POST", path, body), "id")
    }

    /// A member who signs in by this name.
    pub fn member(&self, name: &str, role: &str) -> String {
        let email = format!("{name}@l.example");
        let user = json!({"username": name, "email": email, "role": role, "password": "seven quiet cranes", "welcome": "nothing"});
        self.id(&format!("/users?account={}", self.account), &user)
    }

    /// A session of a member who has chosen a password.
    pub fn session(&self, name: &str) -> String {
        let given = self.asks("POST", "/sessions", "", &json!({"identifier": name, "password": "seven quiet cranes"}));
        let change = json!({"old_password": "seven quiet cranes", "password": PASSWORD});
        text(&self.asks("POST", "/password/change", &text(&given, "session"), &change), "session")
    }

    /// A call of somebody who is signed in.
    pub fn asks(&self, method: &str, path: &str, session: &str, body: &Value) -> Value {
        let bearer = format!("Bearer {session}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let headers = if session.is_empty() { &headers[..1] } else { &headers[..] };
        let mut http = Http::connect(self.server.portal()).expect("it listens");
        let reply =
            http.ask(method, &format!("/api/v1{path}"), headers, body.to_string().as_bytes()).expect("it answers");
        assert!((200..300).contains(&reply.status), "{path}: {}", reply.text());
        serde_json::from_slice(&reply.body).unwrap_or_default()
    }

    /// A call of the owner, who signs in for it: days may have passed.
    pub fn owns(&self, method: &str, path: &str, body: &Value) -> Value {
        let session = self.asks("POST", "/sessions", "", &json!({"identifier": "olga", "password": PASSWORD}));
        self.asks(method, path, &text(&session, "session"), body)
    }

    /// A product, and so many units of it that the organisation redeemed; the lot's id.
    pub fn has(&self, sku: &str, used_by: &str, lease_term: i64, count: u32) -> String {
        let product = json!({"sku": sku, "name": sku, "kinds": ["SEAT"], "compat": sku, "used_by": used_by, "lease_term": lease_term});
        self.does("POST", "/products", &product);
        let code = key_code();
        let line =
            json!({"product": sku, "units": {"SEAT": count}, "activation_id": code, "key_kind": "permission_key"});
        let order = json!({"entitlement": format!("SO {sku}"), "lines": [line]});
        self.does("POST", &format!("/accounts/{}/orders", self.vendor()), &order);
        let redeemed = self.owns("POST", &format!("/accounts/{}/redemptions", self.account), &json!({"key": code}));
        text(&redeemed["products"][0], "serial_number")
    }

    /// Does something to a member: `disable`, `enable`, `remove`.
    pub fn acts(&self, user: &str, what: &str) {
        self.owns("POST", &format!("/accounts/{}/members/{user}/{what}", self.account), &json!(null));
    }

    /// Units that consoles run on, by the server's books.
    pub fn charged(&self, key: &str) -> u64 {
        self.owns("GET", &format!("/keys/{key}"), &json!(null))["charged"]["SEAT"].as_u64().unwrap_or(0)
    }

    /// The reference console, made for a product.
    pub fn console(&self, name: &str, sku: &str) -> Console<'_> {
        let console = Console { club: self, state: name.to_owned() };
        let trust = self.server.data().join(FOLDER).join(ROOT).display().to_string();
        let url = format!("http://{}", self.server.device());
        console.does(&["init", "--trust", &trust, "--product", sku, "--server", &url]).ok();
        console
    }
}

/// The reference console as a program.
pub struct Console<'a> {
    club: &'a Club,
    state: String,
}

impl Console<'_> {
    fn does(&self, words: &[&str]) -> Done {
        crate::common::fake_clock::Console(&self.club.clock, self.club.server.beside(&self.state)).does(words)
    }

    /// Activates a key; the code of a refusal.
    pub fn activates(&self, code: &str) -> Result<(), String> {
        refusal(self.does(&["activate", "--key", code, "--product-version", "9.1"]))
    }

    pub fn checks(&self) -> Result<(), String> {
        refusal(self.does(&["check"]))
    }

    pub fn releases(&self) -> Result<(), String> {
        refusal(self.does(&["release"]))
    }

    /// Its product runs: it has a lease that has not ended.
    pub fn runs(&self) -> bool {
        let status = self.does(&["status"]);
        status.code == Some(0) && !status.stdout.contains("unlicensed")
    }
}

/// Nothing, or the code of the rule that said no.
fn refusal(done: Done) -> Result<(), String> {
    if done.code == Some(0) {
        return Ok(());
    }
    let said =
        done.stderr.lines().find_map(|line| line.split_once("refused: ")).map(|(_, code)| code.trim().to_owned());
    Err(said.unwrap_or_else(|| panic!("{done:?}")))
}

pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("{field} in {value}")).to_owned()
}
