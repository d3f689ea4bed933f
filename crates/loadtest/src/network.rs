//! The validators under load: processes of their own, and what they cost.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::Target;
use crate::rpc::Rpc;

/// How long the processes may take until all of them answer.
const START_MAX: Duration = Duration::from_secs(60);

/// Clock ticks per second in `/proc/<pid>/stat`; fixed on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Running validators; stopped when dropped.
#[derive(Debug)]
pub struct Network {
    processes: Vec<Child>,
}

impl Network {
    /// Starts every validator and waits until all make blocks.
    pub fn start(target: &Target) -> Result<Self> {
        let mut network = Self { processes: Vec::new() };
        for home in &target.homes {
            let log = home.join("bench.log");
            let file = File::create(&log).with_context(|| format!("`{}`", log.display()))?;
            let process = Command::new(&target.binary)
                .args(["start", "--home"])
                .arg(home)
                .stdin(Stdio::null())
                .stdout(file.try_clone()?)
                .stderr(file)
                .spawn()
                .context("`qiao start` does not start")?;
            network.processes.push(process);
        }
        let deadline = Instant::now() + START_MAX;
        for (url, home) in target.rpc.iter().zip(&target.homes) {
            let rpc = Rpc::new(url);
            while !rpc.height().is_ok_and(|height| height > 0) {
                network.check_alive(home)?;
                if Instant::now() > deadline {
                    bail!("no final block at `{url}` after {} s", START_MAX.as_secs());
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        Ok(network)
    }

    /// CPU seconds that all validators used so far.
    pub fn cpu_seconds(&self) -> f64 {
        self.processes.iter().map(|process| cpu_seconds(process.id())).sum()
    }

    /// The most memory that each validator held, in bytes.
    pub fn memory_peaks(&self) -> Vec<u64> {
        self.processes.iter().map(|process| memory_peak(process.id())).collect()
    }

    fn check_alive(&mut self, home: &Path) -> Result<()> {
        for process in &mut self.processes {
            if let Some(status) = process.try_wait()? {
                let log = fs::read_to_string(home.join("bench.log")).unwrap_or_default();
                bail!("a validator ended ({status}): {}", log.lines().last().unwrap_or_default());
            }
        }
        Ok(())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // One that ended already needs no stopping.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// User and system time of a process, of all its threads.
pub fn cpu_seconds(process: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in parentheses may hold spaces; the fields after it do not.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    ticks as f64 / TICKS_PER_SECOND
}

fn memory_peak(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Bytes that a folder takes on the disk.
pub fn disk_bytes(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => disk_bytes(&entry.path()),
        Ok(metadata) => metadata.blocks() * 512,
        Err(_) => 0,
    });
    sizes.sum()
}
