//! Deleting an account, and enrolment codes.

use super::console::Console;
use super::world::{World, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::*;
use leasehold_ledger::store::Table;
use leasehold_protocol::Refused;

fn delete(world: &mut World, account: AccountId) -> Result<(), Refused> {
    world.run(world.root(), Command::DeleteAccount { account }).map(drop)
}

fn enrolment(world: &mut World, account: AccountId, code: Option<&str>) -> Result<(), Refused> {
    let code = code.map(str::to_owned);
    world.run(world.member(account, Role::Admin), Command::SetEnrolmentCode { account, code }).map(drop)
}

#[test]
fn an_account_that_owns_units_devices_or_accounts_is_not_deleted() {
    let mut world = World::new();
    let vendor = world.vendor;
    assert_eq!(delete(&mut world, vendor), Err(Refused::AccountInUse));
    let reseller = world.reseller("Reseller");
    let child = world.create_account(world.root(), reseller, AccountKind::EndCustomer, "Child");
    assert_eq!(delete(&mut world, reseller), Err(Refused::AccountInUse));
    let lot = world.mint(child, units(1, 0));
    assert_eq!(delete(&mut world, child), Err(Refused::AccountInUse));
    world.done(world.root(), Command::Retire { lot: lot.id, units: units(1, 0) });
    delete(&mut world, child).expect("it owns nothing");
    delete(&mut world, reseller).expect("nobody is below it");
    let used = world.customer("Used");
    let lot = world.mint(used, units(1, 0));
    let mut console = Console::new(1);
    world.activate(&mut console, &lot.code).expect("a lease");
    world.release(&mut console).expect("a receipt");
    world.done(world.root(), Command::Retire { lot: lot.id, units: units(1, 0) });
    assert_eq!(delete(&mut world, used), Err(Refused::AccountInUse), "its device is on record");
}

#[test]
fn a_deleted_account_is_out_of_reach_with_everything_in_it_and_its_name_is_free() {
    let mut world = World::new();
    let account = world.customer("Customer");
    let user = world.owner(account, "ada");
    world.session(user, "first");
    world.invited(account, "b@example.com");
    enrolment(&mut world, account, Some("AAAA-2222-BBBB-3333")).expect("it is free");
    let (id, role, created) = (TokenId(world.draw()), Role::Admin, world.now);
    let token = Token {
        id,
        hash: [7; 32],
        name: "ci".into(),
        account,
        role,
        created,
        expires: None,
        last_used: None,
        scopes: None,
    };
    world.done(world.root(), Command::CreateToken(token));
    let own = world.member(account, Role::Admin);
    assert_eq!(world.run(own, Command::DeleteAccount { account }).map(drop), Err(Refused::AdminOnly));
    let told = world.events_of(|world| delete(world, account).expect("it owns nothing"));
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::AccountDeleted]);
    assert_eq!(delete(&mut world, account), Err(Refused::OutOfReach));
    assert_eq!(world.try_pool(account, "Pool", super::world::SKU), Err(Refused::OutOfReach));
    assert_eq!(world.secrets(user), []);
    let rows = world.rows();
    let left = |table| rows.iter().filter(|(found, ..)| *found == table).count();
    assert_eq!([Table::Tokens, Table::EnrolmentCodes, Table::OutboxDue].map(left), [0, 0, 0]);
    world.customer("Customer");
    let other = world.customer("Other");
    world.invited(other, "ada@example.com");
    let link = world.link(user, MailKind::Invitation);
    world.did(world.alone(user), People::ConfirmInvitation { link, claim: None });
}

#[test]
fn an_enrolment_code_is_an_administrators_to_give_and_is_nobody_elses_code_or_key() {
    let mut world = World::new();
    let (first, second) = (world.customer("First"), world.customer("Second"));
    let code = "AAAA-2222-BBBB-3333";
    enrolment(&mut world, first, Some(&code.to_lowercase())).expect("it is free");
    assert_eq!(world.account(first).enrolment.as_deref(), Some(code));
    let before = world.rows();
    enrolment(&mut world, first, Some(code)).expect("it has it");
    assert_eq!(world.rows(), before);
    assert_eq!(enrolment(&mut world, second, Some(code)), Err(Refused::KeyTaken));
    let key = world.mint(second, units(1, 0)).code;
    assert_eq!(enrolment(&mut world, second, Some(&key)), Err(Refused::KeyTaken));
    assert_eq!(enrolment(&mut world, second, Some("x")), Err(Refused::KeyFormat));
    let line = leasehold_ledger::rule::lot::Line { code: code.into(), ..world.line(super::world::SKU, units(1, 0)) };
    let purchase = world.purchase(second, vec![line]);
    assert_eq!(world.run(world.root(), Command::Mint(purchase)), Err(Refused::KeyTaken));
    let operator = world.member(first, Role::Operator);
    let take = Command::SetEnrolmentCode { account: first, code: None };
    assert_eq!(world.run(operator, take.clone()), Err(Refused::AdminOnly));
    world.set_status(first, AccountStatus::Inactive);
    assert_eq!(enrolment(&mut world, first, Some("CCCC-2222-BBBB-3333")), Err(Refused::AccountInactive));
    let told = world.events_of(|world| world.done(world.root(), take));
    assert!(!format!("{told:?}").contains(code), "no Event has a code");
    world.set_status(first, AccountStatus::Active);
    enrolment(&mut world, second, Some(code)).expect("it is free again");
}
