//! Checks, registrations and claims.

use std::path::PathBuf;
use std::process::ExitCode;

use qiao_modules::money::Currency;
use serde_json::{Value, json};

use super::sheet::{self, Row};
use crate::client::{Client, NodeArguments};
use crate::failure::Failure;
use crate::output::{Output, table};

/// Assets of one request.
const BATCH: usize = 1_000;

/// Assets of a file
#[derive(Debug, clap::Args)]
pub struct File {
    /// The assets, in CSV.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Use open keys, which members can guess, instead of private ones.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    node: NodeArguments,
}

/// Reserve amounts of the assets of a file, before they are financed
#[derive(Debug, clap::Args)]
pub struct Reserve {
    #[command(flatten)]
    file: File,
    /// Days that the reservations run.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=7))]
    days: u64,
}

/// Use a reservation: the asset is financed
#[derive(Debug, clap::Args)]
pub struct Take {
    /// The number of the claim.
    claim: u64,
    #[command(flatten)]
    node: NodeArguments,
}

/// Make an amount of a claim available again
#[derive(Debug, clap::Args)]
pub struct Release {
    /// The number of the claim.
    claim: u64,
    /// How much, in the minor unit; all of it where nothing is said.
    amount: Option<u64>,
    #[command(flatten)]
    node: NodeArguments,
}

/// Prints a light for each asset; refused (1) unless all are green.
pub fn check(arguments: &File, output: &Output) -> Result<ExitCode, Failure> {
    let rows = sheet::read(&arguments.file, "amount", false)?;
    let client = arguments.node.client()?;
    let mut checks = Vec::new();
    for chunk in rows.chunks(BATCH) {
        let assets: Vec<Value> = chunk.iter().map(wanted).collect();
        let body = json!({ "private": !arguments.open, "assets": assets }).to_string();
        let answer = client.post("/collateral/checks", &[], body.as_bytes())?.body;
        checks.extend(answer.get("checks").and_then(Value::as_array).cloned().unwrap_or_default());
    }
    let is_green = |check: &Value| text(check, "light") == "green";
    let all_green = checks.len() == rows.len() && checks.iter().all(is_green);
    if output.json {
        output.document(&checks);
    } else {
        let lines: Vec<Vec<String>> = rows
            .iter()
            .zip(&checks)
            .map(|(row, check)| {
                vec![
                    row.line.to_string(),
                    text(check, "light").to_owned(),
                    row.name(),
                    amount(check, "left"),
                    text(check, "reason").to_owned(),
                ]
            })
            .collect();
        output.line(&table(&["LINE", "LIGHT", "ASSET", "LEFT", "WHY"], &lines));
        let green = checks.iter().filter(|check| is_green(check)).count();
        output.say(&format!("{green} of {} can be financed as asked", rows.len()));
        output.next("`qiao collateral reserve FILE` keeps the amounts for you before you pay");
    }
    Ok(if all_green { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn wanted(row: &Row) -> Value {
    let mut wanted = json!({ "kind": row.kind, "identity": row.identity, "amount": row.amount });
    if !row.currency.is_empty() {
        wanted["currency"] = row.currency.as_str().into();
    }
    wanted
}

/// Registers the assets of a file with their values; the same again changes nothing.
pub fn register(arguments: &File, output: &Output) -> Result<ExitCode, Failure> {
    let rows = sheet::read(&arguments.file, "value", true)?;
    let client = arguments.node.client()?;
    let send = |row: &Row| {
        let body = json!({
            "private": !arguments.open,
            "asset": row.asset(),
            "value": row.amount,
            "currency": row.currency,
        });
        client.post("/collateral/assets", &[], body.to_string().as_bytes())
    };
    each(&rows, output, send, |done| {
        let is_new = done.get("isNew").and_then(Value::as_bool) == Some(true);
        if is_new { "registered".to_owned() } else { "was registered before".to_owned() }
    })
}

/// Reserves amounts of the assets of a file.
pub fn reserve(arguments: &Reserve, output: &Output) -> Result<ExitCode, Failure> {
    let rows = sheet::read(&arguments.file.file, "amount", true)?;
    let client = arguments.file.node.client()?;
    let send = |row: &Row| {
        let body = json!({
            "private": !arguments.file.open,
            "asset": row.asset(),
            "amount": row.amount,
            "currency": row.currency,
            "seconds": arguments.days * 86_400,
        });
        client.post("/collateral/claims", &[], body.to_string().as_bytes())
    };
    each(&rows, output, send, |done| format!("claim {}", text_of(done.get("claim"))))
}

/// Sends each row; what is refused does not keep the others from being sent.
fn each(
    rows: &[Row],
    output: &Output,
    send: impl Fn(&Row) -> Result<crate::client::Answer, Failure>,
    word: impl Fn(&Value) -> String,
) -> Result<ExitCode, Failure> {
    let (mut lines, mut documents, mut refused) = (Vec::new(), Vec::new(), 0);
    for row in rows {
        let said = match send(row) {
            Ok(answer) => {
                let said = word(&answer.body);
                documents.push(answer.body);
                said
            }
            Err(failure) => {
                let Some(detail) = failure.detail else { return Err(failure) };
                refused += 1;
                let said = format!("refused: {}", text(&detail, "detail"));
                documents.push(detail);
                said
            }
        };
        lines.push(vec![row.line.to_string(), row.name(), said]);
    }
    if output.json {
        output.document(&documents);
    } else {
        output.line(&table(&["LINE", "ASSET", "WHAT BECAME OF IT"], &lines));
        output.say(&format!("{} done, {refused} refused", rows.len() - refused));
        output.next("`qiao collateral take CLAIM` once you have paid");
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Uses a reservation.
pub fn take(arguments: &Take, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let path = format!("/collateral/claims/{}/take", arguments.claim);
    let done = client.post(&path, &[], b"{}")?.body;
    tell(output, &done, &format!("claim {} is used", arguments.claim))
}

/// Releases a claim.
pub fn release(arguments: &Release, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let amount = match arguments.amount {
        Some(amount) => amount,
        None => whole(&client, arguments.claim)?,
    };
    let path = format!("/collateral/claims/{}/release", arguments.claim);
    let body = json!({ "amount": amount }).to_string();
    let done = client.post(&path, &[], body.as_bytes())?.body;
    tell(output, &done, &format!("{amount} of claim {} are available again", arguments.claim))
}

fn whole(client: &Client, claim: u64) -> Result<u64, Failure> {
    let found = client.get(&format!("/collateral/claims/{claim}"))?;
    Ok(found.get("amount").and_then(Value::as_u64).unwrap_or_default())
}

fn tell(output: &Output, done: &Value, words: &str) -> Result<ExitCode, Failure> {
    if output.json {
        output.document(done);
    } else {
        output.line(&format!("{words}, final in block {}", text_of(done.get("block"))));
        output.next("`qiao collateral check FILE` shows what is left");
    }
    Ok(ExitCode::SUCCESS)
}

/// An amount of the minor unit as a decimal number.
fn amount(check: &Value, name: &str) -> String {
    let units = check.get(name).and_then(Value::as_u64);
    let currency = Currency::from_code(text(check, "currency"));
    match (units, currency) {
        (Some(units), Some(currency)) => currency.decimal(units),
        _ => "–".to_owned(),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn text_of(value: Option<&Value>) -> String {
    value.map_or_else(|| "–".to_owned(), Value::to_string)
}
