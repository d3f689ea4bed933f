//! The nodes that a client may turn to.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where a node is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// JSON-RPC.
    pub rpc: String,
    /// REST, where one can wait for a block; other software than ours has none.
    pub rest: Option<String>,
}

/// A client's nodes, one of which it uses.
#[derive(Debug)]
pub struct Endpoints {
    all: Vec<Endpoint>,
    current: AtomicUsize,
    failovers: Mutex<Vec<Duration>>,
}

impl Endpoints {
    /// Begins with the first one.
    pub fn new(all: &[Endpoint]) -> Self {
        let (current, failovers) = (AtomicUsize::new(0), Mutex::default());
        Self { all: all.to_vec(), current, failovers }
    }

    /// The one in use.
    pub fn current(&self) -> usize {
        self.current.load(Ordering::Acquire)
    }

    /// The address of one of them.
    pub fn get(&self, endpoint: usize) -> &Endpoint {
        &self.all[endpoint]
    }

    /// Notes that one does not answer, and turns to the next, if it is still the one in use.
    pub fn failed(&self, endpoint: usize, now: Duration) {
        let next = (endpoint + 1) % self.all.len();
        if next == endpoint {
            return;
        }
        let order = (Ordering::AcqRel, Ordering::Acquire);
        if self.current.compare_exchange(endpoint, next, order.0, order.1).is_ok() {
            self.failovers.lock().expect("no thread panics with the lock").push(now);
        }
    }

    /// When the client turned to another one.
    pub fn failovers(&self) -> Vec<Duration> {
        self.failovers.lock().expect("no thread panics with the lock").clone()
    }
}
