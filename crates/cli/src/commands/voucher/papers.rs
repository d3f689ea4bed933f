//! Files about parts.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::desk::{DeskArguments, save};
use crate::failure::Failure;
use crate::output::Output;

/// Write the certificate of a part (PDF), with a code that leads to its proof
#[derive(Debug, clap::Args)]
pub struct Certificate {
    /// The part.
    part: u64,
    /// The file.
    file: PathBuf,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Write the registry's file for a part that is for sale (CSV)
#[derive(Debug, clap::Args)]
pub struct Registration {
    /// The part.
    part: u64,
    /// The file.
    file: PathBuf,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Writes a certificate.
pub fn certificate(arguments: &Certificate, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/finance/parts/{}/certificate.pdf", arguments.part);
    let code = save(output, &arguments.file, &arguments.desk.desk()?.file(&path)?)?;
    output.next("its code leads to the proof, which `qiao verify` checks");
    Ok(code)
}

/// Writes the registry's file.
pub fn registration(arguments: &Registration, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/finance/parts/{}/registration.csv", arguments.part);
    let code = save(output, &arguments.file, &arguments.desk.desk()?.file(&path)?)?;
    output.next("`qiao voucher accept-offer PART --registration NUMBER` accepts the offer");
    Ok(code)
}
