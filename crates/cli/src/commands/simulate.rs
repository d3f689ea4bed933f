//! `qiao simulate`: runs a network under one seed.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output::Output;

/// Run a whole network under one seed, with faults
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  qiao simulate")]
pub struct Arguments {}

/// Not part of this build yet.
pub fn run(_: &Arguments, _: &Output) -> Result<ExitCode, Failure> {
    Err(Failure::environment("`qiao simulate` is not part of this build yet"))
}
