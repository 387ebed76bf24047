//! Seats of named users: a permission is a key for one device, made of units of a lot or pool (G12, G13, G27, G34).
//!
//! Taking a seat back ends its renewal; what its device holds runs to its end, and its units go back where they came from,
//! encumbered until then. While it lives the key is stopped and nobody's; after that it is deleted (I8).

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::charge::living;
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::grant::{Grant, one_each};
use crate::rule::member::takes_part;
use crate::rule::transfer::Take;
use crate::store::Table;
use crate::view::seconds;
use leasehold_protocol::{Refused, Time, Units};

/// Seats that one user has at most.
pub const SEATS_MAX: usize = 100;

/// A seat to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSeat {
    /// Its key's id.
    pub key: KeyId,
    /// Its allotment's id.
    pub allotment: HoldingId,
    /// The lot or pool it is granted from.
    pub from: HoldingId,
    /// Whose it is to be.
    pub user: UserId,
    /// The code that the user's device sends.
    pub code: String,
    /// How many units; one of each kind unless said otherwise.
    pub units: Option<Units>,
}

/// Grants a user a seat (G12). A mail says so.
///
/// # Errors
/// [`Fault`].
pub fn grant(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewSeat) -> Result<Outcome, Fault> {
    let from = draft.grantable(new.from)?;
    let account = draft.reach(context.actor, from.account, Role::Operator)?;
    let product = draft.product(&from.product)?;
    draft.allowed(&account, &product.sku)?;
    let named = product.used_by != UsedBy::Flex;
    ensure(named, Refused::ProductNotAllowed, || format!("{} floats: it has no named seats", product.sku))?;
    active(&account)?;
    let units = new.units.clone().unwrap_or_else(|| one_each(&from.quota()));
    let (key, allotment, code, kind, user) = (new.key, new.allotment, &new.code, KeyKind::Seat, Some(new.user));
    let grant = Grant { key, allotment, code, kind, user, units: units.clone() };
    draft.grant(context, &account, &product, &from, grant)?;
    let user = participant(draft, &account, new.user)?;
    let seats = seconds(draft, Table::UserSeats, user.id.bytes())?.len();
    ensure(seats < SEATS_MAX, Refused::FieldInvalid, || format!("user: {} has {SEATS_MAX} seats", user.name()))?;
    draft.put_raw(Table::UserSeats, [*user.id.bytes(), *new.key.bytes()].concat(), vec![]);
    draft.post(context, MailKind::SeatGranted, &user, Some(account.id))?;
    let facts = Facts::default().is("user", user.name()).is("product", &product.sku).is("units", &units);
    draft.event_with(context, Verb::SeatGranted, &[account.id], new.key, facts.is("from", from.id))?;
    Ok(Outcome::Done)
}

/// Takes a seat back from its user. A mail says so.
///
/// # Errors
/// [`Fault`].
pub fn take(draft: &mut Draft<'_>, context: &Context<'_>, id: KeyId) -> Result<Outcome, Fault> {
    let key = draft.key(id)?;
    let missing = || Fault::refused(Refused::OutOfReach, format!("{id} is nobody's seat"));
    let user = key.user.filter(|_| key.kind == KeyKind::Seat).ok_or_else(missing)?;
    draft.reach(context.actor, key.account, Role::Operator)?;
    let (account, units) = (key.account, draft.vacate(context, key)?);
    let mut facts = Facts::default().is("units", &units);
    if let Some(user) = people::user(draft, user)? {
        facts = facts.is("user", user.name());
        draft.post(context, MailKind::SeatTakenBack, &user, Some(account))?;
    }
    draft.event_with(context, Verb::SeatTakenBack, &[account], id, facts)?;
    Ok(Outcome::Done)
}

/// Takes back every seat a user has in an account (G29, G31); `facts` of the Event that follows say how many. What was taken
/// back is granted again, or not (G30).
///
/// # Errors
/// [`Fault::Store`].
pub fn take_all(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    (account, user): (AccountId, UserId),
    facts: Facts,
) -> Result<Facts, Fault> {
    let mut taken = 0_u32;
    for key in seconds(draft, Table::UserSeats, user.bytes())? {
        let key = draft.key(KeyId(uuid::Uuid::from_bytes(key)))?;
        if key.account == account {
            draft.vacate(context, key)?;
            taken += 1;
        }
    }
    if taken == 0 {
        return Ok(facts);
    }
    if let Some(user) = people::user(draft, user)? {
        draft.post(context, MailKind::SeatTakenBack, &user, Some(account))?;
    }
    Ok(facts.is("seats_taken_back", taken))
}

/// An active member who may sign in (G27, G34).
fn participant(draft: &Draft<'_>, account: &Account, user: UserId) -> Result<User, Fault> {
    let no = || Fault::refused(Refused::NotParticipant, format!("no member {user}"));
    takes_part(&people::membership(draft, account.id, user)?.ok_or_else(no)?)?;
    let user = people::user(draft, user)?.ok_or_else(no)?;
    ensure(user.state == UserState::Active, Refused::NotParticipant, || "the user is locked".to_owned())?;
    Ok(user)
}

impl Draft<'_> {
    /// Ends a seat: its units go back, and it is nobody's from now on. Returns its units.
    fn vacate(&mut self, context: &Context<'_>, mut key: Key) -> Result<Units, Fault> {
        let mut units = Units::default();
        for id in key.holdings.clone() {
            let Some(parent) = self.holding(id)?.parent else { continue };
            self.sweep(id, context.now)?;
            let here = self.holding(id)?.units;
            if !here.is_none() {
                self.transfer(context, id, parent, &here, Take::Carried)?;
                self.granted(Some(parent), &Units::default(), &here)?;
            }
            units = crate::charge::sum(&units, &here)?;
        }
        if let Some(user) = key.user.take() {
            self.delete(Table::UserSeats, [*user.bytes(), *key.id.bytes()].concat());
        }
        key.state = if self.lives(&key, context.now)? { KeyState::Stopped } else { KeyState::Deleted };
        self.put(&key);
        Ok(units)
    }

    /// Deletes a seat that was taken back, once its last artefact has ended. Its Event was written when it was taken back.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn bury(&mut self, key: KeyId, now: Time) -> Result<(), Fault> {
        let key = self.key(key)?;
        if key.is_vacated() && key.state == KeyState::Stopped && !self.lives(&key, now)? {
            self.put(&Key { state: KeyState::Deleted, ..key });
        }
        Ok(())
    }

    /// A living artefact stems from the key.
    fn lives(&self, key: &Key, now: Time) -> Result<bool, Fault> {
        for holding in &key.holdings {
            for id in seconds(self, Table::OpenActivations, holding.bytes())? {
                let (activation, slot) = self.indexed(id)?;
                if !living(&activation, &slot, now).is_none() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
