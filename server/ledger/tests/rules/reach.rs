//! How far an account reaches: to people whom others have taken in, to what they do there, and down a tree of resellers.

use super::staff::new_user;
use super::world::World;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::ProfileChange;
use leasehold_protocol::Refused;

/// A user in a personal account of its own below `parent`, made there.
fn made_below(world: &mut World, parent: AccountId, name: &str) -> (UserId, AccountId) {
    let (id, account) = (UserId(world.draw()), AccountId(world.draw()));
    let place = Place::Personal { account, parent, name: format!("{name}'s own") };
    let new = NewUser { place, ..new_user(id, account, name, Role::Viewer) };
    let maker = world.member(parent, Role::Admin);
    world.did(maker, People::CreateUser(new));
    (id, account)
}

/// What is done to a user by those who administer it.
fn care(user: UserId) -> [People; 4] {
    let phone = Some("+49 30 1".to_owned());
    [
        People::SetUserState { user, state: UserState::Locked },
        People::SetUserState { user, state: UserState::Active },
        People::DropTotp { user },
        People::UpdateUser { user, change: UserChange { phone, ..UserChange::default() } },
    ]
}

fn cares(world: &mut World, actor: &Actor, user: UserId) -> [Result<(), Refused>; 4] {
    care(user).map(|command| world.people(actor.clone(), command).map(drop))
}

#[test]
fn whoever_made_somebody_looks_after_it_no_more_once_an_organisation_elsewhere_took_it_in() {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let (user, own) = made_below(&mut world, reseller, "ada");
    let near = world.create_account(world.root(), reseller, AccountKind::EndCustomer, "Near");
    let (maker, root, vendor) = (world.member(reseller, Role::Admin), world.root(), world.vendor);
    assert_eq!(cares(&mut world, &maker, user), [Ok(()); 4], "it stands below the maker alone");
    world.joins(near, user);
    assert_eq!(cares(&mut world, &maker, user), [Ok(()); 4], "the organisation stands there too");
    world.did(maker.clone(), People::DisableMember { account: near, user });
    for far in [world.customer("Far"), vendor] {
        world.joins(far, user);
        for actor in [maker.clone(), world.member(own, Role::Admin)] {
            assert_eq!(cares(&mut world, &actor, user), [Err(Refused::AdminOnly); 4], "{actor:?}");
        }
        let low = world.member(reseller, Role::Operator);
        assert_eq!(cares(&mut world, &low, user), [Err(Refused::AdminOnly); 4]);
        let stranger = world.member(near, Role::Admin);
        assert_eq!(cares(&mut world, &stranger, user), [Err(Refused::OutOfReach); 4], "it is disabled there");
        assert_eq!(cares(&mut world, &root, user), [Ok(()); 4]);
        world.did(world.root(), People::RemoveMembers { account: far, users: vec![user] });
    }
    world.joins(vendor, user);
    world.did(maker.clone(), People::RemoveMembers { account: near, users: vec![user] });
    assert_eq!(world.part(near, user).state, MembershipState::Removed, "one's own list stays one's own");
    world.did(world.root(), People::RemoveMembers { account: vendor, users: vec![user] });
    assert_eq!(cares(&mut world, &maker, user), [Ok(()); 4], "it is the maker's alone again");
}

#[test]
fn where_somebody_is_disabled_nothing_is_heard_of_what_it_does_elsewhere() {
    let mut world = World::new();
    let (first, second) = (world.customer("First"), world.customer("Second"));
    let user = world.user(first, "ada", Role::Viewer);
    let heard = |world: &mut World| {
        let told = world.events_of(|world| {
            world.session(user, "first");
            world.did(world.alone(user), People::RequestEmail { to: "new@example.com".into() });
        });
        assert_eq!(told.len(), 2);
        told.into_iter().map(|event| event.accounts).collect::<Vec<_>>()
    };
    world.did(world.root(), People::DisableMember { account: first, user });
    assert_eq!(heard(&mut world), [[first], [first]], "it is nowhere else");
    world.joins(second, user);
    assert_eq!(heard(&mut world), [[second], [second]]);
}

#[test]
fn whoever_is_disabled_here_and_active_elsewhere_is_not_signed_out_by_being_removed_here() {
    let mut world = World::new();
    let (first, second) = (world.customer("First"), world.customer("Second"));
    let user = world.user(first, "ada", Role::Viewer);
    world.did(world.root(), People::DisableMember { account: first, user });
    world.joins(second, user);
    world.session(user, "first");
    let open = world.secrets(user);
    world.did(world.root(), People::RemoveMembers { account: first, users: vec![user] });
    assert_eq!(world.secrets(user), open);
    world.did(world.root(), People::RemoveMembers { account: second, users: vec![user] });
    assert_eq!(world.secrets(user), vec![]);
}

#[test]
fn what_becomes_of_an_invitations_mail_is_told_to_the_inviting_account_and_to_no_other() {
    let mut world = World::new();
    let (home, inviting) = (world.customer("Home"), world.customer("Inviting"));
    let user = world.user(home, "ada", Role::Viewer);
    world.invited(inviting, "ada@example.com");
    let mail = world.mail(user, MailKind::Invitation).id;
    let job = || Actor::system("job mail");
    let (error, next_try) = ("no such mailbox".to_owned(), None);
    let told = world.events_of(|world| {
        world.try_link(mail).expect("it is pending");
        world.did(job(), People::MailFailed { mail, error, next_try });
        world.did(job(), People::MailSent { mail });
    });
    let verbs = [Verb::LinkIssued, Verb::MailFailed, Verb::MailSent];
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), verbs);
    assert!(told.iter().all(|event| event.accounts == [inviting]), "{told:?}");
    assert_eq!(told[0].fact("user"), Some("ada@example.com"), "what else she is called is not theirs to read");
    let told = world.events_of(|world| {
        world.reset_link(user);
    });
    assert!(told.iter().all(|event| event.accounts == [home]), "{told:?}");
}

#[test]
fn a_right_that_was_taken_from_a_reseller_is_none_of_those_below_it() {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let own = world.member(reseller, Role::Admin);
    let below = world.create_account(own.clone(), reseller, AccountKind::Reseller, "Below");
    let right = |may| {
        let (may_create_customers, may_create_resellers) = (Some(may), Some(may));
        let change = ProfileChange { may_create_customers, may_create_resellers, ..ProfileChange::default() };
        Command::UpdateAccount { account: reseller, change }
    };
    world.done(world.root(), right(false));
    for actor in [own.clone(), world.member(below, Role::Admin), world.root()] {
        for kind in [AccountKind::EndCustomer, AccountKind::Reseller] {
            assert_eq!(world.try_account(actor.clone(), below, kind, "New"), Err(Refused::NotReseller), "{actor:?}");
        }
    }
    world.done(world.root(), right(true));
    world.create_account(own, below, AccountKind::EndCustomer, "New");
}
