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
use std::collections::BTreeMap;

const HOUR: i64 = 3600;
/// Rows read from one snapshot.
const STEP: usize = 10_000;

/// Writes the Event of every full hour since the job ran last in which something was renewed, and of the last full hour
/// even if nothing was. Returns how many renewals they count.
///
/// # Errors
/// [`NotWritten`].
pub async fn run(app: &App) -> Result<u64, NotWritten> {
    let this = app.clock.now().0.div_euclid(HOUR) * HOUR;
    let last = job_ran_at(app.view().map_err(Fault::from)?.as_ref(), Job::Renewals.name())?;
    let from = last.map_or(this - HOUR, |last| last.0.div_euclid(HOUR) * HOUR);
    if from >= this {
        return Ok(0); // it ran in this hour
    }
    let nothing = || (0, Context::new(&SHA256));
    let mut hours = BTreeMap::from([(this - HOUR, nothing())]);
    each(app, |activation, slot, row| {
        if (from..this).contains(&slot.iat.0) {
            let (count, hash) = hours.entry(slot.iat.0.div_euclid(HOUR) * HOUR).or_insert_with(nothing);
            *count += 1;
            hash.update(&activation.0);
            hash.update(row);
        }
    })
    .map_err(Fault::from)?;
    let mut counted = 0;
    for (hour, (count, hash)) in hours {
        let mut digest = [0; 32];
        digest.copy_from_slice(hash.finish().as_ref());
        let command = Command::RecordRenewals(HourOfRenewals { hour: Time(hour), count, digest });
        app.send(Actor::system("job renewals"), command).await?;
        counted += count;
    }
    Ok(counted)
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
            match Renewal::decode(id, row) {
                Ok(slot) => visit(id, &slot, row),
                Err(error) => tracing::error!(%error, "a renewal was left out"),
            }
        }
        match rows.last() {
            Some((key, _)) if rows.len() == STEP => from = [key, &[0][..]].concat(),
            _ => return Ok(()),
        }
    }
}
