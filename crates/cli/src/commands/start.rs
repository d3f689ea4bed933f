//! `qiao start`: runs one validator.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output::Output;

/// Run one validator as a process of its own
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Not part of this build yet.
pub fn run(_: &Arguments, _: &Output) -> Result<ExitCode, Failure> {
    Err(Failure::environment("`qiao start` is not part of this build yet"))
}
