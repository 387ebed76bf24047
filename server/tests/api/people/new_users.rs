//! Users are made: by whom, of what, and what they are mailed (A43, A45, A51, A52, T29-T33).

use super::stage::{OTHER, PASSWORD, no, said, text};
use super::users::draft;
use crate::world::{Relation, SKU, World};
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::MailKind;
use serde_json::{Value, json};

#[tokio::test]
async fn a43_v7_v11_users_are_made_by_administrators_and_by_resellers_above_and_by_nobody_else() {
    let world = World::new().await;
    let cases = [
        (Relation::Own, Role::Admin, no(201, "")),
        (Relation::Above, Role::Admin, no(201, "")),
        (Relation::Top, Role::Admin, no(201, "")),
        (Relation::Own, Role::Operator, no(403, "admin_only")),
        (Relation::Own, Role::Viewer, no(403, "admin_only")),
        (Relation::Below, Role::Admin, no(404, "out_of_reach")),
        (Relation::Beside, Role::Admin, no(404, "out_of_reach")),
        (Relation::Far, Role::Admin, no(404, "out_of_reach")),
    ];
    for (relation, role, expected) in cases {
        let world = world.fork();
        let token = world.ids.token(relation, role).to_owned();
        let made = world.posts(&token, "/users?account={account}", draft("anna")).await;
        assert_eq!(said(&made), expected, "{relation:?} {role:?}: {:?}", made.bytes);
        assert_eq!(world.mails().len(), usize::from(expected.0 == 201), "{relation:?} {role:?}");
    }
}

#[tokio::test]
async fn a43_a_person_who_is_an_administrator_makes_users_and_a_viewer_does_not() {
    let world = World::new().await;
    world.person("anna", "admin").await;
    world.person("vera", "viewer").await;
    let (admin, viewer) = (world.session("anna").await, world.session("vera").await);
    assert_eq!(said(&world.posts(&viewer, "/users", draft("bela")).await), no(403, "admin_only"));
    assert_eq!(world.posts(&admin, "/users", draft("bela")).await.status, 201);
    let events = world.get(&admin, "/accounts/{account}/events?limit=1").await.json();
    let event = &events["items"][0];
    assert_eq!(
        (&event["verb"], &event["actor"], &event["from"]),
        (&json!("user_created"), &json!("user anna"), &json!("127.0.0.1"))
    );
}

#[tokio::test]
async fn a45_v18_every_field_of_a_new_user_is_kept() {
    let world = World::new().await;
    let body = json!({"username": "anna", "email": "anna@mail.example", "first_name": "Anna", "last_name": "Example",
        "phone": "+49 30 1", "company": "Example Labs", "role": "operator", "password": PASSWORD,
        "confirm_password": PASSWORD});
    let made = world.posts(&world.admin(), "/users", body.clone()).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let at = made.header("location").strip_prefix("/api/v1").expect("a path").to_owned();
    let shown = world.get(&world.admin(), &at).await.json();
    for field in ["username", "email", "first_name", "last_name", "phone", "company"] {
        assert_eq!(shown[field], body[field], "{field}");
    }
    let place = &shown["accounts"][0];
    assert_eq!(
        (&place["role"], &place["account"]),
        (&json!("operator"), &json!(world.ids.account(Relation::Own).to_string()))
    );
    assert!(shown.get("password").is_none());
}

#[tokio::test]
async fn a45_t1_usernames_and_emails_are_unique_and_a_username_has_no_at_sign() {
    let world = World::new().await;
    world.user("anna", "viewer").await;
    let same = |username: Value, email: &str| json!({"username": username, "email": email, "role": "viewer"});
    for (body, expected) in [
        (same(json!("ANNA"), "other@mail.example"), no(409, "name_taken")),
        (same(json!(null), "Anna@Mail.Example"), no(409, "name_taken")),
        (same(json!("a@b"), "other@mail.example"), no(422, "field_invalid")),
        (same(json!("bela"), "no address"), no(422, "field_invalid")),
    ] {
        assert_eq!(said(&world.posts(&world.admin(), "/users", body.clone()).await), expected, "{body}");
    }
}

#[tokio::test]
async fn a51_a_welcome_mail_is_sent_unless_it_is_unchecked() {
    let world = World::new().await;
    world.posts(&world.admin(), "/users", draft("anna")).await;
    assert_eq!(world.mails().len(), 1, "checked unless said otherwise");
    let mut quiet = draft("bela");
    quiet["welcome"] = json!("nothing");
    world.posts(&world.admin(), "/users", quiet).await;
    assert_eq!(world.mails().len(), 1);
}

#[tokio::test]
async fn a52_t31_the_first_mail_brings_a_temporary_password_if_it_is_to() {
    let world = World::new().await;
    let mut body = draft("anna");
    body["welcome"] = json!("password");
    let made = world.posts(&world.admin(), "/users", body.clone()).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let mail = world.mails().pop().expect("a mail");
    assert!(mail.temporary_password && mail.link().is_some());
    assert_eq!(made.json()["must_change_password"], true);
    body["password"] = json!(PASSWORD);
    body["email"] = json!("other@mail.example");
    body["username"] = json!("other");
    assert_eq!(said(&world.posts(&world.admin(), "/users", body).await), no(422, "field_invalid"));
}

#[tokio::test]
async fn t29_t30_t31_t33_a_reseller_is_made_with_its_first_user_and_its_products() {
    let world = World::new().await;
    let body = json!({
        "account": {"parent": "{account}", "kind": "reseller", "name": "New reseller", "products": [SKU]},
        "user": {"username": "reseller", "email": "r@mail.example", "role": "admin", "password": PASSWORD},
    });
    let made = world.posts(&world.admin(), "/accounts/with-user", body.clone()).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let account = made.json()["account"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(made.json()["account"]["products"], json!([SKU]));
    let mail = world.mails().pop().expect("a mail");
    assert_eq!((mail.kind, mail.to.as_str()), (MailKind::ResellerWelcome, "r@mail.example"));
    let session = text(&world.sign_in("reseller", PASSWORD).await, "session");
    let change = json!({"old_password": PASSWORD, "password": OTHER});
    let session = text(&world.posts(&session, "/password/change", change).await, "session");
    assert_eq!(world.get(&session, "/whoami").await.json()["account"], account);
    let mut taken = body;
    taken["account"]["name"] = json!("Another");
    assert_eq!(said(&world.posts(&world.admin(), "/accounts/with-user", taken).await), no(409, "name_taken"));
    let names = world.get(&world.admin(), "/accounts/{account}/children").await.json();
    assert!(!names.to_string().contains("Another"), "both or neither: {names}");
}

#[tokio::test]
async fn a_rule_before_the_passwords_speaks_first_and_nothing_is_hashed_for_who_may_not() {
    let world = World::new().await;
    world.user("anna", "viewer").await;
    let mut weak = draft("anna");
    weak["password"] = json!("short");
    let before = world.app.identity.hasher.computed();
    assert_eq!(said(&world.posts(&world.admin(), "/users", weak.clone()).await), no(409, "name_taken"));
    let viewer = world.ids.token(Relation::Own, Role::Viewer).to_owned();
    assert_eq!(said(&world.posts(&viewer, "/users", weak.clone()).await), no(403, "admin_only"));
    weak["username"] = json!("bela");
    weak["email"] = json!("b@mail.example");
    assert_eq!(said(&world.posts(&world.admin(), "/users", weak).await), no(422, "password_weak"));
    assert_eq!(world.app.identity.hasher.computed(), before);
}
