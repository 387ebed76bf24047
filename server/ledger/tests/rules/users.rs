//! Users: made, changed and locked by administrators (A43-A53, T29-T33, V18-V23).

use super::staff::{new_user, phc};
use super::world::World;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::NewAccount;
use leasehold_protocol::Refused;

fn create(new: NewUser) -> People {
    People::CreateUser(new)
}

#[test]
fn a43_a50_users_are_made_by_administrators_in_their_reach() {
    let mut world = World::new();
    let (reseller, stranger) = (world.reseller("Reseller"), world.reseller("Stranger"));
    let customer = world.create_account(world.root(), reseller, AccountKind::EndCustomer, "Customer");
    let id = UserId(world.draw());
    let new = || create(new_user(id, customer, "ada", Role::Viewer));
    for role in [Role::Viewer, Role::Operator] {
        let low = world.member(customer, role);
        assert_eq!(world.people(low, new()).map(drop), Err(Refused::AdminOnly));
    }
    let other = world.member(stranger, Role::Admin);
    assert_eq!(world.people(other, new()).map(drop), Err(Refused::OutOfReach));
    let above = world.member(reseller, Role::Admin);
    let told = world.events_of(|world| world.did(above, new()));
    assert_eq!((told.len(), told[0].verb, told[0].fact("role")), (1, Verb::UserCreated, Some("viewer")));
    assert!(!format!("{told:?}").contains("phc"), "no Event has a password");
    assert!(world.who(id).must_change, "somebody else chose the password");
    assert_eq!(world.part(customer, id).acts_as(), Some(Role::Viewer));
}

#[test]
fn t1_i11_usernames_and_emails_are_unique_however_they_are_written() {
    let mut world = World::new();
    let account = world.customer("Customer");
    let user = world.user(account, "ada", Role::Viewer);
    for name in ["ada", " ADA ", "Ada@Example.com"] {
        assert_eq!(world.named(name).id, user);
    }
    let id = UserId(world.draw());
    let other = |username: &str, email: &str| {
        let (username, email) = (Some(username.to_owned()), email.to_owned());
        create(NewUser { username, email, ..new_user(id, account, "x", Role::Viewer) })
    };
    assert_eq!(world.people(world.root(), other("ADA", "b@example.com")).map(drop), Err(Refused::NameTaken));
    assert_eq!(world.people(world.root(), other("b", "ADA@example.com")).map(drop), Err(Refused::NameTaken));
    for (username, email) in [("a@b", "b@example.com"), ("", "b@example.com"), ("b", "nowhere"), ("b", "")] {
        assert_eq!(world.people(world.root(), other(username, email)).map(drop), Err(Refused::FieldInvalid));
    }
    world.did(world.root(), other("b", "b@example.com"));
}

#[test]
fn a51_a52_the_first_mail_is_posted_only_when_it_is_wanted() {
    let mut world = World::new();
    let account = world.customer("Customer");
    let silent = world.user(account, "silent", Role::Viewer);
    assert_eq!(world.mails(silent), []);
    let id = UserId(world.draw());
    let new = NewUser { welcome: Welcome::Password, ..new_user(id, account, "ada", Role::Viewer) };
    assert_eq!(world.people(world.root(), create(new.clone())).map(drop), Err(Refused::FieldInvalid));
    world.did(world.root(), create(NewUser { password: None, ..new }));
    let mail = world.mail(id, MailKind::Welcome);
    assert!(mail.temporary_password);
    assert_eq!(world.try_session(id, "drawn").map(drop), Err(Refused::FieldInvalid), "it has none yet");
    let (secret, hash) = (SecretId(world.draw()), world.hash());
    let issue = People::IssueLink { mail: mail.id, id: secret, hash, password: Some(phc("drawn")) };
    world.did(Actor::system("job mail"), issue);
    assert!(world.who(id).must_change);
    world.session(id, "drawn");
    world.set_by(hash, "chosen").expect("the link works as well");
    assert_eq!(world.try_link(mail.id), Err(Refused::Irreversible), "nobody is welcomed twice");
}

#[test]
fn t29_t31_a_reseller_comes_into_being_with_its_first_user_or_not_at_all() {
    let mut world = World::new();
    let (id, parent) = (AccountId(world.draw()), world.vendor);
    let profile = Profile { name: "Reseller".into(), ..Profile::default() };
    let account = NewAccount { id, parent, kind: AccountKind::Reseller, profile };
    let user = UserId(world.draw());
    let new = NewUser { welcome: Welcome::Link, ..new_user(user, id, "ada", Role::Admin) };
    let both = |new: &NewUser| People::CreateAccountWithUser { account: account.clone(), user: new.clone() };
    let elsewhere = new_user(user, parent, "ada", Role::Admin);
    assert_eq!(world.people(world.root(), both(&elsewhere)).map(drop), Err(Refused::FieldInvalid));
    let told = world.events_of(|world| world.did(world.root(), both(&new)));
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::AccountCreated]);
    assert_eq!(world.mail(user, MailKind::ResellerWelcome).account, Some(id));
    assert_eq!(world.part(id, user).acts_as(), Some(Role::Admin));
}

#[test]
fn v19_v23_administrators_change_names_and_never_the_email() {
    let mut world = World::new();
    let account = world.customer("Customer");
    let user = world.user(account, "ada", Role::Viewer);
    let admin = world.member(account, Role::Admin);
    let email = |email: &str| UserChange { email: Some(email.into()), ..UserChange::default() };
    let update = |change: UserChange| People::UpdateUser { user, change };
    for actor in [admin.clone(), world.person(user, account)] {
        let other = update(email("new@example.com"));
        assert_eq!(world.people(actor, other).map(drop), Err(Refused::FieldNotEditable));
    }
    let before = world.rows();
    world.did(admin.clone(), update(email("ADA@example.com")));
    assert_eq!(world.rows(), before, "it is the same one");
    let change = UserChange { first_name: Some(" Ada ".into()), phone: Some("".into()), ..UserChange::default() };
    world.did(admin, update(change));
    world.did(world.alone(user), update(UserChange { company: Some("Example".into()), ..UserChange::default() }));
    let person = world.who(user).person;
    assert_eq!((person.first_name.as_str(), person.company.as_str()), ("Ada", "Example"));
    let bad = UserChange { last_name: Some("a\nb".into()), ..UserChange::default() };
    assert_eq!(world.people(world.alone(user), update(bad)).map(drop), Err(Refused::FieldInvalid));
}

#[test]
fn v13_a_user_is_administered_where_it_takes_part_and_from_above_only() {
    let mut world = World::new();
    let (reseller, other) = (world.reseller("Reseller"), world.customer("Other"));
    let account = world.create_account(world.root(), reseller, AccountKind::EndCustomer, "Customer");
    let user = world.user(account, "ada", Role::Viewer);
    world.invited(other, "ada@example.com");
    let lock = |state| People::SetUserState { user, state };
    let inviting = world.member(other, Role::Admin);
    assert_eq!(world.people(inviting, lock(UserState::Locked)).map(drop), Err(Refused::OutOfReach));
    let operator = world.member(account, Role::Operator);
    assert_eq!(world.people(operator, lock(UserState::Locked)).map(drop), Err(Refused::AdminOnly));
    for home in [account, reseller] {
        let admin = world.member(home, Role::Admin);
        world.did(admin.clone(), lock(UserState::Locked));
        world.did(admin, lock(UserState::Active));
    }
    world.did(world.root(), People::RemoveMembers { account, users: vec![user] });
    let former = world.member(account, Role::Admin);
    assert_eq!(world.people(former, lock(UserState::Locked)).map(drop), Err(Refused::OutOfReach));
    let viewer = world.member(world.vendor, Role::Viewer);
    assert_eq!(world.people(viewer, lock(UserState::Locked)).map(drop), Err(Refused::AdminOnly));
    world.did(world.root(), lock(UserState::Locked));
}

#[test]
fn a_locked_user_has_no_session_no_link_and_gets_none() {
    let mut world = World::new();
    let account = world.customer("Customer");
    let user = world.user(account, "ada", Role::Viewer);
    let link = world.reset_link(user);
    world.session(user, "first");
    world.did(world.root(), People::SetUserState { user, state: UserState::Locked });
    assert!(!world.secrets(user).iter().any(|one| one.kind == SecretKind::Session));
    assert_eq!(world.try_session(user, "first").map(drop), Err(Refused::OutOfReach));
    assert_eq!(world.set_by(link, "new"), Err(Refused::LinkInvalid));
    let request = People::RequestReset { user };
    assert_eq!(world.people(Actor::system("sign-in"), request).map(drop), Err(Refused::OutOfReach));
    let mail = world.mail(user, MailKind::Reset).id;
    assert_eq!(world.try_link(mail), Err(Refused::OutOfReach));
    let myself = People::UpdateUser { user, change: UserChange::default() };
    assert_eq!(world.people(world.alone(user), myself).map(drop), Err(Refused::ForbiddenRole));
    world.did(world.root(), People::SetUserState { user, state: UserState::Active });
    world.set_by(link, "new").expect("it works again");
}

#[test]
fn whoever_was_invited_and_never_came_is_nobody_in_the_way() {
    let mut world = World::new();
    let (first, second) = (world.customer("First"), world.customer("Second"));
    let invited = world.invited(first, "ada@example.com");
    let id = UserId(world.draw());
    world.did(world.root(), create(new_user(id, second, "ada", Role::Viewer)));
    assert_eq!(world.named("ada").id, invited, "it is that user");
    let link = world.link(invited, MailKind::Invitation);
    let confirm = People::ConfirmInvitation { link, claim: None };
    assert_eq!(world.people(world.alone(invited), confirm).map(drop), Err(Refused::UserInOtherOrg));
    let again = create(new_user(UserId(world.draw()), first, "ada", Role::Viewer));
    assert_eq!(world.people(world.root(), again).map(drop), Err(Refused::NameTaken));
}
