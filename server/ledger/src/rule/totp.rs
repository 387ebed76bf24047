//! The second factor: begun, confirmed, dropped. Codes are computed by whoever sees them; the ledger sees that each is taken
//! once.

use crate::apply::{Context, Outcome};
use crate::command::people::Factor;
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::member::spare_owner;
use crate::rule::user::{administered, sides};
use leasehold_protocol::Refused;

/// Bytes of a shared secret: 128 bits at least (RFC 4226, section 4).
const SECRET_LEN: std::ops::RangeInclusive<usize> = 16..=64;
/// Recovery codes at most.
const RECOVERY_MAX: usize = 20;

/// Begins a second factor; sign-ins ask for it once it is confirmed.
///
/// # Errors
/// [`Fault`].
pub fn start(draft: &mut Draft<'_>, context: &Context<'_>, secret: &TotpSecret) -> Result<Outcome, Fault> {
    let user = draft.oneself(context)?;
    let field = |holds: bool, why: &str| ensure(holds, Refused::FieldInvalid, || why.to_owned());
    field(user.second_factor().is_none(), "totp: there is one; drop it first")?;
    field(SECRET_LEN.contains(&secret.0.len()), "totp: the secret has 16 to 64 bytes")?;
    let totp = Totp { secret: secret.clone(), confirmed: false, recovery: vec![], last_step: 0 };
    draft.put(&User { totp: Some(totp), ..user.clone() });
    told(draft, context, Verb::SecondFactorStarted, &user)
}

/// The person has shown a code: from now on sign-ins ask for one.
///
/// # Errors
/// [`Fault`].
pub fn confirm(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    step: u64,
    recovery: &[[u8; 32]],
) -> Result<Outcome, Fault> {
    let user = draft.oneself(context)?;
    let few = recovery.len() <= RECOVERY_MAX;
    ensure(few, Refused::FieldInvalid, || format!("recovery: {RECOVERY_MAX} codes at most"))?;
    let begun = user.totp.clone().filter(|totp| !totp.confirmed);
    let none = || Fault::refused(Refused::FieldInvalid, "totp: none was begun".to_owned());
    let totp = Totp { confirmed: true, recovery: recovery.to_vec(), last_step: step, ..begun.ok_or_else(none)? };
    draft.put(&User { totp: Some(totp), ..user.clone() });
    told(draft, context, Verb::SecondFactorConfirmed, &user)
}

/// Takes the second factor away: the person's own, or that of somebody who lost the authenticator.
///
/// # Errors
/// [`Fault`].
pub fn drop_it(draft: &mut Draft<'_>, context: &Context<'_>, id: UserId) -> Result<Outcome, Fault> {
    let user = if context.actor.user == Some(id) {
        draft.oneself(context)?
    } else {
        let (user, at) = administered(draft, context, id)?;
        spare_owner(draft, context, &at, &user)?;
        user
    };
    if user.totp.is_none() {
        return Ok(Outcome::Done);
    }
    draft.put(&User { totp: None, ..user.clone() });
    told(draft, context, Verb::SecondFactorDropped, &user)
}

/// The user after a code was taken.
///
/// # Errors
/// `code_invalid` for one that was taken before.
pub fn taken(user: &User, factor: &Factor) -> Result<User, Fault> {
    let wrong = || Fault::refused(Refused::CodeInvalid, "the code was used before".to_owned());
    let mut totp = user.second_factor().cloned().ok_or_else(wrong)?;
    match factor {
        Factor::Totp { step } => {
            ensure(*step > totp.last_step, Refused::CodeInvalid, || format!("time step {step} was used before"))?;
            totp.last_step = *step;
        }
        Factor::Recovery { hash } => {
            let at = totp.recovery.iter().position(|left| left == hash).ok_or_else(wrong)?;
            totp.recovery.remove(at);
        }
    }
    Ok(User { totp: Some(totp), ..user.clone() })
}

fn told(draft: &mut Draft<'_>, context: &Context<'_>, verb: Verb, user: &User) -> Result<Outcome, Fault> {
    let facts = Facts::default().is("user", user.name());
    draft.event_with(context, verb, &sides(draft, user.id)?, user.id, facts)?;
    Ok(Outcome::Done)
}
