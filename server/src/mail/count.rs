//! What is counted about mail: no address, no name.

use crate::metrics::{counters, register};
use prometheus::{IntCounterVec, IntGauge, Registry};

/// The series of mail.
pub struct MailMetrics {
    /// Mails that wait to be sent.
    pub waiting: IntGauge,
    /// What became of tries: `sent`, `failed` (it is tried again), `given_up`.
    pub tries: IntCounterVec,
}

impl MailMetrics {
    /// All at zero.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        let help = "Tries to hand a mail to the mail server, by result; given_up is final.";
        let tries = counters(registry, "leasehold_mail_tries_total", help, &["result"]);
        for result in ["sent", "failed", "given_up"] {
            tries.with_label_values(&[result]).inc_by(0);
        }
        let waiting = IntGauge::new("leasehold_mails_waiting", "Mails that wait to be sent.");
        Self { waiting: register(registry, waiting), tries }
    }
}
