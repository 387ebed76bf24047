//! What is not for everybody's eyes: notes, the other side of a move, what stands above.

use super::world::{Relation, World, units};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use serde_json::json;

#[tokio::test]
async fn a35_notes_are_for_the_parents_side_only() {
    let world = World::new().await;
    let above = world.get(world.ids.token(Relation::Above, Role::Viewer), "/accounts/{account}").await.json();
    assert_eq!(
        (&above["notes"], &above["parent"]),
        (&json!("pays late"), &json!(world.ids.account(Relation::Above).to_string()))
    );
    for path in ["/accounts/{account}", "/accounts?limit=1"] {
        let own = world.get(&world.admin(), path).await;
        assert!(!String::from_utf8_lossy(&own.bytes).contains("pays late"), "{path}");
        assert!(
            !String::from_utf8_lossy(&own.bytes).contains(&world.ids.account(Relation::Above).to_string()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_move_shows_each_account_its_own_side() {
    let world = World::new().await;
    let body = json!({"account": "{child}", "units": {"OBM": 5}});
    let got = world.send(&world.admin(), Method::POST, "/pools/{pool}/moves", body).await.json();
    let child = world.ids.token(Relation::Below, Role::Viewer);
    let seen = world.get(child, "/accounts/{child}/events?limit=1").await;
    let event = &seen.json()["items"][0];
    assert_eq!((&event["verb"], &event["subject"]), (&json!("units_moved"), &got["id"]));
    assert_eq!(event["detail"]["units"], units(5).to_string());
    assert!(!String::from_utf8_lossy(&seen.bytes).contains(&world.ids.pool.to_string()));
    let giver = world.get(&world.admin(), "/accounts/{account}/events?limit=1").await.json();
    assert_eq!(giver["items"][0]["subject"], world.ids.pool.to_string());
    assert_eq!(giver["items"][0]["detail"]["to"], got["id"], "the giver reaches the taker");
}

#[tokio::test]
async fn what_happens_to_a_user_of_two_accounts_names_the_user_to_both() {
    let world = World::new().await;
    let session = world.private("anna").await;
    let own = world.get(&session, "/whoami").await.json()["account"].as_str().expect("an id").parse().expect("an id");
    let ask = json!({"emails": "anna@mail.example", "role": "viewer"});
    assert_eq!(world.posts(&world.admin(), "/accounts/{child}/invitations", ask).await.status, 200);
    let link = json!({"link": world.link("anna@mail.example").await});
    assert_eq!(world.posts(&session, "/invitations/confirm", link).await.status, 200);
    let (child, anna) = (world.ids.token(Relation::Below, Role::Admin), world.user_named("anna").id.to_string());
    let change = json!({"first_name": "Anna"});
    assert_eq!(world.send(child, Method::PATCH, &format!("/users/{anna}"), change).await.status, 200);
    let updated = format!("verb=user_updated&subject={anna}");
    let here = world.get(child, &format!("/accounts/{{child}}/events?{updated}")).await.json();
    let there = world.speaks(&session, own, &format!("/accounts/{own}/events?{updated}")).await.json();
    for (seen, side) in [(here, "the account it joined"), (there, "its own account")] {
        assert_eq!(
            (&seen["items"][0]["subject"], seen["items"].as_array().map(Vec::len)),
            (&json!(anna), Some(1)),
            "{side}"
        );
    }
    assert_eq!(world.posts(child, &format!("/users/{anna}/lock"), json!(null)).await.status, 200);
    let locked = world.get(child, "/accounts/{child}/events?limit=1").await.json();
    assert_eq!((&locked["items"][0]["verb"], &locked["items"][0]["subject"]), (&json!("user_locked"), &json!(anna)));
}

#[tokio::test]
async fn an_account_does_not_learn_its_parents_id_from_its_first_event() {
    let world = World::new().await;
    let child = world.ids.token(Relation::Below, Role::Admin);
    let events = world.get(child, "/accounts/{child}/events").await;
    assert!(events.json()["items"].as_array().expect("items").iter().any(|event| event["verb"] == "account_created"));
    assert!(!String::from_utf8_lossy(&events.bytes).contains(&world.ids.account(Relation::Own).to_string()));
}

#[tokio::test]
async fn t33_a_product_that_is_not_allowed_does_not_exist() {
    let world = World::new().await;
    let change = json!({"products": []});
    let done = world.send(&world.vendor(), Method::PATCH, "/accounts/{account}", change).await;
    assert!(done.status.is_success());
    for token in [world.admin(), world.ids.token(Relation::Below, Role::Viewer).to_owned()] {
        assert_eq!(world.get(&token, "/products").await.json()["items"], json!([]));
        assert_eq!(world.get(&token, "/products/{sku}").await.code(), "out_of_reach");
    }
    assert_eq!(world.get(&world.vendor(), "/products/{sku}").await.status, 200);
}
