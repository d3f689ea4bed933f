//! `qiao bench`: measures.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output::Output;

/// Measure a network of separate processes under load
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Not part of this build yet.
pub fn run(_: &Arguments, _: &Output) -> Result<ExitCode, Failure> {
    Err(Failure::environment("`qiao bench` is not part of this build yet"))
}
