//! Passwords, links, addresses, second factors and sessions, as far as the ledger sees them (A6-A9, G19, V24).

use super::staff::phc;
use super::world::World;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::secret::{LINK_LIFE, SESSION_IDLE, SESSION_LIFE, TOUCH_EVERY};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::session::SESSIONS_MAX;
use leasehold_protocol::Refused;

fn ada() -> (World, AccountId, UserId) {
    let mut world = World::new();
    let account = world.customer("Customer");
    let user = world.user(account, "ada", Role::Viewer);
    (world, account, user)
}

fn sessions(world: &World, user: UserId) -> Vec<SecretId> {
    let all = world.secrets(user);
    all.iter().filter(|one| one.kind == SecretKind::Session).map(|one| one.id).collect()
}

fn second_factor(world: &mut World, user: UserId) {
    world.did(world.alone(user), People::StartTotp { secret: TotpSecret(vec![7; 20]) });
    world.did(world.alone(user), People::ConfirmTotp { step: 100, recovery: vec![[1; 32], [2; 32]] });
}

#[test]
fn v24_a_reset_link_sets_a_password_once_and_closes_every_session() {
    let (mut world, _, user) = ada();
    world.session(user, "first");
    let old = world.reset_link(user);
    let link = world.reset_link(user);
    assert_eq!(world.set_by(old, "x"), Err(Refused::LinkInvalid), "a newer one took its place");
    world.set_by(link, "second").expect("it is good");
    assert_eq!(world.set_by(link, "third"), Err(Refused::LinkInvalid), "it works once");
    assert_eq!(world.secrets(user), []);
    assert!(!world.who(user).must_change);
    assert_eq!(world.try_session(user, "first").map(drop), Err(Refused::FieldInvalid));
    world.session(user, "second");
    let late = world.reset_link(user);
    world.pass(LINK_LIFE);
    assert_eq!(world.set_by(late, "third"), Err(Refused::LinkInvalid), "it is over");
}

#[test]
fn v24_while_a_reset_waits_asking_again_changes_nothing() {
    let (mut world, _, user) = ada();
    let ask = |world: &mut World| world.did(Actor::system("sign-in"), People::RequestReset { user });
    ask(&mut world);
    let before = world.rows();
    ask(&mut world);
    assert_eq!(world.rows(), before);
}

#[test]
fn a9_a_person_changes_the_password_and_keeps_the_session_under_another_secret() {
    let (mut world, account, user) = ada();
    let (other, mine) = (world.session(user, "first"), world.session(user, "first"));
    let change = |verified: &str, session: [u8; 32]| {
        let authority = Authority::Own { verified: phc(verified), session, next: [0xaa; 32] };
        People::SetPassword { authority, password: phc("second") }
    };
    let (wrong, stale) = (change("first", [3; 32]), change("other", mine.hash));
    assert_eq!(world.people(world.alone(user), wrong).map(drop), Err(Refused::OutOfReach));
    assert_eq!(world.people(world.alone(user), stale).map(drop), Err(Refused::FieldInvalid));
    let admin = world.member(account, Role::Admin);
    assert_eq!(world.people(admin, change("first", mine.hash)).map(drop), Err(Refused::ForbiddenRole));
    let told = world.events_of(|world| world.did(world.alone(user), change("first", mine.hash)));
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::PasswordChanged]);
    assert_eq!(sessions(&world, user), [mine.id]);
    for hash in [other.hash, mine.hash] {
        let touch = People::TouchSession { session: hash, from: String::new() };
        assert_eq!(world.people(world.alone(user), touch).map(drop), Err(Refused::OutOfReach));
    }
    world.did(world.alone(user), People::TouchSession { session: [0xaa; 32], from: String::new() });
}

#[test]
fn a_password_that_is_changed_is_told_and_one_that_was_given_is_not() {
    let (mut world, _, user) = ada();
    let kinds = |world: &World| world.mails(user).iter().map(|mail| mail.kind).collect::<Vec<_>>();
    let link = world.reset_link(user);
    world.set_by(link, "second").expect("good");
    assert_eq!(kinds(&world), [], "the first one was somebody else's");
    let link = world.reset_link(user);
    world.set_by(link, "third").expect("good");
    assert_eq!(kinds(&world), [MailKind::PasswordChanged]);
}

#[test]
fn g19_an_address_is_changed_by_a_link_mailed_to_the_new_one_and_the_old_one_hears_of_it() {
    let (mut world, account, user) = ada();
    let reset = world.reset_link(user);
    world.did(world.alone(user), People::RequestEmail { to: "new@example.com".into() });
    assert_eq!(world.mail(user, MailKind::ChangeEmail).to, "new@example.com");
    let link = world.link(user, MailKind::ChangeEmail);
    let confirm = || People::ConfirmEmail { link };
    assert_eq!(world.set_by(link, "x"), Err(Refused::LinkInvalid), "it is for another purpose");
    world.did(Actor::system("sign-in"), confirm());
    assert_eq!(world.named("new@example.com").id, user);
    assert_eq!(world.mail(user, MailKind::AddressChanged).to, "ada@example.com");
    assert_eq!(world.set_by(reset, "x"), Err(Refused::LinkInvalid), "it went to the old address");
    assert_eq!(world.people(Actor::system("sign-in"), confirm()).map(drop), Err(Refused::LinkInvalid));
    let id = world.user(account, "eve", Role::Viewer);
    world.did(world.alone(id), People::RequestEmail { to: "NEW@example.com".into() });
    let link = world.link(id, MailKind::ChangeEmail);
    let taken = People::ConfirmEmail { link };
    assert_eq!(world.people(Actor::system("sign-in"), taken).map(drop), Err(Refused::NameTaken));
}

#[test]
fn a_new_password_ends_a_change_of_address_that_somebody_else_had_begun() {
    let (mut world, _, user) = ada();
    world.did(world.alone(user), People::RequestEmail { to: "thief@example.com".into() });
    let (mail, link) = (world.mail(user, MailKind::ChangeEmail).id, world.link(user, MailKind::ChangeEmail));
    let reset = world.reset_link(user);
    world.set_by(reset, "second").expect("good");
    let confirm = People::ConfirmEmail { link };
    assert_eq!(world.people(Actor::system("sign-in"), confirm).map(drop), Err(Refused::LinkInvalid));
    assert_eq!(world.try_link(mail), Err(Refused::Irreversible));
}

#[test]
fn a_session_ends_when_it_is_idle_or_old_and_its_use_is_written_now_and_then() {
    let (mut world, _, user) = ada();
    let session = world.session(user, "first");
    let touch = |world: &mut World| {
        let touch = People::TouchSession { session: session.hash, from: "192.0.2.9".into() };
        world.people(world.alone(user), touch).map(drop)
    };
    let before = world.rows();
    world.pass(TOUCH_EVERY - 1);
    touch(&mut world).expect("it is good");
    assert_eq!(world.rows(), before, "a moment ago");
    world.pass(1);
    assert!(world.events_of(|world| touch(world).expect("it is good")).is_empty());
    assert_eq!(world.secrets(user)[0].from, "192.0.2.9");
    assert_eq!(world.who(user).last_seen, Some(world.now));
    world.pass(SESSION_IDLE);
    assert_eq!(touch(&mut world), Err(Refused::OutOfReach), "idle");
    let busy = world.session(user, "first");
    let end = world.now.plus(SESSION_LIFE);
    while world.now.plus(SESSION_IDLE - 1) < end {
        world.pass(SESSION_IDLE - 1);
        let touch = People::TouchSession { session: busy.hash, from: String::new() };
        world.did(world.alone(user), touch);
    }
    world.now = end;
    let late = People::TouchSession { session: busy.hash, from: String::new() };
    assert_eq!(world.people(world.alone(user), late).map(drop), Err(Refused::OutOfReach), "however busy");
}

#[test]
fn a_user_has_so_many_sessions_and_closes_its_own_only() {
    let (mut world, account, user) = ada();
    let oldest = world.session(user, "first").id;
    for _ in 0..SESSIONS_MAX {
        world.pass(1);
        world.session(user, "first");
    }
    let all = sessions(&world, user);
    assert_eq!((all.len(), all.contains(&oldest)), (SESSIONS_MAX, false));
    let eve = world.user(account, "eve", Role::Admin);
    let close = |session| People::CloseSession { session };
    assert_eq!(world.people(world.alone(eve), close(all[0])).map(drop), Err(Refused::OutOfReach));
    world.did(world.alone(user), close(all[0]));
    world.did(world.alone(user), People::CloseSessions { keep: Some(all[5]) });
    assert_eq!(sessions(&world, user), [all[5]]);
    let before = world.rows();
    world.did(world.alone(user), People::CloseSessions { keep: Some(all[5]) });
    assert_eq!(world.rows(), before);
}

#[test]
fn a_second_factor_is_asked_for_once_it_is_confirmed_and_each_code_is_taken_once() {
    let (mut world, _, user) = ada();
    world.did(world.alone(user), People::StartTotp { secret: TotpSecret(vec![7; 20]) });
    world.session(user, "first");
    world.did(world.alone(user), People::ConfirmTotp { step: 100, recovery: vec![[1; 32], [2; 32]] });
    assert_eq!(world.try_session(user, "first").map(drop), Err(Refused::CodeInvalid));
    let mut sign_in = |factor: Factor| {
        let half = world.new_secret();
        let begin = People::BeginSecondFactor { user, secret: half.clone(), verified: phc("first") };
        world.did(world.alone(user), begin);
        let (secret, half) = (world.new_secret(), half.hash);
        let basis = Basis::SecondFactor { half, factor: factor.clone() };
        let open = People::OpenSession { user, secret: secret.clone(), basis: basis.clone() };
        let opened = world.people(world.alone(user), open).map(drop);
        if opened.is_ok() {
            let again = People::OpenSession { user, secret, basis };
            assert_eq!(world.people(world.alone(user), again).map(drop), Err(Refused::LinkInvalid), "used up");
        }
        opened
    };
    assert_eq!(sign_in(Factor::Totp { step: 100 }), Err(Refused::CodeInvalid), "it was shown before");
    assert_eq!(sign_in(Factor::Totp { step: 101 }), Ok(()));
    assert_eq!(sign_in(Factor::Totp { step: 101 }), Err(Refused::CodeInvalid));
    assert_eq!(sign_in(Factor::Recovery { hash: [1; 32] }), Ok(()));
    assert_eq!(sign_in(Factor::Recovery { hash: [1; 32] }), Err(Refused::CodeInvalid));
    assert_eq!(sign_in(Factor::Recovery { hash: [9; 32] }), Err(Refused::CodeInvalid));
    assert_eq!(world.who(user).totp.expect("there").recovery, [[2; 32]]);
}

#[test]
fn a_half_finished_sign_in_opens_nothing_for_anybody_else_and_ends_with_the_password() {
    let (mut world, account, user) = ada();
    let eve = world.user(account, "eve", Role::Viewer);
    second_factor(&mut world, user);
    let half = world.new_secret();
    world.did(world.alone(user), People::BeginSecondFactor { user, secret: half.clone(), verified: phc("first") });
    let open = |world: &mut World, user| {
        let (secret, factor) = (world.new_secret(), Factor::Totp { step: 101 });
        let basis = Basis::SecondFactor { half: half.hash, factor };
        world.people(world.alone(user), People::OpenSession { user, secret, basis }).map(drop)
    };
    assert_eq!(open(&mut world, eve), Err(Refused::LinkInvalid));
    let link = world.reset_link(user);
    world.set_by(link, "second").expect("good");
    assert_eq!(open(&mut world, user), Err(Refused::LinkInvalid));
}

#[test]
fn a_second_factor_is_dropped_by_the_person_or_from_where_it_is_administered() {
    let (mut world, account, user) = ada();
    let owner = world.owner(account, "owner");
    let drop_it = |user| People::DropTotp { user };
    let admin = world.user(account, "admin", Role::Admin);
    second_factor(&mut world, owner);
    assert_eq!(world.people(world.person(admin, account), drop_it(owner)).map(drop), Err(Refused::OwnerProtected));
    world.did(world.alone(owner), drop_it(owner));
    second_factor(&mut world, user);
    let viewer = world.member(account, Role::Viewer);
    assert_eq!(world.people(viewer, drop_it(user)).map(drop), Err(Refused::AdminOnly));
    world.did(world.person(admin, account), drop_it(user));
    world.session(user, "first");
}

#[test]
fn a_sign_in_under_way_while_the_password_changes_opens_nothing() {
    let (mut world, _, user) = ada();
    let verified = phc("first"); // found right a moment ago
    let link = world.reset_link(user);
    world.set_by(link, "second").expect("good");
    let open = People::OpenSession { user, secret: world.new_secret(), basis: Basis::Password { verified } };
    assert_eq!(world.people(world.alone(user), open).map(drop), Err(Refused::FieldInvalid));
}
