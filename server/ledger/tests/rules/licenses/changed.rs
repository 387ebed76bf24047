//! What becomes of a licence and of its credits (T15-T17, T20, T21).

use super::{PRO, STD, Shop, TRIAL, YEAR, YEAR_PRO};
use crate::rules::world::units;
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::{Scope, SettingValue};
use leasehold_ledger::rule::license::edit::LicenseChange;
use leasehold_protocol::{Refused, Units};

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

/// What was burnt is the pool's to tell, and nobody's who draws on it later.
#[test]
fn t21_a_key_that_is_made_in_a_pool_after_credits_were_burnt_starts_with_clean_books() {
    let mut shop = Shop::new(10);
    let license = shop.make(YEAR, 2);
    shop.extend(license).expect("there are credits");
    let key = shop.world.pool_key(shop.pool(YEAR), "Later", units(1, 0));
    assert_eq!(shop.world.holding(key.allotment).retired, Units::default());
    shop.world.check("a key in that pool");
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
