//! API tokens.

use super::world::World;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_ledger::{Command, Fault};
use leasehold_protocol::{Refused, Time};

#[test]
fn a_token_is_an_administrators_to_give_and_to_take() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let token = Token {
        id: TokenId(world.draw()),
        hash: [7; 32],
        name: "ci".into(),
        account: customer,
        role: Role::Operator,
        created: world.now,
        expires: None,
    };
    let operator = world.member(customer, Role::Operator);
    let create = Command::CreateToken(token.clone());
    assert_eq!(world.run(operator.clone(), create.clone()), Err(Refused::AdminOnly));
    let past = Command::CreateToken(Token { expires: Some(Time(1)), ..token.clone() });
    assert_eq!(world.run(world.root(), past), Err(Refused::FieldInvalid));
    world.done(world.root(), create);
    let revoke = Command::RevokeToken { token: token.id };
    assert_eq!(world.run(operator, revoke.clone()), Err(Refused::AdminOnly));
    let told = world.events_of(|world| world.done(world.root(), revoke.clone()));
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::TokenRevoked]);
    assert_eq!(world.run(world.root(), revoke), Err(Refused::OutOfReach));
}

#[test]
fn a_token_is_found_by_its_id_and_is_gone_once_revoked() {
    let mut world = World::new();
    let account = world.customer("Customer");
    let token = |world: &mut World| {
        let id = TokenId(world.draw());
        let mut hash = [0; 32];
        hash[..16].copy_from_slice(id.bytes());
        let (name, created) = ("token".to_owned(), Time(0));
        let token = Token { id, hash, name, account, role: Role::Viewer, created, expires: None };
        world.attempt(world.root(), &Command::CreateToken(token.clone())).map(|_| token)
    };
    let first = token(&mut world).expect("room for one");
    world.done(world.root(), Command::CreateToken(first.clone()));
    world.done(world.root(), Command::RevokeToken { token: first.id });
    let again = world.attempt(world.root(), &Command::RevokeToken { token: first.id });
    assert!(matches!(again, Err(Fault::Refused { refused: Refused::OutOfReach, .. })), "{again:?}");
}
