//! What an organisation has, as its people see it (G20).

use super::firm::{Firm, KEY};
use super::stage::{no, said};
use crate::tree::names;
use crate::world::SKU;
use serde_json::{Value, json};

/// Activation IDs of an account's purchases, in order.
fn codes(lots: &[Value]) -> Vec<&str> {
    let mut codes: Vec<_> = lots.iter().filter_map(|lot| lot["activation_id"].as_str()).collect();
    codes.sort_unstable();
    codes
}

#[tokio::test]
async fn g20_products_and_what_more_was_bought_of_them_are_managed_in_one_place() {
    let firm = Firm::new().await;
    let (world, lots) = (&firm.world, firm.at("/lots"));
    assert_eq!(codes(&world.items(&firm.owner, &lots).await), [KEY], "what it was founded with");
    let first = world.sells(firm.account, "MORE-MORE-MORE-2222", "activation_id").await;
    let product = world.get(&firm.owner, &format!("/products/{SKU}")).await.json();
    assert_eq!((&product["sku"], &first["product"]), (&json!(SKU), &json!(SKU)));
    world.sells(firm.account, "MORE-MORE-MORE-4444", "activation_id").await;
    assert_eq!(codes(&world.items(&firm.owner, &lots).await), ["MORE-MORE-MORE-2222", "MORE-MORE-MORE-4444", KEY]);
    let keys = world.items(&firm.owner, &firm.at("/keys")).await;
    assert_eq!(keys.iter().map(|key| &key["state"]).collect::<Vec<_>>(), ["open", "open", "open"], "{keys:?}");
    let convert = format!("/lots/{}/convert", first["id"].as_str().expect("an id"));
    firm.joins("bela", "viewer").await;
    let viewer = world.session("bela").await;
    assert_eq!(said(&world.posts(&viewer, &convert, json!({})).await), no(403, "forbidden_role"));
    assert_eq!(world.posts(&firm.owner, &convert, json!({})).await.status, 200);
    let pools = world.items(&firm.owner, &firm.at("/pools")).await;
    assert_eq!((names(&pools).len(), &pools[0]["product"]), (1, &json!(SKU)));
    assert_eq!(
        said(&world.posts(&firm.owner, "/products", product).await),
        no(403, "admin_only"),
        "the vendor's alone"
    );
}
