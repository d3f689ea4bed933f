//! What processes cost, as the kernel counts it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

/// Clock ticks per second in `/proc/<pid>/stat`; fixed on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process used since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// User and system time of all its threads, in seconds.
    pub cpu_seconds: f64,
    /// Bytes that it caused to be written to storage.
    pub written_bytes: u64,
    /// The most memory that it held, in bytes.
    pub memory_peak_bytes: u64,
}

impl Usage {
    /// Of a running process; nothing if there is none.
    pub fn of(process: u32) -> Self {
        Self {
            cpu_seconds: cpu_seconds(process),
            written_bytes: number_in(process, "io", "write_bytes:"),
            memory_peak_bytes: number_in(process, "status", "VmHWM:") * 1024,
        }
    }

    /// Of two processes, one after the other.
    pub fn then(self, later: Self) -> Self {
        Self {
            cpu_seconds: self.cpu_seconds + later.cpu_seconds,
            written_bytes: self.written_bytes + later.written_bytes,
            memory_peak_bytes: self.memory_peak_bytes.max(later.memory_peak_bytes),
        }
    }
}

/// User and system time of a process, of all its threads.
fn cpu_seconds(process: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    ticks(&text) as f64 / TICKS_PER_SECOND
}

/// Fields 14 and 15 of `/proc/<pid>/stat`.
pub fn ticks(stat: &str) -> u64 {
    // The name in parentheses may hold spaces; the fields after it do not.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let times = fields.split_whitespace().skip(11).take(2);
    times.filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn number_in(process: u32, file: &str, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}

/// The size of a folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Disk {
    /// The lengths of its files.
    pub apparent_bytes: u64,
    /// What its files take on the disk.
    pub allocated_bytes: u64,
}

impl Disk {
    /// Of a folder with everything below it.
    pub fn of(folder: &Path) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let mut disk = Self::default();
        let Ok(entries) = fs::read_dir(folder) else { return disk };
        for entry in entries.flatten() {
            // A file may go between the listing and the look at it.
            let Ok(metadata) = entry.metadata() else { continue };
            let part = if metadata.is_dir() {
                Self::of(&entry.path())
            } else {
                Self { apparent_bytes: metadata.len(), allocated_bytes: metadata.blocks() * 512 }
            };
            disk.apparent_bytes += part.apparent_bytes;
            disk.allocated_bytes += part.allocated_bytes;
        }
        disk
    }
}

/// Bytes that went out over the TCP connections that are open, by process and connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sockets {
    sent: BTreeMap<(u32, String), u64>,
}

impl Sockets {
    /// What `ss` of iproute2 tells; `None` where it is not installed or tells nothing.
    pub fn read() -> Option<Self> {
        let output = Command::new("ss").args(["-tinpHO"]).output().ok()?;
        let sockets = Self::parse(&String::from_utf8_lossy(&output.stdout));
        (!sockets.sent.is_empty()).then_some(sockets)
    }

    /// Reads the output of `ss -tinpHO`: one connection a line.
    pub fn parse(text: &str) -> Self {
        let connection = |line: &str| {
            let mut fields = line.split_whitespace().skip(3);
            let pair = format!("{} {}", fields.next()?, fields.next()?);
            let (_, rest) = line.split_once("pid=")?;
            let process = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
            let sent = line.split_once(" bytes_sent:").map_or("0", |(_, rest)| rest);
            let sent = sent.split_whitespace().next()?.parse().ok()?;
            Some(((process.parse().ok()?, pair), sent))
        };
        Self { sent: text.lines().filter_map(connection).collect() }
    }

    /// What a process sent since an earlier look over connections whose own port is, or is not,
    /// among these.
    pub fn sent_since(&self, earlier: &Self, process: u32, ports: &[u16], among: bool) -> u64 {
        let own = self.sent.iter().filter(|((owner, pair), _)| {
            let local = pair.split(' ').next().unwrap_or_default();
            let port = local.rsplit(':').next().and_then(|port| port.parse().ok());
            *owner == process && port.is_some_and(|port| ports.contains(&port)) == among
        });
        let before = |key: &(u32, String)| earlier.sent.get(key).copied().unwrap_or(0);
        own.map(|(key, sent)| sent.saturating_sub(before(key))).sum()
    }
}
