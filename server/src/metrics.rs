//! What the server counts, in Prometheus' words: base units, a HELP on each, no customer or key as a label.

use crate::mail::count::MailMetrics;
use crate::net::count::PortMetrics;
use prometheus::{
    Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts,
    Registry, TextEncoder,
};
use std::time::Duration;

/// Every series, typed, in a registry of its own.
pub struct Metrics {
    registry: Registry,
    /// Answers on the device port, by call and result.
    answers: IntCounterVec,
    /// From the end of a request's head to its answer, by call.
    duration: HistogramVec,
    /// The two for a check that gets its lease: nine of ten answers need no look-up by label.
    leases: (IntCounter, Histogram),
    /// Requests shed with 503 before their signature was checked.
    pub shed: IntCounter,
    /// Requests refused with 429.
    pub limited: IntCounter,
    /// Open connections, by listener.
    pub connections: prometheus::IntGaugeVec,
    /// Connections and TLS.
    pub port: PortMetrics,
    /// Mail.
    pub mail: MailMetrics,
    /// Commands waiting for the writer.
    pub queue: IntGauge,
    /// Commands in a batch.
    pub batch: Histogram,
    /// From the start of a batch to its durable commit.
    pub commit: Histogram,
    /// Leases and licence files that have not ended.
    pub live: IntGauge,
    /// Bytes of the store file.
    pub store_bytes: IntGauge,
    /// When each job last succeeded.
    pub job_success: GaugeVec,
    /// When the first of the keys in use ends.
    pub key_expiry: Gauge,
    /// 1 while the store is in quarantine.
    pub quarantine: IntGauge,
    /// 1 while the machine's clock is believed.
    pub clock_trusted: IntGauge,
    /// 1 while the server takes work.
    pub ready: IntGauge,
}

impl Metrics {
    /// All series at zero.
    ///
    /// # Panics
    /// Never: the names are constants, each registered once.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let answers =
            counters(&registry, "leasehold_answers_total", "Answers on the device port.", &["call", "result"]);
        let duration = {
            let help = "Time from a request's head to its answer on the device port.";
            let options = HistogramOpts::new("leasehold_answer_duration_seconds", help);
            let buckets = vec![0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
            register(&registry, HistogramVec::new(options.buckets(buckets), &["call"]))
        };
        let metrics = Self {
            leases: (answers.with_label_values(&["check", "lease"]), duration.with_label_values(&["check"])),
            answers,
            duration,
            shed: counter(
                &registry,
                "leasehold_shed_total",
                "Requests shed with 503 before their signature was checked.",
            ),
            limited: counter(&registry, "leasehold_limited_total", "Requests refused with 429."),
            connections: {
                let options = Opts::new("leasehold_connections", "Open connections.");
                register(&registry, prometheus::IntGaugeVec::new(options, &["listener"]))
            },
            port: PortMetrics::new(&registry),
            mail: MailMetrics::new(&registry),
            queue: gauge(&registry, "leasehold_queue_commands", "Commands waiting for the writer."),
            batch: {
                let options = HistogramOpts::new("leasehold_batch_commands", "Commands written in one commit.");
                register(&registry, Histogram::with_opts(options.buckets((0..11).map(|n| f64::from(1 << n)).collect())))
            },
            commit: {
                let help = "Time from the start of a batch to its durable commit.";
                let options = HistogramOpts::new("leasehold_commit_duration_seconds", help);
                let buckets = vec![0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0];
                register(&registry, Histogram::with_opts(options.buckets(buckets)))
            },
            live: gauge(&registry, "leasehold_leases_live", "Leases and licence files that have not ended."),
            store_bytes: gauge(&registry, "leasehold_store_bytes", "Size of the store file."),
            job_success: {
                let help = "When a job last succeeded, in seconds since 1970.";
                let options = Opts::new("leasehold_job_last_success_timestamp_seconds", help);
                register(&registry, GaugeVec::new(options, &["job"]))
            },
            key_expiry: {
                let help = "When the first of the signing keys in use ends, in seconds since 1970.";
                register(&registry, Gauge::new("leasehold_key_expiry_timestamp_seconds", help))
            },
            quarantine: gauge(
                &registry,
                "leasehold_quarantine",
                "1 while the store is in quarantine after it was rolled back, else 0.",
            ),
            clock_trusted: gauge(
                &registry,
                "leasehold_clock_trusted",
                "1 while the machine's clock is believed, else 0: nothing is signed then.",
            ),
            ready: gauge(&registry, "leasehold_ready", "1 while the server takes work, else 0."),
            registry,
        };
        let info = Opts::new("leasehold_build_info", "The running build; the value is always 1.");
        let info: IntGauge =
            register(&metrics.registry, IntGauge::with_opts(info.const_label("version", env!("CARGO_PKG_VERSION"))));
        info.set(1);
        metrics
    }

    /// A call on the device port was answered.
    pub fn answered(&self, call: &'static str, result: &'static str, took: Duration) {
        if let ("check", "lease") = (call, result) {
            self.leases.0.inc();
            self.leases.1.observe(took.as_secs_f64());
        } else {
            self.answers.with_label_values(&[call, result]).inc();
            self.duration.with_label_values(&[call]).observe(took.as_secs_f64());
        }
    }

    /// A batch became durable.
    pub fn committed(&self, commands: usize, took: Duration) {
        self.batch.observe(f64::from(u32::try_from(commands).unwrap_or(u32::MAX)));
        self.commit.observe(took.as_secs_f64());
    }

    /// The page, in the text format 0.0.4.
    ///
    /// # Errors
    /// prometheus' own.
    pub fn page(&self) -> prometheus::Result<Vec<u8>> {
        let mut page = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut page)?;
        Ok(page)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Registers a series that was made.
pub(crate) fn register<C: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    made: prometheus::Result<C>,
) -> C {
    let collector = made.expect("the series has a good name");
    registry.register(Box::new(collector.clone())).expect("each name is registered once");
    collector
}

fn counter(registry: &Registry, name: &str, help: &str) -> IntCounter {
    register(registry, IntCounter::new(name, help))
}

fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    register(registry, IntGauge::new(name, help))
}

/// Counters with labels.
pub(crate) fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    register(registry, IntCounterVec::new(Opts::new(name, help), labels))
}
