//! What clients saw of a register and of a position while validators fell is linearizable.
//!
//! The checker is that of `todc-utils`, the search of Wing and Gong with Lowe's memory: it looks for an
//! order of the operations that one number explains, in which no operation stands before another that
//! had returned when it began. An operation without an answer is closed at the end with an answer that
//! everything explains: it may stand anywhere after its beginning, and last is as good as never.

use qiao_simulator::{Event, Operation, POSITION, REGISTER, history};
use todc_utils::{Action, History, Specification, WGLChecker};

/// An operation, and what the client learned; nothing if it has no answer.
#[derive(Debug, Clone, Copy)]
struct Call {
    operation: Operation,
    learned: Option<u64>,
}

/// A number that is read, replaced or added to.
struct Number;

impl Specification for Number {
    type State = u64;
    type Operation = Call;

    fn init() -> u64 {
        0
    }

    fn apply(call: &Call, number: &u64) -> (bool, u64) {
        let (next, learns) = match call.operation {
            Operation::Read => (*number, *number),
            Operation::Swap(new) => (new, *number),
            Operation::Add(more) => (number + more, number + more),
        };
        let explains = call.learned.is_none_or(|learned| learned == learns);
        (explains, if explains { next } else { *number })
    }
}

fn is_linearizable(events: &[Event]) -> bool {
    let mut actions = Vec::new();
    let mut open: Vec<Option<Operation>> = Vec::new();
    for event in events {
        match *event {
            Event::Invoked { client, operation } => {
                open.resize(open.len().max(client + 1), None);
                assert!(open[client].replace(operation).is_none(), "a client does one at a time");
                actions.push((client, Action::Call(Call { operation, learned: None })));
            }
            Event::Returned { client, value } => {
                let operation = open[client].take().expect("an answer has a question");
                let call = Call { operation, learned: Some(value) };
                actions.push((client, Action::Response(call)));
            }
        }
    }
    for (client, operation) in open.into_iter().enumerate() {
        if let Some(operation) = operation {
            actions.push((client, Action::Response(Call { operation, learned: None })));
        }
    }
    WGLChecker::<Number>::is_linearizable(History::from_actions(actions))
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
