//! How long what is made of a product lasts (T10, T21).

use crate::draft::{Fault, ensure};
use crate::record::{Holding, Product, Term};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Refused, Time};

/// When what is made of `product` at `now` ends; none for ever. A trial says for how many `days`, nothing else does.
///
/// # Errors
/// `duration_required`; `field_invalid` for days that cannot be.
pub fn end(product: &Product, now: Time, days: Option<u32>) -> Result<Option<Time>, Fault> {
    if product.term != Term::Trial {
        ensure(days.is_none(), Refused::FieldInvalid, || format!("days: {} has its own term", product.sku))?;
        return Ok(one_more(product, now));
    }
    let most = product.term_days.unwrap_or_default();
    let missing = || Fault::refused(Refused::DurationRequired, format!("days: a trial of 1 to {most} days"));
    let days = days.ok_or_else(missing)?;
    ensure((1..=most).contains(&days), Refused::FieldInvalid, || format!("days: {days} is not 1 to {most}"))?;
    Ok(Some(now.plus(i64::from(days) * DAY)))
}

/// A term after `from`; none where there is none to be had for a credit.
#[must_use]
pub fn one_more(product: &Product, from: Time) -> Option<Time> {
    match product.term {
        Term::Perpetual | Term::Trial => None,
        Term::Annual => Some(from.a_year_later()),
        Term::Days => product.term_days.map(|days| from.plus(i64::from(days) * DAY)),
    }
}

/// Its credits bought a term that was begun: they do not come back. Trials cost an allowance, which does.
#[must_use]
pub fn is_spent(product: &Product, license: &Holding, was_activated: bool, now: Time) -> bool {
    let is_paid_for_a_term = matches!(product.term, Term::Annual | Term::Days);
    is_paid_for_a_term && (was_activated || !license.is_good(now))
}
