//! What a run came to: statuses, latencies, arrivals, samples.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::time::Duration;

/// Arrivals are counted in parts of a second.
pub const BINS_PER_SECOND: u32 = 10;

/// An answer that is verified later.
pub struct Sample {
    /// Which message it answers.
    pub at: u32,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// The counts of a run.
pub struct Tally {
    /// Seconds from the first message to the last answer.
    pub seconds: f64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Messages without an answer, by what happened.
    pub unheard: BTreeMap<String, u64>,
    /// Attempts in each tenth of a second.
    pub arrivals: Vec<u32>,
    /// Answers kept.
    pub samples: Vec<Sample>,
    /// When each console is to check again, in seconds since 1970; where it was read.
    pub windows: Vec<Option<(u32, u32)>>,
    /// Seconds from the moment a console was due to its lease, where it had a moment.
    pub waits: Vec<f32>,
    /// Microseconds from the last byte written to the last byte read (and to connect), of answers with status 200.
    latencies: Vec<u32>,
    sample_every: usize,
}

/// Latencies in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// Half were faster.
    pub p50: f64,
    /// 90 %.
    pub p90: f64,
    /// 99 %.
    pub p99: f64,
    /// 99.9 %.
    pub p999: f64,
    /// The slowest.
    pub max: f64,
}

impl Tally {
    /// Nothing yet, of `count` consoles; `sample` answers will be kept.
    #[must_use]
    pub fn new(count: usize, sample: usize) -> Self {
        Self {
            seconds: 0.0,
            statuses: BTreeMap::new(),
            unheard: BTreeMap::new(),
            arrivals: vec![],
            samples: Vec::with_capacity(sample),
            windows: vec![None; count],
            waits: vec![],
            latencies: Vec::with_capacity(count),
            sample_every: count.checked_div(sample).map_or(usize::MAX, |every| every.max(1)),
        }
    }

    /// A console sends a message.
    pub fn came(&mut self, after: Duration) {
        let bin = usize::try_from(after.as_millis() / u128::from(1000 / BINS_PER_SECOND)).unwrap_or(0);
        if self.arrivals.len() <= bin {
            self.arrivals.resize(bin + 1, 0);
        }
        self.arrivals[bin] += 1;
    }

    /// An answer came.
    pub fn heard(&mut self, at: u32, status: u16, latency: Duration, body: &[u8]) {
        *self.statuses.entry(status).or_default() += 1;
        if status != 200 {
            return;
        }
        if self.latencies.len().is_multiple_of(self.sample_every) && self.sample_every < usize::MAX {
            self.samples.push(Sample { at, body: body.to_vec() });
        }
        self.latencies.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    /// The window a lease gives: claim -65542, two times of 32 bits, found without reading the rest.
    pub fn window(&mut self, at: u32, lease: &[u8]) {
        const LABEL: [u8; 7] = [0x3a, 0x00, 0x01, 0x00, 0x05, 0x82, 0x1a];
        let found = lease.windows(LABEL.len() + 9).find_map(|bytes| {
            let times = bytes.strip_prefix(&LABEL)?;
            let time = |at: usize| Some(u32::from_be_bytes(times.get(at..at + 4)?.try_into().ok()?));
            Some((time(0)?, time(5)?))
        });
        self.windows[at as usize] = found;
    }

    /// The share of consoles had their lease within so many seconds.
    #[must_use]
    pub fn wait(&self, share: f64) -> f32 {
        let mut sorted = self.waits.clone();
        sorted.sort_by(f32::total_cmp);
        let place = (sorted.len() as f64 * share) as usize;
        sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f32::NAN)
    }

    /// No answer came.
    pub fn unheard(&mut self, error: &io::Error) {
        *self.unheard.entry(error.kind().to_string()).or_default() += 1;
    }

    /// Consoles that have a fresh lease.
    #[must_use]
    pub fn fresh(&self) -> u64 {
        self.latencies.len() as u64
    }

    /// Fresh leases a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.fresh() as f64 / self.seconds
    }

    /// Messages sent.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.arrivals.iter().map(|count| u64::from(*count)).sum()
    }

    /// Answers with any other status than these, and messages without an answer.
    #[must_use]
    pub fn others(&self, expected: &[u16]) -> u64 {
        let others = self.statuses.iter().filter(|(status, _)| !expected.contains(status));
        others.map(|(_, count)| count).sum::<u64>() + self.unheard.values().sum::<u64>()
    }

    /// Latencies of the fresh leases.
    #[must_use]
    pub fn latency(&self) -> Latency {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let at = |share: f64| {
            let place = (sorted.len() as f64 * share) as usize;
            sorted.get(place.min(sorted.len().saturating_sub(1))).map_or(f64::NAN, |us| f64::from(*us) / 1e3)
        };
        Latency { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1.0) }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Latency { p50, p90, p99, p999, max } = self.latency();
        writeln!(out, "{} leases in {:.1} s, {:.0} a second", self.fresh(), self.seconds, self.rate())?;
        for (status, count) in &self.statuses {
            writeln!(out, "  {status}: {count}")?;
        }
        for (what, count) in &self.unheard {
            writeln!(out, "  {what}: {count}")?;
        }
        writeln!(out, "  {:>9} {:>9} {:>9} {:>9} {:>9}   ms", "p50", "p90", "p99", "p99.9", "max")?;
        write!(out, "  {p50:9.2} {p90:9.2} {p99:9.2} {p999:9.2} {max:9.2}")
    }
}
