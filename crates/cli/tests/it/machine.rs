//! What happens to machines: links that are cut, disks that fill up. These need root and a kernel that
//! lets a test make network namespaces and mount a small disk; they say loudly where it does not.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Network, PATIENCE, document, qiao, transcript};

fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
    println!("SKIPPED: {why}");
}

/// Runs a tool of the system; whether it did what it was told.
fn system(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    let output = command.args(arguments).stdin(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success())
}

/// Four members, each on a machine of its own as far as the network goes: a namespace with one link to
/// a common switch.
struct Machines {
    folder: tempfile::TempDir,
    prefix: String,
    processes: Vec<Child>,
}

impl Machines {
    /// Makes the namespaces and starts everybody; `None` where the system does not let us.
    fn start() -> Option<Self> {
        let prefix = format!("qiao{}", std::process::id() % 100_000);
        let switch = format!("{prefix}s");
        if !system("ip", &["netns", "add", &switch]) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut machines = Self { folder, prefix, processes: Vec::new() };
        machines.wire(&switch).then_some(())?;
        let out = machines.folder.path().join("net");
        let mut init = qiao(&["init", "--out"]);
        init.arg(&out);
        for member in 1..=4 {
            init.args(["--member", &format!("Member {member}=10.77.0.{member}:9400")]);
        }
        let output = init.output().unwrap();
        assert!(output.status.success(), "{}", transcript(&output));
        for member in 1..=4 {
            let log = File::create(machines.folder.path().join(format!("{member}.log"))).unwrap();
            let mut start = machines.within(member, &["start", "--home"]);
            start.arg(out.join(format!("member-{member}"))).stdout(log.try_clone().unwrap());
            machines.processes.push(start.stderr(log).spawn().unwrap());
        }
        Some(machines)
    }

    /// A switch, and four machines with a link to it.
    fn wire(&self, switch: &str) -> bool {
        let bridge = ["-n", switch, "link", "add", "switch", "type", "bridge"];
        let mut done =
            system("ip", &bridge) && system("ip", &["-n", switch, "link", "set", "switch", "up"]);
        for member in 1..=4 {
            let (machine, port) = (self.machine(member), format!("port{member}"));
            let address = format!("10.77.0.{member}/24");
            let link = ["link", "add", &port, "netns", switch, "type", "veth"];
            let end = ["peer", "name", "eth0", "netns", &machine];
            done = done
                && system("ip", &["netns", "add", &machine])
                && system("ip", &[&link[..], &end[..]].concat())
                && system("ip", &["-n", switch, "link", "set", &port, "master", "switch", "up"])
                && system("ip", &["-n", &machine, "addr", "add", &address, "dev", "eth0"])
                && system("ip", &["-n", &machine, "link", "set", "eth0", "up"])
                && system("ip", &["-n", &machine, "link", "set", "lo", "up"]);
        }
        done
    }

    fn machine(&self, member: usize) -> String {
        format!("{}m{member}", self.prefix)
    }

    /// `qiao` on a member's machine.
    fn within(&self, member: usize, arguments: &[&str]) -> Command {
        let plain = qiao(arguments);
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.machine(member)]);
        command.arg(plain.get_program()).args(plain.get_args());
        command.env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    /// Pulls a member's plug out of the switch, or puts it in again.
    fn plug(&self, member: usize, is_in: bool) {
        let (switch, port) = (format!("{}s", self.prefix), format!("port{member}"));
        let state = if is_in { "up" } else { "down" };
        assert!(system("ip", &["-n", &switch, "link", "set", &port, state]));
    }

    fn status(&self, member: usize) -> Option<Value> {
        let output = self.within(member, &["--json", "status"]).output().ok()?;
        serde_json::from_slice(&output.stdout).ok()
    }

    fn height(&self, member: usize) -> u64 {
        let status = self.status(member).unwrap_or_default();
        status.pointer("/head/number").and_then(Value::as_u64).unwrap_or(0)
    }

    fn wait(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "in vain: {what}\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn logs(&self) -> String {
        let log = |member| {
            let path = self.folder.path().join(format!("{member}.log"));
            let text = fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            format!("-- {member}\n{}\n", lines[lines.len().saturating_sub(10)..].join("\n"))
        };
        (1..=4).map(log).collect()
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
        for member in 1..=4 {
            system("ip", &["netns", "del", &self.machine(member)]);
        }
        system("ip", &["netns", "del", &format!("{}s", self.prefix)]);
    }
}

#[test]
fn a_cut_cable_stops_nobody_else_and_two_halves_decide_nothing() {
    let Some(machines) = Machines::start() else {
        return skipped("network namespaces (`ip netns`, as root) are not to be had here");
    };
    let all_reach = |height: u64| {
        machines.wait(&format!("all have block {height}"), |machines| {
            (1..=4).all(|member| machines.height(member) >= height)
        });
    };
    all_reach(1);

    machines.plug(4, false);
    let before = machines.height(1);
    machines.wait("three go on without the fourth", |machines| machines.height(1) >= before + 5);
    // What was under way when the cable was cut may still have reached it, and nothing after that.
    let alone = machines.height(4);
    assert!(alone <= before + 1, "a machine without a link went from {before} to {alone}");
    machines.wait("the one alone says that it stands, and why", |machines| {
        let status = machines.status(4).unwrap_or_default();
        status["is_final_progressing"] == false && status["stalled_reason"].is_string()
    });
    machines.plug(4, true);
    let height = machines.height(1);
    all_reach(height);

    machines.plug(3, false);
    machines.plug(4, false);
    machines.wait("the two that are connected say that they stand", |machines| {
        machines.status(1).unwrap_or_default()["is_final_progressing"] == false
    });
    let standing = machines.height(1);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(machines.height(1), standing, "two of four made a block final");
    machines.plug(3, true);
    machines.plug(4, true);
    all_reach(standing + 3);
}

/// A disk of its own under a folder, in memory; gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path, megabytes: u32) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let size = format!("size={megabytes}m");
        let path = folder.to_str().unwrap();
        system("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", path]).then(|| Self(folder.into()))
    }

    fn grow(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        assert!(system("mount", &["-o", &size, self.0.to_str().unwrap()]));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        system("umount", &["-l", self.0.to_str().unwrap()]);
    }
}

#[test]
fn a_full_disk_stops_one_validator_which_says_so_and_comes_back() {
    let mut network = Network::init();
    let Some(disk) = SmallDisk::mount(&network.home(4).join("data"), 24) else {
        return skipped("a small disk (`mount -t tmpfs`, as root) is not to be had here");
    };
    for member in 1..=4 {
        network.start_member(member);
    }
    network
        .wait("all make blocks", |network| (1..=4).all(|member| network.height(member) > Some(0)));
    let mut captured = 0;
    for batch in 0.. {
        if network.status(4).is_none() {
            break;
        }
        assert!(batch < 400, "the disk of 24 MB did not fill up\n{}", network.logs());
        let output = network.capture(1, &document(batch, 100));
        assert!(output.status.success(), "{}\n{}", transcript(&output), network.logs());
        captured += 100;
    }
    let deadline = Instant::now() + PATIENCE;
    while network.is_running(4) {
        assert!(Instant::now() < deadline, "it neither works nor ends\n{}", network.logs());
        std::thread::sleep(Duration::from_millis(100));
    }
    let last_words = network.log(4);
    assert!(last_words.contains("data` is full: "), "{last_words}");
    assert!(last_words.contains("make room and start the node again"), "{last_words}");
    let height = network.height(1).unwrap();
    network.wait("the others go on", |network| network.height(1).unwrap() > height + 3);

    disk.grow(1_024);
    network.start_member(4);
    network.wait("it has all events", |network| network.event_count(4) == captured);
    let goal = network.height(1).unwrap();
    network.wait("it has caught up", |network| network.height(4) >= Some(goal));
    assert_eq!(network.state_root(4, goal), network.state_root(1, goal));
}

/// The library that gives a process another clock, of the package `faketime`.
fn clock_library() -> Option<PathBuf> {
    let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
    let path = |folder| PathBuf::from(format!("/usr/lib/{folder}/faketime/libfaketimeMT.so.1"));
    folders.into_iter().map(path).find(|path| path.exists())
}

#[test]
fn a_clock_that_jumps_holds_nobody_up_and_loses_nothing() {
    let Some(library) = clock_library() else {
        return skipped("the package `faketime`, which moves a process's clock, is not here");
    };
    let mut network = Network::init();
    let clock = network.home(4).join("clock");
    let set = |shift: &str| fs::write(&clock, shift).unwrap();
    set("+0s");
    for member in 1..=3 {
        network.start_member(member);
    }
    let mut start = qiao(&["start", "--home"]);
    start.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &clock);
    start.env("FAKETIME_CACHE_DURATION", "1").env("DONT_FAKE_MONOTONIC", "1");
    network.start_member_as(4, start);
    network
        .wait("all make blocks", |network| (1..=4).all(|member| network.height(member) > Some(0)));
    let mut captured = 0;
    // Ahead and behind within what the others tolerate, and by what they do not.
    for shift in ["+4s", "-4s", "+3600s", "-3600s"] {
        set(shift);
        std::thread::sleep(Duration::from_millis(1_500));
        let output = network.capture(1, &document(captured / 10, 10));
        assert!(output.status.success(), "{shift}: {}\n{}", transcript(&output), network.logs());
        captured += 10;
        let before = network.height(1).unwrap();
        network.wait(&format!("{shift}: the others go on"), |network| {
            network.height(1) >= Some(before + 5)
        });
    }
    set("+0s");
    network.wait("it has all events", |network| network.event_count(4) == captured);
    assert!(network.log(4).contains("the clock was set back"), "{}", network.logs());
    let goal = network.height(1).unwrap();
    network.wait("it is where the others are", |network| network.height(4) >= Some(goal));
    assert_eq!(network.state_root(4, goal), network.state_root(1, goal));
    let output = network.capture(4, &document(captured / 10, 10));
    assert!(output.status.success(), "{}\n{}", transcript(&output), network.logs());
}
