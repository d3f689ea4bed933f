//! Runs every fuzz target of `fuzz/` for a while.

use anyhow::{Context, Result, bail};

use crate::shell;

/// Runs each target for this many seconds; skipped aloud without nightly Rust or `cargo fuzz`.
pub fn run(seconds: u64) -> Result<()> {
    let targets = targets()?;
    if targets.is_empty() {
        eprintln!("SKIPPED: there are no fuzz targets in `fuzz/fuzz_targets`");
        return Ok(());
    }
    let available = shell::program("cargo", &["+nightly", "fuzz", "--version"])
        .env_remove("RUSTUP_TOOLCHAIN")
        .output()
        .is_ok_and(|output| output.status.success());
    if !available {
        eprintln!("SKIPPED: {} fuzz targets need nightly Rust and `cargo fuzz`", targets.len());
        eprintln!("\nhint: `rustup toolchain install nightly && cargo install cargo-fuzz`");
        return Ok(());
    }
    let time = format!("-max_total_time={seconds}");
    let mut failed = Vec::new();
    for target in &targets {
        let arguments = ["+nightly", "fuzz", "run", target, "--", &time, "-rss_limit_mb=2048"];
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
