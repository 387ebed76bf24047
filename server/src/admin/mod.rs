//! The API of people and programs, `/api/v1`: one route table (`table.rs`) feeds the router, the OpenAPI document and the tests.
//!
//! A handler finds out who calls ([`auth`]), reads through [`sight`], which shows what the caller reaches and nothing else, and
//! writes by sending commands to the ledger, whose rules decide. Nothing here writes a row. Errors are problem details
//! ([`problem`]); lists are pages ([`page`]).

pub mod accounts;
pub mod activation_keys;
pub mod activations;
pub mod auth;
pub mod bulk;
pub mod chosen;
pub mod claims;
pub mod cli;
mod closing;
pub mod conventions;
pub mod conversion;
pub mod csv;
pub mod devices;
pub mod docs;
pub mod events;
pub mod extract;
pub mod holdings;
pub mod idempotency;
pub mod import;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod licenses;
pub mod life;
pub mod line_items;
pub mod list;
pub mod local;
pub mod look_up;
pub mod lots;
pub mod mails;
pub mod maintenance;
pub mod members;
pub mod new_user;
mod order_keys;
pub mod order_lines;
pub mod orders;
pub mod overview;
pub mod owned;
pub mod ownership;
pub mod page;
pub mod password;
pub mod person;
pub mod pools;
pub mod preview;
pub mod problem;
pub mod products;
pub mod profile;
pub mod redemptions;
pub mod rehearse;
pub mod rehosts;
pub mod reports;
pub mod requests;
pub mod revisions;
pub mod scopes;
pub mod seats;
pub mod serve;
pub mod sessions;
pub mod settings;
pub mod sight;
pub mod sign_in;
pub mod signing;
pub mod slow;
mod table;
pub mod tokens;
pub mod totp;
pub mod transfers;
pub mod tree;
pub mod users;
pub mod value;
pub mod waiting;
pub mod walk;
pub mod whoami;
pub mod words;

use crate::app::App;
use crate::mail::post::Post;
use crate::store::RedbStore;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use problem::Problem;
use serve::{Control, Portal};
use std::sync::{Arc, LazyLock};
use table::table;
pub use tokens::new_token;
use utoipa::openapi::OpenApi;

/// Bytes in the longest body.
pub const BODY_LEN_MAX: usize = 64 * 1024;

/// The API on the portal's port, and on the control socket.
#[must_use]
pub fn ports(app: Arc<App>, store: Arc<RedbStore>, mail: Arc<Post>) -> (Portal, Control) {
    (Portal::new(app.clone()), Control::new(app, store, mail))
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> OpenApi {
    docs::finished(table().split_for_parts().1)
}

/// The API over an application. Each request must carry its [`auth::Origin`], which [`serve`] puts in.
pub fn router(app: Arc<App>) -> Router {
    static ROUTES: LazyLock<Router<Arc<App>>> = LazyLock::new(|| table().split_for_parts().0);
    ROUTES
        .clone()
        .route_layer(from_fn_with_state(app.clone(), idempotency::layer)) // where there is something to be done
        .fallback(no_path)
        .method_not_allowed_fallback(no_method)
        .layer(DefaultBodyLimit::max(BODY_LEN_MAX))
        .layer(from_fn(csv::layer))
        .with_state(app)
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "openapi", security(()),
    responses((status = 200, description = "The OpenAPI document of this API.", content_type = "application/json")))]
async fn openapi() -> impl IntoResponse {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "max-age=3600")], TEXT.as_str())
}

async fn no_path() -> Problem {
    let detail = "see /api/v1/openapi.json for those there are";
    Problem::new(StatusCode::NOT_FOUND, "path_unknown", "There is no such path", detail)
}

async fn no_method() -> Problem {
    let detail = "see /api/v1/openapi.json for those it has";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The path has another method", detail)
}
