//! A lease or licence file as people read it: every claim under its name (SPEC.md), times as times.
//!
//! It is made of what the ledger has recorded of the last answer, from which the answer itself was signed: the same slot gives the same
//! lease.

use super::problem::Problem;
use super::rehearse::dry;
use super::sight::Sight;
use super::value::{HexDigest, HexId, Id, OnDay, Quantity, When};
use super::words::AtExpiryWord;
use leasehold_ledger::Shelf;
use leasehold_ledger::record::*;
use leasehold_ledger::renewal::Renewal;
use leasehold_ledger::rule::issue::Case;
use leasehold_ledger::view::files_of;
use leasehold_protocol::lease::{AtExpiry, Grant, Lease};
use leasehold_protocol::{ActivationId, DeviceId, Digest, Units};
use serde::Serialize;
use utoipa::ToSchema;

/// The claims of a lease or licence file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimsView {
    /// `lease` or `license`.
    pub typ: &'static str,
    /// The key it was made with; no claim.
    #[schema(value_type = Id)]
    pub key: KeyId,
    /// `iss`: the installation.
    pub iss: String,
    /// `sub`: the activation.
    #[schema(value_type = HexId)]
    pub sub: ActivationId,
    /// `aud`: the product's sku.
    pub aud: String,
    /// `exp`: the first moment it is good no more; null for ever.
    pub exp: Option<When>,
    /// `nbf`: not before.
    pub nbf: When,
    /// `iat`: signed at.
    pub iat: When,
    /// `cti`: its name.
    #[schema(value_type = HexId)]
    pub cti: String,
    /// `cnf`: the device's public key, 64 hexadecimal digits.
    #[schema(value_type = HexDigest)]
    pub cnf: String,
    /// The device's id, the hash of that.
    #[schema(value_type = HexId)]
    pub device: DeviceId,
    /// `nonce`: of the question it answers.
    #[schema(value_type = HexId)]
    pub nonce: String,
    /// What may be used.
    #[schema(value_type = Quantity)]
    pub units: Units,
    /// Features.
    pub features: Vec<String>,
    /// To whom it was granted.
    pub licensee: String,
    /// Upgrades are free up to and including this day.
    pub free_upgrade_until: Option<OnDay>,
    /// A lease's `renew`: the window of the next check begins...
    pub renew_from: Option<When>,
    /// ...and ends.
    pub renew_to: Option<When>,
    /// What the product does when it has ended.
    #[schema(value_type = AtExpiryWord)]
    pub at_expiry: AtExpiry,
    /// `seq`: rises with every artefact.
    pub seq: u32,
    /// A lease's keyset version.
    pub keyset_version: Option<u32>,
    /// A lease's store epoch.
    pub store_epoch: Option<u32>,
    /// A lease's notices, codes of words to show.
    pub notices: Vec<String>,
    /// A licence file's request digest.
    #[schema(value_type = Option<HexDigest>)]
    pub request: Option<Digest>,
}

impl ClaimsView {
    /// What an activation has in hand; `keyset_version` is that of the keyset leases point to.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn of(
        sight: &Sight<'_>,
        activation: &Activation,
        slot: &Renewal,
        keyset_version: u32,
    ) -> Result<Self, Problem> {
        let case = Case::of(&sight.draft, activation)?;
        let device = case.device.as_ref().map(|device| device.public).ok_or_else(Problem::out_of_reach)?;
        let shelf = Shelf::default();
        let context = leasehold_ledger::Context { keyset_version, ..dry(&sight.caller.actor, sight.now, &shelf) };
        let lease = case.lease(&sight.draft, &context, activation, slot, device)?;
        Ok(match activation.mode {
            Mode::Lease => Self::lease(activation.key, lease),
            Mode::File => {
                let files = files_of(&sight.draft, activation.account, activation.id)?;
                let request = files.iter().find(|file| file.seq == slot.seq).map(|file| file.request);
                let grant = Self::grant("license", activation.key, lease.grant);
                Self { exp: When::end(lease.exp), request, ..grant }
            }
        })
    }

    fn lease(key: KeyId, lease: Lease) -> Self {
        Self {
            exp: Some(lease.exp.into()),
            renew_from: Some(lease.renew.0.into()),
            renew_to: Some(lease.renew.1.into()),
            keyset_version: Some(lease.keyset_version),
            store_epoch: Some(lease.epoch),
            notices: lease.notices,
            ..Self::grant("lease", key, lease.grant)
        }
    }

    fn grant(typ: &'static str, key: KeyId, grant: Grant) -> Self {
        let hex = |bytes: &[u8]| leasehold_ledger::row::hex(bytes);
        Self {
            typ,
            key,
            iss: grant.iss,
            sub: grant.sub,
            aud: grant.aud,
            exp: None,
            nbf: grant.nbf.into(),
            iat: grant.iat.into(),
            cti: hex(&grant.cti.0),
            cnf: hex(&grant.device.0),
            device: grant.device.device_id(),
            nonce: hex(&grant.nonce.0),
            units: grant.units,
            features: grant.features,
            licensee: grant.licensee,
            free_upgrade_until: grant.free_upgrade_until.map(OnDay),
            renew_from: None,
            renew_to: None,
            at_expiry: grant.at_expiry,
            seq: grant.seq,
            keyset_version: None,
            store_epoch: None,
            notices: Vec::new(),
            request: None,
        }
    }
}
