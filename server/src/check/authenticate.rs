//! Who speaks. A message carries its device's key, so its signature says who it is; signatures are checked strictly and one by
//! one. An address that sent too much that failed pays for no more of them, but for devices the store knows.

use super::problem::Problem;
use crate::app::App;
use crate::random;
use leasehold_ledger::Command;
use leasehold_ledger::record::Activation;
use leasehold_ledger::store::{self, StoreError, Table};
use leasehold_ledger::view;
use leasehold_protocol::ActivationId;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::check::Check;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::message::{DeviceMessage, Unverified};
use leasehold_protocol::register::Register;
use leasehold_protocol::release::Release;
use std::net::IpAddr;

/// A message the device port takes.
pub trait Call: DeviceMessage {
    /// Its name in metrics and Events.
    const NAME: &'static str;

    /// The activation it is about, if it names one.
    fn about(&self) -> Option<ActivationId>;

    /// The command it is; `open` checks a lease that came with it.
    fn into_command(self, open: impl Fn(&[u8]) -> Option<Lease>) -> Command;
}

/// Lets a message through to its signature check: everybody's while its address prefix has a budget for failures, and after
/// that only a device's that the store knows.
///
/// # Errors
/// [`Problem::TooFast`], or [`Problem::Failed`] when the store cannot be read.
pub fn admit<M: Call>(app: &App, peer: IpAddr, message: &Unverified<'_, M>) -> Result<(), Problem> {
    if !app.limits.is_barred(peer) || is_known(app, message).map_err(Problem::failed)? {
        Ok(())
    } else {
        Err(Problem::TooFast)
    }
}

/// The store has the activation named, for this device; or some activation of the device.
fn is_known<M: Call>(app: &App, message: &Unverified<'_, M>) -> Result<bool, StoreError> {
    let claimed = message.claimed();
    let device = claimed.device().device_id();
    let view = app.view()?;
    match claimed.about() {
        Some(id) => Ok(view::find::<Activation>(view.as_ref(), &id.0)?.is_some_and(|one| one.device == device)),
        None => {
            let end = store::after(&device.0);
            Ok(!view.scan(Table::DeviceActivations, &device.0, &end, 1)?.is_empty())
        }
    }
}

/// The message, once its signature holds and its device does not come too fast.
///
/// # Errors
/// [`Problem::Signature`] or [`Problem::TooFast`].
pub fn authenticate<M: Call>(app: &App, message: Unverified<'_, M>) -> Result<M, Problem> {
    let message = message.verify().map_err(Problem::Signature)?;
    // Only now: a limit counted before the signature would let strangers lock a device out.
    if app.limits.heard(message.device().device_id()) { Ok(message) } else { Err(Problem::TooFast) }
}

impl Call for Activate {
    const NAME: &'static str = "activate";

    fn about(&self) -> Option<ActivationId> {
        None
    }

    fn into_command(self, open: impl Fn(&[u8]) -> Option<Lease>) -> Command {
        let held = self.proof.held_lease.as_deref().and_then(open).map(Box::new);
        Command::Activate { message: Box::new(self), id: random::activation(), held }
    }
}

impl Call for Check {
    const NAME: &'static str = "check";

    fn about(&self) -> Option<ActivationId> {
        Some(self.sub)
    }

    fn into_command(self, open: impl Fn(&[u8]) -> Option<Lease>) -> Command {
        let held = self.proof.held_lease.as_deref().and_then(open).map(Box::new);
        Command::Check { message: Box::new(self), held }
    }
}

impl Call for Release {
    const NAME: &'static str = "release";

    fn about(&self) -> Option<ActivationId> {
        Some(self.sub)
    }

    fn into_command(self, open: impl Fn(&[u8]) -> Option<Lease>) -> Command {
        let held = self.proof.held_lease.as_deref().and_then(open).map(Box::new);
        Command::Release { message: Box::new(self), held }
    }
}

impl Call for Register {
    const NAME: &'static str = "register";

    fn about(&self) -> Option<ActivationId> {
        None
    }

    fn into_command(self, open: impl Fn(&[u8]) -> Option<Lease>) -> Command {
        let held = self.proof.held_lease.as_deref().and_then(open).map(Box::new);
        Command::Register { message: Box::new(self), id: random::activation(), held }
    }
}
