//! API tokens.

use super::world::World;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::token::TOUCH_EVERY;
use leasehold_ledger::record::*;
use leasehold_ledger::store::Store;
use leasehold_ledger::{Command, Fault, view};
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
        scopes: None,
        last_used: None,
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
        let (role, expires, scopes, last_used) = (Role::Viewer, None, None, None);
        let token = Token { id, hash, name, account, role, created, expires, scopes, last_used };
        world.attempt(world.root(), &Command::CreateToken(token.clone())).map(|_| token)
    };
    let first = token(&mut world).expect("room for one");
    world.done(world.root(), Command::CreateToken(first.clone()));
    world.done(world.root(), Command::RevokeToken { token: first.id });
    let again = world.attempt(world.root(), &Command::RevokeToken { token: first.id });
    assert!(matches!(again, Err(Fault::Refused { refused: Refused::OutOfReach, .. })), "{again:?}");
}

#[test]
fn the_use_of_a_token_is_noted_now_and_then_and_never_an_event() {
    let mut world = World::new();
    let (account, id) = (world.customer("Customer"), TokenId(world.draw()));
    let (role, created) = (Role::Viewer, world.now);
    let (expires, scopes, last_used) = (None, None, None);
    let token = Token { id, hash: [1; 32], name: "ci".into(), account, role, created, expires, scopes, last_used };
    world.done(world.root(), Command::CreateToken(token));
    let noted = |world: &mut World, seconds: i64| {
        world.now = world.now.plus(seconds);
        let told = world.events_of(|world| world.done(Actor::system("api"), Command::TouchToken { token: id }));
        assert!(told.is_empty(), "{told:?}");
        let view = world.store.read().expect("memory");
        view::token(view.as_ref(), id).expect("sound").expect("there").last_used
    };
    let first = noted(&mut world, 10);
    assert_eq!(first, Some(world.now));
    assert_eq!(noted(&mut world, TOUCH_EVERY - 1), first);
    assert_eq!(noted(&mut world, 1), Some(world.now));
}
