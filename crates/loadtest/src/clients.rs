//! The client processes, from the side of whoever starts them.

use std::io::BufReader;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};

use crate::client::{Observed, Plan, Ready, Start, read_line, write_line};
use crate::usage::Usage;

/// Running clients; stopped when dropped.
#[derive(Debug)]
pub struct Clients {
    all: Vec<Client>,
}

#[derive(Debug)]
struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Clients {
    /// Starts one process for each plan.
    pub fn start(binary: &Path, plans: &[Plan]) -> Result<Self> {
        let mut clients = Self { all: Vec::new() };
        for plan in plans {
            let mut child = Command::new(binary)
                .args(["bench", "client"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .context("`qiao bench client` does not start")?;
            let mut input = child.stdin.take().expect("the input is piped");
            let output = BufReader::new(child.stdout.take().expect("the output is piped"));
            let written = write_line(&mut input, plan);
            clients.all.push(Client { child, input, output });
            written?;
        }
        Ok(clients)
    }

    /// Waits until all have signed.
    pub fn ready(&mut self) -> Result<Vec<Ready>> {
        self.each(|client| read_line(&mut client.output)?.context("a client ended before the load"))
    }

    /// Tells all of them when the load starts.
    pub fn begin(&mut self, start: Start) -> Result<()> {
        self.each(|client| write_line(&mut client.input, &start)).map(drop)
    }

    /// Waits for what they saw.
    pub fn finish(&mut self) -> Result<Vec<Observed>> {
        self.each(|client| read_line(&mut client.output)?.context("a client ended during the load"))
    }

    /// What each used so far.
    pub fn usage(&self) -> Vec<Usage> {
        self.all.iter().map(|client| Usage::of(client.child.id())).collect()
    }

    fn each<T>(&mut self, mut act: impl FnMut(&mut Client) -> Result<T>) -> Result<Vec<T>> {
        self.all.iter_mut().map(&mut act).collect()
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        for client in &mut self.all {
            // One that ended already needs no stopping.
            let _ = client.child.kill();
            let _ = client.child.wait();
        }
    }
}
