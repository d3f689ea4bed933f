//! Holds: quality control keeps goods where they are.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::{entries, short};
use crate::desk::{DeskArguments, count, done, list, party, text, time};
use crate::failure::Failure;
use crate::output::{Output, table};

/// Hold goods back: they are not shipped, packed, used or sold until released
#[derive(Debug, clap::Args)]
pub struct Hold {
    /// Lots, items, cases, pallets or assets.
    #[arg(required = true, value_name = "THING")]
    things: Vec<String>,
    /// Why, as for a recall.
    #[arg(long, value_name = "REASON")]
    reason: String,
    /// For all holders, as the owner of the products or as a regulator.
    #[arg(long)]
    everywhere: bool,
    /// In words.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// List what is held back
#[derive(Debug, clap::Args)]
pub struct Holds {
    #[command(flatten)]
    desk: DeskArguments,
}

/// End a hold
#[derive(Debug, clap::Args)]
pub struct Release {
    /// The hold.
    hold: u64,
    /// Why, in words.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Holds back.
pub fn hold(arguments: &Hold, output: &Output) -> Result<ExitCode, Failure> {
    let body = json!({
        "things": arguments.things,
        "everywhere": arguments.everywhere,
        "reason": arguments.reason,
        "note": arguments.note,
    });
    let acted = arguments.desk.desk()?.post("/holds", &body)?;
    done(output, &acted, "held back", "`qiao recall release HOLD` frees it")
}

/// Lists holds.
pub fn holds(arguments: &Holds, output: &Output) -> Result<ExitCode, Failure> {
    let found = arguments.desk.desk()?.get("/holds")?;
    if output.json {
        output.document(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = list(&found).iter().map(row).collect();
    if rows.is_empty() {
        output.say("nothing is held back");
        output.next("`qiao recall hold THING --reason REASON` holds something back");
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&table(&["HOLD", "BY", "FOR", "REASON", "SINCE", "WHAT"], &rows));
    output.next("`qiao recall release HOLD` frees it");
    Ok(ExitCode::SUCCESS)
}

fn row(hold: &Value) -> Vec<String> {
    let things = entries(hold, "things");
    let first = things.first().and_then(Value::as_str).map(short).unwrap_or_default();
    let more = things.len().saturating_sub(1);
    let recall = hold.get("recall").and_then(Value::as_u64);
    vec![
        count(hold, "hold").to_string(),
        party(hold, "organisation").to_owned(),
        match (recall, text(hold, "kind")) {
            (Some(recall), _) => format!("recall {recall}"),
            (None, "holder") => "its own goods".to_owned(),
            (None, _) => "everybody".to_owned(),
        },
        text(hold, "reason").replace('_', " "),
        time(count(hold, "since")),
        if more == 0 { first.to_owned() } else { format!("{first} and {more} more") },
    ]
}

/// Releases.
pub fn release(arguments: &Release, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/holds/{}/release", arguments.hold);
    let acted = arguments.desk.desk()?.post(&path, &json!({ "note": arguments.note }))?;
    done(output, &acted, "released", "`qiao recall holds` lists what is still held back")
}
