//! Work on a clock. `tokio-cron-scheduler` only says when (UTC); [`runner`] does it: one job at a time, what was missed is
//! caught up at the start, and the last success is in the store and in the metrics.

pub mod forget;
pub mod lapse;
pub mod notices;
pub mod renewals;
pub mod runner;
