//! `qiao trace`: where a thing came from and where it went.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use crate::client::{Client, NodeArguments, escape};
use crate::failure::Failure;
use crate::output::{Output, table};

/// Follow a thing back to its origin and forward to what became of it
///
/// The closure over aggregation, transformation, transaction and association. Takes EPC URNs and
/// GS1 Digital Links alike; a missing link is shown as missing.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao trace urn:epc:id:sgtin:9521141.012345.L7\n  qiao trace --direction back https://id.gs1.org/01/09521141123454/10/L7"
)]
pub struct Arguments {
    /// The identifier of the thing.
    #[arg(value_name = "ID")]
    thing: String,
    /// Which way to follow it.
    #[arg(long, value_enum, default_value_t = Direction::Both)]
    direction: Direction,
    /// Write the FSMA 204 spreadsheet of the trace to this file, `.xlsx` or `.csv`.
    #[arg(long, value_name = "FILE")]
    fsma204: Option<PathBuf>,
    #[command(flatten)]
    node: NodeArguments,
}

/// Which way a thing is followed.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Direction {
    /// To its origin.
    Back,
    /// To what became of it.
    Forward,
    /// Both ways.
    Both,
}

impl Direction {
    fn word(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Forward => "forward",
            Self::Both => "both",
        }
    }
}

/// Prints the steps in the order of time.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let key = escape(&arguments.thing);
    if let Some(file) = &arguments.fsma204 {
        return sheet(&client, &key, file, output);
    }
    let trace = client.get(&format!("/trace/{key}?direction={}", arguments.direction.word()))?;
    if output.json {
        output.document(&trace);
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = list(&trace, "timeline").iter().map(step).collect();
    output.line(&table(&["TIME", "WHO", "WHERE", "WHAT", "TRANSACTION"], &rows));
    output.line("");
    let nodes = list(&trace, "nodes");
    let is_missing = |node: &&Value| node.get("missing").and_then(Value::as_bool) == Some(true);
    let known: Vec<Vec<String>> =
        nodes.iter().filter(|node| !is_missing(node)).map(thing).collect();
    output.line(&table(&["THING", "STATE", "HOLDER", "PLACE"], &known));
    for node in nodes.iter().filter(is_missing) {
        output
            .line(&format!("missing: {} is named, but no event tells of it", word(node, &["id"])));
    }
    if trace.get("truncated").and_then(Value::as_bool) == Some(true) {
        output.warn("there is more; the trace was cut at its limit");
    }
    output.next(&format!("open {}/trace?id={key} for the picture", client.url()));
    Ok(ExitCode::SUCCESS)
}

/// Writes the spreadsheet of FSMA 204.
fn sheet(client: &Client, key: &str, file: &Path, output: &Output) -> Result<ExitCode, Failure> {
    let name = match file.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => "fsma204.csv",
        Some("xlsx") => "fsma204.xlsx",
        _ => return Err(Failure::usage("the file's name ends with `.xlsx` or `.csv`")),
    };
    let bytes = client.file(&format!("/trace/{key}/{name}"))?;
    std::fs::write(file, bytes)
        .map_err(|cause| Failure::environment(format!("file `{}`: {cause}", file.display())))?;
    output.say(&format!("`{}` has the rows of the trace", file.display()));
    Ok(ExitCode::SUCCESS)
}

fn step(step: &Value) -> Vec<String> {
    let time = step.get("event_time_ms").and_then(Value::as_i64);
    let time = time.and_then(|time| jiff::Timestamp::from_millisecond(time).ok());
    vec![
        time.map_or("–".into(), |time| time.strftime("%Y-%m-%d %H:%M").to_string()),
        word(step, &["party_name", "party"]),
        word(step, &["place_name", "read_point", "biz_location"]),
        word(step, &["words", "biz_step", "kind"]),
        word(step, &["transaction"]).chars().take(12).collect(),
    ]
}

fn thing(node: &Value) -> Vec<String> {
    let holder = node.get("holder").map_or("–".into(), |holder| word(holder, &["name", "party"]));
    vec![
        word(node, &["label", "id"]),
        word(node, &["state"]),
        holder,
        word(node, &["present_place_name", "present_place"]),
    ]
}

/// The first of these fields that says something.
fn word(value: &Value, names: &[&str]) -> String {
    let found = names.iter().find_map(|name| value.get(*name).filter(|field| !field.is_null()));
    found.map_or("–".to_string(), text)
}

/// A list in the answer; empty if there is none.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A value as a person reads it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let name = ["name", "id", "identifier"].iter().find_map(|name| fields.get(*name));
            name.map_or_else(|| value.to_string(), text)
        }
        other => other.to_string(),
    }
}
