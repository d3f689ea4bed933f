//! How much a leader puts into a block, so that building and checking it stay far below the time-outs.
//!
//! The chain's limits bound what a block may hold at all. What these machines can execute in time is
//! another matter: a leader that filled every block to the limit would miss its turn for ever under
//! a load of heavy transactions. Each validator learns from its own blocks and from those of the
//! others, so that one block that was too large is enough for all. The clock decides only what is
//! proposed, never what is valid.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A block that took longer to build was too large.
const BUILT_SLOWLY: Duration = Duration::from_millis(150);
/// What it should take then.
const BUILD_GOAL_MS: u64 = 100;
/// A block that took longer to check was too large: many check it at once, and the next leader waits.
const CHECKED_SLOWLY: Duration = Duration::from_millis(400);
/// What it should take then.
const CHECK_GOAL_MS: u64 = 300;
/// A full block that took less may be larger next time.
const FAST: Duration = Duration::from_millis(50);
const BYTES_MIN: u64 = 64 * 1024;
const BYTES_FIRST: u64 = 128 * 1024;

/// The bytes that the next block of this validator may hold.
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
        if elapsed > BUILT_SLOWLY {
            self.shrink(bytes.min(allowed), BUILD_GOAL_MS, elapsed);
        } else if elapsed < FAST && bytes.saturating_mul(5) >= allowed.saturating_mul(4) {
            self.bytes.store(allowed.saturating_mul(2).min(chain_max), Ordering::Relaxed);
        }
    }

    /// Another validator's block of so many bytes took so long to check.
    pub fn checked(&self, bytes: u64, elapsed: Duration, chain_max: u64) {
        let allowed = self.bytes(chain_max);
        if elapsed > CHECKED_SLOWLY {
            self.shrink(bytes.min(allowed), CHECK_GOAL_MS, elapsed);
        } else if elapsed < FAST && bytes > allowed {
            self.bytes.store(bytes.min(chain_max), Ordering::Relaxed);
        }
    }

    fn shrink(&self, bytes: u64, goal_ms: u64, elapsed: Duration) {
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
        let next = (bytes.saturating_mul(goal_ms) / elapsed_ms).max(BYTES_MIN);
        self.bytes.store(next, Ordering::Relaxed);
    }
}
