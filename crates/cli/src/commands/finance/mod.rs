//! `qiao finance`: credit lines, bids, loans, and money, from the sides of supplier, bank and regulator.

mod act;
mod fees;
mod papers;
mod sealed;
mod show;

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output::Output;

/// Ask for bids, bid, lend, pay out, and see what is owed
///
/// Everything is done for one organisation: that of the API key, else of `--as`, else the node's own.
/// Amounts are decimal numbers of the currency.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  qiao finance desks\n  \
    qiao finance line --issuer 14 --limit 5000000.00 --as 20\n  \
    qiao finance request 3 --hours 24 --as 17\n  \
    qiao finance quote 1 --rate 3.85 --as 20\n  \
    qiao finance commit 2 --rate 3.85 --as 20\n  \
    qiao finance reveal 2 --as 20\n  \
    qiao finance award 1 --as 17\n  \
    qiao finance tariff financing --flat 20.00 --percent 0.15 --as 20\n  \
    qiao finance disbursements pain.001.xml --as 20\n  \
    qiao finance exposure --as 22")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Desks(show::DesksArguments),
    Line(act::Line),
    Lines(show::LinesArguments),
    Request(act::Request),
    Requests(show::RequestsArguments),
    Quote(act::Quote),
    Commit(sealed::Commit),
    Reveal(sealed::Reveal),
    Award(act::Award),
    Lapse(act::Lapse),
    ReleaseLine(act::ReleaseLine),
    Offers(show::OffersArguments),
    Financings(show::FinancingsArguments),
    BuyBack(act::BuyBack),
    AskLoan(act::AskLoan),
    Loans(show::LoansArguments),
    RefuseLoan(act::RefuseLoan),
    Disburse(act::Disburse),
    Repay(act::Repay),
    Disbursements(papers::Disbursements),
    Accounts(show::AccountsArguments),
    Pay(act::Pay),
    Buy(act::Buy),
    Tariff(fees::Tariff),
    Tariffs(fees::Tariffs),
    Fees(fees::Fees),
    PayFee(fees::PayFee),
    FeeLimit(fees::FeeLimit),
    Limit(act::Limit),
    Exposure(show::ExposureArguments),
}

/// Does what was asked.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Desks(arguments) => show::desks(arguments, output),
        Action::Line(arguments) => act::line(arguments, output),
        Action::Lines(arguments) => show::lines(arguments, output),
        Action::Request(arguments) => act::request(arguments, output),
        Action::Requests(arguments) => show::requests(arguments, output),
        Action::Quote(arguments) => act::quote(arguments, output),
        Action::Commit(arguments) => sealed::commit(arguments, output),
        Action::Reveal(arguments) => sealed::reveal(arguments, output),
        Action::Award(arguments) => act::award(arguments, output),
        Action::Lapse(arguments) => act::lapse(arguments, output),
        Action::ReleaseLine(arguments) => act::release_line(arguments, output),
        Action::Offers(arguments) => show::offers(arguments, output),
        Action::Financings(arguments) => show::financings(arguments, output),
        Action::BuyBack(arguments) => act::buy_back(arguments, output),
        Action::AskLoan(arguments) => act::ask_loan(arguments, output),
        Action::Loans(arguments) => show::loans(arguments, output),
        Action::RefuseLoan(arguments) => act::refuse_loan(arguments, output),
        Action::Disburse(arguments) => act::disburse(arguments, output),
        Action::Repay(arguments) => act::repay(arguments, output),
        Action::Disbursements(arguments) => papers::disbursements(arguments, output),
        Action::Accounts(arguments) => show::accounts(arguments, output),
        Action::Pay(arguments) => act::pay(arguments, output),
        Action::Buy(arguments) => act::buy(arguments, output),
        Action::Tariff(arguments) => fees::tariff(arguments, output),
        Action::Tariffs(arguments) => fees::tariffs(arguments, output),
        Action::Fees(arguments) => fees::fees(arguments, output),
        Action::PayFee(arguments) => fees::pay_fee(arguments, output),
        Action::FeeLimit(arguments) => fees::fee_limit(arguments, output),
        Action::Limit(arguments) => act::limit(arguments, output),
        Action::Exposure(arguments) => show::exposure(arguments, output),
    }
}
