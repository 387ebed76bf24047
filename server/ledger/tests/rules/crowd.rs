//! Random histories of memberships against a model of a few lines: who is in, as what, and who owns. The ledger must accept and
//! refuse the same commands, and never has two owners, two co-administrators, or a user in two organisations.

use super::staff::phc;
use super::world::World;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::people::*;
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const ORGS: usize = 3;
const USERS: usize = 4;

/// What is done, by whoever stands above, to a user in an organisation.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Invite,
    Confirm,
    Disable,
    Enable,
    Remove,
    CoAdmin(bool),
    HandOver,
}

/// An organisation, a user, and a deed.
type Step = (usize, usize, Deed);

fn step() -> impl Strategy<Value = Step> {
    let deed = prop_oneof![
        4 => Just(Deed::Invite),
        6 => Just(Deed::Confirm),
        2 => Just(Deed::Disable),
        2 => Just(Deed::Enable),
        1 => Just(Deed::Remove),
        3 => any::<bool>().prop_map(Deed::CoAdmin),
        2 => Just(Deed::HandOver),
    ];
    (0..ORGS, 0..USERS, deed)
}

/// The model: what is said of a user in an organisation, nothing for whoever is not listed there.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Model {
    listed: BTreeMap<(usize, usize), MembershipState>,
    links: BTreeSet<(usize, usize)>,
    owner: BTreeMap<usize, usize>,
    co_admin: BTreeMap<usize, usize>,
}

impl Model {
    fn is(&self, at: (usize, usize), state: MembershipState) -> bool {
        self.listed.get(&at) == Some(&state)
    }

    fn elsewhere(&self, (org, user): (usize, usize)) -> bool {
        (0..ORGS).any(|other| other != org && self.is((other, user), MembershipState::Active))
    }

    fn run(&mut self, (org, user, deed): Step) -> Result<(), Refused> {
        use MembershipState::{Active, Disabled, Pending};
        let no = |refused: Refused, holds: bool| if holds { Ok(()) } else { Err(refused) };
        let at = (org, user);
        let owns = self.owner.get(&org) == Some(&user);
        let is_listed = self.listed.contains_key(&at);
        match deed {
            Deed::Invite => {
                no(Refused::NameTaken, !self.is(at, Active) && !self.is(at, Disabled))?;
                self.listed.insert(at, Pending);
                self.links.insert(at);
            }
            Deed::Confirm => {
                no(Refused::LinkInvalid, self.links.contains(&at))?;
                no(Refused::UserInOtherOrg, !self.elsewhere(at))?;
                self.links.remove(&at);
                self.listed.insert(at, Active);
            }
            Deed::Disable => {
                no(Refused::OutOfReach, is_listed)?;
                no(Refused::NotParticipant, !self.is(at, Pending))?;
                no(Refused::OwnerProtected, !owns)?;
                self.listed.insert(at, Disabled);
                self.co_admin.retain(|place, holder| (*place, *holder) != at);
            }
            Deed::Enable => {
                no(Refused::OutOfReach, is_listed)?;
                no(Refused::UserInOtherOrg, self.is(at, Active) || !self.elsewhere(at))?;
                no(Refused::NotParticipant, !self.is(at, Pending))?;
                self.listed.insert(at, Active);
            }
            Deed::Remove => {
                no(Refused::OutOfReach, is_listed)?;
                no(Refused::OwnerProtected, !owns)?;
                self.listed.remove(&at);
                self.links.remove(&at);
                self.co_admin.retain(|place, holder| (*place, *holder) != at);
            }
            Deed::CoAdmin(_) if self.co_admin.get(&org) == Some(&user) => {}
            Deed::CoAdmin(replace) => {
                no(Refused::CoAdminExists, !self.co_admin.contains_key(&org) || replace)?;
                no(Refused::NotParticipant, self.is(at, Active))?;
                no(Refused::OwnerProtected, !owns)?;
                self.co_admin.insert(org, user);
            }
            Deed::HandOver => {
                no(Refused::NotParticipant, self.is(at, Active))?;
                self.co_admin.retain(|place, holder| (*place, *holder) != at);
                self.owner.insert(org, user);
            }
        }
        Ok(())
    }
}

/// The ledger: organisations, people with a password each, and the links they were mailed.
struct Bench {
    world: World,
    orgs: Vec<AccountId>,
    users: Vec<UserId>,
    links: BTreeMap<(usize, usize), [u8; 32]>,
}

impl Bench {
    fn new() -> Self {
        let mut world = World::new();
        let orgs = (0..ORGS).map(|org| world.customer(&format!("Org {org}"))).collect();
        let users = (0..USERS).map(|user| world.personal(&format!("user{user}")).0).collect();
        Self { world, orgs, users, links: BTreeMap::new() }
    }

    fn run(&mut self, (org, user, deed): Step) -> Result<(), Refused> {
        let (account, id) = (self.orgs[org], self.users[user]);
        let command = match deed {
            Deed::Invite => return self.invite(org, user),
            Deed::Confirm => return self.confirm(org, user),
            Deed::Disable => People::DisableMember { account, user: id },
            Deed::Enable => People::EnableMember { account, user: id },
            Deed::Remove => People::RemoveMembers { account, users: vec![id] },
            Deed::CoAdmin(replace) => People::NameCoAdmin { account, user: id, replace },
            Deed::HandOver => People::HandOver { account, user: id },
        };
        self.world.people(self.world.root(), command).map(drop)
    }

    fn invite(&mut self, org: usize, user: usize) -> Result<(), Refused> {
        let (account, email) = (self.orgs[org], format!("user{user}@example.com"));
        let id = UserId(self.world.draw());
        let invite = People::InviteUser { account, email, role: Role::Viewer, user: id };
        self.world.people(self.world.root(), invite)?;
        let mails = self.world.mails(self.users[user]);
        let mail = mails.iter().find(|mail| mail.account == Some(account)).expect("it was posted");
        let link = self.world.try_link(mail.id)?;
        self.links.insert((org, user), link);
        Ok(())
    }

    fn confirm(&mut self, org: usize, user: usize) -> Result<(), Refused> {
        let link = self.links.get(&(org, user)).copied().unwrap_or_else(|| self.world.hash());
        let actor: Actor = self.world.alone(self.users[user]);
        self.world.people(actor, People::ConfirmInvitation { link, claim: None }).map(drop)
    }

    /// The model as the ledger has it, but for the links.
    fn books(&self) -> Model {
        let Model { mut listed, links, mut owner, mut co_admin } = Model::default();
        for (org, account) in self.orgs.iter().enumerate() {
            for one in self.world.members(*account) {
                let user = self.users.iter().position(|user| *user == one.user).expect("one of ours");
                if one.state != MembershipState::Removed {
                    listed.insert((org, user), one.state);
                }
                let second = match one.standing {
                    Standing::None => None,
                    Standing::Owner => owner.insert(org, user),
                    Standing::CoAdmin => co_admin.insert(org, user),
                };
                assert_eq!(second, None, "I12");
            }
        }
        Model { listed, links, owner, co_admin }
    }
}

/// Histories; `LEASEHOLD_SOAK` multiplies them.
fn cases() -> u32 {
    64 * std::env::var("LEASEHOLD_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i12_whoever_comes_and_goes_the_ledger_agrees_with_a_model_of_who_is_in(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        let (mut bench, mut model) = (Bench::new(), Model::default());
        for (at, step) in steps.iter().enumerate() {
            let (expected, answer) = (model.run(*step), bench.run(*step));
            prop_assert_eq!(answer, expected, "step {}: {:?}", at, step);
            let expected = Model { links: BTreeSet::new(), ..model.clone() };
            prop_assert_eq!(bench.books(), expected);
        }
    }

    /// Sessions and links end with the password that opened them, in whatever order things are asked for.
    #[test]
    fn a_new_password_leaves_nothing_open_that_was_open_before(
        before in prop::collection::vec(0..4_u8, 0..8)
    ) {
        let mut world = World::new();
        let account = world.customer("Org");
        let user = world.user(account, "ada", Role::Viewer);
        let last = world.reset_link(user);
        for what in before {
            match what {
                0 => drop(world.session(user, "first")),
                1 => world.did(world.alone(user), People::RequestEmail { to: "new@example.com".into() }),
                2 if world.mails(user).iter().any(|mail| mail.kind == MailKind::ChangeEmail) => {
                    world.link(user, MailKind::ChangeEmail);
                }
                _ => world.did(Actor::system("sign-in"), People::RequestReset { user }),
            }
        }
        world.set_by(last, "second").expect("the newest link works");
        prop_assert_eq!(world.secrets(user), vec![]);
        let open = world.mails(user).into_iter().filter(|mail| mail.link().is_some()).count();
        prop_assert_eq!(open, 0);
        prop_assert_eq!(world.who(user).password, Some(phc("second")));
    }
}
