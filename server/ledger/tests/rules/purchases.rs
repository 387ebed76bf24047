//! Orders and what is bought by them (A63, V2, V3, H1, T6, T7).

use super::world::{SKU, World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::lot::{LINES_MAX, Line};
use leasehold_ledger::rule::revision::ProductChange;
use leasehold_protocol::units::COUNT_MAX;
use leasehold_protocol::{Refused, Units};

#[test]
fn a63_the_vendor_mints_and_a_reseller_does_not() {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let customer = world.create_account(world.root(), reseller, AccountKind::EndCustomer, "Customer");
    let line = world.line(SKU, units(5, 0));
    let purchase = world.purchase(customer, vec![line]);
    let by = |account| world.member(account, Role::Admin);
    let (theirs, ours) = (by(reseller), world.member(world.vendor, Role::Operator));
    assert_eq!(world.run(theirs, Command::Mint(purchase.clone())), Err(Refused::AdminOnly));
    assert_eq!(world.run(ours, Command::Mint(purchase.clone())), Err(Refused::AdminOnly));
    let told = world.events_of(|world| world.done(world.root(), Command::Mint(purchase.clone())));
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::UnitsMinted]);
    assert_eq!(world.holding(purchase.lines[0].lot).units, units(5, 0));
}

#[test]
fn v2_an_entitlement_id_is_used_once() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let (first, second) = (world.line(SKU, units(1, 0)), world.line(SKU, units(1, 0)));
    let purchase = world.purchase(customer, vec![first]);
    world.done(world.root(), Command::Mint(purchase.clone()));
    let again = Command::Mint(leasehold_ledger::rule::lot::Purchase { lines: vec![second], ..purchase });
    assert_eq!(world.run(world.root(), again), Err(Refused::NameTaken));
}

#[test]
fn t7_a_code_is_used_once_even_within_one_order() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let first = world.line(SKU, units(1, 0));
    let twin = Line { code: first.code.clone(), ..world.line(SKU, units(1, 0)) };
    let purchase = world.purchase(customer, vec![first, twin]);
    assert_eq!(world.run(world.root(), Command::Mint(purchase)), Err(Refused::KeyTaken));
}

#[test]
fn an_order_without_lines_units_or_a_future_is_refused() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let mut refused = |change: &dyn Fn(&mut Line)| {
        let mut line = world.line(SKU, units(1, 0));
        change(&mut line);
        let purchase = world.purchase(customer, vec![line]);
        world.run(world.root(), Command::Mint(purchase)).expect_err("it is no purchase")
    };
    assert_eq!(refused(&|line| line.units = Units::default()), Refused::BadQuantity);
    assert_eq!(refused(&|line| line.units = Units::of("seat", 1).expect("good")), Refused::BadQuantity);
    assert_eq!(refused(&|line| line.expires = Some(leasehold_protocol::Time(1))), Refused::FieldInvalid);
    assert_eq!(refused(&|line| line.code = "short".into()), Refused::KeyFormat);
    assert_eq!(refused(&|line| line.sku = "unknown".into()), Refused::OutOfReach);
    for lines in [0, LINES_MAX + 1] {
        let lines = (0..lines).map(|_| world.line(SKU, units(1, 0))).collect();
        let purchase = world.purchase(customer, lines);
        assert_eq!(world.run(world.root(), Command::Mint(purchase)), Err(Refused::BadQuantity));
    }
}

#[test]
fn more_units_than_can_be_counted_are_a_bad_quantity() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lines = vec![world.line(SKU, units(COUNT_MAX, 0)), world.line(SKU, units(1, 0))];
    let purchase = world.purchase(customer, lines);
    assert_eq!(world.run(world.root(), Command::Mint(purchase)), Err(Refused::BadQuantity));
    let (large, small) = (world.mint(customer, units(COUNT_MAX, 0)), world.mint(customer, units(1, 0)));
    world.convert(large.id);
    assert_eq!(world.try_convert(small.id, false), Err(Refused::BadQuantity));
}

#[test]
fn only_free_units_leave_the_books() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(5, 5));
    let mut console = super::console::Console::new(1);
    let wanted =
        leasehold_protocol::activate::Activate { wanted: Some(units(3, 0)), ..console.activate(&world, &lot.code) };
    super::console::leased(world.send_activate(&wanted, None)).expect("three of five");
    let retire = |world: &mut World, units| world.run(world.root(), Command::Retire { lot: lot.id, units }).map(drop);
    assert_eq!(retire(&mut world, units(3, 0)), Err(Refused::InsufficientUnits));
    assert_eq!(retire(&mut world, Units::default()), Err(Refused::BadQuantity));
    assert_eq!(retire(&mut world, units(2, 5)), Ok(()));
    assert_eq!(world.holding(lot.id).retired, units(2, 5));
    world.days(14);
    assert_eq!(retire(&mut world, units(3, 0)), Ok(()), "the lease has ended");
    let stranger = world.member(customer, Role::Admin);
    let retired = world.run(stranger, Command::Retire { lot: lot.id, units: units(1, 0) });
    assert_eq!(retired, Err(Refused::AdminOnly));
}

#[test]
fn a_product_is_made_once_by_the_vendor_and_must_be_possible() {
    let mut world = World::new();
    let good = product("OBS-STD", "Standard");
    let mut refused = |change: &dyn Fn(&mut Product)| {
        let mut product = good.clone();
        change(&mut product);
        world.run(world.root(), Command::CreateProduct(product)).expect_err("it is no product")
    };
    assert_eq!(refused(&|product| product.sku = SKU.into()), Refused::NameTaken);
    assert_eq!(refused(&|product| product.sku = " x".into()), Refused::FieldInvalid);
    assert_eq!(refused(&|product| product.kinds.clear()), Refused::FieldInvalid);
    assert_eq!(refused(&|product| product.kinds = vec!["a".into(), "a".into()]), Refused::FieldInvalid);
    assert_eq!(refused(&|product| product.kinds = vec!["a b".into()]), Refused::FieldInvalid);
    assert_eq!(refused(&|product| product.lease_term = 59), Refused::FieldInvalid);
    assert_eq!(refused(&|product| product.features = vec!["f".into(); 33]), Refused::FieldInvalid);
    let customer = world.customer("Customer");
    let theirs = world.member(customer, Role::Admin);
    assert_eq!(world.run(theirs, Command::CreateProduct(good.clone())), Err(Refused::AdminOnly));
    world.done(world.root(), Command::CreateProduct(good));
}

#[test]
fn products_of_one_compat_are_sold_for_the_same_term() {
    let mut world = World::new();
    let of_the_same = |sku: &str| Product { compat: product(SKU, "OEM").compat, ..product(sku, "another") };
    for other in [
        Product { term: Term::Annual, ..of_the_same("YEAR") },
        Product { term: Term::Trial, term_days: Some(14), ..of_the_same("TRY") },
        Product { kind: ProductKind::Support, ..of_the_same("SUP") },
    ] {
        assert_eq!(world.run(world.root(), Command::CreateProduct(other)), Err(Refused::TermMismatch));
    }
    world.done(world.root(), Command::CreateProduct(of_the_same("PLAIN")));
}

#[test]
fn a_product_has_no_longer_leases_than_the_key_in_use_may_sign() {
    let mut world = World::new();
    world.lease_term_max = product(SKU, "OEM").lease_term - 1;
    let (root, long) = (world.root(), product("LONG", "Long"));
    assert_eq!(world.run(root.clone(), Command::CreateProduct(long.clone())), Err(Refused::FieldInvalid));
    let short = Product { lease_term: world.lease_term_max, ..long };
    world.done(root.clone(), Command::CreateProduct(short.clone()));
    let change = ProductChange { lease_term: Some(short.lease_term + 1), ..ProductChange::default() };
    let longer = Command::UpdateProduct { sku: "LONG".into(), change: Box::new(change) };
    assert_eq!(world.run(root, longer), Err(Refused::FieldInvalid));
}

#[test]
fn a_store_is_set_up_once() {
    let mut world = World::new();
    let installation = Installation { iss: "other".into(), vendor: world.vendor, epoch: 1, created: world.now };
    let again = Command::SetUp { installation, vendor: "Other".into() };
    assert_eq!(world.run(world.root(), again), Err(Refused::Irreversible));
}
