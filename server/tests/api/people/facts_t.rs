//! Resellers, as those of TSplus are made: account, sign-in and products in one step (T29, T30, T32).

use super::stage::{OTHER, no, said, text};
use crate::world::{SKU, World};
use serde_json::{Value, json};

fn reseller(name: &str, login: &str, password: &str) -> Value {
    json!({
        "account": {"parent": "{account}", "kind": "reseller", "name": name, "products": [SKU]},
        "user": {"username": login, "email": format!("{login}@mail.example"), "role": "admin", "password": password},
    })
}

#[tokio::test]
async fn t29_t30_t32_a_reseller_signs_in_with_what_was_set_or_drawn_when_it_was_made() {
    let world = World::new().await;
    let drawn = world.get(&world.admin(), "/password/random").await;
    assert_eq!(drawn.header("cache-control"), "no-store");
    let drawn = text(&drawn, "password");
    let made = world.posts(&world.admin(), "/accounts/with-user", reseller("New", "reseller", &drawn)).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let account = &made.json()["account"];
    assert_eq!((&account["kind"], &account["products"]), (&json!("reseller"), &json!([SKU])));
    for login in ["reseller", "reseller@mail.example"] {
        let entered = world.sign_in(login, &drawn).await;
        assert_eq!(entered.json()["accounts"][0]["account"], account["id"], "{:?}", entered.bytes);
    }
    let session = text(&world.sign_in("reseller", &drawn).await, "session");
    let change = json!({"old_password": drawn, "password": OTHER});
    let session = text(&world.posts(&session, "/password/change", change).await, "session");
    let products = world.get(&session, "/products").await.json();
    assert_eq!(products["items"].as_array().expect("products").len(), 1, "{products}");
    let below = json!({"parent": account["id"], "kind": "end_customer", "name": "Customer"});
    let made = world.posts(&session, "/accounts", below).await;
    assert_eq!(said(&made), no(409, "not_reseller"), "it has the rights that were given, and none was");
}

#[tokio::test]
async fn t29_a_reseller_is_made_with_account_and_sign_in_or_not_at_all() {
    let world = World::new().await;
    let make = async |draft: Value| said(&world.posts(&world.admin(), "/accounts/with-user", draft).await);
    assert_eq!(make(reseller("New", "reseller", OTHER)).await, no(201, ""));
    let mails = world.mails().len();
    for (draft, expected) in [
        (reseller("NEW", "other", OTHER), no(409, "name_taken")),
        (reseller("Other", "RESELLER", OTHER), no(409, "name_taken")),
        (reseller("Other", "other", "short"), no(422, "password_weak")),
        (reseller("Other", "o@ther", OTHER), no(422, "field_invalid")),
    ] {
        assert_eq!(make(draft.clone()).await, expected, "{draft}");
    }
    assert_eq!(world.mails().len(), mails, "nobody is welcomed");
    assert_eq!(make(reseller("Other", "other", OTHER)).await, no(201, ""), "every name was free still");
}
