//! Tests of the load and its measurement.

use std::time::Duration;

use alloy_primitives::{Address, U256};
use qiao_types::SignedTransaction;

use crate::report::latency;
use crate::workload::{Workload, WorkloadKind};
use crate::{Accounts, Options};

fn workload(kind: WorkloadKind) -> Workload {
    Workload {
        kind,
        chain_id: 5169,
        contract: Address::repeat_byte(1),
        party: 1,
        events: 3,
        gas_limit: 100_000,
        nonces: vec![7; 5],
        seed: 1,
    }
}

fn options(kind: WorkloadKind) -> Options {
    Options {
        kind,
        duration: Duration::from_secs(1),
        warmup: Duration::ZERO,
        rate: None,
        in_flight: 10,
        senders: 5,
        events_per_transaction: 3,
        transactions_max: 20,
        seed: 1,
        command: String::new(),
    }
}

#[test]
fn the_queues_hold_each_sender_in_the_order_of_its_nonces() {
    let accounts = Accounts::new(1, 5);
    for kind in [WorkloadKind::Transfer, WorkloadKind::Erc20, WorkloadKind::Capture] {
        let queues = workload(kind).sign(&accounts, &options(kind), 4);
        let mut next = std::collections::BTreeMap::new();
        for signed in queues.iter().flatten() {
            let transaction = SignedTransaction::decode(signed.bytes.clone()).unwrap();
            assert_eq!(transaction.hash(), signed.hash);
            let nonce = next.entry(transaction.sender()).or_insert(7);
            assert_eq!(transaction.nonce(), *nonce);
            *nonce += 1;
        }
        assert_eq!(next.len(), 5);
        assert!(next.values().all(|nonce| *nonce == 11));
    }
}

#[test]
fn accounts_follow_from_the_seed() {
    assert_eq!(Accounts::new(1, 3).addresses()[..2], Accounts::new(1, 2).addresses()[..]);
    assert_ne!(Accounts::new(1, 1).addresses(), Accounts::new(2, 1).addresses());
}

#[test]
fn the_events_are_valid_and_all_different() {
    let workload = workload(WorkloadKind::Capture);
    let mut hashes = std::collections::BTreeSet::new();
    for number in [0, 1, 2, 86_399, 86_400, 10_000_000] {
        let event = workload.event(number);
        let parsed = qiao_epcis::Event::parse(event.as_bytes(), &qiao_epcis::Limits::default());
        let parsed = parsed.unwrap_or_else(|problems| panic!("{event}: {problems:?}"));
        assert!(hashes.insert(parsed.hash().0));
    }
}

#[test]
fn a_transfer_moves_one_wei() {
    let (_, value, input) = workload(WorkloadKind::Transfer).action(5);
    assert_eq!(value, U256::ONE);
    assert!(input.is_empty());
}

#[test]
fn quantiles_are_of_the_sorted_waits() {
    let waits: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
    let found = latency(&waits);
    assert_eq!((found.p50, found.p90, found.p99, found.max), (50.0, 90.0, 99.0, 100.0));
    assert_eq!(latency(&[]).p99, 0.0);
}
