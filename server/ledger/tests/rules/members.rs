//! Members: role, disabling, enabling, removing (G22, G28-G31, V25).

use super::world::World;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;

/// An organisation with its owner, two members, and somebody who is invited.
pub struct Org {
    pub world: World,
    pub account: AccountId,
    pub owner: UserId,
    pub first: UserId,
    pub second: UserId,
    pub invited: UserId,
}

pub fn org() -> Org {
    let mut world = World::new();
    let account = world.customer("Org");
    let owner = world.owner(account, "owner");
    let first = world.user(account, "first", Role::Viewer);
    let second = world.user(account, "second", Role::Admin);
    let invited = world.invited(account, "invited@example.com");
    Org { world, account, owner, first, second, invited }
}

impl Org {
    pub fn as_owner(&self) -> Actor {
        self.world.person(self.owner, self.account)
    }

    pub fn tried(&mut self, actor: Actor, command: People) -> Result<(), Refused> {
        self.world.people(actor, command).map(drop)
    }

    pub fn name(&self, user: UserId, replace: bool) -> People {
        People::NameCoAdmin { account: self.account, user, replace }
    }

    pub fn standing(&self, user: UserId) -> Standing {
        self.world.part(self.account, user).standing
    }

    pub fn each(&self, user: UserId) -> [People; 4] {
        let account = self.account;
        [
            People::SetRole { account, user, role: Role::Operator },
            People::DisableMember { account, user },
            People::EnableMember { account, user },
            People::RemoveMembers { account, users: vec![user] },
        ]
    }
}

#[test]
fn g22_only_administrators_of_the_account_or_above_manage_its_members() {
    let mut org = org();
    let (account, first) = (org.account, org.first);
    let other = org.world.reseller("Other");
    for command in org.each(first) {
        for role in [Role::Viewer, Role::Operator] {
            let low = org.world.member(account, role);
            assert_eq!(org.tried(low, command.clone()), Err(Refused::AdminOnly), "{command:?}");
        }
        let stranger = org.world.member(other, Role::Admin);
        assert_eq!(org.tried(stranger, command.clone()), Err(Refused::OutOfReach), "{command:?}");
        assert_eq!(org.tried(Actor::system("job"), command.clone()), Err(Refused::OutOfReach), "{command:?}");
    }
    let outsider = UserId(org.world.draw());
    for command in org.each(outsider) {
        assert_eq!(org.tried(org.world.root(), command.clone()), Err(Refused::OutOfReach), "{command:?}");
    }
    for command in org.each(first) {
        org.tried(org.as_owner(), command).expect("an administrator may");
    }
}

#[test]
fn g29_g30_a_disabled_member_takes_no_part_until_it_is_enabled() {
    let mut org = org();
    let (account, user) = (org.account, org.first);
    org.world.session(user, "first");
    org.tried(org.as_owner(), People::DisableMember { account, user }).expect("it takes part");
    assert_eq!(org.world.part(account, user).acts_as(), None);
    assert_eq!(org.world.secrets(user), [], "its sessions ended");
    let told = org.world.rows();
    org.tried(org.as_owner(), People::DisableMember { account, user }).expect("nothing to do");
    assert_eq!(org.world.rows(), told);
    org.tried(org.as_owner(), People::EnableMember { account, user }).expect("it was disabled");
    assert_eq!(org.world.part(account, user).acts_as(), Some(Role::Viewer));
    let pending = org.invited;
    for command in [People::DisableMember { account, user: pending }, People::EnableMember { account, user: pending }] {
        assert_eq!(org.tried(org.as_owner(), command), Err(Refused::NotParticipant));
    }
}

#[test]
fn g28_who_joined_another_organisation_while_disabled_is_not_enabled_again() {
    let mut org = org();
    let (account, user) = (org.account, org.first);
    let other = org.world.customer("Other");
    org.tried(org.as_owner(), People::DisableMember { account, user }).expect("it takes part");
    org.world.invited(other, "first@example.com");
    let link = org.world.link(user, MailKind::Invitation);
    org.tried(org.world.alone(user), People::ConfirmInvitation { link, claim: None }).expect("it is in none now");
    let enable = People::EnableMember { account, user };
    assert_eq!(org.tried(org.as_owner(), enable), Err(Refused::UserInOtherOrg));
}

#[test]
fn g31_a_removed_member_is_off_the_list_and_may_be_invited_again() {
    let mut org = org();
    let (account, user) = (org.account, org.first);
    org.world.session(user, "first");
    org.tried(org.as_owner(), People::RemoveMembers { account, users: vec![user] }).expect("no owner");
    assert_eq!(org.world.part(account, user).state, MembershipState::Removed);
    assert_eq!(org.world.secrets(user), []);
    for command in org.each(user) {
        assert_eq!(org.tried(org.as_owner(), command), Err(Refused::OutOfReach));
    }
    assert_eq!(org.world.invited(account, "FIRST@example.com"), user);
    assert_eq!(org.world.part(account, user).state, MembershipState::Pending);
}

#[test]
fn g31_removing_somebody_invited_takes_the_invitation_back() {
    let mut org = org();
    let (account, user) = (org.account, org.invited);
    let link = org.world.link(user, MailKind::Invitation);
    org.world.did(
        org.world.root(),
        People::InviteUser { account, email: "invited@example.com".into(), role: Role::Viewer, user },
    );
    let mail = org.world.mail(user, MailKind::Invitation).id;
    org.tried(org.as_owner(), People::RemoveMembers { account, users: vec![user] }).expect("it is invited");
    assert_eq!((org.world.secrets(user), org.world.mails(user)), (vec![], vec![]));
    assert_eq!(org.world.try_link(mail), Err(Refused::Irreversible));
    let confirm = People::ConfirmInvitation { link, claim: None };
    assert_eq!(org.tried(Actor::system("sign-in"), confirm), Err(Refused::LinkInvalid));
}

#[test]
fn v25_several_members_are_removed_together_or_not_at_all() {
    let mut org = org();
    let account = org.account;
    let remove = |users: Vec<UserId>| People::RemoveMembers { account, users };
    let with_owner = remove(vec![org.first, org.owner]);
    assert_eq!(org.tried(org.world.root(), with_owner), Err(Refused::OwnerProtected));
    assert_eq!(org.tried(org.world.root(), remove(vec![])), Err(Refused::FieldInvalid));
    let users = vec![org.first, org.second, org.invited, org.first];
    let actor = org.as_owner();
    let told = org.world.events_of(|world| world.did(actor, remove(users)));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].facts.iter().filter(|fact| fact.name == "user").count(), 3, "{told:?}");
}
