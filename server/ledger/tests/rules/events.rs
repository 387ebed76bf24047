//! What an Event says of a change: before and after, and for whose eyes.

use super::world::World;
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::ProfileChange;

#[test]
fn i13_what_happens_to_an_account_is_one_event_with_before_and_after() {
    let mut world = World::new();
    let created = world.events_of(|world| {
        world.customer("Customer");
    });
    assert_eq!((created.len(), created[0].verb), (1, Verb::AccountCreated));
    assert_eq!(
        (created[0].fact("name"), created[0].subject.as_str()),
        (Some("Customer"), created[0].accounts[1].to_string().as_str())
    );
    let account = created[0].accounts[1];
    let change = ProfileChange { notes: Some("pays late".into()), ..ProfileChange::default() };
    let root = world.root();
    let update = Command::UpdateAccount { account, change };
    let updated = world.events_of(|world| world.done(root, update));
    let notes = Fact { name: "notes".into(), eyes: Eyes::Above(0), value: Value::Was(None, Some("pays late".into())) };
    assert_eq!((updated.len(), updated[0].verb, &updated[0].facts), (1, Verb::AccountUpdated, &vec![notes]));
    for (status, verb, after) in [
        (AccountStatus::Inactive, Verb::AccountDeactivated, "inactive"),
        (AccountStatus::Active, Verb::AccountReactivated, "active"),
    ] {
        let told = world.events_of(|world| world.set_status(account, status));
        assert_eq!((told.len(), told[0].verb, told[0].fact("status")), (1, verb, Some(after)));
    }
}

#[test]
fn a15_a_name_and_an_email_are_kept_and_told_without_the_spaces_around_them() {
    let mut world = World::new();
    let account = world.customer("Customer");
    let change = ProfileChange {
        name: Some(" Renamed ".into()),
        email: Some(Some(" desk@labs.example ".into())),
        ..ProfileChange::default()
    };
    let root = world.root();
    let told = world.events_of(|world| world.done(root, Command::UpdateAccount { account, change }));
    assert_eq!((told[0].fact("name"), told[0].fact("email")), (Some("Renamed"), Some("desk@labs.example")));
}
