//! `qiao payments`: messages of ISO 20022 in and out, statements, and where a payment is.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use qiao_modules::money::Currency;
use serde_json::Value;

use crate::client::{Client, NodeArguments, escape};
use crate::failure::Failure;
use crate::output::{Output, number, table};

/// Pay from files, print statements, and follow payments
///
/// Messages are those of ISO 20022. Accounts stand in them under their numbers on the chain, in
/// `Othr/Id`. The same message again does nothing again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  qiao payments import payroll.pain001.xml\n  \
    qiao payments import payroll.pain001.xml --report > payroll.pain002.xml\n  \
    qiao payments statement 7 --from 2026-11-01 --to 2026-11-30 > november.camt053.xml\n  \
    qiao payments notification 7 > today.camt054.xml\n  \
    qiao payments interbank --from 2026-11-30 > to-banks.pacs008.xml\n  \
    qiao payments track 97ed4827-7b6f-4491-a06f-b548d5a7512d")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Import(Import),
    /// Print the statement of an account, with its balances (camt.053)
    Statement(Report),
    /// Print the debits and credits of an account (camt.054)
    Notification(Report),
    Interbank(Interbank),
    Track(Track),
}

/// Carry out a pain.001 (pay) or a pacs.008 (receive from outside)
#[derive(Debug, clap::Args)]
pub struct Import {
    /// The message.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print what became of it as pain.002.
    #[arg(long)]
    report: bool,
    #[command(flatten)]
    node: NodeArguments,
}

/// An account and some days
#[derive(Debug, clap::Args)]
pub struct Report {
    /// The number of the account.
    account: u64,
    #[command(flatten)]
    days: Days,
    #[command(flatten)]
    node: NodeArguments,
}

/// Print what this bank's customers paid to customers of other banks, as pacs.008
#[derive(Debug, clap::Args)]
pub struct Interbank {
    #[command(flatten)]
    days: Days,
    #[command(flatten)]
    node: NodeArguments,
}

#[derive(Debug, clap::Args)]
struct Days {
    /// The first day, in UTC; today where nothing is said.
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<String>,
    /// The last day; the first where nothing is said.
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<String>,
}

/// Say where a payment is
#[derive(Debug, clap::Args)]
pub struct Track {
    /// Its UETR.
    uetr: String,
    #[command(flatten)]
    node: NodeArguments,
}

/// Does what was asked.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Import(arguments) => import(arguments, output),
        Action::Statement(arguments) => report(arguments, "statement", output),
        Action::Notification(arguments) => report(arguments, "notification", output),
        Action::Interbank(arguments) => {
            let client = arguments.node.client()?;
            print(&client, &format!("/payments/interbank{}", arguments.days.query()), output)
        }
        Action::Track(arguments) => track(arguments, output),
    }
}

impl Days {
    fn query(&self) -> String {
        let named = [("from", &self.from), ("to", &self.to)];
        let given: Vec<String> = named
            .iter()
            .filter_map(|(name, day)| Some(format!("{name}={}", escape(day.as_ref()?))))
            .collect();
        if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) }
    }
}

fn import(arguments: &Import, output: &Output) -> Result<ExitCode, Failure> {
    let path = &arguments.file;
    let bytes = fs::read(path).map_err(|error| {
        Failure::environment(format!("`{}` cannot be read: {error}", path.display()))
    })?;
    if !bytes.trim_ascii_start().starts_with(b"<") && !bytes.starts_with(b"\xef\xbb\xbf<") {
        let message = format!("`{}` is no XML", path.display());
        return Err(Failure::refused(message).with_hint("a message of ISO 20022 is expected"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let client = arguments.node.client()?;
    if arguments.report {
        let report = client.post("/payments/messages?format=pain.002", &[], bytes)?.body;
        let is_refused = report.as_str().is_some_and(|text| text.contains("<TxSts>RJCT"));
        match report {
            Value::String(report) if !output.json => output.line(report.trim_end()),
            other => output.document(&other),
        }
        return Ok(ExitCode::from(u8::from(is_refused)));
    }
    let done = client.post("/payments/messages", &[], bytes)?.body;
    let payments = done.get("payments").and_then(Value::as_array).cloned().unwrap_or_default();
    let refused = payments.iter().filter(|one| text(one, "state") == "refused").count();
    if output.json {
        output.document(&done);
    } else {
        let row = |one: &Value| {
            ["endToEndId", "uetr", "state", "reason"]
                .map(|name| text(one, name).to_owned())
                .to_vec()
        };
        let rows: Vec<Vec<String>> = payments.iter().map(row).collect();
        output.line(&table(&["END-TO-END ID", "UETR", "STATE", "WHY"], &rows));
        output.say(&format!("{} payments, {refused} refused", payments.len()));
        output.next("`qiao payments track UETR`; the same file again makes only what was refused");
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn report(arguments: &Report, kind: &str, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let query = arguments.days.query();
    print(&client, &format!("/payments/accounts/{}/{kind}{query}", arguments.account), output)
}

/// Prints a message as it is.
fn print(client: &Client, path: &str, output: &Output) -> Result<ExitCode, Failure> {
    match client.get(path)? {
        Value::String(message) if !output.json => output.line(message.trim_end()),
        other => output.document(&other),
    }
    Ok(ExitCode::SUCCESS)
}

fn track(arguments: &Track, output: &Output) -> Result<ExitCode, Failure> {
    let client = arguments.node.client()?;
    let found = client.get(&format!("/payments/track/{}", escape(&arguments.uetr)))?;
    if output.json {
        output.document(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let units = |name: &str| found.get(name).and_then(Value::as_u64);
    let code = text(&found, "currency");
    let amount = units("amount").unwrap_or_default();
    let amount = Currency::from_code(code)
        .map_or_else(|| amount.to_string(), |currency| currency.decimal(amount));
    let payer = units("payer").map_or_else(|| "outside".to_owned(), |one| format!("account {one}"));
    let payee = units("payee").unwrap_or_default();
    output.line(&format!("{code} {amount} from {payer} to account {payee}"));
    let at = text(&found, "settledAt");
    let block = number(units("block").unwrap_or_default());
    output.line(&format!("settled at {at}, in block {block}"));
    for (name, words) in [("endToEndId", "end-to-end id"), ("remittance", "for")] {
        if !text(&found, name).is_empty() {
            output.line(&format!("{words}: {}", text(&found, name)));
        }
    }
    let transaction = text(&found, "transaction");
    output.next(&format!("`qiao prove transaction {transaction}` proves it to others"));
    Ok(ExitCode::SUCCESS)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
