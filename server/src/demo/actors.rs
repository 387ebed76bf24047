//! Simulated consoles: the reference console, in folders of its own, over the real device port.

use crate::cli::failure::Failure;
use leasehold_console::{Client, Failure as ConsoleFailure, Settings};
use leasehold_protocol::lease::Lease;
use leasehold_protocol::machine::Order;
use leasehold_protocol::{PublicKey, Refused};
use leasehold_signer::describe::describe;
use std::path::Path;

/// The product's version on every console.
pub const VERSION: &str = "9.1";

/// A new console for `product`; without a server for an endpoint that is offline.
///
/// # Errors
/// [`Failure`].
pub fn console(
    folder: &Path,
    name: &str,
    root: PublicKey,
    product: &str,
    server: Option<String>,
) -> Result<Client, Failure> {
    let settings = Settings { server, ..Settings::default() };
    Client::init(&folder.join(name), root, product, settings, None).map_err(failed)
}

/// An order for all the key gives.
#[must_use]
pub fn order(code: &str, device: &str) -> Order {
    Order { device_name: Some(device.to_owned()), ..Order::of(code, VERSION) }
}

/// A console's trouble, as the demonstration's.
pub fn failed(failure: ConsoleFailure) -> Failure {
    let hint = failure.hint().to_owned();
    Failure::failed(format!("a console: {failure}"), hint)
}

/// Whether the answer was this refusal.
pub fn is_refusal<T>(answer: &Result<T, ConsoleFailure>, refused: Refused) -> bool {
    matches!(answer, Err(ConsoleFailure::Refused(refusal)) if refusal.refused() == Some(refused))
}

/// An artefact's claims, indented under its step.
///
/// # Errors
/// [`Failure`] if it is none.
pub fn decoded(bytes: &[u8]) -> Result<String, Failure> {
    let description = describe(bytes).map_err(|error| Failure::not_valid(error, "report this"))?;
    Ok(description.to_string().lines().map(|line| format!("      {line}\n")).collect())
}

/// The lease a console holds.
///
/// # Errors
/// [`Failure`] if it holds none.
pub fn held(client: &Client) -> Result<Lease, Failure> {
    client.machine().lease().cloned().ok_or_else(no_lease)
}

/// The lease a console holds, as it was signed.
///
/// # Errors
/// [`Failure`] if it holds none.
pub fn lease_bytes(client: &Client) -> Result<Vec<u8>, Failure> {
    let held = client.machine().state().lease.as_ref();
    held.map(|held| held.bytes.0.clone()).ok_or_else(no_lease)
}

fn no_lease() -> Failure {
    Failure::failed("the console has no lease", "report this")
}
