//! A password somebody chose: the rules first (A8), then whether it was typed the same twice (A46), then its hash.

use super::problem::Problem;
use crate::app::App;
use crate::identity::{Password, rules};
use leasehold_ledger::record::user::{PasswordHash, Person, User};
use leasehold_protocol::Refused;

/// Why a password will not do, and the code of it.
type Not = (Refused, String);

/// The hash of a password that will do for somebody with these names; the outer error is the server's, the inner one a rule's.
///
/// # Errors
/// [`Problem`] when nothing could be computed now.
pub async fn judged(
    app: &App,
    password: &Password,
    again: Option<&Password>,
    names: &[&str],
) -> Result<Result<PasswordHash, Not>, Problem> {
    let weaknesses = app.identity.hasher.judge(password, names).await?;
    if !weaknesses.is_empty() {
        return Ok(Err((Refused::PasswordWeak, rules::reasons(&weaknesses))));
    }
    if again.is_some_and(|again| again.text() != password.text()) {
        return Ok(Err((Refused::PasswordMismatch, "confirm_password is not the same as password".to_owned())));
    }
    Ok(Ok(PasswordHash(app.identity.hasher.hash(password).await?)))
}

/// [`judged`], with a rule's no as the answer.
///
/// # Errors
/// `password_weak`, `password_mismatch`, or [`Problem`] when nothing could be computed now.
pub async fn hashed(
    app: &App,
    password: &Password,
    again: Option<&Password>,
    names: &[&str],
) -> Result<PasswordHash, Problem> {
    let judged = judged(app, password, again, names).await?;
    judged.map_err(|(refused, detail)| Problem::refused(refused, detail))
}

/// [`hashed`], for a user there is.
///
/// # Errors
/// As [`hashed`].
pub async fn hashed_for(
    app: &App,
    user: &User,
    password: &Password,
    again: Option<&Password>,
) -> Result<PasswordHash, Problem> {
    hashed(app, password, again, &names(user.username.as_deref(), &user.email, &user.person)).await
}

/// What a person's password must not be: username and email, and the person's own names.
#[must_use]
pub fn names<'a>(username: Option<&'a str>, email: &'a str, person: &'a Person) -> Vec<&'a str> {
    let names = [username.unwrap_or_default(), email, &person.first_name, &person.last_name];
    names.into_iter().filter(|name| !name.is_empty()).collect()
}
