//! What a licence costs, and what it is made of (T9-T13, T23, T37).

use super::{PRO, STD, Shop, TRIAL, YEAR};
use crate::rules::world::{product, units};
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::{HoldingId, Product, ProductKind, Term, UsedBy};
use leasehold_ledger::rule::license::make::NewLicense;
use leasehold_protocol::Refused;
use leasehold_protocol::time::DAY;

#[test]
fn t11_t13_t37_a_licence_costs_its_units_in_credits_and_no_more_is_made_than_paid_for() {
    let mut shop = Shop::new(10);
    let license = shop.make(STD, 7);
    assert_eq!((shop.credits(STD), shop.world.holding(license).units), (3, units(7, 0)));
    assert_eq!(shop.try_make(STD, 4, None), Err(Refused::InsufficientUnits));
    shop.make(STD, 3);
    assert_eq!((shop.credits(STD), shop.credits(PRO)), (0, 10));
}

#[test]
fn t10_a_trial_says_for_how_many_days_and_nothing_else_does() {
    let mut shop = Shop::new(10);
    assert_eq!(shop.try_make(TRIAL, 1, None), Err(Refused::DurationRequired));
    assert_eq!(shop.try_make(TRIAL, 1, Some(0)), Err(Refused::FieldInvalid));
    assert_eq!(shop.try_make(TRIAL, 1, Some(31)), Err(Refused::FieldInvalid));
    for sku in [STD, YEAR] {
        assert_eq!(shop.try_make(sku, 1, Some(30)), Err(Refused::FieldInvalid), "{sku}");
    }
    let now = shop.world.now;
    let ends = |shop: &mut Shop, sku, days| {
        let id = shop.try_make(sku, 1, days).expect("there are credits");
        shop.world.holding(id).ends
    };
    assert_eq!(ends(&mut shop, TRIAL, Some(5)), Some(now.plus(5 * DAY)));
    assert_eq!(ends(&mut shop, STD, None), None);
    assert_eq!(ends(&mut shop, YEAR, None), Some(now.a_year_later()));
}

#[test]
fn a_key_has_as_many_licences_as_it_may_and_deleted_ones_do_not_count() {
    let mut shop = Shop::new(200);
    let licenses: Vec<_> = (0..64).map(|_| shop.make(STD, 1)).collect();
    assert_eq!(shop.try_make(STD, 1, None), Err(Refused::BadQuantity));
    shop.delete(licenses[7]).expect("nobody has it");
    shop.make(STD, 1);
}

#[test]
fn a_support_a_subscription_and_a_licence_are_made_of_products_sold_as_such() {
    let mut shop = Shop::new(10);
    let sold = |sku: &str, kind, used_by| Product { kind, used_by, term: Term::Annual, ..product(sku, sku) };
    for product in [
        sold("SUP", ProductKind::Support, UsedBy::Device),
        sold("SUB", ProductKind::Subscription, UsedBy::Device),
        sold("SEATS", ProductKind::License, UsedBy::User),
    ] {
        let sku = product.sku.clone();
        shop.world.done(shop.world.root(), Command::CreateProduct(product));
        shop.buy(&sku, 5);
    }
    let kinds = [ProductKind::License, ProductKind::Support, ProductKind::Subscription];
    for (sku, its) in [(STD, Some(kinds[0])), ("SUP", Some(kinds[1])), ("SUB", Some(kinds[2])), ("SEATS", None)] {
        for kind in kinds {
            let (id, key, pool) = (HoldingId(shop.world.draw()), shop.key, shop.pool(sku));
            let (email, comment) = (String::new(), String::new());
            let new = NewLicense { id, key, kind, pool, units: units(1, 0), days: None, email, comment };
            let made = shop.run(LicenseCommand::Make(new));
            assert_eq!(made.is_ok(), its == Some(kind), "{sku} as {kind:?}: {made:?}");
            assert!(made.is_ok() || made == Err(Refused::ProductNotAllowed), "{made:?}");
        }
    }
}
