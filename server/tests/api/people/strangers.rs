//! What an invitation tells the inviting account of a stranger, and does to one: nothing (V13).

use super::facts_a::draft;
use super::stage::{PASSWORD, text};
use crate::world::{NOW, Relation, World};
use axum::http::Method;
use serde_json::{Value, json};

/// What is told of a user, but for what names it.
fn told(user: &Value) -> Value {
    let mut user = user.clone();
    let fields = user.as_object_mut().expect("a user");
    fields.remove("id");
    fields.remove("email");
    user
}

#[tokio::test]
async fn v13_of_a_stranger_who_is_invited_nothing_is_told_but_the_address() {
    let world = World::new().await;
    let mut body = draft("anna");
    body["personal_account"] = json!("Anna's own");
    body["first_name"] = json!("Anna");
    body["phone"] = json!("+49 30 1");
    assert_eq!(world.posts(&world.vendor(), "/users", body).await.status, 201);
    let link = world.link("anna@mail.example").await;
    world.calls("/password/set", json!({"link": link, "password": PASSWORD})).await;
    let anna = world.session("anna").await;
    let later = world.at(NOW.plus(1000));
    let ask = json!({"emails": ["anna@mail.example", "nobody@mail.example"], "role": "viewer"});
    let invited = later.posts(&later.admin(), "/accounts/{account}/invitations", ask).await.json();
    let [stranger, nobody] = [0, 1].map(|at| invited["items"][at]["user"].as_str().expect("an id").to_owned());
    let seen = async |id: &str| later.get(&later.admin(), &format!("/users/{id}")).await.json();
    let (one, other) = (seen(&stranger).await, seen(&nobody).await);
    assert_eq!((&one["email"], told(&one)), (&json!("anna@mail.example"), told(&other)));
    for path in ["/users?account={account}", "/accounts/{account}/members"] {
        let list = String::from_utf8_lossy(&later.get(&later.admin(), path).await.bytes).into_owned();
        assert!(
            list.contains("anna@mail.example") && !list.contains("+49 30 1") && !list.contains("\"anna\""),
            "{list}"
        );
    }
    let link = later.link("anna@mail.example").await;
    assert_eq!(world.posts(&anna, "/invitations/confirm", json!({"link": link})).await.status, 200);
    assert_eq!(seen(&stranger).await["phone"], "+49 30 1", "whoever joins is told of");
}

#[tokio::test]
async fn v13_an_invitation_that_is_taken_back_names_the_stranger_by_the_address() {
    let world = World::new().await;
    world.person_in(world.ids.account(Relation::Far), "secretname", "viewer").await;
    let ask = json!({"emails": "secretname@mail.example", "role": "viewer"});
    let invited = world.posts(&world.admin(), "/accounts/{account}/invitations", ask).await.json();
    let member = format!("/accounts/{{account}}/members/{}", invited["items"][0]["user"].as_str().expect("an id"));
    assert_eq!(world.send(&world.admin(), Method::PATCH, &member, json!({"role": "admin"})).await.status, 200);
    assert_eq!(world.posts(&world.admin(), &format!("{member}/remove"), json!(null)).await.status, 204);
    for event in world.items(&world.admin(), "/accounts/{account}/events?limit=2").await {
        assert_eq!(event["detail"]["user"], "secretname@mail.example", "{event}");
    }
}

#[tokio::test]
async fn an_invitation_that_is_taken_back_signs_nobody_out() {
    let world = World::new().await;
    world.person_in(world.ids.account(Relation::Far), "anna", "viewer").await;
    let anna = world.session("anna").await;
    let ask = json!({"emails": "anna@mail.example", "role": "viewer"});
    let invited = world.posts(&world.admin(), "/accounts/{account}/invitations", ask).await.json();
    let user = invited["items"][0]["user"].as_str().expect("an id");
    let path = format!("/accounts/{{account}}/members/{user}/remove");
    assert_eq!(world.posts(&world.admin(), &path, json!(null)).await.status, 204);
    assert_eq!(text(&world.get(&anna, "/profile").await, "username"), "anna");
}
