//! Records what time has ended: activations whose last artefact is over, and units that are free again for it.

use crate::app::App;
use crate::writer::NotWritten;
use futures_util::future::join_all;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::HoldingId;
use leasehold_ledger::store::{Read, StoreError, Table};
use leasehold_protocol::{ActivationId, Time};
use uuid::Uuid;

/// Rows of the index looked at in one snapshot.
const STEP: usize = 1000;

/// Goes through all holdings and sends a command for each activation that is due.
///
/// # Errors
/// [`NotWritten`] when the store or the writer fails; the next run goes on.
pub async fn run(app: &App) -> Result<u64, NotWritten> {
    let now = app.clock.now();
    let (mut from, mut done) = (Vec::new(), 0);
    loop {
        let (due, next) = {
            let view = app.view().map_err(leasehold_ledger::Fault::from)?;
            collect(view.as_ref(), &from, now).map_err(leasehold_ledger::Fault::from)?
        };
        let commands = due.into_iter().map(|activation| lapse(app, activation));
        for one in join_all(commands).await {
            done += one?;
        }
        match next {
            Some(next) => from = next,
            None => return Ok(done),
        }
    }
}

/// Sends one command; many wait together, so that one commit takes them all. A damaged row is logged and left behind.
async fn lapse(app: &App, activation: ActivationId) -> Result<u64, NotWritten> {
    match app.send(Actor::system("job lapse"), Command::Lapse { activation }).await {
        Err(NotWritten::Fault(error)) => {
            tracing::error!(%activation, %error, "an activation was not looked at");
            Ok(0)
        }
        sent => sent.map(|_| 1),
    }
}

/// The activations that are due among the next rows, and where to go on. Past the first row of a holding that is not due,
/// the rest of that holding is not due either.
fn collect(view: &dyn Read, from: &[u8], now: Time) -> Result<(Vec<ActivationId>, Option<Vec<u8>>), StoreError> {
    let rows = view.scan(Table::Due, from, &[0xff; 40], STEP)?;
    let mut due = Vec::new();
    let mut done_with = None;
    for (holding, at, activation) in rows.iter().filter_map(|(key, _)| parts(key)) {
        match () {
            () if done_with == Some(holding) => {}
            () if at > now => done_with = Some(holding),
            () => due.push(activation),
        }
    }
    let Some((last, _)) = rows.last().filter(|_| rows.len() == STEP) else { return Ok((due, None)) };
    let skips = parts(last).is_some_and(|(holding, ..)| done_with == Some(holding));
    let next = if skips { leasehold_ledger::store::after(&last[..16]) } else { [last, &[0][..]].concat() };
    Ok((due, Some(next)))
}

fn parts(key: &[u8]) -> Option<(HoldingId, Time, ActivationId)> {
    let holding = Uuid::from_slice(key.get(..16)?).ok()?;
    let at = i64::from_be_bytes(key.get(16..24)?.try_into().ok()?);
    Some((HoldingId(holding), Time(at), ActivationId(key.get(24..)?.try_into().ok()?)))
}
