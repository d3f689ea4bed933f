//! What banks, holders and regulators do.

use std::process::ExitCode;

use qiao_api::finance::words;
use serde_json::{Value, json};

use crate::desk::{Desk, DeskArguments, amount, done, text, wrong};
use crate::failure::Failure;
use crate::output::Output;

/// Declares a command with a number, and no more than that.
macro_rules! plain {
    ($($(#[doc = $doc:literal])+ $name:ident $run:ident $folder:literal $verb:literal $done:literal $next:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, clap::Args)]
        pub struct $name {
            /// Its number.
            number: u64,
            #[command(flatten)]
            desk: DeskArguments,
        }

        /// Sends it.
        pub fn $run(arguments: &$name, output: &Output) -> Result<ExitCode, Failure> {
            let path = format!("/finance/{}/{}/{}", $folder, arguments.number, $verb);
            let acted = arguments.desk.desk()?.post(&path, &json!({}))?;
            done(output, &acted, $done, $next)
        }
    )+};
}

plain! {
    /// Offer the part of a request to its best bidder
    Award award "requests" "award" "awarded" "the bank runs `qiao voucher accept-offer PART`";
    /// Take a request back
    Lapse lapse "requests" "lapse" "taken back" "`qiao finance request PART` asks again";
    /// Give back to a line what is repaid of an awarded part
    ReleaseLine release_line "requests" "release-line" "released" "`qiao finance lines` shows what is left";
    /// Return a financed part to its seller, who paid it back outside of the chain
    BuyBack buy_back "financings" "buy-back" "returned" "`qiao finance financings` shows how financings stand";
    /// Decline a loan, or withdraw what was asked
    RefuseLoan refuse_loan "loans" "refuse" "refused" "`qiao finance loans` shows how loans stand";
}

/// Say what you would finance of an issuer's debts
#[derive(Debug, clap::Args)]
pub struct Line {
    /// Whose debts, by number.
    #[arg(long, value_name = "ORGANISATION")]
    issuer: u64,
    /// How much.
    #[arg(long, value_name = "DECIMAL")]
    limit: String,
    /// In which currency.
    #[arg(long, value_name = "CODE", default_value = "CNY")]
    currency: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Ask banks to bid for a part
#[derive(Debug, clap::Args)]
pub struct Request {
    /// The part.
    part: u64,
    /// Hours for bids.
    #[arg(long, value_name = "NUMBER", default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=720))]
    hours: u64,
    /// Bids are hashes first, and are shown in as many hours again.
    #[arg(long)]
    sealed: bool,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Bid for a part: a price, or a yearly rate
#[derive(Debug, clap::Args)]
pub struct Quote {
    /// The request.
    request: u64,
    #[command(flatten)]
    bid: Bid,
    #[command(flatten)]
    desk: DeskArguments,
}

/// What is bid.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Bid {
    /// What you would pay.
    #[arg(long, value_name = "DECIMAL")]
    price: Option<String>,
    /// The yearly rate of simple discount in per cent (actual days over 365).
    #[arg(long, value_name = "PERCENT")]
    rate: Option<String>,
}

impl Bid {
    /// The price for a part, in the minor unit.
    pub fn price(&self, part: &Value) -> Result<u64, Failure> {
        if let Some(decimal) = &self.price {
            return amount("price", text(part, "currency"), decimal);
        }
        let rate = words::read_rate("rate", self.rate.as_deref().unwrap_or_default());
        let rate = rate.map_err(|error| wrong(&error))?;
        let due = words::read_day("due", text(part, "due")).map_err(|error| wrong(&error))?;
        let owed = part.get("amount").and_then(Value::as_u64).unwrap_or_default();
        let today = jiff::Timestamp::now().as_millisecond();
        Ok(words::discounted(owed, rate, u64::try_from(today).unwrap_or_default(), due))
    }
}

/// Ask a bank for a loan against a part that is pledged to it
#[derive(Debug, clap::Args)]
pub struct AskLoan {
    /// The pledged part.
    part: u64,
    /// The bank, by number.
    #[arg(long, value_name = "ORGANISATION")]
    bank: u64,
    /// How much.
    #[arg(long, value_name = "DECIMAL")]
    principal: String,
    /// The yearly rate in per cent.
    #[arg(long, value_name = "PERCENT")]
    rate: String,
    /// When it is to be paid back.
    #[arg(long, value_name = "YYYY-MM-DD")]
    maturity: String,
    /// How days are counted: A365, A360, 30E360 or AA.
    #[arg(long, value_name = "NAME", default_value = "A365")]
    day_count: String,
    /// Months between two dates of interest, and of repayment where there are several; 0 for interest at
    /// the end.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    interest_months: u32,
    /// How it is paid back: at_maturity, equal_parts or equal_instalments.
    #[arg(long, value_name = "HOW", default_value = "at_maturity")]
    repayment: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Pay a loan out
#[derive(Debug, clap::Args)]
pub struct Disburse {
    /// The loan.
    loan: u64,
    /// Your account.
    #[arg(long, value_name = "ACCOUNT")]
    from: u64,
    /// The borrower's account.
    #[arg(long, value_name = "ACCOUNT")]
    to: u64,
    /// The payment's UETR, a UUID; made anew if absent.
    #[arg(long, value_name = "UUID")]
    uetr: Option<String>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Pay on a loan: interest first, then principal
#[derive(Debug, clap::Args)]
pub struct Repay {
    /// The loan.
    loan: u64,
    /// How much.
    #[arg(long, value_name = "DECIMAL")]
    amount: String,
    /// Your account.
    #[arg(long, value_name = "ACCOUNT")]
    from: u64,
    /// The bank's account.
    #[arg(long, value_name = "ACCOUNT")]
    to: u64,
    /// The payment's UETR, a UUID; made anew if absent.
    #[arg(long, value_name = "UUID")]
    uetr: Option<String>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Pay from one account to another
#[derive(Debug, clap::Args)]
pub struct Pay {
    /// How much.
    #[arg(long, value_name = "DECIMAL")]
    amount: String,
    /// Your account.
    #[arg(long, value_name = "ACCOUNT")]
    from: u64,
    /// The account that is paid.
    #[arg(long, value_name = "ACCOUNT")]
    to: u64,
    /// What for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    remittance: String,
    /// The payment's UETR, a UUID; made anew if absent.
    #[arg(long, value_name = "UUID")]
    uetr: Option<String>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Buy a part that is offered to you: part and price move together
#[derive(Debug, clap::Args)]
pub struct Buy {
    /// The part.
    part: u64,
    /// The number of its registration; not needed where you accepted the offer before.
    #[arg(long, value_name = "NUMBER", default_value = "")]
    registration: String,
    /// Your account.
    #[arg(long, value_name = "ACCOUNT")]
    from: u64,
    /// The seller's account.
    #[arg(long, value_name = "ACCOUNT")]
    to: u64,
    /// The payment's UETR, a UUID; made anew if absent.
    #[arg(long, value_name = "UUID")]
    uetr: Option<String>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Set what an issuer may owe, as a regulator
#[derive(Debug, clap::Args)]
pub struct Limit {
    /// Who, by number.
    #[arg(long, value_name = "ORGANISATION")]
    issuer: u64,
    /// How much.
    #[arg(long, value_name = "DECIMAL")]
    limit: String,
    /// In which currency.
    #[arg(long, value_name = "CODE", default_value = "CNY")]
    currency: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Sets a line.
pub fn line(arguments: &Line, output: &Output) -> Result<ExitCode, Failure> {
    let limit = amount("limit", &arguments.currency, &arguments.limit)?;
    let body =
        json!({ "issuer": arguments.issuer, "currency": arguments.currency, "limit": limit });
    let acted = arguments.desk.desk()?.put("/finance/lines", &body)?;
    done(output, &acted, "the line is set", "`qiao finance requests --side buyer` shows who asks")
}

/// Asks for bids.
pub fn request(arguments: &Request, output: &Output) -> Result<ExitCode, Failure> {
    let seconds = arguments.hours * 60 * 60;
    let body = json!({
        "part": arguments.part,
        "bidSeconds": seconds,
        "sealed": arguments.sealed,
        "revealSeconds": if arguments.sealed { seconds } else { 0 },
    });
    let acted = arguments.desk.desk()?.post("/finance/requests", &body)?;
    done(output, &acted, "asked", "`qiao finance requests` compares what banks bid")
}

/// Bids.
pub fn quote(arguments: &Quote, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let seen = desk.get(&format!("/finance/requests/{}", arguments.request))?;
    let price = arguments.bid.price(&seen["part"])?;
    let path = format!("/finance/requests/{}/quote", arguments.request);
    let acted = desk.post(&path, &json!({ "price": price }))?;
    done(output, &acted, "bid", "its seller runs `qiao finance award REQUEST`")
}

/// Asks for a loan.
pub fn ask_loan(arguments: &AskLoan, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let body = json!({
        "part": arguments.part,
        "bank": arguments.bank,
        "principal": desk.amount_of_part(arguments.part, &arguments.principal)?,
        "rate": arguments.rate,
        "dayCount": arguments.day_count,
        "interestMonths": arguments.interest_months,
        "maturity": arguments.maturity,
        "repayment": arguments.repayment,
    });
    let acted = desk.post("/finance/loans", &body)?;
    done(output, &acted, "asked", "the bank runs `qiao finance disburse LOAN`")
}

/// Pays a loan out.
pub fn disburse(arguments: &Disburse, output: &Output) -> Result<ExitCode, Failure> {
    let body = json!({
        "uetr": uetr(arguments.uetr.as_deref()),
        "payer": arguments.from,
        "payee": arguments.to,
    });
    let path = format!("/finance/loans/{}/disburse", arguments.loan);
    let acted = arguments.desk.desk()?.post(&path, &body)?;
    done(output, &acted, "paid out", "`qiao finance loans` shows what is owed")
}

/// Pays on a loan.
pub fn repay(arguments: &Repay, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let loan = desk.get(&format!("/finance/loans/{}", arguments.loan))?;
    let body = json!({
        "amount": amount("amount", text(&loan, "currency"), &arguments.amount)?,
        "uetr": uetr(arguments.uetr.as_deref()),
        "payer": arguments.from,
        "payee": arguments.to,
    });
    let acted = desk.post(&format!("/finance/loans/{}/repay", arguments.loan), &body)?;
    done(output, &acted, "paid", "`qiao finance loans` shows what is left")
}

/// Pays.
pub fn pay(arguments: &Pay, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let body = json!({
        "uetr": uetr(arguments.uetr.as_deref()),
        "payer": arguments.from,
        "payee": arguments.to,
        "amount": amount("amount", &currency_of(&desk, arguments.from)?, &arguments.amount)?,
        "remittance": arguments.remittance,
    });
    let acted = desk.post("/finance/payments", &body)?;
    done(output, &acted, "paid", "`qiao finance accounts` shows what is left")
}

/// Buys a part.
pub fn buy(arguments: &Buy, output: &Output) -> Result<ExitCode, Failure> {
    let body = json!({
        "uetr": uetr(arguments.uetr.as_deref()),
        "registration": arguments.registration,
        "payer": arguments.from,
        "payee": arguments.to,
    });
    let path = format!("/finance/parts/{}/buy", arguments.part);
    let acted = arguments.desk.desk()?.post(&path, &body)?;
    done(output, &acted, "bought", "`qiao finance financings --side buyer` shows what you bought")
}

/// Sets a limit.
pub fn limit(arguments: &Limit, output: &Output) -> Result<ExitCode, Failure> {
    let limit = amount("limit", &arguments.currency, &arguments.limit)?;
    let body =
        json!({ "issuer": arguments.issuer, "currency": arguments.currency, "limit": limit });
    let acted = arguments.desk.desk()?.put("/finance/exposures", &body)?;
    done(output, &acted, "the limit is set", "`qiao finance exposure` shows what is owed")
}

fn currency_of(desk: &Desk, account: u64) -> Result<String, Failure> {
    let account = desk.get(&format!("/finance/accounts/{account}"))?;
    Ok(text(&account, "currency").to_owned())
}

/// The UETR that was given, or a fresh one out of the time and the process.
pub fn uetr(given: Option<&str>) -> String {
    if let Some(given) = given {
        return given.to_owned();
    }
    let now = jiff::Timestamp::now().as_nanosecond().to_be_bytes();
    words::uetr(words::fresh_uetr(&[b"qiao finance", &now, &std::process::id().to_be_bytes()]))
}
