//! `qiao recall`: holds and recalls, from a suspect lot to the report of how well it worked.

mod act;
mod declare;
mod hold;
mod show;

use std::process::ExitCode;

use serde_json::Value;

use crate::failure::Failure;
use crate::output::Output;

/// Find what a suspect lot concerns, call it back, and follow it until everybody has answered
///
/// Lots, items, cases and pallets may be named in any notation: a GS1 Digital Link or its path, an EPC
/// URN, or what stands below the bar code. Everything is done for one organisation: that of the API key,
/// else of `--as`, else the node's own.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  qiao recall affected '(01)09521002000368(10)M0318'\n  \
    qiao recall drill 01/09521002000368/10/M0318 --reason contamination\n  \
    qiao recall declare 01/09521002000368/10/M0318 --reason contamination \\\n    \
    --text 'Salmonella found; stop selling, send back' --deadline-hours 24 --as 2\n  \
    qiao recall acknowledge 1 --as 1\n  \
    qiao recall answer 1 --all destroyed --as 1\n  \
    qiao recall report 1 --file report.xlsx --as 2\n  \
    qiao recall close 1 --text 'All packs are accounted for' --as 2")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Affected(declare::Affected),
    Drill(declare::Drill),
    Declare(declare::Declare),
    List(show::List),
    Show(show::Show),
    Acknowledge(act::Acknowledge),
    Answer(act::Answer),
    Notify(act::Notify),
    Report(show::Report),
    Close(act::Close),
    Hold(hold::Hold),
    Holds(hold::Holds),
    Release(hold::Release),
}

/// Does what was asked.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Affected(arguments) => declare::affected(arguments, output),
        Action::Drill(arguments) => declare::drill(arguments, output),
        Action::Declare(arguments) => declare::declare(arguments, output),
        Action::List(arguments) => show::list(arguments, output),
        Action::Show(arguments) => show::show(arguments, output),
        Action::Acknowledge(arguments) => act::acknowledge(arguments, output),
        Action::Answer(arguments) => act::answer(arguments, output),
        Action::Notify(arguments) => act::notify(arguments, output),
        Action::Report(arguments) => show::report(arguments, output),
        Action::Close(arguments) => act::close(arguments, output),
        Action::Hold(arguments) => hold::hold(arguments, output),
        Action::Holds(arguments) => hold::holds(arguments, output),
        Action::Release(arguments) => hold::release(arguments, output),
    }
}

/// A decimal number with its unit.
fn quantity(value: &Value, name: &str) -> String {
    let unit = value.get("unit").and_then(Value::as_str);
    match (value.get(name).and_then(Value::as_str), unit) {
        (Some(number), Some(unit)) => format!("{number} {unit}"),
        (Some(number), None) => number.to_owned(),
        (None, _) => "-".to_owned(),
    }
}

/// A list in an answer.
fn entries<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).map_or(&[], crate::desk::list)
}

/// The last part of an identifier, which tells it from others in a narrow column.
fn short(id: &str) -> &str {
    id.strip_prefix("https://id.gs1.org/").unwrap_or(id)
}
