//! The first command of every store.

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::code;
use leasehold_protocol::Refused;

/// Writes the installation and its vendor account.
///
/// # Errors
/// `irreversible` if there is one already, or [`Fault::Store`].
pub fn set_up(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    installation: &Installation,
    vendor: &str,
) -> Result<Outcome, Fault> {
    let there = draft.record::<Installation>(Installation::KEY)?.is_some();
    ensure(!there, Refused::Irreversible, || "the store was set up before".to_owned())?;
    let iss = code::name(&installation.iss)?;
    draft.put(&Installation { iss: iss.clone(), ..installation.clone() });
    draft.put(&Account {
        id: installation.vendor,
        parent: None,
        kind: AccountKind::Vendor,
        status: AccountStatus::Active,
        organisation: true,
        enrolment: None,
        deleted: None,
        profile: Profile {
            name: code::name(vendor)?,
            may_create_customers: true,
            may_create_resellers: true,
            ..Profile::default()
        },
    });
    draft.event(context, Verb::StoreCreated, &[installation.vendor], iss, &[("vendor", &vendor)])?;
    Ok(Outcome::Done)
}
