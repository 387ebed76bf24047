//! What the ports count about connections and TLS.

use crate::metrics::{counters, register};
use prometheus::{GaugeVec, IntCounter, IntCounterVec, Opts, Registry};

/// Series of all ports.
pub struct PortMetrics {
    displaced: IntCounterVec,
    turned_away: IntCounterVec,
    handshakes_failed: IntCounterVec,
    /// Times the certificate was read, by result.
    pub certificate_reads: IntCounterVec,
    /// When the certificate in use ends; not there without one.
    pub certificate_expiry: GaugeVec,
}

/// The counters of one listener.
#[derive(Debug, Clone)]
pub struct ListenerMetrics {
    /// Connections that made way for a newcomer.
    pub displaced: IntCounter,
    /// Connections closed at once, because nobody made way.
    pub turned_away: IntCounter,
}

impl PortMetrics {
    /// All of them, in this registry.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        let by_listener = |name: &str, help: &str| counters(registry, name, help, &["listener"]);
        Self {
            displaced: by_listener(
                "leasehold_connections_displaced_total",
                "Connections closed in favour of a newcomer: idle, or with nothing completed for 2 s.",
            ),
            turned_away: by_listener(
                "leasehold_connections_turned_away_total",
                "Connections closed at once, because a cap was reached and nobody made way.",
            ),
            handshakes_failed: by_listener(
                "leasehold_tls_handshakes_failed_total",
                "TLS handshakes that failed or took longer than 5 s.",
            ),
            certificate_reads: counters(
                registry,
                "leasehold_tls_certificate_reads_total",
                "Times the certificate was read: at the start and on SIGHUP. After a failure the one before stays.",
                &["result"],
            ),
            certificate_expiry: {
                let help = "When the TLS certificate in use ends, in seconds since 1970.";
                let options = Opts::new("leasehold_tls_certificate_expiry_timestamp_seconds", help);
                register(registry, GaugeVec::new(options, &[]))
            },
        }
    }

    /// The counters of this listener.
    #[must_use]
    pub fn of(&self, listener: &str) -> ListenerMetrics {
        ListenerMetrics {
            displaced: self.displaced.with_label_values(&[listener]),
            turned_away: self.turned_away.with_label_values(&[listener]),
        }
    }

    /// The counter of handshakes that failed at this listener.
    #[must_use]
    pub fn handshakes_failed(&self, listener: &str) -> IntCounter {
        self.handshakes_failed.with_label_values(&[listener])
    }
}
