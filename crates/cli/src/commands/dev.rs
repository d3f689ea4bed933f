//! `qiao dev`: a network on this machine.

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output::Output;

/// Start four validators with sample trade on this machine
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Not part of this build yet.
pub fn run(_: &Arguments, _: &Output) -> Result<ExitCode, Failure> {
    Err(Failure::environment("`qiao dev` is not part of this build yet"))
}
