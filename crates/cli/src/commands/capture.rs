//! `qiao capture`: EPCIS documents in, through the node's capture interface.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::event_hash::read;
use crate::client::{Client, NodeArguments};
use crate::failure::Failure;
use crate::output::{Output, number};

/// How long a capture may take before the command gives up waiting.
const PATIENCE: Duration = Duration::from_secs(120);

/// Capture the events of EPCIS documents on the chain
///
/// Each file is sent to the node, which checks every event, signs for its member, and answers when
/// the events are final. An event that the chain has already is not captured again.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao capture events.jsonld\n  qiao capture --party 2 monday.json tuesday.json\n  qiao capture delivery.json --seal 'farm:price=2,3' --seal quantity=2"
)]
pub struct Arguments {
    /// EPCIS documents or events in JSON-LD or XML; `-` is the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The organisation for which the events are captured, by number [default: the node's own].
    #[arg(long, value_name = "NUMBER")]
    party: Option<u64>,
    /// Seal a field for members, as in `farm:price=2,3`; several times for several fields.
    #[arg(long, value_name = "WISH")]
    seal: Vec<String>,
    /// Return when the node has taken the events, before they are final.
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    node: NodeArguments,
}

/// Sends every file; a refused file does not keep the others out, but decides the exit code.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let mut headers: Vec<_> =
        arguments.party.iter().map(|party| ("Qiao-Party", party.to_string())).collect();
    if !arguments.seal.is_empty() {
        headers.push(("Qiao-Seal", arguments.seal.join("; ")));
    }
    let mut reports = Vec::new();
    let mut first_failure: Option<Failure> = None;
    for (position, file) in arguments.files.iter().enumerate() {
        output.progress(&format!("{}/{} {}", position + 1, arguments.files.len(), file.display()));
        let result = capture(&client, file, &headers, arguments.no_wait);
        output.progress_done();
        match result {
            Ok(job) => {
                if !output.json {
                    output.line(&format!("{}: {}", file.display(), summary(&job)));
                }
                reports.push(json!({ "file": file, "captured": true, "job": job }));
            }
            Err(failure) => {
                let detail = &failure.detail;
                reports.push(json!({
                    "file": file, "captured": false, "message": failure.message, "problem": detail,
                }));
                let message = format!("`{}`: {}", file.display(), failure.message);
                let failure = Failure { message, detail: None, ..failure };
                if let Some(earlier) = first_failure.replace(failure) {
                    output.failure(&earlier);
                }
            }
        }
    }
    if output.json {
        output.document(&reports);
    }
    match first_failure {
        Some(failure) => Err(failure),
        None => {
            output.next("`qiao trace ID` shows where a thing came from and went");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn capture(
    client: &Client,
    file: &Path,
    headers: &[(&str, String)],
    no_wait: bool,
) -> Result<Value, Failure> {
    let body = read(file)?;
    let answer = client.post("/epcis/capture", headers, &body)?;
    let (Some(location), false) = (answer.location, no_wait) else { return Ok(answer.body) };
    let path = location.strip_prefix(client.url()).unwrap_or(&location).to_string();
    let start = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        let job = client.get(&path)?;
        if job.get("running").and_then(Value::as_bool) != Some(true) {
            return finished(job);
        }
        if start.elapsed() > PATIENCE {
            return Err(Failure::environment(format!(
                "the events are not final after {} s",
                PATIENCE.as_secs()
            ))
            .with_hint(format!("`qiao doctor` says why; the job is `{path}`")));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(250));
    }
}

/// The job's own verdict.
fn finished(job: Value) -> Result<Value, Failure> {
    if job.get("success").and_then(Value::as_bool) != Some(false) {
        return Ok(job);
    }
    let mut message = "the events were refused".to_string();
    for error in job.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let word = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        message.push_str(&format!("\n  {} ({})", word("detail"), word("code")));
    }
    Err(Failure { detail: Some(job), ..Failure::refused(message) })
}

/// One line about a job.
fn summary(job: &Value) -> String {
    let count = |name: &str| job.get(name).and_then(Value::as_u64).unwrap_or(0);
    if job.get("running").and_then(Value::as_bool) == Some(true) {
        let identity = job.get("captureID").and_then(Value::as_str).unwrap_or_default();
        return format!("{} events taken, job {identity}", number(count("events")));
    }
    let (captured, known) = (number(count("captured")), number(count("duplicates")));
    format!("{captured} captured, {known} already on the chain")
}
