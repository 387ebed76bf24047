//! Who acts, and how far they reach.

use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::{Account, AccountId, AccountKind, AccountStatus, Product, TokenId, User, UserId};
use crate::view;
use leasehold_protocol::{DeviceId, Refused, Time};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// What a person or a token may do in an account; each may all that stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// View, upload requests, download files (A48).
    Viewer,
    /// Pools, keys, quotas, moves.
    Operator,
    /// Accounts and tokens too (A49).
    Admin,
}

/// What an Event calls somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// A person, a token, a job, the operator.
    Text(String),
    /// A device; put into words where an Event is written, which most of its messages do not lead to.
    Device(DeviceId),
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Text(text) => out.write_str(text),
            Name::Device(device) => write!(out, "device {device}"),
        }
    }
}

/// Where an actor came from. A device signs what it says, so its address would prove nothing and is not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Devices and jobs.
    #[default]
    Nowhere,
    /// The Unix socket in the data folder.
    Socket,
    /// A network.
    Address(IpAddr),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Nowhere => Ok(()),
            Place::Socket => out.write_str("socket"),
            Place::Address(address) => address.to_canonical().fmt(out),
        }
    }
}

/// What somebody came in with. Whether it is good still is asked again where the command is decided: the rest of the request, a
/// password's hash and a queue lie between the two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    /// Nothing that could be taken back: devices, jobs, the operator, whoever has a link.
    #[default]
    Nothing,
    /// An API token.
    Token(TokenId),
    /// A session, by the hash of its secret.
    Session([u8; 32]),
}

/// Who sends a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What the Event says.
    pub name: Name,
    /// Where it stands in the tree and as what; none for devices and jobs, which send their own commands only.
    pub member: Option<(AccountId, Role)>,
    /// The person, where it is one who signed in: what only an owner or the person itself may do asks for it.
    pub user: Option<UserId>,
    /// Where it came from, as its Events say.
    pub from: Place,
    /// What it came in with.
    pub shown: Shown,
}

impl Actor {
    /// Somebody with a role in an account.
    #[must_use]
    pub fn member(name: &str, account: AccountId, role: Role) -> Self {
        Self { member: Some((account, role)), ..Self::system(name) }
    }

    /// A person who signed in, speaking for one of its accounts or for none.
    #[must_use]
    pub fn person(user: &User, member: Option<(AccountId, Role)>) -> Self {
        Self { member, user: Some(user.id), ..Self::system(&format!("user {}", user.name())) }
    }

    /// A device whose signature held.
    #[must_use]
    pub fn device(device: DeviceId) -> Self {
        Self::named(Name::Device(device))
    }

    /// A job, or the operator at the machine.
    #[must_use]
    pub fn system(name: &str) -> Self {
        Self::named(Name::Text(name.to_owned()))
    }

    fn named(name: Name) -> Self {
        Self { name, member: None, user: None, from: Place::Nowhere, shown: Shown::Nothing }
    }

    /// The same actor, come from `place`.
    #[must_use]
    pub fn coming_from(self, place: Place) -> Self {
        Self { from: place, ..self }
    }

    /// The same actor, who came in with `shown`.
    #[must_use]
    pub fn showing(self, shown: Shown) -> Self {
        Self { shown, ..self }
    }
}

impl Draft<'_> {
    /// What `actor` came in with is good still, and a person is no less in the account it speaks for than it was then.
    ///
    /// # Errors
    /// `forbidden_role`.
    pub fn admit(&self, actor: &Actor, now: Time) -> Result<(), Fault> {
        let good = match actor.shown {
            Shown::Nothing => true,
            Shown::Token(id) => view::token(self, id)?.is_some_and(|token| token.expires.is_none_or(|end| now < end)),
            Shown::Session(hash) => {
                people::secret(self, &hash)?.is_some_and(|session| session.is_good(now)) && self.acts_as(actor)?
            }
        };
        ensure(good, Refused::ForbiddenRole, || format!("what {} came in with was taken back meanwhile", actor.name))
    }

    fn acts_as(&self, actor: &Actor) -> Result<bool, Fault> {
        let (Some(user), Some((account, role))) = (actor.user, actor.member) else { return Ok(true) };
        let membership = people::membership(self, account, user)?;
        Ok(membership.and_then(|membership| membership.acts_as()).is_some_and(|now| now >= role))
    }

    /// The account, if `actor` reaches it with at least `role`: its own account, or one below its own vendor or reseller
    /// account (A3, V12-V16). Anything else does not exist for it.
    ///
    /// # Errors
    /// `out_of_reach`, `forbidden_role` or `admin_only`.
    pub fn reach(&self, actor: &Actor, target: AccountId, role: Role) -> Result<Account, Fault> {
        let hidden = || Fault::refused(Refused::OutOfReach, format!("no account {target}"));
        let (home, own) = actor.member.ok_or_else(hidden)?;
        let account = self.account(target)?.filter(|account| account.deleted.is_none()).ok_or_else(hidden)?;
        if target != home {
            let above =
                self.path(&account)?.iter().any(|step| step.id == home && step.kind != AccountKind::EndCustomer);
            above.then_some(()).ok_or_else(hidden)?;
        }
        match role {
            _ if own >= role => Ok(account),
            Role::Admin => Err(Fault::refused(Refused::AdminOnly, format!("{} acts as {own:?}", actor.name))),
            _ => Err(Fault::refused(Refused::ForbiddenRole, format!("{} acts as {own:?}", actor.name))),
        }
    }

    /// [`Draft::reach`] to an account that is active.
    ///
    /// # Errors
    /// As [`Draft::reach`], or `account_inactive`.
    pub fn reach_active(&self, actor: &Actor, target: AccountId, role: Role) -> Result<Account, Fault> {
        let account = self.reach(actor, target, role)?;
        active(&account)?;
        Ok(account)
    }

    /// Only the vendor's administrators.
    ///
    /// # Errors
    /// `admin_only`.
    pub fn vendor_admin(&self, actor: &Actor) -> Result<AccountId, Fault> {
        let vendor = self.installation()?.vendor;
        match actor.member {
            Some((home, Role::Admin)) if home == vendor => Ok(vendor),
            _ => Err(Fault::refused(Refused::AdminOnly, "this is the vendor's to do".to_owned())),
        }
    }
}

/// Nothing new happens in an inactive account (I5).
///
/// # Errors
/// `account_inactive`.
pub fn active(account: &Account) -> Result<(), Fault> {
    match account.status {
        AccountStatus::Active if account.deleted.is_none() => Ok(()),
        _ => Err(Fault::refused(Refused::AccountInactive, account.name())),
    }
}

/// A product that is for organisations only is used in none but such (G2).
///
/// # Errors
/// `org_required`.
pub fn organised(account: &Account, product: &Product) -> Result<(), Fault> {
    let fits = account.organisation || !product.is_shared();
    ensure(fits, Refused::OrgRequired, || format!("{} in a personal account", product.sku))
}
