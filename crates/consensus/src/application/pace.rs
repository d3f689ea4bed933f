//! How much a leader puts into a block, so that building it stays far below the time-outs.
//!
//! The chain's limits bound what a block may hold at all. What this machine can execute in time is
//! another matter: a leader that filled every block to the limit would miss its turn for ever under
//! a load of heavy transactions. The clock decides only what is proposed, never what is valid.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A block that took longer to build was too large.
const SLOW: Duration = Duration::from_millis(150);
/// A full block that took less may be larger next time.
const FAST: Duration = Duration::from_millis(50);
/// What a block should take when it was too slow before.
const GOAL_MS: u64 = 100;
const BYTES_MIN: u64 = 64 * 1024;
const BYTES_FIRST: u64 = 512 * 1024;

/// The bytes that the next block of this leader may hold.
#[derive(Debug)]
pub struct Pace {
    bytes: AtomicU64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { bytes: AtomicU64::new(BYTES_FIRST) }
    }
}

impl Pace {
    /// The bytes that the next block may hold, at most what the chain allows.
    pub fn bytes(&self, chain_max: u64) -> u64 {
        self.bytes.load(Ordering::Relaxed).min(chain_max)
    }

    /// A block of so many bytes took so long to build.
    pub fn built(&self, bytes: u64, elapsed: Duration, chain_max: u64) {
        let allowed = self.bytes(chain_max);
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let next = if elapsed > SLOW {
            (bytes.min(allowed).saturating_mul(GOAL_MS) / elapsed_ms).max(BYTES_MIN)
        } else if elapsed < FAST && bytes.saturating_mul(5) >= allowed.saturating_mul(4) {
            allowed.saturating_mul(2).min(chain_max)
        } else {
            return;
        };
        self.bytes.store(next, Ordering::Relaxed);
    }
}
