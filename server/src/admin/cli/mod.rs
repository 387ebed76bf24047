//! Verbs that speak to a running server through the Unix socket in its data folder, as the vendor's administrator.
//!
//! A verb makes a `call::Call`; `client` sends it; `show` prints the answer as a table, or as JSON.

mod account;
mod activation;
mod activation_key;
mod api;
mod call;
mod client;
mod device;
mod license;
mod licenses;
mod line;
mod mail;
mod order;
mod pool;
mod pool_key;
mod product;
mod report;
mod show;
mod signing;
mod token;
mod trouble;
mod user;

mod seat;

use call::Call;
use clap::Subcommand;
use std::path::Path;
use std::process::ExitCode;
use trouble::Trouble;

/// What a running server has.
#[derive(Debug, Subcommand)]
pub enum Resource {
    /// Accounts of a running server
    #[command(subcommand)]
    Account(account::AccountVerb),
    /// Products of a running server
    #[command(subcommand)]
    Product(product::ProductVerb),
    /// Orders: bought units come in
    #[command(subcommand)]
    Order(order::OrderVerb),
    /// Lots: units as they were bought
    #[command(subcommand)]
    Lot(order::LotVerb),
    /// Pools and their quotas
    #[command(subcommand)]
    Pool(pool::PoolVerb),
    /// Pool keys and their quotas
    #[command(subcommand)]
    PoolKey(pool_key::PoolKeyVerb),
    /// Devices
    #[command(subcommand)]
    Device(device::DeviceVerb),
    /// Activations and their leases
    #[command(subcommand)]
    Activation(activation::ActivationVerb),
    /// Licences under activation keys, and licence files for devices without a network
    #[command(subcommand)]
    License(license::LicenseVerb),
    /// Events: what happened
    #[command(subcommand)]
    Event(activation::EventVerb),
    /// API tokens
    #[command(subcommand)]
    Token(token::TokenVerb),
    /// Mail to people
    #[command(subcommand)]
    Mail(mail::MailVerb),
    /// People who sign in
    #[command(subcommand)]
    User(user::UserVerb),
    /// Signing keys of a running server
    #[command(subcommand)]
    Keys(signing::KeysVerb),
    /// Seats of named users
    #[command(subcommand)]
    Seat(seat::SeatVerb),
    /// Permission keys: what was bought with them is redeemed
    #[command(subcommand)]
    PermissionKey(seat::PermissionKeyVerb),
    /// Lines of orders that are not all activated
    #[command(subcommand)]
    Line(line::LineVerb),
    /// Reserves: units that stand in for dead devices
    #[command(subcommand)]
    Reserve(line::ReserveVerb),
    /// Activation keys, under which licences are made
    #[command(subcommand)]
    ActivationKey(activation_key::ActivationKeyVerb),
    /// Reports: what is used, what ends, what runs out, who is silent
    #[command(subcommand)]
    Report(report::ReportVerb),
    /// Send any request to the API of a running server
    Api(api::Args),
}

impl Resource {
    fn call(self) -> Result<Call, Trouble> {
        Ok(match self {
            Resource::Account(verb) => verb.call(),
            Resource::Product(verb) => verb.call(),
            Resource::Order(verb) => verb.call()?,
            Resource::Lot(verb) => verb.call(),
            Resource::Pool(verb) => verb.call(),
            Resource::PoolKey(verb) => verb.call(),
            Resource::Device(verb) => verb.call(),
            Resource::Activation(verb) => verb.call(),
            Resource::License(verb) => verb.call()?,
            Resource::Event(verb) => verb.call(),
            Resource::Token(verb) => verb.call(),
            Resource::Mail(verb) => verb.call(),
            Resource::User(verb) => verb.call()?,
            Resource::Keys(verb) => verb.call()?,
            Resource::Seat(verb) => verb.call(),
            Resource::PermissionKey(verb) => verb.call(),
            Resource::Line(verb) => verb.call(),
            Resource::Reserve(verb) => verb.call(),
            Resource::ActivationKey(verb) => verb.call(),
            Resource::Report(verb) => verb.call(),
            Resource::Api(args) => args.call()?,
        })
    }
}

/// Runs a verb against the server whose data folder is `data`.
#[must_use]
pub fn run(resource: Resource, data: &Path, json: bool) -> ExitCode {
    let done = resource.call().and_then(|call| client::run(call, data, json));
    done.map_or_else(|trouble| trouble.report(json), |()| ExitCode::SUCCESS)
}

/// Sends one request and prints the answer.
#[must_use]
pub fn control(data: &Path, method: &str, path: &str, json: bool) -> ExitCode {
    let call = Call::raw(method, path);
    let done = call.and_then(|call| client::run(call, data, json));
    done.map_or_else(|trouble| trouble.report(json), |()| ExitCode::SUCCESS)
}
