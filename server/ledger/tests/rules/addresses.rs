//! An address that somebody was invited under who never came is in nobody's way.

use super::world::World;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;

const NEW: &str = "new@example.com";

/// Asks for the new address and confirms it.
fn changes(world: &mut World, user: UserId) -> Result<(), Refused> {
    world.did(world.alone(user), People::RequestEmail { to: NEW.into() });
    let link = world.link(user, MailKind::ChangeEmail);
    world.people(Actor::system("sign-in"), People::ConfirmEmail { link }).map(drop)
}

#[test]
fn an_address_under_which_nobody_ever_came_is_its_readers_and_so_are_the_invitations() {
    let mut world = World::new();
    let [first, second, third, fourth] = ["First", "Second", "Third", "Fourth"].map(|name| world.customer(name));
    let (user, _) = world.personal("ada");
    world.joins(second, user);
    let nobody = world.invited(first, NEW);
    let old = world.link(nobody, MailKind::Invitation);
    for account in [second, third, fourth] {
        world.invited(account, NEW);
    }
    world.invited(third, "ada@example.com");
    world.did(world.root(), People::RemoveMembers { account: fourth, users: vec![nobody] });
    world.pass(60);
    changes(&mut world, user).expect("nobody ever came");
    assert_eq!(world.named(NEW).id, user);
    assert_eq!(world.part(first, nobody).since, world.now, "it is off the list from now on");
    let states = [first, second, third].map(|account| world.part(account, user).state);
    assert_eq!(states, [MembershipState::Pending, MembershipState::Active, MembershipState::Pending]);
    assert_eq!(world.members(fourth).len(), 1, "what was taken back stays so");
    for account in [first, second, third, fourth] {
        assert_eq!(world.part(account, nobody).state, MembershipState::Removed);
    }
    assert_eq!((world.secrets(nobody), world.mails(nobody)), (vec![], vec![]));
    let confirm = |link| People::ConfirmInvitation { link, claim: None };
    assert_eq!(world.people(world.alone(user), confirm(old)).map(drop), Err(Refused::LinkInvalid));
    let mails = world.mails(user);
    let mail = mails.iter().find(|mail| mail.account == Some(first)).expect("she is asked again, by a link of her own");
    assert_eq!((mail.kind, mail.to.as_str()), (MailKind::Invitation, NEW));
    world.did(world.root(), People::RemoveMembers { account: second, users: vec![user] });
    let link = world.try_link(mail.id).expect("it is pending");
    world.did(world.alone(user), confirm(link));
    assert_eq!(world.part(first, user).acts_as(), Some(Role::Operator));
}

#[test]
fn an_address_of_somebody_who_came_is_taken() {
    let mut world = World::new();
    let account = world.customer("Org");
    let (user, other) = (world.user(account, "ada", Role::Viewer), world.user(account, "new", Role::Viewer));
    assert_eq!(changes(&mut world, user), Err(Refused::NameTaken));
    world.did(world.root(), People::RemoveMembers { account, users: vec![other] });
    assert_eq!(changes(&mut world, user), Err(Refused::NameTaken), "who has a password was there");
}
