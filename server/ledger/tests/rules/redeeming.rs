//! Permission keys are redeemed once, with everything that was bought under them (G1, G2, G9, G10, G15).

use super::console::Console;
use super::sharing::{Club, FLOAT, NAMED, obm};
use super::world::{SKU, World, product};
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::key::HOLDINGS_MAX;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::ProfileChange;
use leasehold_ledger::rule::lot::Line;
use leasehold_ledger::store::Store;
use leasehold_ledger::view::holdings_of;
use leasehold_protocol::Refused;

/// A seller, and an organisation that is no customer of its.
fn market() -> (World, AccountId, AccountId) {
    let mut world = World::new();
    world.sells_shared();
    let (seller, buyer) = (world.reseller("Seller"), world.customer("Buyer"));
    (world, seller, buyer)
}

fn skus(world: &World, account: AccountId) -> Vec<String> {
    let view = world.store.read().expect("memory");
    let mut skus: Vec<_> =
        holdings_of(view.as_ref(), account).expect("sound").into_iter().map(|one| one.product).collect();
    skus.sort();
    skus
}

#[test]
fn g1_g9_one_key_hands_over_every_lot_it_was_sold_with_and_then_opens_them() {
    let (mut world, seller, buyer) = market();
    let code = world.permission_key(seller, &[(SKU, 2), (NAMED, 3), (SKU, 4)]);
    assert_eq!(world.activate(&mut Console::new(1), &code), Err(Refused::KeyInvalid), "nobody has redeemed it");
    let told = world.events_of(|world| world.redeem(buyer, &code.to_lowercase()).expect("it is good"));
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::KeyRedeemed]);
    assert_eq!(told[0].accounts, [seller, buyer]);
    assert!(told[0].moves.len() == 3 && told[0].moves.iter().all(|moved| moved.from == moved.to), "no unit moves");
    assert_eq!((skus(&world, seller), skus(&world, buyer)), (vec![], vec![NAMED.into(), SKU.into(), SKU.into()]));
    let key = world.key_named(&code);
    assert_eq!((key.account, key.redeemed, key.licensee.as_str()), (buyer, Some(world.now), "Buyer"));
    let mut console = Console::new(1);
    assert_eq!(world.activate(&mut console, &code).expect("a lease").grant.units, obm(4), "the larger of the two lots");
    let mut named = Club::console(2, NAMED);
    assert_eq!(world.activate(&mut named, &code), Err(Refused::KeyInvalid), "named users have seats");
}

#[test]
fn g10_a_key_that_is_unknown_redeemed_or_no_permission_key_is_refused() {
    let (mut world, seller, buyer) = market();
    let code = world.permission_key(seller, &[(SKU, 2)]);
    let other = world.mint(seller, obm(1)).code;
    let third = world.customer("Third");
    for (typed, refused) in [
        ("", Refused::KeyRequired),
        ("what", Refused::KeyFormat),
        ("ZZZZ-ZZZZ-ZZZZ-ZZZZ", Refused::KeyInvalid),
        (other.as_str(), Refused::KeyInvalid),
    ] {
        assert_eq!(world.redeem(buyer, typed), Err(refused), "{typed:?}");
    }
    world.redeem(buyer, &code).expect("it is good");
    for account in [buyer, third, seller] {
        assert_eq!(world.redeem(account, &code), Err(Refused::KeyRedeemed));
    }
}

#[test]
fn g10_a_key_sold_to_a_customer_itself_is_redeemed_there_and_nowhere_else() {
    let (mut world, _, buyer) = market();
    let third = world.customer("Third");
    let code = world.permission_key(buyer, &[(SKU, 2)]);
    assert_eq!(world.redeem(third, &code), Err(Refused::KeyRedeemed));
    world.redeem(buyer, &code).expect("it is its own");
    world.activate(&mut Console::new(1), &code).expect("a lease");
}

#[test]
fn g2_a_key_with_something_shared_or_two_licences_of_a_type_wants_an_organisation() {
    let mut world = World::new();
    world.sells_shared();
    world.done(world.root(), Command::CreateProduct(Product { needs_org: true, ..product("KUDO", "Kudo") }));
    world.done(world.root(), Command::CreateProduct(Product { term: Term::Annual, ..product("YEAR", "Year") }));
    let seller = world.reseller("Seller");
    for (name, lines, refused) in [
        ("a", vec![(FLOAT, 1)], true),
        ("b", vec![("KUDO", 1)], true),
        ("c", vec![(SKU, 1), (NAMED, 1)], true),
        ("d", vec![(SKU, 1), (SKU, 1)], true),
        ("e", vec![(SKU, 1)], false),
        ("f", vec![(SKU, 1), ("YEAR", 1)], false),
    ] {
        let (_, own) = world.personal(name);
        let code = world.permission_key(seller, &lines);
        let expected = if refused { Err(Refused::OrgRequired) } else { Ok(()) };
        assert_eq!(world.redeem(own, &code), expected, "{lines:?}");
        if refused {
            let org = world.customer(&format!("Org of {name}"));
            world.redeem(org, &code).expect("an organisation's");
        }
    }
}

#[test]
fn g10_what_its_seller_uses_pooled_granted_or_stopped_is_not_handed_over() {
    let (mut world, seller, buyer) = market();
    let code = world.permission_key(seller, &[(SKU, 2), (NAMED, 1)]);
    let key = world.key_named(&code);
    world.stop(key.id);
    assert_eq!(world.redeem(buyer, &code), Err(Refused::KeyStopped));
    world.resume(key.id);
    world.convert(key.holdings[0]);
    assert_eq!(world.redeem(buyer, &code), Err(Refused::LicencePooled));
    let code = world.permission_key(seller, &[(SKU, 2)]);
    world.set_status(seller, AccountStatus::Inactive);
    assert_eq!(world.redeem(buyer, &code), Err(Refused::AccountInactive), "it sells nothing now");
    world.set_status(seller, AccountStatus::Active);
    world.set_status(buyer, AccountStatus::Inactive);
    assert_eq!(world.redeem(buyer, &code), Err(Refused::AccountInactive), "it takes nothing now");
    world.set_status(buyer, AccountStatus::Active);
    let change = ProfileChange { products: Some(Some([].into())), ..ProfileChange::default() };
    world.done(world.root(), Command::UpdateAccount { account: buyer, change });
    assert_eq!(world.redeem(buyer, &code), Err(Refused::ProductNotAllowed));
}

#[test]
fn redeeming_takes_an_operator_of_the_redeemer_and_nobody_of_the_seller() {
    let (mut world, seller, buyer) = market();
    let code = world.permission_key(seller, &[(SKU, 2)]);
    let redeem = Command::Redeem { account: buyer, code };
    let (viewer, stranger) = (world.member(buyer, Role::Viewer), world.member(seller, Role::Admin));
    assert_eq!(world.run(viewer, redeem.clone()), Err(Refused::ForbiddenRole));
    assert_eq!(world.run(stranger, redeem.clone()), Err(Refused::OutOfReach));
    world.done(world.member(buyer, Role::Operator), redeem);
}

#[test]
fn g15_the_key_an_organisation_is_founded_with_is_redeemed_into_it() {
    let (mut world, seller, buyer) = market();
    let code = world.permission_key(seller, &[(SKU, 2), (FLOAT, 3)]);
    let found = |world: &mut World, name: &str| {
        let (user, _) = world.personal(name);
        let id = AccountId(world.draw());
        let create = People::CreateOrganisation { id, name: format!("{name} & Co"), code: code.clone() };
        world.people(world.alone(user), create).map(|_| id)
    };
    let org = found(&mut world, "ada").expect("the key is good");
    assert_eq!(skus(&world, org), [FLOAT, SKU]);
    assert_eq!(world.key_named(&code).redeemed, Some(world.now));
    assert_eq!(found(&mut world, "eve"), Err(Refused::KeyRedeemed), "one key founds one organisation");
    assert_eq!(world.redeem(buyer, &code), Err(Refused::KeyRedeemed));
}

#[test]
fn only_lines_of_one_order_share_a_permission_key() {
    let (mut world, seller, _) = market();
    let code = world.permission_key(seller, &[(SKU, 2)]);
    let key = world.key_named(&code).id;
    let line = Line { key, code: code.clone(), kind: KeyKind::PermissionKey, ..world.line(SKU, obm(1)) };
    let later = world.purchase(seller, vec![line]);
    assert_eq!(world.run(world.root(), Command::Mint(later)), Err(Refused::KeyTaken));
    let first = world.line(SKU, obm(1));
    let twin = Line { key: first.key, code: first.code.clone(), ..world.line(SKU, obm(1)) };
    let twice = world.purchase(seller, vec![first, twin]);
    assert_eq!(world.run(world.root(), Command::Mint(twice)), Err(Refused::KeyTaken), "an Activation ID has one line");
    let first = Line { kind: KeyKind::PermissionKey, ..world.line(SKU, obm(1)) };
    let more = (0..HOLDINGS_MAX).map(|_| Line { lot: HoldingId(world.draw()), ..first.clone() });
    let more = more.collect();
    let many = world.purchase(seller, more);
    world.done(world.root(), Command::Mint(many.clone()));
    let lines = (0..=HOLDINGS_MAX).map(|_| Line {
        lot: HoldingId(world.draw()),
        key: KeyId(uuid::Uuid::from_u128(77)),
        code: "MANY-MANY-MANY-MANY".into(),
        ..first.clone()
    });
    let lines = lines.collect();
    let many = world.purchase(seller, lines);
    assert_eq!(world.run(world.root(), Command::Mint(many)), Err(Refused::BadQuantity));
}

#[test]
fn r11_nothing_is_redeemed_or_granted_in_quarantine_and_a_member_may_still_be_disabled() {
    let mut club = Club::new();
    let (named, float) = (club.lot(NAMED, 2), club.lot(FLOAT, 2));
    let (first, second) = (club.first, club.second);
    let seat = club.seat(named, first);
    let mut console = Club::console(1, NAMED);
    club.world.activate(&mut console, &seat.code).expect("a lease");
    let seller = club.world.reseller("Seller");
    let code = club.world.permission_key(seller, &[(SKU, 2)]);
    let doubt = Command::Doubt { doubt: Doubt::Behind, epoch: 7 };
    club.world.done(Actor::system("start"), doubt);
    assert_eq!(club.world.redeem(club.account, &code), Err(Refused::Quarantine));
    assert_eq!(club.try_seat(club.as_owner(), named, second).map(drop), Err(Refused::Quarantine));
    assert_eq!(club.take(seat.id), Err(Refused::Quarantine));
    assert_eq!(club.try_flex(club.as_owner(), float, None).map(drop), Err(Refused::Quarantine));
    let (user, _) = club.world.personal("ada");
    let create = People::CreateOrganisation { id: AccountId(club.world.draw()), name: "Org".into(), code };
    assert_eq!(club.world.people(club.world.alone(user), create).map(drop), Err(Refused::Quarantine));
    let disable = People::DisableMember { account: club.account, user: first };
    club.world.did(club.as_owner(), disable);
    assert_eq!(club.world.holding(named).units, obm(2), "the unit is back, and nobody gets it before the end");
    club.world.days(15);
    let again = club.seat(named, second);
    club.world.activate(&mut Club::console(2, NAMED), &again.code).expect("what was out has ended");
}
