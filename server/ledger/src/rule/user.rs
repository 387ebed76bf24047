//! Users: made by administrators, changed by themselves and by those who administer them, locked (A43-A53, T29-T33,
//! V18-V23).
//!
//! A user is administered where it takes part: in the accounts of its active memberships, or, when it has none, of its
//! disabled ones, and from above them. Whoever merely invited somebody administers nobody, and whoever has only somebody's
//! personal account below it administers nobody whom an organisation out of its reach has taken in.

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::command::people::{NewUser, Place, UserChange, Welcome};
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::rule::account::{self, NewAccount};
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::{joining, member};
use crate::store::{Read, Table};
use leasehold_protocol::Refused;

/// Creates a user (A43, A53).
///
/// # Errors
/// [`Fault`].
pub fn create(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewUser) -> Result<Outcome, Fault> {
    let (user, membership, account) = enrol(draft, context, new)?;
    let facts = Facts::default().between(None, Some(&user)).is("role", member::word_of(&membership));
    let accounts = match (&new.place, account.parent) {
        (Place::Personal { .. }, Some(parent)) => vec![parent, account.id],
        _ => vec![account.id],
    };
    draft.event_with(context, Verb::UserCreated, &accounts, user.id, facts)?;
    Ok(Outcome::Done)
}

/// Creates an account and its first user, whose place it is (T29).
///
/// # Errors
/// [`Fault`].
pub fn create_with_account(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    new: &NewAccount,
    user: &NewUser,
) -> Result<Outcome, Fault> {
    let account = account::found(draft, context, new)?;
    let own = matches!(user.place, Place::Member { account: place, .. } if place == account.id);
    ensure(own, Refused::FieldInvalid, || "user: its place is another account".to_owned())?;
    let (user, ..) = enrol(draft, context, user)?;
    account::created(draft, context, &account, Facts::default().is("user", user.name()))?;
    Ok(Outcome::Done)
}

/// Changes names and contact: by the person or whoever administers it. An administrator cannot change the email (V19).
///
/// # Errors
/// [`Fault`].
pub fn update(draft: &mut Draft<'_>, context: &Context<'_>, id: UserId, change: &UserChange) -> Result<Outcome, Fault> {
    let before =
        if context.actor.user == Some(id) { draft.oneself(context)? } else { administered(draft, context, id)?.0 };
    let same = |email: &String| code::fold(email) == code::fold(&before.email);
    ensure(change.email.as_ref().is_none_or(same), Refused::FieldNotEditable, || {
        "email: only the person itself changes it, by a link mailed to the new address".to_owned()
    })?;
    let or = |new: &Option<String>, old: &str| new.clone().unwrap_or_else(|| old.to_owned());
    let person = checked(&Person {
        first_name: or(&change.first_name, &before.person.first_name),
        last_name: or(&change.last_name, &before.person.last_name),
        phone: or(&change.phone, &before.person.phone),
        company: or(&change.company, &before.person.company),
    })?;
    let after = User { person, ..before.clone() };
    if after == before {
        return Ok(Outcome::Done);
    }
    draft.put(&after);
    let facts = Facts::default().is("user", after.name()).between(Some(&before), Some(&after));
    draft.event_with(context, Verb::UserUpdated, &sides(draft, id)?, id, facts)?;
    Ok(Outcome::Done)
}

/// Locks or unlocks a user. Locking ends its sessions; an owner is locked from above only (G35).
///
/// # Errors
/// [`Fault`].
pub fn set_state(draft: &mut Draft<'_>, context: &Context<'_>, id: UserId, state: UserState) -> Result<Outcome, Fault> {
    let (before, at) = administered(draft, context, id)?;
    if before.state == state {
        return Ok(Outcome::Done);
    }
    member::spare_owner(draft, context, &at, &before)?;
    let after = User { state, ..before.clone() };
    draft.put(&after);
    let verb = match state {
        UserState::Active => Verb::UserUnlocked,
        UserState::Locked => Verb::UserLocked,
    };
    if state == UserState::Locked {
        draft.end_sessions(id, None)?;
    }
    let facts = Facts::default().is("user", after.name()).between(Some(&before), Some(&after));
    draft.event_with(context, verb, &sides(draft, id)?, id, facts)?;
    Ok(Outcome::Done)
}

/// A user, and the memberships through which the actor administers it; none for the vendor and a user who is nowhere.
///
/// # Errors
/// `out_of_reach`, or `admin_only`: the role is too low, or the user is active in an organisation out of reach.
pub fn administered(draft: &Draft<'_>, context: &Context<'_>, id: UserId) -> Result<(User, Vec<Membership>), Fault> {
    let hidden = || Fault::refused(Refused::OutOfReach, format!("no user {id}"));
    let user = people::user(draft, id)?.ok_or_else(hidden)?;
    let standing = where_it_is(draft, id)?;
    if standing.is_empty() {
        draft.reach(context.actor, draft.installation()?.vendor, Role::Admin)?;
    }
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for membership in standing {
        match draft.reach(context.actor, membership.account, Role::Admin) {
            Ok(_) => near.push(membership),
            Err(Fault::Refused { refused: Refused::OutOfReach, .. }) => far.push(membership),
            Err(other) => return Err(other),
        }
    }
    ensure(far.is_empty() || !near.is_empty(), Refused::OutOfReach, || format!("no user {id}"))?;
    for membership in far.iter().filter(|one| one.state == MembershipState::Active) {
        let organisation = draft.account(membership.account)?.is_some_and(|account| account.organisation);
        ensure(!organisation, Refused::AdminOnly, || "the user takes part in another organisation".to_owned())?;
    }
    Ok((user, near))
}

/// Whose Events a user's are: the accounts where it is active, if there is none those where it is disabled, or the vendor's.
///
/// # Errors
/// [`Fault::Store`].
pub fn sides(draft: &Draft<'_>, user: UserId) -> Result<Vec<AccountId>, Fault> {
    let sides: Vec<_> = where_it_is(draft, user)?.into_iter().map(|one| one.account).collect();
    Ok(if sides.is_empty() { vec![draft.installation()?.vendor] } else { sides })
}

/// The memberships of a user that count: the active ones, or where there is none those that are disabled.
fn where_it_is(draft: &Draft<'_>, user: UserId) -> Result<Vec<Membership>, Fault> {
    let mut all = people::memberships_of(draft, user)?;
    let is_active = all.iter().any(|one| one.state == MembershipState::Active);
    let counts = if is_active { MembershipState::Active } else { MembershipState::Disabled };
    all.retain(|one| one.state == counts);
    Ok(all)
}

/// Names and contact as they are stored.
///
/// # Errors
/// `field_invalid`.
pub fn checked(person: &Person) -> Result<Person, Fault> {
    Ok(Person {
        first_name: code::optional("first_name", &person.first_name)?,
        last_name: code::optional("last_name", &person.last_name)?,
        phone: code::optional("phone", &person.phone)?,
        company: code::optional("company", &person.company)?,
    })
}

/// Makes the user, its membership and its first mail.
fn enrol(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewUser) -> Result<(User, Membership, Account), Fault> {
    let (account, role) = place(draft, context, &new.place)?;
    let email = code::email(&new.email)?;
    let before = people::user_named(draft, &email)?;
    let fresh = before.as_ref().map_or(Ok(true), |user| is_unclaimed(draft, user))?;
    ensure(fresh, Refused::NameTaken, || "the email is taken".to_owned())?;
    let drawn = new.welcome == Welcome::Password;
    ensure(!(drawn && new.password.is_some()), Refused::FieldInvalid, || {
        "password: the welcome mail brings one of its own".to_owned()
    })?;
    let user = User {
        id: before.as_ref().map_or(new.id, |user| user.id),
        username: new.username.as_deref().map(code::username).transpose()?,
        email,
        person: checked(&new.person)?,
        password: new.password.clone(),
        must_change: true,
        totp: None,
        state: UserState::Active,
        created: before.as_ref().map_or(context.now, |user| user.created),
        last_seen: None,
    };
    draft.put_user(before.as_ref(), &user)?;
    joining::not_full(draft, account.id, MembershipState::Active)?;
    let membership = joining::join(draft, context, &account, user.id, role)?;
    if new.welcome != Welcome::Nothing {
        let reseller = account.kind == AccountKind::Reseller;
        let kind = if reseller { MailKind::ResellerWelcome } else { MailKind::Welcome };
        let mail = draft.post(context, kind, &user, Some(account.id))?;
        draft.put(&Mail { temporary_password: drawn, ..mail });
    }
    Ok((user, membership, account))
}

/// The account a new user is to stand in, and as what.
fn place(draft: &mut Draft<'_>, context: &Context<'_>, place: &Place) -> Result<(Account, Role), Fault> {
    match place {
        Place::Member { account, role } => {
            let account = draft.reach_active(context.actor, *account, Role::Admin)?;
            joining::room(draft, &account)?;
            Ok((account, *role))
        }
        Place::Personal { account, parent, name } => {
            let profile = Profile { name: name.clone(), ..Profile::default() };
            let new = NewAccount { id: *account, parent: *parent, kind: AccountKind::EndCustomer, profile };
            let account = Account { organisation: false, ..account::found(draft, context, &new)? };
            draft.put(&account);
            Ok((account, Role::Admin))
        }
    }
}

/// Somebody was invited under this email and never came: whoever creates the user first, or shows that the address is
/// theirs, has it.
///
/// # Errors
/// [`Fault::Store`].
pub fn is_unclaimed(draft: &Draft<'_>, user: &User) -> Result<bool, Fault> {
    Ok(user.password.is_none() && where_it_is(draft, user.id)?.is_empty())
}

impl Draft<'_> {
    /// Writes a user, its username and email indexed in the place of those so far.
    ///
    /// # Errors
    /// `name_taken` (I11).
    pub fn put_user(&mut self, before: Option<&User>, after: &User) -> Result<(), Fault> {
        let names = |user: &User| {
            let names = [Some(&user.email), user.username.as_ref()].into_iter().flatten();
            names.map(|name| code::fold(name).into_bytes()).collect::<Vec<_>>()
        };
        for old in before.into_iter().flat_map(names) {
            self.delete(Table::UserNames, old);
        }
        for (name, what) in names(after).into_iter().zip(["email", "username"]) {
            let taken = self.get(Table::UserNames, &name)?.is_some();
            ensure(!taken, Refused::NameTaken, || format!("the {what} is taken"))?;
            self.put_raw(Table::UserNames, name, after.id.bytes().to_vec());
        }
        self.put(after);
        Ok(())
    }
}
