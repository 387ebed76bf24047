//! What the tests about people do again and again: somebody new, signing in, the link out of a mail.

use crate::world::{Answer, NOW, Relation, World};
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request};
use leasehold::admin::auth::{Origin, hash};
use leasehold::random;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::*;
use leasehold_ledger::store::Store;
use leasehold_ledger::view;
use serde_json::{Value, json};
use std::net::IpAddr;

/// A password that will do.
pub const PASSWORD: &str = "plain otters read lamps";
/// Another one.
pub const OTHER: &str = "seven quiet harbour cranes";

impl World {
    /// A call without a token or session, from an address.
    pub async fn calls_from(&self, address: &str, path: &str, body: &Value) -> Answer {
        let origin = Origin::Address(address.parse::<IpAddr>().expect("an address"));
        let request = Request::builder().method(Method::POST).uri(format!("/api/v1{path}")).extension(origin);
        let request = request.header(CONTENT_TYPE, "application/json");
        self.raw(request.body(self.path(&body.to_string()).into()).expect("a request")).await
    }

    /// A call without a token or session.
    pub async fn calls(&self, path: &str, body: Value) -> Answer {
        self.calls_from("127.0.0.1", path, &body).await
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.calls("/sessions", json!({"identifier": name, "password": password})).await
    }

    /// A session of somebody with [`PASSWORD`].
    pub async fn session(&self, name: &str) -> String {
        text(&self.sign_in(name, PASSWORD).await, "session")
    }

    /// A call of a person who speaks for one of its accounts.
    pub async fn speaks(&self, session: &str, account: AccountId, path: &str) -> Answer {
        let request = self.request(session, Method::GET, path).header("Leasehold-Account", account.to_string());
        self.raw(request.body(Body::empty()).expect("a request")).await
    }

    /// A call whose answer has no body.
    pub async fn deletes(&self, token: &str, path: &str) -> Answer {
        self.raw(self.request(token, Method::DELETE, path).body(Body::empty()).expect("a request")).await
    }

    pub async fn posts(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(token, Method::POST, path, body).await
    }

    /// A user of the target account by the API: email `NAME@mail.example`, no password yet.
    pub async fn user(&self, name: &str, role: &str) -> UserId {
        self.user_in(self.ids.account(Relation::Own), name, role).await
    }

    pub async fn user_in(&self, account: AccountId, name: &str, role: &str) -> UserId {
        let body = json!({"username": name, "email": format!("{name}@mail.example"), "role": role});
        let made = self.posts(&self.vendor(), &format!("/users?account={account}"), body).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        text(&made, "id").parse().expect("an id")
    }

    /// A user of the target account who has chosen [`PASSWORD`].
    pub async fn person(&self, name: &str, role: &str) -> UserId {
        self.person_in(self.ids.account(Relation::Own), name, role).await
    }

    pub async fn person_in(&self, account: AccountId, name: &str, role: &str) -> UserId {
        let user = self.user_in(account, name, role).await;
        let link = self.link(&format!("{name}@mail.example")).await;
        let set = self.calls("/password/set", json!({"link": link, "password": PASSWORD})).await;
        assert_eq!(set.status, 201, "{:?}", set.bytes);
        user
    }

    /// Every mail, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        let view = self.store.read().expect("memory");
        view::list::<Mail>(view.as_ref(), &[], None, 10_000).expect("sound")
    }

    /// The link of the last mail to an address, as whoever renders it draws it.
    pub async fn link(&self, to: &str) -> String {
        let mail = self.mails().into_iter().rfind(|mail| mail.to == to).expect("a mail");
        let text = format!("ll_{}", random::key_code());
        let id = SecretId(random::id(NOW));
        let issue = People::IssueLink { mail: mail.id, id, hash: hash(&text), password: None };
        self.app.send(Actor::system("job mail"), Command::People(Box::new(issue))).await.expect("it is rendered");
        text
    }

    /// A mail server takes every mail that waits.
    pub async fn all_sent(&self) {
        for mail in self.mails().into_iter().filter(|mail| mail.state == MailState::Waiting) {
            let sent = Command::People(Box::new(People::MailSent { mail: mail.id }));
            self.app.send(Actor::system("job mail"), sent).await.expect("it waits");
        }
    }

    /// The verbs of the target account's Events, newest first.
    pub async fn verbs(&self) -> Vec<String> {
        let events = self.get(&self.vendor(), "/accounts/{account}/events").await.json();
        let items = events["items"].as_array().expect("Events").iter();
        items.map(|event| event["verb"].as_str().expect("a verb").to_owned()).collect()
    }

    /// A user's row.
    pub fn user_row(&self, user: UserId) -> User {
        let view = self.store.read().expect("memory");
        view::find(view.as_ref(), user.bytes()).expect("sound").expect("there")
    }

    /// The row of whoever has this username or email.
    pub fn user_named(&self, name: &str) -> User {
        let view = self.store.read().expect("memory");
        leasehold_ledger::people::user_named(view.as_ref(), name).expect("sound").expect("there")
    }

    /// Whether a text stands anywhere in the store.
    pub fn store_holds(&self, text: &str) -> bool {
        let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        self.store.rows().iter().any(|(_, key, value)| holds(key) || holds(value))
    }
}

/// A field of an answer that must be there.
pub fn text(answer: &Answer, field: &str) -> String {
    let json = answer.json();
    json[field].as_str().unwrap_or_else(|| panic!("{field} in {json}")).to_owned()
}

/// Status and code of a refusal.
pub fn said(answer: &Answer) -> (u16, String) {
    let code = if answer.status.is_success() { String::new() } else { answer.code() };
    (answer.status.as_u16(), code)
}

/// A refusal to compare with.
pub fn no(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// A request as somebody with this bearer credential sends it, not yet sent.
pub fn asks(world: &World, session: &str, path: &str) -> Request<Body> {
    let mut request = world.request(session, Method::GET, path).body(Body::empty()).expect("a request");
    request.headers_mut().insert(AUTHORIZATION, format!("Bearer {session}").parse().expect("a header"));
    request
}
