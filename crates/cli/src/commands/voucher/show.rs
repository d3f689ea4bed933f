//! How vouchers and parts stand.

use std::process::ExitCode;

use serde_json::Value;

use crate::client::escape;
use crate::desk::{DeskArguments, count, list as entries, money, party, shown, text};
use crate::failure::Failure;
use crate::output::{Output, table};

/// List vouchers, the newest first
#[derive(Debug, clap::Args)]
pub struct ListArguments {
    /// Whose: `issued` by you, `received` by you, or `all`, which a regulator may ask.
    #[arg(long, value_name = "SIDE", default_value = "issued")]
    side: String,
    /// Due on this day or later.
    #[arg(long, value_name = "YYYY-MM-DD")]
    due_from: Option<String>,
    /// Due on this day or earlier.
    #[arg(long, value_name = "YYYY-MM-DD")]
    due_to: Option<String>,
    /// How many.
    #[arg(long, value_name = "NUMBER", default_value_t = 30)]
    limit: u32,
    #[command(flatten)]
    desk: DeskArguments,
}

/// List the parts that you hold, by the day on which they are due
#[derive(Debug, clap::Args)]
pub struct WalletArguments {
    #[command(flatten)]
    desk: DeskArguments,
}

/// Show a part, its voucher and the way to it
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The part; a voucher has the number of its first part.
    part: u64,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Lists vouchers.
pub fn list(arguments: &ListArguments, output: &Output) -> Result<ExitCode, Failure> {
    let mut path =
        format!("/finance/vouchers?side={}&perPage={}", escape(&arguments.side), arguments.limit);
    for (name, day) in [("dueFrom", &arguments.due_from), ("dueTo", &arguments.due_to)] {
        if let Some(day) = day {
            path.push_str(&format!("&{name}={}", escape(day)));
        }
    }
    let shown = arguments.desk.desk()?.get(&path)?;
    if output.json {
        output.document(&shown);
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = entries(&shown).iter().map(voucher).collect();
    if rows.is_empty() {
        output.say("no voucher");
        output.next("`qiao voucher template FILE` writes a table of payables to fill in");
        return Ok(ExitCode::SUCCESS);
    }
    let heads = ["VOUCHER", "ISSUER", "CREDITOR", "AMOUNT", "OWED", "DUE", "STATE"];
    output.line(&table(&heads, &rows));
    output.next("`qiao voucher show NUMBER` tells more");
    Ok(ExitCode::SUCCESS)
}

fn voucher(one: &Value) -> Vec<String> {
    vec![
        count(one, "voucher").to_string(),
        party(one, "issuer").to_owned(),
        party(one, "creditor").to_owned(),
        shown(one, "amount"),
        shown(one, "outstanding"),
        text(one, "due").to_owned(),
        text(one, "state").to_owned(),
    ]
}

/// Lists what is held.
pub fn wallet(arguments: &WalletArguments, output: &Output) -> Result<ExitCode, Failure> {
    let held = arguments.desk.desk()?.get("/finance/parts")?;
    if output.json {
        output.document(&held);
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = entries(&held).iter().map(part).collect();
    if rows.is_empty() {
        output.say("nothing is held");
        output.next("`qiao voucher list --side received` shows what was offered to you");
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&table(&["PART", "VOUCHER", "OWED BY", "AMOUNT", "DUE", "STATE", "FOR"], &rows));
    output.next(
        "`qiao voucher pass PART --to NUMBER` pays, `qiao finance request PART` asks for bids",
    );
    Ok(ExitCode::SUCCESS)
}

fn part(one: &Value) -> Vec<String> {
    let frozen = one.get("frozen").and_then(Value::as_bool) == Some(true);
    let state = if frozen { "frozen" } else { text(one, "state") };
    vec![
        count(one, "part").to_string(),
        count(one, "voucher").to_string(),
        party(one, "issuer").to_owned(),
        shown(one, "amount"),
        text(one, "due").to_owned(),
        state.to_owned(),
        party(one, "beneficiary").to_owned(),
    ]
}

/// Shows one part.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let seen = arguments.desk.desk()?.get(&format!("/finance/parts/{}", arguments.part))?;
    if output.json {
        output.document(&seen);
        return Ok(ExitCode::SUCCESS);
    }
    let (part, voucher) = (&seen["part"], &seen["voucher"]);
    let facts = [
        ("part", format!("{} of voucher {}", count(part, "part"), count(part, "voucher"))),
        ("holder", format!("{}, tier {}", party(part, "holder"), count(&seen, "tier"))),
        ("amount", shown(part, "amount")),
        ("state", text(part, "state").to_owned()),
        ("owed by", party(voucher, "issuer").to_owned()),
        ("guarantor", party(voucher, "guarantor").to_owned()),
        ("due", text(part, "due").to_owned()),
        ("voucher", format!("{}, {}", shown(voucher, "amount"), text(voucher, "state"))),
    ];
    for (name, value) in facts {
        output.line(&format!("{name:<10} {value}"));
    }
    let code = text(part, "currency");
    let rows: Vec<Vec<String>> =
        entries(&seen["history"]).iter().map(|one| happening(one, code)).collect();
    output.line("");
    output.line(&table(&["BLOCK", "WHAT", "PART", "FROM", "TO", "AMOUNT"], &rows));
    output.next("`qiao voucher certificate PART FILE` writes it down as PDF");
    Ok(ExitCode::SUCCESS)
}

fn happening(one: &Value, code: &str) -> Vec<String> {
    let amount = one.get("price").or_else(|| one.get("amount")).and_then(Value::as_u64);
    vec![
        count(one, "block").to_string(),
        text(one, "what").replace('_', " "),
        count(one, "part").to_string(),
        party(one, "from").to_owned(),
        party(one, "to").to_owned(),
        amount.map_or("-".to_owned(), |amount| money(amount, code)),
    ]
}
