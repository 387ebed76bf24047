//! Where several rules stand against a person, the one that stands first in the list of codes speaks. Every combination of the
//! reasons is tried.

use super::precedence::subsets;
use super::staff::phc;
use super::world::{SKU, World, units};
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::lot::Line;
use leasehold_protocol::Refused;

/// Makes the user active in an organisation of its own.
fn joins_elsewhere(world: &mut World, user: UserId) {
    let other = world.customer("Elsewhere");
    let email = world.who(user).email;
    world.invited(other, &email);
    let mail = world.mails(user).into_iter().find(|mail| mail.account == Some(other)).expect("one").id;
    let link = world.try_link(mail).expect("it is pending");
    world.did(world.alone(user), People::ConfirmInvitation { link, claim: None });
}

#[test]
fn of_several_reasons_against_a_confirmation_the_first_in_the_list_speaks() {
    let reasons =
        [Refused::ForbiddenRole, Refused::AccountInactive, Refused::UserInOtherOrg, Refused::PersonalLicences];
    for reasons in subsets(&reasons) {
        let mut world = World::new();
        let account = world.customer("Org");
        let (user, own) = world.personal("ada");
        if reasons.contains(&Refused::UserInOtherOrg) {
            joins_elsewhere(&mut world, user);
        }
        world.invited(account, "ada@example.com");
        let link = world.link(user, MailKind::Invitation);
        if reasons.contains(&Refused::AccountInactive) {
            world.set_status(account, AccountStatus::Inactive);
        }
        if reasons.contains(&Refused::PersonalLicences) {
            world.mint(own, units(1, 0));
        }
        let outside = reasons.contains(&Refused::ForbiddenRole);
        let actor = if outside { Actor::system("sign-in") } else { world.alone(user) };
        let answer = world.people(actor, People::ConfirmInvitation { link, claim: None }).err();
        assert_eq!(answer, reasons.iter().min().copied(), "{reasons:?}");
    }
}

#[test]
fn of_several_reasons_against_enabling_the_first_in_the_list_speaks() {
    let reasons = [Refused::AdminOnly, Refused::AccountInactive, Refused::UserInOtherOrg, Refused::NotParticipant];
    for reasons in subsets(&reasons) {
        let mut world = World::new();
        let account = world.customer("Org");
        let (user, _) = world.personal("ada");
        world.invited(account, "ada@example.com");
        if !reasons.contains(&Refused::NotParticipant) {
            let link = world.link(user, MailKind::Invitation);
            world.did(world.alone(user), People::ConfirmInvitation { link, claim: None });
            world.did(world.root(), People::DisableMember { account, user });
        }
        if reasons.contains(&Refused::UserInOtherOrg) {
            joins_elsewhere(&mut world, user);
        }
        if reasons.contains(&Refused::AccountInactive) {
            world.set_status(account, AccountStatus::Inactive);
        }
        let low = reasons.contains(&Refused::AdminOnly);
        let actor = world.member(account, if low { Role::Operator } else { Role::Admin });
        let answer = world.people(actor, People::EnableMember { account, user }).err();
        assert_eq!(answer, reasons.iter().min().copied(), "{reasons:?}");
    }
}

#[test]
fn of_several_reasons_against_a_co_administrator_the_first_in_the_list_speaks() {
    let reasons = [Refused::AdminOnly, Refused::CoAdminExists, Refused::NotParticipant];
    for reasons in subsets(&reasons) {
        let mut world = World::new();
        let account = world.customer("Org");
        let owner = world.owner(account, "owner");
        let user = world.user(account, "ada", Role::Viewer);
        if reasons.contains(&Refused::CoAdminExists) {
            let former = world.user(account, "former", Role::Viewer);
            world.did(world.root(), People::NameCoAdmin { account, user: former, replace: false });
        }
        if reasons.contains(&Refused::NotParticipant) {
            world.did(world.root(), People::DisableMember { account, user });
        }
        let low = reasons.contains(&Refused::AdminOnly);
        let actor = if low { world.member(account, Role::Admin) } else { world.person(owner, account) };
        let answer = world.people(actor, People::NameCoAdmin { account, user, replace: false }).err();
        assert_eq!(answer, reasons.iter().min().copied(), "{reasons:?}");
    }
}

#[test]
fn of_several_reasons_against_an_organisation_the_first_in_the_list_speaks() {
    let reasons = [
        Refused::ForbiddenRole,
        Refused::AccountInactive,
        Refused::NameTaken,
        Refused::UserInOtherOrg,
        Refused::PersonalLicences,
    ];
    for reasons in subsets(&reasons) {
        let mut world = World::new();
        let seller = world.reseller("Seller");
        let (user, own) = world.personal("ada");
        let line = Line { kind: KeyKind::PermissionKey, ..world.line(SKU, units(1, 0)) };
        let code = world.mint_line(seller, line).code;
        if reasons.contains(&Refused::NameTaken) {
            world.create_account(world.root(), seller, AccountKind::EndCustomer, "Org");
        }
        if reasons.contains(&Refused::UserInOtherOrg) {
            joins_elsewhere(&mut world, user);
        }
        if reasons.contains(&Refused::PersonalLicences) {
            world.mint(own, units(1, 0));
        }
        if reasons.contains(&Refused::AccountInactive) {
            world.set_status(seller, AccountStatus::Inactive);
        }
        let outside = reasons.contains(&Refused::ForbiddenRole);
        let actor = if outside { Actor::system("sign-in") } else { world.alone(user) };
        let id = AccountId(world.draw());
        let answer = world.people(actor, People::CreateOrganisation { id, name: "Org".into(), code }).err();
        assert_eq!(answer, reasons.iter().min().copied(), "{reasons:?}");
    }
}

#[test]
fn of_several_reasons_against_a_new_user_the_first_in_the_list_speaks() {
    let reasons = [Refused::AdminOnly, Refused::AccountInactive, Refused::NameTaken, Refused::FieldInvalid];
    for reasons in subsets(&reasons) {
        let mut world = World::new();
        let account = world.customer("Org");
        if reasons.contains(&Refused::NameTaken) {
            world.user(account, "ada", Role::Viewer);
        }
        if reasons.contains(&Refused::AccountInactive) {
            world.set_status(account, AccountStatus::Inactive);
        }
        let id = UserId(world.draw());
        let mut new = super::staff::new_user(id, account, "ada", Role::Viewer);
        if reasons.contains(&Refused::FieldInvalid) {
            (new.password, new.welcome) = (Some(phc("mine")), Welcome::Password);
        }
        let low = reasons.contains(&Refused::AdminOnly);
        let actor = world.member(account, if low { Role::Operator } else { Role::Admin });
        let answer = world.people(actor, People::CreateUser(new)).err();
        assert_eq!(answer, reasons.iter().min().copied(), "{reasons:?}");
    }
}
