//! The route table: every route of the API, by subject.

use super::*;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

type Routes = OpenApiRouter<Arc<App>>;

/// The route table.
pub fn table() -> Routes {
    let parts = [
        installation(),
        accounts(),
        catalogue(),
        purchases(),
        pools(),
        licenses(),
        seats(),
        devices(),
        reports(),
        signing_in(),
        users(),
        members(),
    ];
    let routes = parts.into_iter().fold(OpenApiRouter::default(), OpenApiRouter::merge);
    OpenApiRouter::default().nest("/api/v1", routes)
}

/// The server itself, and what programs have.
fn installation() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(openapi))
        .routes(routes!(whoami::whoami))
        .routes(routes!(tokens::list_tokens, tokens::create_token))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(bulk::bulk_tokens))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::run_job))
        .routes(routes!(settings::show_settings, settings::change_settings))
        .routes(routes!(signing::show_signing_keys))
        .routes(routes!(signing::use_signing_key))
        .routes(routes!(signing::import_keyset))
}

fn accounts() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(accounts::list_accounts, accounts::create_account))
        .routes(routes!(accounts::show_account, accounts::update_account, closing::delete_account))
        .routes(routes!(accounts::list_children))
        .routes(routes!(closing::set_enrolment_code, closing::drop_enrolment_code))
        .routes(routes!(closing::deactivate_account))
        .routes(routes!(closing::reactivate_account))
        .routes(routes!(overview::show_overview))
        .routes(routes!(events::list_events))
        .routes(routes!(import::import_accounts))
        .routes(routes!(bulk::bulk_accounts))
        .routes(routes!(settings::show_account_settings, settings::change_account_settings))
}

fn catalogue() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(products::list_products, products::create_product))
        .routes(routes!(products::show_product, revisions::update_product))
        .routes(routes!(revisions::list_revisions))
        .routes(routes!(owned::list_account_products))
}

/// Orders and their lines, as long as they are in no pool.
fn purchases() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(orders::create_order, order_lines::list_orders))
        .routes(routes!(order_lines::show_order))
        .routes(routes!(import::import_orders))
        .routes(routes!(lots::list_lots))
        .routes(routes!(lots::show_lot))
        .routes(routes!(lots::convert_lot))
        .routes(routes!(lots::retire_units))
        .routes(routes!(line_items::list_line_items))
        .routes(routes!(transfers::transfer_line))
        .routes(routes!(conversion::preview_conversion))
        .routes(routes!(redemptions::preview_redemption))
        .routes(routes!(redemptions::redeem_key))
}

/// Pools and their keys.
fn pools() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(pools::list_pools, pools::create_pool))
        .routes(routes!(pools::show_pool))
        .routes(routes!(pools::set_pool_quota))
        .routes(routes!(pools::move_units))
        .routes(routes!(settings::show_pool_settings, settings::change_pool_settings))
        .routes(routes!(keys::list_account_keys))
        .routes(routes!(keys::list_keys, keys::create_key))
        .routes(routes!(keys::show_key, keys::delete_key))
        .routes(routes!(keys::set_key_quota))
        .routes(routes!(keys::stop_key))
        .routes(routes!(keys::resume_key))
        .routes(routes!(bulk::bulk_keys))
}

/// Activation keys and what is made under them.
fn licenses() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(activation_keys::list_activation_keys, activation_keys::create_activation_key))
        .routes(routes!(licenses::make_license))
        .routes(routes!(licenses::list_licenses))
        .routes(routes!(licenses::show_license, licenses::edit_license, licenses::delete_license))
        .routes(routes!(licenses::upgrade_license))
        .routes(routes!(licenses::extend_license))
}

fn seats() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(seats::list_seats, seats::grant_seat))
        .routes(routes!(seats::take_seat_back))
        .routes(routes!(seats::open_flex))
        .routes(routes!(seats::own::list_own_seats))
}

/// Devices, what they hold, and what they send on paper.
fn devices() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(devices::list_devices))
        .routes(routes!(devices::update_device))
        .routes(routes!(life::show_device_life))
        .routes(routes!(waiting::list_waiting_devices))
        .routes(routes!(waiting::turn_away_device))
        .routes(routes!(waiting::license_waiting_device))
        .routes(routes!(activations::list_key_activations))
        .routes(routes!(activations::list_activations))
        .routes(routes!(activations::show_activation))
        .routes(routes!(rehosts::stop_activation))
        .routes(routes!(rehosts::resume_activation))
        .routes(routes!(rehosts::rehost_activation))
        .routes(routes!(rehosts::list_reserves, rehosts::mint_reserve))
        .routes(routes!(requests::answer_request, requests::list_requests))
        .routes(routes!(requests::download_license))
        .routes(routes!(requests::take_return))
        .routes(routes!(preview::preview_request))
}

fn reports() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(reports::usage::report_usage))
        .routes(routes!(reports::expiring::report_expiring))
        .routes(routes!(reports::low_pools::report_low_pools))
        .routes(routes!(reports::silent::report_silent))
}

/// A person's own affairs.
fn signing_in() -> Routes {
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
}

/// Users, as administrators see them.
fn users() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(users::list_users, new_user::create_user))
        .routes(routes!(new_user::create_account_with_user))
        .routes(routes!(users::show_user, users::update_user))
        .routes(routes!(users::lock_user))
        .routes(routes!(users::unlock_user))
        .routes(routes!(users::reset_password))
        .routes(routes!(users::drop_user_totp))
}

fn members() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(members::list_members))
        .routes(routes!(members::update_member))
        .routes(routes!(members::disable_member))
        .routes(routes!(members::enable_member))
        .routes(routes!(members::remove_member))
        .routes(routes!(members::remove_members))
        .routes(routes!(import::import_members))
        .routes(routes!(invitations::invite_members))
        .routes(routes!(invitations::confirm_invitation))
        .routes(routes!(ownership::name_co_admin))
        .routes(routes!(ownership::hand_over))
        .routes(routes!(ownership::create_organisation))
}
