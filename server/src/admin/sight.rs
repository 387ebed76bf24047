//! What a caller sees of one snapshot: records in its reach, bookings as they stand at this moment.
//!
//! Reads look at the clock first: what time has ended since the last command is booked in a draft that is thrown away, so
//! "free" means free now. Whatever lies outside the caller's reach does not exist (404).

use super::auth::Caller;
use super::problem::Problem;
use leasehold_ledger::actor::Role;
use leasehold_ledger::draft::Draft;
use leasehold_ledger::record::*;
use leasehold_ledger::renewal::Renewal;
use leasehold_ledger::store::Read;
use leasehold_protocol::{ActivationId, Time};

/// A snapshot, seen by somebody.
pub struct Sight<'a> {
    /// The snapshot, with bookings brought up to date as they are looked at.
    pub draft: Draft<'a>,
    /// Who looks.
    pub caller: &'a Caller,
    /// When.
    pub now: Time,
}

impl<'a> Sight<'a> {
    /// `view` seen by `caller`.
    #[must_use]
    pub fn new(view: &'a dyn Read, caller: &'a Caller) -> Self {
        Self { draft: Draft::new(view), caller, now: caller.now() }
    }

    /// An account in reach.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn account(&self, id: AccountId) -> Result<Account, Problem> {
        self.account_as(id, Role::Viewer)
    }

    /// An account in reach, for somebody with a role.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn account_as(&self, id: AccountId, role: Role) -> Result<Account, Problem> {
        Ok(self.draft.reach(&self.caller.actor, id, role)?)
    }

    /// Whether an account is in reach.
    ///
    /// # Errors
    /// [`Problem`] when the store cannot be read.
    pub fn reaches(&self, id: AccountId) -> Result<bool, Problem> {
        match self.account(id) {
            Ok(_) => Ok(true),
            Err(problem) if problem.status().is_client_error() => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    /// A holding of an account in reach.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn holding(&mut self, id: HoldingId) -> Result<Holding, Problem> {
        let account = self.draft.holding(id)?.account;
        self.account(account)?;
        self.holding_now(id)
    }

    /// A holding whose account was found in reach before.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn holding_now(&mut self, id: HoldingId) -> Result<Holding, Problem> {
        self.draft.sweep(id, self.now)?;
        Ok(self.draft.holding(id)?)
    }

    /// A key of an account in reach; a deleted one is no more.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn key(&self, id: KeyId) -> Result<Key, Problem> {
        let key = self.draft.key(id)?;
        self.account(key.account)?;
        if key.state == KeyState::Deleted { Err(Problem::out_of_reach()) } else { Ok(key) }
    }

    /// An activation of an account in reach.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn activation(&mut self, id: ActivationId) -> Result<(Activation, Renewal), Problem> {
        let (activation, _) = self.draft.activation(id)?.ok_or_else(Problem::out_of_reach)?;
        self.account(activation.account)?;
        self.draft.sweep(activation.holding, self.now)?;
        self.draft.activation(id)?.ok_or_else(Problem::out_of_reach)
    }
}
