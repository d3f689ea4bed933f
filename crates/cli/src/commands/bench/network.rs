//! A network of our own to put under load: written afresh, or prepared before.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qiao_loadtest::{
    Accounts, Network, Options, Report, RequestReport, TOKEN, Validator, clerks, holdings,
};
use qiao_node::config::{Config, ports_of_member};
use qiao_node::{InitOptions, NewOrganisation, homes_below};
use qiao_types::{GenesisAccount, GenesisMember, RoleName};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Arguments;
use crate::commands::init;
use crate::failure::Failure;
use crate::output::Output;

/// Ports that each network on this machine needs at most.
const PORTS: u16 = 200;

/// The file in a network's folder that says what was prepared.
const FILE: &str = "bench.json";

/// What was prepared.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prepared {
    seed: u64,
    senders: usize,
    accounts: u64,
}

/// Writes a network and says how to use it.
pub fn prepare(
    arguments: &Arguments,
    options: &Options,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let home = arguments.home.as_deref().unwrap_or(Path::new("."));
    output.say(&format!("writing a genesis with {} accounts", options.accounts));
    write(arguments, options, home)?;
    let bytes = fs::metadata(home.join("member-1/genesis.json")).map_or(0, |file| file.len());
    if output.json {
        output.document(&json!({
            "home": home, "seed": options.seed, "senders": options.senders,
            "accounts": options.accounts, "genesis_bytes": bytes,
        }));
    } else {
        let size = crate::output::bytes(bytes);
        output.line(&format!("{} accounts, genesis of {size}", options.accounts));
        output.next(&format!("`qiao bench --home {}`", home.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures a network that is written afresh, or the one that was prepared.
pub fn measure(
    arguments: &Arguments,
    options: &Options,
    output: &Output,
) -> Result<Report, Failure> {
    with_network(arguments, options, |options, binary, network| {
        Ok(qiao_loadtest::run(options, binary, network, &|line| output.say(line))?)
    })
}

/// Asks a network that is written afresh, or the one that was prepared.
pub fn measure_requests(
    arguments: &Arguments,
    options: &Options,
    output: &Output,
) -> Result<RequestReport, Failure> {
    with_network(arguments, options, |options, binary, network| {
        Ok(qiao_loadtest::run_requests(options, binary, network, &|line| output.say(line))?)
    })
}

fn with_network<T>(
    arguments: &Arguments,
    options: &Options,
    measure: impl FnOnce(&Options, &Path, &Network) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let temporary = tempfile::Builder::new().prefix("qiao-bench-").tempdir();
    let temporary =
        temporary.map_err(|error| Failure::environment(format!("no temporary folder: {error}")))?;
    let home = arguments.home.clone().unwrap_or_else(|| temporary.path().join("net"));
    let mut options = options.clone();
    if let Some(prepared) = read(&home)? {
        (options.seed, options.senders) = (prepared.seed, prepared.senders);
        options.clients = options.clients.min(options.senders);
        options.accounts = prepared.accounts;
        options.hot = options.hot.min(prepared.accounts);
    } else {
        write(arguments, &options, &home)?;
    }
    let network = network(&home)?;
    let binary = binary()?;
    measure(&options, &binary, &network)
}

/// This program: validators and clients are processes of it.
pub fn binary() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .map_err(|error| Failure::environment(format!("this program is not found: {error}")))
}

/// What was prepared in a folder, if anything.
fn read(home: &Path) -> Result<Option<Prepared>, Failure> {
    let file = home.join(FILE);
    let Ok(text) = fs::read_to_string(&file) else { return Ok(None) };
    let prepared = serde_json::from_str(&text).map_err(|cause| {
        Failure::environment(format!("`{}` cannot be understood: {cause}", file.display()))
            .with_hint("`qiao bench --prepare accounts --count N --home DIR` writes a new folder")
    })?;
    Ok(Some(prepared))
}

/// Writes a network whose last organisation owns the senders, and whose genesis holds the contract
/// and the accounts.
fn write(arguments: &Arguments, options: &Options, home: &Path) -> Result<(), Failure> {
    let senders = Accounts::new(options.seed, options.senders);
    // The first sender sets the stage for the others; a regulator has to.
    let member = |(position, address)| {
        use RoleName::{Admin, Capturer, Deployer, Regulator, Signer};
        let mut roles = vec![Admin, Deployer, Capturer, Signer];
        roles.extend((position == 0).then_some(Regulator));
        GenesisMember { address, roles }
    };
    let clerks = (0..options.senders as u64).flat_map(|sender| clerks(options.seed, sender));
    let clerks = clerks.map(|address| GenesisMember { address, roles: Vec::new() });
    let load = NewOrganisation {
        name: "Load".into(),
        gln: None,
        accounts: senders.addresses().into_iter().enumerate().map(member).chain(clerks).collect(),
    };
    let held = holdings(options.seed, &senders, options.accounts);
    let account = |holding: qiao_loadtest::Holding| GenesisAccount {
        balance: holding.balance,
        nonce: u64::from(!holding.code.is_empty()),
        code: holding.code,
        storage: holding.storage,
    };
    let ports = Some(free_ports(arguments.validators)?);
    let plain = InitOptions::plain(home.to_path_buf(), arguments.validators, ports);
    let init_options = InitOptions {
        name: "qiao bench".into(),
        organisations: vec![load],
        accounts: held.into_iter().map(|(address, held)| (address, account(held))).collect(),
        ..plain
    };
    qiao_node::init(&init_options).map_err(init::failure)?;
    let Options { seed, senders, accounts, .. } = *options;
    let text = json!(Prepared { seed, senders, accounts }).to_string();
    fs::write(home.join(FILE), text).map_err(|cause| {
        Failure::environment(format!("`{}` cannot be written: {cause}", home.display()))
    })
}

fn network(home: &Path) -> Result<Network, Failure> {
    let mut validators = Vec::new();
    for home in homes_below(home) {
        let (config, _) = Config::load(&home, &|_| None, &BTreeMap::new())?;
        validators.push(Validator {
            name: config.name.clone(),
            home,
            data: config.data_dir.clone(),
            rpc: format!("http://{}", config.rpc_listen),
            rest: format!("http://{}", config.http_listen),
            client_ports: vec![config.rpc_listen.port(), config.http_listen.port()],
        });
    }
    if validators.is_empty() {
        return Err(Failure::environment(format!("`{}` holds no network", home.display())));
    }
    let party = validators.len() as u64 + 1;
    Ok(Network { validators, token: TOKEN, party })
}

/// A base port from which on the ports of all members are free.
fn free_ports(members: usize) -> Result<u16, Failure> {
    let members = u16::try_from(members).unwrap_or(u16::MAX).min(PORTS / 10);
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let bases: Vec<u16> = (20_000..32_000).step_by(usize::from(PORTS)).collect();
    // Two that begin at the same instant would find the same ones free.
    let first = std::process::id() as usize % bases.len();
    let mut in_turn = bases[first..].iter().chain(&bases[..first]).copied();
    in_turn
        .find(|base| {
            (0..members)
                .map(|member| ports_of_member(Some(*base), member))
                .all(|ports| is_free(ports.p2p) && is_free(ports.http) && is_free(ports.rpc))
        })
        .ok_or_else(|| Failure::environment("no free ports between 20000 and 32000"))
}
