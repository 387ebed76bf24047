//! Keys of the server: which keyset may follow which, and which of its keys may be in use.
//!
//! A keyset's version only rises, as consoles go by the highest they have seen (TUF's rule). Who checked that the root signed it is
//! the keyring: the ledger knows no root key and holds no private one.

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::{AccountId, Product, Signing, Verb};
use crate::rule::event::Facts;
use crate::rule::product::PRODUCTS_MAX;
use crate::view::{find, list};
use leasehold_protocol::keyset::{KeyUse, Keyset};
use leasehold_protocol::{Kid, Refused};

/// Puts a keyset in force, or other keys of the one in force. `before` is what the caller signs with, which counts where the store
/// has nothing.
///
/// # Errors
/// `irreversible` for a keyset that is not newer; `field_invalid` for one of another installation, or without the keys that are to
/// sign; [`Fault`].
pub fn change(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    before: Option<&Signing>,
    after: &Signing,
) -> Result<Outcome, Fault> {
    let vendor = draft.vendor_admin(context.actor)?;
    let kept = find::<Signing>(draft, Signing::KEY)?;
    let before = kept.as_ref().or(before);
    let keyset = certified(draft, after)?;
    match before {
        Some(before) if before == after => Ok(Outcome::Done),
        Some(before) if before.keyset == after.keyset => chosen(draft, context, vendor, before, after),
        _ => imported(draft, context, vendor, before, after, &keyset),
    }
}

/// What the keyset says, if it is this installation's and has both keys, each for its use, and the lease key grants as much time as
/// products have: no console would take a lease that is longer.
fn certified(draft: &Draft<'_>, signing: &Signing) -> Result<Keyset, Fault> {
    let no = |what: String| Fault::refused(Refused::FieldInvalid, what);
    let keyset = Keyset::unverified(&signing.keyset).map_err(|error| no(format!("keyset: {error}")))?;
    let iss = draft.installation()?.iss;
    ensure(keyset.iss == iss, Refused::FieldInvalid, || format!("keyset: for {}, this is {iss}", keyset.iss))?;
    ensure(keyset.version == signing.version, Refused::FieldInvalid, || {
        format!("version: the keyset is number {}", keyset.version)
    })?;
    let has = |usage, kid: Kid| keyset.key(kid).is_some_and(|key| key.usage == usage && !key.revoked);
    for (usage, kid, name) in [(KeyUse::Lease, signing.lease, "lease"), (KeyUse::File, signing.file, "file")] {
        ensure(has(usage, kid), Refused::FieldInvalid, || {
            format!("{name}: keyset {} does not certify {kid} for it", keyset.version)
        })?;
    }
    let most = keyset.key(signing.lease).and_then(|key| key.max_term).unwrap_or(i64::MAX);
    for product in list::<Product>(draft, &[], None, PRODUCTS_MAX)? {
        ensure(product.lease_term <= most, Refused::FieldInvalid, || {
            format!("lease: {} grants {most} s, leases of {} last {} s", signing.lease, product.sku, product.lease_term)
        })?;
    }
    Ok(keyset)
}

fn imported(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    vendor: AccountId,
    before: Option<&Signing>,
    after: &Signing,
    keyset: &Keyset,
) -> Result<Outcome, Fault> {
    let lowest = before.map_or(0, |before| before.version);
    ensure(after.version > lowest, Refused::Irreversible, || {
        format!("keyset {} is not newer than {lowest}, which is in force", after.version)
    })?;
    draft.put(after);
    let told = |signing: Option<&Signing>, of: fn(&Signing) -> String| signing.map_or_else(|| "none".to_owned(), of);
    let mut facts = Facts::default().is("until", keyset.exp).is("keys", keyset.keys.len());
    let mut change = |name, of| facts = std::mem::take(&mut facts).now(name, told(before, of), told(Some(after), of));
    change("version", |one| one.version.to_string());
    change("lease", |one| one.lease.to_string());
    change("file", |one| one.file.to_string());
    draft.event_with(context, Verb::KeysetImported, &[vendor], format!("keyset {}", after.version), facts)?;
    Ok(Outcome::Done)
}

fn chosen(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    vendor: AccountId,
    before: &Signing,
    after: &Signing,
) -> Result<Outcome, Fault> {
    draft.put(after);
    let facts = Facts::default().was("lease", before.lease, after.lease).was("file", before.file, after.file);
    let facts = facts.is("version", after.version);
    let subject = if before.lease == after.lease { after.file } else { after.lease };
    draft.event_with(context, Verb::SigningKeyChanged, &[vendor], subject, facts)?;
    Ok(Outcome::Done)
}
