//! `qiao bench compare`: two reports side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use crate::failure::Failure;
use crate::output::{Output, table};

/// Print two reports of `--json` side by side
///
/// Every figure that both have, and the second by the first. What was not the same in their
/// conditions is named: figures of different machines or loads do not compare.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  qiao bench compare before.json after.json")]
pub struct Arguments {
    /// The report to compare with.
    first: PathBuf,
    /// The report to compare.
    second: PathBuf,
}

/// Prints the comparison.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let (first, second) = (read(&arguments.first)?, read(&arguments.second)?);
    let compared = qiao_loadtest::compare(&first, &second)
        .map_err(|error| Failure::environment(error.to_string()))?;
    if output.json {
        output.document(&compared);
        return Ok(ExitCode::SUCCESS);
    }
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let rows = |list: &str, fields: &[&str]| -> Vec<Vec<String>> {
        let entries = compared.get(list).and_then(Value::as_array).into_iter().flatten();
        entries.map(|row| fields.iter().map(|field| text(&row[field])).collect()).collect()
    };
    let figures = rows("figures", &["figure", "first", "second", "ratio", "second_is"]);
    output.line(&table(&["FIGURE", "FIRST", "SECOND", "RATIO", "SECOND IS"], &figures));
    let conditions = rows("different_conditions", &["field", "first", "second"]);
    if !conditions.is_empty() {
        output.line("");
        output.line(&table(&["DIFFERENT", "FIRST", "SECOND"], &conditions));
    }
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Value, Failure> {
    let failure = |cause: String| Failure::environment(format!("`{}`: {cause}", file.display()));
    let text = fs::read_to_string(file).map_err(|cause| failure(cause.to_string()))?;
    serde_json::from_str(&text).map_err(|cause| failure(cause.to_string()))
}
