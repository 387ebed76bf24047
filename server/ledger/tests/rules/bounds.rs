//! How many people an account asks and has, and how many ask one person.

use super::staff::new_user;
use super::world::World;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::Command;
use leasehold_ledger::command::people::*;
use leasehold_ledger::draft::Fault;
use leasehold_ledger::record::*;
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::rule::invitation::INVITED_MAX;
use leasehold_ledger::rule::joining::{EVER_MAX, LISTED_MAX, PENDING_MAX};
use leasehold_ledger::store::{Store, Table, Write};
use leasehold_protocol::Refused;

/// Puts many people on an account's list, as so many commands would.
fn crowd(world: &mut World, account: AccountId, count: usize, state: MembershipState) {
    let (since, standing, role) = (world.now, Standing::None, Role::Viewer);
    let mut rows = Vec::new();
    for _ in 0..count {
        let id = UserId(world.draw());
        let user = User {
            id,
            username: None,
            email: format!("{id}@example.com"),
            person: Person::default(),
            password: None,
            must_change: false,
            totp: None,
            state: UserState::Active,
            created: since,
            last_seen: None,
        };
        let membership = Membership { account, user: id, role, standing, state, since };
        rows.push((Table::Users, id.bytes().to_vec(), row::encode(&user)));
        rows.push((Table::UserNames, user.email.clone().into_bytes(), id.bytes().to_vec()));
        rows.push((Table::Memberships, membership.key(), row::encode(&membership)));
        rows.push((Table::UserAccounts, [*id.bytes(), *account.bytes()].concat(), vec![]));
    }
    let fill = |tx: &mut dyn Write| rows.iter().try_for_each(|(table, key, value)| tx.put(*table, key, value));
    world.store.write(&mut |tx| fill(tx)).expect("memory");
}

fn invite(world: &mut World, account: AccountId, email: &str) -> Result<(), Refused> {
    let user = UserId(world.draw());
    let invite = People::InviteUser { account, email: email.into(), role: Role::Operator, user };
    world.people(world.root(), invite).map(drop)
}

fn create(world: &mut World, account: AccountId, name: &str) -> Result<UserId, Refused> {
    let id = UserId(world.draw());
    world.people(world.root(), People::CreateUser(new_user(id, account, name, Role::Viewer))).map(|_| id)
}

#[test]
fn an_account_has_a_thousand_invitations_open_and_ten_thousand_members_at_most() {
    let mut world = World::new();
    let account = world.customer("Org");
    crowd(&mut world, account, PENDING_MAX - 1, MembershipState::Pending);
    let last = world.invited(account, "last@example.com");
    assert_eq!(invite(&mut world, account, "more@example.com"), Err(Refused::FieldInvalid));
    assert_eq!(invite(&mut world, account, "last@example.com"), Ok(()), "it is one of them");
    let ada = create(&mut world, account, "ada").expect("nobody has to be invited");
    world.did(world.root(), People::RemoveMembers { account, users: vec![last] });
    assert_eq!(invite(&mut world, account, "more@example.com"), Ok(()));
    crowd(&mut world, account, LISTED_MAX - PENDING_MAX - 1, MembershipState::Active);
    assert_eq!(create(&mut world, account, "eve"), Err(Refused::FieldInvalid));
    world.did(world.root(), People::RemoveMembers { account, users: vec![ada] });
    create(&mut world, account, "eve").expect("there is room again");
}

#[test]
fn an_account_that_was_left_by_very_many_takes_in_no_more() {
    let mut world = World::new();
    let account = world.customer("Org");
    crowd(&mut world, account, EVER_MAX, MembershipState::Removed);
    let (email, user) = ("more@example.com".to_owned(), UserId(world.draw()));
    let invite = People::InviteUser { account, email, role: Role::Viewer, user };
    let made = People::CreateUser(new_user(user, account, "ada", Role::Viewer));
    for command in [invite, made] {
        let answer = world.attempt(world.root(), &Command::People(Box::new(command)));
        assert!(matches!(answer, Err(Fault::Refused { refused: Refused::FieldInvalid, .. })), "{answer:?}");
    }
}

#[test]
fn nobody_is_asked_by_more_than_a_hundred_at_once() {
    let mut world = World::new();
    let accounts: Vec<_> = (0..=INVITED_MAX).map(|number| world.customer(&format!("Org {number}"))).collect();
    world.personal("ada");
    for address in ["ada@example.com", "nobody@example.com"] {
        for account in &accounts[1..] {
            world.invited(*account, address);
        }
        assert_eq!(invite(&mut world, accounts[0], address), Err(Refused::FieldInvalid), "{address}");
        assert_eq!(invite(&mut world, accounts[1], address), Ok(()), "{address}: it is one of them");
        let users = vec![world.named(address).id];
        world.did(world.root(), People::RemoveMembers { account: accounts[1], users });
        assert_eq!(invite(&mut world, accounts[0], address), Ok(()), "{address}");
    }
}

#[test]
fn an_owner_is_found_among_many() {
    let mut world = World::new();
    let account = world.customer("Org");
    crowd(&mut world, account, 1200, MembershipState::Active);
    let (former, user) = (world.owner(account, "former"), world.user(account, "heir", Role::Viewer));
    world.did(world.root(), People::HandOver { account, user });
    let standings = [former, user].map(|user| world.part(account, user).standing);
    assert_eq!(standings, [Standing::None, Standing::Owner]);
}
