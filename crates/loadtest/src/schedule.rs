//! When transactions are due.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// How the transactions of an open loop are spread over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// At random, as independent users send: the gaps are exponentially distributed.
    Random,
    /// All gaps are equal.
    Even,
}

impl Arrivals {
    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Even => "even",
        }
    }
}

/// The instants, counted from the start, at which one client's transactions are due. They follow
/// from the seed alone: neither the network's answers nor the client's delays move them.
#[derive(Debug, Clone)]
pub struct Schedule {
    arrivals: Arrivals,
    gap_ns: f64,
    next_ns: f64,
    random: Random,
}

impl Schedule {
    /// Client `client` of `clients`, which together send `rate` transactions in a second.
    pub fn new(arrivals: Arrivals, rate: u64, client: usize, clients: usize, seed: u64) -> Self {
        let clients = clients.max(1);
        let gap_ns = 1e9 * clients as f64 / rate.max(1) as f64;
        let mut schedule =
            Self { arrivals, gap_ns, next_ns: 0.0, random: Random::new(seed, client as u64) };
        schedule.next_ns = match arrivals {
            Arrivals::Even => gap_ns * client as f64 / clients as f64,
            Arrivals::Random => schedule.gap(),
        };
        schedule
    }

    /// When the next transaction is due; later calls tell later instants.
    pub fn next_due(&mut self) -> Duration {
        let due = Duration::from_nanos(self.next_ns as u64);
        self.next_ns += self.gap();
        due
    }

    fn gap(&mut self) -> f64 {
        match self.arrivals {
            Arrivals::Even => self.gap_ns,
            Arrivals::Random => -self.random.unit().ln() * self.gap_ns,
        }
    }
}
