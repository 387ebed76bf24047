//! Lists of users in other orders, filtered and searched: who was removed, what is not shown, and how much is looked at.

use super::user_lists::{LISTS, crowd, csv, email, paged};
use crate::world::{Relation, World};
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{Account, AccountId, AccountKind, Profile, User};
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::rule::code;
use leasehold_ledger::store::{Store, Table, Write};
use leasehold_ledger::view::find;
use std::collections::BTreeSet;

#[tokio::test]
async fn whoever_was_removed_is_in_no_order_and_no_search_either() {
    let world = World::new().await;
    let expected: BTreeSet<String> = crowd(&world, 1700, |number| number % 3 == 0).into_iter().collect();
    for list in LISTS {
        for query in ["sort=email&", "sort=-email&", "q=CROWD.example&", "role=viewer&", "state=active&sort=-role&"] {
            let mut found = paged(&world, &format!("{list}{query}"), 499).await;
            let sorted = found.clone();
            found.sort_unstable();
            assert_eq!((found.len(), found.iter().cloned().collect()), (expected.len(), expected.clone()), "{query}");
            if query.contains("email") {
                found = if query.contains('-') { found.into_iter().rev().collect() } else { found };
                assert_eq!(sorted, found, "{list}{query}");
            }
        }
        assert_eq!(csv(&world, &format!("{list}sort=email&")).await.len(), expected.len());
    }
}

#[tokio::test]
async fn a_list_of_users_does_not_search_by_what_it_does_not_show() {
    let world = World::new().await;
    let anna = world.user_in(world.ids.account(Relation::Far), "anna", "viewer").await;
    let mut user = world.user_row(anna);
    user.person.last_name = "Secretname".into();
    world.store.write(&mut |tx| tx.put(User::TABLE, &user.key(), &row::encode(&user))).expect("memory");
    let emails = serde_json::json!({"emails": "anna@mail.example", "role": "viewer"});
    assert_eq!(world.posts(&world.admin(), "/accounts/{account}/invitations", emails).await.status, 200);
    for list in ["/accounts/{account}/members", "/users"] {
        let found = async |query: &str| {
            let page = world.get(&world.admin(), &format!("{list}?{query}")).await;
            assert_eq!(page.status, 200, "{list} {query}");
            page.json()["items"].as_array().expect("users").iter().map(email).collect::<Vec<_>>()
        };
        assert_eq!(found("q=anna@MAIL").await, ["anna@mail.example"], "{list}: it was invited by its address");
        for hidden in ["q=secretname", "last_name=secretname", "username=anna"] {
            assert!(found(hidden).await.is_empty(), "{list} {hidden}");
        }
        let last = found("sort=last_name&limit=500").await;
        assert!(last.contains(&"anna@mail.example".to_owned()), "{list}");
    }
    let far = world.get(world.ids.token(Relation::Far, Role::Viewer), "/users?q=SECRETNAME").await.json();
    assert_eq!(far["items"].as_array().map(Vec::len), Some(1), "where it stands it is known");
}

#[tokio::test]
async fn a_page_of_users_looks_at_a_bounded_number_of_accounts() {
    let world = World::new().await;
    let parent = world.ids.account(Relation::Own);
    let like: Account =
        find(world.store.read().expect("memory").as_ref(), parent.bytes()).expect("memory").expect("one");
    let put = |tx: &mut dyn Write, number: u32| {
        let id: AccountId = format!("00000000-0000-7000-8000-{number:012x}").parse().expect("an id");
        let profile = Profile { name: format!("a {number:04}"), ..like.profile.clone() };
        let name = Account { id, parent: Some(parent), kind: AccountKind::EndCustomer, profile, ..like.clone() };
        tx.put(Table::AccountNames, &[parent.bytes(), code::fold(name.name()).as_bytes()].concat(), id.bytes())?;
        tx.put(Account::TABLE, &name.key(), &row::encode(&name))
    };
    world.store.write(&mut |tx| (0..2_500).try_for_each(|number| put(tx, number))).expect("memory");
    crowd(&world, 3, |_| false);
    let (mut pages, mut found, mut cursor) = (0, Vec::new(), String::new());
    loop {
        let page = world.get(&world.admin(), &format!("/users?limit=500{cursor}")).await.json();
        found.extend(page["items"].as_array().expect("users").iter().map(email));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!((pages, found.len(), set(&found).len()), (3, 5, 5), "{found:?}");
    assert_eq!(set(&paged(&world, "/users?sort=email&", 2).await), set(&paged(&world, "/users?", 500).await));
    assert_eq!(csv(&world, "/users?account={account}&").await.len(), 2);
}
