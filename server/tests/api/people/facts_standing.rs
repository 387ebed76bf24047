//! What becomes of members who are disabled, enabled and removed, of the co-administrator and of the owner (G27, G29-G35).

use super::firm::Firm;
use super::stage::{PASSWORD, no, said, text};
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn g27_g34_who_has_no_account_yet_or_takes_no_part_is_given_nothing() {
    let firm = Firm::new().await;
    let bela = firm.joins("bela", "viewer").await;
    firm.invites("cyra@mail.example", "viewer").await;
    let cyra = firm.world.user_named("cyra@mail.example").id;
    firm.acts(&firm.owner, bela, "disable").await;
    for user in [bela, cyra] {
        assert_eq!(said(&firm.names(&firm.owner, user, false).await), no(409, "not_participant"));
        assert_eq!(said(&firm.hands(&firm.owner, user).await), no(409, "not_participant"));
    }
    let link = json!({"link": firm.world.link("cyra@mail.example").await});
    let bare = firm.world.calls("/invitations/confirm", link.clone()).await;
    assert_eq!(said(&bare), no(422, "field_invalid"), "the link asks for an account first");
    let claim = json!({"link": link["link"], "password": PASSWORD});
    assert_eq!(firm.world.calls("/invitations/confirm", claim).await.status, 200);
    assert_eq!(firm.names(&firm.owner, cyra, false).await.status, 200);
}

#[tokio::test]
async fn g28_whose_personal_account_has_licences_joins_no_organisation_before_they_are_given_up() {
    let firm = Firm::new().await;
    let session = firm.world.private("bela").await;
    let own = text(&firm.world.get(&session, "/whoami").await, "account").parse().expect("an id");
    let lot = firm.world.sells(own, "AAAA-AAAA-AAAA-AAAA", "activation_id").await;
    firm.invites("bela@mail.example", "viewer").await;
    let link = json!({"link": firm.world.link("bela@mail.example").await});
    let confirm = async || said(&firm.world.posts(&session, "/invitations/confirm", link.clone()).await);
    assert_eq!(confirm().await, no(409, "personal_licences"));
    let retire = format!("/lots/{}/retire", lot["id"].as_str().expect("an id"));
    let retired = firm.world.posts(&firm.world.vendor(), &retire, json!({"units": {"OBM": 1}})).await;
    assert_eq!(retired.status, 200, "{:?}", retired.bytes);
    assert_eq!(confirm().await, no(200, ""));
}

#[tokio::test]
async fn g29_g30_g34_a_disabled_member_leaves_the_group_and_comes_back_without_its_standing() {
    let firm = Firm::new().await;
    let bela = firm.joins("bela", "operator").await;
    firm.names(&firm.owner, bela, false).await;
    let session = firm.world.session("bela").await;
    let disabled = firm.acts(&firm.owner, bela, "disable").await.json();
    assert_eq!((&disabled["state"], &disabled["standing"]), (&json!("disabled"), &json!("none")));
    assert_eq!(said(&firm.world.get(&session, "/whoami").await), no(401, "session_invalid"));
    let session = firm.world.session("bela").await;
    let looks = async || said(&firm.world.speaks(&session, firm.account, &firm.at("")).await);
    assert_eq!(looks().await, no(404, "out_of_reach"));
    let cyra = firm.joins("cyra", "viewer").await;
    assert_eq!(firm.names(&firm.owner, cyra, false).await.status, 200, "the place is free");
    let enabled = firm.acts(&firm.owner, bela, "enable").await.json();
    assert_eq!((&enabled["state"], &enabled["standing"]), (&json!("active"), &json!("none")));
    assert_eq!((&enabled["role"], looks().await), (&json!("operator"), no(200, "")));
    assert_eq!(firm.those("standing", "co_admin").await, ["cyra"]);
}

#[tokio::test]
async fn g31_a_removed_member_is_off_the_list_and_joins_again_by_a_new_invitation() {
    let firm = Firm::new().await;
    let bela = firm.joins("bela", "operator").await;
    firm.names(&firm.owner, bela, false).await;
    firm.invites("cyra@mail.example", "viewer").await;
    let withdrawn = firm.world.link("cyra@mail.example").await;
    let cyra = firm.world.user_named("cyra@mail.example").id;
    for user in [bela, cyra] {
        assert_eq!(firm.acts(&firm.owner, user, "remove").await.status, 204);
        assert_eq!(said(&firm.acts(&firm.owner, user, "enable").await), no(404, "out_of_reach"));
    }
    assert_eq!(firm.those("state", "active").await, ["anna"]);
    let claim = json!({"link": withdrawn, "password": PASSWORD});
    assert_eq!(said(&firm.world.calls("/invitations/confirm", claim).await), no(409, "link_invalid"));
    let answer = firm.invites("bela@mail.example; cyra@mail.example", "viewer").await.json();
    assert!(answer["items"].as_array().expect("two").iter().all(|one| one["invited"] == true), "{answer}");
    let session = firm.world.session("bela").await;
    let link = json!({"link": firm.world.link("bela@mail.example").await});
    assert_eq!(firm.world.posts(&session, "/invitations/confirm", link).await.status, 200);
    let member = (firm.member("bela", "role").await, firm.member("bela", "standing").await);
    assert_eq!(member, (json!("viewer"), json!("none")), "as it was invited now");
}

#[tokio::test]
async fn g32_g33_one_of_the_members_is_co_administrator_and_makes_room_only_when_that_is_said() {
    let firm = Firm::new().await;
    let (bela, cyra) = (firm.joins("bela", "viewer").await, firm.joins("cyra", "viewer").await);
    firm.world.private("dora").await;
    let stranger = firm.world.user_named("dora").id;
    assert_eq!(said(&firm.names(&firm.owner, stranger, false).await), no(409, "not_participant"));
    assert_eq!(firm.names(&firm.owner, bela, false).await.status, 200);
    assert_eq!(said(&firm.names(&firm.owner, cyra, false).await), no(409, "co_admin_exists"));
    assert_eq!(said(&firm.names(&firm.owner, stranger, true).await), no(409, "not_participant"));
    assert_eq!(firm.those("standing", "co_admin").await, ["bela"], "nothing has changed");
    assert_eq!(firm.names(&firm.owner, cyra, true).await.status, 200);
    assert_eq!(firm.those("standing", "co_admin").await, ["cyra"]);
    let former = firm.world.session("bela").await;
    let denied = firm.invites_as(&former, "eve@mail.example", "viewer").await;
    assert_eq!(said(&denied), no(403, "admin_only"), "a viewer again");
}

#[tokio::test]
async fn g35_the_owner_stays_until_the_ownership_is_handed_over_which_is_the_owners_to_do() {
    let firm = Firm::new().await;
    let bela = firm.joins("bela", "viewer").await;
    firm.names(&firm.owner, bela, false).await;
    let co_admin = firm.world.session("bela").await;
    let protected = no(409, "owner_protected");
    for session in [&co_admin, &firm.owner, &firm.world.admin()] {
        for what in ["disable", "remove"] {
            assert_eq!(said(&firm.acts(session, firm.anna, what).await), protected, "{what}");
        }
        assert_eq!(said(&firm.names(session, firm.anna, true).await), protected);
        let role = firm.at(&format!("/members/{}", firm.anna));
        let lower = firm.world.send(session, Method::PATCH, &role, json!({"role": "viewer"})).await;
        assert_eq!(said(&lower), protected);
    }
    assert_eq!(
        said(&firm.hands(&co_admin, bela).await),
        no(403, "admin_only"),
        "the co-administrator does not take it"
    );
    assert_eq!(firm.hands(&firm.owner, bela).await.json()["standing"], "owner");
    assert_eq!(firm.those("standing", "owner").await, ["bela"]);
    assert!(firm.those("standing", "co_admin").await.is_empty(), "one has one standing");
    assert_eq!(said(&firm.hands(&firm.owner, firm.anna).await), no(403, "admin_only"), "it is hers no more");
    assert_eq!(firm.acts(&firm.world.session("bela").await, firm.anna, "remove").await.status, 204);
}
