//! The account tree: who creates, changes and reaches whom (A11-A20, A25, T33, V12-V17).

use super::world::{SKU, World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::Fault;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::account::DEPTH_MAX;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::Profile;
use leasehold_protocol::{Refused, Time};

#[test]
fn a14_the_tree_has_eight_levels_and_an_end_customer_has_nothing_below() {
    let mut world = World::new();
    let (mut above, mut actor) = (world.vendor, world.root());
    for level in 1..DEPTH_MAX {
        above = world.create_account(actor, above, AccountKind::Reseller, &format!("Level {level}"));
        actor = world.member(above, Role::Admin);
    }
    let deeper = world.try_account(actor, above, AccountKind::Reseller, "Too deep");
    assert_eq!(deeper, Err(Refused::FieldInvalid));
    let customer = world.customer("Customer");
    let below = world.try_account(world.root(), customer, AccountKind::EndCustomer, "Below");
    assert_eq!(below, Err(Refused::NotReseller));
    let second = world.try_account(world.root(), world.vendor, AccountKind::Vendor, "Second vendor");
    assert_eq!(second, Err(Refused::NotReseller));
}

#[test]
fn a15_names_are_unique_under_one_parent_and_free_again_after_a_rename() {
    let mut world = World::new();
    let first = world.customer("Caf\u{e9}");
    let twin =
        |world: &mut World| world.try_account(world.root(), world.vendor, AccountKind::EndCustomer, " CAFE\u{301} ");
    assert_eq!(twin(&mut world), Err(Refused::NameTaken));
    let reseller = world.reseller("Reseller");
    world.create_account(world.root(), reseller, AccountKind::EndCustomer, "Caf\u{e9}");
    let update = |name: &str| Command::UpdateAccount {
        account: first,
        profile: Profile { name: name.into(), ..Profile::default() },
    };
    world.done(world.root(), update("CAF\u{c9}"));
    assert_eq!(twin(&mut world), Err(Refused::NameTaken));
    world.done(world.root(), update("Other"));
    twin(&mut world).expect("the name is free");
}

#[test]
fn a15_an_empty_or_unprintable_name_is_refused() {
    let mut world = World::new();
    for name in ["", "  ", "a\nb", &"x".repeat(129)] {
        let created = world.try_account(world.root(), world.vendor, AccountKind::EndCustomer, name);
        assert_eq!(created, Err(Refused::FieldInvalid), "{name:?}");
    }
}

#[test]
fn v12_an_account_reaches_what_stands_below_it_and_nothing_else() {
    let mut world = World::new();
    let (ours, theirs) = (world.reseller("Ours"), world.reseller("Theirs"));
    let customer = world.create_account(world.root(), theirs, AccountKind::EndCustomer, "Customer");
    let admin = world.member(ours, Role::Admin);
    let create = |world: &mut World, parent| world.try_account(admin.clone(), parent, AccountKind::EndCustomer, "New");
    assert_eq!(create(&mut world, theirs), Err(Refused::OutOfReach));
    let vendor = world.vendor;
    assert_eq!(create(&mut world, vendor), Err(Refused::OutOfReach));
    assert_eq!(create(&mut world, customer), Err(Refused::OutOfReach));
    assert!(create(&mut world, ours).is_ok());
    let above = world.member(customer, Role::Admin);
    assert_eq!(world.try_account(above, theirs, AccountKind::EndCustomer, "New"), Err(Refused::OutOfReach));
}

#[test]
fn a49_only_an_administrator_changes_accounts() {
    let mut world = World::new();
    for role in [Role::Viewer, Role::Operator] {
        let actor = world.member(world.vendor, role);
        let created = world.try_account(actor, world.vendor, AccountKind::EndCustomer, "New");
        assert_eq!(created, Err(Refused::AdminOnly));
    }
    let customer = world.customer("Customer");
    let viewer = world.member(customer, Role::Viewer);
    let id = HoldingId(world.draw());
    let create =
        Command::CreatePool { id, account: customer, name: "Pool".into(), sku: SKU.into(), free_on: FreeOn::Fetch };
    assert_eq!(world.run(viewer, create), Err(Refused::ForbiddenRole));
}

#[test]
fn v17_nobody_widens_its_own_rights() {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let own = world.member(reseller, Role::Admin);
    let profile = Profile { name: "Reseller".into(), may_create_resellers: true, ..Profile::default() };
    let update = Command::UpdateAccount { account: reseller, profile };
    assert_eq!(world.run(own.clone(), update), Err(Refused::AdminOnly));
    let status = Command::SetAccountStatus { account: reseller, status: AccountStatus::Inactive };
    assert_eq!(world.run(own, status), Err(Refused::AdminOnly));
}

#[test]
fn a25_who_may_not_create_customers_does_not() {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let profile = Profile { name: "Reseller".into(), ..Profile::default() };
    world.done(world.root(), Command::UpdateAccount { account: reseller, profile });
    let own = world.member(reseller, Role::Admin);
    for kind in [AccountKind::EndCustomer, AccountKind::Reseller] {
        assert_eq!(world.try_account(own.clone(), reseller, kind, "New"), Err(Refused::NotReseller));
    }
}

#[test]
fn t33_a_product_must_be_allowed_by_every_account_above() {
    let mut world = World::new();
    world.done(world.root(), Command::CreateProduct(product("OBS-STD", "Standard")));
    let reseller = world.reseller("Reseller");
    let customer = world.create_account(world.root(), reseller, AccountKind::EndCustomer, "Customer");
    let products = Some(["OBS-STD".to_owned()].into());
    let profile = Profile { name: "Reseller".into(), products, ..Profile::default() };
    world.done(world.root(), Command::UpdateAccount { account: reseller, profile });
    assert_eq!(world.try_pool(customer, "Pool", SKU), Err(Refused::ProductNotAllowed));
    world.try_pool(customer, "Pool", "OBS-STD").expect("it is allowed");
    let unknown = Profile { name: "Reseller".into(), products: Some(["none".to_owned()].into()), ..Profile::default() };
    let update = Command::UpdateAccount { account: reseller, profile: unknown };
    assert_eq!(world.run(world.root(), update), Err(Refused::OutOfReach));
}

#[test]
fn i13_changing_nothing_writes_nothing() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let before = world.rows();
    let profile = Profile { name: "Customer".into(), ..Profile::default() };
    world.done(world.root(), Command::UpdateAccount { account: customer, profile });
    world.set_status(customer, AccountStatus::Active);
    // the name's index row is written again as it was
    assert_eq!(world.rows(), before);
}

#[test]
fn a19_an_inactive_account_gets_nothing_new() {
    let mut world = World::new();
    let (customer, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(5, 0));
    let lot = world.mint(customer, units(1, 0));
    world.set_status(customer, AccountStatus::Inactive);
    assert_eq!(world.try_pool_key(pool, "Other", units(1, 0)).map(drop), Err(Refused::AccountInactive));
    assert_eq!(world.try_key_quota(key.id, units(6, 0)), Err(Refused::AccountInactive));
    assert_eq!(world.try_key_quota(key.id, units(4, 1)), Err(Refused::AccountInactive), "it raises one kind");
    assert_eq!(world.try_pool(customer, "Other", SKU), Err(Refused::AccountInactive));
    assert_eq!(world.try_pool_quota(pool, units(9, 9)), Err(Refused::AccountInactive));
    assert_eq!(world.try_convert(lot.id, false), Err(Refused::AccountInactive));
    let mut console = super::console::Console::new(1);
    assert_eq!(world.activate(&mut console, &key.code).map(drop), Err(Refused::AccountInactive));
    assert_eq!(world.try_key_quota(key.id, units(4, 0)), Ok(()), "lowering is no new thing");
    world.stop(key.id);
    assert_eq!(world.delete_key(key.id), Ok(()));
}

#[test]
fn an_inactive_account_above_stops_nothing_below() {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let customer = world.create_account(world.root(), reseller, AccountKind::EndCustomer, "Customer");
    let stock = world.pooled(customer, units(5, 5));
    let key = world.pool_key(stock, "Key", units(5, 5));
    world.set_status(reseller, AccountStatus::Inactive);
    let mut console = super::console::Console::new(1);
    world.activate(&mut console, &key.code).expect("the customer is active");
    let own = world.member(reseller, Role::Admin);
    let new = world.try_account(own, reseller, AccountKind::EndCustomer, "New");
    assert_eq!(new.map(drop), Err(Refused::AccountInactive));
}

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
fn v17_nobody_gives_a_right_that_the_account_above_does_not_have() {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let own = Profile { name: "Reseller".into(), may_create_resellers: true, ..Profile::default() };
    world.done(world.root(), Command::UpdateAccount { account: reseller, profile: own });
    let actor = world.member(reseller, Role::Admin);
    let wider = world.try_account(actor, reseller, AccountKind::Reseller, "Wider");
    assert_eq!(wider, Err(Refused::NotReseller));
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
