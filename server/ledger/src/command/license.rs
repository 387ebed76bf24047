//! Every write about activation keys and the licences under them.

use crate::record::HoldingId;
use crate::rule::license::edit::LicenseChange;
use crate::rule::license::key::NewActivationKey;
use crate::rule::license::make::NewLicense;
use leasehold_protocol::Units;

/// A command about licences; boxed in [`crate::Command`], so that the commands of devices stay small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LicenseCommand {
    /// [`crate::rule::license::key`].
    CreateKey(NewActivationKey),
    /// [`crate::rule::license::make`].
    Make(NewLicense),
    /// [`crate::rule::license::upgrade`].
    Upgrade {
        /// The licence.
        license: HoldingId,
        /// What it has afterwards: the whole of it, not a difference.
        units: Units,
        /// The pool of another edition's credits; none to stay with its own.
        pool: Option<HoldingId>,
        /// The id of the licence that takes its place where the edition changes.
        id: HoldingId,
    },
    /// [`crate::rule::license::extend`].
    Extend {
        /// The licence.
        license: HoldingId,
    },
    /// [`crate::rule::license::edit`].
    Edit {
        /// The licence.
        license: HoldingId,
        /// What changes.
        change: LicenseChange,
    },
    /// [`crate::rule::license::delete`].
    Delete {
        /// The licence.
        license: HoldingId,
    },
}

impl LicenseCommand {
    /// Whether it moves units.
    #[must_use]
    pub fn moves(&self) -> bool {
        !matches!(self, Self::CreateKey(_) | Self::Edit { .. })
    }
}
