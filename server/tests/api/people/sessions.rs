//! Sessions: how long they last, whom they speak for, how they end.

use super::stage::{OTHER, PASSWORD, asks, no, said, text};
use crate::world::{NOW, Relation, World};
use axum::http::Method;
use leasehold_ledger::record::secret::{SESSION_IDLE, SESSION_LIFE, TOUCH_EVERY};
use serde_json::json;

#[tokio::test]
async fn a_session_ends_after_30_minutes_without_use_and_12_hours_with() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    let at = async |seconds: i64| world.at(NOW.plus(seconds)).get(&session, "/profile").await;
    assert_eq!(at(SESSION_IDLE - 1).await.status, 200);
    assert_eq!(said(&at(2 * SESSION_IDLE).await), no(401, "session_invalid"));
    let mut now = SESSION_IDLE - 1;
    while now < SESSION_LIFE {
        assert_eq!(at(now).await.status, 200, "{now}");
        now += SESSION_IDLE - TOUCH_EVERY;
    }
    assert_eq!(said(&at(SESSION_LIFE).await), no(401, "session_invalid"));
}

#[tokio::test]
async fn a_session_that_is_never_used_ends_after_30_minutes() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    assert_eq!(said(&world.at(NOW.plus(SESSION_IDLE)).get(&session, "/profile").await), no(401, "session_invalid"));
}

#[tokio::test]
async fn a_persons_sessions_are_listed_with_where_they_were_used_and_ended_one_by_one() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let body = json!({"identifier": "anna", "password": PASSWORD});
    let there = text(&world.calls_from("192.0.2.7", "/sessions", &body).await, "session");
    let here = world.session("anna").await;
    let list = world.get(&here, "/sessions").await.json();
    let items = list["items"].as_array().expect("sessions");
    let lines: Vec<_> = items.iter().map(|one| (one["from"].clone(), one["current"].clone())).collect();
    assert!(lines.contains(&(json!("192.0.2.7"), json!(false))), "{list}");
    assert!(lines.contains(&(json!("127.0.0.1"), json!(true))), "{list}");
    let other = items.iter().find(|one| one["from"] == "192.0.2.7").expect("there")["id"].as_str().expect("an id");
    assert_eq!(world.deletes(&here, &format!("/sessions/{other}")).await.status, 204);
    assert_eq!(said(&world.get(&there, "/profile").await), no(401, "session_invalid"));
    assert_eq!(world.get(&here, "/profile").await.status, 200);
    assert_eq!(said(&world.deletes(&here, &format!("/sessions/{other}")).await), no(404, "out_of_reach"));
}

#[tokio::test]
async fn nobody_ends_a_session_of_somebody_else() {
    let world = World::new().await;
    world.person("anna", "admin").await;
    world.person("bela", "viewer").await;
    let (anna, entered) = (world.session("anna").await, world.sign_in("bela", PASSWORD).await);
    let id = text(&entered, "id");
    assert_eq!(said(&world.deletes(&anna, &format!("/sessions/{id}")).await), no(404, "out_of_reach"));
    assert_eq!(world.get(&text(&entered, "session"), "/profile").await.status, 200);
}

#[tokio::test]
async fn ending_all_sessions_keeps_the_one_that_asks() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let others = [world.session("anna").await, world.session("anna").await];
    let mine = world.session("anna").await;
    assert_eq!(world.deletes(&mine, "/sessions").await.status, 204);
    for other in others {
        assert_eq!(said(&world.get(&other, "/profile").await), no(401, "session_invalid"));
    }
    assert_eq!(world.get(&mine, "/profile").await.status, 200);
}

#[tokio::test]
async fn a_session_opens_nothing_as_a_token_of_another_kind() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    for wrong in [session.replacen("ls_", "lh_", 1), format!("{session}x"), session.replacen("ls_", "", 1)] {
        assert_eq!(world.get(&wrong, "/whoami").await.status, 401, "{wrong}");
    }
    world.user("bela", "viewer").await;
    let link = world.link("bela@mail.example").await;
    for path in ["/whoami", "/profile"] {
        assert_eq!(world.get(&link, path).await.status, 401, "a link is no session");
        assert_eq!(world.get(&link.replacen("ll_", "ls_", 1), path).await.status, 401);
    }
}

#[tokio::test]
async fn a_session_ended_during_use_answers_either_way_and_then_never_again() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    let vendor = world.vendor();
    let lock = format!("/users/{user}/lock");
    let reads = async {
        let mut seen = Vec::new();
        for _ in 0..40 {
            seen.push(world.raw(asks(&world, &session, "/profile")).await.status.as_u16());
            tokio::task::yield_now().await;
        }
        seen
    };
    let (seen, locked) = tokio::join!(reads, world.posts(&vendor, &lock, json!(null)));
    assert_eq!(locked.status, 200);
    let ended = seen.iter().position(|status| *status == 401).unwrap_or(seen.len());
    assert!(seen[..ended].iter().all(|status| *status == 200) && seen[ended..].iter().all(|status| *status == 401));
    assert_eq!(said(&world.get(&session, "/profile").await), no(401, "session_invalid"));
}

#[tokio::test]
async fn locking_ends_sessions_and_unlocking_brings_none_back() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    world.posts(&world.admin(), &format!("/users/{user}/lock"), json!(null)).await;
    assert_eq!(said(&world.get(&session, "/profile").await), no(401, "session_invalid"));
    world.posts(&world.admin(), &format!("/users/{user}/unlock"), json!(null)).await;
    assert_eq!(said(&world.get(&session, "/profile").await), no(401, "session_invalid"));
    assert_eq!(world.sign_in("anna", PASSWORD).await.status, 201);
}

#[tokio::test]
async fn a_person_speaks_for_the_account_it_names_and_for_no_other() {
    let world = World::new().await;
    let own = world.ids.account(Relation::Own);
    world.person("anna", "operator").await;
    let session = world.session("anna").await;
    assert_eq!(world.speaks(&session, own, "/whoami").await.json()["account"], own.to_string());
    assert_eq!(world.get(&session, "/whoami").await.json()["account"], own.to_string());
    for other in [Relation::Top, Relation::Above, Relation::Below, Relation::Far] {
        let answer = world.speaks(&session, world.ids.account(other), "/whoami").await;
        assert_eq!(said(&answer), no(404, "out_of_reach"), "{other:?}");
    }
}

#[tokio::test]
async fn a_person_with_a_personal_account_besides_speaks_for_its_organisation_unless_it_says_otherwise() {
    let world = World::new().await;
    let body = json!({"email": "anna@mail.example", "role": "viewer", "personal_account": "Anna's own"});
    let made = world.posts(&world.admin(), "/users", body).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let link = world.link("anna@mail.example").await;
    world.calls("/password/set", json!({"link": link, "password": PASSWORD})).await;
    let session = world.session("anna@mail.example").await;
    let personal = text(&world.get(&session, "/whoami").await, "account");
    let own = world.ids.account(Relation::Own);
    assert_ne!(personal, own.to_string());
    let invite = json!({"emails": "anna@mail.example", "role": "operator"});
    world.posts(&world.admin(), "/accounts/{account}/invitations", invite).await;
    let link = world.link("anna@mail.example").await;
    let joined = world.posts(&session, "/invitations/confirm", json!({"link": link})).await;
    assert_eq!(joined.status, 200, "{:?}", joined.bytes);
    let who = world.get(&session, "/whoami").await.json();
    assert_eq!((&who["account"], &who["role"]), (&json!(own.to_string()), &json!("operator")));
    let there = world.speaks(&session, personal.parse().expect("an id"), "/whoami").await.json();
    assert_eq!((&there["account"], &there["role"]), (&json!(personal), &json!("admin")));
}

#[tokio::test]
async fn somebody_in_no_account_signs_in_and_has_a_profile_and_nothing_else() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    world.posts(&world.admin(), &format!("/accounts/{{account}}/members/{user}/remove"), json!(null)).await;
    let session = world.session("anna").await;
    assert_eq!(world.get(&session, "/profile").await.status, 200);
    for path in ["/whoami", "/accounts", "/accounts/{account}/pools"] {
        assert_eq!(said(&world.get(&session, path).await), no(403, "account_needed"), "{path}");
    }
}

#[tokio::test]
async fn a_changed_role_counts_from_the_next_call_on() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    let stop = async || world.posts(&session, "/keys/{key}/stop", json!(null)).await;
    assert_eq!(said(&stop().await), no(403, "forbidden_role"));
    let change = json!({"role": "operator"});
    let path = format!("/accounts/{{account}}/members/{user}");
    assert_eq!(world.send(&world.admin(), Method::PATCH, &path, change).await.status, 200);
    assert_eq!(stop().await.status, 200);
}

#[tokio::test]
async fn tokens_and_the_operator_are_nobody() {
    let world = World::new().await;
    for path in ["/profile", "/sessions"] {
        assert_eq!(said(&world.get(&world.admin(), path).await), no(403, "person_required"), "{path}");
        assert_eq!(said(&world.get("lh_wrong", path).await), no(401, "token_invalid"), "{path}");
    }
    let body = json!({"old_password": PASSWORD, "password": OTHER});
    assert_eq!(said(&world.posts(&world.admin(), "/password/change", body).await), no(403, "person_required"));
}

#[tokio::test]
async fn what_changes_how_one_signs_in_wants_a_recent_sign_in() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    let later = world.at(NOW.plus(15 * 60));
    let again = no(403, "sign_in_again");
    assert_eq!(said(&later.posts(&session, "/profile/totp", json!(null)).await), again);
    assert_eq!(said(&later.posts(&session, "/profile/totp/confirm", json!({"code": "123456"})).await), again);
    assert_eq!(said(&later.deletes(&session, "/profile/totp").await), again);
    assert_eq!(said(&later.posts(&session, "/profile/email", json!({"email": "x@mail.example"})).await), again);
    assert_eq!(world.user_row(user).totp, None);
    let soon = world.at(NOW.plus(15 * 60 - 1));
    assert_eq!(soon.posts(&session, "/profile/totp", json!(null)).await.status, 201);
}
