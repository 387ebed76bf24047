//! Passwords: first, forgotten, changed; which ones will do (A6-A9, A46, A52, V24).

use super::stage::{OTHER, PASSWORD, no, said, text};
use crate::world::{NOW, Relation, World};
use leasehold_ledger::record::MailKind;
use leasehold_ledger::record::secret::INVITATION_LIFE;
use serde_json::{Value, json};

#[tokio::test]
async fn a6_a9_the_link_in_the_welcome_mail_sets_a_password_and_signs_in() {
    let world = World::new().await;
    world.user_in(world.ids.account(Relation::Below), "anna", "viewer").await;
    let mail = world.mails().pop().expect("a mail");
    assert_eq!((mail.kind, mail.to.as_str()), (MailKind::Welcome, "anna@mail.example"));
    let link = world.link("anna@mail.example").await;
    let set = world.calls("/password/set", json!({"link": link, "password": PASSWORD})).await;
    assert_eq!((set.status.as_u16(), &set.json()["must_change_password"]), (201, &json!(false)));
    assert_eq!(world.get(&text(&set, "session"), "/profile").await.status, 200);
    assert_eq!(world.sign_in("anna", PASSWORD).await.status, 201);
    assert!(!world.store_holds(&link), "the store has the link's hash only");
}

#[tokio::test]
async fn a6_a_link_works_once_even_for_two_at_once() {
    let world = World::new().await;
    world.user("anna", "viewer").await;
    let link = world.link("anna@mail.example").await;
    let set = async |password: &str| world.calls("/password/set", json!({"link": link, "password": password})).await;
    let (one, other) = tokio::join!(set(PASSWORD), set(OTHER));
    let mut answers = [one.status.as_u16(), other.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [201, 409], "{:?} {:?}", one.bytes, other.bytes);
    let refused = if one.status == 201 { &other } else { &one };
    assert_eq!(refused.code(), "link_invalid");
    let winner = if one.status == 201 { PASSWORD } else { OTHER };
    assert_eq!(world.sign_in("anna", winner).await.status, 201);
    assert_eq!(said(&set("yet another plain sentence").await), no(409, "link_invalid"));
}

#[tokio::test]
async fn a6_a_link_ends_and_a_newer_one_takes_its_place() {
    let world = World::new().await;
    world.user("anna", "viewer").await;
    let old = world.link("anna@mail.example").await;
    let new = world.link("anna@mail.example").await;
    let body = |link: &str| json!({"link": link, "password": PASSWORD});
    assert_eq!(said(&world.calls("/password/set", body(&old)).await), no(409, "link_invalid"));
    let late = world.at(NOW.plus(INVITATION_LIFE));
    assert_eq!(said(&late.calls("/password/set", body(&new)).await), no(409, "link_invalid"));
    assert_eq!(world.calls("/password/set", body(&new)).await.status, 201);
}

#[tokio::test]
async fn a_link_that_is_none_costs_no_hash() {
    let world = World::new().await;
    let before = world.app.identity.hasher.computed();
    for link in ["", "ll_wrong", "ls_wrong"] {
        let answer = world.calls("/password/set", json!({"link": link, "password": PASSWORD})).await;
        assert_eq!(said(&answer), no(409, "link_invalid"));
    }
    assert_eq!(world.app.identity.hasher.computed(), before);
}

#[tokio::test]
async fn a8_a_password_that_will_not_do_is_refused_with_the_reason_wherever_it_is_set() {
    let world = World::new().await;
    let user =
        json!({"username": "anna.example", "email": "anna@mail.example", "first_name": "Anna", "role": "viewer"});
    assert_eq!(world.posts(&world.admin(), "/users", user).await.status, 201);
    let link = world.link("anna@mail.example").await;
    let cases: [(String, &str); 6] = [
        ("short-one-7".into(), "12 are the least"),
        ("anna.example".into(), "the username or the email"),
        ("Anna@Mail.Example".into(), "the username or the email"),
        ("password1234".into(), "easy to guess"),
        ("qwertyuiop12".into(), "easy to guess"),
        ("x".repeat(257), "256 are the most"),
    ];
    for (password, reason) in &cases {
        let answer = world.calls("/password/set", json!({"link": link, "password": password})).await;
        assert_eq!(said(&answer), no(422, "password_weak"), "{password}");
        let detail = text(&answer, "detail");
        assert!(detail.contains(reason) && !detail.contains(password), "{password}: {detail}");
        let draft =
            json!({"username": "anna.example", "email": "b@mail.example", "role": "viewer", "password": password});
        let made = world.posts(&world.admin(), "/users", draft).await;
        assert!(["password_weak", "name_taken"].contains(&made.code().as_str()), "{password}: {:?}", made.bytes);
    }
    let long: String = "otter lamps quietly ".repeat(7).chars().take(128).collect();
    let set = world.calls("/password/set", json!({"link": link, "password": long})).await;
    assert_eq!(set.status, 201, "128 characters are fine, and the link was good all along: {:?}", set.bytes);
    let session = text(&set, "session");
    for (password, _) in &cases {
        let change = json!({"old_password": long, "password": password});
        assert_eq!(
            said(&world.posts(&session, "/password/change", change).await),
            no(422, "password_weak"),
            "{password}"
        );
    }
}

#[tokio::test]
async fn a46_the_two_passwords_must_be_the_same() {
    let world = World::new().await;
    let user = |again: &str| json!({"email": "anna@mail.example", "role": "viewer", "password": PASSWORD, "confirm_password": again});
    assert_eq!(said(&world.posts(&world.admin(), "/users", user(OTHER)).await), no(422, "password_mismatch"));
    assert!(world.mails().is_empty(), "nobody was made");
    assert_eq!(world.posts(&world.admin(), "/users", user(PASSWORD)).await.status, 201);
    let link = world.link("anna@mail.example").await;
    let set = |again: &str| json!({"link": link, "password": OTHER, "confirm_password": again});
    assert_eq!(said(&world.calls("/password/set", set(PASSWORD)).await), no(422, "password_mismatch"));
    let session = text(&world.calls("/password/set", set(OTHER)).await, "session");
    let change = |again: &str| json!({"old_password": OTHER, "password": PASSWORD, "confirm_password": again});
    assert_eq!(said(&world.posts(&session, "/password/change", change(OTHER)).await), no(422, "password_mismatch"));
    assert_eq!(world.posts(&session, "/password/change", change(PASSWORD)).await.status, 201);
}

#[tokio::test]
async fn a52_a_password_given_by_somebody_else_is_changed_before_anything_else() {
    let world = World::new().await;
    let user = json!({"username": "anna", "email": "anna@mail.example", "role": "admin", "password": PASSWORD});
    world.posts(&world.admin(), "/users", user).await;
    let session = world.session("anna").await;
    let required = no(403, "password_change_required");
    for path in ["/whoami", "/profile", "/sessions", "/accounts", "/accounts/{account}/tokens", "/users"] {
        assert_eq!(said(&world.get(&session, path).await), required, "{path}");
    }
    assert_eq!(said(&world.posts(&session, "/profile/totp", json!(null)).await), required);
    let same = json!({"old_password": PASSWORD, "password": PASSWORD});
    assert_eq!(said(&world.posts(&session, "/password/change", same).await), no(422, "password_weak"));
    let change = json!({"old_password": PASSWORD, "password": OTHER});
    let changed = world.posts(&session, "/password/change", change).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["must_change_password"]), (201, &json!(false)));
    assert_eq!(world.get(&text(&changed, "session"), "/whoami").await.status, 200);
    assert_eq!(world.sign_in("anna", OTHER).await.json()["must_change_password"], json!(false));
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session_and_exchanges_this_one() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let (other, mine) = (world.session("anna").await, world.session("anna").await);
    let wrong = json!({"old_password": OTHER, "password": OTHER});
    assert_eq!(said(&world.posts(&mine, "/password/change", wrong).await), no(403, "password_wrong"));
    assert_eq!(world.get(&other, "/profile").await.status, 200, "nothing was changed");
    let change = json!({"old_password": PASSWORD, "password": OTHER});
    let next = text(&world.posts(&mine, "/password/change", change).await, "session");
    for ended in [&other, &mine] {
        assert_eq!(said(&world.get(ended, "/profile").await), no(401, "session_invalid"));
    }
    assert_eq!(world.get(&next, "/profile").await.status, 200);
    assert_eq!(said(&world.sign_in("anna", PASSWORD).await), no(401, "sign_in_failed"));
    let last = world.mails().pop().expect("a mail");
    assert_eq!((last.kind, last.to.as_str()), (MailKind::PasswordChanged, "anna@mail.example"));
}

#[tokio::test]
async fn an_open_session_does_not_let_anybody_guess_the_password() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    let change = json!({"old_password": OTHER, "password": OTHER});
    let mut codes = Vec::new();
    for _ in 0..7 {
        codes.push(world.posts(&session, "/password/change", change.clone()).await.code());
    }
    assert_eq!(codes, [["password_wrong"; 5].as_slice(), &["too_fast"; 2]].concat());
}

async fn forgotten(world: &World, identifier: &str) -> (u16, Value) {
    let answer = world.calls("/password/forgot", json!({"identifier": identifier})).await;
    let body = if answer.bytes.is_empty() { Value::Null } else { answer.json() };
    // The mail is posted after the answer.
    for _ in 0..50 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        if world.app.writer.waiting() == 0 {
            break;
        }
    }
    (answer.status.as_u16(), body)
}

#[tokio::test]
async fn v24_a_forgotten_password_is_mailed_a_link_and_the_answer_is_the_same_for_everybody() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let locked = world.person("lock", "viewer").await;
    world.posts(&world.admin(), &format!("/users/{locked}/lock"), json!(null)).await;
    let resets = |world: &World| world.mails().iter().filter(|mail| mail.kind == MailKind::Reset).count();
    for (identifier, mails) in [("nobody@mail.example", 0), ("lock", 0), ("anna@mail.example", 1), ("", 1)] {
        assert_eq!(forgotten(&world, identifier).await, (202, Value::Null), "{identifier}");
        assert_eq!(resets(&world), mails, "{identifier}");
    }
    let session = world.session("anna").await;
    let link = world.link("anna@mail.example").await;
    let set = world.calls("/password/set", json!({"link": link, "password": OTHER})).await;
    assert_eq!(set.status, 201);
    assert_eq!(said(&world.get(&session, "/profile").await), no(401, "session_invalid"), "every session has ended");
    assert_eq!(world.sign_in("anna", OTHER).await.status, 201);
}

#[tokio::test]
async fn v24_asking_for_links_floods_no_mailbox() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    for _ in 0..8 {
        forgotten(&world, "anna").await;
        world.all_sent().await; // one that waits would not be doubled anyway
    }
    assert_eq!(world.mails().iter().filter(|mail| mail.kind == MailKind::Reset).count(), 3);
}

#[tokio::test]
async fn t32_a_random_password_meets_the_rules_and_is_another_each_time() {
    let world = World::new().await;
    let drawn = async || text(&world.get(&world.admin(), "/password/random").await, "password");
    let (one, other) = (drawn().await, drawn().await);
    assert_ne!(one, other);
    let user = json!({"email": "anna@mail.example", "role": "viewer", "password": one, "welcome": "nothing"});
    assert_eq!(world.posts(&world.admin(), "/users", user).await.status, 201);
    assert_eq!(world.sign_in("anna@mail.example", &one).await.status, 201);
}
