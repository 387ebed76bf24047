//! The second factor: enrolled, asked for, used once, recovered, taken away.

use super::stage::{OTHER, PASSWORD, no, said, text};
use crate::world::{NOW, World};
use leasehold::identity::second_factor::code;
use leasehold_ledger::record::UserId;
use leasehold_ledger::record::secret::SECOND_FACTOR_LIFE;
use leasehold_protocol::Time;
use serde_json::json;

/// Somebody with a second factor: the user, its secret, its recovery codes.
async fn enrolled(world: &World, name: &str) -> (UserId, Vec<u8>, Vec<String>) {
    let user = world.person(name, "viewer").await;
    let session = world.session(name).await;
    let begun = world.posts(&session, "/profile/totp", json!(null)).await;
    assert_eq!(begun.status, 201, "{:?}", begun.bytes);
    let secret = world.user_row(user).totp.expect("begun").secret.0;
    assert!(
        text(&begun, "uri")
            .starts_with(&format!("otpauth://totp/vendor.test:{name}?secret={}", text(&begun, "secret")))
    );
    let shown = json!({"code": code(&secret, Time(NOW.0 - 30))});
    let codes = world.posts(&session, "/profile/totp/confirm", shown).await.json();
    let codes = codes["recovery_codes"].as_array().unwrap_or_else(|| panic!("{codes}")).iter();
    (user, secret, codes.map(|code| code.as_str().expect("a code").to_owned()).collect())
}

async fn half(world: &World, name: &str) -> String {
    let answer = world.sign_in(name, PASSWORD).await;
    assert_eq!(answer.status, 202, "{:?}", answer.bytes);
    text(&answer, "second_factor")
}

async fn pass(world: &World, half: &str, code: &str) -> crate::world::Answer {
    world.calls("/sessions/second-factor", json!({"second_factor": half, "code": code})).await
}

#[tokio::test]
async fn a_second_factor_is_asked_for_once_a_code_was_shown() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    world.posts(&session, "/profile/totp", json!(null)).await;
    assert_eq!(world.sign_in("anna", PASSWORD).await.status, 201, "begun is not confirmed");
    let wrong = world.posts(&session, "/profile/totp/confirm", json!({"code": "000000"})).await;
    assert_eq!(said(&wrong), no(401, "code_invalid"));
    assert_eq!(world.sign_in("anna", PASSWORD).await.status, 201, "nor is a wrong code");
    let secret = world.user_row(user).totp.expect("begun").secret.0;
    let shown = json!({"code": code(&secret, NOW)});
    assert_eq!(world.posts(&session, "/profile/totp/confirm", shown).await.status, 200);
    half(&world, "anna").await;
    assert_eq!(world.get(&session, "/profile").await.json()["recovery_codes"], 10);
}

#[tokio::test]
async fn a_code_of_this_moment_opens_a_session_and_is_good_once() {
    let world = World::new().await;
    let (_, secret, _) = enrolled(&world, "anna").await;
    let now = code(&secret, NOW);
    let first = half(&world, "anna").await;
    let entered = pass(&world, &first, &now).await;
    assert_eq!(entered.status, 201, "{:?}", entered.bytes);
    assert_eq!(world.get(&text(&entered, "session"), "/profile").await.status, 200);
    let second = half(&world, "anna").await;
    assert_eq!(said(&pass(&world, &second, &now).await), no(401, "code_invalid"), "a code that was seen is no use");
    let before = code(&secret, Time(NOW.0 - 30));
    assert_eq!(said(&pass(&world, &second, &before).await), no(401, "code_invalid"), "nor is an older one");
    let next = code(&secret, Time(NOW.0 + 30));
    assert_eq!(pass(&world, &second, &next).await.status, 201);
}

#[tokio::test]
async fn one_code_for_two_sign_ins_at_once_opens_one() {
    let world = World::new().await;
    let (_, secret, _) = enrolled(&world, "anna").await;
    let (one, other) = (half(&world, "anna").await, half(&world, "anna").await);
    let now = code(&secret, NOW);
    let (one, other) = tokio::join!(pass(&world, &one, &now), pass(&world, &other, &now));
    let mut answers = [one.status.as_u16(), other.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [201, 401]);
}

#[tokio::test]
async fn a_half_finished_sign_in_is_no_session_ends_and_is_good_once() {
    let world = World::new().await;
    let (_, secret, codes) = enrolled(&world, "anna").await;
    let token = half(&world, "anna").await;
    for path in ["/profile", "/whoami"] {
        assert_eq!(world.get(&token, path).await.status, 401, "{path}");
    }
    let late = world.at(NOW.plus(SECOND_FACTOR_LIFE));
    let code = code(&secret, NOW.plus(SECOND_FACTOR_LIFE));
    assert_eq!(said(&pass(&late, &token, &code).await), no(401, "second_factor_invalid"));
    assert_eq!(pass(&world, &token, &codes[0]).await.status, 201);
    assert_eq!(said(&pass(&world, &token, &codes[1]).await), no(401, "second_factor_invalid"));
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_however_it_is_typed() {
    let world = World::new().await;
    let (user, _, codes) = enrolled(&world, "anna").await;
    assert_eq!(codes.len(), 10);
    assert!(!codes.iter().any(|code| world.store_holds(code)), "the store has their hashes");
    let first = half(&world, "anna").await;
    assert_eq!(pass(&world, &first, &codes[0].to_lowercase().replace('-', " ")).await.status, 201);
    let second = half(&world, "anna").await;
    assert_eq!(said(&pass(&world, &second, &codes[0]).await), no(401, "code_invalid"));
    assert_eq!(pass(&world, &second, &codes[1]).await.status, 201);
    assert_eq!(world.user_row(user).totp.expect("still").recovery.len(), 8);
}

#[tokio::test]
async fn guessing_codes_is_stopped_from_everywhere_and_recovery_codes_go_on() {
    let world = World::new().await;
    let (_, secret, codes) = enrolled(&world, "anna").await;
    let token = half(&world, "anna").await;
    let mut met = Vec::new();
    for last in 0..14 {
        let body = json!({"second_factor": token, "code": format!("{last:06}")});
        met.push(world.calls_from(&format!("192.0.2.{last}"), "/sessions/second-factor", &body).await.code());
    }
    assert_eq!(met, [["code_invalid"; 10].as_slice(), &["too_fast"; 4]].concat());
    assert_eq!(said(&pass(&world, &token, &code(&secret, NOW)).await), no(429, "too_fast"));
    assert_eq!(pass(&world, &token, &codes[0]).await.status, 201);
}

#[tokio::test]
async fn a_link_from_a_mail_does_not_go_around_the_second_factor() {
    let world = World::new().await;
    let (user, secret, _) = enrolled(&world, "anna").await;
    world.posts(&world.admin(), &format!("/users/{user}/reset-password"), json!(null)).await;
    let link = world.link("anna@mail.example").await;
    let set = world.calls("/password/set", json!({"link": link, "password": OTHER})).await;
    assert_eq!(set.status, 202, "{:?}", set.bytes);
    let entered = pass(&world, &text(&set, "second_factor"), &code(&secret, NOW)).await;
    assert_eq!(entered.status, 201);
}

#[tokio::test]
async fn a_second_factor_is_dropped_by_the_person_or_an_administrator() {
    let world = World::new().await;
    let (user, secret, _) = enrolled(&world, "anna").await;
    let session = text(&pass(&world, &half(&world, "anna").await, &code(&secret, NOW)).await, "session");
    assert_eq!(
        said(&world.posts(&session, "/profile/totp", json!(null)).await),
        no(422, "field_invalid"),
        "it has one"
    );
    assert_eq!(world.deletes(&session, "/profile/totp").await.status, 204);
    assert_eq!(world.sign_in("anna", PASSWORD).await.status, 201);
    let (other, ..) = enrolled(&world, "bela").await;
    let dropped = world.deletes(&world.admin(), &format!("/users/{other}/totp")).await;
    assert_eq!((dropped.status.as_u16(), &dropped.json()["second_factor"]), (200, &json!(false)));
    assert_eq!(world.sign_in("bela", PASSWORD).await.status, 201);
    assert!(world.verbs().await.contains(&"second_factor_dropped".to_owned()));
    assert_eq!(world.user_row(user).totp, None);
}

#[tokio::test]
async fn secrets_of_the_second_factor_are_shown_once_and_in_no_event() {
    let world = World::new().await;
    let (user, ..) = enrolled(&world, "anna").await;
    let secret = leasehold::identity::second_factor::spelled(&world.user_row(user).totp.expect("there").secret.0);
    for path in ["/users".to_owned(), format!("/users/{user}"), "/accounts/{account}/events".to_owned()] {
        let body = world.get(&world.admin(), &path).await;
        assert!(!String::from_utf8_lossy(&body.bytes).contains(&secret), "{path}");
    }
}
