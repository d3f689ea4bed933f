//! Files of a bank.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::client::escape;
use crate::desk::{DeskArguments, save};
use crate::failure::Failure;
use crate::output::Output;

/// Write what you have to pay for parts whose sale you accepted
#[derive(Debug, clap::Args)]
pub struct Disbursements {
    /// The file.
    file: PathBuf,
    /// As what: `pain.001` (ISO 20022), `csv` or `xlsx`.
    #[arg(long, value_name = "NAME", default_value = "pain.001")]
    format: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Writes the file.
pub fn disbursements(arguments: &Disbursements, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/finance/disbursements?format={}", escape(&arguments.format));
    let code = save(output, &arguments.file, &arguments.desk.desk()?.file(&path)?)?;
    output.next("once it is paid, sellers run `qiao voucher complete-offer PART`");
    Ok(code)
}
