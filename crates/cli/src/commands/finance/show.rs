//! How lines, requests, offers, loans, accounts and exposures stand.

use std::process::ExitCode;

use serde_json::Value;

use crate::client::{NodeArguments, escape};
use crate::desk::{DeskArguments, count, list, money, party, shown, text};
use crate::failure::Failure;
use crate::output::{Output, table};

/// List the organisations for which this node asks and signs
#[derive(Debug, clap::Args)]
pub struct DesksArguments {
    #[command(flatten)]
    node: NodeArguments,
}

/// Declares a list without further arguments.
macro_rules! lists {
    ($($(#[doc = $doc:literal])+ $name:ident $run:ident $path:literal $heads:expr, $row:ident, $none:literal, $next:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, clap::Args)]
        pub struct $name {
            #[command(flatten)]
            desk: DeskArguments,
        }

        /// Lists them.
        pub fn $run(arguments: &$name, output: &Output) -> Result<ExitCode, Failure> {
            let found = arguments.desk.desk()?.get($path)?;
            print(output, &found, &$heads, $row, $none, $next)
        }
    )+};
    // With the side of which the list is.
    (sided $($(#[doc = $doc:literal])+ $name:ident $run:ident $path:literal $sides:literal $heads:expr, $row:ident, $none:literal, $next:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, clap::Args)]
        pub struct $name {
            #[doc = $sides]
            #[arg(long, value_name = "SIDE")]
            side: Option<String>,
            #[command(flatten)]
            desk: DeskArguments,
        }

        /// Lists them.
        pub fn $run(arguments: &$name, output: &Output) -> Result<ExitCode, Failure> {
            let side = arguments.side.as_deref().map(|side| format!("?side={}", escape(side)));
            let path = format!("{}{}", $path, side.unwrap_or_default());
            let found = arguments.desk.desk()?.get(&path)?;
            print(output, &found, &$heads, $row, $none, $next)
        }
    )+};
}

lists! {
    /// List the credit lines that you set, and what is left of them
    LinesArguments lines "/finance/lines"
        ["ISSUER", "LIMIT", "DRAWN", "LEFT"], line, "no line is set",
        "`qiao finance line --issuer NUMBER --limit DECIMAL` sets one";
    /// List loans in which you are bank or borrower, the newest first
    LoansArguments loans "/finance/loans"
        ["LOAN", "BORROWER", "BANK", "LENT", "LEFT", "INTEREST", "RATE", "MATURITY", "STATE"],
        loan, "no loan", "`qiao finance repay LOAN` pays on one";
}

lists! { sided
    /// List requests for bids, the newest first
    RequestsArguments requests "/finance/requests"
        "Yours as `seller` (if absent), or those for which you may bid as `buyer`."
        ["REQUEST", "PART", "SELLER", "ISSUER", "AMOUNT", "DUE", "BIDS", "BEST", "STATE"],
        request, "nobody asks", "`qiao finance quote REQUEST --rate PERCENT` bids";
    /// List offers to one buyer each that are open
    OffersArguments offers "/finance/offers"
        "Yours as `seller` (if absent), or those to you as `buyer`."
        ["PART", "SELLER", "BUYER", "AMOUNT", "PRICE", "DUE", "STATE"],
        offer, "no offer is open", "`qiao voucher accept-offer PART` accepts one";
    /// List parts that were sold before their day, the newest first
    FinancingsArguments financings "/finance/financings"
        "What you sold as `seller` (if absent), or bought as `buyer`."
        ["FINANCING", "PART", "SELLER", "BUYER", "AMOUNT", "PRICE", "LEFT", "DUE", "STATE"],
        financing, "nothing was financed", "`qiao voucher show PART` tells the way to a part";
    /// List accounts of money
    AccountsArguments accounts "/finance/accounts"
        "Those that you own as `owner` (if absent), or keep as `bank`."
        ["ACCOUNT", "OWNER", "BANK", "BALANCE", "STATE"],
        account, "no account", "`qiao finance pay` pays from one";
}

/// Show what issuers owe, or one of them by tier, tenor and holder
///
/// All issuers for a regulator, else your own.
#[derive(Debug, clap::Args)]
pub struct ExposureArguments {
    /// The issuer to break down, by number.
    issuer: Option<u64>,
    /// In which currency.
    #[arg(long, value_name = "CODE", default_value = "CNY")]
    currency: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Lists desks.
pub fn desks(arguments: &DesksArguments, output: &Output) -> Result<ExitCode, Failure> {
    let found = arguments.node.client()?.get("/finance/desks")?;
    let heads = ["ORGANISATION", "NAME", "ROLES", "ACCOUNT"];
    print(output, &found, &heads, desk, "no desk", "`--as ORGANISATION` speaks for one")
}

/// Shows exposures.
pub fn exposure(arguments: &ExposureArguments, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let Some(issuer) = arguments.issuer else {
        let found = desk.get("/finance/exposures")?;
        let heads = ["NUMBER", "ISSUER", "OWED", "LIMIT", "LEFT", "OVERDUE"];
        let next = "`qiao finance exposure NUMBER` breaks one down";
        return print(output, &found, &heads, owed, "nobody owes anything", next);
    };
    let currency = escape(&arguments.currency);
    let found = desk.get(&format!("/finance/exposures/{issuer}?currency={currency}"))?;
    if output.json {
        output.document(&found);
        return Ok(ExitCode::SUCCESS);
    }
    for (name, head) in [("tiers", "TIER"), ("tenors", "DUE IN"), ("holders", "HOLDER")] {
        let rows: Vec<Vec<String>> = list(&found[name])
            .iter()
            .map(|one| {
                let amount = money(count(one, "amount"), &arguments.currency);
                vec![text(one, "name").to_owned(), amount, count(one, "count").to_string()]
            })
            .collect();
        output.line(&table(&[head, "AMOUNT", "PARTS"], &rows));
        output.line("");
    }
    output.next("`qiao voucher list --side all` lists every voucher");
    Ok(ExitCode::SUCCESS)
}

/// Prints a list as a table, or as it is.
pub fn print(
    output: &Output,
    found: &Value,
    heads: &[&str],
    row: fn(&Value) -> Vec<String>,
    none: &str,
    next: &str,
) -> Result<ExitCode, Failure> {
    if output.json {
        output.document(found);
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = list(found).iter().map(row).collect();
    if rows.is_empty() {
        output.say(none);
    } else {
        output.line(&table(heads, &rows));
    }
    output.next(next);
    Ok(ExitCode::SUCCESS)
}

fn flag(one: &Value, name: &str) -> bool {
    one.get(name).and_then(Value::as_bool) == Some(true)
}

fn desk(one: &Value) -> Vec<String> {
    let roles = [("own", "own"), ("signer", "signer"), ("regulator", "regulator")];
    let roles: Vec<&str> =
        roles.into_iter().filter(|(name, _)| flag(one, name)).map(|(_, word)| word).collect();
    vec![
        count(one, "organisation").to_string(),
        text(one, "name").to_owned(),
        roles.join(", "),
        text(one, "account").to_owned(),
    ]
}

fn line(one: &Value) -> Vec<String> {
    vec![
        party(one, "issuer").to_owned(),
        shown(one, "limit"),
        shown(one, "drawn"),
        shown(one, "left"),
    ]
}

fn request(one: &Value) -> Vec<String> {
    let part = &one["part"];
    let code = text(part, "currency");
    let best = one.get("best").map_or("-".to_owned(), |best| {
        let rate = best.get("yearlyCost").and_then(Value::as_str);
        let rate = rate.map_or(String::new(), |rate| format!(" ({rate} % a year in all)"));
        format!("{} {}{rate}", money(count(best, "price"), code), party(best, "bank"))
    });
    vec![
        count(one, "request").to_string(),
        count(part, "part").to_string(),
        party(one, "seller").to_owned(),
        party(part, "issuer").to_owned(),
        money(count(one, "amount"), code),
        text(part, "due").to_owned(),
        count(one, "bidCount").to_string(),
        best,
        text(one, "state").to_owned(),
    ]
}

fn offer(one: &Value) -> Vec<String> {
    let part = &one["part"];
    let state = if flag(one, "accepted") { "accepted" } else { "offered" };
    vec![
        count(part, "part").to_string(),
        party(one, "seller").to_owned(),
        party(one, "buyer").to_owned(),
        shown(part, "amount"),
        money(count(one, "price"), text(part, "currency")),
        text(part, "due").to_owned(),
        state.to_owned(),
    ]
}

fn financing(one: &Value) -> Vec<String> {
    let part = &one["part"];
    let code = text(part, "currency");
    vec![
        count(one, "financing").to_string(),
        count(part, "part").to_string(),
        party(one, "seller").to_owned(),
        party(one, "buyer").to_owned(),
        money(count(one, "amount"), code),
        money(count(one, "price"), code),
        money(count(one, "left"), code),
        text(part, "due").to_owned(),
        text(one, "state").to_owned(),
    ]
}

fn loan(one: &Value) -> Vec<String> {
    vec![
        count(one, "loan").to_string(),
        party(one, "borrower").to_owned(),
        party(one, "bank").to_owned(),
        shown(one, "lent"),
        shown(one, "principal"),
        shown(one, "interest"),
        format!("{} %", text(one, "rate")),
        text(one, "maturity").to_owned(),
        text(one, "state").to_owned(),
    ]
}

fn account(one: &Value) -> Vec<String> {
    vec![
        count(one, "account").to_string(),
        party(one, "owner").to_owned(),
        party(one, "bank").to_owned(),
        shown(one, "balance"),
        text(one, "state").to_owned(),
    ]
}

fn owed(one: &Value) -> Vec<String> {
    vec![
        one.pointer("/issuer/organisation").and_then(Value::as_u64).unwrap_or_default().to_string(),
        party(one, "issuer").to_owned(),
        shown(one, "outstanding"),
        shown(one, "limit"),
        shown(one, "left"),
        count(one, "overdueVouchers").to_string(),
    ]
}
