//! What is done with vouchers and their parts.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::desk::{DeskArguments, amount, done};
use crate::failure::Failure;
use crate::output::Output;

/// Declares a command with the number of a voucher or part, and no more than that.
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
    /// Accept a voucher: its issuer owes it from then on
    Accept accept "vouchers" "accept" "accepted" "`qiao voucher wallet` shows what you hold";
    /// Decline a voucher, or withdraw one that was not accepted
    Decline decline "vouchers" "decline" "void" "`qiao voucher list` shows how vouchers stand";
    /// Promise to pay a voucher if its issuer does not
    Endorse endorse "vouchers" "endorse" "guaranteed" "`qiao voucher show` tells who guarantees";
    /// Note that a voucher was not paid in full on its day
    MarkOverdue mark_overdue "vouchers" "mark-overdue" "overdue" "`qiao voucher show` tells what is owed";
    /// Release a part that is pledged to you
    ReleasePledge release_pledge "parts" "release-pledge" "released" "its holder can dispose of it";
    /// Withdraw an offer, or decline one
    EndOffer end_offer "parts" "end-offer" "the offer is over" "`qiao voucher wallet` shows what you hold";
    /// Deliver a sold part, because its buyer paid outside of the chain
    CompleteOffer complete_offer "parts" "complete-offer" "delivered" "`qiao finance financings` shows what was sold";
}

/// Split an amount off a part
#[derive(Debug, clap::Args)]
pub struct Split {
    /// The part.
    part: u64,
    /// How much.
    #[arg(long, value_name = "DECIMAL")]
    amount: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Merge another part of the same voucher into a part
#[derive(Debug, clap::Args)]
pub struct Merge {
    /// The part that stays.
    part: u64,
    /// The part that ends.
    other: u64,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Pass an amount of a part on, in payment of your own debt
#[derive(Debug, clap::Args)]
pub struct Pass {
    /// The part.
    part: u64,
    /// To whom, by number.
    #[arg(long, value_name = "ORGANISATION")]
    to: u64,
    /// How much; all of it if absent.
    #[arg(long, value_name = "DECIMAL")]
    amount: Option<String>,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Pledge a part
#[derive(Debug, clap::Args)]
pub struct Pledge {
    /// The part.
    part: u64,
    /// To whom, by number.
    #[arg(long, value_name = "ORGANISATION")]
    to: u64,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Offer a part to one buyer at a price
#[derive(Debug, clap::Args)]
pub struct Offer {
    /// The part.
    part: u64,
    /// To whom, by number.
    #[arg(long, value_name = "ORGANISATION")]
    to: u64,
    /// For how much.
    #[arg(long, value_name = "DECIMAL")]
    price: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Accept an offer, with the number of its registration
#[derive(Debug, clap::Args)]
pub struct AcceptOffer {
    /// The part.
    part: u64,
    /// The number under which the registry of movable property financing keeps it.
    #[arg(long, value_name = "NUMBER", default_value = "")]
    registration: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Acknowledge that an amount of a part was paid outside of the chain
#[derive(Debug, clap::Args)]
pub struct Acknowledge {
    /// The part.
    part: u64,
    /// How much.
    #[arg(long, value_name = "DECIMAL")]
    amount: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Give up a part of an overdue voucher
#[derive(Debug, clap::Args)]
pub struct WriteOff {
    /// The part.
    part: u64,
    /// Why.
    reason: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Splits.
pub fn split(arguments: &Split, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let amount = desk.amount_of_part(arguments.part, &arguments.amount)?;
    let path = format!("/finance/parts/{}/split", arguments.part);
    let acted = desk.post(&path, &json!({ "amount": amount }))?;
    done(output, &acted, "split", "`qiao voucher pass PART --to NUMBER` pays with the new part")
}

/// Merges.
pub fn merge(arguments: &Merge, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/finance/parts/{}/merge", arguments.part);
    let acted = arguments.desk.desk()?.post(&path, &json!({ "other": arguments.other }))?;
    done(output, &acted, "merged", "`qiao voucher wallet` shows what you hold")
}

/// Passes on.
pub fn pass(arguments: &Pass, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let seen = desk.get(&format!("/finance/parts/{}", arguments.part))?;
    let part = seen.get("part").cloned().unwrap_or_default();
    let whole = part.get("amount").and_then(Value::as_u64).unwrap_or_default();
    let code = part.get("currency").and_then(Value::as_str).unwrap_or_default();
    let amount = match &arguments.amount {
        Some(decimal) => amount("amount", code, decimal)?,
        None => whole,
    };
    let path = format!("/finance/parts/{}/pass", arguments.part);
    let acted = desk.post(&path, &json!({ "to": arguments.to, "amount": amount }))?;
    done(output, &acted, "passed on", "`qiao voucher show PART` tells the way to it")
}

/// Pledges.
pub fn pledge(arguments: &Pledge, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/finance/parts/{}/pledge", arguments.part);
    let acted = arguments.desk.desk()?.post(&path, &json!({ "pledgee": arguments.to }))?;
    done(output, &acted, "pledged", "`qiao finance ask-loan` asks for a loan against it")
}

/// Offers.
pub fn offer(arguments: &Offer, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let price = desk.amount_of_part(arguments.part, &arguments.price)?;
    let path = format!("/finance/parts/{}/offer", arguments.part);
    let acted = desk.post(&path, &json!({ "buyer": arguments.to, "price": price }))?;
    done(output, &acted, "offered", "the buyer runs `qiao voucher accept-offer PART`")
}

/// Accepts an offer.
pub fn accept_offer(arguments: &AcceptOffer, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/finance/parts/{}/accept-offer", arguments.part);
    let body = json!({ "registration": arguments.registration });
    let acted = arguments.desk.desk()?.post(&path, &body)?;
    done(output, &acted, "accepted", "`qiao finance disbursements FILE` writes what is to be paid")
}

/// Acknowledges.
pub fn acknowledge(arguments: &Acknowledge, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let amount = desk.amount_of_part(arguments.part, &arguments.amount)?;
    let path = format!("/finance/parts/{}/acknowledge", arguments.part);
    let acted = desk.post(&path, &json!({ "amount": amount }))?;
    done(output, &acted, "acknowledged", "`qiao voucher show PART` tells what is left")
}

/// Gives up.
pub fn write_off(arguments: &WriteOff, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/finance/parts/{}/write-off", arguments.part);
    let acted = arguments.desk.desk()?.post(&path, &json!({ "reason": arguments.reason }))?;
    done(output, &acted, "written off", "`qiao voucher show PART` tells how it ended")
}
