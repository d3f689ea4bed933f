//! How many transactions may be sent at an instant, and when each of them was due.

use std::time::Duration;

use super::Plan;
use crate::schedule::Schedule;

/// Between two looks whether something is to be done.
const PAUSE_MAX: Duration = Duration::from_millis(20);

/// Between two looks whether a transaction of a closed loop became final.
const LOOK: Duration = Duration::from_millis(1);

/// The pace of a client.
#[derive(Debug)]
pub enum Pace {
    /// Transactions are due at fixed instants, whatever became of earlier ones.
    Open {
        /// The instants.
        schedule: Schedule,
        /// The next one.
        next: Duration,
    },
    /// A transaction is due as soon as fewer than these are under way.
    Closed {
        /// Transactions under way.
        in_flight: usize,
    },
}

impl Pace {
    /// The pace that a plan asks for.
    pub fn new(plan: &Plan) -> Self {
        let Some(rate) = plan.rate else {
            return Self::Closed { in_flight: plan.in_flight.max(1) };
        };
        let seed = plan.scene.seed;
        let mut schedule = Schedule::new(plan.arrivals, rate, plan.client, plan.clients, seed);
        let next = schedule.next_due();
        Self::Open { schedule, next }
    }

    /// The instants at which those transactions were due that may be sent now, at most `max`; none
    /// that is due at `end` or later.
    pub fn take(
        &mut self,
        now: Duration,
        end: Duration,
        under_way: usize,
        max: usize,
    ) -> Vec<Duration> {
        match self {
            Self::Closed { .. } if now >= end => Vec::new(),
            Self::Closed { in_flight } => vec![now; in_flight.saturating_sub(under_way).min(max)],
            Self::Open { schedule, next } => {
                let mut due = Vec::new();
                while *next <= now && *next < end && due.len() < max {
                    due.push(*next);
                    *next = schedule.next_due();
                }
                due
            }
        }
    }

    /// Whether nothing will be due any more.
    pub fn is_over(&self, now: Duration, end: Duration) -> bool {
        match self {
            Self::Closed { .. } => now >= end,
            Self::Open { next, .. } => *next >= end,
        }
    }

    /// How long nothing is due.
    pub fn pause(&self, now: Duration) -> Duration {
        match self {
            Self::Closed { .. } => LOOK,
            Self::Open { next, .. } => next.saturating_sub(now).min(PAUSE_MAX),
        }
    }
}
