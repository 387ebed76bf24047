//! Damage to what the store knows of people: every invariant broken on purpose is found.

use super::staff::phc;
use super::tampering::{Case, all, each_is_found, edit, full, set};
use super::world::World;
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::*;

/// An organisation with everything about people in it: an owner, a co-administrator, somebody invited who is in a personal
/// account, a session, a link, mails that wait, were sent and were withdrawn, an enrolment code.
pub fn fill(world: &mut World) {
    let account = world.customer("Org");
    let other = world.customer("Other org");
    world.owner(account, "owner");
    let user = world.user(account, "deputy", Role::Viewer);
    world.did(world.root(), People::NameCoAdmin { account, user, replace: false });
    let (own, _) = world.personal("ada");
    world.invited(account, "ada@example.com");
    world.invited(account, "ada@example.com");
    world.invited(other, "owner@example.com");
    world.link(own, MailKind::Invitation);
    world.session(user, "first");
    let link = world.reset_link(user);
    let mail = world.mail(user, MailKind::Reset).id;
    world.did(Actor::system("job mail"), People::MailSent { mail });
    world.set_by(link, "second").expect("it is good");
    world.session(user, "second");
    let code = Some("AAAA-2222-BBBB-3333".to_owned());
    world.done(world.root(), Command::SetEnrolmentCode { account, code });
}

#[test]
fn i11_i12_every_rule_about_people_broken_on_purpose_is_found() {
    let cases: &[Case] = &[
        ("I11", |world| {
            let taken = all::<User>(world).remove(0).email;
            edit(world, |one: &mut User| set(one.email != taken, &mut one.email, taken.clone()));
        }),
        ("I11", |world| {
            let code = all::<Account>(world).into_iter().find_map(|one| one.enrolment);
            edit(world, |one: &mut Account| set(one.enrolment.is_none(), &mut one.enrolment, code.clone()));
        }),
        ("I12", |world| {
            edit(world, |one: &mut Membership| {
                set(one.standing == Standing::CoAdmin, &mut one.standing, Standing::Owner)
            });
        }),
        ("I12", |world| {
            edit(world, |one: &mut Membership| {
                set(one.state == MembershipState::Pending, &mut one.standing, Standing::CoAdmin)
            });
        }),
        ("I12", |world| {
            let owner = all::<Membership>(world).into_iter().find(|one| one.standing == Standing::Owner);
            let owner = owner.expect("one").user;
            edit(world, |one: &mut Membership| {
                let other = one.user == owner && one.state == MembershipState::Pending;
                set(other, &mut one.state, MembershipState::Active)
            });
        }),
        ("I12", |world| {
            edit(world, |one: &mut Account| set(one.profile.name == "Org", &mut one.organisation, false));
        }),
        ("I4", |world| {
            edit(world, |one: &mut Account| set(one.parent.is_none(), &mut one.deleted, Some(world.now)));
        }),
        ("row", |world| {
            edit(world, |one: &mut Account| set(one.profile.name == "Org", &mut one.deleted, Some(world.now)));
        }),
        ("row", |world| edit(world, |one: &mut MailHead| set(true, &mut one.last, MailId(1)))),
        ("index", |world| {
            edit(world, |one: &mut Mail| set(one.state == MailState::Waiting, &mut one.state, MailState::Sent));
        }),
    ];
    each_is_found(cases);
}

#[test]
fn r15_no_record_of_a_person_shows_its_secrets() {
    let mut user = all::<User>(&full()).into_iter().find(|user| user.password.is_some()).expect("one");
    user.password = Some(phc("hush"));
    let secret = TotpSecret(b"hush".to_vec());
    user.totp = Some(Totp { secret, confirmed: true, recovery: vec![], last_step: 0 });
    let shown = format!("{user:?}");
    assert!(!shown.contains("hush") && !shown.contains(&format!("{:?}", b"hush")), "{shown}");
}
