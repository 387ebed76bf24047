//! The API against what it says of itself, by programs that know nothing but its OpenAPI document: a tester that makes requests from
//! it and holds every answer against it (schemathesis), and a client that another program writes from it
//! (openapi-python-client). Both run in Python, against the real server; and writes with a key survive `kill -9`.

mod client;
#[path = "../common/mod.rs"]
mod common;
mod kill;
mod schema;

use common::http::{Http, Reply};
use common::program::{leasehold, run};
use common::server::TestServer;
use leasehold_ledger::record::AccountId;
use serde_json::{Value, json};

/// A server with something in it, and a token of the vendor's administrator.
struct Stage {
    server: TestServer,
    token: String,
    /// The account that has everything.
    account: AccountId,
    /// A key of it for one device.
    code: String,
}

impl Stage {
    fn set() -> Self {
        let (server, seed) = TestServer::started(2);
        let added = run(leasehold()
            .args(["--json", "token", "add", "contract", "--role", "admin", "--data"])
            .arg(server.data()))
        .ok();
        let added: Value = serde_json::from_str(&added).expect("one object");
        let token = added["secret"].as_str().expect("its secret").to_owned();
        let stage = Self { server, token, account: seed.account, code: seed.pool[0].clone() };
        let may = json!({"may_create_customers": true});
        let changed = stage.ask("PATCH", &format!("/accounts/{}", stage.account), &[], &may).expect("it answers");
        assert_eq!(changed.status, 200, "{}", changed.text());
        stage
    }

    /// The API's address, without `/api/v1`.
    fn url(&self) -> String {
        format!("http://{}", self.server.portal())
    }

    /// One request on a connection of its own; none where the server has gone.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<Reply> {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        all.extend(headers);
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let mut http = Http::connect(self.server.portal()).ok()?;
        http.ask(method, &format!("/api/v1{path}"), &all, &body).ok()
    }

    /// Makes something.
    fn made(&self, path: &str, body: &Value) -> Value {
        let reply = self.ask("POST", path, &[], body).expect("it answers");
        assert!(matches!(reply.status, 200 | 201), "{path}: {}", reply.text());
        serde_json::from_slice(&reply.body).expect("JSON")
    }

    fn get(&self, path: &str) -> Value {
        let reply = self.ask("GET", path, &[], &json!(null)).expect("it answers");
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        serde_json::from_slice(&reply.body).expect("JSON")
    }
}
