//! The binary `qiao`: one command per file in `commands/`.

mod client;
mod commands;
mod desk;
mod failure;
mod output;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{
    bench, capture, collateral, config, contract, dev, doctor, event_hash, export, finance, import,
    index, init, key, payments, prove, recall, repair, sharing, simulate, start, status, trace,
    verify, voucher,
};
use failure::Failure;
use output::Output;

/// A node makes and drops many small things on several threads: this costs half of what the system's
/// allocator takes for it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A ledger that several organisations run together.
#[derive(Debug, Parser)]
#[command(
    name = "qiao",
    version,
    disable_help_subcommand = true,
    after_help = "Start with `qiao dev`. `qiao COMMAND --help` explains and shows examples.\n\
                  Exit codes: 0 done, 1 refused, 2 usage, 3 environment."
)]
struct Arguments {
    /// Print JSON on stdout, for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Dev(dev::Arguments),
    Init(init::Arguments),
    Start(start::Arguments),
    Status(status::Arguments),
    Doctor(doctor::Arguments),
    Capture(capture::Arguments),
    Import(import::Arguments),
    Trace(trace::Arguments),
    Prove(prove::Arguments),
    Verify(verify::Arguments),
    Recall(Box<recall::Arguments>),
    Sharing(sharing::Arguments),
    Contract(Box<contract::Arguments>),
    Voucher(voucher::Arguments),
    Finance(finance::Arguments),
    Collateral(Box<collateral::Arguments>),
    Payments(payments::Arguments),
    EventHash(event_hash::Arguments),
    Bench(Box<bench::Arguments>),
    Simulate(simulate::Arguments),
    Index(index::Arguments),
    Export(export::Arguments),
    Repair(repair::Arguments),
    Config(config::Arguments),
    Key(key::Arguments),
}

fn main() -> ExitCode {
    // A closed pipe (`qiao … | head`) ends the program quietly through the write error.
    let arguments = Arguments::parse();
    let output = Output::new(arguments.json);
    match run(arguments.command, &output) {
        Ok(code) => code,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}

fn run(command: Command, output: &Output) -> Result<ExitCode, Failure> {
    match command {
        Command::Dev(arguments) => dev::run(&arguments, output),
        Command::Init(arguments) => init::run(&arguments, output),
        Command::Start(arguments) => start::run(&arguments, output),
        Command::Status(arguments) => status::run(&arguments, output),
        Command::Doctor(arguments) => doctor::run(&arguments, output),
        Command::Capture(arguments) => capture::run(&arguments, output),
        Command::Import(arguments) => import::run(&arguments, output),
        Command::Trace(arguments) => trace::run(&arguments, output),
        Command::Prove(arguments) => prove::run(&arguments, output),
        Command::Verify(arguments) => verify::run(&arguments, output),
        Command::Recall(arguments) => recall::run(&arguments, output),
        Command::Sharing(arguments) => sharing::run(&arguments, output),
        Command::Contract(arguments) => contract::run(&arguments, output),
        Command::Voucher(arguments) => voucher::run(&arguments, output),
        Command::Finance(arguments) => finance::run(&arguments, output),
        Command::Collateral(arguments) => collateral::run(&arguments, output),
        Command::Payments(arguments) => payments::run(&arguments, output),
        Command::EventHash(arguments) => event_hash::run(&arguments, output),
        Command::Bench(arguments) => bench::run(&arguments, output),
        Command::Simulate(arguments) => simulate::run(&arguments, output),
        Command::Index(arguments) => index::run(&arguments, output),
        Command::Export(arguments) => export::run(&arguments, output),
        Command::Repair(arguments) => repair::run(&arguments, output),
        Command::Config(arguments) => config::run(&arguments, output),
        Command::Key(arguments) => key::run(&arguments, output),
    }
}
