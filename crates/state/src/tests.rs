//! The window of past states, and the genesis batch.

use qiao_types::{B256, Bytes, StateChange, StateKey, StateUnavailable};

use crate::{History, commit_genesis};

fn key(n: u8) -> StateKey {
    StateKey(B256::repeat_byte(n))
}

fn change(n: u8, before: Option<&'static str>, after: Option<&'static str>) -> StateChange {
    StateChange { key: key(n), before: before.map(Bytes::from), after: after.map(Bytes::from) }
}

#[test]
fn a_past_state_reads_as_it_was() {
    let history = History::new(8);
    history.record(1, &[change(1, None, Some("a"))]);
    history.record(2, &[change(1, Some("a"), Some("b")), change(2, None, Some("x"))]);
    history.record(3, &[change(1, Some("b"), None)]);
    let at = |number| {
        let mut values = vec![None, Some(Bytes::from("x"))];
        history.rewind(number, &[key(1), key(2)], &mut values);
        values
    };
    assert_eq!(at(3), [None, Some(Bytes::from("x"))]);
    assert_eq!(at(2), [Some(Bytes::from("b")), Some(Bytes::from("x"))]);
    assert_eq!(at(1), [Some(Bytes::from("a")), None]);
    assert_eq!(at(0), [None, None]);
}

#[test]
fn a_state_outside_the_window_is_refused_with_the_oldest_kept() {
    let history = History::new(2);
    for number in 1..=5 {
        history.record(number, &[]);
    }
    assert_eq!(history.check(3, 5), Ok(()));
    assert_eq!(history.check(2, 5), Err(StateUnavailable::Pruned { number: 2, oldest: 3 }));
    assert_eq!(history.check(6, 5), Err(StateUnavailable::Unknown { number: 6, head: 5 }));
}

#[test]
fn the_genesis_root_depends_on_the_contents_alone() {
    let one = [change(1, None, Some("a")), change(2, None, Some("b"))];
    let other = [change(1, None, Some("a")), change(2, None, Some("c"))];
    let first = commit_genesis(&one).unwrap();
    assert_eq!(first, commit_genesis(&one).unwrap());
    assert_ne!(first.root, commit_genesis(&other).unwrap().root);
    assert!(first.operations_end > first.operations_start);
}
