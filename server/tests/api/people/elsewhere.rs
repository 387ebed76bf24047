//! Somebody who stands in two places: what each of the two does and reads, and what an address that nobody came for is.

use super::firm::{Firm, KEY};
use super::stage::{PASSWORD, no, said, text};
use crate::world::{Relation, World, new_account};
use axum::http::Method;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::UserId;
use serde_json::{Value, json};

/// Somebody with [`PASSWORD`] in a personal account below the target, made by its administrator; and a session.
async fn private(world: &World, name: &str) -> (UserId, String) {
    let email = format!("{name}@mail.example");
    let body = json!({"username": name, "email": email, "role": "viewer", "personal_account": format!("{name}'s own")});
    let made = world.posts(&world.admin(), "/users", body).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let set = json!({"link": world.link(&email).await, "password": PASSWORD});
    let session = text(&world.calls("/password/set", set).await, "session");
    (text(&made, "id").parse().expect("an id"), session)
}

/// The stranger's account invites somebody.
async fn far_invites(world: &World, email: &str) {
    let far = world.ids.account(Relation::Far);
    let ask = json!({"emails": email, "role": "viewer"});
    let path = format!("/accounts/{far}/invitations");
    let asked = world.posts(&world.of(Relation::Far, Role::Admin), &path, ask).await;
    assert_eq!(asked.status, 200, "{:?}", asked.bytes);
}

async fn joins_far(world: &World, session: &str, email: &str) {
    far_invites(world, email).await;
    let link = json!({"link": world.link(email).await});
    let joined = world.posts(session, "/invitations/confirm", link).await;
    assert_eq!(joined.status, 200, "{:?}", joined.bytes);
}

#[tokio::test]
async fn in_the_vendors_account_an_administrators_token_is_no_more_than_the_administrator() {
    let world = World::new().await;
    let (vendor, token) = (world.ids.account(Relation::Top), world.vendor());
    let owner = world.user_in(vendor, "owner", "admin").await;
    let climber = world.user_in(vendor, "climber", "admin").await;
    let hand_over = Command::People(Box::new(People::HandOver { account: vendor, user: owner }));
    world.app.send(Actor::member("operator", vendor, Role::Admin), hand_over).await.expect("from the machine");
    let one = json!({"user": climber, "replace": true});
    let hand = world.posts(&token, &format!("/accounts/{vendor}/hand-over"), json!({"user": climber})).await;
    assert_eq!(said(&hand), no(403, "admin_only"));
    let named = world.send(&token, Method::PUT, &format!("/accounts/{vendor}/co-admin"), one).await;
    assert_eq!(said(&named), no(403, "admin_only"));
    let lock = world.posts(&token, &format!("/users/{owner}/lock"), json!(null)).await;
    assert_eq!(said(&lock), no(409, "owner_protected"));
    assert_eq!(said(&world.deletes(&token, &format!("/users/{owner}/totp")).await), no(409, "owner_protected"));
}

#[tokio::test]
async fn whoever_made_somebody_looks_after_it_no_more_once_an_organisation_elsewhere_took_it_in() {
    let world = World::new().await;
    let (anna, session) = private(&world, "anna").await;
    let care = async |token: &str| {
        let user = format!("/users/{anna}");
        [
            said(&world.posts(token, &format!("{user}/lock"), json!(null)).await),
            said(&world.posts(token, &format!("{user}/unlock"), json!(null)).await),
            said(&world.deletes(token, &format!("{user}/totp")).await),
            said(&world.send(token, Method::PATCH, &user, json!({"phone": "+49 30 1"})).await),
        ]
    };
    joins_far(&world, &session, "anna@mail.example").await;
    assert_eq!(care(&world.admin()).await, [(); 4].map(|()| no(403, "admin_only")));
    let reset = world.posts(&world.admin(), &format!("/users/{anna}/reset-password"), json!(null)).await;
    assert_eq!(said(&reset), no(403, "admin_only"));
    assert_eq!(text(&world.get(&session, "/profile").await, "phone"), "");
    assert_eq!(care(&world.vendor()).await, [(); 4].map(|()| no(200, "")), "who reaches both looks after it");
}

#[tokio::test]
async fn where_somebody_is_disabled_nothing_is_read_of_what_became_of_it_elsewhere() {
    let world = World::new().await;
    let anna = world.person("anna", "viewer").await;
    let member = format!("/accounts/{{account}}/members/{anna}");
    assert_eq!(world.posts(&world.admin(), &format!("{member}/disable"), json!(null)).await.status, 200);
    let session = world.session("anna").await;
    let lists = ["/users".to_owned(), "/accounts/{account}/members".to_owned(), format!("/users/{anna}")];
    let reads = async |token: String| {
        let mut told = Vec::new();
        for path in &lists {
            let text = world.get(&token, path).await.json().to_string();
            assert!(text.contains("anna@mail.example"), "{path}: {text}");
            told.push(text.contains("Secret"));
        }
        told
    };
    let named = json!({"phone": "Secret"});
    assert_eq!(world.send(&session, Method::PATCH, "/profile", named).await.status, 200);
    assert_eq!(reads(world.admin()).await, [true; 3], "it is nowhere else");
    joins_far(&world, &session, "anna@mail.example").await;
    let before = world.verbs().await;
    world.session("anna").await;
    let ask = json!({"email": "new@mail.example"});
    assert_eq!(world.posts(&session, "/profile/email", ask).await.status, 202);
    assert_eq!(world.verbs().await, before, "neither from where she signs in nor what she asks for");
    assert_eq!(reads(world.admin()).await, [false; 3]);
    assert_eq!(reads(world.vendor()).await, [true; 3], "who reaches both reads on");
}

#[tokio::test]
async fn the_mail_of_an_invitation_is_told_to_the_inviting_account_and_to_no_other() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    world.all_sent().await;
    let before = world.verbs().await;
    far_invites(&world, "anna@mail.example").await;
    world.link("anna@mail.example").await;
    world.all_sent().await;
    assert_eq!(world.verbs().await, before);
    let far = world.ids.account(Relation::Far);
    let path = format!("/accounts/{far}/events?limit=3");
    let told = world.items(&world.of(Relation::Far, Role::Admin), &path).await;
    let verbs: Vec<&Value> = told.iter().map(|event| &event["verb"]).collect();
    assert_eq!(verbs, ["mail_sent", "link_issued", "user_invited"]);
    assert_eq!(told[1]["detail"]["user"], "anna@mail.example", "{}", told[1]);
}

#[tokio::test]
async fn an_address_that_was_invited_and_never_came_becomes_its_readers() {
    let world = World::new().await;
    let session = world.private("anna").await;
    far_invites(&world, "new@mail.example").await;
    let asked = world.posts(&session, "/profile/email", json!({"email": "new@mail.example"})).await;
    assert_eq!(asked.status, 202, "{:?}", asked.bytes);
    let link = json!({"link": world.link("new@mail.example").await});
    let confirmed = world.calls("/profile/email/confirm", link).await;
    assert_eq!(confirmed.status, 204, "{:?}", confirmed.bytes);
    let link = json!({"link": world.link("new@mail.example").await});
    assert_eq!(world.posts(&session, "/invitations/confirm", link).await.status, 200, "and so is the invitation");
    assert_eq!(text(&world.sign_in("new@mail.example", PASSWORD).await, "session").get(..3), Some("ls_"));
}

#[tokio::test]
async fn whose_personal_account_has_licences_makes_no_organisation() {
    let firm = Firm::new().await;
    let session = firm.world.private("bela").await;
    let own = text(&firm.world.get(&session, "/whoami").await, "account").parse().expect("an id");
    firm.world.sells(own, "AAAA-AAAA-AAAA-AAAA", "activation_id").await;
    let key = KEY.replace("3333", "4444");
    firm.world.sells(firm.world.ids.account(Relation::Own), &key, "permission_key").await;
    assert_eq!(said(&firm.world.founds(&session, &key).await), no(409, "personal_licences"));
}

#[tokio::test]
async fn a_right_that_was_taken_from_a_reseller_is_none_of_those_below_it() {
    let world = World::new().await;
    let above = format!("/accounts/{}", world.ids.account(Relation::Above));
    let right = async |may: bool| {
        let change = json!({"may_create_customers": may});
        assert_eq!(world.send(&world.vendor(), Method::PATCH, &above, change).await.status, 200);
    };
    right(false).await;
    for token in [world.admin(), world.of(Relation::Above, Role::Admin)] {
        let made = world.posts(&token, "/accounts", new_account("New")).await;
        assert_eq!(said(&made), no(409, "not_reseller"));
    }
    right(true).await;
    assert_eq!(world.posts(&world.admin(), "/accounts", new_account("New")).await.status, 201);
}
