//! `qiao contract`: contracts as members' property, through the node's account.

mod act;
mod deploy;
mod show;
mod solc;
mod verify;

use std::process::ExitCode;

pub use act::{place, send};

use crate::failure::Failure;
use crate::output::Output;

/// Deploy, verify, declare, upgrade and freeze contracts
///
/// Everything is signed with the node's own account, and tried out before it is sent.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao contract deploy out/Token.sol/Token.json 'Pork token' 1000000\n  \
    qiao contract verify 0x5fbd… --solc solc src/Token.sol --optimizer-runs 200\n  \
    qiao contract declare 0x5fbd… 'Pork token' --upgradeable\n  \
    qiao contract freeze 0x5fbd… 'pays twice'\n  \
    qiao contract show 0x5fbd…"
)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Deploy(deploy::Arguments),
    Verify(verify::Arguments),
    Show(show::Arguments),
    List(show::ListArguments),
    Declare(act::Declare),
    RenounceUpgrades(act::RenounceUpgrades),
    Upgrade(act::Upgrade),
    Freeze(act::Freeze),
    Unfreeze(act::Unfreeze),
    Propose(act::Propose),
    Approve(act::Approve),
    Withdraw(act::Withdraw),
}

/// Does what was asked.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Deploy(arguments) => deploy::run(arguments, output),
        Action::Verify(arguments) => verify::run(arguments, output),
        Action::Show(arguments) => show::run(arguments, output),
        Action::List(arguments) => show::list(arguments, output),
        Action::Declare(arguments) => act::declare(arguments, output),
        Action::RenounceUpgrades(arguments) => act::renounce_upgrades(arguments, output),
        Action::Upgrade(arguments) => act::upgrade(arguments, output),
        Action::Freeze(arguments) => act::freeze(arguments, output),
        Action::Unfreeze(arguments) => act::unfreeze(arguments, output),
        Action::Propose(arguments) => act::propose(arguments, output),
        Action::Approve(arguments) => act::approve(arguments, output),
        Action::Withdraw(arguments) => act::withdraw(arguments, output),
    }
}
