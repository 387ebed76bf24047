//! Organisations, their owner, their co-administrator (G14-G17, G32-G35).

use super::stage::{PASSWORD, no, said, text};
use crate::world::{Answer, Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::UserId;
use serde_json::{Value, json};

const KEY: &str = "PERM-PERM-PERM-3333";

async fn co_admin(world: &World, token: &str, user: UserId, replace: bool) -> Answer {
    let body = json!({"user": user, "replace": replace});
    world.send(token, Method::PUT, "/accounts/{account}/co-admin", body).await
}

fn above(world: &World) -> String {
    world.ids.token(Relation::Above, Role::Admin).to_owned()
}

async fn standing(world: &World, user: UserId) -> Value {
    world.get(&world.admin(), &format!("/users/{user}")).await.json()["accounts"][0]["standing"].clone()
}

/// Somebody with a personal account.
async fn private(world: &World) -> String {
    let body = json!({"email": "anna@mail.example", "role": "viewer", "personal_account": "Anna's own"});
    let made = world.posts(&world.vendor(), "/users", body).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let link = world.link("anna@mail.example").await;
    let set = world.calls("/password/set", json!({"link": link, "password": PASSWORD})).await;
    text(&set, "session")
}

#[tokio::test]
async fn g14_g15_g17_a_person_with_a_permission_key_makes_an_organisation_and_owns_it() {
    let world = World::new().await;
    let session = private(&world).await;
    world.sells(world.ids.account(Relation::Own), KEY, "permission_key").await;
    let make = async |key: &str| {
        world.posts(&session, "/organisations", json!({"name": "Anna's company", "permission_key": key})).await
    };
    assert_eq!(said(&make("").await), no(409, "key_required"));
    assert_eq!(said(&make("no key").await), no(422, "key_format"));
    assert_eq!(said(&make("AAAA-AAAA-AAAA-AAAA").await), no(409, "key_invalid"));
    let made = make(KEY).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    assert_eq!((&made.json()["role"], &made.json()["standing"]), (&json!("admin"), &json!("owner")));
    assert_eq!(world.get(&session, "/whoami").await.json()["account_name"], "Anna's company");
    let token = world.posts(&world.admin(), "/organisations", json!({"name": "X", "permission_key": KEY})).await;
    assert_eq!(said(&token), no(403, "person_required"), "a program is nobody who could own it");
}

#[tokio::test]
async fn g18_the_owner_edits_the_organisations_information() {
    let world = World::new().await;
    let session = private(&world).await;
    world.sells(world.ids.account(Relation::Own), KEY, "permission_key").await;
    let body = json!({"name": "Anna's company", "permission_key": KEY});
    let made = text(&world.posts(&session, "/organisations", body).await, "account");
    let changed = world.send(&session, Method::PATCH, &format!("/accounts/{made}"), json!({"name": "Renamed"})).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["name"]), (200, &json!("Renamed")));
}

#[tokio::test]
async fn g22_g32_a_co_administrator_is_named_out_of_those_who_take_part() {
    let world = World::new().await;
    let anna = world.person("anna", "viewer").await;
    let named = co_admin(&world, &above(&world), anna, false).await;
    assert_eq!((named.status.as_u16(), &named.json()["standing"]), (200, &json!("co_admin")));
    let session = world.session("anna").await;
    assert_eq!(world.get(&session, "/whoami").await.json()["role"], "admin");
    let stranger = world.user_in(world.ids.account(Relation::Far), "far", "viewer").await;
    assert_eq!(said(&co_admin(&world, &above(&world), stranger, true).await), no(409, "not_participant"));
}

#[tokio::test]
async fn g33_there_is_one_co_administrator_and_replacing_swaps_both_at_once() {
    let world = World::new().await;
    let (anna, bela) = (world.person("anna", "viewer").await, world.person("bela", "viewer").await);
    co_admin(&world, &above(&world), anna, false).await;
    assert_eq!(said(&co_admin(&world, &above(&world), bela, false).await), no(409, "co_admin_exists"));
    assert_eq!(standing(&world, anna).await, "co_admin");
    assert_eq!(co_admin(&world, &above(&world), bela, true).await.status, 200);
    assert_eq!((standing(&world, anna).await, standing(&world, bela).await), (json!("none"), json!("co_admin")));
}

#[tokio::test]
async fn g33_two_co_administrators_named_at_once_leave_one() {
    let world = World::new().await;
    let (anna, bela) = (world.person("anna", "viewer").await, world.person("bela", "viewer").await);
    let by = above(&world);
    let (one, other) = tokio::join!(co_admin(&world, &by, anna, false), co_admin(&world, &by, bela, false));
    let mut answers = [one.status.as_u16(), other.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409]);
    let standings = [standing(&world, anna).await, standing(&world, bela).await];
    assert_eq!(standings.iter().filter(|one| **one == "co_admin").count(), 1);
}

#[tokio::test]
async fn g34_who_is_pending_or_disabled_cannot_be_co_administrator() {
    let world = World::new().await;
    let anna = world.person("anna", "viewer").await;
    world.posts(&world.admin(), &format!("/accounts/{{account}}/members/{anna}/disable"), json!(null)).await;
    assert_eq!(said(&co_admin(&world, &above(&world), anna, false).await), no(409, "not_participant"));
    let body = json!({"emails": "b@mail.example", "role": "viewer"});
    let invited = world.posts(&world.admin(), "/accounts/{account}/invitations", body).await.json();
    let pending = invited["items"][0]["user"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(said(&co_admin(&world, &above(&world), pending, false).await), no(409, "not_participant"));
}

#[tokio::test]
async fn g35_the_owner_is_neither_removed_nor_disabled_nor_made_co_administrator() {
    let world = World::new().await;
    let (anna, bela) = (world.person("anna", "admin").await, world.person("bela", "admin").await);
    let hand = async |token: &str, user: UserId| {
        world.posts(token, "/accounts/{account}/hand-over", json!({"user": user})).await
    };
    assert_eq!(hand(&above(&world), anna).await.json()["standing"], "owner");
    let owner = no(409, "owner_protected");
    for what in ["disable", "remove"] {
        let path = format!("/accounts/{{account}}/members/{anna}/{what}");
        assert_eq!(said(&world.posts(&world.admin(), &path, json!(null)).await), owner, "{what}");
    }
    let several = json!({"users": [bela, anna]});
    assert_eq!(said(&world.posts(&world.admin(), "/accounts/{account}/members/remove", several).await), owner);
    assert_eq!(said(&co_admin(&world, &above(&world), anna, false).await), owner);
    assert_eq!(said(&world.posts(&world.admin(), &format!("/users/{anna}/lock"), json!(null)).await), owner);
    let bela_session = world.session("bela").await;
    assert_eq!(said(&hand(&bela_session, bela).await), no(403, "admin_only"), "an administrator does not take it");
    let anna_session = world.session("anna").await;
    assert_eq!(hand(&anna_session, bela).await.json()["standing"], "owner");
    assert_eq!(standing(&world, anna).await, "none");
    let path = format!("/accounts/{{account}}/members/{anna}/disable");
    assert_eq!(world.posts(&bela_session, &path, json!(null)).await.status, 200);
}
