//! Sessions and links: kept, found, used up, ended.

use crate::apply::Context;
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::store::Table;
use leasehold_protocol::Refused;
use std::mem::discriminant;

impl Draft<'_> {
    /// Writes a secret and its index.
    pub fn keep(&mut self, secret: &Secret) {
        self.put_raw(Table::UserSecrets, index(secret), secret.hash.to_vec());
        self.put(secret);
    }

    /// Takes a secret away.
    pub fn use_up(&mut self, secret: &Secret) {
        self.delete(Table::UserSecrets, index(secret));
        self.delete(Table::Secrets, secret.hash.to_vec());
    }

    /// Takes away all secrets of a user that `which` picks. Returns how many.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn end_all(&mut self, user: UserId, which: impl Fn(&Secret) -> bool) -> Result<usize, Fault> {
        let ended: Vec<_> = people::secrets_of(self, user)?.into_iter().filter(which).collect();
        ended.iter().for_each(|secret| self.use_up(secret));
        Ok(ended.len())
    }

    /// Ends a user's sessions and half-finished sign-ins, but for the session `keep`.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn end_sessions(&mut self, user: UserId, keep: Option<SecretId>) -> Result<usize, Fault> {
        let signs_in = |kind: &SecretKind| matches!(kind, SecretKind::Session | SecretKind::SecondFactor);
        self.end_all(user, |secret| signs_in(&secret.kind) && Some(secret.id) != keep)
    }

    /// Makes room for one more secret of this kind: those that are over go, and the least used where there are `max`.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn make_room(
        &mut self,
        context: &Context<'_>,
        user: UserId,
        kind: &SecretKind,
        max: usize,
    ) -> Result<(), Fault> {
        self.end_all(user, |secret| !secret.is_good(context.now))?;
        let mut same = people::secrets_of(self, user)?;
        same.retain(|secret| discriminant(&secret.kind) == discriminant(kind));
        same.sort_by_key(|secret| secret.last_used);
        let over = (same.len() + 1).saturating_sub(max);
        same.iter().take(over).for_each(|secret| self.use_up(secret));
        Ok(())
    }

    /// A link that works, and whose it is. Using it up is the caller's to do.
    ///
    /// # Errors
    /// `link_invalid` for one that is unknown, of another kind, used, over, or of somebody who is locked: all alike.
    pub fn link(
        &self,
        context: &Context<'_>,
        hash: &[u8; 32],
        is_kind: impl Fn(&SecretKind) -> bool,
    ) -> Result<(Secret, User), Fault> {
        let invalid = || Fault::refused(Refused::LinkInvalid, "no such link".to_owned());
        let secret = people::secret(self, hash)?.filter(|one| is_kind(&one.kind) && one.is_good(context.now));
        let secret = secret.ok_or_else(invalid)?;
        let user = people::user(self, secret.user)?.filter(|user| user.state == UserState::Active);
        Ok((secret, user.ok_or_else(invalid)?))
    }

    /// The person who acts.
    ///
    /// # Errors
    /// `forbidden_role` for whoever did not sign in.
    pub fn oneself(&self, context: &Context<'_>) -> Result<User, Fault> {
        let known = context.actor.user.map(|id| people::user(self, id)).transpose()?.flatten();
        let user = known.filter(|user| user.state == UserState::Active);
        let nobody = || Fault::refused(Refused::ForbiddenRole, "only a person who is signed in does this".to_owned());
        user.ok_or_else(nobody)
    }
}

/// The hash that a password was found to fit is still the user's.
///
/// # Errors
/// `field_invalid`.
pub fn still(user: &User, verified: &PasswordHash) -> Result<(), Fault> {
    let same = user.password.as_ref() == Some(verified);
    ensure(same, Refused::FieldInvalid, || "password: it was changed in the meantime".to_owned())
}

fn index(secret: &Secret) -> Vec<u8> {
    [*secret.user.bytes(), *secret.id.bytes()].concat()
}
