//! How recalls stand.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::Value;

use super::{entries, quantity, short};
use crate::desk::{DeskArguments, count, list as all, party, save, text, time};
use crate::failure::Failure;
use crate::output::{Output, table};

/// List recalls, the newest first
#[derive(Debug, clap::Args)]
pub struct List {
    /// How many.
    #[arg(long, value_name = "NUMBER", default_value_t = 30)]
    limit: u32,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Show a recall and who was told, or what one organisation was told
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The recall.
    recall: u64,
    /// The lines of the notice to this organisation, by its number.
    #[arg(long, value_name = "ORGANISATION")]
    party: Option<u64>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Report how well a recall works: who took note in time, what is accounted for and recovered
#[derive(Debug, clap::Args)]
pub struct Report {
    /// The recall.
    recall: u64,
    /// Write the report to this file, `.xlsx` or `.csv`.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Lists recalls.
pub fn list(arguments: &List, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/recalls?perPage={}", arguments.limit);
    let found = arguments.desk.desk()?.get(&path)?;
    if output.json {
        output.document(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = all(&found).iter().map(recall).collect();
    if rows.is_empty() {
        output.say("no recall");
        output.next("`qiao recall affected LOT` shows what a suspect lot concerns");
        return Ok(ExitCode::SUCCESS);
    }
    let heads =
        ["RECALL", "DECLARED BY", "REASON", "DECLARED", "STATE", "TOLD", "TOOK NOTE", "OVERDUE"];
    output.line(&table(&heads, &rows));
    output.next("`qiao recall show RECALL` tells who was told");
    Ok(ExitCode::SUCCESS)
}

fn recall(one: &Value) -> Vec<String> {
    vec![
        count(one, "recall").to_string(),
        party(one, "declarer").to_owned(),
        text(one, "reason").replace('_', " "),
        time(count(one, "declaredAt")),
        state(one).to_owned(),
        count(one, "notices").to_string(),
        count(one, "acknowledged").to_string(),
        count(one, "overdue").to_string(),
    ]
}

fn state(recall: &Value) -> &'static str {
    if recall.get("endedAt").is_some() { "closed" } else { "open" }
}

/// Shows one recall, or one notice.
pub fn show(arguments: &Show, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    if let Some(organisation) = arguments.party {
        let path = format!("/recalls/{}/notices/{organisation}", arguments.recall);
        return notice(&desk.get(&path)?, output);
    }
    let seen = desk.get(&format!("/recalls/{}", arguments.recall))?;
    if output.json {
        output.document(&seen);
        return Ok(ExitCode::SUCCESS);
    }
    facts(&seen, output);
    output.line("");
    output.line(&told(entries(&seen, "told")));
    output.next("`qiao recall acknowledge RECALL` takes note; `qiao recall report RECALL` adds up");
    Ok(ExitCode::SUCCESS)
}

fn facts(recall: &Value, output: &Output) {
    let things = entries(recall, "things");
    let first = things.first().and_then(Value::as_str).map(short).unwrap_or_default();
    let more = things.len().saturating_sub(1);
    let named = if more == 0 { first.to_owned() } else { format!("{first} and {more} more") };
    let mut facts = vec![
        ("recall", format!("{}, {}", count(recall, "recall"), state(recall))),
        ("declarer", party(recall, "declarer").to_owned()),
        ("level", text(recall, "level").to_owned()),
        ("reason", text(recall, "reason").replace('_', " ")),
        ("text", text(recall, "text").to_owned()),
        ("declared", time(count(recall, "declaredAt"))),
        ("deadline", time(count(recall, "deadline"))),
    ];
    if !things.is_empty() {
        facts.insert(1, ("things", named));
    }
    for (name, value) in facts {
        output.line(&format!("{name:<10} {value}"));
    }
}

fn told(notices: &[Value]) -> String {
    let row = |notice: &Value| {
        let at = notice.get("acknowledgedAt").and_then(Value::as_u64);
        vec![
            party(notice, "party").to_owned(),
            text(notice, "state").replace('_', " "),
            time(count(notice, "sentAt")),
            at.map_or("-".to_owned(), time),
            format!("{} of {}", count(notice, "answered"), count(notice, "lines")),
        ]
    };
    let rows: Vec<Vec<String>> = notices.iter().map(row).collect();
    table(&["TOLD", "STATE", "WHEN", "TOOK NOTE", "ANSWERED"], &rows)
}

fn notice(seen: &Value, output: &Output) -> Result<ExitCode, Failure> {
    if output.json {
        output.document(seen);
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&told(std::slice::from_ref(seen)));
    output.line("");
    let row = |line: &Value| {
        let mut row = vec![short(text(line, "thing")).to_owned()];
        row.extend(
            ["affected", "held", "returned", "destroyed", "sold"].map(|n| quantity(line, n)),
        );
        row
    };
    let rows: Vec<Vec<String>> = entries(seen, "things").iter().map(row).collect();
    output.line(&table(&["THING", "AFFECTED", "HELD", "RETURNED", "DESTROYED", "SOLD"], &rows));
    output.next(
        "`qiao recall answer RECALL --thing THING --destroyed NUMBER` says what became of one",
    );
    Ok(ExitCode::SUCCESS)
}

/// Reports.
pub fn report(arguments: &Report, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let path = format!("/recalls/{}/report", arguments.recall);
    if let Some(file) = &arguments.file {
        let kind = match file.extension().and_then(|extension| extension.to_str()) {
            Some(kind @ ("csv" | "xlsx")) => kind,
            _ => return Err(Failure::usage("the file's name ends with `.xlsx` or `.csv`")),
        };
        return save(output, file, &desk.file(&format!("{path}.{kind}"))?);
    }
    let report = desk.get(&path)?;
    if output.json {
        output.document(&report);
        return Ok(ExitCode::SUCCESS);
    }
    let recall = &report["recall"];
    facts(recall, output);
    let (told_to, acknowledged) = (count(recall, "notices"), count(recall, "acknowledged"));
    let (percent, overdue) = (count(&report, "acknowledgedPercent"), count(recall, "overdue"));
    let in_time = count(recall, "inTime");
    output.line(&format!("{:<10} {}", "as of", time(count(&report, "asOf"))));
    output.line(&format!(
        "{:<10} {acknowledged} of {told_to} ({percent} %), {in_time} in time, {overdue} overdue",
        "took note"
    ));
    output.line(&format!(
        "{:<10} {} of {} lines ({} %)",
        "answered",
        count(recall, "answered"),
        count(recall, "lines"),
        count(&report, "answeredPercent"),
    ));
    output.line("");
    let row = |total: &Value| {
        let mut row = vec![match text(total, "unit") {
            "" => "pieces".to_owned(),
            unit => unit.to_owned(),
        }];
        row.extend(
            ["affected", "held", "returned", "destroyed", "sold"]
                .map(|n| text(total, n).to_owned()),
        );
        row.push(format!("{} %", count(total, "accountedPercent")));
        row.push(format!("{} %", count(total, "recoveredPercent")));
        row
    };
    let rows: Vec<Vec<String>> = entries(&report, "totals").iter().map(row).collect();
    let heads =
        ["UNIT", "AFFECTED", "HELD", "RETURNED", "DESTROYED", "SOLD", "ACCOUNTED", "RECOVERED"];
    output.line(&table(&heads, &rows));
    output.line("");
    output.line(&told(entries(&report, "notices")));
    output.next("`qiao recall close RECALL --text TEXT` ends it and frees what is held");
    Ok(ExitCode::SUCCESS)
}
