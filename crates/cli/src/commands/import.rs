//! `qiao import`: a table in, as events.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use crate::client::{NodeArguments, escape};
use crate::failure::Failure;
use crate::output::{Output, number, table};

/// Problems that are printed; the error file has all.
const PRINTED_MAX: usize = 20;

/// Capture the rows of a CSV or XLSX table as events
///
/// Each row becomes an event of its stage: commission, aggregate, ship, receive, transform, inspect or sell.
/// If a row is wrong nothing is captured. A table that was imported before changes nothing.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao import shipments.xlsx --dry-run\n  qiao import goods-in.csv --mapping acme --errors wrong.csv\n  qiao import --template ship > ship.csv"
)]
pub struct Arguments {
    /// The table; CSV or XLSX.
    #[arg(value_name = "FILE", required_unless_present = "template")]
    file: Option<PathBuf>,
    /// How its columns are read: a mapping that the node keeps [default: the template's].
    #[arg(long, value_name = "NAME")]
    mapping: Option<String>,
    /// Keep the mapping in this JSON file under the name, first.
    #[arg(long, value_name = "FILE", requires = "mapping")]
    save_mapping: Option<PathBuf>,
    /// The stage of rows that do not name one.
    #[arg(long)]
    stage: Option<String>,
    /// Only say what would be captured.
    #[arg(long)]
    dry_run: bool,
    /// Write the rows that are wrong, and why, to this CSV file.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Print an empty table of a stage, as CSV.
    #[arg(long, value_name = "STAGE")]
    template: Option<String>,
    /// The organisation for which the events are captured, by number [default: the node's own].
    #[arg(long, value_name = "NUMBER")]
    party: Option<u64>,
    /// Seal a field for members, as in `farm:price=2,3`; several times for several fields.
    #[arg(long, value_name = "WISH")]
    seal: Vec<String>,
    #[command(flatten)]
    node: NodeArguments,
}

/// Sends the table and tells what became of it.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    if let Some(stage) = &arguments.template {
        let path = format!("/imports/template.csv?stage={}", escape(stage));
        let bytes = client.file(&path)?;
        output.line(String::from_utf8_lossy(&bytes).trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let Some(file) = &arguments.file else { return Err(Failure::usage("no table is named")) };
    let bytes = read(file)?;
    if let (Some(source), Some(name)) = (&arguments.save_mapping, &arguments.mapping) {
        client.put(&format!("/mappings/{}", escape(name)), &read(source)?)?;
    }
    let path = address(arguments);
    let answer = client.send_table(&path, &headers(arguments, "application/json"), &bytes)?;
    let report: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
    if !matches!(answer.status, 200 | 202 | 422) {
        return Err(refused(&report, answer.status));
    }
    if answer.status == 422 {
        if let Some(target) = &arguments.errors {
            let errors = client.send_table(&path, &headers(arguments, "text/csv"), &bytes)?;
            write(target, &errors.bytes)?;
        }
        return Err(wrong_rows(&report, arguments));
    }
    if output.json {
        output.document(&report);
        return Ok(ExitCode::SUCCESS);
    }
    let count = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or(0);
    let verb = if arguments.dry_run { "would be captured" } else { "captured" };
    let (rows, new, known) = (count("rows"), count("new"), count("known"));
    output.line(&format!(
        "{} rows: {} events {verb}, {} already on the chain",
        number(rows),
        number(new),
        number(known)
    ));
    output.next(match arguments.dry_run {
        true => "the same without `--dry-run` captures them",
        false => "`qiao trace ID` shows where a thing came from and went",
    });
    Ok(ExitCode::SUCCESS)
}

fn address(arguments: &Arguments) -> String {
    let mut path = format!("/imports?dryRun={}", arguments.dry_run);
    let party = arguments.party.map(|party| party.to_string());
    let options = [("mapping", &arguments.mapping), ("stage", &arguments.stage), ("party", &party)];
    for (name, value) in options {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", escape(value)));
        }
    }
    path
}

fn headers(arguments: &Arguments, accept: &str) -> Vec<(&'static str, String)> {
    let seal = (!arguments.seal.is_empty()).then(|| ("qiao-seal", arguments.seal.join("; ")));
    [("accept", accept.to_owned())].into_iter().chain(seal).collect()
}

fn refused(report: &Value, status: u16) -> Failure {
    let word = |name: &str| report.get(name).and_then(Value::as_str).map(str::to_string);
    let detail = word("detail").unwrap_or_else(|| format!("the node answered {status}"));
    let message = match word("code") {
        Some(code) => format!("{detail} ({code})"),
        None => detail,
    };
    let failure =
        if status < 500 { Failure::refused(message) } else { Failure::environment(message) };
    Failure { hint: word("hint"), detail: Some(report.clone()), ..failure }
}

fn wrong_rows(report: &Value, arguments: &Arguments) -> Failure {
    let problems = report.get("problems").and_then(Value::as_array).cloned().unwrap_or_default();
    let cell = |problem: &Value, name: &str| match problem.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let rows: Vec<Vec<String>> = problems
        .iter()
        .take(PRINTED_MAX)
        .map(|problem| ["line", "column", "value", "rule"].map(|name| cell(problem, name)).to_vec())
        .collect();
    let listed = table(&["ROW", "COLUMN", "VALUE", "PROBLEM"], &rows);
    let count = problems.len();
    let message = format!("{count} problems, nothing was captured\n{listed}");
    let hint = match &arguments.errors {
        Some(file) => format!("the rows with their errors are in `{}`", file.display()),
        None => "`--errors FILE` writes the rows with their errors".to_string(),
    };
    Failure { detail: Some(report.clone()), ..Failure::refused(message).with_hint(hint) }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file)
        .map_err(|cause| Failure::environment(format!("file `{}`: {cause}", file.display())))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(file, bytes)
        .map_err(|cause| Failure::environment(format!("file `{}`: {cause}", file.display())))
}
