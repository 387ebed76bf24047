//! The caller's second factor: an authenticator app, and recovery codes for the day it is gone.

use super::docs::Writes;
use super::extract::Body;
use super::person::Recent;
use super::problem::Problem;
use super::sign_in::step;
use crate::identity::second_factor;
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::user::TotpSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an authenticator app is told. It is not shown again.
#[derive(Serialize, ToSchema)]
pub struct Enrolment {
    /// The secret, for who types it: base32.
    pub secret: String,
    /// The same, for a QR code.
    #[schema(examples("otpauth://totp/..."))]
    pub uri: String,
}

/// A code of the authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits.
    pub code: String,
}

/// Codes for the day the authenticator is gone. They are not shown again.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each is good once.
    pub recovery_codes: Vec<String>,
}

/// Begins a second factor. It is asked for at sign-in once a code of it was shown. For who signed in within the last 15 minutes.
#[utoipa::path(post, path = "/profile/totp", tag = "profile",
    responses((status = 201, description = "What the authenticator app is told.", body = Enrolment), Writes))]
pub async fn start_totp(Recent(person): Recent) -> Result<impl IntoResponse, Problem> {
    let secret = second_factor::draw();
    person.send(People::StartTotp { secret: TotpSecret(secret.to_vec()) }).await?;
    let issuer = leasehold_ledger::view::installation(person.app.view()?.as_ref())?.iss;
    let uri = second_factor::uri(&secret, &issuer, person.user.name());
    let enrolment = Enrolment { secret: second_factor::spelled(&secret), uri };
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(enrolment)))
}

/// Shows that the authenticator works: from now on a code is asked for at sign-in.
#[utoipa::path(post, path = "/profile/totp/confirm", tag = "profile", request_body = Code,
    responses((status = 200, description = "Recovery codes.", body = RecoveryCodes), Writes))]
pub async fn confirm_totp(Recent(person): Recent, Body(given): Body<Code>) -> Result<impl IntoResponse, Problem> {
    let step = step(&person.app, &person.user, &given.code)?;
    let (recovery_codes, recovery) = second_factor::recovery_codes();
    person.send(People::ConfirmTotp { step, recovery }).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(RecoveryCodes { recovery_codes })))
}

/// Gives the second factor up. For who signed in within the last 15 minutes.
#[utoipa::path(delete, path = "/profile/totp", tag = "profile",
    responses((status = 204, description = "No code is asked for any more."), Writes))]
pub async fn drop_totp(Recent(person): Recent) -> Result<StatusCode, Problem> {
    person.send(People::DropTotp { user: person.user.id }).await?;
    Ok(StatusCode::NO_CONTENT)
}
