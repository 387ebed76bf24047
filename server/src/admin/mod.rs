//! The API of people and programs, `/api/v1`: one route table feeds the router, the OpenAPI document and the tests.
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
pub mod order_lines;
pub mod orders;
pub mod overview;
pub mod ownership;
pub mod page;
pub mod password;
pub mod person;
pub mod pools;
pub mod preview;
pub mod problem;
pub mod products;
pub mod profile;
pub mod rehearse;
pub mod rehosts;
pub mod reports;
pub mod requests;
pub mod revisions;
pub mod scopes;
pub mod serve;
pub mod sessions;
pub mod settings;
pub mod sight;
pub mod sign_in;
pub mod signing;
pub mod slow;
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

mod order_keys;
pub mod owned;
pub mod redemptions;
pub mod seats;

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
pub use tokens::new_token;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bytes in the longest body.
pub const BODY_LEN_MAX: usize = 64 * 1024;

/// The route table.
fn table() -> OpenApiRouter<Arc<App>> {
    let routes = OpenApiRouter::default()
        .routes(routes!(openapi))
        .routes(routes!(whoami::whoami))
        .routes(routes!(accounts::list_accounts, accounts::create_account))
        .routes(routes!(accounts::show_account, accounts::update_account, closing::delete_account))
        .routes(routes!(closing::set_enrolment_code, closing::drop_enrolment_code))
        .routes(routes!(accounts::list_children))
        .routes(routes!(closing::deactivate_account))
        .routes(routes!(closing::reactivate_account))
        .routes(routes!(overview::show_overview))
        .routes(routes!(products::list_products, products::create_product))
        .routes(routes!(products::show_product, revisions::update_product))
        .routes(routes!(orders::create_order, order_lines::list_orders))
        .routes(routes!(lots::list_lots))
        .routes(routes!(lots::show_lot))
        .routes(routes!(lots::convert_lot))
        .routes(routes!(lots::retire_units))
        .routes(routes!(pools::list_pools, pools::create_pool))
        .routes(routes!(pools::show_pool))
        .routes(routes!(pools::set_pool_quota))
        .routes(routes!(pools::move_units))
        .routes(routes!(keys::list_account_keys))
        .routes(routes!(keys::list_keys, keys::create_key))
        .routes(routes!(keys::show_key, keys::delete_key))
        .routes(routes!(keys::set_key_quota))
        .routes(routes!(keys::stop_key))
        .routes(routes!(keys::resume_key))
        .routes(routes!(activations::list_key_activations))
        .routes(routes!(activations::list_activations))
        .routes(routes!(activations::show_activation))
        .routes(routes!(devices::list_devices))
        .routes(routes!(requests::answer_request, requests::list_requests))
        .routes(routes!(requests::download_license))
        .routes(routes!(requests::take_return))
        .routes(routes!(events::list_events))
        .routes(routes!(tokens::list_tokens, tokens::create_token))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::run_job))
        .routes(routes!(import::import_accounts))
        .routes(routes!(import::import_members))
        .routes(routes!(bulk::bulk_accounts))
        .routes(routes!(bulk::bulk_keys))
        .routes(routes!(bulk::bulk_tokens))
        .routes(routes!(settings::show_settings, settings::change_settings))
        .routes(routes!(settings::show_account_settings, settings::change_account_settings))
        .routes(routes!(settings::show_pool_settings, settings::change_pool_settings))
        .routes(routes!(signing::show_signing_keys))
        .routes(routes!(signing::use_signing_key))
        .routes(routes!(signing::import_keyset))
        .routes(routes!(owned::list_account_products))
        .routes(routes!(redemptions::preview_redemption))
        .routes(routes!(redemptions::redeem_key))
        .routes(routes!(seats::list_seats, seats::grant_seat))
        .routes(routes!(seats::take_seat_back))
        .routes(routes!(seats::open_flex))
        .routes(routes!(seats::list_own_seats))
        .merge(lines())
        .routes(routes!(devices::update_device))
        .routes(routes!(life::show_device_life))
        .routes(routes!(waiting::list_waiting_devices))
        .routes(routes!(waiting::turn_away_device))
        .routes(routes!(waiting::license_waiting_device))
        .routes(routes!(preview::preview_request))
        .routes(routes!(revisions::list_revisions))
        .routes(routes!(order_lines::show_order))
        .routes(routes!(import::import_orders))
        .merge(licenses())
        .merge(people())
        .merge(reports());
    OpenApiRouter::default().nest("/api/v1", routes)
}

/// The part of the route table that is about lines of orders and devices that are elsewhere.
fn lines() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .routes(routes!(line_items::list_line_items))
        .routes(routes!(transfers::transfer_line))
        .routes(routes!(conversion::preview_conversion))
        .routes(routes!(rehosts::stop_activation))
        .routes(routes!(rehosts::resume_activation))
        .routes(routes!(rehosts::rehost_activation))
        .routes(routes!(rehosts::list_reserves, rehosts::mint_reserve))
}

/// The part of the route table that is about activation keys and what is made under them.
fn licenses() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .routes(routes!(activation_keys::list_activation_keys, activation_keys::create_activation_key))
        .routes(routes!(licenses::make_license))
        .routes(routes!(licenses::list_licenses))
        .routes(routes!(licenses::show_license, licenses::edit_license, licenses::delete_license))
        .routes(routes!(licenses::upgrade_license))
        .routes(routes!(licenses::extend_license))
}

/// The part of the route table that is about people.
fn people() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .routes(routes!(sign_in::open_session, sessions::list_sessions, sessions::close_sessions))
        .routes(routes!(sign_in::pass_second_factor))
        .routes(routes!(sessions::close_session))
        .routes(routes!(password::forgot_password))
        .routes(routes!(password::set_password))
        .routes(routes!(password::change_password))
        .routes(routes!(password::random_password))
        .routes(routes!(profile::show_profile, profile::update_profile))
        .routes(routes!(profile::request_email))
        .routes(routes!(profile::confirm_email))
        .routes(routes!(totp::start_totp, totp::drop_totp))
        .routes(routes!(totp::confirm_totp))
        .routes(routes!(users::list_users, new_user::create_user))
        .routes(routes!(new_user::create_account_with_user))
        .routes(routes!(users::show_user, users::update_user))
        .routes(routes!(users::lock_user))
        .routes(routes!(users::unlock_user))
        .routes(routes!(users::reset_password))
        .routes(routes!(users::drop_user_totp))
        .routes(routes!(members::list_members))
        .routes(routes!(members::update_member))
        .routes(routes!(members::disable_member))
        .routes(routes!(members::enable_member))
        .routes(routes!(members::remove_member))
        .routes(routes!(members::remove_members))
        .routes(routes!(invitations::invite_members))
        .routes(routes!(invitations::confirm_invitation))
        .routes(routes!(ownership::name_co_admin))
        .routes(routes!(ownership::hand_over))
        .routes(routes!(ownership::create_organisation))
}

/// The part of the route table that is reports.
fn reports() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .routes(routes!(reports::usage::report_usage))
        .routes(routes!(reports::expiring::report_expiring))
        .routes(routes!(reports::low_pools::report_low_pools))
        .routes(routes!(reports::silent::report_silent))
}

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
