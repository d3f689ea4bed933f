//! `qiao bench`: a fresh network of separate processes under load, measured.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use qiao_loadtest::{Accounts, Options, Target, WorkloadKind};
use qiao_node::config::{Config, ports_of_member};
use qiao_node::{InitOptions, InitReport, NewOrganisation};
use qiao_types::{GenesisAccount, GenesisMember, RoleName, U256};

use super::init;
use crate::failure::Failure;
use crate::output::Output;

/// Measure a fresh network of separate processes under load
///
/// Writes a network with load accounts, starts each validator as a process of its own with durable
/// writes, sends signed transactions over JSON-RPC, and reports throughput, processor time, times
/// to finality, disk and memory. A time counts from when a transaction was due until the client
/// sees it final.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao bench --workload erc20 --json\n  qiao bench --workload capture --events 100 --rate 5 --duration 30"
)]
pub struct Arguments {
    /// What the transactions do.
    #[arg(long, value_enum, default_value_t = Workload::Erc20)]
    workload: Workload,
    /// Validator processes.
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    validators: usize,
    /// Seconds that are measured.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    duration: u64,
    /// Seconds of load before the measurement.
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    warmup: u64,
    /// Transactions per second in all [default: as fast as they become final].
    #[arg(long, value_name = "NUMBER")]
    rate: Option<u64>,
    /// Transactions under way per validator, without --rate.
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    in_flight: usize,
    /// Accounts that send.
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    senders: usize,
    /// Events per transaction of the capture workload.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    events: usize,
    /// Transactions signed beforehand [default: enough for 4,000 a second, or for --rate].
    #[arg(long, value_name = "NUMBER")]
    transactions: Option<usize>,
    /// Everything random follows from it.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Keep the network in this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Workload {
    /// Move one wei.
    Transfer,
    /// Move a token of an ERC-20 contract.
    Erc20,
    /// Capture EPCIS events.
    Capture,
}

/// Ports that each network on this machine needs at most.
const PORTS: u16 = 200;

/// Measures and prints the report.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let temporary = tempfile::Builder::new().prefix("qiao-bench-").tempdir();
    let temporary =
        temporary.map_err(|error| Failure::environment(format!("no temporary folder: {error}")))?;
    let out = arguments.out.clone().unwrap_or_else(|| temporary.path().join("net"));
    let options = options(arguments);
    let report = network(arguments, &options, out)?;
    let target = target(&report, arguments)?;
    let result = qiao_loadtest::run(&options, &target, &|line| output.say(line));
    let measured = result.map_err(Failure::from)?;
    if output.json {
        output.document(&measured);
    } else {
        output.line(&measured.table());
        output.next(
            "quote the command, the machine and the commit with any number (--json has them)",
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn options(arguments: &Arguments) -> Options {
    let seconds = arguments.warmup + arguments.duration;
    // A capture costs far more than a transfer.
    let events = arguments.events.max(1);
    let guess = match arguments.workload {
        Workload::Capture => 2_000 / events as u64 + 50,
        Workload::Transfer | Workload::Erc20 => 4_000,
    };
    let enough = arguments.rate.unwrap_or(guess) * (seconds + 2);
    Options {
        kind: match arguments.workload {
            Workload::Transfer => WorkloadKind::Transfer,
            Workload::Erc20 => WorkloadKind::Erc20,
            Workload::Capture => WorkloadKind::Capture,
        },
        duration: Duration::from_secs(arguments.duration.max(1)),
        warmup: Duration::from_secs(arguments.warmup),
        rate: arguments.rate,
        in_flight: arguments.in_flight,
        senders: arguments.senders.max(arguments.validators),
        events_per_transaction: events,
        transactions_max: arguments.transactions.unwrap_or(enough as usize),
        seed: arguments.seed,
        command: command_line(),
    }
}

/// The command as it was typed, without the path of the program.
fn command_line() -> String {
    let words: Vec<String> = std::env::args().skip(1).collect();
    format!("qiao {}", words.join(" "))
}

/// A network whose last organisation owns the load accounts.
fn network(arguments: &Arguments, options: &Options, out: PathBuf) -> Result<InitReport, Failure> {
    let addresses = Accounts::new(options.seed, options.senders).addresses();
    let members = addresses.iter().enumerate().map(|(position, address)| {
        let mut roles = vec![RoleName::Deployer, RoleName::Capturer];
        if position == 0 {
            roles.push(RoleName::Admin);
        }
        GenesisMember { address: *address, roles }
    });
    let load = NewOrganisation { name: "Load".into(), gln: None, accounts: members.collect() };
    let balance = U256::from(10).pow(U256::from(24));
    let funded = addresses
        .iter()
        .map(|address| (*address, GenesisAccount { balance, ..GenesisAccount::default() }))
        .collect();
    let plain =
        InitOptions::plain(out, arguments.validators, Some(free_ports(arguments.validators)?));
    let init_options = InitOptions {
        name: "qiao bench".into(),
        organisations: vec![load],
        accounts: funded,
        ..plain
    };
    qiao_node::init(&init_options).map_err(init::failure)
}

fn target(report: &InitReport, arguments: &Arguments) -> Result<Target, Failure> {
    let binary = std::env::current_exe()
        .map_err(|error| Failure::environment(format!("this program is not found: {error}")))?;
    let mut target = Target {
        binary,
        homes: report.homes.clone(),
        data: Vec::new(),
        rpc: Vec::new(),
        chain_id: report.genesis.chain_id,
        party: arguments.validators as u64 + 1,
    };
    for home in &report.homes {
        let (config, _) = Config::load(home, &|_| None, &BTreeMap::new())?;
        target.rpc.push(format!("http://{}", config.rpc_listen));
        target.data.push(config.data_dir);
    }
    Ok(target)
}

/// A base port from which on the ports of all members are free.
fn free_ports(members: usize) -> Result<u16, Failure> {
    let members = u16::try_from(members).unwrap_or(u16::MAX).min(PORTS / 10);
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    (20_000..32_000)
        .step_by(usize::from(PORTS))
        .find(|base| {
            (0..members)
                .map(|member| ports_of_member(Some(*base), member))
                .all(|ports| is_free(ports.p2p) && is_free(ports.http) && is_free(ports.rpc))
        })
        .ok_or_else(|| Failure::environment("no free ports between 20000 and 32000"))
}
