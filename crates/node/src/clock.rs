//! Notices that the machine's clock was set back.
//!
//! The limits on messages of peers count in the machine's clock. After it is set back, the next message
//! would have to wait until the clock is again where it was: a validator would be deaf for as long.

use std::time::{Duration, Instant, SystemTime};

use tokio::time::{MissedTickBehavior, interval};

/// How often the clocks are compared.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is set back by less is waited for.
const TOLERATED: Duration = Duration::from_secs(5);

/// Ends when the clock was set back, and says by how much.
pub(crate) async fn set_back() -> Duration {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut told, mut passed) = (SystemTime::now(), Instant::now());
    loop {
        looks.tick().await;
        let (told_now, passed_now) = (SystemTime::now(), Instant::now());
        let back = behind(told, told_now, passed_now - passed);
        if back > TOLERATED {
            return back;
        }
        (told, passed) = (told_now, passed_now);
    }
}

/// By how much a clock is behind where it should be after some time has passed.
fn behind(before: SystemTime, now: SystemTime, passed: Duration) -> Duration {
    (before + passed).duration_since(now).unwrap_or_default()
}

#[cfg(test)]
mod tests;
