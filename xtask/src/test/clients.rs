//! Third-party clients (`tests/clients/*`) and the console in a browser (`tests/console`), against
//! a network of four processes.
//!
//! Each folder is an npm package with a script `check` or a program `check.mjs` that ends with 0 or 1.
//! It finds JSON-RPC in `RPC_URL`, REST and console in `BASE_URL`, and the key of an account that
//! may deploy in `PRIVATE_KEY`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Totals;
use super::network::Network;
use crate::shell;

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
    for package in packages {
        run_package(&package, &network, totals);
    }
    if totals.failed > failed_before {
        network.print_logs();
    }
    Ok(())
}

/// `tests/clients/*` and `tests/console`, as far as they are npm packages.
fn packages(tests: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(tests.join("clients"))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    folders.push(tests.join("clients"));
    folders.push(tests.join("console"));
    folders.retain(|folder| folder.join("package.json").is_file());
    folders.sort();
    folders
}

fn run_package(folder: &Path, network: &Network, totals: &mut Totals) {
    let root = shell::root();
    let name = folder.strip_prefix(&root).unwrap_or(folder).display().to_string();
    if !install(folder) {
        totals.skipped.push(format!("{name}: its packages could not be installed"));
        return;
    }
    let mut test = if folder.join("check.mjs").is_file() {
        shell::program("node", &["check.mjs"])
    } else {
        shell::program("npm", &["run", "--silent", "check"])
    };
    test.current_dir(folder)
        .env("BASE_URL", network.url())
        .env("RPC_URL", network.rpc_url())
        .env("PRIVATE_KEY", network.deployer_key());
    totals.record(&name, shell::run(&mut test).is_ok());
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
