//! `qiao event-hash`: the Event Hash IDs of the events in files, computed here.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qiao_epcis::Limits;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// Print the CBV 2.0 Event Hash ID of each event in EPCIS documents
///
/// Nothing is sent: the hash is computed here, from the event's content alone. Two ways of writing
/// the same event have the same hash, and the chain uses it as the event's key.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao event-hash events.jsonld events.xml\n  cat event.json | qiao event-hash -"
)]
pub struct Arguments {
    /// EPCIS documents or events in JSON-LD or XML; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Prints one hash per line, in the order of the events.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let mut found = Vec::new();
    for file in &arguments.files {
        let bytes = read(file)?;
        let document = qiao_epcis::parse_any(&bytes, &Limits::default())
            .map_err(|problems| refusal(file, &problems))?;
        for (position, event) in document.events.iter().enumerate() {
            let hash = event.hash().to_string();
            if output.json {
                found.push(json!({ "file": file, "event": position, "hash": hash }));
            } else {
                output.line(&hash);
            }
        }
    }
    if output.json {
        output.document(&found);
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a file, or the standard input for `-`.
pub fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let result = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(file).map(|content| bytes = content)
    };
    result.map_err(|error| {
        Failure::environment(format!("file `{}` cannot be read: {error}", file.display()))
    })?;
    Ok(bytes)
}

/// The rules that a document breaks, one per line.
fn refusal(file: &Path, problems: &[qiao_epcis::Problem]) -> Failure {
    let mut message = format!("`{}` is not a valid EPCIS document", file.display());
    for problem in problems {
        let place = if problem.field.is_empty() { "" } else { ": " };
        let line = format!("{}{place}{} ({})", problem.field, problem.rule, problem.code);
        message.push_str(&format!("\n  {line}"));
    }
    let detail = problems.iter().map(|problem| {
        json!({
            "file": file, "event": problem.event, "field": problem.field,
            "code": problem.code.to_string(), "rule": problem.rule,
        })
    });
    Failure { detail: Some(detail.collect()), ..Failure::refused(message) }
}
