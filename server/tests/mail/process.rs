//! A server process that sends mail: killed in the middle, told to stop in the middle, without a mail server, and with its log
//! wide open.

use crate::common::http::Http;
use crate::common::program::{Done, leasehold, run};
use crate::common::seed::on_disk;
use crate::common::server::{TestServer, serve};
use crate::common::tls::Authority;
use crate::common::{instant, wait_for};
use crate::mailbox::Mailbox;
use crate::office::link;
use leasehold::random;
use leasehold_ledger::Command;
use leasehold_ledger::command::people::{NewUser, People, Place, Welcome};
use leasehold_ledger::record::{Mail, MailState, Person, Secret, UserId};
use leasehold_ledger::{actor::Role, people, view};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::process;
use std::time::Duration;

const HEAD: &str =
    "[mail]\nportal = \"https://licences.l.example\"\nfrom = \"Example Software <licences@l.example>\"\n";

/// An installation with users who were just made, each with a welcome mail; nothing runs yet.
fn with_users(names: &[&str], welcome: Welcome) -> TestServer {
    let (server, _) = TestServer::made(0);
    on_disk(&server.data(), |operator| {
        for name in names {
            operator.does(&Command::People(Box::new(People::CreateUser(NewUser {
                id: UserId(random::id(operator.now)),
                username: Some((*name).to_owned()),
                email: format!("{name}@l.example"),
                person: Person::default(),
                password: None,
                place: Place::Member { account: operator.vendor(), role: Role::Viewer },
                welcome,
            }))));
        }
    });
    server
}

/// `leasehold serve` with these settings of mail.
pub fn sending(server: &TestServer, smtp: &str) -> process::Command {
    let path = server.beside("leasehold.toml");
    std::fs::write(&path, format!("{HEAD}{smtp}")).expect("written");
    let mut command = serve(&server.data());
    command.arg("--config").arg(path);
    command
}

pub fn through(mailbox: &Mailbox) -> String {
    format!("[mail.smtp]\nhost = \"127.0.0.1\"\nsecurity = \"none\"\nport = {}\ntimeout = 60\n", mailbox.port)
}

/// The first mail and what became of these links, as they stand on the disk.
fn on_the_disk(server: &TestServer, links: &[&str]) -> (Mail, Vec<Option<Secret>>) {
    on_disk(&server.data(), |operator| {
        let view = operator.store.read().expect("it reads");
        let mail = view::find(view.as_ref(), &1u64.to_be_bytes()).expect("it decodes").expect("a mail");
        let hash = |link: &&str| leasehold::identity::secret::hash(link);
        let secrets = links.iter().map(|link| people::secret(view.as_ref(), &hash(link)).expect("it reads"));
        (mail, secrets.collect())
    })
}

#[test]
fn a_mail_outlives_kill_9_in_the_middle_of_its_sending_and_only_the_last_link_works() {
    let mut mailbox = Mailbox::open();
    let mut server = with_users(&["ann"], Welcome::Link);
    mailbox.behave("silent");
    let mut links = Vec::new();
    for _ in 0..2 {
        let command = sending(&server, &through(&mailbox));
        server.start_as(command);
        links.push(link(mailbox.next().text()).to_owned());
        server.kill();
    }
    mailbox.behave("ok");
    let command = sending(&server, &through(&mailbox));
    server.start_as(command);
    links.push(link(mailbox.next().text()).to_owned());
    let sent = wait_for(Duration::from_secs(10), || metric(&server, "leasehold_mails_waiting").filter(|n| *n == 0.0));
    assert!(sent.is_some(), "it still waits");
    assert!(mailbox.is_empty(), "it was sent twice");
    server.stop();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let (mail, secrets) = on_the_disk(&server, &links);
    assert_eq!(mail.state, MailState::Sent);
    assert_eq!(secrets.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, true]);
    println!("count mail and kill -9: 2 kills in the middle of a mail, 0 lost, 1 of 3 links works");
}

fn metric(server: &TestServer, name: &str) -> Option<f64> {
    let page = Http::connect(server.operator()).and_then(|mut http| http.get("/metrics")).expect("an answer").text();
    let line = page.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}\n{page}"));
    line.trim().parse().ok()
}

#[test]
fn a_server_that_is_told_to_stop_does_not_wait_for_a_silent_mail_server() {
    let mut mailbox = Mailbox::open();
    let mut server = with_users(&["ann"], Welcome::Link);
    mailbox.behave("silent");
    let command = sending(&server, &through(&mailbox));
    server.start_as(command);
    mailbox.next();
    let begun = instant();
    let ready = Http::connect(server.operator()).and_then(|mut http| http.get("/readyz")).expect("an answer");
    assert_eq!(ready.status, 200, "a silent mail server is no reason not to be ready");
    let ended = server.stop();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.output);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(on_the_disk(&server, &[]).0.state, MailState::Waiting, "it goes out after the next start");
}

fn verb(server: &TestServer, words: &[&str]) -> Done {
    run(leasehold().args(words).arg("--data").arg(server.data()))
}

fn json(server: &TestServer, words: &[&str]) -> Value {
    serde_json::from_str(&verb(server, &[words, &["--json"]].concat()).ok()).expect("JSON")
}

#[test]
fn without_a_mail_server_the_operator_reads_mails_each_time_with_another_link() {
    let mut server = with_users(&["ann", "bob"], Welcome::Password);
    let command = sending(&server, "");
    server.start_as(command);
    let list = verb(&server, &["mail", "list"]).ok();
    let rows: Vec<&str> = list.lines().collect();
    assert!(rows.len() == 3 && rows[0].starts_with("ID ") && rows[1].contains("ann@l.example"), "{list}");
    assert_eq!(json(&server, &["mail", "list", "--state", "sent"])["items"], Value::Array(vec![]));
    assert_eq!(json(&server, &["mail", "list", "--state", "all"])["items"].as_array().map(Vec::len), Some(2));
    let shown = verb(&server, &["mail", "show", "1"]);
    assert!(
        shown.stderr.contains("works once; links in earlier copies of this mail no longer work"),
        "{}",
        shown.stderr
    );
    let shown = shown.ok();
    let head =
        "From: Example Software <licences@l.example>\nTo: ann@l.example\nSubject: Your account at Example Software\n\n";
    assert!(shown.starts_with(head), "{shown}");
    let again = json(&server, &["mail", "show", "1"]);
    let text = again["text"].as_str().expect("text");
    assert!(again["html"].as_str().is_some_and(|html| html.contains(link(text))));
    assert_eq!((&again["id"], &again["kind"], &again["state"]), (&1.into(), &"welcome".into(), &"waiting".into()));
    let absent = verb(&server, &["mail", "show", "99"]);
    assert!(absent.error(3)[0].contains("(out_of_reach)"), "{}", absent.stderr);
    assert_eq!(verb(&server, &["mail", "show", "one"]).code, Some(2));
    assert_eq!(metric(&server, "leasehold_mails_waiting"), Some(2.0));
    server.stop();
    let (mail, secrets) = on_the_disk(&server, &[link(&shown), link(text)]);
    assert_eq!((mail.state, mail.tries), (MailState::Waiting, 0), "reading is not sending");
    assert_eq!(
        secrets.iter().map(Option::is_some).collect::<Vec<_>>(),
        [false, true],
        "the later reading's link works"
    );
}

#[test]
fn r15_what_is_secret_in_a_mail_is_in_no_log_metric_event_or_file() {
    const PASSWORD: &str = "unlikely-staple-phrase";
    let mut server = with_users(&["ann"], Welcome::Password);
    let authority = Authority::new();
    let pair = authority.issues(2099);
    let path = |name: &str| server.beside(name).to_str().expect("text").to_owned();
    for (name, text) in [("ca.pem", &authority.pem()), ("cert.pem", &pair.cert), ("key.pem", &pair.key)] {
        std::fs::write(path(name), text).expect("written");
    }
    std::fs::write(path("password"), PASSWORD).expect("written");
    std::fs::set_permissions(path("password"), PermissionsExt::from_mode(0o600)).expect("its mode");
    let options = ["--tls", "tls", "--cert", &path("cert.pem"), "--key", &path("key.pem"), "--user", "licences"];
    let mut mailbox = Mailbox::start(&options, PASSWORD);
    let smtp = format!(
        "[mail.smtp]\nhost = \"localhost\"\nport = {}\nusername = \"licences\"\npassword_file = {:?}\nca = {:?}\n",
        mailbox.port,
        path("password"),
        path("ca.pem")
    );
    let mut command = sending(&server, &smtp);
    command.env("LEASEHOLD_LOG", "trace");
    server.start_as(command);
    let taken = mailbox.next();
    assert_eq!((&taken.0["tls"], &taken.0["user"]), (&true.into(), &"licences".into()));
    let sent = wait_for(Duration::from_secs(10), || metric(&server, "leasehold_mails_waiting").filter(|n| *n == 0.0));
    assert!(sent.is_some(), "it still waits");
    let page = Http::connect(server.operator()).and_then(|mut http| http.get("/metrics")).expect("an answer").text();
    let events = verb(&server, &["event", "list", "--json"]).ok();
    let listed = verb(&server, &["mail", "list", "--state", "all", "--json"]).ok();
    assert!(events.contains("mail_sent"), "{events}");
    server.stop();
    assert!(server.said().contains("going down"), "the log is not in the output");
    let temporary =
        taken.text().lines().find_map(|line| line.strip_prefix("Temporary password: ")).expect("a password");
    let mut store = Vec::new();
    for entry in std::fs::read_dir(server.data()).expect("it reads") {
        store.extend(std::fs::read(entry.expect("an entry").path()).unwrap_or_default()); // folders hold keys
    }
    for (what, place) in [
        ("log", server.said().as_bytes()),
        ("metrics", page.as_bytes()),
        ("events", events.as_bytes()),
        ("list", listed.as_bytes()),
        ("data folder", &store),
    ] {
        for (name, secret) in [("link", link(taken.text())), ("password", temporary), ("SMTP password", PASSWORD)] {
            let found = place.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "the {what} holds the {name}");
        }
    }
    println!(
        "count secrets of mail: link, temporary and SMTP password looked for in log at trace, metrics, events, files: 0 found"
    );
}

#[test]
fn settings_that_cannot_be_used_stop_the_start_and_the_check_in_two_lines() {
    let server = with_users(&[], Welcome::Nothing);
    let cases = [
        ("[mail.smtp]\nhost = \"mail.l.example\"\nsecurity = \"none\"\n", 2, "in the clear to mail.l.example"),
        ("[mail.smtp]\nhost = \"mail.l.example\"\nusername = \"a\"\npassword_file = \"/nowhere/p\"\n", 1, "/nowhere/p"),
        ("[mail.smtp]\nhost = \"mail.l.example\"\nca = \"/nowhere/ca.pem\"\n", 1, "/nowhere/ca.pem"),
    ];
    for (smtp, code, word) in cases {
        let serve = run(&mut sending(&server, smtp));
        let path = server.beside("leasehold.toml");
        let check = run(leasehold().args(["config", "check"]).arg(path));
        for done in [&serve, &check] {
            assert!(done.error(code).iter().any(|line| line.contains(word)), "{smtp}\n{}", done.stderr);
        }
    }
    let mut unset = sending(&server, "[mail.smtp]\nhost = \"mail.l.example\"\nusername = \"a\"\n");
    let done = run(&mut unset);
    assert!(done.error(1)[1].contains("LEASEHOLD_SMTP_PASSWORD"), "{}", done.stderr);
    let good = run(leasehold().args(["config", "check"]).arg(server.beside("leasehold.toml")));
    assert!(good.ok().ends_with("is good\n"), "the environment of the server is another one");
}
