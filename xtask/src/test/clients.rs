//! Third-party clients (`tests/clients/*`) and the console in a browser (`tests/console`), against
//! a network of four processes; the clients also against `qiao dev --instant`.
//!
//! Each folder is an npm package with a script `check` or a program `check.mjs` that ends with 0 or 1.
//! It finds JSON-RPC in `RPC_URL`, REST and console in `BASE_URL`, and the key of an account that
//! may deploy in `PRIVATE_KEY`. `INSTANT` is 1 where it talks to a developer's chain.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Totals;
use super::instant::InstantChain;
use super::network::Network;
use super::sample::SampleChain;
use crate::shell;

/// A check that takes longer than this hangs, and has failed.
const CHECK_SECONDS_MAX: u32 = 600;

/// Starts the network and runs every package against it.
pub fn run(totals: &mut Totals) -> Result<()> {
    let packages = packages(&shell::root().join("tests"));
    if packages.is_empty() {
        totals.skipped.push("there are no client tests in `tests/`".to_string());
        return Ok(());
    }
    if !shell::exists("node") || !shell::exists("npm") {
        totals.skipped.push(format!("{} client tests need node and npm", packages.len()));
        return Ok(());
    }
    let network = match Network::start() {
        Ok(network) => network,
        Err(error) => {
            eprintln!("error: {error:#}");
            totals.record("a network of four processes starts", false);
            return Ok(());
        }
    };
    let failed_before = totals.failed;
    let mut installed = Vec::new();
    for package in packages {
        let name = name_of(&package);
        if install(&package) {
            installed.push((name, package));
        } else {
            totals.skipped.push(format!("{name}: its packages could not be installed"));
        }
    }
    let place = Place {
        base_url: network.url(),
        rpc_url: network.rpc_url(),
        key: network.deployer_key(),
        is_instant: false,
    };
    for (name, package) in &installed {
        run_package(name, package, &place, totals);
    }
    if totals.failed > failed_before {
        network.print_logs();
    }
    drop(network);
    on_instant(&installed, totals);
    on_sample(&installed, totals);
    Ok(())
}

/// Walks through the pages for people on a network with the sample trade.
fn on_sample(installed: &[(String, PathBuf)], totals: &mut Totals) {
    let Some((name, folder)) = installed.iter().find(|(name, _)| name.ends_with("console")) else {
        return;
    };
    let chain = match SampleChain::start() {
        Ok(chain) => chain,
        Err(error) => {
            eprintln!("error: {error:#}");
            totals.record("a network with the sample trade starts", false);
            return;
        }
    };
    let walks = [("paths.mjs", "the paths of five people"), ("desks.mjs", "the desks of finance")];
    for (program, what) in walks {
        let mut walk = shell::within(CHECK_SECONDS_MAX, "node", &[program]);
        walk.current_dir(folder).env("BASE_URL", chain.url());
        let is_whole = shell::run(&mut walk).is_ok();
        totals.record(&format!("{name}: {what}"), is_whole);
        if !is_whole {
            chain.print_log();
        }
    }
}

/// Runs the clients against a developer's chain.
fn on_instant(installed: &[(String, PathBuf)], totals: &mut Totals) {
    let chain = match InstantChain::start() {
        Ok(chain) => chain,
        Err(error) => {
            eprintln!("error: {error:#}");
            totals.record("a developer's chain starts", false);
            return;
        }
    };
    let failed_before = totals.failed;
    let place = Place {
        base_url: chain.url(),
        rpc_url: chain.rpc_url(),
        key: chain.key().to_string(),
        is_instant: true,
    };
    for (name, package) in installed.iter().filter(|(name, _)| name.contains("clients")) {
        run_package(&format!("{name} on --instant"), package, &place, totals);
    }
    if totals.failed > failed_before {
        chain.print_log();
    }
}

/// What a client talks to.
struct Place {
    base_url: String,
    rpc_url: String,
    key: String,
    is_instant: bool,
}

/// `tests/clients/*`, `tests/console` and `tests/fabric`, as far as they are npm packages.
fn packages(tests: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(tests.join("clients"))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    folders.push(tests.join("clients"));
    folders.push(tests.join("console"));
    folders.push(tests.join("fabric"));
    folders.retain(|folder| folder.join("package.json").is_file());
    folders.sort();
    folders
}

fn name_of(folder: &Path) -> String {
    folder.strip_prefix(shell::root()).unwrap_or(folder).display().to_string()
}

fn run_package(name: &str, folder: &Path, place: &Place, totals: &mut Totals) {
    let mut test = if folder.join("check.mjs").is_file() {
        shell::within(CHECK_SECONDS_MAX, "node", &["check.mjs"])
    } else {
        shell::within(CHECK_SECONDS_MAX, "npm", &["run", "--silent", "check"])
    };
    test.current_dir(folder)
        .env("BASE_URL", &place.base_url)
        .env("RPC_URL", &place.rpc_url)
        .env("PRIVATE_KEY", &place.key)
        .env("INSTANT", if place.is_instant { "1" } else { "0" });
    totals.record(name, shell::run(&mut test).is_ok());
}

/// Installs what the lock file names. A lock file without the binaries of other platforms is
/// refused by `npm ci`; `npm install` takes it.
fn install(folder: &Path) -> bool {
    let quiet = ["--no-audit", "--no-fund", "--silent"];
    [&["ci"][..], &["install", "--no-save"][..]].iter().any(|words| {
        let mut npm = shell::program("npm", words);
        shell::run(npm.args(quiet).current_dir(folder)).is_ok()
    })
}
