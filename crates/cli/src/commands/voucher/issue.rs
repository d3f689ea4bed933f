//! From payables to vouchers.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::commands::event_hash::read;
use crate::desk::{DeskArguments, amount, count, done, list, money, party, save, text};
use crate::failure::Failure;
use crate::output::{Output, table};

/// Issue one voucher against contract, invoice and delivery
///
/// A document is `NUMBER,VALUE,FILE`: its number as printed, the value that it proves, and the file,
/// whose SHA-256 goes to the chain; the file itself does not leave this machine.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// To whom, by number.
    #[arg(long, value_name = "ORGANISATION")]
    to: u64,
    /// How much.
    #[arg(long, value_name = "DECIMAL")]
    amount: String,
    /// In which currency.
    #[arg(long, value_name = "CODE", default_value = "CNY")]
    currency: String,
    /// When it is to be paid.
    #[arg(long, value_name = "YYYY-MM-DD")]
    due: String,
    /// The contract.
    #[arg(long, value_name = "NUMBER,VALUE,FILE")]
    contract: String,
    /// The invoice.
    #[arg(long, value_name = "NUMBER,VALUE,FILE")]
    invoice: String,
    /// The proof of delivery.
    #[arg(long, value_name = "NUMBER,VALUE,FILE")]
    delivery: String,
    /// Whether who finances it may fall back on who sold it.
    #[arg(long)]
    recourse: bool,
    /// Whether you bear the interest of a financing, and not who holds it.
    #[arg(long)]
    issuer_bears_interest: bool,
    /// Why it runs longer than is usual.
    #[arg(long, value_name = "TEXT", default_value = "")]
    tenor_reason: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Issue a voucher for every row of a table of payables (XLSX or CSV)
#[derive(Debug, clap::Args)]
pub struct ImportArguments {
    /// The table; `qiao voucher template` writes one to fill in.
    file: PathBuf,
    /// Only check it.
    #[arg(long)]
    dry_run: bool,
    /// Sign the rows without a problem although others have one.
    #[arg(long)]
    partial: bool,
    /// Write the rows that have a problem to this file (CSV).
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Write a table of payables to fill in (XLSX)
#[derive(Debug, clap::Args)]
pub struct TemplateArguments {
    /// The file.
    file: PathBuf,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Issues one voucher.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let document = |field: &str, text: &str| document(field, text, &arguments.currency);
    let body = json!({
        "creditor": arguments.to,
        "amount": amount("amount", &arguments.currency, &arguments.amount)?,
        "currency": arguments.currency,
        "due": arguments.due,
        "recourse": arguments.recourse,
        "interestBearer": if arguments.issuer_bears_interest { "issuer" } else { "holder" },
        "tenorReason": arguments.tenor_reason,
        "contract": document("contract", &arguments.contract)?,
        "invoice": document("invoice", &arguments.invoice)?,
        "delivery": document("delivery", &arguments.delivery)?,
    });
    let acted = arguments.desk.desk()?.post("/finance/vouchers", &body)?;
    done(output, &acted, "issued", "its creditor runs `qiao voucher accept NUMBER`")
}

fn document(field: &str, given: &str, currency: &str) -> Result<Value, Failure> {
    let usage = || {
        Failure::usage(format!("`--{field} {given}` is not a number, a value and a file"))
            .with_hint("such as `--invoice INV-40127,125000.00,invoice.pdf`")
    };
    let (rest, file) = given.rsplit_once(',').ok_or_else(usage)?;
    let (number, value) = rest.rsplit_once(',').ok_or_else(usage)?;
    let bytes = read(std::path::Path::new(file))?;
    let hash = qiao_api::finance::papers::sha256(&bytes);
    Ok(json!({ "number": number, "value": amount(field, currency, value)?, "sha256": hash }))
}

/// Writes a table to fill in.
pub fn template(arguments: &TemplateArguments, output: &Output) -> Result<ExitCode, Failure> {
    let sheet = qiao_api::finance::payables::template();
    let code = save(output, &arguments.file, &sheet.to_xlsx())?;
    output.next("`qiao voucher import FILE --dry-run` checks it");
    Ok(code)
}

/// Checks and signs a table.
pub fn import(arguments: &ImportArguments, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let bytes = read(&arguments.file)?;
    if let Some(errors) = &arguments.errors {
        let (_, text) = desk.upload("/finance/payables?dryRun=true&format=csv", &bytes)?;
        let text = text.as_str().unwrap_or_default();
        std::fs::write(errors, text)
            .map_err(|cause| Failure::environment(format!("`{}`: {cause}", errors.display())))?;
    }
    let path =
        format!("/finance/payables?dryRun={}&partial={}", arguments.dry_run, arguments.partial);
    let (status, report) = desk.upload(&path, &bytes)?;
    if output.json {
        output.document(&report);
    } else {
        tell(&report, output);
    }
    let (rows, ready) = (count(&report, "rows"), count(&report, "ready"));
    if status == 409 {
        return Err(Failure::refused(format!("{} of {rows} rows have a problem", rows - ready))
            .with_hint(
                "nothing was signed; `--partial` signs the others, `--errors FILE` keeps these",
            ));
    }
    let failed = list(&report["signed"]).iter().filter(|row| row.get("problem").is_some()).count();
    if failed > 0 {
        return Err(Failure::refused(format!("{failed} rows were refused when they were signed")));
    }
    output.next(if arguments.dry_run {
        "run it without `--dry-run` to sign"
    } else {
        "`qiao voucher list` shows them; their creditors accept them"
    });
    Ok(ExitCode::SUCCESS)
}

fn tell(report: &Value, output: &Output) {
    let signed = list(&report["signed"]);
    let rows: Vec<Vec<String>> = list(&report["checked"])
        .iter()
        .map(|row| {
            let line = count(row, "line");
            let one = signed.iter().find(|one| count(one, "line") == line);
            let problems: Vec<String> = list(&row["problems"])
                .iter()
                .chain(one.and_then(|one| one.get("problem")))
                .map(|one| {
                    let place = text(one, "column");
                    let place = if place.is_empty() { String::new() } else { format!("{place} ") };
                    format!("{place}{} ({})", text(one, "rule"), text(one, "code"))
                })
                .collect();
            let state = match one.and_then(|one| one.get("voucher")).and_then(Value::as_u64) {
                Some(voucher) => format!("voucher {voucher}"),
                None if problems.is_empty() => "ready".to_owned(),
                None => problems.join("; "),
            };
            vec![
                line.to_string(),
                party(row, "supplier").to_owned(),
                money(count(row, "amount"), text(row, "currency")),
                text(row, "due").to_owned(),
                state,
            ]
        })
        .collect();
    output.line(&table(&["LINE", "SUPPLIER", "AMOUNT", "DUE", "STATE"], &rows));
    for total in list(&report["totals"]) {
        let sum = money(count(total, "amount"), text(total, "currency"));
        output.say(&format!("{} of {} rows, {sum}", count(report, "ready"), count(report, "rows")));
    }
}
