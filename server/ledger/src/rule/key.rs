//! Pool keys: an allotment of a pool under a code, on one device at a time (H14-H18, H26-H31).

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::charge::living;
use crate::draft::{Draft, Fault, ensure};
use crate::record::told::Word;
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::flex::owners;
use crate::rule::transfer::Take;
use crate::store::Table;
use crate::view::seconds;
use leasehold_protocol::{Refused, Units};

/// What a new pool key is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The key's id.
    pub id: KeyId,
    /// Its allotment's id.
    pub allotment: HoldingId,
    /// The pool it draws on.
    pub pool: HoldingId,
    /// Its code.
    pub code: String,
    /// The licensee's name, without the account's prefix.
    pub name: String,
    /// The most its device may use.
    pub quota: Units,
}

/// Makes a pool key with its quota.
///
/// # Errors
/// [`Fault`].
pub fn create(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewKey) -> Result<Outcome, Fault> {
    let pool = draft.pool(new.pool)?;
    let account = draft.reach_active(context.actor, pool.account, Role::Operator)?;
    let product = draft.product(&pool.product)?;
    code::kinds(&product, &new.quota)?;
    let licensee = code::licensee(account.profile.key_prefix.as_deref(), &new.name); // its no stands behind those of units and code
    let allotment = Holding {
        name: licensee.clone().unwrap_or_default(),
        key: Some(new.id),
        parent: Some(pool.id),
        backing: pool.backing.clone(),
        upgrade_until: pool.upgrade_until,
        ..pool.empty_beside(new.allotment, HoldingRole::Allotment, context.now)
    };
    draft.enter_holding(&allotment);
    if !new.quota.is_none() {
        draft.transfer(context, pool.id, allotment.id, &new.quota, Take::Carried)?;
        draft.granted(Some(pool.id), &new.quota, &Units::default())?;
    }
    let code = draft.new_code(&new.code, new.id)?;
    let licensee = licensee?;
    let key = Key::new(new.id, KeyKind::PoolKey, code, licensee.clone(), account.id, context.now);
    draft.put(&Key { holdings: vec![new.allotment], ..key });
    let detail: [(&str, &dyn std::fmt::Display); 3] =
        [("licensee", &licensee), ("quota", &new.quota), ("pool", &pool.id)];
    draft.event(context, Verb::KeyCreated, &[account.id], new.id, &detail)?;
    Ok(Outcome::Done)
}

/// Changes the most a key's device may use (H27). It hears of it at its next check (H28); what it carries until then
/// goes back to the pool encumbered.
///
/// # Errors
/// [`Fault`].
pub fn set_quota(draft: &mut Draft<'_>, context: &Context<'_>, id: KeyId, quota: &Units) -> Result<Outcome, Fault> {
    let (key, allotment, pool) = draft.pool_key(id)?;
    let account = draft.reach(context.actor, key.account, Role::Operator)?;
    floating(draft, context, &key, &account)?;
    let before = allotment.units.clone();
    let (more, less) = (quota.saturating_sub(&before), before.saturating_sub(quota));
    if !more.is_none() {
        active(&account)?;
    }
    code::kinds(&draft.product(&allotment.product)?, quota)?;
    if more.is_none() && less.is_none() {
        return Ok(Outcome::Done);
    }
    if !less.is_none() {
        draft.transfer(context, allotment.id, pool, &less, Take::Carried)?;
    }
    if !more.is_none() {
        draft.transfer(context, pool, allotment.id, &more, Take::Carried)?;
    }
    draft.granted(Some(pool), &more, &less)?;
    let facts = Facts::default().is("licensee", &key.licensee).was("quota", &before, quota);
    draft.event_with(context, Verb::KeyQuotaChanged, &[key.account], id, facts)?;
    Ok(Outcome::Done)
}

/// Stops or resumes a key: nothing is renewed while it is stopped; what is out runs to its end (H30).
///
/// # Errors
/// [`Fault`].
pub fn set_stopped(draft: &mut Draft<'_>, context: &Context<'_>, id: KeyId, stopped: bool) -> Result<Outcome, Fault> {
    let mut key = draft.living_key(id)?;
    draft.reach(context.actor, key.account, Role::Operator)?;
    ensure(!key.is_vacated(), Refused::Irreversible, || "the seat was taken back".to_owned())?;
    let (state, verb) =
        if stopped { (KeyState::Stopped, Verb::KeyStopped) } else { (KeyState::Open, Verb::KeyResumed) };
    if key.state == state {
        return Ok(Outcome::Done);
    }
    let facts = Facts::default().is("licensee", &key.licensee).was("state", key.state.word(), state.word());
    key.state = state;
    draft.put(&key);
    draft.event_with(context, verb, &[key.account], id, facts)?;
    Ok(Outcome::Done)
}

/// Deletes a pool key from which no living artefact stems (H29, H30, I8); its units go back to the pool.
///
/// # Errors
/// [`Fault`].
pub fn delete(draft: &mut Draft<'_>, context: &Context<'_>, id: KeyId) -> Result<Outcome, Fault> {
    let (mut key, allotment, pool) = draft.pool_key(id)?;
    let account = draft.reach(context.actor, key.account, Role::Operator)?;
    floating(draft, context, &key, &account)?;
    draft.sweep(allotment.id, context.now)?;
    for activation in seconds(draft, Table::OpenActivations, allotment.id.bytes())? {
        let (activation, slot) = draft.indexed(activation)?;
        let dead = living(&activation, &slot, context.now).is_none();
        ensure(dead, Refused::KeyInUse, || format!("its last lease ends {}", slot.exp))?;
    }
    let units = draft.holding(allotment.id)?.units;
    if !units.is_none() {
        draft.transfer(context, allotment.id, pool, &units, Take::Carried)?;
        draft.granted(Some(pool), &Units::default(), &units)?;
    }
    let facts = Facts::default().is("licensee", &key.licensee).was("quota", &units, Units::default());
    let facts = facts.was("state", key.state.word(), KeyState::Deleted.word());
    key.state = KeyState::Deleted;
    draft.put(&key);
    draft.event_with(context, Verb::KeyDeleted, &[key.account], id, facts)?;
    Ok(Outcome::Done)
}

/// Floating seats are the owner's to change and to close, as they are to open (G7).
fn floating(draft: &Draft<'_>, context: &Context<'_>, key: &Key, account: &Account) -> Result<(), Fault> {
    if key.kind == KeyKind::Flex { owners(draft, context, account) } else { Ok(()) }
}

impl Draft<'_> {
    /// Takes a code that was never used for a key.
    ///
    /// # Errors
    /// `key_format`, or `key_taken` (T7).
    pub fn new_code(&mut self, typed: &str, key: KeyId) -> Result<String, Fault> {
        let code = code::parse(typed)?;
        self.unused(&code)?;
        self.put_raw(Table::KeyCodes, code.clone().into_bytes(), key.bytes().to_vec());
        Ok(code)
    }

    fn living_key(&self, id: KeyId) -> Result<Key, Fault> {
        let key = self.key(id)?;
        ensure(key.state != KeyState::Deleted, Refused::OutOfReach, || format!("key {id} was deleted"))?;
        Ok(key)
    }

    fn pool_key(&self, id: KeyId) -> Result<(Key, Holding, HoldingId), Fault> {
        let key = self.living_key(id)?;
        let missing = || Fault::refused(Refused::OutOfReach, format!("key {id} is no pool key"));
        let has_quota = matches!(key.kind, KeyKind::PoolKey | KeyKind::Flex);
        let home = key.holding().filter(|_| has_quota).ok_or_else(missing)?;
        let allotment = self.holding(home)?;
        let pool = allotment.parent.ok_or_else(missing)?;
        Ok((key, allotment, pool))
    }
}
