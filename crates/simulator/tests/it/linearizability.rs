//! What clients saw of a register and of a position while validators fell is linearizable.
//!
//! The checker is the search of Wing and Gong with Lowe's memory: it looks for an order of the
//! operations that one number explains, in which no operation stands before another that had
//! returned when it began. An operation without an answer may stand anywhere after its beginning, or
//! nowhere.

use std::collections::HashSet;

use qiao_simulator::{Event, Operation, POSITION, REGISTER, history};

/// What a client asked for and learned, with the places of both in the history.
#[derive(Debug, Clone, Copy)]
struct Call {
    client: usize,
    operation: Operation,
    began: usize,
    returned: Option<(usize, u64)>,
}

fn calls(events: &[Event]) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        match *event {
            Event::Invoked { client, operation } => {
                calls.push(Call { client, operation, began: place, returned: None });
            }
            Event::Returned { client, value } => {
                let call = calls.iter_mut().rfind(|call| call.client == client).unwrap();
                assert!(call.returned.replace((place, value)).is_none(), "answered twice");
            }
        }
    }
    assert!(calls.len() <= 128, "the checker counts in the bits of one number");
    calls
}

/// The number after an operation, and what the client learns.
fn apply(number: u64, operation: Operation) -> (u64, u64) {
    match operation {
        Operation::Read => (number, number),
        Operation::Swap(new) => (new, number),
        Operation::Add(more) => (number + more, number + more),
    }
}

fn is_linearizable(events: &[Event]) -> bool {
    let calls = calls(events);
    let mut seen = HashSet::new();
    let mut open = vec![(0u128, 0u64)];
    while let Some((placed, number)) = open.pop() {
        let left = || calls.iter().enumerate().filter(|(index, _)| placed >> index & 1 == 0);
        // Nothing may be placed that began after something unplaced had returned.
        let first_return = left().filter_map(|(_, call)| call.returned).map(|(at, _)| at).min();
        let Some(first_return) = first_return else { return true };
        for (index, call) in left().filter(|(_, call)| call.began < first_return) {
            let (next, learned) = apply(number, call.operation);
            let explains = call.returned.is_none_or(|(_, value)| value == learned);
            let state = (placed | 1 << index, next);
            if explains && seen.insert(state) {
                open.push(state);
            }
        }
    }
    false
}

fn check_under_faults(contract: qiao_types::Address) {
    for seed in 1..4 {
        let events = history(seed, contract);
        let returned =
            events.iter().filter(|event| matches!(event, Event::Returned { .. })).count();
        assert!(returned >= 20, "seed {seed}: only {returned} operations returned");
        assert!(is_linearizable(&events), "seed {seed}: {events:?}");
    }
}

#[test]
fn a_register_on_the_chain_is_linearizable_under_faults() {
    check_under_faults(REGISTER);
}

#[test]
fn a_position_on_the_chain_is_linearizable_under_faults() {
    check_under_faults(POSITION);
}

#[test]
fn the_checker_refuses_what_no_order_explains() {
    let swap = |client, number| Event::Invoked { client, operation: Operation::Swap(number) };
    let read = |client| Event::Invoked { client, operation: Operation::Read };
    let returned = |client, value| Event::Returned { client, value };
    assert!(is_linearizable(&[swap(0, 5), returned(0, 0), read(1), returned(1, 5)]));
    // A read that sees the old number after the write had returned.
    assert!(!is_linearizable(&[swap(0, 5), returned(0, 0), read(1), returned(1, 0)]));
    // The same at the same time, in either order.
    assert!(is_linearizable(&[swap(0, 5), read(1), returned(1, 0), returned(0, 0)]));
    assert!(is_linearizable(&[swap(0, 5), read(1), returned(1, 5), returned(0, 0)]));
    // Seen by one, and then not by another.
    let events = [swap(0, 5), read(1), returned(1, 5), read(2), returned(2, 0), returned(0, 0)];
    assert!(!is_linearizable(&events));
    // A write without an answer may have happened, or not.
    assert!(is_linearizable(&[swap(0, 5), read(1), returned(1, 5)]));
    assert!(is_linearizable(&[swap(0, 5), read(1), returned(1, 0)]));
    // Two swaps that both learned the same number.
    let events = [swap(0, 5), swap(1, 6), returned(0, 0), returned(1, 0)];
    assert!(!is_linearizable(&events));
}
