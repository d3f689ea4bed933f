//! What providers charge, and what is paid of it.

use std::process::ExitCode;

use qiao_api::finance::words;
use serde_json::{Value, json};

use super::act::uetr;
use super::show::print;
use crate::desk::{DeskArguments, amount, count, done, list, money, party, shown, text, wrong};
use crate::failure::Failure;
use crate::output::{Output, table};

/// Publish what you charge for a service, before you charge it
#[derive(Debug, clap::Args)]
pub struct Tariff {
    /// For what: information, financing, guarantee or registration.
    service: String,
    /// So much for each part.
    #[arg(long, value_name = "DECIMAL")]
    flat: Option<String>,
    /// And so many per cent of what is owed on it.
    #[arg(long, value_name = "PERCENT", default_value = "0")]
    percent: String,
    /// In which currency.
    #[arg(long, value_name = "CODE", default_value = "CNY")]
    currency: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// List what everybody charges
#[derive(Debug, clap::Args)]
pub struct Tariffs {
    /// Of this provider only, by number.
    #[arg(long, value_name = "ORGANISATION")]
    provider: Option<u64>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Show what a part costs by the tariffs, and what of it was paid
#[derive(Debug, clap::Args)]
pub struct Fees {
    /// The part.
    part: u64,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Pay a fee for a part: what was published, if you agree to it
#[derive(Debug, clap::Args)]
pub struct PayFee {
    /// The part.
    part: u64,
    /// Who charges it, by number.
    #[arg(long, value_name = "ORGANISATION")]
    provider: u64,
    /// For what: information, financing, guarantee or registration.
    #[arg(long, value_name = "NAME")]
    service: String,
    /// What you agree to; another amount than the published one is refused.
    #[arg(long, value_name = "DECIMAL")]
    amount: String,
    /// Your account.
    #[arg(long, value_name = "ACCOUNT")]
    from: u64,
    /// The provider's account.
    #[arg(long, value_name = "ACCOUNT")]
    to: u64,
    /// The payment's UETR, a UUID; made anew if absent.
    #[arg(long, value_name = "UUID")]
    uetr: Option<String>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Show or set what the fees of a part may come to, as a regulator
#[derive(Debug, clap::Args)]
pub struct FeeLimit {
    /// The pack of rules by its name.
    #[arg(long, value_name = "NAME", default_value = "cn-2025-77")]
    pack: String,
    /// So many per cent of what is owed on the part.
    #[arg(long, value_name = "PERCENT")]
    percent: Option<String>,
    /// No limit.
    #[arg(long, conflicts_with = "percent")]
    none: bool,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Publishes a tariff.
pub fn tariff(arguments: &Tariff, output: &Output) -> Result<ExitCode, Failure> {
    let flat = match arguments.flat.as_deref().filter(|flat| !is_nothing(flat)) {
        Some(flat) => amount("flat", &arguments.currency, flat)?,
        None => 0,
    };
    let percent = words::read_per_cent("percent", &arguments.percent);
    let body = json!({
        "service": arguments.service,
        "currency": arguments.currency,
        "flat": flat,
        "basisPoints": percent.map_err(|error| wrong(&error))?,
    });
    let acted = arguments.desk.desk()?.put("/finance/tariffs", &body)?;
    let next = "who bears the cost runs `qiao finance pay-fee PART`, from the next block on";
    done(output, &acted, "published", next)
}

/// Zero in any spelling, which no amount is.
fn is_nothing(text: &str) -> bool {
    text.chars().any(|letter| letter == '0')
        && text.chars().all(|letter| matches!(letter, '0' | '.'))
}

/// Lists tariffs.
pub fn tariffs(arguments: &Tariffs, output: &Output) -> Result<ExitCode, Failure> {
    let provider = arguments.provider.map(|provider| format!("?provider={provider}"));
    let path = format!("/finance/tariffs{}", provider.unwrap_or_default());
    let found = arguments.desk.desk()?.get(&path)?;
    let heads = ["NUMBER", "PROVIDER", "SERVICE", "FOR EACH PART", "AND", "SINCE BLOCK"];
    let next = "`qiao finance fees PART` shows what a part costs";
    print(output, &found, &heads, published, "nobody charges anything", next)
}

fn published(one: &Value) -> Vec<String> {
    vec![
        count(&one["provider"], "organisation").to_string(),
        party(one, "provider").to_owned(),
        text(one, "service").to_owned(),
        shown(one, "flat"),
        format!("{} %", words::per_cent(count(one, "basisPoints"))),
        count(one, "block").to_string(),
    ]
}

/// Shows what a part costs.
pub fn fees(arguments: &Fees, output: &Output) -> Result<ExitCode, Failure> {
    let found = arguments.desk.desk()?.get(&format!("/finance/parts/{}/fees", arguments.part))?;
    if output.json {
        output.document(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let code = text(&found, "currency");
    let charged: Vec<Vec<String>> = list(&found["charged"])
        .iter()
        .map(|one| {
            let is_paid = one.get("isPaid").and_then(Value::as_bool) == Some(true);
            vec![
                count(&one["provider"], "organisation").to_string(),
                party(one, "provider").to_owned(),
                text(one, "service").to_owned(),
                money(count(one, "amount"), code),
                if is_paid { "paid" } else { "" }.to_owned(),
            ]
        })
        .collect();
    if charged.is_empty() {
        output.say("nobody charges anything for it");
    } else {
        output.line(&table(&["NUMBER", "PROVIDER", "SERVICE", "AMOUNT", "STATE"], &charged));
    }
    output.say(&format!("{} bears them", party(&found, "bearer")));
    if let Some(limit) = found.get("limit").and_then(Value::as_u64) {
        output.say(&format!("all together they may come to {}", money(limit, code)));
    }
    let paid: Vec<Vec<String>> = list(&found["paid"])
        .iter()
        .map(|one| {
            vec![
                party(one, "provider").to_owned(),
                text(one, "service").to_owned(),
                money(count(one, "amount"), code),
                party(one, "payer").to_owned(),
                text(one, "uetr").to_owned(),
            ]
        })
        .collect();
    if !paid.is_empty() {
        output.line("");
        output.line(&table(&["PAID TO", "SERVICE", "AMOUNT", "BY", "UETR"], &paid));
    }
    output.next("`qiao finance pay-fee PART --provider NUMBER --service NAME` pays one");
    Ok(ExitCode::SUCCESS)
}

/// Pays a fee.
pub fn pay_fee(arguments: &PayFee, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let body = json!({
        "provider": arguments.provider,
        "service": arguments.service,
        "amount": desk.amount_of_part(arguments.part, &arguments.amount)?,
        "uetr": uetr(arguments.uetr.as_deref()),
        "payer": arguments.from,
        "payee": arguments.to,
    });
    let acted = desk.post(&format!("/finance/parts/{}/fees", arguments.part), &body)?;
    done(output, &acted, "paid", "`qiao finance fees PART` shows what was paid")
}

/// Shows or sets a limit.
pub fn fee_limit(arguments: &FeeLimit, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let packs = desk.get("/finance/fee-limits")?;
    if arguments.percent.is_none() && !arguments.none {
        let next = "`qiao finance fee-limit --percent PERCENT` sets one";
        return print(output, &packs, &["PACK", "LIMIT"], limited, "no pack of rules", next);
    }
    let pack = list(&packs).iter().find(|one| text(one, "name") == arguments.pack);
    let pack = pack.ok_or_else(|| {
        let names: Vec<&str> = list(&packs).iter().map(|one| text(one, "name")).collect();
        Failure::usage(format!("there is no pack `{}`", arguments.pack))
            .with_hint(format!("there are {}", names.join(", ")))
    })?;
    let percent = arguments.percent.as_deref().map(|text| words::read_per_cent("percent", text));
    let percent = percent.transpose().map_err(|error| wrong(&error))?;
    let body = json!({ "pack": count(pack, "pack"), "basisPoints": percent });
    let acted = desk.put("/finance/fee-limits", &body)?;
    let what = if arguments.none { "the limit is lifted" } else { "the limit is set" };
    done(output, &acted, what, "`qiao finance fee-limit` shows the limits")
}

fn limited(one: &Value) -> Vec<String> {
    let limit = one.get("basisPoints").and_then(Value::as_u64);
    let limit = limit.map_or("none".to_owned(), |limit| format!("{} %", words::per_cent(limit)));
    vec![text(one, "name").to_owned(), limit]
}
