//! Tests of keys and places.

#![allow(clippy::unwrap_used)]

use std::{net::IpAddr, sync::Arc};

use super::{places::Places, *};

fn rights(text: &str) -> Rights {
    text.parse().unwrap()
}

#[test]
fn a_file_of_keys_is_read_as_it_was_written_and_holds_no_key() {
    let made = [
        fresh_key("erp", rights("read,write"), Holder::Own, [7; 32]),
        fresh_key("auditor", rights("read"), Holder::Desk(12), [8; 32]),
    ];
    let entries: Vec<Entry> = made.iter().map(|key| key.entry.clone()).collect();
    let text = print_entries(&entries);
    assert!(made.iter().all(|key| key.text.starts_with(KEY_PREFIX) && !text.contains(&key.text)));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    assert_eq!(super::entries(file.path()).unwrap(), entries);
}

#[test]
fn a_line_that_is_no_key_is_refused_with_its_number() {
    let hash = "00".repeat(32);
    let cases = [
        (format!("erp read {hash}\nerp write {hash}"), "line 2: the name `erp` is there twice"),
        ("# keys\n\nerp read".to_owned(), "line 3: expected a name, rights, a hash"),
        (format!("erp all {hash}"), "line 1: a key may `read`, `write` and `debug`"),
        ("erp read 00".to_owned(), "line 1: the hash is 64 hexadecimal digits"),
    ];
    for (text, expected) in cases {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let error = super::entries(file.path()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_key_that_is_taken_out_opens_nothing_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api.keys");
    let (kept, gone) = (
        fresh_key("a", rights("read"), Holder::Own, [1; 32]),
        fresh_key("b", rights("debug"), Holder::Own, [2; 32]),
    );
    std::fs::write(&path, print_entries(&[kept.entry.clone(), gone.entry.clone()])).unwrap();
    let keys = Keys::open(&path).unwrap();
    let (held, lost) = (keys.admit(&kept.text).unwrap(), keys.admit(&gone.text).unwrap());
    assert_eq!((held.may(Right::Read), held.may(Right::Write)), (Some(true), Some(false)));
    assert_eq!(lost.may(Right::Debug), Some(true));
    assert!(keys.admit("qiao_").is_none());
    std::fs::write(&path, print_entries(&[kept.entry])).unwrap();
    keys.refresh();
    assert_eq!((held.may(Right::Read), lost.may(Right::Debug)), (Some(true), None));
    assert!(keys.admit(&gone.text).is_none());
    std::fs::write(&path, "no line of keys").unwrap();
    keys.refresh();
    assert_eq!(held.may(Right::Read), Some(true), "a damaged file changes nothing");
    std::fs::remove_file(&path).unwrap();
    keys.refresh();
    assert_eq!(held.may(Right::Read), None, "without a file there are no keys");
}

/// Places for `all`, of which one address has at most `each`.
fn places(all: usize, each: usize) -> Arc<Places> {
    let limits =
        Limits { connections_max: all, address_connections_max: each, ..Limits::default() };
    Arc::new(Places::new(&limits, Arc::default()))
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn who_waits_makes_place_and_who_is_served_does_not() {
    let places = places(2, 2);
    let first = places.take(address("10.0.0.1")).unwrap();
    let busy = first.busy();
    let second = places.take(address("10.0.0.2")).unwrap();
    let third = places.take(address("10.0.0.3")).unwrap();
    assert_eq!(places.taken(), 2, "the second, which waited, was displaced");
    drop(second);
    let _also_busy = third.busy();
    assert!(places.take(address("10.0.0.4")).is_none(), "nobody waits");
    drop(busy);
    assert!(places.take(address("10.0.0.4")).is_some());
}

#[test]
fn one_address_or_ipv6_network_has_no_more_than_its_share() {
    let places = places(10, 2);
    let held: Vec<_> = ["2001:db8::1", "2001:db8::ffff"]
        .into_iter()
        .map(|one| places.take(address(one)).unwrap())
        .collect();
    let _busy: Vec<_> = held.iter().map(Handle::busy).collect();
    assert!(places.take(address("2001:db8::2")).is_none());
    assert!(places.take(address("2001:db8:0:1::1")).is_some());
    assert!(places.take(address("::ffff:10.0.0.1")).is_some());
}

#[test]
fn the_address_with_most_connections_makes_place_first() {
    let places = places(3, 3);
    let alone = places.take(address("10.0.0.1")).unwrap();
    let crowd = [0; 2].map(|_| places.take(address("10.0.0.2")).unwrap());
    let fresh = places.take(address("10.0.0.3")).unwrap();
    drop(crowd);
    assert_eq!(places.taken(), 2, "one of the crowd was displaced, the other left");
    drop((alone, fresh));
    assert_eq!(places.taken(), 0);
}

#[tokio::test]
async fn bodies_are_held_within_a_budget() {
    let budget = Budget::new(100 * 1024);
    let long = || Body::from(vec![b' '; 150 * 1024]);
    let time = Duration::from_secs(5);
    let held = body::collect(long(), 1 << 20, time, Some(&budget)).await.unwrap();
    let refused = body::collect(long(), 1 << 20, time, Some(&budget)).await.unwrap_err();
    assert_eq!(refused, body::BodyError::Busy);
    let short = body::collect(Body::from("short"), 1 << 20, time, Some(&budget)).await;
    assert_eq!(short.unwrap().bytes, "short", "short ones need no share");
    drop(held);
    assert!(body::collect(long(), 1 << 20, time, Some(&budget)).await.is_ok());
    let refused = body::collect(long(), 1024, time, Some(&budget)).await.unwrap_err();
    assert_eq!(refused, body::BodyError::TooLarge(1024));
    let answer = body::held(Response::new(long()), &Budget::new(1024));
    assert_eq!(answer.unwrap_err().into_response().status(), StatusCode::SERVICE_UNAVAILABLE);
}
