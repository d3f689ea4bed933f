//! A network that somebody else runs, behind Ethereum's JSON-RPC.

use std::fs;
use std::path::Path;

use qiao_loadtest::{Options, Report, RequestReport, Target};
use qiao_types::B256;

use super::{Arguments, network};
use crate::failure::Failure;
use crate::output::Output;

/// Measures the target.
pub fn measure(
    arguments: &Arguments,
    options: &Options,
    output: &Output,
) -> Result<Report, Failure> {
    let target = target(arguments)?;
    let binary = network::binary()?;
    Ok(qiao_loadtest::run_target(options, &binary, &target, &|line| output.say(line))?)
}

/// Asks the target.
pub fn measure_requests(
    arguments: &Arguments,
    options: &Options,
    output: &Output,
) -> Result<RequestReport, Failure> {
    let target = target(arguments)?;
    Ok(qiao_loadtest::run_requests_target(options, &target, &|line| output.say(line))?)
}

fn target(arguments: &Arguments) -> Result<Target, Failure> {
    Ok(Target {
        urls: arguments.target.iter().map(|url| url.trim_end_matches('/').to_string()).collect(),
        processes: arguments.watch_pid.clone(),
        keys: keys(arguments.key.as_deref().unwrap_or(Path::new("")))?,
    })
}

/// The private keys in a file, one per line.
fn keys(file: &Path) -> Result<Vec<B256>, Failure> {
    let unusable =
        |cause: String| Failure::environment(format!("key file `{}`: {cause}", file.display()));
    let text = fs::read_to_string(file).map_err(|cause| unusable(cause.to_string()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys: Result<Vec<B256>, _> = lines.map(str::parse).collect();
    match keys {
        Ok(keys) if !keys.is_empty() => Ok(keys),
        _ => Err(unusable("expected private keys, 64 hexadecimal digits a line".into())),
    }
}
