//! Organisations that people make with a permission key in hand (G14-G17), and what personal accounts cannot do (G2).

use super::console::Console;
use super::world::{SKU, World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::lot::Line;
use leasehold_protocol::Refused;

/// A permission key that lies with `account`.
fn permission_key(world: &mut World, account: AccountId) -> String {
    let line = Line { kind: KeyKind::PermissionKey, ..world.line(SKU, units(5, 0)) };
    world.mint_line(account, line).code
}

fn create(world: &mut World, user: UserId, name: &str, code: &str) -> Result<AccountId, Refused> {
    let id = AccountId(world.draw());
    let create = People::CreateOrganisation { id, name: name.into(), code: code.into() };
    world.people(world.alone(user), create).map(|_| id)
}

#[test]
fn g15_g17_a_person_with_a_permission_key_makes_an_organisation_and_owns_it() {
    let mut world = World::new();
    let reseller = world.reseller("Seller");
    let (user, _) = world.personal("ada");
    let code = permission_key(&mut world, reseller);
    let told = world.events().len();
    let org = create(&mut world, user, "Ada & Co", &code.to_lowercase()).expect("the key is good");
    let told = world.events().split_off(told);
    assert_eq!((told.len(), told[0].verb), (1, Verb::OrganisationCreated));
    let account = world.account(org);
    assert_eq!((account.parent, account.kind, account.organisation), (Some(reseller), AccountKind::EndCustomer, true));
    let membership = world.part(org, user);
    assert_eq!((membership.standing, membership.acts_as()), (Standing::Owner, Some(Role::Admin)));
    assert_eq!(create(&mut world, user, "Another", &code), Err(Refused::KeyRedeemed), "one key founds one");
    let code = permission_key(&mut world, reseller);
    assert_eq!(create(&mut world, user, "Another", &code), Err(Refused::UserInOtherOrg));
    let (other, _) = world.personal("eve");
    assert_eq!(create(&mut world, other, "ada & co", &code), Err(Refused::NameTaken));
}

#[test]
fn whose_personal_account_owns_units_makes_no_organisation() {
    let mut world = World::new();
    let seller = world.reseller("Seller");
    let (user, own) = world.personal("ada");
    let code = permission_key(&mut world, seller);
    let lot = world.mint(own, units(1, 0)).id;
    assert_eq!(create(&mut world, user, "Org", &code), Err(Refused::PersonalLicences));
    world.done(world.root(), Command::Retire { lot, units: units(1, 0) });
    create(&mut world, user, "Org", &code).expect("nothing is left behind");
}

#[test]
fn g15_without_a_key_that_is_valid_and_not_redeemed_there_is_no_organisation() {
    let mut world = World::new();
    let (reseller, customer) = (world.reseller("Seller"), world.customer("Customer"));
    let (user, _) = world.personal("ada");
    let good = permission_key(&mut world, reseller);
    let redeemed = permission_key(&mut world, customer);
    let activation_id = world.mint(reseller, units(1, 0)).code;
    let cases = [
        ("", Refused::KeyRequired),
        ("what", Refused::KeyFormat),
        ("ZZZZ-ZZZZ-ZZZZ-ZZZZ", Refused::KeyInvalid),
        (activation_id.as_str(), Refused::KeyInvalid),
        (redeemed.as_str(), Refused::KeyRedeemed),
    ];
    for (code, refused) in cases {
        assert_eq!(create(&mut world, user, "Org", code), Err(refused), "{code:?}");
    }
    let id = AccountId(world.draw());
    let anonymous = People::CreateOrganisation { id, name: "Org".into(), code: good.clone() };
    assert_eq!(world.people(Actor::system("sign-in"), anonymous.clone()).map(drop), Err(Refused::ForbiddenRole));
    assert_eq!(world.people(world.root(), anonymous).map(drop), Err(Refused::ForbiddenRole), "g14: a person first");
    world.set_status(reseller, AccountStatus::Inactive);
    assert_eq!(create(&mut world, user, "Org", &good), Err(Refused::AccountInactive));
    world.set_status(reseller, AccountStatus::Active);
    let key = world.key_named(&good);
    world.stop(key.id);
    assert_eq!(create(&mut world, user, "Org", &good), Err(Refused::KeyStopped));
}

#[test]
fn a_permission_key_is_for_people_and_no_device_gets_anything_for_it() {
    let mut world = World::new();
    let reseller = world.reseller("Seller");
    let code = permission_key(&mut world, reseller);
    assert_eq!(world.activate(&mut Console::new(1), &code), Err(Refused::KeyInvalid));
    let line = Line { kind: KeyKind::PoolKey, ..world.line(SKU, units(1, 0)) };
    let purchase = world.purchase(reseller, vec![line]);
    assert_eq!(world.run(world.root(), Command::Mint(purchase)), Err(Refused::FieldInvalid));
}

#[test]
fn g2_licences_for_organisations_are_not_managed_or_activated_in_a_personal_account() {
    let mut world = World::new();
    world.done(world.root(), Command::CreateProduct(Product { needs_org: true, ..product("FLEX", "Flex") }));
    let (_, own) = world.personal("ada");
    let org = world.customer("Org");
    for (account, expected) in [(own, Err(Refused::OrgRequired)), (org, Ok(()))] {
        let line = world.line("FLEX", units(4, 0));
        let lot = world.mint_line(account, line);
        let mut console = Console { sku: "FLEX".into(), ..Console::new(1) };
        assert_eq!(world.activate(&mut console, &lot.code).map(drop), expected);
        assert_eq!(world.try_pool(account, "Pool", "FLEX").map(drop), expected);
        assert_eq!(world.try_convert(lot.id, false), expected);
    }
    let more = world.line("FLEX", units(2, 0));
    let more = world.mint_line(org, more);
    let stock = world.convert(more.id);
    let to = leasehold_ledger::rule::pool::Destination::New { id: HoldingId(world.draw()), name: None };
    assert_eq!(world.move_to(world.root(), stock, own, to, units(1, 0)), Err(Refused::OrgRequired));
}
