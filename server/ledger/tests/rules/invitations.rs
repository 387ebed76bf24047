//! Invitations: an address is asked, a link joins, once (G22-G28, V6, V22), and organisations that people make (G14-G17).

use super::staff::{new_user, phc};
use super::world::{World, units};
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::secret::INVITATION_LIFE;
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;

fn claim(password: &str) -> Option<Claim> {
    let person = Person { first_name: "Ada".into(), last_name: "L".into(), ..Person::default() };
    Some(Claim { username: Some("ada".into()), person, password: phc(password) })
}

fn confirm(link: [u8; 32], claim: Option<Claim>) -> People {
    People::ConfirmInvitation { link, claim }
}

fn nobody() -> Actor {
    Actor::system("sign-in")
}

#[test]
fn g24_g25_a_membership_is_pending_until_its_link_is_used_and_the_link_works_once() {
    let mut world = World::new();
    let account = world.customer("Org");
    let user = world.invited(account, "ada@example.com");
    assert_eq!(world.part(account, user).acts_as(), None);
    assert_eq!(world.mail(user, MailKind::Invitation).to, "ada@example.com");
    let link = world.link(user, MailKind::Invitation);
    assert_eq!(world.people(nobody(), confirm(link, None)), Err(Refused::FieldInvalid), "it has no password yet");
    world.did(nobody(), confirm(link, claim("chosen")));
    assert_eq!(world.part(account, user).acts_as(), Some(Role::Operator));
    assert_eq!((world.who(user).name(), world.who(user).must_change), ("ada", false));
    assert_eq!(world.people(nobody(), confirm(link, claim("again"))), Err(Refused::LinkInvalid));
    world.session(user, "chosen");
}

#[test]
fn g26_whoever_is_invited_again_has_one_link_that_works_the_newest() {
    let mut world = World::new();
    let account = world.customer("Org");
    let user = world.invited(account, "ada@example.com");
    let old = world.link(user, MailKind::Invitation);
    let waiting = world.mail(user, MailKind::Invitation).id;
    assert_eq!(world.invited(account, "ADA@example.com"), user);
    assert_eq!(world.try_link(waiting), Err(Refused::Irreversible), "the older mail was withdrawn");
    let link = world.link(user, MailKind::Invitation);
    assert_eq!(world.people(nobody(), confirm(old, claim("a"))), Err(Refused::LinkInvalid));
    let unknown = world.hash();
    assert_eq!(world.people(nobody(), confirm(unknown, claim("a"))), Err(Refused::LinkInvalid));
    world.pass(INVITATION_LIFE);
    assert_eq!(world.people(nobody(), confirm(link, claim("a"))), Err(Refused::LinkInvalid), "it is over");
    let again = world.link(user, MailKind::Invitation);
    world.pass(INVITATION_LIFE - 1);
    world.did(nobody(), confirm(again, claim("a")));
}

#[test]
fn g27_a_link_alone_does_not_let_in_somebody_who_has_a_password() {
    let mut world = World::new();
    let (user, _) = world.personal("ada");
    let account = world.customer("Org");
    world.invited(account, "ada@example.com");
    let link = world.link(user, MailKind::Invitation);
    let (stranger, _) = world.personal("eve");
    for actor in [nobody(), world.alone(stranger), world.root()] {
        assert_eq!(world.people(actor, confirm(link, claim("mine now"))), Err(Refused::ForbiddenRole));
    }
    world.did(world.alone(user), confirm(link, None));
    assert_eq!(world.part(account, user).acts_as(), Some(Role::Operator));
    world.session(user, "first");
}

#[test]
fn g27_who_got_a_password_while_one_was_chosen_by_link_has_to_sign_in() {
    let mut world = World::new();
    let account = world.customer("Org");
    let user = world.invited(account, "ada@example.com");
    let link = world.link(user, MailKind::Invitation);
    let (own, parent) = (AccountId(world.draw()), world.vendor);
    let place = Place::Personal { account: own, parent, name: "Ada's own".into() };
    let new = NewUser { place, ..new_user(user, account, "ada", Role::Viewer) };
    world.did(world.root(), People::CreateUser(new));
    // The request came in before that, so it speaks as whoever was invited.
    assert_eq!(world.people(world.alone(user), confirm(link, claim("mine now"))), Err(Refused::ForbiddenRole));
    world.did(world.alone(user), confirm(link, None));
}

#[test]
fn g28_of_two_invitations_confirmed_at_once_one_wins() {
    for first in [0, 1] {
        let mut world = World::new();
        let accounts = [world.customer("Left"), world.customer("Right")];
        let (user, own) = world.personal("ada");
        let links = accounts.map(|account| {
            world.invited(account, "ada@example.com");
            let mails = world.mails(user);
            let mail = mails.iter().find(|mail| mail.account == Some(account)).expect("one each");
            world.try_link(mail.id).expect("it is pending")
        });
        world.did(world.alone(user), confirm(links[first], None));
        let loser = world.people(world.alone(user), confirm(links[1 - first], None));
        assert_eq!(loser, Err(Refused::UserInOtherOrg));
        let acts = |account| world.part(account, user).acts_as().is_some();
        assert_eq!(accounts.map(acts), [first == 0, first == 1]);
        assert!(acts(own), "a personal account stands beside it");
    }
}

#[test]
fn g28_whose_personal_account_owns_units_joins_no_organisation() {
    let mut world = World::new();
    let (user, own) = world.personal("ada");
    let account = world.customer("Org");
    world.invited(account, "ada@example.com");
    let lot = world.mint(own, units(1, 0));
    let link = world.link(user, MailKind::Invitation);
    assert_eq!(world.people(world.alone(user), confirm(link, None)), Err(Refused::PersonalLicences));
    world.done(world.root(), leasehold_ledger::Command::Retire { lot: lot.id, units: units(1, 0) });
    world.did(world.alone(user), confirm(link, None));
}

#[test]
fn g28_a_personal_account_is_for_one() {
    let mut world = World::new();
    let (user, account) = world.personal("ada");
    let membership = world.part(account, user);
    assert_eq!((membership.standing, membership.acts_as()), (Standing::Owner, Some(Role::Admin)));
    let id = UserId(world.draw());
    let invite = People::InviteUser { account, email: "b@example.com".into(), role: Role::Viewer, user: id };
    assert_eq!(world.people(world.root(), invite).map(drop), Err(Refused::OrgRequired));
    let create = People::CreateUser(super::staff::new_user(id, account, "b", Role::Viewer));
    assert_eq!(world.people(world.root(), create).map(drop), Err(Refused::OrgRequired));
}

#[test]
fn i5_an_inactive_account_is_joined_by_nobody_and_left_by_anybody() {
    let mut world = World::new();
    let account = world.customer("Org");
    let (first, second) = (world.user(account, "first", Role::Admin), world.user(account, "second", Role::Admin));
    let invited = world.invited(account, "ada@example.com");
    let link = world.link(invited, MailKind::Invitation);
    world.did(world.root(), People::DisableMember { account, user: second });
    world.set_status(account, AccountStatus::Inactive);
    let id = UserId(world.draw());
    let stops = [
        confirm(link, claim("a")),
        People::EnableMember { account, user: second },
        People::InviteUser { account, email: "b@example.com".into(), role: Role::Viewer, user: id },
        People::CreateUser(super::staff::new_user(id, account, "b", Role::Viewer)),
    ];
    for command in stops {
        assert_eq!(world.people(world.root(), command.clone()).map(drop), Err(Refused::AccountInactive), "{command:?}");
    }
    let session = world.session(first, "first");
    let phone = Some("1".into());
    let goes_on = [
        People::UpdateUser { user: first, change: UserChange { phone, ..UserChange::default() } },
        People::SetRole { account, user: first, role: Role::Viewer },
        People::NameCoAdmin { account, user: first, replace: false },
        People::RequestReset { user: first },
        People::DisableMember { account, user: first },
        People::SetUserState { user: first, state: UserState::Locked },
        People::RemoveMembers { account, users: vec![first, invited] },
    ];
    for command in goes_on {
        assert_eq!(world.people(world.root(), command.clone()).map(drop), Ok(()), "{command:?}");
    }
    assert!(!world.secrets(first).iter().any(|secret| secret.id == session.id));
    world.set_status(account, AccountStatus::Active);
    world.did(world.root(), People::EnableMember { account, user: second });
}

#[test]
fn v13_nobody_invites_beyond_its_reach_or_below_administrator() {
    let mut world = World::new();
    let (ours, theirs) = (world.reseller("Ours"), world.reseller("Theirs"));
    let user = UserId(world.draw());
    let invite = |email: &str| People::InviteUser { account: theirs, email: email.into(), role: Role::Viewer, user };
    let stranger = world.member(ours, Role::Admin);
    assert_eq!(world.people(stranger, invite("a@example.com")).map(drop), Err(Refused::OutOfReach));
    let operator = world.member(theirs, Role::Operator);
    assert_eq!(world.people(operator, invite("a@example.com")).map(drop), Err(Refused::AdminOnly));
    for bad in ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "<a@b>", "a@b;c@d", ".a@b", "a@b..c"] {
        assert_eq!(world.people(world.root(), invite(bad)).map(drop), Err(Refused::FieldInvalid), "{bad:?}");
    }
    let member = world.user(theirs, "member", Role::Viewer);
    assert_eq!(world.people(world.root(), invite("member@example.com")).map(drop), Err(Refused::NameTaken));
    world.did(world.root(), People::DisableMember { account: theirs, user: member });
    assert_eq!(world.people(world.root(), invite("member@example.com")).map(drop), Err(Refused::NameTaken));
}
