//! The catalogue.

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::{Product, Term, Verb};
use crate::rule::code;
use crate::rule::event::Facts;
use crate::view::list;
use leasehold_protocol::Refused;
use leasehold_protocol::claims::LIST_LEN_MAX;
use leasehold_protocol::units::{KINDS_MAX, check_kind};
use std::collections::BTreeSet;

/// Products that one catalogue has.
pub(super) const PRODUCTS_MAX: usize = 100_000;
/// Seconds of the shortest and the longest lease.
pub const LEASE_TERM: std::ops::RangeInclusive<i64> = 60..=366 * 86_400;
/// Days of the shortest and the longest term.
const TERM_DAYS: std::ops::RangeInclusive<u32> = 1..=3650;

/// Adds a product. It is edited only while no artefact lives under it ([`crate::rule::revision`]).
///
/// # Errors
/// [`Fault`].
pub fn create(draft: &mut Draft<'_>, context: &Context<'_>, product: &Product) -> Result<Outcome, Fault> {
    let vendor = draft.vendor_admin(context.actor)?;
    possible(product)?;
    fits(draft, context, product)?;
    let taken = draft.record::<Product>(product.sku.as_bytes())?.is_some();
    ensure(!taken, Refused::NameTaken, || format!("sku {}", product.sku))?;
    draft.revise(context, product)?;
    let facts = Facts::default().between(None, Some(product));
    draft.event_with(context, Verb::ProductCreated, &[vendor], &product.sku, facts)?;
    Ok(Outcome::Done)
}

/// What a product has to be beside the others, and under the key that signs its leases.
///
/// # Errors
/// `field_invalid`: no console would take its leases; `term_mismatch`: units go freely between products of one compat, and a
/// year of them must not become more on the way.
pub(super) fn fits(draft: &Draft<'_>, context: &Context<'_>, product: &Product) -> Result<(), Fault> {
    let most = context.lease_term_max;
    ensure(product.lease_term <= most, Refused::FieldInvalid, || {
        format!("lease_term: {} s, and the key that signs leases grants {most} s", product.lease_term)
    })?;
    let sold = |product: &Product| (product.kind, product.term, product.term_days);
    let others = list::<Product>(draft, &[], None, PRODUCTS_MAX)?;
    let mut others = others.iter().filter(|other| other.compat == product.compat && other.sku != product.sku);
    let other = others.find(|other| sold(other) != sold(product));
    ensure(other.is_none(), Refused::TermMismatch, || {
        let sku = other.map(|other| other.sku.as_str()).unwrap_or_default();
        format!("compat {:?} is that of {sku}, which is sold as something else or for another term", product.compat)
    })
}

/// What a product has to be like.
///
/// # Errors
/// `field_invalid` or `duration_required`.
pub(super) fn possible(product: &Product) -> Result<(), Fault> {
    let field = |holds: bool, problem: &str| ensure(holds, Refused::FieldInvalid, || problem.to_owned());
    for text in [&product.sku, &product.name, &product.compat].into_iter().chain(&product.features) {
        field(code::name(text)? == *text, "a name begins or ends with a space")?;
    }
    field(product.edition.len() <= 128, "edition: longer than 128 bytes")?;
    let kinds: BTreeSet<&String> = product.kinds.iter().collect();
    field(
        (1..=KINDS_MAX).contains(&product.kinds.len()) && kinds.len() == product.kinds.len(),
        "kinds: 1 to 16, each once",
    )?;
    for kind in &product.kinds {
        check_kind(kind).map_err(|error| Fault::refused(Refused::FieldInvalid, error.to_string()))?;
    }
    field(product.features.len() <= LIST_LEN_MAX, "features: more than 32")?;
    field(LEASE_TERM.contains(&product.lease_term), "lease_term: from a minute to 366 days")?;
    field(product.version.len() <= 128, "version: longer than 128 bytes")?;
    let counted = matches!(product.term, Term::Days | Term::Trial);
    let fits = product.term_days.is_none_or(|days| TERM_DAYS.contains(&days)) && product.term_days.is_some() == counted;
    ensure(fits, Refused::DurationRequired, || "term_days: 1 to 3650, with a term of days or a trial".to_owned())
}
