//! Owner and co-administrator (G32-G35).

use super::members::org;
use super::world::World;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Role, Shown};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;

#[test]
fn g32_g34_the_co_administrator_is_one_of_those_who_take_part() {
    let mut org = org();
    let pending = org.name(org.invited, false);
    assert_eq!(org.tried(org.as_owner(), pending), Err(Refused::NotParticipant));
    let (account, user) = (org.account, org.first);
    org.tried(org.as_owner(), People::DisableMember { account, user }).expect("it takes part");
    let disabled = org.name(user, false);
    assert_eq!(org.tried(org.as_owner(), disabled), Err(Refused::NotParticipant));
    let nobody = People::NameCoAdmin { account, user: UserId(org.world.draw()), replace: false };
    assert_eq!(org.tried(org.as_owner(), nobody), Err(Refused::NotParticipant));
    let second = org.name(org.second, false);
    org.tried(org.as_owner(), second).expect("it takes part");
    assert_eq!(org.standing(org.second), Standing::CoAdmin);
}

#[test]
fn g33_there_is_one_co_administrator_and_a_second_takes_its_place_only_when_told_so() {
    let mut org = org();
    let (first, second) = (org.first, org.second);
    org.tried(org.as_owner(), org.name(first, false)).expect("there is none");
    assert_eq!(org.world.part(org.account, first).acts_as(), Some(Role::Admin), "it acts as an administrator");
    let before = org.world.rows();
    org.tried(org.as_owner(), org.name(first, false)).expect("it is the one");
    assert_eq!(org.world.rows(), before);
    assert_eq!(org.tried(org.as_owner(), org.name(second, false)), Err(Refused::CoAdminExists));
    let co_admin = org.world.person(first, org.account);
    org.tried(co_admin, org.name(second, true)).expect("all but ownership");
    assert_eq!((org.standing(first), org.standing(second)), (Standing::None, Standing::CoAdmin));
    assert_eq!(org.world.part(org.account, first).acts_as(), Some(Role::Viewer), "it falls back to what it was");
}

#[test]
fn g34_whoever_is_disabled_or_removed_is_co_administrator_no_more() {
    for removed in [false, true] {
        let mut org = org();
        let (account, user) = (org.account, org.first);
        org.tried(org.as_owner(), org.name(user, false)).expect("there is none");
        let users = vec![user];
        let end =
            if removed { People::RemoveMembers { account, users } } else { People::DisableMember { account, user } };
        org.tried(org.as_owner(), end).expect("it is not the owner");
        org.tried(org.as_owner(), org.name(org.second, false)).expect("the place is free");
    }
}

#[test]
fn g35_the_owner_is_not_removed_disabled_lowered_locked_or_made_co_administrator() {
    let mut org = org();
    let owner = org.owner;
    let admin = || org.world.person(org.second, org.account);
    let actors = [admin(), org.as_owner(), org.world.root()];
    for actor in actors {
        for command in org.each(owner).into_iter().filter(|one| !matches!(one, People::EnableMember { .. })) {
            assert_eq!(org.tried(actor.clone(), command.clone()), Err(Refused::OwnerProtected), "{command:?}");
        }
    }
    assert_eq!(org.tried(org.world.root(), org.name(owner, false)), Err(Refused::OwnerProtected));
    let second = org.world.person(org.second, org.account);
    let lock = People::SetUserState { user: owner, state: UserState::Locked };
    assert_eq!(org.tried(second.clone(), lock.clone()), Err(Refused::OwnerProtected));
    org.tried(org.world.root(), lock).expect("from above it may be");
}

#[test]
fn g35_ownership_goes_to_a_participant_by_the_owner_or_from_above() {
    let mut org = org();
    let account = org.account;
    let hand_over = |user| People::HandOver { account, user };
    let admin = org.world.person(org.second, account);
    assert_eq!(org.tried(admin, hand_over(org.second)), Err(Refused::AdminOnly));
    let token = org.world.member(account, Role::Admin);
    assert_eq!(org.tried(token, hand_over(org.second)), Err(Refused::AdminOnly));
    org.tried(org.as_owner(), org.name(org.first, false)).expect("there is none");
    let co_admin = org.world.person(org.first, account);
    assert_eq!(org.tried(co_admin, hand_over(org.first)), Err(Refused::AdminOnly), "all but ownership");
    assert_eq!(org.tried(org.as_owner(), hand_over(org.invited)), Err(Refused::NotParticipant));
    org.tried(org.as_owner(), hand_over(org.first)).expect("it takes part");
    assert_eq!((org.standing(org.owner), org.standing(org.first)), (Standing::None, Standing::Owner));
    assert_eq!(org.world.part(account, org.owner).acts_as(), Some(Role::Admin), "the former owner stays administrator");
    org.tried(org.world.root(), hand_over(org.owner)).expect("from above");
    assert_eq!(org.standing(org.owner), Standing::Owner);
}

#[test]
fn in_the_vendors_own_account_the_operator_stands_above_and_no_person_does() {
    let mut world = World::new();
    let account = world.vendor;
    let owner = world.owner(account, "owner");
    let admin = world.user(account, "admin", Role::Admin);
    let take = People::HandOver { account, user: admin };
    let person = world.person(admin, account);
    assert_eq!(world.people(person, take.clone()).map(drop), Err(Refused::AdminOnly));
    let person = world.person(admin, account);
    let lock = People::SetUserState { user: owner, state: UserState::Locked };
    assert_eq!(world.people(person, lock.clone()).map(drop), Err(Refused::OwnerProtected));
    let id = TokenId(world.draw());
    let (name, role, created) = ("ci".to_owned(), Role::Admin, world.now);
    let token = Token { id, hash: [7; 32], name, account, role, created, expires: None, scopes: None, last_used: None };
    world.done(world.person(admin, account), Command::CreateToken(token));
    let program = world.member(account, Role::Admin).showing(Shown::Token(id));
    let name_it = People::NameCoAdmin { account, user: admin, replace: true };
    let drop_it = People::DropTotp { user: owner };
    let refused = [Refused::AdminOnly, Refused::AdminOnly, Refused::OwnerProtected, Refused::OwnerProtected];
    for (command, refused) in [take.clone(), name_it, lock.clone(), drop_it].into_iter().zip(refused) {
        let answer = world.people(program.clone(), command.clone()).map(drop);
        assert_eq!(answer, Err(refused), "an administrator's token is no more than the administrator: {command:?}");
    }
    world.did(world.root(), lock);
    world.did(world.root(), take);
}
