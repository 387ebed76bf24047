//! Licences under activation keys: what they cost, how long they last, what becomes of their credits (T8-T25, T37).

use super::console::Console;
use super::world::{World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::license::edit::LicenseChange;
use leasehold_ledger::rule::license::key::NewActivationKey;
use leasehold_ledger::rule::license::make::NewLicense;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Refused, Units};
use std::collections::BTreeMap;

/// A permanent licence, its dearer edition, a year of support, thirty days on trial.
pub const STD: &str = "STD";
pub const PRO: &str = "PRO";
pub const YEAR: &str = "YEAR";
pub const YEAR_PRO: &str = "YEAR-PRO";
pub const TRIAL: &str = "TRIAL";

/// A reseller with credits of everything.
pub struct Shop {
    pub world: World,
    pub account: AccountId,
    pub key: KeyId,
    pub code: String,
    /// Named pools that have the credits of a product; of others the stock has them.
    pub pools: BTreeMap<&'static str, HoldingId>,
}

impl Shop {
    /// A shop with as many credits of each product.
    pub fn new(credits: u32) -> Self {
        let mut world = World::new();
        let made = |sku: &str, kind, term, term_days| Product { kind, term, term_days, ..product(sku, sku) };
        for product in [
            made(STD, ProductKind::License, Term::Perpetual, None),
            made(PRO, ProductKind::License, Term::Perpetual, None),
            made(YEAR, ProductKind::License, Term::Annual, None),
            made(YEAR_PRO, ProductKind::License, Term::Annual, None),
            made(TRIAL, ProductKind::License, Term::Trial, Some(30)),
        ] {
            world.done(world.root(), Command::CreateProduct(product));
        }
        let account = world.reseller("Reseller");
        let (key, code) = (KeyId(world.draw()), world.code());
        let mut shop = Self { world, account, key, code: code.clone(), pools: BTreeMap::new() };
        for sku in [STD, PRO, YEAR, YEAR_PRO, TRIAL] {
            shop.buy(sku, credits);
        }
        let new = NewActivationKey { id: key, account, code, name: "Example Ltd".into() };
        shop.run(LicenseCommand::CreateKey(new)).expect("the code is free");
        shop
    }

    pub fn buy(&mut self, sku: &str, credits: u32) {
        let line = self.world.line(sku, units(credits, 0));
        let lot = self.world.mint_line(self.account, line);
        self.world.convert(lot.id);
    }

    pub fn run(&mut self, command: LicenseCommand) -> Result<(), Refused> {
        let operator = self.world.member(self.account, Role::Operator);
        self.world.run(operator, Command::License(Box::new(command))).map(drop)
    }

    pub fn pool(&self, sku: &str) -> HoldingId {
        self.pools.get(sku).copied().unwrap_or_else(|| self.world.stock(self.account, sku).id)
    }

    /// Credits that can be spent.
    pub fn credits(&self, sku: &str) -> u32 {
        self.world.holding(self.pool(sku)).free().count("OBM")
    }

    pub fn try_make(&mut self, sku: &str, count: u32, days: Option<u32>) -> Result<HoldingId, Refused> {
        let id = HoldingId(self.world.draw());
        let (email, comment) = ("it@mail.example".to_owned(), "desk 4".to_owned());
        let kind = ProductKind::License;
        let (key, pool) = (self.key, self.pool(sku));
        let new = NewLicense { id, key, kind, pool, units: units(count, 0), days, email, comment };
        self.run(LicenseCommand::Make(new)).map(|()| id)
    }

    pub fn make(&mut self, sku: &str, count: u32) -> HoldingId {
        self.try_make(sku, count, (sku == TRIAL).then_some(30)).expect("there are credits")
    }

    pub fn resize(&mut self, license: HoldingId, count: u32) -> Result<(), Refused> {
        let id = HoldingId(self.world.draw());
        self.run(LicenseCommand::Upgrade { license, units: units(count, 0), pool: None, id })
    }

    pub fn exchange(&mut self, license: HoldingId, sku: &str, count: u32) -> Result<HoldingId, Refused> {
        let (id, pool) = (HoldingId(self.world.draw()), Some(self.pool(sku)));
        self.run(LicenseCommand::Upgrade { license, units: units(count, 0), pool, id }).map(|()| id)
    }

    pub fn extend(&mut self, license: HoldingId) -> Result<(), Refused> {
        self.run(LicenseCommand::Extend { license })
    }

    pub fn delete(&mut self, license: HoldingId) -> Result<(), Refused> {
        self.run(LicenseCommand::Delete { license })
    }

    pub fn console(&self, number: u8, sku: &str) -> Console {
        Console { sku: sku.into(), ..Console::new(number) }
    }

    pub fn activate(&mut self, console: &mut Console) -> Result<Units, Refused> {
        let code = self.code.clone();
        let lease = match self.world.activate(console, &code) {
            Err(Refused::Resync) => self.world.activate_again(console, &code, self.key),
            answer => answer,
        };
        lease.map(|lease| lease.grant.units)
    }
}

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
fn no_lease_outlives_the_licence_it_stems_from() {
    let mut shop = Shop::new(10);
    shop.try_make(TRIAL, 2, Some(5)).expect("there is an allowance");
    let mut console = shop.console(1, TRIAL);
    let now = shop.world.now;
    assert_eq!(shop.activate(&mut console), Ok(units(2, 0)));
    assert_eq!(console.held.as_ref().map(|lease| lease.exp), Some(now.plus(5 * DAY)));
    shop.world.days(5);
    assert_eq!(shop.world.check_in(&mut console), Err(Refused::LicenceLapsed));
}

#[test]
fn t15_more_units_cost_the_difference_and_are_heard_of_at_the_next_check() {
    let mut shop = Shop::new(10);
    let license = shop.make(STD, 2);
    let mut console = shop.console(1, STD);
    shop.activate(&mut console).expect("a lease");
    assert_eq!(shop.resize(license, 11), Err(Refused::InsufficientUnits));
    shop.resize(license, 10).expect("there are credits");
    assert_eq!(shop.credits(STD), 0);
    assert_eq!(shop.world.check_in(&mut console).expect("a lease").grant.units, units(10, 0));
    assert_eq!(shop.resize(license, 0), Err(Refused::BadQuantity));
    shop.resize(license, 4).expect("fewer");
    assert_eq!(shop.credits(STD), 0, "the device carries them until it has fetched the smaller lease");
    assert_eq!(shop.world.check_in(&mut console).expect("a lease").grant.units, units(4, 0));
    shop.world.check_in(&mut console).expect("it shows that it has it");
    assert_eq!(shop.credits(STD), 6);
}

#[test]
fn t15_another_edition_costs_the_difference_between_the_two() {
    let mut shop = Shop::new(10);
    let license = shop.make(STD, 3);
    let mut console = shop.console(1, STD);
    shop.activate(&mut console).expect("a lease");
    let better = shop.exchange(license, PRO, 4).expect("there are credits");
    assert_eq!((shop.credits(STD), shop.credits(PRO)), (7, 6), "three arrive when the old lease ends");
    assert_eq!(shop.world.check_in(&mut console), Err(Refused::LicenceLapsed));
    assert_eq!(shop.resize(license, 1), Err(Refused::OutOfReach), "it was exchanged");
    let kept = shop.world.holding(better);
    assert_eq!((kept.email.as_str(), kept.comment.as_str()), ("it@mail.example", "desk 4"));
    let mut upgraded = shop.console(1, PRO);
    assert_eq!(shop.activate(&mut upgraded), Ok(units(4, 0)), "the same key and device");
    shop.world.days(14);
    shop.world.check_in(&mut upgraded).expect("re-opened");
    shop.buy(STD, 1);
    shop.make(STD, 11);
}

#[test]
fn what_lasts_differently_is_not_exchanged_but_a_trial_becomes_anything() {
    let mut shop = Shop::new(10);
    let year = shop.make(YEAR, 1);
    let ends = shop.world.holding(year).ends;
    assert_eq!(shop.exchange(year, STD, 1), Err(Refused::TermMismatch));
    shop.world.days(100);
    let year = shop.exchange(year, YEAR_PRO, 1).expect("it lasts as long");
    assert_eq!(shop.world.holding(year).ends, ends, "the end stays");
    let trial = shop.make(TRIAL, 1);
    let bought = shop.exchange(trial, STD, 1).expect("from trial to permanent");
    assert_eq!((shop.world.holding(bought).ends, shop.credits(TRIAL), shop.credits(STD)), (None, 10, 9));
    assert_eq!(shop.exchange(bought, TRIAL, 1), Err(Refused::TermMismatch));
    let trial = shop.make(TRIAL, 1);
    let year = shop.exchange(trial, YEAR, 1).expect("from trial to a year");
    assert_eq!(shop.world.holding(year).ends, Some(shop.world.now.a_year_later()));
}

#[test]
fn t16_email_and_comment_are_all_that_is_edited() {
    let mut shop = Shop::new(10);
    let license = shop.make(STD, 1);
    let mut edit = |email: Option<&str>, comment: Option<&str>, other: Option<&str>| {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let change = LicenseChange { email: text(email), comment: text(comment), other: text(other) };
        shop.run(LicenseCommand::Edit { license, change })
    };
    assert_eq!(edit(Some("a@mail.example"), None, Some("units")), Err(Refused::FieldNotEditable));
    assert_eq!(edit(Some("nowhere"), None, None), Err(Refused::FieldInvalid));
    assert_eq!(edit(None, Some(&"x".repeat(1025)), None), Err(Refused::FieldInvalid));
    edit(Some("a@mail.example"), None, None).expect("an address");
    edit(None, Some("desk 5"), None).expect("a comment");
    let edited = shop.world.holding(license);
    assert_eq!((edited.email.as_str(), edited.comment.as_str()), ("a@mail.example", "desk 5"));
}

#[test]
fn t17_a_licence_is_deleted_only_while_no_device_has_it_and_its_credits_return() {
    let mut shop = Shop::new(10);
    let license = shop.make(STD, 4);
    let mut console = shop.console(1, STD);
    shop.activate(&mut console).expect("a lease");
    assert_eq!(shop.delete(license), Err(Refused::LicenceActivated));
    shop.world.days(13);
    assert_eq!(shop.delete(license), Err(Refused::LicenceActivated));
    shop.world.release(&mut console).expect("a receipt");
    shop.delete(license).expect("nobody has it");
    assert_eq!(shop.credits(STD), 10);
    assert_eq!(shop.delete(license), Err(Refused::OutOfReach));
    assert_eq!(shop.activate(&mut console), Err(Refused::KeyInvalid));
    shop.make(STD, 2);
    assert_eq!(shop.activate(&mut console), Ok(units(2, 0)), "the device takes the next one");
}

#[test]
fn t17_a_term_that_was_begun_is_used_and_a_trial_s_allowance_returns() {
    let mut shop = Shop::new(10);
    let unused = shop.make(YEAR, 2);
    shop.delete(unused).expect("nobody has it");
    assert_eq!(shop.credits(YEAR), 10);
    let used = shop.make(YEAR, 3);
    let mut console = shop.console(1, YEAR);
    shop.activate(&mut console).expect("a lease");
    assert_eq!(shop.resize(used, 1), Err(Refused::Irreversible));
    shop.resize(used, 4).expect("more is always good");
    shop.world.release(&mut console).expect("a receipt");
    shop.delete(used).expect("nobody has it");
    assert_eq!((shop.credits(YEAR), shop.world.stock(shop.account, YEAR).quota()), (6, units(6, 0)));
    let trial = shop.make(TRIAL, 5);
    let mut console = shop.console(2, TRIAL);
    shop.activate(&mut console).expect("a lease");
    shop.world.days(30);
    shop.delete(trial).expect("it is over");
    assert_eq!(shop.credits(TRIAL), 10);
    let forgotten = shop.make(YEAR, 1);
    shop.world.days(366);
    shop.delete(forgotten).expect("nobody has it");
    assert_eq!(shop.credits(YEAR), 5, "nobody used it, but its year is over");
}

#[test]
fn t21_what_is_extended_goes_on_from_its_end_and_costs_its_units_again() {
    let mut shop = Shop::new(10);
    let license = shop.make(YEAR, 2);
    let first = shop.world.holding(license).ends.expect("a year");
    shop.world.days(100);
    shop.extend(license).expect("there are credits");
    assert_eq!(shop.world.holding(license).ends, Some(first.a_year_later()), "valid: from its end");
    assert_eq!((shop.credits(YEAR), shop.world.holding(license).units), (6, units(2, 0)));
    let now_bought = shop.world.stock(shop.account, YEAR).quota();
    assert_eq!(now_bought, units(8, 0), "two were burnt");
    shop.world.days(2 * 366);
    let mut console = shop.console(1, YEAR);
    assert_eq!(shop.activate(&mut console), Err(Refused::LicenceLapsed));
    assert_eq!(shop.resize(license, 3), Err(Refused::LicenceLapsed));
    shop.extend(license).expect("over: from its end too");
    assert_eq!(shop.world.holding(license).ends, Some(first.a_year_later().a_year_later()));
    assert_eq!(shop.activate(&mut console), Ok(units(2, 0)));
    shop.make(YEAR, 3);
    assert_eq!(shop.extend(license), Err(Refused::InsufficientUnits));
    let permanent = shop.make(STD, 1);
    assert_eq!(shop.extend(permanent), Err(Refused::FieldNotEditable));
    let trial = shop.make(TRIAL, 1);
    assert_eq!(shop.extend(trial), Err(Refused::FieldNotEditable));
}

#[test]
fn t21_what_is_over_is_extended_from_today_where_the_highest_who_says_anything_says_so() {
    let mut shop = Shop::new(10);
    let license = shop.make(YEAR, 1);
    let says = |shop: &mut Shop, account, word: &str| {
        let changes = vec![("extend_from".to_owned(), Some(SettingValue::Word(word.to_owned())))];
        shop.world.done(shop.world.root(), Command::ChangeSettings { scope: Scope::Account(account), changes });
    };
    shop.world.days(400);
    let own = shop.account;
    says(&mut shop, own, "today");
    let now = shop.world.now;
    shop.extend(license).expect("there are credits");
    assert_eq!(shop.world.holding(license).ends, Some(now.a_year_later()));
    shop.world.days(400);
    let vendor = shop.world.vendor;
    says(&mut shop, vendor, "end");
    shop.extend(license).expect("there are credits");
    assert_eq!(shop.world.holding(license).ends, Some(now.a_year_later().a_year_later()), "the vendor's word counts");
}

#[test]
fn t21_a_console_hears_of_the_new_end_at_its_next_check() {
    let mut shop = Shop::new(10);
    let license = shop.make(YEAR, 1);
    shop.world.days(360);
    let mut console = shop.console(1, YEAR);
    shop.activate(&mut console).expect("a lease");
    let ends = shop.world.holding(license).ends;
    assert_eq!(console.held.as_ref().map(|lease| lease.exp), ends, "no lease outlives the licence");
    shop.world.check_in(&mut console).expect("a plain renewal");
    shop.extend(license).expect("there are credits");
    let lease = shop.world.check_in(&mut console).expect("a lease");
    assert_eq!(lease.exp, shop.world.now.plus(14 * DAY));
}

#[test]
fn of_several_licences_of_a_product_a_device_takes_one_that_is_good_and_stays_with_it() {
    let mut shop = Shop::new(20);
    let over = shop.make(YEAR, 5);
    let mut first = shop.console(1, YEAR);
    assert_eq!(shop.activate(&mut first), Ok(units(5, 0)));
    shop.world.days(366);
    assert_eq!(shop.world.check_in(&mut first), Err(Refused::LicenceLapsed));
    shop.make(YEAR, 2);
    shop.make(YEAR, 1);
    assert_eq!(shop.activate(&mut first), Ok(units(2, 0)), "it goes on with another one of its key");
    let mut second = shop.console(2, YEAR);
    assert_eq!(shop.activate(&mut second), Ok(units(1, 0)), "the other one is taken");
    shop.extend(over).expect("there are credits");
    assert_eq!(shop.activate(&mut first), Ok(units(2, 0)), "it stays with the one it has");
    let mut third = shop.console(3, YEAR);
    assert_eq!(shop.activate(&mut third), Ok(units(5, 0)));
}

#[test]
fn a_licence_that_was_exchanged_back_is_taken_up_by_the_device_that_had_it() {
    let mut shop = Shop::new(10);
    let license = shop.make(STD, 3);
    let mut console = shop.console(1, STD);
    shop.activate(&mut console).expect("a lease");
    let other = shop.exchange(license, PRO, 3).expect("there are credits");
    shop.exchange(other, STD, 3).expect("and back");
    assert_eq!(shop.credits(STD), 4, "three are encumbered by the old lease");
    assert_eq!(shop.activate(&mut console), Ok(units(3, 0)));
    shop.world.check_in(&mut console).expect("it shows that it has the new one");
    assert_eq!(shop.credits(STD), 7, "what the old lease carried arrived");
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
