//! Everything that must hold before a change is merged, with the time of each step.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{checks, test, tidy};

/// Runs every step, also after one failed, and prints what each took.
pub fn run() -> Result<()> {
    let mut totals = test::Totals::default();
    let mut steps: Vec<(&str, Duration, Result<()>)> = Vec::new();
    let mut step = |name: &'static str, action: &mut dyn FnMut() -> Result<()>| {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let result = action();
        if let Err(error) = &result {
            eprintln!("error: {error:#}");
        }
        steps.push((name, start.elapsed(), result));
    };
    step("fmt", &mut || checks::format(true));
    step("tidy", &mut tidy::run);
    step("clippy", &mut checks::lint);
    step("docs", &mut checks::docs);
    step("test", &mut || {
        totals = test::run()?;
        totals.succeeded()
    });
    eprintln!();
    let mut failed = Vec::new();
    for (name, time, result) in &steps {
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        eprintln!("{name:<8} {:>5} s  {verdict}", time.as_secs());
        if result.is_err() {
            failed.push(*name);
        }
    }
    totals.print();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
