//! The offline path: same request, same bytes, charged once; every kind of bad file with its own code.

use super::device::{Device, FILE_DEVICE};
use super::world::{IDLE_KEY_CODE, World};
use leasehold_protocol::armour::{self, Label};
use leasehold_protocol::message::DeviceMessage;
use leasehold_protocol::{PublicKey, SigningKey};
use leasehold_signer::opening::OpenError;
use serde_json::json;

const REQUESTS: &str = "/accounts/{account}/requests";

async fn charged(world: &World) -> serde_json::Value {
    let path = format!("/lots/{}", world.ids.file_lot);
    world.get(&world.admin(), &path).await.json()["charged"].clone()
}

#[tokio::test]
async fn the_same_request_gets_the_same_bytes_and_is_charged_once() {
    let world = World::new().await;
    let request = Device::new(50).asks(1, 2);
    let first = world.upload(&world.admin(), REQUESTS, &request).await;
    assert_eq!(first.status, 200, "{:?}", first.bytes);
    assert_eq!(charged(&world).await, json!({"OBM": 6}));
    let again = world.upload(&world.admin(), REQUESTS, &request).await;
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(charged(&world).await, json!({"OBM": 6}));
    assert_eq!(first.header("content-type"), "application/x-leasehold-license");
    assert!(first.header("content-disposition").ends_with(".lic\""));
    let at = first.header("content-location").strip_prefix("/api/v1").expect("a location");
    assert_eq!(world.get(&world.admin(), at).await.bytes, first.bytes);
    armour::unwrap(Label::License, &first.bytes).expect("an armoured licence");
}

#[tokio::test]
async fn a_returned_licence_frees_its_units_and_is_given_out_no_more() {
    let world = World::new().await;
    let back = Device::new(FILE_DEVICE).gives_back(world.ids.file, 1);
    for _ in 0..2 {
        let answer = world.upload(&world.admin(), "/accounts/{account}/returns", &back).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (200, &json!("released")), "{:?}", answer.bytes);
        assert_eq!((&answer.json()["lease"], charged(&world).await), (&json!(null), json!({})));
    }
    assert_eq!(world.get(&world.admin(), "/accounts/{account}/requests/{request}").await.code(), "request_answered");
    let again = world.upload(&world.admin(), REQUESTS, &Device::new(FILE_DEVICE).asks(1, 4)).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "request_answered"));
    let list = world.get(&world.admin(), REQUESTS).await.json();
    assert!(list["items"][0]["ended"].is_string());
}

/// Each kind of bad file, and what it is called.
fn bad_files() -> Vec<(&'static str, Vec<u8>)> {
    let device = Device::new(50);
    let good = String::from_utf8(device.asks(1, 2)).expect("text");
    let bytes = armour::unwrap(Label::Request, good.as_bytes()).expect("armour");
    let wrap = |bytes: &[u8]| armour::wrap(Label::Request, bytes).into_bytes();
    let surrender = device.gives_back(leasehold_protocol::ActivationId([1; 16]), 1);
    let surrender = armour::unwrap(Label::Return, &surrender).expect("armour");
    let mut forged = bytes.clone();
    *forged.last_mut().expect("a signature") ^= 1;
    let mut weak = device.request(1, 2);
    weak.sender.device = PublicKey({
        let mut identity = [0; 32];
        identity[0] = 1; // the neutral element: its signatures hold for anybody
        identity
    });
    let mut claim = device.request(1, 2);
    claim.code = String::new();
    vec![
        ("not_armour", b"hello".to_vec()),
        ("wrong_label", armour::wrap(Label::Return, &bytes).into_bytes()),
        ("truncated", good.as_bytes()[..good.len() / 2].to_vec()),
        ("too_large", wrap(&vec![0; 20_000])),
        ("malformed", wrap(b"no CBOR at all")),
        ("wrong_type", wrap(&surrender)),
        ("claim_invalid", wrap(&claim.sign(&device.0))),
        ("weak_key", wrap(&weak.sign(&SigningKey::from_bytes(&[50; 32])))),
        ("signature_bad", wrap(&forged)),
    ]
}

#[tokio::test]
async fn each_kind_of_bad_file_has_its_own_code_and_hint_and_changes_nothing() {
    let world = World::new().await;
    let before = world.store.rows();
    let mut hints = std::collections::BTreeSet::new();
    for (code, file) in bad_files() {
        let answer = world.upload(&world.admin(), REQUESTS, &file).await;
        assert_eq!(answer.code(), code, "{:?}", answer.bytes);
        assert_eq!(answer.status.as_u16(), if code == "too_large" { 413 } else { 422 }, "{code}");
        hints.insert(answer.json()["hint"].as_str().expect("a hint").to_owned());
    }
    assert_eq!(hints.len(), bad_files().len(), "each says something else to do");
    assert!(world.store.rows() == before);
    let known = OpenError::WeakKey.code();
    assert!(bad_files().iter().any(|(code, _)| *code == known));
}

#[tokio::test]
async fn a_good_file_that_a_rule_refuses_has_the_rules_code() {
    let world = World::new().await;
    let device = Device::new(50);
    let send = async |request: leasehold_protocol::request::Request| {
        let file = armour::wrap(Label::Request, &request.sign(&device.0));
        world.upload(&world.admin(), REQUESTS, file.as_bytes()).await.code()
    };
    let request = || device.request(1, 2);
    let mut unknown_product = request();
    unknown_product.sender.aud = "NONE".into();
    let mut elsewhere = request();
    elsewhere.iss = Some("other.test".into());
    let mut other_key = request();
    other_key.code = "ZZZZ-ZZZZ-ZZZZ-ZZZZ".into();
    let mut pool_key = request();
    pool_key.code = IDLE_KEY_CODE.into(); // one in use would be short of units first
    assert_eq!(send(unknown_product).await, "field_invalid");
    assert_eq!(send(elsewhere).await, "key_invalid");
    assert_eq!(send(other_key).await, "key_invalid");
    assert_eq!(send(pool_key).await, "online_only");
    assert_eq!(send(device.request(1, 7)).await, "insufficient_units");
}

#[tokio::test]
async fn a_file_sent_as_something_else_is_told_what_to_say() {
    let world = World::new().await;
    let answer = world.send(&world.admin(), axum::http::Method::POST, REQUESTS, json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (415, "media_type"));
}
