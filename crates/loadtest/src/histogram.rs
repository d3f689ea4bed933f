//! A histogram of times with bounded memory, whose parts can be added up.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Times in microseconds in buckets of at most 1/128 of their value; the longest one is exact.
///
/// A quantile is the upper edge of its bucket: never less than the true one, and at most 0.8 %
/// more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    counts: BTreeMap<u64, u64>,
    max: u64,
}

/// Buckets for each doubling.
const STEPS: u64 = 128;

impl Histogram {
    /// Adds one time.
    pub fn record(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        *self.counts.entry(bucket(micros)).or_default() += 1;
        self.max = self.max.max(micros);
    }

    /// Adds the times of another histogram.
    pub fn add(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            *self.counts.entry(*bucket).or_default() += count;
        }
        self.max = self.max.max(other.max);
    }

    /// How many times were recorded.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The longest time in milliseconds.
    pub fn max_ms(&self) -> f64 {
        milliseconds(self.max)
    }

    /// The time in milliseconds that so many of 1,000 did not exceed; `None` without any.
    pub fn quantile_ms(&self, per_mille: u64) -> Option<f64> {
        let rank = (u128::from(self.count()) * u128::from(per_mille)).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (bucket, count) in &self.counts {
            seen += u128::from(*count);
            if seen >= rank {
                return Some(milliseconds(upper(*bucket).min(self.max)));
            }
        }
        None
    }
}

/// The bucket of a value: exact below 256, then 128 for each doubling.
fn bucket(micros: u64) -> u64 {
    let shift = u64::from(micros.checked_ilog2().unwrap_or(0)).saturating_sub(7);
    shift * STEPS + (micros >> shift)
}

/// The largest value in a bucket.
fn upper(bucket: u64) -> u64 {
    let shift = (bucket / STEPS).saturating_sub(1);
    let base = u128::from(bucket - shift * STEPS);
    u64::try_from(((base + 1) << shift) - 1).unwrap_or(u64::MAX)
}

fn milliseconds(micros: u64) -> f64 {
    (micros as f64 / 10.0).round() / 100.0
}
