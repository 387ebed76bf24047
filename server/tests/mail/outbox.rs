//! From the outbox to the mail server: in order, again and again until three days are over, and with one link that works.

use crate::mailbox::Mailbox;
use crate::office::{Office, START, link, pair, post};
use crate::{plain, within};
use leasehold::identity::Password;
use leasehold::mail::post::Step;
use leasehold::random;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::people::{People, Welcome};
use leasehold_ledger::record::{MailId, MailState, SecretKind, UserId, UserState};
use leasehold_protocol::time::DAY;

const SENT: &str = "leasehold_mail_tries_total{result=\"sent\"}";
const FAILED: &str = "leasehold_mail_tries_total{result=\"failed\"}";
const GIVEN_UP: &str = "leasehold_mail_tries_total{result=\"given_up\"}";

fn sent(numbers: &[u64]) -> Vec<Step> {
    numbers.iter().map(|number| Step::Sent(MailId(*number))).collect()
}

#[test]
fn mails_leave_once_each_in_the_order_they_were_posted() {
    let (mut mailbox, post) = pair();
    let office = Office::new();
    assert_eq!(office.step(&post), Step::Idle);
    for name in ["ann", "bob", "eve"] {
        office.user(name, Welcome::Link);
    }
    office.user("dan", Welcome::Nothing);
    assert_eq!(office.steps(&post), sent(&[1, 2, 3]));
    for name in ["ann", "bob", "eve"] {
        assert_eq!(mailbox.next().header("To"), format!("{name} Example <{name}@l.example>"));
    }
    assert!(mailbox.is_empty());
    assert_eq!(office.mail(1).state, MailState::Sent);
    assert_eq!((office.counted(SENT), office.counted(FAILED), office.counted(GIVEN_UP)), (3.0, 0.0, 0.0));
}

#[test]
fn a_heap_of_invitations_holds_up_no_other_mail() {
    let (mut mailbox, post) = pair();
    let office = Office::new();
    let eve = office.user("eve", Welcome::Nothing);
    for name in ["bob", "dan", "kim"] {
        let (account, email, user) = (office.vendor(), format!("{name}@l.example"), UserId(random::id(START)));
        office.does(Command::People(Box::new(People::InviteUser { account, email, role: Role::Viewer, user })));
    }
    office.does(Command::People(Box::new(People::RequestReset { user: eve })));
    office.user("ann", Welcome::Link);
    assert_eq!(office.steps(&post), sent(&[4, 5, 1, 2, 3]));
    assert_eq!(mailbox.next().header("To"), "eve Example <eve@l.example>");
}

#[test]
fn a52_a_welcome_has_the_username_and_a_link_and_its_password_only_if_one_was_asked_for() {
    let (mut mailbox, post) = pair();
    let office = Office::new();
    let (ann, bob) = (office.user("ann", Welcome::Link), office.user("bob", Welcome::Password));
    assert_eq!(office.steps(&post), sent(&[1, 2]));
    let (to_ann, to_bob) = (mailbox.next(), mailbox.next());
    for (taken, name, user) in [(&to_ann, "ann", ann), (&to_bob, "bob", bob)] {
        assert!(taken.text().contains(&format!("Login: {name}\n")), "{}", taken.text());
        let secret = link(taken.text());
        let kept = office.secret(secret).expect("the link works");
        assert_eq!((kept.user, kept.kind, kept.created), (user, SecretKind::SetPassword, START));
        assert!(taken.text().contains(&format!("https://licences.l.example/password?link={secret}\n")));
        assert!(taken.text().contains(&format!("until {}", kept.expires)), "{}", taken.text());
        assert_eq!(taken.html().matches(secret).count(), 2, "to click and to copy: {}", taken.html());
        assert!(!office.holds(secret), "the store knows the link");
    }
    assert!(!to_ann.text().contains("emporary password"), "{}", to_ann.text());
    assert_eq!(office.find(ann).password, None);
    let password =
        to_bob.text().lines().find_map(|line| line.strip_prefix("Temporary password: ")).expect("a password");
    assert!(password.len() >= 19 && to_bob.html().contains(password), "{password}");
    let bob = office.find(bob);
    assert!(bob.must_change);
    let hash = bob.password.expect("it was set").0;
    let typed = Password::new(password);
    assert!(within(10, office.app.identity.hasher.verify(&typed, Some(&hash))).expect("a place"), "it is another one");
    assert!(!office.holds(password), "the store knows the password");
}

#[test]
fn a_refused_mail_is_tried_again_with_longer_pauses_for_three_days_and_holds_up_no_other() {
    let (mut mailbox, post) = pair();
    let mut office = Office::new();
    office.user("ann", Welcome::Link);
    office.user("bob", Welcome::Link);
    mailbox.behave("refuse-one ann@l.example");
    assert_eq!(office.steps(&post), [Step::Failed(MailId(1)), Step::Sent(MailId(2))]);
    assert_eq!(mailbox.next().header("To"), "bob Example <bob@l.example>");
    let mut pauses = Vec::new();
    loop {
        let mail = office.mail(1);
        assert!(mail.last_error.contains("nobody of that name"), "{}", mail.last_error);
        if mail.state == MailState::Failed {
            break;
        }
        pauses.push((mail.next_try.0 - office.now.0) / 60);
        office = office.later(mail.next_try.plus(-1));
        assert_eq!(office.step(&post), Step::Idle, "a second too early");
        office = office.later(mail.next_try);
        assert_eq!(office.steps(&post), [Step::Failed(MailId(1))]);
    }
    assert_eq!(pauses[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]);
    assert_eq!(office.now, START.plus(3 * DAY), "the last try");
    assert_eq!((office.counted(FAILED), office.counted(GIVEN_UP)), (0.0, 1.0), "since the last start");
    let office = office.later(START.plus(30 * DAY));
    assert_eq!(office.step(&post), Step::Idle, "it is given up");
    assert!(mailbox.is_empty());
    println!("count mail retries: {} pauses in 3 days, then given up", pauses.len());
}

#[test]
fn a_server_that_is_away_fails_one_mail_and_the_rest_wait_untouched() {
    let (mailbox, away) = pair();
    drop(mailbox);
    let office = Office::new();
    office.user("ann", Welcome::Link);
    office.user("bob", Welcome::Link);
    assert_eq!(office.step(&away), Step::Blocked(MailId(1)));
    assert_eq!((office.mail(1).tries, office.mail(2).tries), (1, 0));
    let mut mailbox = Mailbox::open();
    let back = post(Some(plain(&mailbox)));
    assert_eq!(office.steps(&back), sent(&[2]), "the first one is not due yet");
    let office = office.later(START.plus(60));
    assert_eq!(office.steps(&back), sent(&[1]));
    assert_eq!(mailbox.next().header("To"), "bob Example <bob@l.example>");
}

#[test]
fn a_copy_that_was_lost_sight_of_comes_again_and_only_its_link_works() {
    let (mut mailbox, post) = pair();
    let office = Office::new();
    office.user("ann", Welcome::Link);
    mailbox.behave("hang-up-after");
    assert_eq!(office.step(&post), Step::Blocked(MailId(1)));
    let first = mailbox.next();
    let office = office.later(START.plus(60));
    mailbox.behave("ok");
    assert_eq!(office.steps(&post), sent(&[1]));
    let second = mailbox.next();
    assert_ne!(first.header("Message-ID"), second.header("Message-ID"));
    assert_eq!(office.secret(link(first.text())), None, "the older copy's link");
    assert!(office.secret(link(second.text())).is_some(), "the newer copy's link");
}

#[test]
fn what_lay_here_for_three_days_without_a_mail_server_is_not_sent_any_more() {
    let (mut mailbox, with_server) = pair();
    let office = Office::new();
    office.user("ann", Welcome::Link);
    assert_eq!(office.step(&post(None)), Step::Idle);
    let office = office.later(START.plus(3 * DAY - 1));
    office.user("bob", Welcome::Link);
    let office = office.later(START.plus(3 * DAY));
    assert_eq!(office.steps(&with_server), [Step::Failed(MailId(1)), Step::Sent(MailId(2))]);
    assert_eq!((office.mail(1).state, office.counted(GIVEN_UP)), (MailState::Failed, 1.0));
    assert_eq!(mailbox.next().header("To"), "bob Example <bob@l.example>");
}

#[test]
fn a_mail_that_the_ledger_takes_back_is_given_up_and_nothing_is_said_to_the_server() {
    let (mut mailbox, post) = pair();
    let office = Office::new();
    let ann = office.user("ann", Welcome::Link);
    office.does(Command::People(Box::new(People::SetUserState { user: ann, state: UserState::Locked })));
    assert_eq!(office.steps(&post), [Step::Failed(MailId(1))]);
    let mail = office.mail(1);
    assert!(mail.state == MailState::Failed && mail.last_error.contains("locked"), "{mail:?}");
    assert!(mailbox.is_empty());
}

#[test]
fn an_address_that_can_be_none_is_given_up_at_once_and_says_so() {
    let (mut mailbox, post) = pair();
    let office = Office::new();
    office.user_at("ann@-l.example", Welcome::Link);
    assert_eq!(office.steps(&post), [Step::Failed(MailId(1))]);
    let mail = office.mail(1);
    assert!(mail.state == MailState::Failed && mail.last_error.contains("the address is not one"), "{mail:?}");
    assert!(mailbox.is_empty());
}

#[test]
fn while_the_store_fails_nothing_is_sent_and_the_mail_waits() {
    let (mut mailbox, post) = pair();
    let office = Office::new();
    office.user("ann", Welcome::Link);
    office.store.fail_at(2);
    assert!(within(30, post.step(&office.app)).is_err());
    assert!(mailbox.is_empty(), "a mail whose link is not stored has left");
    assert_eq!(office.mail(1).state, MailState::Waiting);
}
