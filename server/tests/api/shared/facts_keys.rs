//! Permission keys: what they hold, who may redeem them, and what an account has then (G1, G2, G4, G5, G8-G10, G15, G20, G36).

use super::stage::{FLOAT, NAMED, PLAIN, firm};
use crate::people::firm::{Firm, KEY};
use crate::people::stage::{no, said, text};
use crate::world::{Relation, World};
use axum::http::Method;
use leasehold_ledger::actor::Role;
use leasehold_protocol::Refused;
use serde_json::{Value, json};

const CODE: &str = "OPEN-OPEN-OPEN-2222";

fn column<'a>(items: &'a [Value], name: &str) -> Vec<&'a str> {
    items.iter().map(|item| item[name].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn g1_one_key_comes_with_several_products_and_opens_each_to_its_full_extent() {
    let firm = firm().await;
    let (world, seller) = (&firm.world, firm.world.ids.account(Relation::Own));
    let group = |sku: &str, group: &str| json!({"product": sku, "units": {"OBM": 5}, "key_kind": "permission_key", "key_group": group});
    let lines = [group(PLAIN, "a"), group("YEAR", "a"), group("TRY", "b")];
    let order = json!({"entitlement": "SO group", "lines": lines});
    let sold = world.posts(&world.vendor(), &format!("/accounts/{seller}/orders"), order).await.json()["lots"].clone();
    assert_eq!(sold[0]["activation_id"], sold[1]["activation_id"], "one group, one key");
    assert_ne!(sold[0]["activation_id"], sold[2]["activation_id"]);
    let code = sold[0]["activation_id"].as_str().expect("a code");
    assert_eq!(firm.activates(60, PLAIN, code).await, Some(Refused::KeyInvalid), "nobody has redeemed it");
    let redeemed = world.redeems(&firm.owner, &firm.account.to_string(), code).await;
    assert_eq!(redeemed.status, 201, "{:?}", redeemed.bytes);
    for (seed, sku) in [(60, PLAIN), (61, "YEAR")] {
        assert_eq!(firm.activates(seed, sku, code).await, None, "{sku}");
    }
    let key = world.get(&firm.owner, &format!("/keys/{}", text(&redeemed, "key"))).await.json();
    assert_eq!((&key["charged"], &key["units"]), (&json!({"OBM": 10}), &json!({"OBM": 10})), "all that it gives");
    assert_eq!(firm.activates(62, "TRY", code).await, Some(Refused::KeyInvalid), "the other key's");
}

#[tokio::test]
async fn g1_lines_of_an_imported_order_that_name_one_permission_key_are_opened_by_it_together() {
    let firm = firm().await;
    let file = format!(
        "entitlement,sku,units,kind,activation_id\nSO-7,{PLAIN},OBM=2,permission_key,{CODE}\n\
         SO-7,YEAR,OBM=3,permission_key,{}\nSO-7,TRY,OBM=4,permission_key,\n",
        CODE.to_lowercase()
    );
    let request = firm.world.request(&firm.world.vendor(), Method::POST, "/accounts/{account}/orders/import");
    let request = request.header("content-type", "text/csv").body(file.into()).expect("a request");
    let imported = firm.world.raw(request).await;
    assert_eq!(imported.status, 200, "{:?}", imported.bytes);
    let redeemed = firm.world.redeems(&firm.owner, &firm.account.to_string(), CODE).await.json();
    assert_eq!(column(redeemed["products"].as_array().expect("products"), "product"), [PLAIN, "YEAR"]);
}

#[tokio::test]
async fn g2_a_key_whose_content_is_shared_is_not_redeemed_into_a_personal_account() {
    let world = World::new().await;
    world.sells_all_types().await;
    let session = world.private("anna").await;
    let own = text(&world.get(&session, "/whoami").await, "account");
    let seller = world.ids.account(Relation::Own);
    for (code, lines, refused) in [
        ("FLEX-FLEX-FLEX-2222", vec![(FLOAT, 1)], true),
        ("SAME-SAME-SAME-2222", vec![(PLAIN, 1), (NAMED, 1)], true),
        ("TWIN-TWIN-TWIN-2222", vec![(PLAIN, 1), (PLAIN, 1)], true),
        ("DIFF-DIFF-DIFF-2222", vec![(PLAIN, 1), ("YEAR", 1)], false),
    ] {
        world.sells_together(seller, code, &lines).await;
        let preview = world.previews(&session, &own, code).await.json();
        assert_eq!(preview["needs_organisation"], refused, "{lines:?}");
        let expected = if refused { no(409, "org_required") } else { no(201, "") };
        assert_eq!(preview["problem"]["code"].as_str().unwrap_or_default(), expected.1, "{preview}");
        assert_eq!(said(&world.redeems(&session, &own, code).await), expected, "{lines:?}");
    }
}

#[tokio::test]
async fn g9_a_key_that_is_entered_is_checked_and_then_its_products_are_listed() {
    let firm = firm().await;
    let (world, account) = (&firm.world, firm.account.to_string());
    let lots = world.sells_together(world.ids.account(Relation::Own), CODE, &[(PLAIN, 5), (NAMED, 2)]).await;
    let preview = world.previews(&firm.owner, &account, &CODE.to_lowercase()).await;
    let shown = preview.json();
    let products = shown["products"].as_array().expect("products");
    assert_eq!((column(products, "product"), &shown["problem"]), (vec![PLAIN, NAMED], &json!(null)));
    assert_eq!((&products[0]["units"], &products[0]["license_type"]), (&json!({"OBM": 5}), &json!("perpetual")));
    let listed = async || world.items(&firm.owner, &firm.at("/products?q=OPEN-OPEN")).await;
    assert_eq!(listed().await, Vec::<Value>::new(), "looking changes nothing");
    let redeemed = world.redeems(&firm.owner, &account, CODE).await;
    assert_eq!(
        (redeemed.status.as_u16(), redeemed.header("location")),
        (201, &*format!("/api/v1{}", firm.at("/products")))
    );
    assert_eq!(redeemed.json()["products"].as_array().map(Vec::len), Some(2));
    let listed = listed().await;
    assert_eq!(column(&listed, "product"), [PLAIN, NAMED]);
    assert_eq!(
        column(&listed, "serial_number"),
        [lots[0]["id"].as_str().expect("id"), lots[1]["id"].as_str().expect("id")]
    );
    let gone = format!("/lots/{}", column(&listed, "serial_number")[0]);
    let seller = world.ids.token(Relation::Own, Role::Admin);
    assert!(world.items(seller, "/accounts/{account}/lots?q=OPEN-OPEN").await.is_empty(), "the seller has it no more");
    assert_eq!(world.get(&firm.owner, &gone).await.json()["account"], account);
    let sold = world.items(seller, "/accounts/{account}/events?verb=key_redeemed").await;
    let got = world.items(&firm.owner, &firm.at("/events?verb=key_redeemed")).await;
    assert_eq!((sold.len(), got.len()), (1, 1), "both sides hear of it");
}

#[tokio::test]
async fn g10_a_key_that_is_no_good_is_refused_when_it_is_checked_and_when_it_is_redeemed() {
    let firm = firm().await;
    let world = &firm.world;
    let account = firm.account.to_string();
    let seller = world.ids.account(Relation::Own);
    world.sells_together(seller, CODE, &[(PLAIN, 5)]).await;
    world.sells(seller, "ACTI-ACTI-ACTI-2222", "activation_id").await;
    world.sells(world.ids.account(Relation::Below), "SOLD-SOLD-SOLD-2222", "permission_key").await;
    assert_eq!(world.redeems(&firm.owner, &account, CODE).await.status, 201);
    for (typed, expected) in [
        ("", no(409, "key_required")),
        ("no key", no(422, "key_format")),
        ("ZZZZ-ZZZZ-ZZZZ-ZZZZ", no(409, "key_invalid")),
        ("ACTI-ACTI-ACTI-2222", no(409, "key_invalid")),
        ("SOLD-SOLD-SOLD-2222", no(409, "key_redeemed")),
        (CODE, no(409, "key_redeemed")),
    ] {
        assert_eq!(said(&world.previews(&firm.owner, &account, typed).await), expected, "{typed:?}");
        assert_eq!(said(&world.redeems(&firm.owner, &account, typed).await), expected, "{typed:?}");
    }
    let below = world.ids.token(Relation::Below, Role::Operator);
    assert_eq!(said(&world.redeems(below, "{child}", "SOLD-SOLD-SOLD-2222").await), no(201, ""), "it was sold to it");
}

#[tokio::test]
async fn g10_guessing_at_keys_is_slowed_down_and_good_keys_are_never_counted() {
    let firm = firm().await;
    let account = firm.account.to_string();
    let guess = async |number: u32| {
        said(&firm.world.previews(&firm.owner, &account, &format!("AAAA-AAAA-AAAA-{number:04}")).await)
    };
    for number in 0..100 {
        assert_eq!(guess(number).await, no(409, "key_invalid"));
    }
    assert_eq!(guess(100).await, no(429, "too_fast"));
    assert_eq!(said(&firm.world.redeems(&firm.owner, &account, "AAAA-AAAA-AAAA-AAAA").await), no(429, "too_fast"));
    let firm = Firm::new().await;
    for _ in 0..150 {
        let known = firm.world.previews(&firm.owner, &firm.account.to_string(), KEY).await;
        assert_eq!(said(&known), no(409, "key_redeemed"));
    }
    assert_eq!(said(&firm.world.founds(&firm.owner, "ZZZZ-ZZZZ-ZZZZ-ZZZZ").await), no(409, "key_invalid"));
}

#[tokio::test]
async fn g15_the_key_that_founds_an_organisation_is_redeemed_into_it_and_founds_no_other() {
    let world = World::new().await;
    world.sells_all_types().await;
    world.sells_together(world.ids.account(Relation::Own), CODE, &[(PLAIN, 5), (FLOAT, 2)]).await;
    let (anna, bela) = (world.private("anna").await, world.private("bela").await);
    let made = world.founds(&anna, CODE).await;
    assert_eq!(made.status, 201, "{:?}", made.bytes);
    let products = world.items(&anna, &format!("/accounts/{}/products", text(&made, "account"))).await;
    assert_eq!(column(&products, "product"), [PLAIN, FLOAT]);
    assert_eq!(column(&products, "permission_key"), [CODE, CODE]);
    assert_eq!(said(&world.founds(&bela, CODE).await), no(409, "key_redeemed"));
    let seller = world.items(&world.admin(), "/accounts/{account}/lots?q=OPEN-OPEN").await;
    assert!(seller.is_empty(), "{seller:?}");
}

#[tokio::test]
async fn g20_a_key_for_more_of_a_product_is_validated_and_added_where_products_are_managed() {
    let firm = firm().await;
    let before = firm.world.items(&firm.owner, &firm.at("/products")).await.len();
    let lot = firm.has(NAMED, 3).await;
    let after = firm.world.items(&firm.owner, &firm.at("/products")).await;
    assert_eq!((before, after.len()), (1, 2));
    assert_eq!(firm.world.get(&firm.owner, &format!("/lots/{lot}")).await.json()["units"], json!({"OBM": 3}));
}

#[tokio::test]
async fn g8_a_product_shows_when_it_began_and_ends_its_type_serial_number_and_key() {
    let firm = firm().await;
    let (world, seller) = (&firm.world, firm.world.ids.account(Relation::Own));
    let line = |sku: &str, expires: Value| json!({"product": sku, "units": {"OBM": 1}, "activation_id": CODE, "key_kind": "permission_key", "expires": expires});
    let lines = [line(PLAIN, json!(null)), line("YEAR", json!("2028-01-31T00:00:00Z")), line(FLOAT, json!(null))];
    let order = json!({"entitlement": "SO types", "lines": lines});
    let lots = world.posts(&world.vendor(), &format!("/accounts/{seller}/orders"), order).await.json()["lots"].clone();
    assert_eq!(world.redeems(&firm.owner, &firm.account.to_string(), CODE).await.status, 201);
    let all = world.items(&firm.owner, &firm.at("/products?q=OPEN-OPEN")).await;
    assert_eq!(column(&all, "license_type"), ["perpetual", "annual", "flex"]);
    assert_eq!((&all[0]["expires"], &all[1]["expires"]), (&json!(null), &json!("2028-01-31T00:00:00Z")));
    for (row, lot) in all.iter().zip(lots.as_array().expect("lots")) {
        assert_eq!((&row["serial_number"], &row["permission_key"]), (&lot["id"], &json!(CODE)));
        assert_eq!((&row["starts"], &row["activation_id"]), (&lot["created"], &json!(null)));
    }
    let floating = world.items(&firm.owner, &firm.at("/products?license_type=flex")).await;
    assert_eq!(column(&floating, "product"), [FLOAT]);
    let sorted = world.items(&firm.owner, &firm.at("/products?q=OPEN-OPEN&sort=-expires")).await;
    assert_eq!(column(&sorted, "product")[2], "YEAR", "what has no end stands first when it is turned round");
    let csv = world.get(&firm.owner, &firm.at("/products?format=csv")).await;
    assert!(String::from_utf8_lossy(&csv.bytes).contains("\"serial_number\",\"product\""), "{:?}", csv.bytes);
}

#[tokio::test]
async fn g4_g5_g36_licences_of_other_types_and_terms_are_added_at_any_time_and_stand_side_by_side() {
    let firm = firm().await;
    for sku in [PLAIN, "YEAR", "TRY", NAMED, FLOAT] {
        firm.has(sku, 2).await; // over the public network alone: there is nothing else to set up
    }
    let all = firm.world.items(&firm.owner, &firm.at("/products?used_by=device")).await;
    let mut device = column(&all, "license_type");
    device.sort_unstable(); // in the list's own order what was made within one second may stand either way
    assert_eq!(device, ["annual", "perpetual", "perpetual", "trial"], "with what it was founded by");
    let types = firm.world.items(&firm.owner, &firm.at("/products?sort=license_type")).await;
    let expected = ["annual", "flex", "perpetual", "perpetual", "perpetual", "trial"];
    assert_eq!(column(&types, "license_type"), expected);
}
