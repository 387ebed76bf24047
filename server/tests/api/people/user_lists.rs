//! Lists of users: of an account, and of all below it (A41, A53, V9-V16).

use super::stage::{no, said};
use super::users::draft;
use crate::world::{Relation, World};
use leasehold_ledger::actor::Role;
use std::collections::BTreeSet;

#[tokio::test]
async fn a41_a53_a_customers_users_are_listed_and_made_from_its_own_page() {
    let world = World::new().await;
    let child = world.ids.account(Relation::Below);
    world.user("anna", "viewer").await;
    let made = world.posts(&world.admin(), &format!("/users?account={child}"), draft("bela")).await;
    assert_eq!(made.status, 201);
    for path in [format!("/users?account={child}"), format!("/accounts/{child}/members")] {
        let list = world.get(&world.admin(), &path).await.json();
        assert!(list.to_string().contains("bela@mail.example") && !list.to_string().contains("anna@"), "{list}");
    }
}

async fn emails(world: &World, token: &str, path: &str) -> BTreeSet<String> {
    let list = world.get(token, path).await;
    assert_eq!(list.status, 200, "{:?}", list.bytes);
    let items = list.json()["items"].as_array().expect("users").clone();
    items.iter().map(|user| user["email"].as_str().expect("an email").to_owned()).collect()
}

#[tokio::test]
async fn v9_v13_v14_v16_partners_see_their_own_and_their_customers_users_and_customers_their_own() {
    let world = World::new().await;
    for (relation, name) in
        [(Relation::Above, "above"), (Relation::Own, "own"), (Relation::Below, "below"), (Relation::Far, "far")]
    {
        world.user_in(world.ids.account(relation), name, "viewer").await;
    }
    let set = |names: &[&str]| names.iter().map(|name| format!("{name}@mail.example")).collect::<BTreeSet<_>>();
    let of = |relation| world.ids.token(relation, Role::Viewer).to_owned();
    assert_eq!(emails(&world, &of(Relation::Own), "/users").await, set(&["own", "below", "member", "disabled"]));
    assert_eq!(
        emails(&world, &of(Relation::Above), "/users").await,
        set(&["above", "own", "below", "member", "disabled"])
    );
    assert_eq!(emails(&world, &of(Relation::Below), "/users").await, set(&["below"]));
    assert_eq!(emails(&world, &of(Relation::Own), "/users?account={child}").await, set(&["below"]));
    for (relation, account) in
        [(Relation::Below, Relation::Own), (Relation::Below, Relation::Far), (Relation::Own, Relation::Above)]
    {
        let path = format!("/users?account={}", world.ids.account(account));
        assert_eq!(said(&world.get(&of(relation), &path).await), no(404, "out_of_reach"), "{relation:?} {account:?}");
    }
    let far = world.user_in(world.ids.account(Relation::Far), "other", "viewer").await;
    assert_eq!(said(&world.get(&of(Relation::Own), &format!("/users/{far}")).await), no(404, "out_of_reach"));
}

#[tokio::test]
async fn v14_users_come_in_pages_that_miss_nobody_and_repeat_nobody() {
    let world = World::new().await;
    for number in 0..7 {
        world.user(&format!("own{number}"), "viewer").await;
        world.user_in(world.ids.account(Relation::Below), &format!("below{number}"), "viewer").await;
    }
    for limit in [1, 2, 3, 7, 16] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.get(&world.admin(), &format!("/users?limit={limit}{cursor}")).await.json();
            let items = page["items"].as_array().expect("users");
            assert!(items.len() <= limit);
            seen.extend(items.iter().map(|user| user["email"].to_string()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (16, 16), "limit {limit}");
    }
}
