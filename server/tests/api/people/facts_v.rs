//! Facts of partners, their customers and the people of both, by persons who are signed in (V1-V25).

use super::facts_a::{care, draft, listed};
use super::stage::{PASSWORD, no, said, text};
use crate::world::{Relation, World, new_account};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use serde_json::json;

#[tokio::test]
async fn v1_v12_partners_and_customers_see_and_manage_the_same_licences() {
    let world = World::new().await;
    let pool = world.give(&world.admin(), "{pool}", json!({"account": "{child}", "units": {"OBM": 5}})).await;
    let pool = pool["id"].as_str().expect("an id");
    world.person("paul", "operator").await;
    world.person_in(world.ids.account(Relation::Below), "carl", "operator").await;
    let people = [("paul", world.session("paul").await), ("carl", world.session("carl").await)];
    for (name, session) in &people {
        let key = json!({"name": name, "quota": {"OBM": 2}});
        let made = world.posts(session, &format!("/pools/{pool}/keys"), key).await;
        assert_eq!(made.status, 201, "{name}: {:?}", made.bytes);
    }
    for (name, session) in &people {
        let keys = world.items(session, "/accounts/{child}/keys").await;
        assert_eq!(keys.len(), 2, "{name} sees both");
        for key in keys {
            let path = format!("/keys/{}", key["id"].as_str().expect("an id"));
            let quota = world.send(session, Method::PUT, &format!("{path}/quota"), json!({"units": {"OBM": 1}})).await;
            assert_eq!(quota.status, 200, "{name}: {:?}", quota.bytes);
            for (act, after) in [("stop", "stopped"), ("resume", "open")] {
                let answer = world.posts(session, &format!("{path}/{act}"), json!(null)).await;
                assert_eq!(answer.json()["state"], after, "{name}: {:?}", answer.bytes);
            }
        }
    }
    assert_eq!(said(&world.posts(&people[1].1, "/keys/{key}/stop", json!(null)).await), no(404, "out_of_reach"));
}

#[tokio::test]
async fn v7_a_contact_who_registered_makes_users_for_its_organisation() {
    let world = World::new().await;
    let company = text(&world.posts(&world.admin(), "/accounts", new_account("Company")).await, "id");
    let ask = json!({"emails": "contact@mail.example", "role": "admin"});
    let path = format!("/accounts/{company}/invitations");
    assert_eq!(world.posts(&world.admin(), &path, ask).await.status, 200);
    let link = world.link("contact@mail.example").await;
    let joined = world.calls("/invitations/confirm", json!({"link": link, "password": PASSWORD})).await;
    assert_eq!(joined.status, 200, "{:?}", joined.bytes);
    let contact = world.session("contact@mail.example").await;
    let made = world.posts(&contact, "/users", draft("anna")).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    assert_eq!(made.json()["accounts"][0]["account"], company);
    let link = world.link("anna@mail.example").await;
    assert_eq!(world.calls("/password/set", json!({"link": link, "password": PASSWORD})).await.status, 201);
    let anna = world.session("anna").await;
    assert_eq!(text(&world.get(&anna, "/whoami").await, "account"), company);
}

#[tokio::test]
async fn v9_whoever_is_made_stands_in_an_account_in_reach_and_in_none_else() {
    let world = World::new().await;
    let own = world.posts(&world.admin(), "/users", draft("anna")).await;
    assert_eq!(own.json()["accounts"][0]["account"], world.path("{account}"), "the maker's, unless another is named");
    let before = world.store.rows();
    for relation in [Relation::Far, Relation::Beside, Relation::Above] {
        let path = format!("/users?account={}", world.ids.account(relation));
        assert_eq!(
            said(&world.posts(&world.admin(), &path, draft("x")).await),
            no(404, "out_of_reach"),
            "{relation:?}"
        );
    }
    let mut nothing = draft("x");
    nothing.as_object_mut().expect("an object").remove("role");
    assert_eq!(said(&world.posts(&world.admin(), "/users", nothing).await), no(422, "body_invalid"), "as nothing");
    assert!(world.store.rows() == before);
    for user in world.items(&world.vendor(), "/users").await {
        assert_eq!(user["accounts"].as_array().map(Vec::len), Some(1), "{user}");
    }
}

#[tokio::test]
async fn v11_administrators_look_after_users_and_nobody_below_them_does() {
    let world = World::new().await;
    let anna = world.user("anna", "viewer").await;
    for role in ["viewer", "operator", "admin"] {
        world.person(role, role).await;
        let session = world.session(role).await;
        for (method, path, body) in care(anna, "{account}") {
            let answer = world.send(&session, method, &path, body).await;
            match role {
                "admin" => assert!(answer.status.is_success(), "{path}: {:?}", answer.bytes),
                _ => assert_eq!(said(&answer), no(403, "admin_only"), "{role} {path}"),
            }
        }
        let is_there = listed(&world, &session, "{account}").await.contains(&"anna".to_owned());
        assert_eq!(is_there, role != "admin");
    }
}

#[tokio::test]
async fn v15_v16_a_customer_lists_no_accounts_and_no_users_but_its_own() {
    let world = World::new().await;
    world.person("paul", "viewer").await;
    world.person_in(world.ids.account(Relation::Below), "carl", "admin").await;
    let (paul, carl) = (world.session("paul").await, world.session("carl").await);
    let emails = async |session: &str| {
        let users = world.items(session, "/users").await;
        users.iter().map(|user| user["email"].as_str().expect("an email").to_owned()).collect::<Vec<_>>()
    };
    assert!(emails(&paul).await.contains(&"carl@mail.example".to_owned()));
    assert_eq!(emails(&carl).await, ["carl@mail.example"]);
    assert_eq!(world.items(&paul, "/accounts/{account}/children").await.len(), 1);
    assert_eq!(world.items(&carl, "/accounts").await.len(), 1, "itself");
    for path in
        ["/users?account={account}", "/accounts/{account}/members", "/accounts/{account}/children", "/users/{member}"]
    {
        assert_eq!(said(&world.get(&carl, path).await), no(404, "out_of_reach"), "{path}");
    }
}

#[tokio::test]
async fn v20_a_person_in_two_accounts_has_a_role_in_each() {
    let world = World::new().await;
    let mut body = draft("anna");
    body["personal_account"] = json!("Anna's own");
    let own = world.posts(&world.vendor(), "/users", body).await.json()["accounts"][0]["account"].clone();
    let own = own.as_str().expect("an id").parse().expect("an id");
    let link = world.link("anna@mail.example").await;
    world.calls("/password/set", json!({"link": link, "password": PASSWORD})).await;
    let anna = world.session("anna").await;
    let above = world.of(Relation::Above, Role::Admin);
    let ask = json!({"emails": "anna@mail.example", "role": "viewer"});
    assert_eq!(world.posts(&above, "/accounts/{account}/invitations", ask).await.status, 200, "a partner picks it");
    let target = world.ids.account(Relation::Own);
    assert_eq!(said(&world.speaks(&anna, target, "/whoami").await), no(404, "out_of_reach"), "not before the link");
    let link = world.link("anna@mail.example").await;
    assert_eq!(world.posts(&anna, "/invitations/confirm", json!({"link": link})).await.status, 200);
    for (account, role) in [(own, "admin"), (target, "viewer")] {
        let who = world.speaks(&anna, account, "/whoami").await.json();
        assert_eq!((&who["account"], &who["role"]), (&json!(account.to_string()), &json!(role)));
    }
    let places = world.get(&anna, "/profile").await.json()["accounts"].clone();
    assert_eq!(places.as_array().map(Vec::len), Some(2), "{places}");
    let tokens = async |account| world.speaks(&anna, account, &format!("/accounts/{account}/tokens")).await;
    assert_eq!(tokens(own).await.status, 200, "its own account's administrator");
    assert_eq!(said(&tokens(target).await), no(403, "admin_only"), "and there a viewer");
}
