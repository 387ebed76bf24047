//! Organisations, as Graebert's customers know them: made with a key, shared by members whom the owner manages (G2, G14-G35).

use super::firm::{Firm, KEY};
use super::stage::{OTHER, PASSWORD, no, said, text};
use crate::device::Device;
use crate::world::{Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::message::DeviceMessage;
use serde_json::{Value, json};

/// A line of an order for a shared product.
fn line(code: &str) -> Value {
    json!({"product": "FLEX", "units": {"OBM": 2}, "activation_id": code})
}

/// What comes of having a pool made, a lot converted, a licence file signed and units moved for a shared product in an account.
async fn uses(world: &World, session: &str, account: &str, code: &str) -> Vec<(u16, String)> {
    let lines = [line(&format!("{code}-0000")), line(&format!("{code}-0001"))];
    let order = json!({"entitlement": format!("SO {code}"), "lines": lines});
    let lots = world.posts(&world.vendor(), &format!("/accounts/{account}/orders"), order).await.json()["lots"].clone();
    let pool = json!({"name": "Shared", "product": "FLEX"});
    let pool = world.posts(session, &format!("/accounts/{account}/pools"), pool).await;
    let lot = lots[0]["id"].as_str().expect("an id");
    let converted = world.posts(session, &format!("/lots/{lot}/convert"), json!({})).await;
    let device = Device::new(77);
    let mut request = device.request(7, 1);
    request.code = format!("{code}-0001");
    request.sender.aud = "FLEX".into();
    let request = armour::wrap(Label::Request, &request.sign(&device.0)).into_bytes();
    let file = world.upload(session, &format!("/accounts/{account}/requests"), &request).await;
    let given = json!({"account": account, "units": {"OBM": 1}, "name": "Given"});
    let moved = world.posts(&world.vendor(), &format!("/pools/{}/moves", stock(world, code).await), given).await;
    [pool, converted, file, moved].iter().map(said).collect()
}

/// A pool of the vendor's with units of the shared product.
async fn stock(world: &World, code: &str) -> String {
    let order = json!({"entitlement": format!("Stock {code}"), "lines": [line(&format!("{code}-0002"))]});
    let path = format!("/accounts/{}/orders", world.ids.account(Relation::Top));
    let lots = world.posts(&world.vendor(), &path, order).await.json()["lots"].clone();
    let lot = lots[0]["id"].as_str().expect("an id");
    text(&world.posts(&world.vendor(), &format!("/lots/{lot}/convert"), json!({})).await, "id")
}

#[tokio::test]
async fn g2_what_several_people_share_is_neither_managed_nor_activated_in_a_personal_account() {
    let world = World::new().await;
    let shared = json!({"sku": "FLEX", "name": "Flex", "kinds": ["OBM"], "compat": "flex", "offline": true,
        "needs_org": true});
    assert_eq!(world.posts(&world.vendor(), "/products", shared).await.status, 201);
    let session = world.private("anna").await;
    let own = text(&world.get(&session, "/whoami").await, "account");
    let refused = no(409, "org_required");
    assert_eq!(uses(&world, &session, &own, "FLEX-AAAA-AAAA").await, vec![refused; 4]);
    world.sells(world.ids.account(Relation::Own), KEY, "permission_key").await;
    let session = world.private("bela").await; // anna has licences of her own to give up first
    let made = text(&world.founds(&session, KEY).await, "account");
    let allowed = [no(201, ""), no(200, ""), no(200, ""), no(200, "")];
    assert_eq!(uses(&world, &session, &made, "FLEX-BBBB-BBBB").await, allowed, "an organisation's are");
}

#[tokio::test]
async fn g14_whoever_makes_an_organisation_has_an_account_of_its_own_first() {
    let world = World::new().await;
    world.sells(world.ids.account(Relation::Own), KEY, "permission_key").await;
    let body = json!({"name": "Anna's company", "permission_key": KEY});
    let stranger = world.calls("/organisations", body).await;
    assert_eq!(said(&stranger), no(401, "token_missing"));
    assert_eq!(said(&world.founds(&world.admin(), KEY).await), no(403, "person_required"), "a program owns nothing");
    let given = json!({"username": "anna", "email": "anna@mail.example", "role": "viewer", "password": PASSWORD,
        "personal_account": "Anna's own"});
    world.posts(&world.vendor(), "/users", given).await;
    let session = world.session("anna").await;
    assert_eq!(said(&world.founds(&session, KEY).await), no(403, "password_change_required"), "not hers alone yet");
    let change = json!({"old_password": PASSWORD, "password": OTHER});
    let session = text(&world.posts(&session, "/password/change", change).await, "session");
    assert_eq!(world.founds(&session, KEY).await.status, 201);
}

#[tokio::test]
async fn g15_g17_an_organisation_takes_a_good_key_and_belongs_to_whoever_made_it() {
    let world = World::new().await;
    let session = world.private("anna").await;
    let (own, below) = (world.ids.account(Relation::Own), world.ids.account(Relation::Below));
    let (redeemed, installs) = ("PERM-AAAA-AAAA-AAAA", "PERM-BBBB-BBBB-BBBB");
    world.sells(below, redeemed, "permission_key").await;
    world.sells(own, installs, "activation_id").await;
    let lot = world.sells(own, KEY, "permission_key").await;
    let key = lot["key"].as_str().expect("an id").to_owned();
    let status = async |what: &str| world.posts(&world.vendor(), what, json!(null)).await.status;
    assert_eq!(status(&format!("/keys/{key}/stop")).await, 200);
    for (typed, expected) in [
        ("", no(409, "key_required")),
        ("no key", no(422, "key_format")),
        ("ZZZZ-ZZZZ-ZZZZ-ZZZZ", no(409, "key_invalid")),
        (installs, no(409, "key_invalid")),
        (redeemed, no(409, "key_redeemed")),
        (KEY, no(409, "key_stopped")),
    ] {
        assert_eq!(said(&world.founds(&session, typed).await), expected, "{typed:?}");
    }
    let without = world.posts(&session, "/organisations", json!({"name": "Anna's company"})).await;
    assert_eq!(said(&without), no(422, "body_invalid"));
    assert_eq!(status(&format!("/keys/{key}/resume")).await, 200);
    assert_eq!(status("/accounts/{account}/deactivate").await, 200);
    assert_eq!(said(&world.founds(&session, KEY).await), no(409, "account_inactive"), "its seller sells nothing now");
    assert_eq!(status("/accounts/{account}/reactivate").await, 200);
    let made = world.founds(&session, KEY).await;
    assert_eq!((made.status.as_u16(), text(&made, "standing")), (201, "owner".to_owned()), "{:?}", made.bytes);
    let shown = world.get(&session, &format!("/accounts/{}", text(&made, "account"))).await.json();
    assert_eq!(shown["kind"], "end_customer");
    let who = world.get(&session, "/whoami").await.json();
    assert_eq!((&who["account"], &who["role"]), (&shown["id"], &json!("admin")), "she speaks for it from now on");
    let children = world.get(&world.admin(), "/accounts/{account}/children").await.json();
    assert!(children.to_string().contains(&text(&made, "account")), "it is a customer of the key's seller");
}

#[tokio::test]
async fn g19_everybody_edits_their_own_profile_email_and_password() {
    let world = World::new().await;
    world.person("anna", "viewer").await;
    let session = world.session("anna").await;
    let changed = world.send(&session, Method::PATCH, "/profile", json!({"last_name": "Example"})).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["last_name"]), (200, &json!("Example")));
    assert_eq!(world.posts(&session, "/profile/email", json!({"email": "new@mail.example"})).await.status, 202);
    let link = world.link("new@mail.example").await;
    assert_eq!(world.calls("/profile/email/confirm", json!({"link": link})).await.status, 204);
    let change = json!({"old_password": PASSWORD, "password": OTHER});
    assert_eq!(world.posts(&world.session("anna").await, "/password/change", change).await.status, 201);
    assert_eq!(said(&world.sign_in("new@mail.example", PASSWORD).await), no(401, "sign_in_failed"));
    let entered = world.sign_in("new@mail.example", OTHER).await.json();
    assert_eq!((&entered["user"]["last_name"], &entered["user"]["username"]), (&json!("Example"), &json!("anna")));
}

#[tokio::test]
async fn g21_the_members_of_an_organisation_are_listed_and_a_personal_account_is_shared_with_nobody() {
    let firm = Firm::new().await;
    let bela = firm.joins("bela", "viewer").await;
    firm.joins("cyra", "operator").await;
    firm.invites("dora@mail.example", "viewer").await;
    firm.acts(&firm.owner, bela, "disable").await;
    let line = |name: &str, state: &str| (name.to_owned(), json!(state));
    let all = [line("anna", "active"), line("bela", "disabled"), line("cyra", "active"), line("dora", "pending")];
    assert_eq!(firm.members("state").await, all);
    let session = firm.world.private("eve").await;
    let own = text(&firm.world.get(&session, "/whoami").await, "account");
    let body = json!({"emails": "b@mail.example", "role": "viewer"});
    let alone = firm.world.posts(&session, &format!("/accounts/{own}/invitations"), body).await.json();
    assert_eq!(alone["items"][0]["problem"]["code"], "org_required", "{alone}");
}

#[tokio::test]
async fn g22_the_owner_and_the_co_administrator_manage_the_members_and_nobody_else_in_it_does() {
    let firm = Firm::new().await;
    let (bela, dora) = (firm.joins("bela", "viewer").await, firm.joins("dora", "viewer").await);
    firm.joins("cyra", "operator").await;
    assert_eq!(firm.names(&firm.owner, bela, false).await.json()["standing"], "co_admin");
    let co_admin = firm.world.session("bela").await;
    let each = async |session: &str, invited: &str| {
        let path = firm.at(&format!("/members/{dora}"));
        [
            said(&firm.invites_as(session, invited, "viewer").await),
            said(&firm.world.send(session, Method::PATCH, &path, json!({"role": "operator"})).await),
            said(&firm.acts(session, dora, "disable").await),
            said(&firm.acts(session, dora, "enable").await),
            said(&firm.names(session, bela, false).await),
        ]
    };
    let low = firm.world.session("cyra").await;
    assert_eq!(each(&low, "one@mail.example").await, [(); 5].map(|()| no(403, "admin_only")));
    assert_eq!(firm.members("state").await.len(), 4, "nobody was invited");
    for (session, invited) in [(&firm.owner, "one@mail.example"), (&co_admin, "two@mail.example")] {
        assert_eq!(each(session, invited).await, [(); 5].map(|()| no(200, "")));
    }
    assert_eq!(said(&firm.acts(&low, dora, "remove").await), no(403, "admin_only"));
    assert_eq!(firm.acts(&co_admin, dora, "remove").await.status, 204);
    assert_eq!(firm.those("state", "pending").await, ["one", "two"]);
}

#[tokio::test]
async fn g25_who_is_pending_takes_no_part_until_the_link_was_followed() {
    let firm = Firm::new().await;
    let session = firm.world.private("bela").await;
    firm.invites("bela@mail.example", "admin").await;
    let looks = async || said(&firm.world.speaks(&session, firm.account, &firm.at("")).await);
    assert_eq!((firm.member("bela", "state").await, looks().await), (json!("pending"), no(404, "out_of_reach")));
    let enabled = firm.acts(&firm.owner, firm.world.user_named("bela").id, "enable").await;
    assert_eq!(said(&enabled), no(409, "not_participant"), "nobody follows the link for somebody else");
    let link = firm.world.link("bela@mail.example").await;
    assert_eq!(firm.world.posts(&session, "/invitations/confirm", json!({"link": link})).await.status, 200);
    assert_eq!((firm.member("bela", "state").await, looks().await), (json!("active"), no(200, "")));
}

#[tokio::test]
async fn g26_more_people_are_invited_at_any_time_and_the_newest_link_of_each_works() {
    let firm = Firm::new().await;
    let join = async |link: &str| {
        let body = json!({"link": link, "password": PASSWORD});
        said(&firm.world.calls("/invitations/confirm", body).await)
    };
    for name in ["bela", "cyra", "dora"] {
        let email = format!("{name}@mail.example");
        assert_eq!(firm.invites(&email, "viewer").await.json()["items"][0]["invited"], true);
        let old = firm.world.link(&email).await;
        assert_eq!(firm.invites(&email, "operator").await.json()["items"][0]["invited"], true, "once more");
        let new = firm.world.link(&email).await;
        assert_eq!((join(&old).await, join(&new).await), (no(409, "link_invalid"), no(200, "")));
        assert_eq!(firm.member(name, "role").await, "operator");
        let again: Value = firm.invites(&email, "viewer").await.json();
        assert_eq!(again["items"][0]["problem"]["code"], "name_taken", "who is in is not invited");
    }
    assert_eq!(firm.those("state", "active").await, ["anna", "bela", "cyra", "dora"]);
}

#[tokio::test]
async fn g28_who_is_in_an_organisation_gets_into_no_other_by_any_way() {
    let firm = Firm::new().await;
    let world = &firm.world;
    let refused = no(409, "user_in_other_org");
    world.sells(world.ids.account(Relation::Own), "PERM-AAAA-AAAA-AAAA", "permission_key").await;
    assert_eq!(said(&world.founds(&firm.owner, "PERM-AAAA-AAAA-AAAA").await), refused, "by making one");
    let bela = firm.joins("bela", "viewer").await;
    let (far, token) = (world.ids.account(Relation::Far), world.ids.token(Relation::Far, Role::Admin).to_owned());
    let draft = json!({"email": "bela@mail.example", "role": "viewer"});
    assert_eq!(said(&world.posts(&token, "/users", draft).await), no(409, "name_taken"), "by being made there");
    let body = json!({"emails": "bela@mail.example", "role": "viewer"});
    world.posts(&token, &format!("/accounts/{far}/invitations"), body).await;
    let link = json!({"link": world.link("bela@mail.example").await});
    let confirm = async || {
        let session = world.session("bela").await;
        said(&world.posts(&session, "/invitations/confirm", link.clone()).await)
    };
    assert_eq!(confirm().await, refused, "by following a link");
    assert_eq!(firm.acts(&firm.owner, bela, "disable").await.status, 200);
    assert_eq!(confirm().await, no(200, ""), "who takes no part in one joins another");
    assert_eq!(said(&firm.acts(&firm.owner, bela, "enable").await), refused, "by being enabled again");
}
