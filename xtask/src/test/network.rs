//! A network of four separate validator processes, for clients to talk to.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell;

/// Four running validators; stopped and deleted when dropped.
pub struct Network {
    folder: PathBuf,
    processes: Vec<Child>,
    base_port: u16,
}

impl Network {
    /// Writes a fresh network, starts its processes and waits until the first answers.
    pub fn start() -> Result<Self> {
        let binary = shell::target_directory().join("debug/qiao");
        if !binary.is_file() {
            bail!("`{}` was not built", binary.display());
        }
        let folder = std::env::temp_dir().join(format!("qiao-clients-{}", std::process::id()));
        let base_port = free_ports()?;
        let mut network = Self { folder, processes: Vec::new(), base_port };
        network.init(&binary)?;
        for member in 1..=4 {
            let home = network.folder.join(format!("member-{member}"));
            let log = File::create(network.folder.join(format!("member-{member}.log")))?;
            let process = Command::new(&binary)
                .args(["start", "--home"])
                .arg(&home)
                .stdout(log.try_clone()?)
                .stderr(log)
                .spawn()
                .context("`qiao start` does not start")?;
            network.processes.push(process);
        }
        network.wait(&binary)?;
        Ok(network)
    }

    /// REST and console of the first member.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.base_port + 1)
    }

    /// JSON-RPC of the first member.
    pub fn rpc_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.base_port + 2)
    }

    /// The key of the first member's account, which may deploy.
    pub fn deployer_key(&self) -> String {
        let key = fs::read_to_string(self.folder.join("member-1/account.key"));
        key.unwrap_or_default().trim().to_string()
    }

    /// The end of what each process printed, for a person to find the cause of a failure.
    pub fn print_logs(&self) {
        for member in 1..=self.processes.len() {
            let path = self.folder.join(format!("member-{member}.log"));
            let log = fs::read_to_string(path).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("-- member-{member}");
            for line in &lines[lines.len().saturating_sub(20)..] {
                eprintln!("   {line}");
            }
        }
    }

    fn init(&self, binary: &Path) -> Result<()> {
        let mut command = Command::new(binary);
        command.args(["init", "--members", "4", "--base-port", &self.base_port.to_string()]);
        shell::run(command.arg("--out").arg(&self.folder))
    }

    fn wait(&self, binary: &Path) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let status = Command::new(binary).args(["status", "--url", &self.url()]).output()?;
            if status.status.success() {
                return Ok(());
            }
            if Instant::now() > deadline {
                self.print_logs();
                bail!("the network does not answer at {}", self.url());
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // The process may have ended already; there is nobody left to tell.
            let _ = process.kill();
            let _ = process.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A port below the range for outgoing connections with 40 free ones from there on.
pub fn free_ports() -> Result<u16> {
    let start = 20_000 + u16::try_from(std::process::id() % 200).expect("below 200") * 40;
    for base in (start..32_000).step_by(40) {
        if (base..base + 40).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return Ok(base);
        }
    }
    bail!("no 40 free ports in a row between {start} and 32000")
}
