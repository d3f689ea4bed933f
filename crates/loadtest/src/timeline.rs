//! What happened when: throughput and times to finality in slices of the measured part.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::histogram::Histogram;

/// The measured part of a run and how it is cut into slices. All instants count from the start of
/// the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Where the measured part begins.
    pub start: Duration,
    /// Where it ends.
    pub end: Duration,
    /// The length of a slice.
    pub slice: Duration,
}

/// Slices that a picture shows at most.
const SLICES_MAX: u64 = 120;

impl Window {
    /// A window in round slices of at least a tenth of a second, at most 120 of them.
    pub fn new(warmup: Duration, duration: Duration) -> Self {
        let tenths = (duration.as_millis() as u64).div_ceil(100).max(1);
        let round = [1, 2, 5, 10, 20, 50, 100, 200, 300, 600, 1_200, 3_000, 6_000, 36_000];
        let fits = |slice: &&u64| tenths.div_ceil(**slice) <= SLICES_MAX;
        let slice = round.iter().find(fits).copied().unwrap_or(tenths.div_ceil(SLICES_MAX));
        Self { start: warmup, end: warmup + duration, slice: Duration::from_millis(slice * 100) }
    }

    /// How long it is.
    pub fn length(&self) -> Duration {
        self.end - self.start
    }

    /// Whether an instant is within.
    pub fn holds(&self, instant: Duration) -> bool {
        instant >= self.start && instant < self.end
    }

    /// How many slices there are; the last one may be cut short.
    pub fn slices(&self) -> usize {
        self.length().as_nanos().div_ceil(self.slice.as_nanos()) as usize
    }

    fn slice_of(&self, instant: Duration) -> Option<usize> {
        let offset = self.holds(instant).then(|| instant - self.start)?;
        Some((offset.as_nanos() / self.slice.as_nanos()) as usize)
    }
}

/// Counts and times by slice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    window: Window,
    /// Transactions that were seen final in the slice.
    pub finals: Vec<u64>,
    /// Times of the transactions that were due in the slice.
    pub times: Vec<Histogram>,
}

impl Timeline {
    /// Nothing happened yet.
    pub fn new(window: Window) -> Self {
        let slices = window.slices();
        Self { window, finals: vec![0; slices], times: vec![Histogram::default(); slices] }
    }

    /// A transaction, due at one instant, was seen final at another.
    pub fn finished(&mut self, due: Duration, seen: Duration) {
        if let Some(slice) = self.window.slice_of(seen) {
            self.finals[slice] += 1;
        }
        self.waited(due, seen.saturating_sub(due));
    }

    /// A transaction that was due at an instant took at least this long.
    pub fn waited(&mut self, due: Duration, time: Duration) {
        if let Some(slice) = self.window.slice_of(due) {
            self.times[slice].record(time);
        }
    }

    /// Adds what another client saw of the same window.
    pub fn add(&mut self, other: &Self) {
        for (own, foreign) in self.finals.iter_mut().zip(&other.finals) {
            *own += foreign;
        }
        for (own, foreign) in self.times.iter_mut().zip(&other.times) {
            own.add(foreign);
        }
    }

    /// The times of the whole window.
    pub fn all_times(&self) -> Histogram {
        let mut all = Histogram::default();
        for slice in &self.times {
            all.add(slice);
        }
        all
    }
}
