//! The account tree: who creates, changes and reaches whom (A11-A20, A25, T33, V12-V17).

use super::world::{SKU, World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::account::DEPTH_MAX;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::ProfileChange;
use leasehold_protocol::Refused;

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
        change: ProfileChange { name: Some(name.into()), ..ProfileChange::default() },
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
    let narrow = ProfileChange { may_create_resellers: Some(false), ..ProfileChange::default() };
    world.done(world.root(), Command::UpdateAccount { account: reseller, change: narrow });
    let own = world.member(reseller, Role::Admin);
    let change = ProfileChange { may_create_resellers: Some(true), ..ProfileChange::default() };
    let update = Command::UpdateAccount { account: reseller, change };
    assert_eq!(world.run(own.clone(), update), Err(Refused::AdminOnly));
    let status = Command::SetAccountStatus { account: reseller, status: AccountStatus::Inactive };
    assert_eq!(world.run(own, status), Err(Refused::AdminOnly));
}

#[test]
fn g18_an_administrator_edits_name_and_email_of_its_own_account_and_nothing_else() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let own = world.member(customer, Role::Admin);
    let update = |change: ProfileChange| Command::UpdateAccount { account: customer, change };
    let none = ProfileChange::default();
    let email = Some(Some("info@customer.example".to_owned()));
    world.done(own.clone(), update(ProfileChange { name: Some("Renamed".into()), email, ..none.clone() }));
    assert_eq!(world.account(customer).name(), "Renamed");
    let others = [
        ProfileChange { notes: Some("n".into()), ..none.clone() },
        ProfileChange { key_prefix: Some(Some("P".into())), ..none.clone() },
        ProfileChange { products: Some(Some([].into())), ..none.clone() },
        ProfileChange { may_create_customers: Some(true), ..none.clone() },
    ];
    for change in others {
        assert_eq!(world.run(own.clone(), update(change.clone())), Err(Refused::AdminOnly), "{change:?}");
    }
    let operator = world.member(customer, Role::Operator);
    assert_eq!(world.run(operator, update(none)), Err(Refused::AdminOnly));
}

#[test]
fn two_administrators_who_change_different_fields_at_once_lose_nothing() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let none = ProfileChange::default();
    // both saw the account before either changed it
    let changes = [
        ProfileChange { notes: Some("pays late".into()), ..none.clone() },
        ProfileChange { key_prefix: Some(Some("CSV".into())), ..none.clone() },
        ProfileChange { email: Some(Some("a@customer.example".into())), ..none },
    ];
    for change in changes {
        world.done(world.root(), Command::UpdateAccount { account: customer, change });
    }
    let profile = world.account(customer).profile;
    let found =
        (profile.name.as_str(), profile.notes.as_str(), profile.key_prefix.as_deref(), profile.email.as_deref());
    assert_eq!(found, ("Customer", "pays late", Some("CSV"), Some("a@customer.example")));
}

#[test]
fn a25_who_may_not_create_customers_does_not() {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let change = ProfileChange {
        may_create_customers: Some(false),
        may_create_resellers: Some(false),
        ..ProfileChange::default()
    };
    world.done(world.root(), Command::UpdateAccount { account: reseller, change });
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
    let change = ProfileChange { products: Some(products), ..ProfileChange::default() };
    world.done(world.root(), Command::UpdateAccount { account: reseller, change });
    assert_eq!(world.try_pool(customer, "Pool", SKU), Err(Refused::ProductNotAllowed));
    world.try_pool(customer, "Pool", "OBS-STD").expect("it is allowed");
    let unknown = ProfileChange { products: Some(Some(["none".to_owned()].into())), ..ProfileChange::default() };
    let update = Command::UpdateAccount { account: reseller, change: unknown };
    assert_eq!(world.run(world.root(), update), Err(Refused::OutOfReach));
}

#[test]
fn i13_changing_nothing_writes_nothing() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let before = world.rows();
    let change = ProfileChange { name: Some("Customer".into()), ..ProfileChange::default() };
    world.done(world.root(), Command::UpdateAccount { account: customer, change });
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
fn v17_nobody_gives_a_right_that_the_account_above_does_not_have() {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let narrow = ProfileChange { may_create_customers: Some(false), ..ProfileChange::default() };
    world.done(world.root(), Command::UpdateAccount { account: reseller, change: narrow });
    let actor = world.member(reseller, Role::Admin);
    let wider = world.try_account(actor, reseller, AccountKind::Reseller, "Wider");
    assert_eq!(wider, Err(Refused::NotReseller));
}

#[test]
fn a17_the_kind_of_an_account_may_be_named_but_not_changed() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let update = |kind| {
        let name = Some("Renamed".into());
        let change = ProfileChange { kind: Some(kind), name, ..ProfileChange::default() };
        Command::UpdateAccount { account: customer, change }
    };
    for kind in [AccountKind::Reseller, AccountKind::Vendor] {
        assert_eq!(world.run(world.root(), update(kind)), Err(Refused::TypeImmutable));
    }
    world.done(world.root(), update(AccountKind::EndCustomer));
}
