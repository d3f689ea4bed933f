//! A development network with the sample trade on it, for browsers to walk through.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::network::free_ports;
use crate::shell;

/// The lot that the sample trade recalls at its end.
const RECALLED: &str = "https://id.gs1.org/01/09521002000368/10/M0318";

/// A running `qiao dev`; stopped when dropped.
pub struct SampleChain {
    process: Child,
    log: PathBuf,
    port: u16,
}

impl SampleChain {
    /// Starts the process and waits until the whole trade is on the chain.
    pub fn start() -> Result<Self> {
        let binary = shell::target_directory().join("debug/qiao");
        let port = free_ports()?;
        let log = std::env::temp_dir().join(format!("qiao-sample-{}.log", std::process::id()));
        let output = File::create(&log)?;
        let process = Command::new(&binary)
            .arg("dev")
            .args(["--http", &format!("127.0.0.1:{port}")])
            .args(["--rpc", &format!("127.0.0.1:{}", port + 1)])
            .args(["--p2p-port", &(port + 2).to_string()])
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .context("`qiao dev` does not start")?;
        let chain = Self { process, log, port };
        let deadline = Instant::now() + Duration::from_secs(120);
        while !chain.is_told(&binary)? {
            if Instant::now() > deadline {
                chain.print_log();
                bail!("the sample trade is not on the chain at {}", chain.url());
            }
            std::thread::sleep(Duration::from_millis(300));
        }
        Ok(chain)
    }

    /// REST and console.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the process printed, for a person to find the cause of a failure.
    pub fn print_log(&self) {
        eprintln!("-- dev");
        for line in std::fs::read_to_string(&self.log).unwrap_or_default().lines() {
            eprintln!("   {line}");
        }
    }

    /// Whether the last documents of the trade are there: the regulator closes the recall.
    fn is_told(&self, binary: &PathBuf) -> Result<bool> {
        let mut trace = Command::new(binary);
        let told = trace.args(["trace", "--json", RECALLED, "--url", &self.url()]).output()?;
        Ok(told.status.success() && String::from_utf8_lossy(&told.stdout).contains("CLOSE-2217"))
    }
}

impl Drop for SampleChain {
    fn drop(&mut self) {
        // The process may have ended already; there is nobody left to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.log);
    }
}
