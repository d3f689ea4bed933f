//! Sending: at the pace of the plan, each sender's transactions in the order of their nonces.

use std::collections::VecDeque;
use std::time::Duration;

use alloy_primitives::Bytes;

use super::pace::Pace;
use super::{Shared, Waiting};
use crate::rpc::{Rpc, Sent};
use crate::workload::Signed;

/// Transactions per request.
const BATCH: usize = 50;

/// Bytes of transactions per request.
const BATCH_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Before something that was refused is sent again.
const AGAIN: Duration = Duration::from_millis(20);

/// What became of sending.
#[derive(Debug, Default)]
pub struct Sending {
    /// When those were due that no node took.
    pub unsent: Vec<Duration>,
    /// Refusals.
    pub refused: u64,
    /// The first reason for one.
    pub refusal: Option<String>,
    /// Whether the signed transactions ran out.
    pub ran_out: bool,
}

/// Sends until the plan is over and everything is final, or nobody will wait any longer.
pub fn send_all(shared: &Shared<'_>, signed: &[Signed]) -> Sending {
    let end = shared.plan.window.end;
    let deadline = end + shared.plan.drain;
    let largest = signed.iter().map(|signed| signed.bytes.len()).max().unwrap_or(1).max(1);
    let batch_max = (BATCH_BYTES_MAX / largest).clamp(1, BATCH);
    let mut sender = Sender {
        shared,
        signed,
        pace: Pace::new(shared.plan),
        next: 0,
        again: VecDeque::new(),
        endpoint: shared.endpoints.current(),
        rpc: Rpc::new(&shared.endpoints.get(shared.endpoints.current()).rpc),
        sending: Sending::default(),
    };
    shared.clock.sleep_until_start();
    loop {
        let now = shared.clock.now();
        let is_over = sender.pace.is_over(now, end) || sender.sending.ran_out;
        if now > deadline || (is_over && shared.under_way().is_empty()) {
            return sender.finish();
        }
        sender.follow_failover();
        let batch = sender.batch(now, batch_max);
        if batch.is_empty() {
            std::thread::sleep(if is_over { AGAIN } else { sender.pace.pause(now) });
            continue;
        }
        sender.send(&batch);
        if !sender.again.is_empty() {
            std::thread::sleep(AGAIN);
        }
    }
}

struct Sender<'a> {
    shared: &'a Shared<'a>,
    signed: &'a [Signed],
    pace: Pace,
    /// The first transaction that was not sent yet.
    next: usize,
    /// What must be sent again, in order, before anything else: no nonce may be skipped.
    again: VecDeque<usize>,
    endpoint: usize,
    rpc: Rpc,
    sending: Sending,
}

impl Sender<'_> {
    /// After the node was given up, everything that is not final goes to the next one: the first
    /// may have taken it with it.
    fn follow_failover(&mut self) {
        let current = self.shared.endpoints.current();
        if current == self.endpoint {
            return;
        }
        self.endpoint = current;
        self.rpc = Rpc::new(&self.shared.endpoints.get(current).rpc);
        let under_way = self.shared.under_way();
        let mut positions: Vec<_> = under_way.values().map(|waiting| waiting.position).collect();
        positions.sort_unstable();
        self.again = positions.into();
    }

    /// What is to be sent now.
    fn batch(&mut self, now: Duration, max: usize) -> Vec<usize> {
        if !self.again.is_empty() {
            return self.again.drain(..self.again.len().min(max)).collect();
        }
        if self.sending.ran_out {
            return Vec::new();
        }
        let mut under_way = self.shared.under_way();
        let due = self.pace.take(now, self.shared.plan.window.end, under_way.len(), max);
        let mut batch = Vec::with_capacity(due.len());
        for due in due {
            let Some(signed) = self.signed.get(self.next) else {
                self.sending.ran_out = true;
                self.sending.unsent.extend(matches!(self.pace, Pace::Open { .. }).then_some(due));
                continue;
            };
            under_way.insert(signed.hash, Waiting { position: self.next, due });
            batch.push(self.next);
            self.next += 1;
        }
        batch
    }

    fn send(&mut self, batch: &[usize]) {
        let bytes: Vec<&Bytes> = batch.iter().map(|at| &self.signed[*at].bytes).collect();
        let answers = match self.rpc.send(&bytes) {
            Ok(answers) => answers,
            Err(error) => {
                self.shared.endpoints.failed(self.endpoint, self.shared.clock.now());
                vec![Sent::Refused(format!("{error:#}")); batch.len()]
            }
        };
        let mut again = VecDeque::new();
        for (position, answer) in batch.iter().zip(answers) {
            let Sent::Refused(reason) = answer else { continue };
            // A node that broke off, or another node, may have taken it all the same: then it is
            // in the pool, or in a block that will be seen.
            let lower = reason.to_ascii_lowercase();
            if ["already known", "known transaction", "nonce too low"]
                .iter()
                .any(|words| lower.contains(words))
            {
                continue;
            }
            self.sending.refused += 1;
            self.sending.refusal.get_or_insert(reason);
            again.push_back(*position);
        }
        // Before what was left of an earlier batch: its nonces are lower.
        again.append(&mut self.again);
        self.again = again;
    }

    /// Nothing is sent any more: what no node took is not under way.
    fn finish(mut self) -> Sending {
        let mut under_way = self.shared.under_way();
        for position in &self.again {
            let refused = under_way.remove(&self.signed[*position].hash);
            self.sending.unsent.extend(refused.map(|waiting| waiting.due));
        }
        drop(under_way);
        let end = self.shared.plan.window.end;
        loop {
            let due = self.pace.take(end, end, usize::MAX, usize::MAX);
            if due.is_empty() {
                break;
            }
            self.sending.unsent.extend(due);
        }
        let start = self.shared.plan.window.start;
        self.sending.unsent.retain(|due| *due >= start);
        self.sending
    }
}
