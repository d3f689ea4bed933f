//! `qiao voucher`: confirmed trade debts, from the payables of a core firm to the wallet of a supplier.

mod act;
mod issue;
mod papers;
mod show;

use std::process::ExitCode;

use crate::failure::Failure;
use crate::output::Output;

/// Issue, pass on, split, pledge and sell confirmed trade debts
///
/// Everything is done for one organisation: that of the API key, else of `--as`, else the node's own.
/// Amounts are decimal numbers of the voucher's currency.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  qiao voucher template payables.xlsx\n  \
    qiao voucher import payables.xlsx --dry-run --errors errors.csv --as 14\n  \
    qiao voucher list --side received --as 15\n  \
    qiao voucher accept 1 --as 15\n  \
    qiao voucher pass 1 --to 17 --amount 40000.00 --as 15\n  \
    qiao voucher show 2 --as 17")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Issue(Box<issue::Arguments>),
    Import(issue::ImportArguments),
    Template(issue::TemplateArguments),
    List(show::ListArguments),
    Wallet(show::WalletArguments),
    Show(show::Arguments),
    Accept(act::Accept),
    Decline(act::Decline),
    Endorse(act::Endorse),
    Split(act::Split),
    Merge(act::Merge),
    #[command(alias = "transfer")]
    Pass(act::Pass),
    Pledge(act::Pledge),
    ReleasePledge(act::ReleasePledge),
    Offer(act::Offer),
    EndOffer(act::EndOffer),
    AcceptOffer(act::AcceptOffer),
    CompleteOffer(act::CompleteOffer),
    Acknowledge(act::Acknowledge),
    MarkOverdue(act::MarkOverdue),
    WriteOff(act::WriteOff),
    Certificate(papers::Certificate),
    Registration(papers::Registration),
}

/// Does what was asked.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Issue(arguments) => issue::run(arguments, output),
        Action::Import(arguments) => issue::import(arguments, output),
        Action::Template(arguments) => issue::template(arguments, output),
        Action::List(arguments) => show::list(arguments, output),
        Action::Wallet(arguments) => show::wallet(arguments, output),
        Action::Show(arguments) => show::run(arguments, output),
        Action::Accept(arguments) => act::accept(arguments, output),
        Action::Decline(arguments) => act::decline(arguments, output),
        Action::Endorse(arguments) => act::endorse(arguments, output),
        Action::Split(arguments) => act::split(arguments, output),
        Action::Merge(arguments) => act::merge(arguments, output),
        Action::Pass(arguments) => act::pass(arguments, output),
        Action::Pledge(arguments) => act::pledge(arguments, output),
        Action::ReleasePledge(arguments) => act::release_pledge(arguments, output),
        Action::Offer(arguments) => act::offer(arguments, output),
        Action::EndOffer(arguments) => act::end_offer(arguments, output),
        Action::AcceptOffer(arguments) => act::accept_offer(arguments, output),
        Action::CompleteOffer(arguments) => act::complete_offer(arguments, output),
        Action::Acknowledge(arguments) => act::acknowledge(arguments, output),
        Action::MarkOverdue(arguments) => act::mark_overdue(arguments, output),
        Action::WriteOff(arguments) => act::write_off(arguments, output),
        Action::Certificate(arguments) => papers::certificate(arguments, output),
        Action::Registration(arguments) => papers::registration(arguments, output),
    }
}
