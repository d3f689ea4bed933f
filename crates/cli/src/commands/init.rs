//! `qiao init`: writes a new network.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output::Output;

/// Write a new network: one folder per member
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Not part of this build yet.
pub fn run(_: &Arguments, _: &Output) -> Result<ExitCode, Failure> {
    Err(Failure::environment("`qiao init` is not part of this build yet"))
}
