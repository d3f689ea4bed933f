//! What every actor here asks of a runtime, so that the same code runs on tokio and under one seed.

use commonware_runtime::{Clock, Metrics, Spawner, Storage};
use rand_core::CryptoRng;

/// A runtime: clock, randomness, tasks, storage, metrics.
pub trait Environment: Clock + CryptoRng + Spawner + Storage + Metrics {}

impl<E: Clock + CryptoRng + Spawner + Storage + Metrics> Environment for E {}

/// Milliseconds since the Unix epoch, as the runtime's clock shows.
pub fn now_ms(clock: &impl Clock) -> u64 {
    let since = clock.current().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
