//! Once an hour: one Event with the number of renewals and a hash over their records (I13), and the count of what lives.

use crate::app::App;
use crate::jobs::runner::Job;
use crate::writer::NotWritten;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::renewal::Renewal;
use leasehold_ledger::rule::housekeeping::{HourOfRenewals, job_ran_at};
use leasehold_ledger::store::{StoreError, Table};
use leasehold_ledger::{Command, Fault};
use leasehold_protocol::{ActivationId, Time};
use ring::digest::{Context, SHA256};

const HOUR: i64 = 3600;
/// Rows read from one snapshot.
const STEP: usize = 10_000;

/// Writes the Event of the last full hour, unless it was written.
///
/// # Errors
/// [`NotWritten`].
pub async fn run(app: &App) -> Result<u64, NotWritten> {
    let hour = Time(app.clock.now().0.div_euclid(HOUR) * HOUR - HOUR);
    let last = app.view().map_err(Fault::from).and_then(|view| job_ran_at(view.as_ref(), Job::Renewals.name()))?;
    if last.is_some_and(|last| last.0 >= hour.0 + HOUR) {
        return Ok(0);
    }
    let within = |slot: &Renewal| (hour.0..hour.0 + HOUR).contains(&slot.iat.0);
    let mut hash = Context::new(&SHA256);
    let mut count = 0;
    each(app, |activation, slot, row| {
        if within(slot) {
            count += 1;
            hash.update(&activation.0);
            hash.update(row);
        }
    })
    .map_err(Fault::from)?;
    let mut digest = [0; 32];
    digest.copy_from_slice(hash.finish().as_ref());
    let command = Command::RecordRenewals(HourOfRenewals { hour, count, digest });
    app.send(Actor::system("job renewals"), command).await?;
    Ok(count)
}

/// Leases and licence files that live at `now`.
///
/// # Errors
/// [`StoreError`].
pub fn living(app: &App, now: Time) -> Result<i64, StoreError> {
    let mut living = 0;
    each(app, |_, slot, _| living += i64::from(slot.exp > now))?;
    Ok(living)
}

fn each(app: &App, mut visit: impl FnMut(ActivationId, &Renewal, &[u8])) -> Result<(), StoreError> {
    let view = app.view()?;
    let mut from = Vec::new();
    loop {
        let rows = view.scan(Table::Renewals, &from, &[0xff; 17], STEP)?;
        for (key, row) in &rows {
            let Ok(id) = key.as_slice().try_into().map(ActivationId) else { continue };
            visit(id, &Renewal::decode(id, row)?, row);
        }
        match rows.last() {
            Some((key, _)) if rows.len() == STEP => from = [key, &[0][..]].concat(),
            _ => return Ok(()),
        }
    }
}
