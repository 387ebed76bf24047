//! Users as administrators see them: what each may do, changed, locked (A47-A53, V10-V23).

use super::stage::{OTHER, PASSWORD, no, said};
use crate::world::{Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::MailKind;
use serde_json::{Value, json};

/// A user's body.
pub fn draft(name: &str) -> Value {
    json!({"username": name, "email": format!("{name}@mail.example"), "role": "viewer"})
}

#[tokio::test]
async fn a47_v20_a_role_is_viewer_operator_or_admin() {
    let world = World::new().await;
    for role in ["viewer", "operator", "admin"] {
        let user = world.person(role, role).await;
        let session = world.session(role).await;
        assert_eq!(world.get(&session, "/whoami").await.json()["role"], role);
        assert_eq!(world.get(&session, &format!("/users/{user}")).await.json()["accounts"][0]["role"], role);
    }
    let odd = json!({"email": "x@mail.example", "role": "owner"});
    assert_eq!(said(&world.posts(&world.admin(), "/users", odd).await), no(422, "body_invalid"));
}

#[tokio::test]
async fn a48_a49_a50_v10_v21_what_each_role_does_as_a_person() {
    let world = World::new().await;
    for role in ["viewer", "operator", "admin"] {
        world.person(role, role).await;
    }
    let rows: [(Method, &str, Value, [u16; 3]); 6] = [
        (Method::GET, "/accounts/{account}/pools", json!(null), [200, 200, 200]),
        (Method::GET, "/accounts/{account}/requests/{request}", json!(null), [200, 200, 200]),
        (Method::GET, "/users", json!(null), [200, 200, 200]),
        (Method::PUT, "/keys/{key}/quota", json!({"units": {"OBM": 3}}), [403, 200, 200]),
        (
            Method::POST,
            "/pools/{pool}/moves",
            json!({"account": "{child}", "units": {"OBM": 1}, "name": "x"}),
            [403, 200, 200],
        ),
        (Method::POST, "/users", draft("made"), [403, 403, 201]),
    ];
    for (at, role) in ["viewer", "operator", "admin"].into_iter().enumerate() {
        let session = world.session(role).await;
        for (method, path, body, expected) in &rows {
            let world = world.fork();
            let answer = match method {
                &Method::GET => world.get(&session, path).await,
                method => world.send(&session, method.clone(), path, body.clone()).await,
            };
            assert_eq!(answer.status.is_success(), expected[at] < 300, "{role} {path}: {:?}", answer.bytes);
            if expected[at] == 403 {
                assert_eq!(answer.status, 403, "{role} {path}");
            }
        }
    }
}

#[tokio::test]
async fn v19_an_administrator_cannot_change_the_email_and_the_user_can_by_a_link() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let path = format!("/users/{user}");
    let refused = world.send(&world.admin(), Method::PATCH, &path, json!({"email": "new@mail.example"})).await;
    assert_eq!(said(&refused), no(409, "field_not_editable"));
    let session = world.session("anna").await;
    let refused = world.send(&session, Method::PATCH, "/profile", json!({"email": "new@mail.example"})).await;
    assert_eq!(said(&refused), no(409, "field_not_editable"));
    let asked = world.posts(&session, "/profile/email", json!({"email": "new@mail.example"})).await;
    assert_eq!(asked.status, 202);
    assert_eq!(world.sign_in("new@mail.example", PASSWORD).await.status, 401, "not before the link");
    let link = world.link("new@mail.example").await;
    assert_eq!(world.calls("/profile/email/confirm", json!({"link": link})).await.status, 204);
    assert_eq!(said(&world.calls("/profile/email/confirm", json!({"link": link})).await), no(409, "link_invalid"));
    assert_eq!(world.sign_in("new@mail.example", PASSWORD).await.status, 201);
    assert_eq!(said(&world.sign_in("anna@mail.example", PASSWORD).await), no(401, "sign_in_failed"));
    let told = world.mails().pop().expect("a mail");
    assert_eq!((told.kind, told.to.as_str()), (MailKind::AddressChanged, "anna@mail.example"));
}

#[tokio::test]
async fn g19_v23_names_and_contact_are_changed_by_the_person_and_by_administrators() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    let changed = world.send(&session, Method::PATCH, "/profile", json!({"first_name": "Anna", "phone": "1"})).await;
    assert_eq!(changed.status, 200, "{:?}", changed.bytes);
    let path = format!("/users/{user}");
    let changed =
        world.send(&world.admin(), Method::PATCH, &path, json!({"last_name": "Example", "company": "Labs"})).await;
    assert_eq!(changed.status, 200);
    let profile = world.get(&session, "/profile").await.json();
    let fields = ["first_name", "last_name", "phone", "company", "email"].map(|field| profile[field].clone());
    assert_eq!(fields, ["Anna", "Example", "1", "Labs", "anna@mail.example"].map(|text| json!(text)));
    let viewer = world.ids.token(Relation::Own, Role::Viewer).to_owned();
    let refused = world.send(&viewer, Method::PATCH, &path, json!({"last_name": "x"})).await;
    assert_eq!(said(&refused), no(403, "admin_only"));
}

#[tokio::test]
async fn a_locked_user_cannot_sign_in_until_unlocked() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let act = async |what: &str| world.posts(&world.admin(), &format!("/users/{user}/{what}"), json!(null)).await;
    assert_eq!(act("lock").await.json()["state"], "locked");
    assert_eq!(said(&world.sign_in("anna", PASSWORD).await), no(401, "sign_in_failed"));
    assert_eq!(act("unlock").await.json()["state"], "active");
    assert_eq!(world.sign_in("anna", PASSWORD).await.status, 201);
    assert_eq!(
        world.verbs().await.iter().filter(|verb| verb.starts_with("user_") && verb.ends_with("locked")).count(),
        2
    );
}

#[tokio::test]
async fn an_administrator_has_a_link_mailed_and_a_viewer_or_a_stranger_does_not() {
    let world = World::new().await;
    let user = world.person("anna", "viewer").await;
    let path = format!("/users/{user}/reset-password");
    for (relation, role, expected) in [
        (Relation::Own, Role::Viewer, no(403, "admin_only")),
        (Relation::Beside, Role::Admin, no(404, "out_of_reach")),
        (Relation::Own, Role::Admin, no(202, "")),
    ] {
        let token = world.ids.token(relation, role).to_owned();
        assert_eq!(said(&world.posts(&token, &path, json!(null)).await), expected, "{relation:?} {role:?}");
    }
    assert_eq!(world.mails().iter().filter(|mail| mail.kind == MailKind::Reset).count(), 1);
    let link = world.link("anna@mail.example").await;
    assert_eq!(world.calls("/password/set", json!({"link": link, "password": OTHER})).await.status, 201);
}
