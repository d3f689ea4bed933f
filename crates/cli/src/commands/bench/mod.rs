//! `qiao bench`: a network of separate processes under load, measured.

mod compare;
mod network;
mod target;
mod trade;

use std::fs;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use qiao_loadtest::{Arrivals, MODULE_DEFAULT, Options, Report};

use crate::failure::Failure;
use crate::output::Output;

/// Measure a network of separate processes under load
///
/// Writes a network with load accounts, starts each validator as a process of its own with durable
/// writes, lets client processes send signed transactions over JSON-RPC, and reports throughput,
/// processor time, times to finality, disk, memory and network. A time counts from when a
/// transaction was due until a client holds its receipt. `docs/reference/bench.md` explains every
/// figure and how it is measured.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_long_help = "Examples:\n  qiao bench --workload erc20 --json\n  qiao bench --workload module --duration 30 --kill 10 --restart 20 --svg kill.svg\n  qiao bench --rate 50 --clients 2\n  qiao bench --prepare accounts --count 1000000 --home big && qiao bench --home big\n  qiao bench --prepare trace --events 1000000 --home trade && qiao bench --workload trace --home trade\n  qiao bench --target http://127.0.0.1:8545 --key key.txt --watch-pid 4711\n  qiao bench compare before.json after.json"
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// One of transfer, erc20, module, receivables, capture, mixed, rpc, trace.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Workload::Erc20)]
    #[arg(hide_possible_values = true)]
    workload: Workload,
    /// The call of a native module that `module` and `mixed` make.
    #[arg(long, value_name = "MODULE.CALL", default_value = MODULE_DEFAULT)]
    call: String,
    /// Validator processes.
    #[arg(long, value_name = "N", default_value_t = 4)]
    validators: usize,
    /// Client processes [default: one for each validator].
    #[arg(long, value_name = "N")]
    clients: Option<usize>,
    /// Seconds that are measured.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    duration: u64,
    /// Seconds of load before the measurement.
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    warmup: u64,
    /// Open loop: transactions per second in all [default: closed loop].
    #[arg(long, value_name = "N")]
    rate: Option<u64>,
    /// How an open loop is spread over time.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Spread::Random, requires = "rate")]
    arrivals: Spread,
    /// Closed loop: transactions under way per client.
    #[arg(long, value_name = "N", default_value_t = 1_000, conflicts_with = "rate")]
    in_flight: usize,
    /// Accounts that send.
    #[arg(long, value_name = "N", default_value_t = 100)]
    senders: usize,
    /// Accounts among which transfers go; all exist from the beginning.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    accounts: u64,
    /// So many of them receive nine of ten transfers.
    #[arg(long, value_name = "N", default_value_t = 0)]
    hot: u64,
    /// Events per capture [default: 10]; of a trade to prepare, in all [default: 100000].
    #[arg(long, value_name = "N")]
    events: Option<u64>,
    /// Transactions signed beforehand [default: enough for 6,000 a second, or for --rate].
    #[arg(long, value_name = "N")]
    transactions: Option<usize>,
    /// Everything random follows from it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Kill a validator so many seconds into the measurement.
    #[arg(long, value_name = "SECONDS", conflicts_with = "target")]
    kill: Option<f64>,
    /// Start it again so many seconds into the measurement.
    #[arg(long, value_name = "SECONDS", requires = "kill")]
    restart: Option<f64>,
    /// Keep the network in this folder, or use the one that was prepared there.
    #[arg(long, value_name = "DIR", conflicts_with = "target")]
    home: Option<PathBuf>,
    /// Only write into --home: a network with --count `accounts`, or a `trace` of --events.
    #[arg(long, value_name = "WHAT", value_enum, requires = "home", hide_possible_values = true)]
    prepare: Option<Prepare>,
    /// Accounts of the network to prepare; questions of each kind of the workload `trace`.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// The database of the trade to prepare [default: a file in --home].
    #[arg(long, value_name = "URL", requires = "prepare")]
    index: Option<String>,
    /// Load this Ethereum JSON-RPC endpoint instead of a network of our own; may be repeated.
    #[arg(long, value_name = "URL", requires = "key")]
    target: Vec<String>,
    /// A file with the private key of a funded account; of several, one per line, each one sends.
    #[arg(long, value_name = "FILE", requires = "target")]
    key: Option<PathBuf>,
    /// Processes of the target on this machine, whose cost is measured.
    #[arg(long, value_name = "PID", num_args = 1.., requires = "target")]
    watch_pid: Vec<u32>,
    /// Milliseconds between two looks at a target.
    #[arg(long, value_name = "MS", default_value_t = 4, requires = "target")]
    poll_ms: u64,
    /// Draw throughput and times to finality over time into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Connections of the workload `rpc`, unless `--clients` says otherwise.
const CONNECTIONS: usize = 32;

/// Events per capture, unless `--events` says otherwise.
const EVENTS: u64 = 10;

/// Accounts of an organisation are bounded, and each sender has four clerks.
const SENDERS_MAX: usize = 2_000;

#[derive(Debug, clap::Subcommand)]
enum Command {
    Compare(compare::Arguments),
    /// A client process of a running bench
    #[command(hide = true)]
    Client,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Workload {
    /// Move one wei.
    Transfer,
    /// Move a token of an ERC-20 contract.
    Erc20,
    /// Call a native module.
    Module,
    /// Issue vouchers of supply-chain finance.
    Receivables,
    /// Capture EPCIS events.
    Capture,
    /// Three transfers, three tokens, three calls of a module, one capture.
    Mixed,
    /// Single requests: balances first, then transfers, on --clients connections.
    Rpc,
    /// Questions to an index with a large trade.
    Trace,
}

impl Workload {
    fn name(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Erc20 => "erc20",
            Self::Module => "module",
            Self::Receivables => "receivables",
            Self::Capture => "capture",
            Self::Mixed => "mixed",
            Self::Rpc => "rpc",
            Self::Trace => "trace",
        }
    }

    /// Transactions per second for which enough are signed.
    fn guess(self, events: u64) -> u64 {
        match self {
            Self::Transfer | Self::Erc20 | Self::Module | Self::Rpc | Self::Trace => 6_000,
            // A capture costs far more than a transfer.
            Self::Capture => 2_000 / events.max(1) + 50,
            Self::Mixed | Self::Receivables => 3_000,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Spread {
    /// As independent users send: exponentially distributed gaps.
    Random,
    /// Equal gaps.
    Even,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Prepare {
    /// Accounts with a balance and tokens.
    Accounts,
    /// A trade, in an index.
    Trace,
}

/// Measures and prints the report.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Some(Command::Compare(arguments)) => return compare::run(arguments, output),
        Some(Command::Client) => {
            let (input, output) = (BufReader::new(std::io::stdin()), std::io::stdout());
            qiao_loadtest::run_client(input, output)?;
            return Ok(ExitCode::SUCCESS);
        }
        None => {}
    }
    if arguments.prepare == Some(Prepare::Trace) {
        return trade::prepare(arguments, output);
    }
    if arguments.workload == Workload::Trace {
        return trade::measure(arguments, output);
    }
    let options = options(arguments)?;
    if arguments.workload == Workload::Rpc {
        return requests(arguments, &options, output);
    }
    if arguments.prepare.is_some() && arguments.count.is_none() {
        return Err(Failure::usage("`--prepare accounts` needs `--count`"));
    }
    let report = if arguments.prepare.is_some() {
        return network::prepare(arguments, &options, output);
    } else if arguments.target.is_empty() {
        network::measure(arguments, &options, output)?
    } else {
        target::measure(arguments, &options, output)?
    };
    if let Some(file) = &arguments.svg {
        fs::write(file, report.picture()).map_err(|cause| {
            Failure::environment(format!("`{}` cannot be written: {cause}", file.display()))
        })?;
    }
    print(&report, output);
    Ok(ExitCode::SUCCESS)
}

/// The workload whose report is of another form.
fn requests(
    arguments: &Arguments,
    options: &Options,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let report = if arguments.target.is_empty() {
        network::measure_requests(arguments, options, output)?
    } else {
        target::measure_requests(arguments, options, output)?
    };
    if output.json {
        output.document(&report);
    } else {
        output.line(&report.table());
        output.next("quote the command, the machine and the commit with any number");
    }
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Report, output: &Output) {
    if output.json {
        output.document(report);
    } else {
        output.line(&report.table());
        output.next(
            "quote the command, the machine and the commit with any number (--json has them)",
        );
    }
}

fn options(arguments: &Arguments) -> Result<Options, Failure> {
    let usage = |error: anyhow::Error| Failure::usage(error.to_string());
    let workload = arguments.workload;
    // What `rpc` sends are transfers.
    let sent = if workload == Workload::Rpc { Workload::Transfer } else { workload };
    let named = qiao_loadtest::Workload::named(sent.name(), &arguments.call).map_err(usage)?;
    check(arguments)?;
    let clients = match workload {
        Workload::Rpc => arguments.clients.unwrap_or(CONNECTIONS),
        _ => arguments.clients.unwrap_or(arguments.validators),
    };
    let clients = clients.max(1);
    let seconds = arguments.warmup + arguments.duration.max(1);
    let enough = arguments.rate.unwrap_or(workload.guess(arguments.events.unwrap_or(EVENTS)))
        * (seconds + 2);
    Ok(Options {
        workload: named,
        duration: Duration::from_secs(arguments.duration.max(1)),
        warmup: Duration::from_secs(arguments.warmup),
        rate: arguments.rate,
        arrivals: match arguments.arrivals {
            Spread::Random => Arrivals::Random,
            Spread::Even => Arrivals::Even,
        },
        in_flight: arguments.in_flight,
        clients,
        senders: arguments.senders.max(clients),
        accounts: arguments.count.unwrap_or(arguments.accounts).max(1),
        hot: arguments.hot,
        events_per_transaction: arguments.events.unwrap_or(EVENTS).max(1),
        transactions: arguments.transactions.unwrap_or(enough as usize + 100 * clients),
        seed: arguments.seed,
        kill: arguments.kill.map(Duration::from_secs_f64),
        restart: arguments.restart.map(Duration::from_secs_f64),
        poll: Duration::from_millis(arguments.poll_ms.max(1)),
        command: command_line(),
    })
}

/// What clap cannot check.
fn check(arguments: &Arguments) -> Result<(), Failure> {
    let duration = arguments.duration as f64;
    let is_within = |at: Option<f64>| at.is_none_or(|at| at > 0.0 && at < duration);
    if !is_within(arguments.kill) || !is_within(arguments.restart) {
        return Err(Failure::usage("`--kill` and `--restart` must lie within `--duration`"));
    }
    if arguments.restart.is_some() && arguments.restart <= arguments.kill {
        return Err(Failure::usage("`--restart` must come after `--kill`"));
    }
    if arguments.kill.is_some() && arguments.validators < 4 {
        return Err(Failure::usage("`--kill` needs four validators: three must remain")
            .with_hint("leave `--validators` at 4 or more"));
    }
    if arguments.senders > SENDERS_MAX {
        return Err(Failure::usage(format!("`--senders` is {SENDERS_MAX} at most"))
            .with_hint("they belong to one organisation, whose accounts are bounded"));
    }
    if arguments.hot > arguments.accounts {
        return Err(Failure::usage("`--hot` must not exceed `--accounts`"));
    }
    let is_plain =
        matches!(arguments.workload, Workload::Transfer | Workload::Erc20 | Workload::Rpc);
    if !arguments.target.is_empty() && !is_plain {
        return Err(Failure::usage("`--target` takes the workloads `transfer`, `erc20` and `rpc`")
            .with_hint("the others call modules that only a network of our own has"));
    }
    Ok(())
}

/// The command as it was typed, without the path of the program.
fn command_line() -> String {
    let words: Vec<String> = std::env::args().skip(1).collect();
    format!("qiao {}", words.join(" "))
}
