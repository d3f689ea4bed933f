//! The window of past states, the genesis batch, paths to the root, and what peers send of a state.

use qiao_types::{B256, Bytes, ProvedEntries, StateChange, StateKey, StateUnavailable};

use commonware_codec::{Decode as _, Encode as _};
use commonware_cryptography::sha256::Digest;
use commonware_glue::stateful::db::Shared;
use commonware_parallel::Sequential;
use commonware_runtime::{
    Runner as _, Supervisor as _,
    buffer::paged::CacheRef,
    deterministic::{self, Context},
};
use commonware_storage::{
    merkle::Location,
    qmdb::sync::{Request, Response, Source as _},
};
use commonware_utils::{NZU64, NZUsize};

use crate::{
    Family, GenesisStateError, History, PAGE, PathError, Replica, SentOperation, ServedState,
    commit_genesis, database_config, genesis::GENESIS_BATCH, install_genesis, verify_entry,
};

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
    let first = commit_genesis(one.to_vec()).unwrap();
    assert_eq!(first, commit_genesis(one.to_vec()).unwrap());
    assert_ne!(first.root, commit_genesis(other.to_vec()).unwrap().root);
    assert!(first.operations_end > first.operations_start);
}

/// A store in memory, changed by several blocks: 1 and 2 are there, 3 was and is not any more.
async fn changed(context: &Context) -> Replica<Context, Sequential> {
    let config = database_config("paths", Sequential, CacheRef::new(PAGE, NZUsize!(1_024)));
    let mut replica = Replica::open(context.child("paths"), config).await.unwrap();
    for n in 10..200 {
        replica.apply(&[change(n, None, Some("filler"))]).await.unwrap();
    }
    let first = [change(1, None, Some("a")), change(3, None, Some("c"))];
    replica.apply(&first).await.unwrap();
    replica.apply(&[change(2, None, Some("b")), change(3, Some("c"), None)]).await.unwrap();
    replica
}

fn proved(keys: &[StateKey]) -> ProvedEntries {
    let keys = keys.to_vec();
    deterministic::Runner::default().start(|context| async move {
        let replica = changed(&context).await;
        let proved = replica.prove(&keys).await.unwrap();
        assert_eq!(proved.root, replica.commitment().unwrap().root);
        proved
    })
}

#[test]
fn presence_and_absence_are_proved_against_the_root() {
    let keys = [key(1), key(2), key(3), key(4), key(0), key(255)];
    let proved = proved(&keys);
    let values: Vec<_> = proved.entries.iter().map(|entry| entry.value.clone()).collect();
    let (a, b) = (Some(Bytes::from("a")), Some(Bytes::from("b")));
    assert_eq!(values, [a, b, None, None, None, None]);
    for (key, entry) in keys.iter().zip(&proved.entries) {
        let verified = verify_entry(proved.root, *key, entry.value.as_ref(), &entry.path);
        assert_eq!(verified, Ok(()), "{key:?}");
        assert!(entry.path.len() < 1_024, "a path of {} bytes", entry.path.len());
    }
}

#[test]
fn a_path_proves_nothing_else() {
    let keys = [key(1), key(4)];
    let proved = proved(&keys);
    let [present, absent] = &proved.entries[..] else { panic!("two keys") };
    let other = Bytes::from("other");
    let root = proved.root;
    let differs = Err(PathError::Differs);
    assert_eq!(verify_entry(root, key(1), Some(&other), &present.path), differs);
    assert_eq!(verify_entry(root, key(2), present.value.as_ref(), &present.path), differs);
    assert_eq!(verify_entry(B256::ZERO, key(4), None, &absent.path), differs);
    // The keys on both sides of the gap are there, so their absence is not proved by it.
    assert_eq!(verify_entry(root, key(2), None, &absent.path), differs);
    assert!(verify_entry(root, key(1), None, &present.path).is_err());
    assert!(verify_entry(root, key(4), Some(&other), &absent.path).is_err());
}

#[test]
fn no_changed_byte_of_a_path_goes_unnoticed() {
    let keys = [key(1), key(4)];
    let proved = proved(&keys);
    for (key, entry) in keys.iter().zip(&proved.entries) {
        for at in 0..entry.path.len() {
            let mut path = entry.path.to_vec();
            path[at] ^= 1;
            let path = Bytes::from(path);
            let verified = verify_entry(proved.root, *key, entry.value.as_ref(), &path);
            assert!(verified.is_err(), "byte {at} of the path of {key:?}");
        }
        let cut = entry.path.slice(..entry.path.len() - 1);
        let verified = verify_entry(proved.root, *key, entry.value.as_ref(), &cut);
        assert!(matches!(verified, Err(PathError::Malformed(_))));
    }
}

#[test]
fn a_store_with_a_state_does_not_ask_for_the_genesis_again() {
    let changes = vec![change(1, None, Some("a")), change(2, None, Some("b"))];
    let stated = commit_genesis(changes.clone()).unwrap();
    deterministic::Runner::default().start(|context| async move {
        let cache = CacheRef::new(PAGE, NZUsize!(64));
        let config = || database_config("kept", Sequential, cache.clone());
        let first = install_genesis(context.child("first"), config(), &stated, || {
            Ok::<_, GenesisStateError>(changes)
        });
        assert_eq!(first.await.unwrap(), stated);
        let again = install_genesis(context.child("again"), config(), &stated, || {
            Err::<Vec<StateChange>, _>(GenesisStateError::Store("asked".into()))
        });
        assert_eq!(again.await.unwrap(), stated);
        let empty = database_config("empty", Sequential, cache.clone());
        let asked = install_genesis(context.child("empty"), empty, &stated, || {
            Err::<Vec<StateChange>, _>(GenesisStateError::Store("asked".into()))
        });
        assert_eq!(asked.await.unwrap_err().to_string(), "state store failed: asked");
    });
}

#[test]
fn a_large_genesis_whose_process_was_killed_begins_anew() {
    let changes: Vec<_> = (0..=GENESIS_BATCH as u64)
        .map(|n| {
            let mut key = B256::ZERO;
            key[..8].copy_from_slice(&n.to_be_bytes());
            let after = Some(Bytes::from_static(b"v"));
            StateChange { key: StateKey(key), before: None, after }
        })
        .collect();
    let stated = commit_genesis(changes.clone()).unwrap();
    deterministic::Runner::default().start(|context| async move {
        let cache = CacheRef::new(PAGE, NZUsize!(64));
        let config = || database_config("large", Sequential, cache.clone());
        let mut killed = Replica::open(context.child("killed"), config()).await.unwrap();
        let partial = killed.apply(&changes[..GENESIS_BATCH]).await.unwrap();
        assert!(partial.operations_end < stated.operations_end);
        drop(killed);
        let installed = install_genesis(context.child("started"), config(), &stated, || {
            Ok::<_, GenesisStateError>(changes)
        });
        assert_eq!(installed.await.unwrap(), stated);
    });
}

type Sent = Response<Family, SentOperation, Digest>;

/// What a peer answers whose state has three keys, one of which was changed and one removed.
fn answer() -> Sent {
    deterministic::Runner::default().start(|context| async move {
        let cache = CacheRef::new(PAGE, NZUsize!(64));
        let config = database_config("served", Sequential, cache);
        let mut replica = Replica::open(context.child("served"), config).await.unwrap();
        let some =
            [change(1, None, Some("a")), change(2, None, Some("b")), change(3, None, Some("c"))];
        replica.apply(&some).await.unwrap();
        let more = [change(1, Some("a"), Some("d")), change(2, Some("b"), None)];
        let state = replica.apply(&more).await.unwrap();
        let served = ServedState(Shared::new("served", replica.into_database()));
        let request = Request::Operations {
            size: Location::new(state.operations_end),
            start: Location::new(0),
            max_ops: NZU64!(48),
        };
        let (answer, _) = served.serve(request).await.unwrap();
        let Response::Operations { operations, .. } = &answer else { panic!("another answer") };
        assert!(operations.len() > 5);
        answer
    })
}

#[test]
fn an_answer_about_the_state_is_read_as_it_was_sent_and_damaged_ones_do_no_harm() {
    let limit = (48, ());
    let sent = answer().encode();
    let read = Sent::decode_cfg(sent.clone(), &limit).unwrap();
    assert_eq!(read.encode(), sent);
    assert!(Sent::decode_cfg(sent.clone(), &(2, ())).is_err(), "more than was asked for");
    for length in 0..sent.len() {
        assert!(Sent::decode_cfg(sent.slice(..length), &limit).is_err(), "cut to {length} bytes");
    }
    let mut others = 0;
    for at in 0..sent.len() {
        for bit in 0..8 {
            let mut damaged = sent.to_vec();
            damaged[at] ^= 1 << bit;
            let Ok(read) = Sent::decode_cfg(bytes::Bytes::from(damaged.clone()), &limit) else {
                continue;
            };
            // It is another answer, whose paths do not lead to the root, and no second form of this one.
            assert_eq!(read.encode(), damaged, "bit {bit} of byte {at}");
            others += 1;
        }
    }
    assert!(others > 0, "flipped digests are read");
}
