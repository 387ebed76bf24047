//! Lists longer than a page may look at.

use super::lists::all;
use super::world::{NOW, World};
use leasehold_ledger::record::{AccountId, Device};
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{Store, Table, Write};
use leasehold_protocol::SigningKey;

#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_rows() {
    let world = World::new().await;
    devices(&world, world.ids.account(super::world::Relation::Own), 10_001);
    let path = "/accounts/{account}/devices";
    let sorted = world.get(&world.admin(), &format!("{path}?sort=name")).await;
    assert_eq!((sorted.status.as_u16(), sorted.code().as_str()), (400, "too_many_to_sort"));
    let page = world.get(&world.admin(), &format!("{path}?q=nowhere")).await.json();
    assert_eq!((page["items"].as_array().map(Vec::len), page["next"].is_string()), (Some(0), true));
    let found = all(&world, path, "&name=device%2010000", 500).await;
    assert_eq!(found.len(), 1, "it is found some pages later");
}

#[tokio::test]
async fn a_page_of_activations_looks_at_a_bounded_number_of_holdings() {
    let world = World::new().await;
    let (path, account) = ("/accounts/{account}/activations", world.ids.account(super::world::Relation::Own));
    let whole = all(&world, path, "", 500).await;
    let idle = |number: u128| [*account.bytes(), number.to_be_bytes()].concat();
    let put =
        |tx: &mut dyn Write| (0..10_001).try_for_each(|number| tx.put(Table::AccountHoldings, &idle(number), &[]));
    world.store.write(&mut |tx| put(tx)).expect("memory");
    for query in ["?limit=1", "?q=nowhere"] {
        let page = world.get(&world.admin(), &format!("{path}{query}")).await.json();
        assert_eq!((page["items"].as_array().map(Vec::len), page["next"].is_string()), (Some(0), true), "{query}");
    }
    for limit in [1, 2, 500] {
        assert_eq!(all(&world, path, "", limit).await, whole, "they are found some pages later, by {limit}");
    }
    assert_eq!(world.get(&world.admin(), &format!("{path}?sort=created")).await.code(), "too_many_to_sort");
}

/// Puts as many devices into the store.
pub fn devices(world: &World, account: AccountId, count: u32) {
    let put = |tx: &mut dyn Write, number| {
        let device = device(account, number);
        tx.put(Device::TABLE, &device.key(), &row::encode(&device))
    };
    world.store.write(&mut |tx| (0..count).try_for_each(|number| put(tx, number))).expect("memory");
}

pub fn device(account: AccountId, number: u32) -> Device {
    let mut seed = [7; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    let public = leasehold_protocol::PublicKey(SigningKey::from_bytes(&seed).verifying_key().to_bytes());
    let name = Some(format!("device {number}"));
    Device { account, id: public.device_id(), public, name, fingerprint: Default::default(), first_seen: NOW }
}
