//! Lists of users: of an account, and of all below it (A41, A53, V9-V16).

use super::stage::{no, said};
use super::users::draft;
use crate::world::{NOW, Relation, World};
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{Membership, MembershipState, Standing, User, UserId};
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::Store;
use serde_json::Value;
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

/// Lists of the customer's users, each up to its parameters.
pub const LISTS: [&str; 2] = ["/accounts/{child}/members?", "/users?account={child}&"];

/// Whether the user of a number is off the list.
type IsOff = fn(u32) -> bool;

/// Fills the customer's account with users in the order of their numbers; `is_off` are off the list. Emails of the others.
pub fn crowd(world: &World, count: u32, is_off: impl Fn(u32) -> bool) -> Vec<String> {
    let (account, like) = (world.ids.account(Relation::Below), world.user_row(world.ids.member));
    let email = |number: u32| format!("{number}@crowd.example");
    let rows = |number: u32| {
        let id: UserId = format!("00000000-0000-7000-8000-{number:012x}").parse().expect("an id");
        let state = if is_off(number) { MembershipState::Removed } else { MembershipState::Active };
        let (role, standing) = (Role::Viewer, Standing::None);
        let user = User { id, username: None, email: email(number), ..like.clone() };
        (user, Membership { account, user: id, role, standing, state, since: NOW })
    };
    world
        .store
        .write(&mut |tx| {
            (0..count).map(&rows).try_for_each(|(user, member)| {
                tx.put(User::TABLE, &user.key(), &row::encode(&user))?;
                tx.put(Membership::TABLE, &member.key(), &row::encode(&member))
            })
        })
        .expect("memory");
    (0..count).filter(|number| !is_off(*number)).map(email).collect()
}

pub fn email(item: &Value) -> String {
    item.get("user").unwrap_or(item)["email"].as_str().expect("an email").to_owned()
}

pub async fn paged(world: &World, list: &str, limit: usize) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&world.vendor(), &format!("{list}limit={limit}{cursor}")).await.json();
        let items = page["items"].as_array().expect("users");
        assert!(items.len() <= limit);
        found.extend(items.iter().map(email));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

pub async fn csv(world: &World, list: &str) -> Vec<String> {
    let file = world.get(&world.vendor(), &format!("{list}format=csv")).await;
    let mut reader = csv::ReaderBuilder::new().from_reader(&file.bytes[..]);
    let head = reader.headers().expect("a head").clone();
    let column = |name: &str| head.iter().position(|one| one == name);
    let line = |line: csv::Result<csv::StringRecord>| {
        let line = line.expect("a line");
        match column("email") {
            Some(at) => line[at].to_owned(),
            None => email(&serde_json::from_str(&line[column("user").expect("a user")]).expect("JSON")),
        }
    };
    reader.records().map(line).collect()
}

#[tokio::test]
async fn whoever_was_removed_hides_nobody_else_from_a_list_of_users() {
    let world = World::new().await;
    let off: [(&str, IsOff); 7] = [
        ("nobody", |_| false),
        ("the first", |number| number == 0),
        ("at the beginning", |number| number < 3),
        ("in the middle", |number| (2..5).contains(&number)),
        ("at the end", |number| number > 3),
        ("every other", |number| number % 2 == 0),
        ("all but one", |number| number != 6),
    ];
    for (whom, is_off) in off {
        let world = world.fork();
        let expected = crowd(&world, 7, is_off);
        for list in LISTS {
            for limit in (1..=8).chain([500]) {
                assert_eq!(paged(&world, list, limit).await, expected, "{list} by {limit} without {whom}");
            }
            assert_eq!(csv(&world, list).await, expected, "{list} without {whom}");
        }
    }
}

#[tokio::test]
async fn hundreds_of_removed_members_hide_nobody_from_a_page_or_a_file() {
    let world = World::new().await;
    let expected = crowd(&world, 1700, |number| number < 600 || number % 3 == 0 || number > 1600);
    for list in LISTS {
        for limit in [7, 499, 500] {
            assert_eq!(paged(&world, list, limit).await, expected, "{list} by {limit}");
        }
        assert_eq!(csv(&world, list).await, expected, "{list}");
    }
}

#[tokio::test]
async fn a_page_of_users_looks_at_a_bounded_number_of_members() {
    let world = World::new().await;
    let expected = crowd(&world, 5_010, |number| number < 5_003);
    for list in LISTS {
        let page = world.get(&world.vendor(), list.trim_end_matches(['?', '&'])).await.json();
        assert_eq!((page["items"].as_array().map(Vec::len), page["next"].is_string()), (Some(0), true), "{list}");
        assert_eq!(paged(&world, list, 500).await, expected, "they are found on the page after it");
        assert_eq!(csv(&world, list).await, expected);
    }
}
