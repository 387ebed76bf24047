//! Sessions: opened, used, closed. A half-finished sign-in and the use of a session write no Event: what comes of them does.

use crate::apply::{Context, Outcome};
use crate::command::people::{Basis, NewSecret};
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::secret::{SECOND_FACTOR_LIFE, TOUCH_EVERY};
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::secret::still;
use crate::rule::setting;
use crate::rule::totp;
use crate::rule::user::sides;
use leasehold_protocol::Refused;

/// Sessions of one user: one more ends the least used.
pub const SESSIONS_MAX: usize = 20;
/// Half-finished sign-ins of one user.
const HALVES_MAX: usize = 5;

/// The password was right, and a second factor is to follow.
///
/// # Errors
/// [`Fault`].
pub fn begin(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: UserId,
    new: &NewSecret,
    verified: &PasswordHash,
) -> Result<Outcome, Fault> {
    let user = may_sign_in(draft, id)?;
    still(&user, verified)?;
    let has = user.second_factor().is_some();
    ensure(has, Refused::FieldInvalid, || "second_factor: the user has none".to_owned())?;
    draft.make_room(context, id, &SecretKind::SecondFactor, HALVES_MAX)?;
    draft.keep(&secret(context, id, new, SecretKind::SecondFactor, SECOND_FACTOR_LIFE));
    Ok(Outcome::Done)
}

/// Opens a session.
///
/// # Errors
/// [`Fault`].
pub fn open(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: UserId,
    new: &NewSecret,
    basis: &Basis,
) -> Result<Outcome, Fault> {
    let user = may_sign_in(draft, id)?;
    let user = match basis {
        Basis::Password { verified } => {
            still(&user, verified)?;
            let enough = user.second_factor().is_none();
            ensure(enough, Refused::CodeInvalid, || "the second factor is missing".to_owned())?;
            user
        }
        Basis::SecondFactor { half, factor } => {
            let (half, whose) = draft.link(context, half, |kind| *kind == SecretKind::SecondFactor)?;
            ensure(whose.id == id, Refused::LinkInvalid, || "no such sign-in".to_owned())?;
            let user = totp::taken(&user, factor)?;
            draft.use_up(&half);
            user
        }
    };
    draft.make_room(context, id, &SecretKind::Session, SESSIONS_MAX)?;
    let life = setting::session_life(draft)?;
    draft.keep(&secret(context, id, new, SecretKind::Session, life));
    draft.put(&User { last_seen: Some(context.now), ..user.clone() });
    let facts = Facts::default().is("user", user.name());
    draft.event_with(context, Verb::SessionOpened, &sides(draft, id)?, new.id, facts)?;
    Ok(Outcome::Done)
}

/// Records that a session was used, unless that was done a moment ago.
///
/// # Errors
/// `out_of_reach` for one that is over.
pub fn touch(draft: &mut Draft<'_>, context: &Context<'_>, hash: &[u8; 32], from: &str) -> Result<Outcome, Fault> {
    let session = draft.session(context, hash)?;
    if context.now < session.last_used.plus(TOUCH_EVERY) {
        return Ok(Outcome::Done);
    }
    let user = may_sign_in(draft, session.user)?;
    draft.put(&Secret { last_used: context.now, from: from.to_owned(), ..session });
    draft.put(&User { last_seen: Some(context.now), ..user });
    Ok(Outcome::Done)
}

/// Closes one of one's own sessions.
///
/// # Errors
/// [`Fault`].
pub fn close(draft: &mut Draft<'_>, context: &Context<'_>, id: SecretId) -> Result<Outcome, Fault> {
    let user = draft.oneself(context)?;
    let closed = draft.end_all(user.id, |one| one.id == id && one.kind == SecretKind::Session)?;
    ensure(closed > 0, Refused::OutOfReach, || format!("no session {id}"))?;
    let facts = Facts::default().is("user", user.name());
    draft.event_with(context, Verb::SessionClosed, &sides(draft, user.id)?, id, facts)?;
    Ok(Outcome::Done)
}

/// Closes all of one's own sessions but `keep`.
///
/// # Errors
/// [`Fault`].
pub fn close_all(draft: &mut Draft<'_>, context: &Context<'_>, keep: Option<SecretId>) -> Result<Outcome, Fault> {
    let user = draft.oneself(context)?;
    let closed = draft.end_sessions(user.id, keep)?;
    if closed == 0 {
        return Ok(Outcome::Done);
    }
    let facts = Facts::default().is("user", user.name()).is("sessions", closed);
    draft.event_with(context, Verb::SessionClosed, &sides(draft, user.id)?, user.id, facts)?;
    Ok(Outcome::Done)
}

fn may_sign_in(draft: &Draft<'_>, id: UserId) -> Result<User, Fault> {
    let user = people::user(draft, id)?.filter(|user| user.state == UserState::Active);
    user.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no user {id} may sign in")))
}

fn secret(context: &Context<'_>, user: UserId, new: &NewSecret, kind: SecretKind, life: i64) -> Secret {
    Secret {
        hash: new.hash,
        id: new.id,
        kind,
        user,
        account: None,
        created: context.now,
        expires: context.now.plus(life),
        last_used: context.now,
        from: new.from.clone(),
    }
}

impl Draft<'_> {
    /// Gives a session of `user` another secret. Returns its id, which stays.
    ///
    /// # Errors
    /// `out_of_reach` for a session that is over or somebody else's.
    pub fn exchange_session(
        &mut self,
        context: &Context<'_>,
        user: &User,
        hash: &[u8; 32],
        next: &[u8; 32],
    ) -> Result<SecretId, Fault> {
        let session = self.session(context, hash)?;
        ensure(session.user == user.id, Refused::OutOfReach, || "no such session".to_owned())?;
        self.use_up(&session);
        self.keep(&Secret { hash: *next, last_used: context.now, ..session.clone() });
        Ok(session.id)
    }

    fn session(&self, context: &Context<'_>, hash: &[u8; 32]) -> Result<Secret, Fault> {
        let session = people::secret(self, hash)?;
        let session = session.filter(|one| one.kind == SecretKind::Session && one.is_good(context.now));
        session.ok_or_else(|| Fault::refused(Refused::OutOfReach, "no such session".to_owned()))
    }
}
