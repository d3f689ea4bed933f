//! `cargo test` over the whole workspace, with its results counted.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result};

use super::Totals;
use crate::shell;

/// Builds and runs the tests of every crate in the development profile.
pub fn run(totals: &mut Totals) -> Result<()> {
    let arguments = ["test", "--workspace", "--locked", "--no-fail-fast", "--", "--show-output"];
    let mut command = shell::cargo(&arguments);
    shell::announce(&command);
    let mut child = command.stdout(Stdio::piped()).spawn().context("`cargo` does not start")?;
    let output = child.stdout.take().expect("the output is piped");
    let mut reader = Reader::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        reader.read(&String::from_utf8_lossy(&line), totals);
    }
    let status = child.wait()?;
    if !status.success() && totals.failed == 0 {
        totals.record("the workspace does not build, or a test program ended early", false);
    }
    Ok(())
}

/// Follows the output of the test programs.
#[derive(Debug, Default)]
pub struct Reader {
    in_successes: bool,
}

impl Reader {
    /// Takes one line: echoes it, except what passing tests printed, and counts.
    pub fn read(&mut self, line: &str, totals: &mut Totals) {
        match line {
            "successes:" => self.in_successes = true,
            "failures:" => self.in_successes = false,
            _ => {}
        }
        if let Some(result) = line.strip_prefix("test result: ") {
            self.in_successes = false;
            totals.passed += count(result, "passed");
            totals.failed += count(result, "failed");
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            totals.failures.push(name.to_string());
        }
        let skipped = line.to_ascii_lowercase().contains("skipped") && !line.starts_with("test ");
        if skipped {
            totals.skipped.push(line.trim().trim_start_matches("SKIPPED: ").to_string());
        }
        if skipped || (!self.in_successes && !line.is_empty()) {
            println!("{line}");
        }
    }
}

/// The number before a word, as in `ok. 12 passed; 0 failed; …`.
fn count(result: &str, word: &str) -> u64 {
    result
        .split([';', '.'])
        .filter_map(|part| part.trim().strip_suffix(word))
        .find_map(|number| number.trim().parse().ok())
        .unwrap_or(0)
}
