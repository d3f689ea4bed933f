//! Runs every fuzz target of `fuzz/` for a while.

use anyhow::{Context, Result, bail};

use crate::shell;

/// Runs each target for this many seconds; skipped aloud without `cargo fuzz`.
pub fn run(seconds: u64) -> Result<()> {
    let targets = targets()?;
    if targets.is_empty() {
        eprintln!("SKIPPED: there are no fuzz targets in `fuzz/fuzz_targets`");
        return Ok(());
    }
    let Some(toolchain) = toolchain() else {
        eprintln!("SKIPPED: {} fuzz targets need `cargo fuzz`", targets.len());
        eprintln!("\nhint: `cargo install cargo-fuzz --locked`");
        return Ok(());
    };
    let time = format!("-max_total_time={seconds}");
    let mut failed = Vec::new();
    for target in &targets {
        let ends = [target.as_str(), "--", &time, "-rss_limit_mb=4096", "-timeout=20"];
        let arguments: Vec<&str> = toolchain.iter().copied().chain(ends).collect();
        let mut command = shell::program("cargo", &arguments);
        if shell::run(command.env_remove("RUSTUP_TOOLCHAIN")).is_err() {
            failed.push(target.as_str());
        }
    }
    eprintln!("{} targets, {} failed", targets.len(), failed.len());
    if !failed.is_empty() {
        bail!("fuzz targets failed: {}", failed.join(", "));
    }
    Ok(())
}

/// How `cargo fuzz run` is called: with nightly Rust and its address sanitizer, or without both.
/// Without the sanitizer a fault in a library's unsafe code may go unnoticed.
fn toolchain() -> Option<&'static [&'static str]> {
    let is_there = |arguments: &[&str]| {
        let mut command = shell::program("cargo", arguments);
        let output = command.env_remove("RUSTUP_TOOLCHAIN").output();
        output.is_ok_and(|output| output.status.success())
    };
    if is_there(&["+nightly", "fuzz", "--version"]) {
        return Some(&["+nightly", "fuzz", "run"]);
    }
    is_there(&["fuzz", "--version"]).then_some(&["fuzz", "run", "-s", "none"])
}

fn targets() -> Result<Vec<String>> {
    let folder = shell::root().join("fuzz/fuzz_targets");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).context("`fuzz/fuzz_targets` cannot be read")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs")
            && let Some(stem) = path.file_stem()
        {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
