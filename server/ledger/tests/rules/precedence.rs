//! Where several rules stand against a message, the one that stands first in the list of codes speaks. Every combination of the
//! reasons a device can meet is tried.

use super::console::{Console, leased};
use super::world::{World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::ProfileChange;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::request::Request;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Refused, Units};

const SKU: &str = "STRICT";

/// Every combination of `reasons`, the empty one included.
pub fn subsets(reasons: &[Refused]) -> impl Iterator<Item = Vec<Refused>> {
    (0..1_u32 << reasons.len()).map(|bits| {
        reasons.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, reason)| *reason).collect()
    })
}

/// A customer of a product that is strict about versions and devices.
fn customer(offline: bool) -> (World, AccountId) {
    let mut world = World::new();
    let strict = Product {
        min_version: Some("7".into()),
        device_change: DeviceChange::Refused,
        offline,
        ..product(SKU, "Strict")
    };
    world.done(world.root(), Command::CreateProduct(strict));
    let customer = world.customer("Customer");
    (world, customer)
}

fn lot(world: &mut World, customer: AccountId, reasons: &[Refused]) -> super::world::Lot {
    let ends = reasons.contains(&Refused::MaintenanceExpired);
    let until = world.now.plus(if ends { 12 * DAY } else { 400 * DAY }).day();
    world.mint_until(customer, SKU, units(10, 10), until)
}

/// What stands against anything new.
fn bar(world: &mut World, customer: AccountId, key: KeyId, reasons: &[Refused]) {
    if reasons.contains(&Refused::ProductNotAllowed) {
        let change = ProfileChange { products: Some(Some([].into())), ..ProfileChange::default() };
        world.done(world.root(), Command::UpdateAccount { account: customer, change });
    }
    if reasons.contains(&Refused::AccountInactive) {
        world.set_status(customer, AccountStatus::Inactive);
    }
    if reasons.contains(&Refused::KeyStopped) {
        world.stop(key);
    }
}

fn console(number: u8, reasons: &[Refused]) -> Console {
    let mut console = Console { sku: SKU.into(), ..Console::new(number) };
    if reasons.contains(&Refused::VersionTooOld) {
        console.host.version = "6".into();
    }
    console
}

fn wanted(reasons: &[Refused]) -> Option<Units> {
    let some = |yes: bool, units: Units| if yes { units } else { Units::default() };
    let strange = some(reasons.contains(&Refused::BadQuantity), Units::of("seat", 1).expect("good"));
    let many = some(reasons.contains(&Refused::InsufficientUnits), units(99, 0));
    Some(strange.checked_add(&many).expect("small")).filter(|units| !units.is_none())
}

#[test]
fn of_several_reasons_against_an_activation_the_first_in_the_list_speaks() {
    let reasons = [
        Refused::ProductNotAllowed,
        Refused::AccountInactive,
        Refused::BadQuantity,
        Refused::InsufficientUnits,
        Refused::KeyStopped,
        Refused::MaintenanceExpired,
        Refused::VersionTooOld,
        Refused::KeyOnOtherDevice,
    ];
    for reasons in subsets(&reasons) {
        let (mut world, customer) = customer(true);
        let lot = lot(&mut world, customer, &reasons);
        let stock = world.convert(lot.id);
        let key = world.pool_key(stock, "Key", units(10, 10));
        if reasons.contains(&Refused::KeyOnOtherDevice) {
            world.days(5);
            world.activate(&mut console(2, &[]), &key.code).expect("a rival");
            world.days(8);
        } else {
            world.days(13);
        }
        bar(&mut world, customer, key.id, &reasons);
        let mut console = console(1, &reasons);
        let message = Activate { wanted: wanted(&reasons), ..console.activate(&world, &key.code) };
        let answer = leased(world.send_activate(&message, None)).err();
        assert_eq!(answer, reasons.iter().min().copied(), "{reasons:?}");
    }
}

#[test]
fn of_several_reasons_against_a_check_the_first_in_the_list_speaks() {
    let reasons = [
        Refused::KeyStopped,
        Refused::MaintenanceExpired,
        Refused::VersionTooOld,
        Refused::KeyOnOtherDevice,
        Refused::DeviceMismatch,
        Refused::Resync,
    ];
    for reasons in subsets(&reasons) {
        let (mut world, customer) = customer(true);
        let lot = lot(&mut world, customer, &reasons);
        let stock = world.convert(lot.id);
        let key = world.pool_key(stock, "Key", units(10, 10));
        let mut console = console(1, &[]);
        console.host.fingerprint = [("board".to_owned(), [1; 32])].into();
        world.activate(&mut console, &key.code).expect("a lease");
        if reasons.contains(&Refused::KeyOnOtherDevice) {
            world.days(5);
            world.release(&mut console).expect("a receipt");
            world.activate(&mut self::console(2, &[]), &key.code).expect("a rival");
            world.days(8);
        } else {
            world.days(13);
        }
        bar(&mut world, customer, key.id, &reasons);
        if reasons.contains(&Refused::VersionTooOld) {
            console.host.version = "6".into();
        }
        if reasons.contains(&Refused::DeviceMismatch) {
            console.host.fingerprint = [("board".to_owned(), [2; 32])].into();
        }
        let sub = console.sub();
        let (activation, slot) = world.activation(sub);
        let mut check = console.check(&world);
        if reasons.contains(&Refused::Resync) {
            check.proof.held = None;
        } else if activation.cti(slot.seq) != check.proof.held.expect("a lease") {
            check.proof = console.proved(&world, sub);
        }
        let answer = leased(world.send_check(&check, console.held.as_ref())).err();
        assert_eq!(answer, reasons.iter().min().copied(), "{reasons:?}");
    }
}

#[test]
fn of_several_reasons_against_a_licence_file_the_first_in_the_list_speaks() {
    let reasons = [
        Refused::ProductNotAllowed,
        Refused::AccountInactive,
        Refused::BadQuantity,
        Refused::InsufficientUnits,
        Refused::KeyStopped,
        Refused::MaintenanceExpired,
        Refused::OnlineOnly,
        Refused::KeyInUse,
        Refused::VersionTooOld,
    ];
    for reasons in subsets(&reasons) {
        let (mut world, customer) = customer(!reasons.contains(&Refused::OnlineOnly));
        let lot = lot(&mut world, customer, &reasons);
        world.days(10);
        let mut console = console(1, &[]);
        if reasons.contains(&Refused::KeyInUse) {
            world.activate(&mut console, &lot.code).expect("a lease");
        }
        world.days(3);
        bar(&mut world, customer, lot.key, &reasons);
        if reasons.contains(&Refused::VersionTooOld) {
            console.host.version = "6".into();
        }
        let request = Request { wanted: wanted(&reasons), ..console.request(&world, &lot.code) };
        assert_eq!(world.answer(customer, &request).err(), reasons.iter().min().copied(), "{reasons:?}");
    }
}

#[test]
fn a_pooled_licence_is_named_before_its_maintenance_and_after_its_stop() {
    let (mut world, customer) = customer(true);
    let lot = lot(&mut world, customer, &[Refused::MaintenanceExpired]);
    world.convert(lot.id);
    world.days(13);
    let mut console = console(1, &[Refused::VersionTooOld]);
    let request = console.request(&world, &lot.code);
    assert_eq!(world.answer(customer, &request), Err(Refused::LicencePooled));
    assert_eq!(world.activate(&mut console, &lot.code), Err(Refused::LicencePooled));
    world.stop(lot.key);
    let request = console.request(&world, &lot.code);
    assert_eq!(world.answer(customer, &request), Err(Refused::KeyStopped));
    assert_eq!(world.activate(&mut console, &lot.code), Err(Refused::KeyStopped));
}

#[test]
fn a_product_may_be_online_only() {
    let (mut world, customer) = customer(false);
    let lot = lot(&mut world, customer, &[]);
    let mut console = console(1, &[]);
    let request = console.request(&world, &lot.code);
    assert_eq!(world.answer(customer, &request), Err(Refused::OnlineOnly));
}
