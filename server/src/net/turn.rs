//! Turns: in a crowd, connections on which something has come wait in a line, without HTTP's buffers, until it is their turn.
//!
//! Without it everybody who calls at 08:01 is talked to at the same time: each has its buffers, fifteen thousand of them a quarter
//! of a gigabyte, and the writer has more to do than anybody waits for. A turn ends with the answer, or after a tenth of a
//! second: who says the rest of a request late, or never, keeps nobody waiting for longer.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections that are talked to at the same time: enough to fill a batch of the writer.
const TURNS: usize = 512;
/// How long a turn lasts at most.
const TURN: Duration = Duration::from_millis(100);

/// The turns of one listener, in one thread. First come, first served.
pub struct Turns(Arc<Semaphore>);

/// A connection's turn, until it is dropped.
pub struct Turn(Rc<Cell<Option<OwnedSemaphorePermit>>>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(TURNS)))
    }
}

impl Turns {
    /// Waits for a turn. Runs in a `LocalSet`.
    pub async fn next(&self) -> Turn {
        let permit = self.0.clone().acquire_owned().await.expect("nobody closes it");
        let turn = Rc::new(Cell::new(Some(permit)));
        let late = turn.clone();
        tokio::task::spawn_local(async move {
            tokio::time::sleep(TURN).await;
            late.take();
        });
        Turn(turn)
    }
}

impl Turn {
    /// Gives it to the next one.
    pub fn end(&self) {
        self.0.take();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::LocalSet;

    #[tokio::test(start_paused = true)]
    async fn turns_are_taken_in_order_and_end_with_the_answer_or_by_themselves() {
        let serve = async {
            let turns = Rc::new(Turns::default());
            let mut first = Vec::new();
            for _ in 0..TURNS {
                first.push(turns.next().await);
            }
            let served = Rc::new(Cell::new(0));
            for number in 0..3 {
                let (turns, served) = (turns.clone(), served.clone());
                tokio::task::spawn_local(async move {
                    let turn = turns.next().await;
                    assert_eq!(served.replace(number + 1), number, "out of order");
                    std::mem::forget(turn); // it never says the rest
                });
            }
            let soon = Duration::from_millis(1);
            tokio::time::sleep(soon).await;
            assert_eq!(served.get(), 0, "all turns are taken");
            first[7].end();
            tokio::time::sleep(soon).await;
            assert_eq!(served.get(), 1, "one was answered");
            drop(first.pop());
            tokio::time::sleep(soon).await;
            assert_eq!(served.get(), 2, "one is gone");
            tokio::time::sleep(TURN).await;
            assert_eq!(served.get(), 3, "the others took too long");
        };
        LocalSet::new().run_until(serve).await;
    }
}
