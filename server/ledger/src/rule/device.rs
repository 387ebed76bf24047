//! What people call a device.

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault};
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use leasehold_protocol::{DeviceId, Refused};

/// Gives a device another name, or none. Its leases do not name it, so it hears nothing of that.
///
/// # Errors
/// [`Fault`].
pub fn rename(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    device: DeviceId,
    name: Option<&str>,
) -> Result<Outcome, Fault> {
    draft.reach(context.actor, account, Role::Operator)?;
    let before = draft.record::<Device>(&Device::key_of(account, device))?;
    let before =
        before.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no device {device} in this account")))?;
    let name = name.map(code::name).transpose()?;
    if name == before.name {
        return Ok(Outcome::Done);
    }
    let word = |name: &Option<String>| name.clone().unwrap_or_default();
    let facts = Facts::default().was("name", word(&before.name), word(&name));
    draft.put(&Device { name, ..before });
    draft.event_with(context, Verb::DeviceRenamed, &[account], device, facts)?;
    Ok(Outcome::Done)
}
