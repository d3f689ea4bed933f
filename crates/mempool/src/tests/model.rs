//! Any sequence of calls leaves the pool as a naive model says.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, map::B256Set};
use proptest::prelude::*;
use qiao_types::SignedTransaction;

use super::*;
use crate::{PoolCounts, Refusal};

const PER_SENDER_MAX: usize = 6;
const TOTAL_MAX: usize = 14;
const TOTAL_BYTES_MAX: usize = 6_000;
const GAP_MAX: u64 = 8;

#[derive(Debug, Clone)]
enum Step {
    Add { from: u8, nonce: u64, fee: u128, bytes: usize },
    Finalize { from: u8, nonce: u64 },
    Remove { from: u8, nonce: u64 },
    Freeze { from: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = prop_oneof![Just(0usize), 0..1_500usize];
    prop_oneof![
        12 => (1..5u8, 0..12u64, 0..3u128, bytes)
            .prop_map(|(from, nonce, fee, bytes)| Step::Add { from, nonce, fee, bytes }),
        2 => (1..5u8, 0..6u64).prop_map(|(from, nonce)| Step::Finalize { from, nonce }),
        1 => (1..5u8, 0..8u64).prop_map(|(from, nonce)| Step::Remove { from, nonce }),
        1 => (1..5u8).prop_map(|from| Step::Freeze { from }),
    ]
}

/// The pool without any index: what waits, who is how far, and the order of readiness.
#[derive(Default)]
struct Model {
    next: BTreeMap<Address, u64>,
    waiting: BTreeMap<(Address, u64), Arc<SignedTransaction>>,
    order: Vec<B256>,
}

impl Model {
    fn next_of(&self, from: Address) -> u64 {
        self.next.get(&from).copied().unwrap_or_default()
    }

    fn of(&self, from: Address) -> impl DoubleEndedIterator<Item = &Arc<SignedTransaction>> {
        self.waiting.range((from, 0)..=(from, u64::MAX)).map(|(_, tx)| tx)
    }

    fn weight(&self, from: Address) -> usize {
        self.of(from).map(|tx| tx.encoded().len() + 1_024).sum()
    }

    fn bytes(&self) -> usize {
        self.waiting.values().map(|tx| tx.encoded().len()).sum()
    }

    fn is_too_full(&self) -> bool {
        self.waiting.len() > TOTAL_MAX || self.bytes() > TOTAL_BYTES_MAX
    }

    fn add(&mut self, tx: Arc<SignedTransaction>) -> Result<(), &'static str> {
        let (from, nonce) = (tx.sender(), tx.nonce());
        if self.waiting.values().any(|other| other.hash() == tx.hash()) {
            return Err("pool.already_known");
        }
        if nonce < self.next_of(from) {
            return Err("pool.nonce_too_low");
        }
        if nonce > self.next_of(from) + GAP_MAX {
            return Err("pool.nonce_too_high");
        }
        let before = self.waiting.clone();
        if let Some(old) = self.waiting.remove(&(from, nonce)) {
            if fee(&tx) <= fee(&old) {
                self.waiting = before;
                return Err("pool.replacement_underpriced");
            }
            // The new one takes over the place.
            for hash in self.order.iter_mut().filter(|hash| **hash == old.hash()) {
                *hash = tx.hash();
            }
        } else if self.of(from).count() >= PER_SENDER_MAX {
            let last = self.of(from).next_back().expect("it is at its limit").nonce();
            if last < nonce {
                return Err("pool.sender_limit");
            }
            self.waiting.remove(&(from, last));
        }
        self.waiting.insert((from, nonce), tx);
        if !self.evict(from) {
            self.waiting = before;
            return Err("pool.full");
        }
        Ok(())
    }

    /// The heaviest other sender gives way, but not below what the newcomer has.
    fn evict(&mut self, newcomer: Address) -> bool {
        if !self.is_too_full() {
            return true;
        }
        let others: BTreeSet<Address> =
            self.waiting.keys().map(|(from, _)| *from).filter(|from| *from != newcomer).collect();
        let heaviest = others.into_iter().max_by_key(|from| (self.weight(*from), *from));
        let Some(victim) = heaviest else { return false };
        while self.is_too_full() {
            let Some(last) = self.of(victim).next_back().map(|tx| tx.nonce()) else { return false };
            self.waiting.remove(&(victim, last));
            if self.weight(victim) < self.weight(newcomer) {
                return false;
            }
        }
        true
    }

    /// Recomputes who is ready; who stays so keeps the place, the others follow.
    fn settle(&mut self) {
        let mut is_ready = BTreeSet::new();
        let mut newly = Vec::new();
        let senders: BTreeSet<Address> = self.waiting.keys().map(|(from, _)| *from).collect();
        for from in senders {
            let mut nonce = self.next_of(from);
            while let Some(tx) = self.waiting.get(&(from, nonce)) {
                is_ready.insert(tx.hash());
                if !self.order.contains(&tx.hash()) {
                    newly.push(tx.hash());
                }
                nonce += 1;
            }
        }
        self.order.retain(|hash| is_ready.contains(hash));
        self.order.extend(newly);
    }
}

fn fee(tx: &SignedTransaction) -> u128 {
    alloy_consensus::Transaction::max_fee_per_gas(tx.envelope())
}

fn apply(model: &mut Model, pool: &Pool, step: &Step) {
    match *step {
        Step::Add { from, nonce, fee, bytes } => {
            let tx = changed(sender(from), nonce, |tx| {
                tx.max_fee_per_gas = fee;
                tx.input = vec![0; bytes].into();
            });
            let order = model.order.clone();
            let expected = model.add(tx.clone());
            if expected.is_err() {
                model.order = order;
            }
            let added = pool.add(tx, &standing(0));
            assert_eq!(added.as_ref().map(|_| ()).map_err(Refusal::code), expected);
        }
        Step::Finalize { from, nonce } => {
            let next = model.next_of(sender(from)).max(nonce + 1);
            model.next.insert(sender(from), next);
            model.waiting.retain(|(owner, nonce), _| *owner != sender(from) || *nonce >= next);
            pool.on_finalized([(B256::ZERO, sender(from), nonce)].into_iter());
        }
        Step::Remove { from, nonce } => {
            let removed = model.waiting.remove(&(sender(from), nonce));
            if let Some(tx) = removed {
                assert_eq!(pool.remove(&tx.hash()), Some(tx));
            }
        }
        Step::Freeze { from } => {
            let before = model.waiting.len();
            model.waiting.retain(|(owner, _), _| *owner != sender(from));
            let frozen = Standing { active: false, ..standing(0) };
            assert_eq!(pool.restate(sender(from), &frozen), before - model.waiting.len());
        }
    }
    model.settle();
}

fn compare(model: &Model, pool: &Pool) {
    let ready: Vec<B256> =
        pool.ready(u64::MAX, &B256Set::default()).iter().map(|tx| tx.hash()).collect();
    assert_eq!(ready, model.order);
    let counts = PoolCounts {
        ready: model.order.len(),
        queued: model.waiting.len() - model.order.len(),
        bytes: model.bytes(),
    };
    assert_eq!(pool.counts(), counts);
    assert!(!model.is_too_full());
    for tx in model.waiting.values() {
        assert_eq!(pool.get(&tx.hash()).as_ref(), Some(tx));
    }
    for number in 1..5 {
        let from = sender(number);
        let is_waiting = model.of(from).next().is_some();
        let ready_of = model.of(from).filter(|tx| model.order.contains(&tx.hash())).count();
        let next = model.next_of(from) + ready_of as u64;
        assert_eq!(pool.next_nonce(from), is_waiting.then_some(next));
    }
}

proptest! {
    #[test]
    fn the_pool_is_what_the_model_says(steps in proptest::collection::vec(step(), 1..80)) {
        let pool = pool_with(|config| {
            config.per_sender_max = PER_SENDER_MAX;
            config.total_max = TOTAL_MAX;
            config.total_bytes_max = TOTAL_BYTES_MAX;
            config.gap_max = GAP_MAX;
        });
        let mut model = Model::default();
        for step in &steps {
            apply(&mut model, &pool, step);
            compare(&model, &pool);
        }
    }
}
