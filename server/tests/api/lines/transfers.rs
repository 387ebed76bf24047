//! A licence, or some of it, goes to another account.

use crate::world::{Answer, Relation, World, units};
use leasehold_ledger::actor::Role;
use serde_json::{Value, json};

const LOT: &str = "/lots/{lot}/transfers";

impl World {
    async fn transfers(&self, token: &str, path: &str, body: Value) -> Value {
        let answer = self.post(token, path, body).await;
        assert_eq!(answer.status, 200, "{:?}", answer.bytes);
        answer.json()
    }

    /// A lot of one line, sold to an account.
    pub async fn sold(&self, account: &str, number: &str, mut line: Value) -> Value {
        for (field, usual) in [("product", json!("{sku}")), ("units", json!({"OBM": 10}))] {
            if line[field].is_null() {
                line[field] = usual;
            }
        }
        let order = json!({"entitlement": number, "lines": [line]});
        let made = self.post(&self.vendor(), &format!("/accounts/{account}/orders"), order).await;
        assert_eq!(made.status, 201, "{:?}", made.bytes);
        made.json()["lots"][0].clone()
    }
}

pub fn id(of: &Value) -> &str {
    of["id"].as_str().expect("an id")
}

fn said(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

#[tokio::test]
async fn v32_v33_v36_some_of_a_licence_is_a_new_line_of_the_other_account() {
    let world = World::new().await;
    let partner = world.of(Relation::Own, Role::Operator);
    let before = world.get(&partner, "/lots/{lot}").await.json();
    let line = world.transfers(&partner, LOT, json!({"account": "{child}", "units": {"OBM": 5}})).await;
    assert_eq!((&line["account"], &line["units"]), (&json!(world.path("{child}")), &json!({"OBM": 5})));
    assert_ne!(line["order"], before["order"], "an entitlement of its own");
    assert_ne!(line["activation_id"], before["activation_id"], "an Activation ID of its own");
    let after = world.get(&partner, "/lots/{lot}").await.json();
    assert_eq!((&after["units"], &after["order"]), (&json!({"OBM": 15}), &before["order"]));
    let named = json!({"account": "{child}", "units": {"OBM": 1}, "entitlement": "SO-77"});
    assert_eq!(world.transfers(&partner, LOT, named.clone()).await["order"], "SO-77");
    assert_eq!(said(&world.post(&partner, LOT, named).await), (409, "name_taken".to_owned()));
    let device = crate::device::Device::new(90);
    let child = world.of(Relation::Below, Role::Viewer);
    let mut request = device.request(1, 5);
    request.code = line["activation_id"].as_str().expect("a code").to_owned();
    let bytes = leasehold_protocol::message::DeviceMessage::sign(&request, &device.0);
    let file = leasehold_protocol::armour::wrap(leasehold_protocol::armour::Label::Request, &bytes);
    assert_eq!(world.upload(&child, "/accounts/{child}/requests", file.as_bytes()).await.status, 200);
}

#[tokio::test]
async fn v34_all_of_a_licence_goes_with_its_numbers() {
    let world = World::new().await;
    let partner = world.of(Relation::Own, Role::Operator);
    let before = world.get(&partner, "/lots/{lot}").await.json();
    let line = world.transfers(&partner, LOT, json!({"account": "{child}", "units": {"OBM": 20}})).await;
    for field in ["id", "order", "activation_id", "units"] {
        assert_eq!(line[field], before[field], "{field}");
    }
    assert_eq!(line["account"], world.path("{child}"));
    let key = format!("/keys/{}", line["key"].as_str().expect("a key"));
    assert_eq!(world.get(&partner, &key).await.json()["licensee"], "Child");
    let own = world.items(&partner, "/accounts/{account}/lots").await;
    assert!(own.iter().all(|lot| lot["id"] != line["id"]), "it is not here any more");
    let file_lot = format!("/lots/{}/transfers", world.ids.file_lot);
    let rest = world.transfers(&partner, &file_lot, json!({"account": "{child}", "units": {"OBM": 6}})).await;
    assert_ne!(rest["order"], before["order"], "of what is in use the rest gets new numbers");
}

#[tokio::test]
async fn v35_the_form_asks_how_many_for_whom_and_whether_to_join() {
    let world = World::new().await;
    let partner = world.of(Relation::Own, Role::Operator);
    for body in [json!({"units": {"OBM": 1}}), json!({"account": "{child}"}), json!({"amount": 1})] {
        assert_eq!(said(&world.post(&partner, LOT, body).await), (422, "body_invalid".to_owned()));
    }
    let both = json!({"account": "{child}", "units": {"OBM": 1}, "into": "{lot}", "entitlement": "SO-7"});
    assert_eq!(said(&world.post(&partner, LOT, both).await), (422, "field_invalid".to_owned()));
    let theirs = world.sold("{child}", "SO-5", json!({})).await;
    let yes = json!({"account": "{child}", "units": {"OBM": 3}, "into": id(&theirs)});
    let joined = world.transfers(&partner, LOT, yes).await;
    assert_eq!((&joined["id"], &joined["units"]), (&theirs["id"], &json!({"OBM": 13})));
    assert_eq!(joined["activation_id"], theirs["activation_id"], "under the key it has");
}

#[tokio::test]
async fn v37_licences_join_those_of_the_same_product_only() {
    let world = World::new().await;
    let partner = world.of(Relation::Own, Role::Operator);
    for (sku, compat) in [("OTHER", "other"), ("TWIN", "standard")] {
        let product = json!({"sku": sku, "name": sku, "kinds": ["OBM"], "compat": compat});
        assert_eq!(world.post(&world.vendor(), "/products", product).await.status, 201);
        let lot = world.sold("{child}", &format!("SO-{sku}"), json!({"product": sku})).await;
        let into = json!({"account": "{child}", "units": {"OBM": 3}, "into": id(&lot)});
        assert_eq!(said(&world.post(&partner, LOT, into).await), (409, "compat_mismatch".to_owned()), "{sku}");
    }
    let dated = world.sold("{child}", "SO-6", json!({"expires": "2035-01-01T00:00:00Z"})).await;
    let into = json!({"account": "{child}", "units": {"OBM": 3}, "into": id(&dated)});
    assert_eq!(said(&world.post(&partner, LOT, into).await), (409, "term_mismatch".to_owned()));
    assert_eq!(world.get(&partner, "/lots/{lot}").await.json()["units"], json!({"OBM": 20}));
}

#[tokio::test]
async fn v38_at_least_one_and_no_more_than_is_available_goes() {
    let world = World::new().await;
    let (partner, path) = (world.of(Relation::Own, Role::Operator), format!("/lots/{}/transfers", world.ids.file_lot));
    let send = async |count: u32| {
        let body = json!({"account": "{child}", "units": {"OBM": count}});
        said(&world.post(&partner, &path, body).await)
    };
    assert_eq!(send(0).await, (422, "bad_quantity".to_owned()));
    assert_eq!(send(7).await, (409, "insufficient_units".to_owned()), "four of ten are in use");
    assert_eq!(send(6).await.0, 200);
}

#[tokio::test]
async fn v39_the_other_account_is_in_reach() {
    let world = World::new().await;
    let partner = world.of(Relation::Own, Role::Admin);
    for relation in [Relation::Top, Relation::Above, Relation::Beside, Relation::Far] {
        let body = json!({"account": world.ids.account(relation).to_string(), "units": {"OBM": 1}});
        assert_eq!(said(&world.post(&partner, LOT, body).await), (404, "out_of_reach".to_owned()), "{relation:?}");
    }
}

#[tokio::test]
async fn v40_across_accounts_it_takes_an_operator_of_a_partner_and_between_ones_own_an_operator() {
    let world = World::new().await;
    let body = json!({"account": "{child}", "units": {"OBM": 4}});
    let viewer = world.of(Relation::Own, Role::Viewer);
    assert_eq!(said(&world.post(&viewer, LOT, body.clone()).await), (403, "forbidden_role".to_owned()));
    let line = world.transfers(&world.of(Relation::Above, Role::Operator), LOT, body).await;
    let path = format!("/lots/{}/transfers", id(&line));
    let child = world.of(Relation::Below, Role::Operator);
    let up = json!({"account": "{account}", "units": {"OBM": 1}});
    assert_eq!(said(&world.post(&child, &path, up.clone()).await), (404, "out_of_reach".to_owned()));
    let own = world.transfers(&child, &path, json!({"account": "{child}", "units": {"OBM": 1}})).await;
    let back = json!({"account": "{child}", "units": {"OBM": 1}, "into": id(&line)});
    world.transfers(&child, &format!("/lots/{}/transfers", id(&own)), back).await;
    world.transfers(&world.of(Relation::Own, Role::Operator), &path, up).await;
    let total = async |account| world.total(&world.vendor(), account).await;
    assert_eq!((total("{child}").await, total("{account}").await), (json!(3), json!(127)));
}

#[tokio::test]
async fn a_transfer_shows_each_account_its_own_side() {
    let world = World::new().await;
    let partner = world.of(Relation::Own, Role::Operator);
    let some = world.transfers(&partner, LOT, json!({"account": "{child}", "units": {"OBM": 5}})).await;
    let child = world.of(Relation::Below, Role::Viewer);
    let seen = world.get(&child, "/accounts/{child}/events?limit=1").await;
    let event = &seen.json()["items"][0];
    assert_eq!((&event["verb"], &event["subject"]), (&json!("line_transferred"), &some["id"]));
    assert_eq!(event["detail"]["units"], units(5).to_string());
    assert!(!String::from_utf8_lossy(&seen.bytes).contains(&world.ids.lot.to_string()), "the giver's lot");
    let giver = world.get(&partner, "/accounts/{account}/events?limit=1").await.json();
    assert_eq!(giver["items"][0]["subject"], world.ids.lot.to_string());
    world.transfers(&partner, LOT, json!({"account": "{child}", "units": {"OBM": 15}})).await;
    let seen = world.get(&child, "/accounts/{child}/events?limit=1").await;
    assert!(!String::from_utf8_lossy(&seen.bytes).contains(&world.path("{account}")), "the account above");
}
