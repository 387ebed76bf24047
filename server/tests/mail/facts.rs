//! What people get by mail, from the call that posts it to the link's use: through the API of a server that sends.

use crate::common::http::{Http, Reply};
use crate::common::program::leasehold;
use crate::common::server::TestServer;
use crate::mailbox::{Mailbox, Taken};
use crate::office::link;
use crate::process::{sending, through};
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "a heron stands in cold water";
const PORTAL: &str = "https://licences.l.example";

/// A server that sends, its mail server, and somebody who may do everything.
pub struct Desk {
    server: TestServer,
    mailbox: Mailbox,
    token: String,
    pub vendor: String,
}

impl Desk {
    pub fn new() -> Self {
        let mailbox = Mailbox::open();
        let (mut server, _) = TestServer::made(0);
        let command = sending(&server, &through(&mailbox));
        server.start_as(command);
        let verb = ["token", "add", "desk", "--role", "admin", "--json", "--data"];
        let made = crate::common::program::run(leasehold().args(verb).arg(server.data())).ok();
        let token: Value = serde_json::from_str(&made).expect("JSON");
        let text = |field: &str| token[field].as_str().expect("text").to_owned();
        Self { token: text("secret"), vendor: text("account"), server, mailbox }
    }

    fn ask(&self, method: &str, path: &str, bearer: Option<&str>, body: &Value) -> Reply {
        let bearer = bearer.map(|secret| format!("Bearer {secret}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(bearer.as_ref().map(|bearer| ("authorization", bearer.as_str())));
        let mut http = Http::connect(self.server.portal()).expect("it listens");
        http.ask(method, &format!("/api/v1{path}"), &headers, body.to_string().as_bytes()).expect("an answer")
    }

    /// A call without signing in.
    fn stranger(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, None, body)
    }

    /// A call of the vendor's administrator that has to go well.
    pub fn does(&self, path: &str, body: &Value) -> Value {
        let reply = self.ask("POST", path, Some(&self.token), body);
        assert!((200..300).contains(&reply.status), "{path}: {}", reply.text());
        serde_json::from_slice(&reply.body).unwrap_or_default()
    }

    pub fn user(&self, name: &str, welcome: &str) -> Value {
        let path = format!("/users?account={}", self.vendor);
        let email = format!("{name}@l.example");
        self.does(&path, &json!({"username": name, "email": email, "role": "viewer", "welcome": welcome}))
    }

    pub fn deletes(&self, path: &str) {
        let reply = self.ask("DELETE", path, Some(&self.token), &Value::Null);
        assert_eq!(reply.status, 204, "{path}: {}", reply.text());
    }

    fn sign_in(&self, identifier: &str, password: &str) -> Reply {
        self.stranger("/sessions", &json!({"identifier": identifier, "password": password}))
    }

    fn set_password(&self, taken: &Taken, password: &str) -> Reply {
        self.stranger("/password/set", &json!({"link": link(taken.text()), "password": password}))
    }

    /// The next mail, which is to go to this address.
    pub fn mail_to(&mut self, address: &str) -> Taken {
        let taken = self.mailbox.next();
        assert_eq!(taken.0["to"], json!([address]), "{}", taken.text());
        taken
    }
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or_else(|_| panic!("no JSON: {} {}", reply.status, reply.text()))
}

#[test]
fn a6_the_link_in_the_welcome_sets_a_password_and_works_once() {
    let mut desk = Desk::new();
    desk.user("ann", "link");
    let taken = desk.mail_to("ann@l.example");
    assert!(taken.text().contains(&format!("{PORTAL}/password?link=")), "{}", taken.text());
    assert_eq!(desk.set_password(&taken, PASSWORD).status, 201);
    assert_eq!(desk.set_password(&taken, "another heron in cold water").code(), "link_invalid");
    assert_eq!(desk.sign_in("ann", PASSWORD).status, 201);
}

#[test]
fn a51_a_welcome_is_mailed_unless_it_is_switched_off() {
    let mut desk = Desk::new();
    desk.user("bob", "nothing");
    let path = format!("/users?account={}", desk.vendor);
    desk.does(&path, &json!({"username": "ann", "email": "ann@l.example", "role": "viewer"}));
    desk.mail_to("ann@l.example");
    std::thread::sleep(Duration::from_secs(3)); // one more look at the outbox
    assert!(desk.mailbox.is_empty(), "bob got mail");
}

#[test]
fn a52_the_welcome_names_the_user_and_its_password_has_to_be_changed() {
    let mut desk = Desk::new();
    desk.user("ann", "password");
    let taken = desk.mail_to("ann@l.example");
    assert!(taken.text().contains("Login: ann\n"), "{}", taken.text());
    let temporary =
        taken.text().lines().find_map(|line| line.strip_prefix("Temporary password: ")).expect("a password");
    let session = json_of(&desk.sign_in("ann", temporary));
    assert_eq!(session["must_change_password"], true, "{session}");
    assert_eq!(desk.set_password(&taken, PASSWORD).status, 201, "the link is there in any case");
    assert_eq!(desk.sign_in("ann", temporary).status, 401, "the mailed password is over");
    assert_eq!(json_of(&desk.sign_in("ann", PASSWORD))["must_change_password"], false);
}

#[test]
fn g24_everybody_who_is_invited_gets_a_mail_with_a_link_of_their_own() {
    let mut desk = Desk::new();
    let path = format!("/accounts/{}/invitations", desk.vendor);
    desk.does(&path, &json!({"emails": "ann@l.example; bob@l.example", "role": "viewer"}));
    let (ann, bob) = (desk.mail_to("ann@l.example"), desk.mail_to("bob@l.example"));
    assert_ne!(link(ann.text()), link(bob.text()));
    for taken in [&ann, &bob] {
        assert_eq!(taken.header("Subject"), "Invitation to Example Software");
        assert!(taken.text().contains("Account: Example Software\n"), "{}", taken.text());
        assert!(taken.text().contains(&format!("{PORTAL}/invitation?link=")), "{}", taken.text());
    }
    let confirm = json!({"link": link(ann.text()), "username": "ann", "password": PASSWORD});
    assert!((200..300).contains(&desk.stranger("/invitations/confirm", &confirm).status));
    assert_eq!(desk.stranger("/invitations/confirm", &confirm).code(), "link_invalid");
}

#[test]
fn v6_v22_who_is_invited_by_mail_registers_with_the_link() {
    let mut desk = Desk::new();
    desk.does(
        &format!("/accounts/{}/invitations", desk.vendor),
        &json!({"emails": "eve@l.example", "role": "operator"}),
    );
    let taken = desk.mail_to("eve@l.example");
    assert_eq!(desk.sign_in("eve@l.example", PASSWORD).status, 401, "not before");
    let confirm =
        json!({"link": link(taken.text()), "first_name": "Eve", "last_name": "Example", "password": PASSWORD});
    let reply = desk.stranger("/invitations/confirm", &confirm);
    assert!((200..300).contains(&reply.status), "{}", reply.text());
    let session = json_of(&desk.sign_in("eve@l.example", PASSWORD));
    assert_eq!(
        (&session["accounts"][0]["account"], &session["accounts"][0]["role"]),
        (&json!(desk.vendor), &json!("operator")),
        "{session}"
    );
}

#[test]
fn t31_a_reseller_gets_login_password_link_and_the_portals_address() {
    let mut desk = Desk::new();
    let account = json!({"parent": desk.vendor, "kind": "reseller", "name": "Example Resale"});
    let user = json!({"username": "resale", "email": "owner@resale.example", "role": "admin", "welcome": "password"});
    desk.does("/accounts/with-user", &json!({"account": account, "user": user}));
    let taken = desk.mail_to("owner@resale.example");
    assert_eq!(taken.header("Subject"), "Your reseller account at Example Software");
    for line in ["Login: resale\n", "Portal: https://licences.l.example\n", "Account: Example Resale\n"] {
        assert!(taken.text().contains(line), "{line}{}", taken.text());
    }
    let temporary =
        taken.text().lines().find_map(|line| line.strip_prefix("Temporary password: ")).expect("a password");
    assert_eq!(desk.sign_in("resale", temporary).status, 201);
    assert_eq!(desk.set_password(&taken, PASSWORD).status, 201);
}

#[test]
fn v24_who_forgot_the_password_gets_a_link_and_a_stranger_the_same_answer_and_nothing_else() {
    let mut desk = Desk::new();
    desk.user("ann", "link");
    let welcome = desk.mail_to("ann@l.example");
    assert_eq!(desk.set_password(&welcome, PASSWORD).status, 201);
    let forgot = |identifier: &str| {
        let reply = desk.stranger("/password/forgot", &json!({"identifier": identifier}));
        (reply.status, reply.text())
    };
    assert_eq!(forgot("nobody@l.example"), forgot("ann@l.example"));
    let reset = desk.mail_to("ann@l.example");
    assert_eq!(reset.header("Subject"), "Your password at Example Software");
    assert!(reset.text().contains("Login: ann\n") && desk.mailbox.is_empty(), "{}", reset.text());
    assert_eq!(desk.set_password(&reset, "two herons in cold water").status, 201);
    let notice = desk.mail_to("ann@l.example");
    assert_eq!(notice.header("Subject"), "Your password at Example Software was changed");
    assert!(!notice.text().contains("link="), "{}", notice.text());
}

#[test]
fn g19_a_new_address_is_confirmed_by_a_link_and_the_old_one_is_told() {
    let mut desk = Desk::new();
    desk.user("ann", "link");
    let welcome = desk.mail_to("ann@l.example");
    let session = json_of(&desk.set_password(&welcome, PASSWORD));
    let session = session["session"].as_str().expect("a session");
    let asked = desk.ask("POST", "/profile/email", Some(session), &json!({"email": "ann@new.example"}));
    assert_eq!(asked.status, 202, "{}", asked.text());
    let taken = desk.mail_to("ann@new.example");
    assert!(taken.text().contains(&format!("{PORTAL}/email?link=")), "{}", taken.text());
    let confirm = json!({"link": link(taken.text())});
    assert_eq!(desk.stranger("/profile/email/confirm", &confirm).status, 204);
    assert_eq!(desk.stranger("/profile/email/confirm", &confirm).code(), "link_invalid");
    let notice = desk.mail_to("ann@l.example");
    assert!(notice.text().contains("New address: ann@new.example\n"), "{}", notice.text());
    assert_eq!(desk.sign_in("ann@new.example", PASSWORD).status, 201);
    assert_eq!(desk.sign_in("ann@l.example", PASSWORD).status, 401);
}
