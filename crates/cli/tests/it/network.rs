//! Four separate processes: what one captures all read; who was killed catches up; without a quorum
//! the chain waits, says so, and loses nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Network, document, get, qiao, transcript};

/// The hashes of the events that a capture acknowledged as final.
fn acknowledged(output: &std::process::Output) -> BTreeSet<String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let hashes = report.pointer("/0/job/eventHashes").and_then(Value::as_array).cloned();
    let hashes = hashes.unwrap_or_default();
    hashes.iter().filter_map(|hash| Some(hash.as_str()?.to_string())).collect()
}

/// Ends the load however the test ends.
struct StopWhenDropped<'a>(&'a AtomicBool);

impl Drop for StopWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn doctor(network: &Network, member: usize) -> (Option<i32>, String) {
    let output = qiao(&["doctor", "--home"]).arg(network.home(member)).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// All members have the same state root at the height that the slowest of them has.
fn assert_same_state(network: &Network) {
    let lowest = (1..=4).filter_map(|member| network.height(member)).min().unwrap();
    let roots: BTreeSet<_> = (1..=4).map(|member| network.state_root(member, lowest)).collect();
    assert_eq!(roots.len(), 1, "at height {lowest}: {roots:?}");
    assert!(roots.iter().all(Option::is_some));
}

#[test]
fn a_thousand_events_captured_at_one_are_readable_at_all_four() {
    let network = Network::start();
    let output = network.capture(1, &document(1, 1_000));
    assert!(output.status.success(), "{}\n{}", transcript(&output), network.logs());
    let hashes = acknowledged(&output);
    assert_eq!(hashes.len(), 1_000);
    for member in 1..=4 {
        network.wait(&format!("1,000 events at member {member}"), |network| {
            network.event_count(member) == 1_000
        });
    }
    assert_same_state(&network);
    // The same document again changes nothing and says so.
    let again = network.capture(2, &document(1, 1_000));
    let report: Value = serde_json::from_slice(&again.stdout).unwrap_or_default();
    assert_eq!(report.pointer("/0/job/captured"), Some(&Value::from(0)), "{}", transcript(&again));
    // A link between two may still be being made when the events are final.
    network.wait("the doctor finds nothing", |network| {
        let (code, text) = doctor(network, 1);
        code == Some(0) && !text.contains("not connected")
    });
}

#[test]
fn a_validator_killed_under_load_catches_up_to_the_same_state() {
    let mut network = Network::start();
    let stop = AtomicBool::new(false);
    let captured = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        // Also when an assertion fails: the scope waits for its threads.
        let _stops = StopWhenDropped(&stop);
        let (home, stop, captured) = (network.url(1), &stop, &captured);
        scope.spawn(move || {
            let folder = tempfile::tempdir().unwrap();
            for batch in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let file = folder.path().join("document.json");
                std::fs::write(&file, document(batch, 20)).unwrap();
                let output = qiao(&["capture", "--url", &home]).arg(&file).output().unwrap();
                if output.status.success() {
                    captured.fetch_add(20, Ordering::Relaxed);
                }
            }
        });
        network.wait("events are captured", |_| captured.load(Ordering::Relaxed) >= 40);
        network.kill(4);
        let before = captured.load(Ordering::Relaxed);
        network.wait("three go on without the fourth", |_| {
            captured.load(Ordering::Relaxed) >= before + 60
        });
        network.wait("the doctor says that one is down", |network| {
            let (code, text) = doctor(network, 1);
            code == Some(1) && text.contains("the process is down")
        });
        network.start_member(4);
        let before = captured.load(Ordering::Relaxed);
        network.wait("events are captured while it catches up", |_| {
            captured.load(Ordering::Relaxed) >= before + 40
        });
    });
    let expected = captured.load(Ordering::Relaxed);
    for member in 1..=4 {
        network.wait(&format!("member {member} has all {expected} events"), |network| {
            network.event_count(member) >= expected
        });
    }
    assert_same_state(&network);
    network.wait("all is well again", |network| doctor(network, 4).0 == Some(0));
}

#[test]
fn without_a_quorum_the_chain_waits_says_so_and_loses_nothing() {
    let mut network = Network::start();
    let output = network.capture(1, &document(1, 50));
    assert!(output.status.success(), "{}\n{}", transcript(&output), network.logs());
    let hashes = acknowledged(&output);
    network.kill(3);
    network.kill(4);
    network.wait("the status says that the chain stands", |network| {
        let status = network.status(1).unwrap_or_default();
        status["is_final_progressing"] == false && status["stalled_reason"].is_string()
    });
    let height = network.height(1).unwrap();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(network.height(1), Some(height), "two of four made a block final");
    let (code, text) = doctor(&network, 2);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("3 of 4"), "{text}");
    network.start_member(3);
    network
        .wait("the chain goes on", |network| network.height(1).is_some_and(|now| now > height + 1));
    let output = network.capture(3, &document(2, 50));
    assert!(output.status.success(), "{}\n{}", transcript(&output), network.logs());
    network.start_member(4);
    for member in 1..=4 {
        network.wait(&format!("member {member} has all events"), |network| {
            network.event_count(member) == 100
        });
        for hash in hashes.iter().take(5) {
            let path = hash.replace(':', "%3A").replace('/', "%2F").replace(';', "%3B");
            let path = path.replace('?', "%3F").replace('=', "%3D");
            let url = format!("{}/epcis/events/{path}", network.url(member));
            assert!(get(&url).is_some(), "{hash} is lost at member {member}");
        }
    }
    assert_same_state(&network);
}
