//! What somebody came in with is good in the moment of the decision, or nothing is done.

use super::world::World;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role, Shown};
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;

/// Something that only an administrator of the account does.
fn invite(world: &mut World, account: AccountId, actor: Actor) -> Result<(), Refused> {
    let user = UserId(world.draw());
    let email = format!("{user}@example.com");
    world.people(actor, People::InviteUser { account, email, role: Role::Viewer, user }).map(drop)
}

#[test]
fn a_token_that_was_revoked_or_has_expired_meanwhile_does_nothing_more() {
    let mut world = World::new();
    let (account, id) = (world.customer("Customer"), TokenId(world.draw()));
    let (created, expires) = (world.now, Some(world.now.plus(60)));
    let (hash, role, name) = ([7; 32], Role::Admin, "ci".to_owned());
    let token = Token { id, hash, name, account, role, created, expires, scopes: None, last_used: None };
    world.done(world.root(), Command::CreateToken(token.clone()));
    let actor = world.member(account, Role::Admin).showing(Shown::Token(id));
    assert_eq!(invite(&mut world, account, actor.clone()), Ok(()));
    world.pass(60);
    assert_eq!(invite(&mut world, account, actor.clone()), Err(Refused::ForbiddenRole), "it has expired");
    world.done(world.root(), Command::RevokeToken { token: id });
    let id = TokenId(world.draw());
    world.done(world.root(), Command::CreateToken(Token { id, expires: None, ..token }));
    let other = actor.clone().showing(Shown::Token(id));
    assert_eq!(invite(&mut world, account, other.clone()), Ok(()));
    world.done(world.root(), Command::RevokeToken { token: id });
    assert_eq!(invite(&mut world, account, other), Err(Refused::ForbiddenRole), "it was revoked");
}

#[test]
fn a_person_who_was_signed_out_or_lowered_meanwhile_does_nothing_more() {
    let mut world = World::new();
    let account = world.customer("Customer");
    let user = world.user(account, "ada", Role::Admin);
    let session = world.session(user, "first");
    let actor = world.person(user, account).showing(Shown::Session(session.hash));
    assert_eq!(invite(&mut world, account, actor.clone()), Ok(()));
    let role = |role| People::SetRole { account, user, role };
    world.did(world.root(), role(Role::Operator));
    assert_eq!(invite(&mut world, account, actor.clone()), Err(Refused::ForbiddenRole), "it is no administrator now");
    world.did(world.root(), role(Role::Admin));
    assert_eq!(invite(&mut world, account, actor.clone()), Ok(()));
    world.did(world.root(), People::RemoveMembers { account, users: vec![user] });
    assert_eq!(invite(&mut world, account, actor), Err(Refused::ForbiddenRole), "it was signed out");
}
