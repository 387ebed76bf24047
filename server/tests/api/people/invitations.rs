//! Invitations (G22-G28, V6, V22).

use super::stage::{OTHER, PASSWORD, no, said};
use crate::world::{Relation, World};
use axum::http::Method;
use leasehold_ledger::record::MailKind;
use serde_json::{Value, json};

pub async fn invite(world: &World, emails: Value) -> Vec<Value> {
    let body = json!({"emails": emails, "role": "viewer"});
    let answer = world.posts(&world.admin(), "/accounts/{account}/invitations", body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.bytes);
    answer.json()["items"].as_array().expect("one for each address").clone()
}

/// The state of somebody on the list of the target account.
async fn state(world: &World, email: &str) -> Value {
    let list = world.get(&world.admin(), "/accounts/{account}/members").await.json();
    let items = list["items"].as_array().expect("members").clone();
    items.iter().find(|one| one["user"]["email"] == email).expect("on the list")["state"].clone()
}

#[tokio::test]
async fn g23_g26_addresses_between_semicolons_are_answered_each_for_itself() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let items = invite(&world, json!(" b@mail.example; ;no address;anna@mail.example;c@mail.example; ")).await;
    let lines: Vec<_> = items
        .iter()
        .map(|one| (one["email"].clone(), one["invited"].clone(), one["problem"]["code"].clone()))
        .collect();
    let line = |email: &str, invited: bool, code: Value| (json!(email), json!(invited), code);
    assert_eq!(
        lines,
        [
            line("b@mail.example", true, Value::Null),
            line("no address", false, json!("field_invalid")),
            line("anna@mail.example", false, json!("name_taken")),
            line("c@mail.example", true, Value::Null),
        ]
    );
    let list = invite(&world, json!(["d@mail.example", "e@mail.example"])).await;
    assert!(list.iter().all(|one| one["invited"] == true), "{list:?}");
    for (emails, code) in [(json!(" ; "), "field_invalid"), (json!(vec!["x@mail.example"; 101]), "field_invalid")] {
        let body = json!({"emails": emails, "role": "viewer"});
        let answer = world.posts(&world.admin(), "/accounts/{account}/invitations", body).await;
        assert_eq!(said(&answer), no(422, code));
    }
}

#[tokio::test]
async fn g24_g25_v6_v22_an_invited_person_is_pending_until_the_mailed_link_is_used() {
    let world = World::new().await;
    invite(&world, json!("b@mail.example")).await;
    let mail = world.mails().pop().expect("a mail");
    assert_eq!((mail.kind, mail.to.as_str()), (MailKind::Invitation, "b@mail.example"));
    assert_eq!(state(&world, "b@mail.example").await, "pending");
    let link = world.link("b@mail.example").await;
    let join = json!({"link": link, "username": "bela", "first_name": "Bela", "password": PASSWORD});
    let joined = world.calls("/invitations/confirm", join.clone()).await;
    assert_eq!(joined.status, 200, "{:?}", joined.bytes);
    assert_eq!(joined.json()["account"], world.ids.account(Relation::Own).to_string());
    assert_eq!(state(&world, "b@mail.example").await, "active");
    let session = world.session("bela").await;
    assert_eq!(world.get(&session, "/whoami").await.json()["role"], "viewer");
    assert_eq!(said(&world.calls("/invitations/confirm", join).await), no(409, "link_invalid"));
}

#[tokio::test]
async fn g24_a_confirmation_link_works_once_even_for_two_at_once() {
    let world = World::new().await;
    invite(&world, json!("b@mail.example")).await;
    let link = world.link("b@mail.example").await;
    let join =
        async |password: &str| world.calls("/invitations/confirm", json!({"link": link, "password": password})).await;
    let (one, other) = tokio::join!(join(PASSWORD), join(OTHER));
    let mut answers = [one.status.as_u16(), other.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409], "{:?} {:?}", one.bytes, other.bytes);
    let winner = if one.status == 200 { PASSWORD } else { OTHER };
    assert_eq!(world.sign_in("b@mail.example", winner).await.status, 201);
}

#[tokio::test]
async fn g27_whoever_joins_has_an_account_or_makes_one() {
    let world = World::new().await;
    invite(&world, json!("b@mail.example")).await;
    let link = world.link("b@mail.example").await;
    let answer = world.calls("/invitations/confirm", json!({"link": link})).await;
    assert_eq!(said(&answer), no(422, "field_invalid"), "no password, no account");
    let weak = world.calls("/invitations/confirm", json!({"link": link, "password": "short"})).await;
    assert_eq!(said(&weak), no(422, "password_weak"));
    let differs = json!({"link": link, "password": PASSWORD, "confirm_password": OTHER});
    assert_eq!(said(&world.calls("/invitations/confirm", differs).await), no(422, "password_mismatch"));
    assert_eq!(state(&world, "b@mail.example").await, "pending");
}

#[tokio::test]
async fn g27_who_has_a_password_joins_signed_in_and_the_link_alone_is_not_enough() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    world.person("bela", "viewer").await;
    world.posts(&world.admin(), &format!("/accounts/{{account}}/members/{user}/remove"), json!(null)).await;
    invite(&world, json!("anna@mail.example")).await;
    let link = world.link("anna@mail.example").await;
    let body = json!({"link": link, "password": OTHER});
    assert_eq!(said(&world.calls("/invitations/confirm", body.clone()).await), no(403, "forbidden_role"));
    let bela = world.session("bela").await;
    assert_eq!(said(&world.posts(&bela, "/invitations/confirm", body.clone()).await), no(403, "forbidden_role"));
    let anna = world.session("anna").await;
    assert_eq!(world.posts(&anna, "/invitations/confirm", body).await.status, 200);
    assert_eq!(world.sign_in("anna", PASSWORD).await.status, 201, "the password stays");
}

#[tokio::test]
async fn g28_who_is_in_another_organisation_is_refused_when_confirming() {
    let world = World::new().await;
    world.person_in(world.ids.account(Relation::Far), "anna", "viewer").await;
    invite(&world, json!("anna@mail.example")).await;
    let link = world.link("anna@mail.example").await;
    let session = world.session("anna").await;
    let refused = world.posts(&session, "/invitations/confirm", json!({"link": link})).await;
    assert_eq!(said(&refused), no(409, "user_in_other_org"));
    assert_eq!(state(&world, "anna@mail.example").await, "pending");
}

#[tokio::test]
async fn g28_two_invitations_confirmed_at_once_lead_into_one_organisation() {
    let world = World::new().await;
    invite(&world, json!("b@mail.example")).await;
    let first = world.link("b@mail.example").await;
    let far = world.ids.token(Relation::Far, leasehold_ledger::actor::Role::Admin).to_owned();
    let other = world.ids.account(Relation::Far);
    let body = json!({"emails": "b@mail.example", "role": "viewer"});
    assert_eq!(world.posts(&far, &format!("/accounts/{other}/invitations"), body).await.status, 200);
    let second = world.link("b@mail.example").await;
    let join =
        async |link: &str| world.calls("/invitations/confirm", json!({"link": link, "password": PASSWORD})).await;
    let (one, other) = tokio::join!(join(&first), join(&second));
    assert_eq!([one.status, other.status].iter().filter(|status| status.is_success()).count(), 1);
    let session = world.session("b@mail.example").await;
    let accounts = world.get(&session, "/profile").await.json()["accounts"].clone();
    let active = accounts.as_array().expect("accounts").iter().filter(|one| one["state"] == "active").count();
    assert_eq!(active, 1, "{accounts}");
}

#[tokio::test]
async fn whoever_was_invited_is_known_by_its_address_alone_until_it_has_joined() {
    let world = World::new().await;
    let far = world.ids.account(Relation::Far);
    let user = world.person_in(far, "anna", "viewer").await;
    let session = world.session("anna").await;
    let profile = json!({"first_name": "Secret", "last_name": "Secret", "phone": "Secret", "company": "Secret"});
    assert_eq!(world.send(&session, Method::PATCH, "/profile", profile).await.status, 200);
    invite(&world, json!("anna@mail.example")).await;
    let paths = ["/accounts/{account}/members".to_owned(), "/users".to_owned(), format!("/users/{user}")];
    for path in &paths {
        let told = world.get(&world.admin(), path).await.json().to_string();
        assert!(told.contains("anna@mail.example") && !told.contains("Secret"), "{path}: {told}");
        assert!(!told.contains(r#""anna""#) && !told.contains(r#""has_password":true"#), "{path}: {told}");
    }
    let link = json!({"link": world.link("anna@mail.example").await});
    world.posts(&world.vendor(), &format!("/accounts/{far}/members/{user}/remove"), json!(null)).await;
    let session = world.session("anna").await;
    assert_eq!(world.posts(&session, "/invitations/confirm", link).await.status, 200);
    for path in &paths {
        assert!(world.get(&world.admin(), path).await.json().to_string().contains("Secret"), "{path}");
    }
}

#[tokio::test]
async fn inviting_is_an_administrators_and_says_so_before_anybody_is_invited() {
    let world = World::new().await;
    let body = json!({"emails": "b@mail.example", "role": "viewer"});
    for (relation, role, expected) in [
        (Relation::Own, leasehold_ledger::actor::Role::Operator, no(403, "admin_only")),
        (Relation::Beside, leasehold_ledger::actor::Role::Admin, no(404, "out_of_reach")),
    ] {
        let token = world.ids.token(relation, role).to_owned();
        let answer = world.posts(&token, "/accounts/{account}/invitations", body.clone()).await;
        assert_eq!(said(&answer), expected);
    }
    assert!(world.mails().is_empty());
}
