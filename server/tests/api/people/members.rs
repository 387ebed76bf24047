//! Members: disabled, enabled, removed, given another role (G22, G29-G31, V20-V25).

use super::stage::{PASSWORD, no, said};
use crate::world::{Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::UserId;
use serde_json::{Value, json};

async fn act(world: &World, user: UserId, what: &str) -> crate::world::Answer {
    world.posts(&world.admin(), &format!("/accounts/{{account}}/members/{user}/{what}"), json!(null)).await
}

async fn listed(world: &World) -> Vec<String> {
    let list = world.get(&world.admin(), "/accounts/{account}/members").await.json();
    let items = list["items"].as_array().expect("members").clone();
    items.iter().map(|one| one["user"]["username"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn g21_v14_the_members_panel_lists_who_takes_part() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    world.person("bela", "admin").await;
    assert_eq!(listed(&world).await, ["member", "disabled", "anna", "bela"]);
}

#[tokio::test]
async fn g29_a_disabled_member_takes_no_part_and_its_sessions_end() {
    let world = World::new().await;
    let user = world.person("anna", "operator").await;
    let session = world.session("anna").await;
    let disabled = act(&world, user, "disable").await;
    assert_eq!((disabled.status.as_u16(), &disabled.json()["state"]), (200, &json!("disabled")));
    assert_eq!(said(&world.get(&session, "/profile").await), no(401, "session_invalid"));
    let session = world.session("anna").await;
    assert_eq!(said(&world.get(&session, "/whoami").await), no(403, "account_needed"));
}

#[tokio::test]
async fn g30_an_enabled_member_takes_part_again() {
    let world = World::new().await;
    let user = world.person("anna", "operator").await;
    act(&world, user, "disable").await;
    let enabled = act(&world, user, "enable").await;
    assert_eq!((enabled.status.as_u16(), &enabled.json()["state"]), (200, &json!("active")));
    let session = world.session("anna").await;
    assert_eq!(world.get(&session, "/whoami").await.json()["role"], "operator");
}

#[tokio::test]
async fn g31_a_removed_member_leaves_the_list_and_may_be_invited_again() {
    let world = World::new().await;
    let user = world.person("anna", "operator").await;
    let session = world.session("anna").await;
    assert_eq!(act(&world, user, "remove").await.status, 204);
    assert_eq!(said(&world.get(&session, "/profile").await), no(401, "session_invalid"));
    assert_eq!(listed(&world).await, ["member", "disabled"]);
    assert_eq!(said(&world.get(&world.admin(), &format!("/users/{user}")).await), no(404, "out_of_reach"));
    let body = json!({"emails": "anna@mail.example", "role": "admin"});
    world.posts(&world.admin(), "/accounts/{account}/invitations", body).await;
    let link = world.link("anna@mail.example").await;
    let session = world.session("anna").await;
    assert_eq!(world.posts(&session, "/invitations/confirm", json!({"link": link})).await.status, 200);
    assert_eq!(world.get(&session, "/whoami").await.json()["role"], "admin");
}

#[tokio::test]
async fn v25_several_members_are_removed_all_or_none() {
    let world = World::new().await;
    let users = [world.person("anna", "viewer").await, world.person("bela", "viewer").await];
    let stranger = world.user_in(world.ids.account(Relation::Far), "far", "viewer").await;
    let remove = async |users: Value| {
        world.posts(&world.admin(), "/accounts/{account}/members/remove", json!({"users": users})).await
    };
    assert_eq!(said(&remove(json!([users[0], stranger, users[1]])).await), no(404, "out_of_reach"));
    assert_eq!(listed(&world).await.len(), 4, "none");
    assert_eq!(remove(json!(users)).await.status, 204);
    assert_eq!(listed(&world).await, ["member", "disabled"]);
    assert_eq!(said(&remove(json!([])).await), no(422, "field_invalid"));
}

#[tokio::test]
async fn v23_a_role_is_changed_by_administrators_and_one_event_says_it() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let path = format!("/accounts/{{account}}/members/{user}");
    let body = json!({"role": "admin"});
    for (relation, role, expected) in [
        (Relation::Own, Role::Operator, no(403, "admin_only")),
        (Relation::Below, Role::Admin, no(404, "out_of_reach")),
        (Relation::Above, Role::Admin, no(200, "")),
    ] {
        let token = world.ids.token(relation, role).to_owned();
        assert_eq!(said(&world.send(&token, Method::PATCH, &path, body.clone()).await), expected, "{relation:?}");
    }
    assert_eq!(world.verbs().await[0], "role_changed");
}

#[tokio::test]
async fn a_member_of_no_list_cannot_be_changed() {
    let world = World::new().await;
    let stranger = world.user_in(world.ids.account(Relation::Far), "far", "viewer").await;
    for what in ["disable", "enable", "remove"] {
        assert_eq!(said(&act(&world, stranger, what).await), no(404, "out_of_reach"), "{what}");
    }
    assert_eq!(world.sign_in("far", PASSWORD).await.status, 401, "it has no password");
}
