//! The validators under load: processes of their own, started, killed and started again.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::rpc::Rpc;
use crate::usage::{Disk, Usage};

/// How long the processes may take until all of them answer; a large genesis takes its time.
const START_MAX: Duration = Duration::from_secs(900);

/// Between two looks at a process that starts.
const LOOK: Duration = Duration::from_millis(50);

/// One validator of the network under load.
#[derive(Debug, Clone)]
pub struct Validator {
    /// Its name.
    pub name: String,
    /// Its home folder.
    pub home: PathBuf,
    /// Its data folder.
    pub data: PathBuf,
    /// Its JSON-RPC address.
    pub rpc: String,
    /// Its REST address.
    pub rest: String,
    /// The ports on which it answers clients.
    pub client_ports: Vec<u16>,
}

/// Running validators; stopped when dropped.
#[derive(Debug)]
pub struct Validators {
    binary: PathBuf,
    all: Vec<Validator>,
    processes: Mutex<Vec<Process>>,
    /// From the start of the first process until all of them had a final block.
    pub started_in: Duration,
}

#[derive(Debug, Default)]
struct Process {
    child: Option<Child>,
    /// What processes that ended used.
    before: Usage,
}

impl Validators {
    /// Starts every validator and waits until all have a final block.
    pub fn start(binary: &std::path::Path, all: &[Validator]) -> Result<Self> {
        let started = Instant::now();
        let processes = Mutex::new(all.iter().map(|_| Process::default()).collect());
        let mut network = Self {
            binary: binary.to_path_buf(),
            all: all.to_vec(),
            processes,
            started_in: Duration::ZERO,
        };
        for position in 0..all.len() {
            network.launch(position)?;
        }
        for position in 0..all.len() {
            network.wait(position, 1)?;
        }
        network.started_in = started.elapsed();
        Ok(network)
    }

    /// The validators.
    pub fn all(&self) -> &[Validator] {
        &self.all
    }

    /// Starts a validator's process.
    pub fn launch(&self, position: usize) -> Result<()> {
        let home = &self.all[position].home;
        let log = home.join("bench.log");
        let file = File::options().create(true).append(true).open(&log);
        let file = file.with_context(|| format!("`{}`", log.display()))?;
        let child = Command::new(&self.binary)
            .args(["start", "--home"])
            .arg(home)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .context("`qiao start` does not start")?;
        self.processes()[position].child = Some(child);
        Ok(())
    }

    /// Waits until a validator shows a final block of at least this height.
    pub fn wait(&self, position: usize, height: u64) -> Result<()> {
        let rpc = Rpc::new(&self.all[position].rpc);
        let deadline = Instant::now() + START_MAX;
        while !rpc.height().is_ok_and(|found| found >= height) {
            self.check_alive(position)?;
            if Instant::now() > deadline {
                let name = &self.all[position].name;
                bail!("{name} has no block {height} after {} s", START_MAX.as_secs());
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Ends a validator as a power cut of its machine would: SIGKILL.
    pub fn kill(&self, position: usize) -> Result<()> {
        let mut processes = self.processes();
        let process = &mut processes[position];
        let Some(mut child) = process.child.take() else { return Ok(()) };
        process.before = process.before.then(Usage::of(child.id()));
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// The process of each validator; 0 where it has none.
    pub fn process_ids(&self) -> Vec<u32> {
        let ids = self.processes();
        ids.iter().map(|process| process.child.as_ref().map_or(0, Child::id)).collect()
    }

    /// What each validator used so far, over all its processes.
    pub fn usage(&self) -> Vec<Usage> {
        let of = |process: &Process| match &process.child {
            Some(child) => process.before.then(Usage::of(child.id())),
            None => process.before,
        };
        self.processes().iter().map(of).collect()
    }

    /// The data of each validator.
    pub fn disks(&self) -> Vec<Disk> {
        self.all.iter().map(|validator| Disk::of(&validator.data)).collect()
    }

    fn check_alive(&self, position: usize) -> Result<()> {
        let mut processes = self.processes();
        let Some(child) = &mut processes[position].child else { return Ok(()) };
        let Some(status) = child.try_wait()? else { return Ok(()) };
        let log = fs::read_to_string(self.all[position].home.join("bench.log"));
        let log = log.unwrap_or_default();
        let name = &self.all[position].name;
        bail!("{name} ended ({status}): {}", log.lines().last().unwrap_or_default());
    }

    fn processes(&self) -> MutexGuard<'_, Vec<Process>> {
        self.processes.lock().expect("no thread panics with the lock")
    }
}

impl Drop for Validators {
    fn drop(&mut self) {
        for process in self.processes().iter_mut() {
            if let Some(child) = &mut process.child {
                // One that ended already needs no stopping.
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}
