//! Lines of orders that go to other accounts (V32-V41).

use super::console::Console;
use super::sharing::{Club, NAMED};
use super::world::{Lot, SKU, World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::line::{LineTransfer, NewLine};
use leasehold_ledger::rule::lot::Line;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Refused, Units};

impl World {
    pub fn line_transfer(&mut self, lot: HoldingId, account: AccountId, units: Units) -> LineTransfer {
        let (id, key, code) = (HoldingId(self.draw()), KeyId(self.draw()), self.code());
        let new = NewLine { lot: id, key, entitlement: format!("T-{code}"), code };
        LineTransfer { lot, units, account, into: None, entitlement: None, new }
    }

    pub fn transfer_line(&mut self, actor: Actor, what: &LineTransfer) -> Result<(), Refused> {
        self.run(actor, Command::TransferLine(Box::new(what.clone()))).map(drop)
    }
}

/// A partner with a line of 10 + 10, and its customer.
fn partner() -> (World, AccountId, Lot, AccountId, Actor) {
    let mut world = World::new();
    let partner = world.reseller("Partner");
    let lot = world.mint(partner, units(10, 10));
    let customer = world.create_account(world.root(), partner, AccountKind::EndCustomer, "Customer");
    let operator = world.member(partner, Role::Operator);
    (world, partner, lot, customer, operator)
}

#[test]
fn v33_v36_some_of_a_line_is_a_new_line_with_an_order_and_a_key_of_its_own() {
    let (mut world, partner, lot, customer, operator) = partner();
    let what = world.line_transfer(lot.id, customer, units(4, 1));
    let told = world.events_of(|world| world.transfer_line(operator, &what).expect("it may"));
    let verbs: Vec<_> = told.iter().map(|event| (event.verb, event.accounts.clone())).collect();
    assert_eq!(verbs, [(Verb::LineTransferred, vec![partner, customer])]);
    let (old, new) = (world.holding(lot.id), world.holding(what.new.lot));
    assert_eq!((old.units, new.units.clone(), new.minted), (units(6, 9), units(4, 1), Units::default()));
    assert_eq!(
        (new.account, new.order.as_deref(), new.key),
        (customer, Some(&*what.new.entitlement), Some(what.new.key))
    );
    let key = world.key(what.new.key);
    assert_eq!((key.account, key.licensee.as_str(), key.kind), (customer, "Customer", KeyKind::ActivationId));
    let lease = world.activate(&mut Console::new(1), &what.new.code).expect("its key activates");
    assert_eq!(lease.grant.units, units(4, 1));
}

#[test]
fn v34_all_of_a_line_goes_with_its_numbers() {
    let (mut world, _, lot, customer, operator) = partner();
    let before = (world.holding(lot.id), world.key(lot.key));
    let what = world.line_transfer(lot.id, customer, units(10, 10));
    world.transfer_line(operator, &what).expect("it may");
    let (after, key) = (world.holding(lot.id), world.key(lot.key));
    assert_eq!((after.account, key.account, key.licensee.as_str()), (customer, customer, "Customer"));
    assert_eq!((after.order, key.code), (before.0.order, before.1.code));
    assert!(world.activate(&mut Console::new(1), &lot.code).is_ok(), "under the key it had");
}

#[test]
fn v34_a_line_that_seats_were_granted_from_stays_with_its_key_and_its_units_get_new_numbers() {
    // what seats had was gone from an account that still had the seats' past
    let mut club = Club::new();
    let lot = club.lot(NAMED, 3);
    let seat = club.seat(lot, club.first);
    club.take(seat.id).expect("it is hers");
    let (account, other) = (club.account, club.world.customer("Other"));
    let what = club.world.line_transfer(lot, other, units(3, 0));
    let root = club.world.root();
    club.world.transfer_line(root, &what).expect("it may");
    assert_eq!((club.world.holding(lot).account, club.world.holding(lot).units), (account, Units::default()));
    assert_eq!(club.world.holding(what.new.lot).units, units(3, 0));
}

#[test]
fn v34_a_line_that_was_on_a_device_before_stays_with_its_key_and_its_units_get_new_numbers() {
    let (mut world, partner, lot, customer, operator) = partner();
    let mut console = Console::new(1);
    world.activate(&mut console, &lot.code).expect("a lease");
    world.release(&mut console).expect("a receipt");
    let what = world.line_transfer(lot.id, customer, units(10, 10));
    world.transfer_line(operator, &what).expect("it may");
    assert_eq!((world.holding(lot.id).account, world.holding(lot.id).units), (partner, Units::default()));
    assert_eq!(world.holding(what.new.lot).units, units(10, 10));
}

#[test]
fn v37_units_join_a_line_of_the_same_product_and_end_only() {
    let (mut world, _, lot, customer, operator) = partner();
    world.done(world.root(), Command::CreateProduct(product("TWIN", "OEM")));
    let theirs = world.mint(customer, units(1, 0));
    let twin = world.line("TWIN", units(1, 0));
    let twin = world.mint_line(customer, twin);
    let dated = Line { expires: Some(world.now.plus(DAY)), ..world.line(SKU, units(1, 0)) };
    let dated = world.mint_line(customer, dated);
    let pooled = world.mint(customer, units(1, 0));
    world.convert(pooled.id);
    let cases = [
        (twin.id, Err(Refused::CompatMismatch)),
        (dated.id, Err(Refused::TermMismatch)),
        (pooled.id, Err(Refused::LicencePooled)),
        (lot.id, Err(Refused::OutOfReach)),
        (theirs.id, Ok(())),
    ];
    for (into, expected) in cases {
        let what = LineTransfer { into: Some(into), ..world.line_transfer(lot.id, customer, units(2, 0)) };
        assert_eq!(world.transfer_line(operator.clone(), &what), expected);
    }
    assert_eq!((world.holding(theirs.id).units, world.holding(lot.id).units), (units(3, 0), units(8, 10)));
}

#[test]
fn v38_units_in_use_stay_where_they_are() {
    let (mut world, _, lot, customer, operator) = partner();
    let mut console = Console::new(1);
    let message =
        leasehold_protocol::activate::Activate { wanted: Some(units(7, 0)), ..console.activate(&world, &lot.code) };
    world.send_activate(&message, None);
    let mut send = |count: Units| {
        let what = world.line_transfer(lot.id, customer, count);
        world.transfer_line(operator.clone(), &what)
    };
    assert_eq!(send(Units::default()), Err(Refused::BadQuantity));
    assert_eq!(send(units(4, 0)), Err(Refused::InsufficientUnits));
    assert_eq!(send(units(3, 0)), Ok(()));
}

#[test]
fn v39_v40_lines_go_down_and_up_by_the_hand_of_a_partner_and_between_ones_own_by_anybodys() {
    let (mut world, partner, lot, customer, operator) = partner();
    let elsewhere = world.customer("Elsewhere");
    let strange = world.line_transfer(lot.id, elsewhere, units(1, 0));
    assert_eq!(world.transfer_line(operator.clone(), &strange), Err(Refused::OutOfReach));
    let down = world.line_transfer(lot.id, customer, units(4, 0));
    let viewer = world.member(partner, Role::Viewer);
    assert_eq!(world.transfer_line(viewer, &down), Err(Refused::ForbiddenRole));
    world.transfer_line(operator.clone(), &down).expect("down");
    let theirs = world.member(customer, Role::Operator);
    let up = LineTransfer { into: Some(lot.id), ..world.line_transfer(down.new.lot, partner, units(1, 0)) };
    assert_eq!(world.transfer_line(theirs.clone(), &up), Err(Refused::OutOfReach));
    let own = world.line_transfer(down.new.lot, customer, units(1, 0));
    world.transfer_line(theirs, &own).expect("between its own");
    world.transfer_line(operator, &up).expect("pulled back");
    assert_eq!(world.holding(lot.id).units, units(7, 10));
}

#[test]
fn h21_the_day_until_which_upgrades_are_free_goes_with_the_units() {
    let (mut world, partner, _, customer, operator) = partner();
    let soon = world.now.plus(30 * DAY).day();
    let lot = world.mint_until(partner, SKU, units(5, 0), soon);
    let what = world.line_transfer(lot.id, customer, units(2, 0));
    world.transfer_line(operator, &what).expect("it may");
    let new = world.holding(what.new.lot);
    assert_eq!((new.upgrade_until, new.bought_until, new.backing), (Some(soon), None, vec![lot.id]));
}
