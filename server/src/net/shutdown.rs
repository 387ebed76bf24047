//! One signal for everybody to finish.

use tokio::sync::watch;

/// Tells all its [`Shutdown`]s.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

/// Waits for the signal.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// A trigger and its signal.
#[must_use]
pub fn channel() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Shutdown(receiver))
}

impl Trigger {
    /// Now.
    pub fn pull(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Whether the signal has come.
    #[must_use]
    pub fn has_come(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when the signal comes, or its trigger is gone.
    pub async fn wait(&mut self) {
        self.0.wait_for(|pulled| *pulled).await.ok();
    }
}
