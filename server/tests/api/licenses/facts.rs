//! Facts about activation keys and what is made under them.

use super::seed::NAMED_CODE;
use super::shop::{Shop, no, said};
use crate::world::{KEY_CODE, Relation};
use leasehold_ledger::actor::Role;
use leasehold_ledger::rule::code;
use leasehold_protocol::Refused;
use serde_json::{Value, json};

#[tokio::test]
async fn t4_t5_an_activation_key_has_a_name_and_a_code_that_is_drawn_or_chosen() {
    let shop = Shop::new().await;
    let add = async |body: Value| shop.world.post(&shop.desk, "/accounts/{account}/activation-keys", body).await;
    let drawn = add(json!({"name": "Drawn"})).await;
    assert_eq!(drawn.status, 201, "{:?}", drawn.bytes);
    let key = drawn.json();
    let text = key["code"].as_str().expect("a code");
    assert_eq!(code::parse(text).expect("the form"), text);
    assert!(text.bytes().all(|byte| byte == b'-' || code::ALPHABET.contains(&byte)), "{text}");
    assert_eq!(
        (&key["kind"], &key["licensee"], &key["product"]),
        (&json!("activation_key"), &json!("Drawn"), &Value::Null)
    );
    let other = add(json!({"name": "Drawn too"})).await.json();
    assert_ne!(other["code"], key["code"]);
    let chosen = add(json!({"name": "Chosen", "code": "mine-mine-mine-0001"})).await.json();
    assert_eq!(chosen["code"], "MINE-MINE-MINE-0001");
    let list = shop.world.items(&shop.desk, "/accounts/{account}/activation-keys").await;
    let names: Vec<_> = list.iter().map(|key| key["licensee"].as_str().expect("a name")).collect();
    assert_eq!(names, ["Example Ltd", "Drawn", "Drawn too", "Chosen"], "the newest last, without licences too");
    let keys = shop.world.items(&shop.desk, "/accounts/{account}/keys").await;
    assert!(keys.iter().all(|key| key["kind"] != "activation_key"), "they have a list of their own: {keys:?}");
}

#[tokio::test]
async fn t6_t7_a_chosen_code_has_the_form_and_is_used_once() {
    let shop = Shop::new().await;
    let add = async |code: &str| {
        said(
            &shop
                .world
                .post(&shop.desk, "/accounts/{account}/activation-keys", json!({"name": "N", "code": code}))
                .await,
        )
    };
    for bad in ["", "MINE", "MINE-MINE-MINE", "MINE-MINE-MINE-00?1", "MINE-MINE-MINE-0001-"] {
        assert_eq!(add(bad).await, no(422, "key_format"), "{bad:?}");
    }
    assert_eq!(add("MINE-MINE-MINE-0001").await, no(201, ""));
    for taken in ["mine-mine-mine-0001", NAMED_CODE, KEY_CODE] {
        assert_eq!(add(taken).await, no(409, "key_taken"), "{taken}");
    }
}

#[tokio::test]
async fn t8_t9_licences_and_supports_are_made_under_an_activation_key_and_under_nothing_else() {
    let shop = Shop::new().await;
    let support = shop.credits("SUP", json!({"kind": "support", "term": "annual"}), 5).await;
    let year = shop.make(Shop::year(1)).await;
    let help = shop.make(json!({"kind": "support", "pool": support, "units": {"users": 1}})).await;
    for (made, kind) in [(&year, "license"), (&help, "support")] {
        assert_eq!(
            (&made["kind"], &made["code"], &made["name"]),
            (&json!(kind), &json!(NAMED_CODE), &json!("Example Ltd"))
        );
    }
    let under = shop.world.items(&shop.desk, "/licenses?key={named}").await;
    assert_eq!(under.len(), 3);
    let key = shop.world.get(&shop.desk, "/keys/{named}").await.json();
    assert_eq!(key["holdings"].as_array().map(Vec::len), Some(3));
    for other in ["{key}", "{license}", "{pool}"] {
        let made = shop.world.post(&shop.desk, &format!("/keys/{other}/licenses"), Shop::year(1)).await;
        assert_eq!(said(&made), no(404, "out_of_reach"), "{other}");
    }
}

#[tokio::test]
async fn t10_a_trial_has_a_duration_and_a_permanent_licence_has_none() {
    let shop = Shop::new().await;
    let trial = shop.credits("TRY", json!({"term": "trial", "term_days": 30}), 5).await;
    let perpetual = shop.credits("BUY", json!({}), 5).await;
    let body = |pool: &str, days: Value| json!({"pool": pool, "units": {"users": 1}, "days": days});
    assert_eq!(said(&shop.try_make(body(&trial, json!(null))).await), no(422, "duration_required"));
    for days in [0, 31] {
        assert_eq!(said(&shop.try_make(body(&trial, json!(days))).await), no(422, "field_invalid"), "{days}");
    }
    assert_eq!(said(&shop.try_make(body(&perpetual, json!(5))).await), no(422, "field_invalid"));
    let tried = shop.make(body(&trial, json!(5))).await;
    assert_eq!((&tried["term"], &tried["ends"]), (&json!("trial"), &json!("2027-01-20T08:00:00Z")));
    let bought = shop.make(body(&perpetual, json!(null))).await;
    assert_eq!((&bought["term"], &bought["ends"]), (&json!("perpetual"), &Value::Null));
    let lease = shop.activates(70, "TRY").await.expect("a lease");
    assert_eq!(lease.exp.to_string(), "2027-01-20T08:00:00Z", "no lease outlives the trial");
}

#[tokio::test]
async fn t11_t13_t37_a_licence_costs_credits_a_trial_its_allowance_and_too_few_make_nothing() {
    let shop = Shop::new().await;
    let trial = shop.credits("TRY", json!({"term": "trial", "term_days": 30}), 2).await;
    assert_eq!(shop.free("{credits}").await, 10, "a credit is a unit in a pool of the product");
    let beyond = shop.try_make(Shop::year(11)).await;
    assert_eq!(said(&beyond), no(409, "insufficient_units"));
    assert!(beyond.json()["detail"].as_str().expect("words").contains("10"), "it says how many there are");
    assert_eq!(shop.free("{credits}").await, 10, "nothing was taken");
    shop.make(Shop::year(10)).await;
    assert_eq!(said(&shop.try_make(Shop::year(1)).await), no(409, "insufficient_units"));
    let tries = json!({"pool": trial, "units": {"users": 2}, "days": 7});
    shop.make(tries.clone()).await;
    assert_eq!((shop.free(&trial).await, shop.free("{credits}").await), (json!(0), json!(0)));
    assert_eq!(said(&shop.try_make(tries).await), no(409, "insufficient_units"), "the allowance is used up");
    for body in [json!({"pool": "{credits}", "units": {}}), json!({"pool": "{credits}", "units": {"VM": 1}})] {
        assert_eq!(said(&shop.try_make(body).await), no(422, "bad_quantity"));
    }
}

#[tokio::test]
async fn t12_the_form_has_edition_units_email_and_comment() {
    let shop = Shop::new().await;
    let pool = shop.credits("ENT", json!({"edition": "Enterprise"}), 5).await;
    let form = json!({"pool": pool, "units": {"users": 3}, "email": " owner@mail.example ", "comment": "rack 7"});
    let made = shop.make(form).await;
    assert_eq!((&made["edition"], &made["units"]), (&json!("Enterprise"), &json!({"users": 3})));
    assert_eq!((&made["email"], &made["comment"]), (&json!("owner@mail.example"), &json!("rack 7")));
    assert_eq!(shop.show(&made).await, made);
    for (field, text) in
        [("email", "nowhere".to_owned()), ("comment", "x".repeat(1025)), ("comment", "\u{7}".to_owned())]
    {
        let mut form = json!({"pool": pool, "units": {"users": 1}});
        form[field] = text.into();
        assert_eq!(said(&shop.try_make(form).await), no(422, "field_invalid"), "{field}");
    }
}

#[tokio::test]
async fn t23_t25_a_subscription_is_made_of_what_is_sold_as_one_and_of_nothing_else() {
    let shop = Shop::new().await;
    let remote = shop.credits("REMOTE", json!({"kind": "subscription", "term": "annual"}), 5).await;
    let made = shop.make(json!({"kind": "subscription", "pool": remote, "units": {"channels": 3}})).await;
    assert_eq!((&made["kind"], &made["units"]), (&json!("subscription"), &json!({"channels": 3})));
    assert_eq!(made["ends"], "2028-01-15T08:00:00Z", "a year of the calendar");
    let wrong = json!({"kind": "subscription", "pool": "{credits}", "units": {"users": 1}});
    assert_eq!(said(&shop.try_make(wrong).await), no(403, "product_not_allowed"));
    let wrong = json!({"kind": "license", "pool": remote, "units": {"channels": 1}});
    assert_eq!(said(&shop.try_make(wrong).await), no(403, "product_not_allowed"));
    let seats = shop.credits("SEATS", json!({"used_by": "user"}), 5).await;
    let wrong = json!({"pool": seats, "units": {"users": 1}});
    assert_eq!(said(&shop.try_make(wrong).await), no(403, "product_not_allowed"), "named users have seats");
}

#[tokio::test]
async fn t33_a_reseller_makes_licences_of_its_products_alone() {
    let shop = Shop::new().await;
    let limit = json!({"products": []});
    assert!(shop.world.patch(&shop.world.vendor(), "/accounts/{account}", limit).await.status.is_success());
    assert_eq!(said(&shop.try_make(Shop::year(1)).await), no(403, "product_not_allowed"));
    let license = json!({"id": shop.world.ids.license.to_string()});
    let more = shop.post(&license, "upgrade", json!({"units": {"users": 3}})).await;
    assert_eq!(said(&more), no(403, "product_not_allowed"));
    assert_eq!(said(&shop.post(&license, "extend", json!(null)).await), no(403, "product_not_allowed"));
}

#[tokio::test]
async fn g4_g36_licences_of_several_types_and_terms_stand_side_by_side_and_more_are_added_at_any_time() {
    let shop = Shop::new().await;
    let perpetual = shop.credits("BUY", json!({}), 5).await;
    let trial = shop.credits("TRY", json!({"term": "trial", "term_days": 30}), 5).await;
    let month = shop.credits("MONTH", json!({"kind": "subscription", "term": "days", "term_days": 30}), 5).await;
    shop.make(json!({"pool": perpetual, "units": {"users": 2}})).await;
    shop.make(json!({"pool": trial, "units": {"users": 1}, "days": 30})).await;
    shop.make(json!({"kind": "subscription", "pool": month, "units": {"channels": 1}})).await;
    let later = shop.after_days(40);
    later.make(Shop::year(1)).await;
    let all = later.world.items(&later.desk, "/licenses?sort=ends").await;
    let seen: Vec<_> = all.iter().map(|one| (one["term"].as_str(), one["state"].as_str())).collect();
    let (valid, expired) = (Some("valid"), Some("expired"));
    let terms = [
        (Some("trial"), expired),
        (Some("days"), expired),
        (Some("annual"), valid),
        (Some("annual"), valid),
        (Some("perpetual"), valid),
    ];
    assert_eq!(seen, terms);
    assert_eq!(all[2]["ends"], "2028-01-15T08:00:00Z");
    assert_eq!(all[3]["ends"], "2028-02-24T08:00:00Z");
    assert_eq!(later.activates(70, "TRY").await.map(drop), Err(Refused::LicenceLapsed));
    later.activates(70, "BUY").await.expect("a lease");
    let viewer = later.world.ids.token(Relation::Own, Role::Viewer);
    assert_eq!(
        said(&later.world.post(viewer, "/keys/{named}/licenses", Shop::year(1)).await),
        no(403, "forbidden_role")
    );
}
