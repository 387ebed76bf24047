//! Seats of named users (G3, G12, G13, G27, G29, G30, G34).

use super::stage::{NAMED, PLAIN, firm};
use crate::people::firm::Firm;
use crate::people::stage::{PASSWORD, no, said, text};
use crate::world::Relation;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{MailKind, MailState, UserId};
use leasehold_protocol::Refused;
use serde_json::{Value, json};

/// The names of those who have seats of a lot.
async fn holders(firm: &Firm, lot: &str) -> Vec<String> {
    let seats = firm.world.items(&firm.owner, &format!("/holdings/{lot}/seats")).await;
    let mut names: Vec<_> = seats.iter().map(|seat| seat["user_name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names
}

async fn own(firm: &Firm, session: &str) -> Vec<Value> {
    firm.world.items(session, "/profile/seats").await
}

#[tokio::test]
async fn g3_one_permission_key_serves_many_users_of_the_organisation() {
    let firm = firm().await;
    let lot = firm.has(NAMED, 3).await;
    for (seed, name) in [(60, "bela"), (61, "cyra"), (62, "dora")] {
        let user = firm.joins(name, "viewer").await;
        let (_, code) = firm.seat(&lot, user).await;
        assert_eq!(firm.activates(seed, NAMED, &code).await, None, "{name}");
    }
    assert_eq!(holders(&firm, &lot).await, ["bela", "cyra", "dora"]);
}

#[tokio::test]
async fn g12_seats_are_given_product_by_product_and_each_is_good_for_one_device() {
    let firm = firm().await;
    let (named, plain) = (firm.has(NAMED, 2).await, firm.has(PLAIN, 2).await);
    let bela = firm.joins("bela", "viewer").await;
    let session = firm.world.session("bela").await;
    let ((_, code), (_, other)) = (firm.seat(&named, bela).await, firm.seat(&plain, bela).await);
    let mine = own(&firm, &session).await;
    let told: Vec<_> = mine.iter().map(|seat| (seat["product"].as_str(), seat["code"].as_str())).collect();
    assert_eq!(told, [(Some(NAMED), Some(code.as_str())), (Some(PLAIN), Some(other.as_str()))]);
    assert_eq!(own(&firm, &firm.owner).await, Vec::<Value>::new(), "nobody else's");
    assert_eq!(firm.activates(60, NAMED, &code).await, None);
    assert_eq!(firm.activates(61, NAMED, &code).await, Some(Refused::KeyOnOtherDevice));
    let seats = firm.world.items(&firm.owner, &format!("/holdings/{named}/seats?user_name=BELA")).await;
    assert_eq!((seats.len(), &seats[0]["in_use"], &seats[0]["charged"]), (1, &json!(true), &json!({"OBM": 1})));
    let low = firm.grants(&session, &named, bela).await;
    assert_eq!(said(&low), no(403, "forbidden_role"), "who uses it does not grant it");
}

#[tokio::test]
async fn g12_a_mail_tells_the_user_of_its_seat_and_another_that_it_was_taken_back() {
    let firm = firm().await;
    let lot = firm.has(NAMED, 2).await;
    let bela = firm.joins("bela", "viewer").await;
    let kinds = || {
        let mails = firm.world.mails().into_iter();
        let own = mails.filter(|mail| mail.user == bela && mail.state == MailState::Waiting);
        own.map(|mail| (mail.kind, mail.account)).collect::<Vec<_>>()
    };
    firm.world.all_sent().await;
    let (seat, _) = firm.seat(&lot, bela).await;
    assert_eq!(kinds(), [(MailKind::SeatGranted, Some(firm.account))]);
    firm.world.all_sent().await;
    assert_eq!(firm.world.removes(&firm.owner, &format!("/seats/{seat}")).await.status, 204);
    assert_eq!(kinds(), [(MailKind::SeatTakenBack, Some(firm.account))]);
}

#[tokio::test]
async fn g13_a_granted_user_takes_one_seat_and_there_are_no_more_grants_than_seats() {
    let firm = firm().await;
    let lot = firm.has(NAMED, 2).await;
    let (bela, cyra, dora) =
        (firm.joins("bela", "viewer").await, firm.joins("cyra", "viewer").await, firm.joins("dora", "viewer").await);
    let (seat, _) = firm.seat(&lot, bela).await;
    assert_eq!(firm.free(&lot).await, json!({"OBM": 1}));
    firm.seat(&lot, cyra).await;
    assert_eq!(said(&firm.grants(&firm.owner, &lot, dora).await), no(409, "insufficient_units"));
    assert_eq!(firm.world.removes(&firm.owner, &format!("/seats/{seat}")).await.status, 204);
    assert_eq!(said(&firm.world.removes(&firm.owner, &format!("/seats/{seat}")).await), no(404, "out_of_reach"));
    firm.seat(&lot, dora).await;
    assert_eq!(holders(&firm, &lot).await, ["cyra", "dora"]);
    let asked = json!({"user": bela, "units": {"OBM": 2}});
    let many = firm.world.posts(&firm.owner, &format!("/holdings/{lot}/seats"), asked).await;
    assert_eq!(said(&many), no(409, "insufficient_units"));
}

#[tokio::test]
async fn g13_a_seat_that_is_taken_back_in_use_arrives_when_its_lease_has_ended() {
    let firm = firm().await;
    let lot = firm.has(NAMED, 1).await;
    let (bela, cyra) = (firm.joins("bela", "viewer").await, firm.joins("cyra", "viewer").await);
    let (seat, code) = firm.seat(&lot, bela).await;
    assert_eq!(firm.activates(60, NAMED, &code).await, None);
    assert_eq!(firm.world.removes(&firm.owner, &format!("/seats/{seat}")).await.status, 204);
    let shown = firm.world.get(&firm.owner, &format!("/lots/{lot}")).await.json();
    assert_eq!((&shown["free"], &shown["encumbered"]), (&json!({}), &json!({"OBM": 1})));
    let key = firm.world.get(&firm.owner, &format!("/keys/{seat}")).await.json();
    assert_eq!((&key["state"], &key["user"]), (&json!("stopped"), &json!(null)));
    let resumed = firm.world.posts(&firm.owner, &format!("/keys/{seat}/resume"), json!(null)).await;
    assert_eq!(said(&resumed), no(409, "irreversible"));
    let (_, again) = firm.seat(&lot, cyra).await;
    assert_eq!(firm.activates(61, NAMED, &again).await, Some(Refused::InsufficientUnits), "a lease is out");
}

#[tokio::test]
async fn g27_g34_whoever_is_granted_a_seat_has_an_account_and_takes_part() {
    let firm = firm().await;
    let lot = firm.has(NAMED, 5).await;
    firm.invites("bela@mail.example", "viewer").await;
    let pending = firm.world.user_named("bela@mail.example").id;
    let disabled = firm.joins("cyra", "viewer").await;
    firm.acts(&firm.owner, disabled, "disable").await;
    let stranger = firm.world.person("eve", "viewer").await;
    let nobody: UserId = "01a1ffb1-5470-7008-bca9-a75d4f4b148c".parse().expect("an id");
    for user in [pending, disabled, stranger, nobody] {
        assert_eq!(said(&firm.grants(&firm.owner, &lot, user).await), no(409, "not_participant"), "{user}");
    }
    let claim = json!({"link": firm.world.link("bela@mail.example").await, "username": "bela", "password": PASSWORD});
    assert_eq!(firm.world.calls("/invitations/confirm", claim).await.status, 200);
    firm.seat(&lot, pending).await;
}

#[tokio::test]
async fn g29_g30_a_disabled_member_is_on_no_list_of_grants_and_an_enabled_one_is_granted_anew() {
    let firm = firm().await;
    let (named, plain) = (firm.has(NAMED, 2).await, firm.has(PLAIN, 2).await);
    let (bela, cyra) = (firm.joins("bela", "viewer").await, firm.joins("cyra", "viewer").await);
    let (_, code) = firm.seat(&named, bela).await;
    firm.seat(&plain, bela).await;
    firm.seat(&named, cyra).await;
    assert_eq!(firm.activates(60, NAMED, &code).await, None);
    assert_eq!(firm.acts(&firm.owner, bela, "disable").await.status, 200);
    assert_eq!(holders(&firm, &named).await, ["cyra"]);
    assert_eq!(holders(&firm, &plain).await, Vec::<String>::new());
    assert_eq!(firm.free(&plain).await, json!({"OBM": 2}), "nothing ran on it");
    assert_eq!(firm.activates(61, NAMED, &code).await, Some(Refused::InsufficientUnits), "its unit is on its way");
    assert_eq!(firm.acts(&firm.owner, bela, "enable").await.status, 200);
    assert_eq!(own(&firm, &firm.world.session("bela").await).await, Vec::<Value>::new(), "visible again, and no more");
    firm.seat(&plain, bela).await;
    assert_eq!(firm.acts(&firm.owner, bela, "remove").await.status, 204);
    assert_eq!(holders(&firm, &plain).await, Vec::<String>::new());
}

#[tokio::test]
async fn g12_a_reseller_grants_seats_of_a_pool_of_its_customer_and_a_stranger_sees_none() {
    let firm = firm().await;
    let (lot, bela) = (firm.has(NAMED, 3).await, firm.joins("bela", "viewer").await);
    let pool = text(&firm.world.posts(&firm.owner, &format!("/lots/{lot}/convert"), json!({})).await, "id");
    let reseller = firm.world.ids.token(Relation::Own, Role::Operator);
    assert_eq!(firm.grants(reseller, &pool, bela).await.status, 201);
    let stranger = firm.world.ids.token(Relation::Beside, Role::Admin);
    assert_eq!(said(&firm.grants(stranger, &pool, bela).await), no(404, "out_of_reach"));
    let seats = firm.world.get(stranger, &format!("/holdings/{pool}/seats")).await;
    assert_eq!(said(&seats), no(404, "out_of_reach"));
    let keys = firm.world.items(reseller, &format!("/pools/{pool}/keys")).await;
    assert_eq!((keys.len(), &keys[0]["kind"], &keys[0]["user"]), (1, &json!("seat"), &json!(bela)));
}

#[tokio::test]
async fn a_lot_with_seats_out_is_not_added_to_the_pool() {
    let firm = firm().await;
    let (lot, bela) = (firm.has(NAMED, 3).await, firm.joins("bela", "viewer").await);
    let (seat, _) = firm.seat(&lot, bela).await;
    let convert = async || said(&firm.world.posts(&firm.owner, &format!("/lots/{lot}/convert"), json!({})).await);
    assert_eq!(convert().await, no(409, "quota_below_children"));
    firm.world.removes(&firm.owner, &format!("/seats/{seat}")).await;
    assert_eq!(convert().await, no(200, ""));
}
