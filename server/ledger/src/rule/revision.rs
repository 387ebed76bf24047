//! Revisions of the catalogue: a product is versioned, and never edited under a living artefact (A55).
//!
//! Whether artefacts live is known without looking at activations: each product has a count of its open ones, kept where an
//! activation is written ([`Draft::put_activation`]) and changed only when one opens or closes, so no renewal touches it.

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::row;
use crate::rule::event::Facts;
use crate::rule::product::{fits, possible};
use crate::store::{Read, StoreError, Table};
use crate::view::list;
use leasehold_protocol::Refused;
use leasehold_protocol::lease::AtExpiry;

/// Changes to a product: what is not named stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductChange {
    /// Named only to be refused where it is another: artefacts and units are bound to it.
    pub sku: Option<String>,
    /// The same.
    pub compat: Option<String>,
    /// The same.
    pub kinds: Option<Vec<String>>,
    /// What people call it.
    pub name: Option<String>,
    /// Its version as it is sold.
    pub version: Option<String>,
    /// Edition.
    pub edition: Option<String>,
    /// Features.
    pub features: Option<Vec<String>>,
    /// The lowest version that may run; `Some(None)` takes it away, here and below.
    pub min_version: Option<Option<String>>,
    /// Cannot be pooled.
    pub metered: Option<bool>,
    /// Licence files may be made.
    pub offline: Option<bool>,
    /// Seconds a lease lasts.
    pub lease_term: Option<i64>,
    /// What the end of maintenance does.
    pub maintenance: Option<Maintenance>,
    /// What the product does when a lease has ended.
    pub at_expiry: Option<AtExpiry>,
    /// What a returned licence file is worth.
    pub returns: Option<Returns>,
    /// What a changed device means.
    pub device_change: Option<DeviceChange>,
    /// The same: who bought units bought that.
    pub kind: Option<ProductKind>,
    /// The same.
    pub term: Option<Term>,
    /// Days of a term that is counted in days.
    pub term_days: Option<Option<u32>>,
    /// Who takes up its units.
    pub used_by: Option<UsedBy>,
    /// For organisations only.
    pub needs_org: Option<bool>,
}

impl ProductChange {
    fn over(&self, before: &Product) -> Product {
        let (change, before) = (self.clone(), before.clone());
        Product {
            name: change.name.unwrap_or(before.name),
            version: change.version.unwrap_or(before.version),
            edition: change.edition.unwrap_or(before.edition),
            features: change.features.unwrap_or(before.features),
            min_version: change.min_version.unwrap_or(before.min_version),
            metered: change.metered.unwrap_or(before.metered),
            offline: change.offline.unwrap_or(before.offline),
            lease_term: change.lease_term.unwrap_or(before.lease_term),
            maintenance: change.maintenance.unwrap_or(before.maintenance),
            at_expiry: change.at_expiry.unwrap_or(before.at_expiry),
            returns: change.returns.unwrap_or(before.returns),
            device_change: change.device_change.unwrap_or(before.device_change),
            term_days: change.term_days.unwrap_or(before.term_days),
            used_by: change.used_by.unwrap_or(before.used_by),
            needs_org: change.needs_org.unwrap_or(before.needs_org),
            sku: before.sku,
            compat: before.compat,
            kinds: before.kinds,
            kind: before.kind,
            term: before.term,
        }
    }

    /// The field it would change that never changes.
    fn fixed(&self, before: &Product) -> Option<&'static str> {
        let differs = |given: Option<&String>, is: &String| given.is_some_and(|given| given != is);
        match () {
            () if differs(self.sku.as_ref(), &before.sku) => Some("sku"),
            () if differs(self.compat.as_ref(), &before.compat) => Some("compat"),
            () if self.kinds.as_ref().is_some_and(|kinds| *kinds != before.kinds) => Some("kinds"),
            () if self.kind.is_some_and(|kind| kind != before.kind) => Some("kind"),
            () if self.term.is_some_and(|term| term != before.term) => Some("term"),
            () => None,
        }
    }
}

/// Makes the next revision of a product, while no artefact of it may be alive.
///
/// # Errors
/// `field_not_editable`, `licence_activated`, or as for a new product; [`Fault`].
pub fn update(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    sku: &str,
    change: &ProductChange,
) -> Result<Outcome, Fault> {
    let vendor = draft.vendor_admin(context.actor)?;
    let before = draft.product(sku)?;
    let fixed = change.fixed(&before);
    ensure(fixed.is_none(), Refused::FieldNotEditable, || {
        format!("{}: it never changes; give another product a sku of its own", fixed.unwrap_or_default())
    })?;
    let after = change.over(&before);
    if after == before {
        return Ok(Outcome::Done);
    }
    let open = open_of(draft, sku)?;
    ensure(open == 0, Refused::LicenceActivated, || {
        format!(
            "{open} leases or licence files of {sku} may be alive: give the changed product a new sku, or wait for their end"
        )
    })?;
    possible(&after)?;
    fits(draft, context, &after)?;
    let number = draft.revise(context, &after)?;
    let facts = Facts::default().is("revision", number).between(Some(&before), Some(&after));
    draft.event_with(context, Verb::ProductUpdated, &[vendor], sku, facts)?;
    Ok(Outcome::Done)
}

/// How many activations of a product are open.
///
/// # Errors
/// [`StoreError`].
pub fn open_of(view: &dyn Read, sku: &str) -> Result<u64, StoreError> {
    let Some(count) = view.get(Table::ProductOpen, sku.as_bytes())? else { return Ok(0) };
    let table = Table::ProductOpen.name();
    let damaged = |_| StoreError::Corrupt { table, key: row::hex(sku.as_bytes()), problem: "not a count" };
    count.try_into().map(u64::from_be_bytes).map_err(damaged)
}

impl Draft<'_> {
    /// Writes a product and its next revision. Returns the revision's number.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn revise(&mut self, context: &Context<'_>, product: &Product) -> Result<u32, Fault> {
        let known = list::<Revision>(self, &Revision::prefix(&product.sku), None, usize::MAX)?;
        let number = known.last().map_or(1, |last| last.number + 1);
        self.put(&Revision { number, at: context.now, product: product.clone() });
        self.put(product);
        Ok(number)
    }

    /// An activation of a product has opened, or closed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn count_open(&mut self, sku: &str, has_opened: Opened) -> Result<(), StoreError> {
        let open = open_of(self, sku)?;
        let open = match has_opened {
            Opened::Yes => open + 1,
            Opened::Closed => open.saturating_sub(1),
        };
        let key = sku.as_bytes().to_vec();
        match open {
            0 => self.delete(Table::ProductOpen, key),
            open => self.put_raw(Table::ProductOpen, key, open.to_be_bytes().to_vec()),
        }
        Ok(())
    }
}

/// What became of an activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It opened.
    Yes,
    /// It closed.
    Closed,
}
