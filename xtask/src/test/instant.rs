//! A developer's chain, for clients to talk to.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::network::free_ports;
use crate::shell;

/// The first account that everybody knows.
const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// A running `qiao dev --instant`; stopped when dropped.
pub struct InstantChain {
    process: Child,
    log: PathBuf,
    port: u16,
}

impl InstantChain {
    /// Starts the process and waits until it answers.
    pub fn start() -> Result<Self> {
        let binary = shell::target_directory().join("debug/qiao");
        let port = free_ports()?;
        let log = std::env::temp_dir().join(format!("qiao-instant-{}.log", std::process::id()));
        let output = File::create(&log)?;
        let process = Command::new(&binary)
            .args(["dev", "--instant"])
            .args(["--http", &format!("127.0.0.1:{port}")])
            .args(["--rpc", &format!("127.0.0.1:{}", port + 1)])
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .context("`qiao dev --instant` does not start")?;
        let chain = Self { process, log, port };
        let deadline = Instant::now() + Duration::from_secs(60);
        while !chain.answers(&binary)? {
            if Instant::now() > deadline {
                chain.print_log();
                bail!("`qiao dev --instant` does not answer at {}", chain.url());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(chain)
    }

    /// REST and console.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// JSON-RPC.
    pub fn rpc_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port + 1)
    }

    /// The key of an account.
    pub fn key(&self) -> &'static str {
        KEY
    }

    /// What the process printed, for a person to find the cause of a failure.
    pub fn print_log(&self) {
        eprintln!("-- dev --instant");
        for line in std::fs::read_to_string(&self.log).unwrap_or_default().lines() {
            eprintln!("   {line}");
        }
    }

    fn answers(&self, binary: &PathBuf) -> Result<bool> {
        let status = Command::new(binary).args(["status", "--url", &self.url()]).output()?;
        Ok(status.status.success())
    }
}

impl Drop for InstantChain {
    fn drop(&mut self) {
        // The process may have ended already; there is nobody left to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.log);
    }
}
