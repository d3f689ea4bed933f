//! What is affected, the drill, and the declaration.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::{entries, quantity, short};
use crate::client::escape;
use crate::desk::{DeskArguments, count, party, save, text};
use crate::failure::Failure;
use crate::output::{Output, number, span, table};

/// Lines that a person reads; the file and `--json` have all.
const SHOWN_MAX: usize = 40;

/// List every affected lot and item with quantity, place and holder
#[derive(Debug, clap::Args)]
pub struct Affected {
    /// The suspect lots, items, cases or pallets.
    #[arg(required = true, value_name = "LOT")]
    lots: Vec<String>,
    /// Write the list to this file, `.xlsx` or `.csv`.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// What a recall says.
#[derive(Debug, clap::Args)]
struct What {
    /// The suspect lots, items, cases or pallets.
    #[arg(required = true, value_name = "LOT")]
    lots: Vec<String>,
    /// Why: quality_check, out_of_specification, contamination, undeclared_allergen, wrong_label,
    /// temperature, expired, counterfeit, missing_documents or order.
    #[arg(long, value_name = "REASON")]
    reason: String,
    /// How far back: from `consumer`, `retail` or `wholesale`.
    #[arg(long, value_name = "LEVEL", default_value = "consumer")]
    level: String,
    /// Hours in which everybody is to take note.
    #[arg(long, value_name = "NUMBER", default_value_t = 24)]
    deadline_hours: u64,
}

/// Measure how long a recall would take; nothing is published
#[derive(Debug, clap::Args)]
pub struct Drill {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Call everything affected back, hold it everywhere, and tell everybody who has some of it
#[derive(Debug, clap::Args)]
pub struct Declare {
    #[command(flatten)]
    what: What,
    /// In words, for those who are told.
    #[arg(long, value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    desk: DeskArguments,
}

impl What {
    fn body(&self, text: &str) -> Value {
        json!({
            "lots": self.lots,
            "reason": self.reason,
            "level": self.level,
            "deadlineHours": self.deadline_hours,
            "text": text,
        })
    }
}

/// Lists what is affected.
pub fn affected(arguments: &Affected, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let lots: Vec<String> =
        arguments.lots.iter().map(|lot| format!("lot={}", escape(lot))).collect();
    if let Some(file) = &arguments.file {
        let kind = match file.extension().and_then(|extension| extension.to_str()) {
            Some(kind @ ("csv" | "xlsx")) => kind,
            _ => return Err(Failure::usage("the file's name ends with `.xlsx` or `.csv`")),
        };
        let path = format!("/recalls/affected.{kind}?{}", lots.join("&"));
        return save(output, file, &desk.file(&path)?);
    }
    let found = desk.get(&format!("/recalls/affected?{}", lots.join("&")))?;
    if output.json {
        output.document(&found);
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&summary(&found));
    output.line("");
    let lines = entries(&found, "lines");
    let rows: Vec<Vec<String>> = lines.iter().take(SHOWN_MAX).map(line).collect();
    output.line(&table(&["HOLDER", "STATE", "QUANTITY", "THING", "PLACE"], &rows));
    if lines.len() > SHOWN_MAX {
        output.say(&format!("and {} more: `--file FILE.xlsx` has all", lines.len() - SHOWN_MAX));
    }
    warn(&found, output);
    output.next("`qiao recall drill LOT --reason REASON` tries the recall without publishing it");
    Ok(ExitCode::SUCCESS)
}

/// `3 lots and 41 items with 3 organisations, some of it at 2 places, found in 12 ms`.
fn summary(found: &Value) -> String {
    let (places, holders) = (entries(found, "places").len(), entries(found, "holders").len());
    let many = |count: u64, one: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{} {one}{plural}", number(count))
    };
    format!(
        "{} and {} with {}, some of it at {}, found in {}",
        many(count(found, "lots"), "lot"),
        many(count(found, "items"), "item"),
        many(holders as u64, "organisation"),
        many(places as u64, "place"),
        span(count(found, "elapsedMs")),
    )
}

fn line(line: &Value) -> Vec<String> {
    let name = |name: &str, other: &str| match text(line, name) {
        "" => text(line, other).to_owned(),
        name => name.to_owned(),
    };
    vec![
        name("party_name", "party"),
        text(line, "state").replace('_', " "),
        quantity(line, "quantity"),
        short(text(line, "thing")).to_owned(),
        name("place_name", "place"),
    ]
}

fn warn(found: &Value, output: &Output) {
    for thing in entries(found, "unknown").iter().filter_map(Value::as_str) {
        output.warn(&format!("no event names `{thing}`"));
    }
    if found.get("truncated").and_then(Value::as_bool) == Some(true) {
        output.warn("a limit cut the search: more is affected than is listed");
    }
}

/// Tries a recall.
pub fn drill(arguments: &Drill, output: &Output) -> Result<ExitCode, Failure> {
    let body = arguments.what.body("drill");
    let drilled = arguments.desk.desk()?.post("/recalls/drill", &body)?;
    if output.json {
        output.document(&drilled);
        return Ok(ExitCode::SUCCESS);
    }
    let (found, plan) = (&drilled["found"], &drilled["plan"]);
    output.line(&summary(found));
    output.line(&planned(plan));
    let steps = entries(&drilled, "steps").iter();
    let steps: Vec<String> = steps
        .map(|step| format!("{} in {}", text(step, "what"), span(count(step, "elapsedMs"))))
        .collect();
    output.line(&format!("{}; {} in all", steps.join(", "), span(count(&drilled, "elapsedMs"))));
    match text(&drilled, "refusal") {
        "" => output.line("the chain would take it"),
        refusal => output.line(&format!("the chain would refuse it: {refusal}")),
    }
    warn(found, output);
    output.say("nothing was published");
    output.next("`qiao recall declare LOT --reason REASON --text TEXT` declares it");
    Ok(ExitCode::SUCCESS)
}

/// `42 things are called back; notices go to 3 organisations with 45 lines`.
fn planned(plan: &Value) -> String {
    let notices = entries(plan, "notices");
    let lines: usize = notices.iter().map(|notice| entries(notice, "lines").len()).sum();
    let left_out = match entries(plan, "leftOut").len() {
        0 => String::new(),
        count => format!(", {count} are left out"),
    };
    format!(
        "called back: {}{left_out}; told: {} with {lines} lines",
        entries(plan, "things").len(),
        notices.iter().map(|notice| party(notice, "party")).collect::<Vec<_>>().join(", "),
    )
}

/// Declares a recall.
pub fn declare(arguments: &Declare, output: &Output) -> Result<ExitCode, Failure> {
    let body = arguments.what.body(&arguments.text);
    let declared = arguments.desk.desk()?.post("/recalls", &body)?;
    let is_final = declared.get("block").is_some();
    if output.json {
        output.document(&declared);
    } else {
        output.line(&count(&declared, "recall").to_string());
        output.say(&summary(&declared["found"]));
        output.say(&planned(&declared["plan"]));
        for notice in entries(&declared, "notices") {
            let state = match text(notice, "problem") {
                "" => "told".to_owned(),
                problem => format!("not told: {problem}"),
            };
            let name = party(notice, "party");
            output.say(&format!("{name}, {} lines: {state}", count(notice, "lines")));
        }
        warn(&declared["found"], output);
        output.next("`qiao recall report RECALL` shows who took note and what is accounted for");
    }
    let is_told = |notice: &Value| notice.get("isFinal").and_then(Value::as_bool) == Some(true);
    if is_final && entries(&declared, "notices").iter().all(is_told) {
        return Ok(ExitCode::SUCCESS);
    }
    let failure = Failure::environment("not everybody was told");
    Err(failure.with_hint("`qiao recall notify RECALL` tells the others"))
}
