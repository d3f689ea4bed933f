//! `qiao collateral`: whether an asset is financed already, and claims on what is left of it.

mod act;
mod evaluators;
mod sheet;

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output::Output;

/// Check that assets are not financed twice, and claim what is left of them
///
/// Keys of assets are private: nodes make them with the appointed evaluators, so that nobody reads from
/// the chain which asset is meant. `--open` uses keys that members can guess.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao collateral kinds\n  qiao collateral check invoices.csv\n  \
    qiao collateral register declarations.csv\n  qiao collateral reserve invoices.csv --days 3\n  \
    qiao collateral take 7\n  qiao collateral evaluator-key --home net/member-1\n\n\
    A file is CSV; its first line names the columns: `kind`, the parts of the identity that \
    `qiao collateral kinds` lists, `amount` (or `value` to register) and `currency`:\n  \
    kind,seller,number,amount,currency\n  invoice,DE123456789,RE-2026/001,60000.00,EUR"
)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Say of each asset of a file what is left of it
    Check(act::File),
    /// Register the assets of a file with their values
    Register(act::File),
    Reserve(act::Reserve),
    Take(act::Take),
    Release(act::Release),
    /// List the kinds of assets and the columns of their identities
    Kinds,
    Evaluators(evaluators::List),
    Appoint(evaluators::Appoint),
    EvaluatorKey(evaluators::Key),
}

/// Does what was asked.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Check(arguments) => act::check(arguments, output),
        Action::Register(arguments) => act::register(arguments, output),
        Action::Reserve(arguments) => act::reserve(arguments, output),
        Action::Take(arguments) => act::take(arguments, output),
        Action::Release(arguments) => act::release(arguments, output),
        Action::Kinds => sheet::kinds(output),
        Action::Evaluators(arguments) => evaluators::list(arguments, output),
        Action::Appoint(arguments) => evaluators::appoint(arguments, output),
        Action::EvaluatorKey(arguments) => evaluators::key(arguments, output),
    }
}
