//! Forgets requests with an idempotency key that are more than a day old, with their answers.

use crate::app::App;
use crate::writer::NotWritten;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::rule::once;
use leasehold_ledger::{Command, Fault};

/// Forgets all that are due, some in each commit.
///
/// # Errors
/// [`NotWritten`] when the store or the writer fails; the next run goes on.
pub async fn run(app: &App) -> Result<u64, NotWritten> {
    let mut done = 0;
    loop {
        let due = {
            let view = app.view().map_err(Fault::from)?;
            once::over(view.as_ref(), app.clock.now()).map_err(Fault::from)?.len()
        };
        if due == 0 {
            return Ok(done);
        }
        app.send(Actor::system("job forget"), Command::ForgetAnswers).await?;
        done += due as u64;
    }
}
