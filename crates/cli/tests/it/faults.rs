//! Real faults against real processes: kills under load, rolling restarts, damaged files.
//!
//! `QIAO_SOAK_KILLS=1000` makes the first test a soak (`cargo xtask soak --kills 1000`).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Network, PATIENCE, agent, document, get, qiao, shielded, transcript};

/// Kills without `QIAO_SOAK_KILLS`.
const KILLS: usize = 6;
/// Events of one captured document.
const EVENTS: usize = 3;
/// Clients that capture one document after another while validators are killed.
const CLIENTS: usize = 12;

/// Small numbers that look random and are the same each time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        // The constants of Knuth's MMIX generator.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Captures documents at all members in turn until told to stop.
#[derive(Default)]
struct Load {
    stop: AtomicBool,
    documents: AtomicUsize,
    acknowledged: Mutex<BTreeSet<String>>,
}

impl Load {
    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    fn run(&self, urls: &[String]) {
        while !self.stop.load(Ordering::Relaxed) {
            let number = self.documents.fetch_add(1, Ordering::Relaxed);
            let url = &urls[number % urls.len()];
            match capture(url, &document(number, EVENTS)) {
                Some(hashes) => self.acknowledged.lock().unwrap().extend(hashes),
                None => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

/// Ends the load however the test ends.
struct StopWhenDropped<'a>(&'a Load);

impl Drop for StopWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

/// The hashes of events that a member acknowledged as final; `None` if it did not.
fn capture(url: &str, document: &str) -> Option<Vec<String>> {
    let posted = agent()
        .post(format!("{url}/epcis/capture"))
        .header("Content-Type", "application/ld+json")
        .send(document)
        .ok()?;
    let location = posted.headers().get("location")?.to_str().ok()?.to_string();
    let job = if location.starts_with("http") { location } else { format!("{url}{location}") };
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        let job = get(&job)?;
        if job["running"] == false {
            let hashes = job["eventHashes"].as_array()?;
            return (job["success"] == true)
                .then(|| hashes.iter().filter_map(|hash| Some(hash.as_str()?.into())).collect());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

/// All members hold every acknowledged event and have the same state.
fn assert_nothing_lost(network: &Network, load: &Load) {
    let acknowledged = load.acknowledged.lock().unwrap();
    // What is acknowledged is final somewhere: everybody has it at the height of the highest.
    let goal = (1..=4).filter_map(|member| network.height(member)).max().unwrap();
    for member in 1..=4 {
        network.wait(&format!("member {member} has all acknowledged events"), |network| {
            network.height(member) >= Some(goal)
                && network.event_count(member) >= acknowledged.len()
        });
        // Every one in a short run, each fifth or so in a long one.
        let step = acknowledged.len() / 200 + 1;
        for hash in acknowledged.iter().step_by(step) {
            assert!(network.event(member, hash).is_some(), "{hash} is lost at member {member}");
        }
    }
    assert_same_state(network);
}

/// All members have the same blocks up to the height that the slowest of them has.
fn assert_same_state(network: &Network) {
    let heights: Vec<u64> = (1..=4).filter_map(|member| network.height(member)).collect();
    assert_eq!(heights.len(), 4, "somebody does not answer\n{}", network.logs());
    let lowest = heights.into_iter().min().unwrap();
    for height in [lowest, lowest / 2, 1] {
        network.wait(&format!("all show block {height}"), |network| {
            (1..=4).all(|member| network.state_root(member, height).is_some())
        });
        let roots: BTreeSet<_> = (1..=4).map(|member| network.state_root(member, height)).collect();
        assert_eq!(roots.len(), 1, "at height {height}: {roots:?}");
    }
}

/// How long a member takes from its start until it serves a final block.
fn restart(network: &mut Network, member: usize) -> Duration {
    let began = Instant::now();
    network.start_member(member);
    while network.height(member).is_none() {
        assert!(began.elapsed() < PATIENCE, "member {member} is not back\n{}", network.logs());
        std::thread::sleep(Duration::from_millis(10));
    }
    began.elapsed()
}

#[test]
fn nothing_acknowledged_is_lost_to_random_kills_under_load() {
    let kills = std::env::var("QIAO_SOAK_KILLS").ok().and_then(|kills| kills.parse().ok());
    let kills: usize = kills.unwrap_or(KILLS);
    let mut network = Network::start();
    let urls: Vec<String> = (1..=4).map(|member| network.url(member)).collect();
    let (load, mut draws) = (Load::default(), Draws(1));
    let (mut times, began) = (Vec::new(), Instant::now());
    std::thread::scope(|scope| {
        let _stops = StopWhenDropped(&load);
        for _ in 0..CLIENTS {
            scope.spawn(|| load.run(&urls));
        }
        network.wait("events are captured", |_| load.count() >= 2 * EVENTS);
        while times.len() < kills {
            // One in eight times two fall, and the chain waits for one of them.
            let first = 1 + draws.below(4) as usize;
            let second = 1 + (first + draws.below(3) as usize) % 4;
            let mut fallen = vec![first];
            if draws.below(8) == 0 && times.len() + 1 < kills {
                fallen.push(second);
            }
            for member in &fallen {
                network.kill(*member);
            }
            std::thread::sleep(Duration::from_millis(draws.below(1_000)));
            for member in fallen {
                times.push(restart(&mut network, member));
            }
            if times.len().is_multiple_of(50) {
                println!("{} kills, {} events, {:?}", times.len(), load.count(), began.elapsed());
            }
            std::thread::sleep(Duration::from_millis(draws.below(500)));
        }
        let before = load.count();
        network.wait("the chain goes on after the last kill", |_| load.count() > before);
    });
    assert_nothing_lost(&network, &load);
    times.sort_unstable();
    let (middle, last) = (times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{} kills in {:?}: {} events acknowledged, none lost; restart p50 {middle:?}, max {last:?}",
        times.len(),
        began.elapsed(),
        load.count(),
    );
}

#[test]
fn a_rolling_restart_under_load_is_not_noticed_by_clients_of_the_others() {
    roll(&qiao);
}

/// `QIAO_OLD=…/qiao` names a program of an earlier commit with the same genesis and protocol.
#[test]
fn a_rolling_upgrade_under_load_is_not_noticed_by_clients_of_the_others() {
    let Some(old) = std::env::var_os("QIAO_OLD").map(PathBuf::from) else {
        println!("SKIPPED: `QIAO_OLD` names no earlier program to upgrade from");
        return;
    };
    roll(&|arguments| shielded(&old, arguments));
}

/// Members that another program has started are restarted under load, one after another.
fn roll(old: &dyn Fn(&[&str]) -> Command) {
    let mut network = Network::start_by(old);
    let urls: Vec<String> = (1..=4).map(|member| network.url(member)).collect();
    let load = Load::default();
    std::thread::scope(|scope| {
        let _stops = StopWhenDropped(&load);
        scope.spawn(|| load.run(&urls));
        for member in 1..=4 {
            let before = load.count();
            network.wait("events are captured", |_| load.count() > before);
            network.stop(member);
            let before = load.count();
            network.wait("three go on", |_| load.count() > before + EVENTS);
            restart(&mut network, member);
            let goal = (1..=4).filter_map(|other| network.height(other)).max().unwrap();
            network.wait("it catches up", |network| network.height(member) >= Some(goal));
        }
    });
    assert_nothing_lost(&network, &load);
}

/// What is done to a file of a stopped validator.
#[derive(Debug, Clone, Copy)]
enum Damage {
    /// One bit in the middle of what is written is another.
    Flip,
    /// The last third is gone.
    Cut,
    /// The last hundred bytes are gone, as after a power cut.
    Tear,
}

/// Stores below `data/chain-data`, and what their damage comes to: a refusal that names the store by
/// one of these texts, or nothing, because the store is brought up to date from the other validators.
const DAMAGES: [(&str, Damage, Option<&str>); 9] = [
    ("chain-state-operations_data", Damage::Flip, Some("state store failed")),
    (
        "chain-state-operations_data",
        Damage::Cut,
        Some("state store failed|database init failed|store `state`"),
    ),
    ("chain-state-digests-blobs", Damage::Flip, Some("state store failed")),
    ("chain-blocks-value", Damage::Flip, Some("store `blocks`")),
    ("chain-blocks-key", Damage::Cut, Some("store `blocks`")),
    ("chain-receipts-value", Damage::Flip, Some("receipts")),
    ("chain-certificates-value", Damage::Tear, None),
    ("chain-marshal-application-metadata", Damage::Flip, None),
    ("chain-agreement-0", Damage::Tear, None),
];

fn damage(folder: &Path, how: Damage) {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let path = files.pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    match how {
        Damage::Flip => {
            let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
            bytes[written[written.len() / 2]] ^= 0x10;
        }
        Damage::Cut => bytes.truncate(bytes.len() * 2 / 3),
        Damage::Tear => bytes.truncate(bytes.len() - 100),
    }
    fs::write(&path, bytes).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

/// What `qiao repair` says of a stopped member.
fn repair(network: &Network, member: usize, flags: &[&str]) -> Value {
    let mut command = qiao(&["--json", "repair", "--home"]);
    let output = command.arg(network.home(member)).args(flags).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", transcript(&output)))
}

/// The damaged store is found, made again, and the member is where the others are.
fn assert_repaired(network: &mut Network, store: &str, case: &str) {
    let checked = repair(network, 4, &["--check"]);
    assert_eq!(checked["sound"], false, "{case}: {checked}");
    assert_eq!(checked["repair"]["put_aside"], serde_json::json!([]), "{case}: {checked}");
    let repaired = repair(network, 4, &[]);
    let aside = repaired["repair"]["put_aside"].as_array().unwrap();
    assert!(
        aside.iter().any(|path| path.as_str().is_some_and(|path| path.ends_with(store))),
        "{case}: {repaired}"
    );
    network.try_start(4).unwrap_or_else(|(_, text)| panic!("{case}: {text}"));
    let goal = network.height(1).unwrap();
    network.wait(case, |network| network.height(4) >= Some(goal) && network.event_count(4) == 300);
    assert_same_state(network);
    network.stop(4);
    let checked = repair(network, 4, &["--check"]);
    assert_eq!(checked["sound"], true, "{case}: {checked}");
}

/// More than a validator keeps behind the newest final block (`Timing::standard`).
const REMEMBERED_VIEWS: u64 = 40;

/// The view in which the others vote.
fn view(network: &Network) -> Option<u64> {
    network.status(1)?.get("view")?.as_u64()
}

/// Waits until the others no longer remember the views in which member 4, which is stopped, voted. Its data
/// is put back to an earlier time: it may vote in them again, and whoever votes twice is shut out.
fn outlive_votes(network: &Network) {
    let stopped = view(network).unwrap();
    network.wait("votes of before are forgotten", |network| {
        view(network).is_some_and(|now| now > stopped + REMEMBERED_VIEWS)
    });
}

#[test]
fn damaged_files_are_named_or_mended_and_never_served() {
    let mut network = Network::start();
    for batch in 0..3 {
        assert!(capture(&network.url(1), &document(batch, 100)).is_some(), "{}", network.logs());
    }
    network.wait("member 4 has the events", |network| network.event_count(4) == 300);
    // What it damages below was processed: of later blocks a validator fetches what it cannot read.
    let captured = network.height(4).unwrap();
    network.wait("blocks go on", |network| network.height(4) >= Some(captured + 3));
    network.stop(4);
    let data = network.home(4).join("data");
    let sound = network.home(4).join("sound");
    copy(&data, &sound);
    for (store, how, refusal) in DAMAGES {
        fs::remove_dir_all(&data).unwrap();
        copy(&sound, &data);
        damage(&data.join("chain-data").join(store), how);
        if store == "chain-agreement-0" {
            outlive_votes(&network);
        }
        let case = format!("{store}, {how:?}");
        match (network.try_start(4), refusal) {
            (Err((code, text)), Some(name)) => {
                println!(
                    "{case}: {}",
                    text.lines().find(|line| line.starts_with("error")).unwrap()
                );
                assert_eq!(code, Some(3), "{case}: {text}");
                let errors = text.lines().filter(|line| line.starts_with("error: ")).count();
                assert_eq!(errors, 1, "{case}: {text}");
                assert!(name.split('|').any(|name| text.contains(name)), "{case}: {text}");
                assert!(text.contains("\n\nhint: "), "{case}: {text}");
                assert_repaired(&mut network, store, &case);
            }
            (Ok(()), None) => {
                let goal = network.height(1).unwrap();
                network.wait(&case, |network| network.height(4) >= Some(goal));
                assert_same_state(&network);
                assert_eq!(network.event_count(4), 300, "{case}");
                println!("{case}: mended from the others");
                network.stop(4);
            }
            (outcome, _) => panic!("{case}: {outcome:?}"),
        }
    }
    // Without its data it says so, and does not vote before its old votes cannot matter.
    fs::remove_dir_all(&data).unwrap();
    let (code, text) = network.try_start(4).unwrap_err();
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("is gone from") && text.contains("qiao repair"), "{text}");
    let repaired = repair(&network, 4, &[]);
    assert_eq!(repaired["repair"]["was_lost"], true, "{repaired}");
    assert_eq!(repaired["repair"]["listens_first"], true, "{repaired}");
    network.try_start(4).unwrap();
    network.wait("it fetches everything", |network| network.event_count(4) == 300);
    assert_same_state(&network);
}

#[test]
fn a_member_fetches_the_state_votes_at_once_and_makes_up_for_the_history() {
    let mut network = Network::start();
    for batch in 0..2 {
        assert!(capture(&network.url(1), &document(batch, 100)).is_some(), "{}", network.logs());
    }
    network.wait("member 4 has the events", |network| network.event_count(4) == 200);
    network.stop(4);
    let before = network.height(1).unwrap();
    let repaired = repair(&network, 4, &["--fetch-state"]);
    assert_eq!(repaired["repair"]["fetches_state"], true, "{repaired}");
    network.try_start(4).unwrap();
    network.wait("it follows", |network| network.height(4) >= Some(before));
    let earlier = network.home(4).join("data/chain-data/chain-earlier-key");
    assert!(earlier.is_dir(), "it executed all blocks before it took part");

    // It kept its votes: three of four make blocks, and it is one of them.
    network.kill(3);
    let height = network.height(1).unwrap();
    network.wait("blocks go on with its votes", |network| network.height(1) > Some(height + 3));
    network.start_member(3);

    // A fall changes nothing, and nothing is wrong with its stores.
    network.kill(4);
    let checked = repair(&network, 4, &["--check"]);
    assert_eq!(checked["sound"], true, "{checked}");
    network.try_start(4).unwrap();
    assert!(capture(&network.url(1), &document(2, 100)).is_some(), "{}", network.logs());
    network.wait("it has all of the history", |network| network.event_count(4) == 300);
    assert_same_state(&network);
    assert_eq!(network.status(4).unwrap()["missing_blocks"], Value::Null);

    // What is on its disk is the whole chain.
    network.stop(4);
    let checked = repair(&network, 4, &["--check"]);
    assert_eq!(checked["sound"], true, "{checked}");
    let blocks = checked["repair"]["stores"][0]["entries"].as_u64().unwrap();
    assert!(blocks >= before, "{checked}");
}
