//! Runs every test: those of the workspace, those of the index on PostgreSQL once more, foreign clients
//! against a network of four processes and against a developer's chain, and the console in a browser.

mod clients;
mod install;
mod instant;
mod network;
mod postgres;
mod sample;
mod workspace;

use anyhow::{Result, bail};

/// What was run and how it ended.
#[derive(Debug, Default)]
pub struct Totals {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// The names of those that failed.
    pub failures: Vec<String>,
    /// What was not run, and why.
    pub skipped: Vec<String>,
}

impl Totals {
    /// Counts one test.
    fn record(&mut self, name: &str, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.failures.push(name.to_string());
        }
    }

    /// An error if a test failed or none ran.
    pub fn succeeded(&self) -> Result<()> {
        if self.failed > 0 || self.passed == 0 {
            bail!("{} tests failed", self.failed);
        }
        Ok(())
    }

    /// Prints what was skipped, what failed, and the closing line.
    pub fn print(&self) {
        for skipped in &self.skipped {
            eprintln!("SKIPPED: {skipped}");
        }
        for failure in &self.failures {
            eprintln!("FAILED: {failure}");
        }
        println!("{} passed, {} failed", self.passed, self.failed);
    }

    /// Prints the closing lines; an error if a test failed.
    pub fn verdict(&self) -> Result<()> {
        self.print();
        self.succeeded()
    }
}

/// Installs what is missing and runs every test.
pub fn run() -> Result<Totals> {
    let mut totals = Totals::default();
    install::run(&mut totals);
    workspace::run(&mut totals)?;
    postgres::run(&mut totals)?;
    clients::run(&mut totals)?;
    Ok(totals)
}

/// Runs the client tests only, against the binary as it was built last.
pub fn clients() -> Result<Totals> {
    let mut totals = Totals::default();
    clients::run(&mut totals)?;
    Ok(totals)
}
