//! What can be seen on this machine, whether the node runs or not.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use qiao_node::config::Config;
use qiao_node::home;

use super::{Finding, Verdict};
use crate::output::bytes;

/// Less free disk than this is worth a warning.
const DISK_LOW_BYTES: u64 = 5_000_000_000;

/// Less than this, and the node stops soon.
const DISK_OUT_BYTES: u64 = 500_000_000;

/// Reads the configuration.
pub fn config(home: &Path, findings: &mut Vec<Finding>) -> Option<Config> {
    let environment = |name: &str| std::env::var(name).ok();
    match Config::load(home, &environment, &BTreeMap::new()) {
        Ok((config, _)) => {
            findings.push(Finding::fine("configuration", "understood"));
            Some(config)
        }
        Err(error) => {
            let hint = error.hint();
            findings.push(Finding::bad("configuration", Verdict::Machine, error.to_string(), hint));
            None
        }
    }
}

/// Looks at keys, genesis, disk, data folder and ports.
pub fn check(config: &Config, findings: &mut Vec<Finding>) {
    keys_and_genesis(config, findings);
    disk(&config.data_dir, findings);
    let is_running = is_locked(&config.data_dir);
    if is_running {
        findings.push(Finding::fine("process", "a process holds the data folder"));
    } else {
        findings.push(Finding::bad(
            "process",
            Verdict::Machine,
            format!(
                "no process uses the data folder `{}`: the node is not running",
                config.data_dir.display()
            ),
            "`qiao start --home …`; its last lines of output say why it ended",
        ));
    }
    let listeners = [
        ("p2p_listen", config.p2p_listen),
        ("http_listen", config.http_listen),
        ("rpc_listen", config.rpc_listen),
    ];
    for (key, address) in listeners {
        findings.push(port(key, address, is_running));
    }
}

fn keys_and_genesis(config: &Config, findings: &mut Vec<Finding>) {
    let keys = home::read_secret(&config.validator_key_file)
        .and_then(|_| home::read_account(&config.account_key_file));
    match keys {
        Ok(account) => {
            let found = format!("readable by their owner only; account {}", account.address());
            findings.push(Finding::fine("keys", found));
        }
        Err(error) => {
            let hint = error.hint();
            findings.push(Finding::bad("keys", Verdict::Machine, error.to_string(), hint));
        }
    }
    match home::read_genesis(&config.genesis) {
        Ok(genesis) if genesis.validators.iter().any(|validator| validator.name == config.name) => {
            let fingerprint = genesis.fingerprint().to_string();
            let found = format!("{}, fingerprint {}…", genesis.name, &fingerprint[..12]);
            findings.push(Finding::fine("genesis", found));
        }
        Ok(_) => findings.push(Finding::bad(
            "genesis",
            Verdict::Machine,
            format!("`{}` lists no validator `{}`", config.genesis.display(), config.name),
            "every member uses the same `genesis.json`; check `name` in `qiao.toml`",
        )),
        Err(error) => {
            let hint = error.hint();
            findings.push(Finding::bad("genesis", Verdict::Machine, error.to_string(), hint));
        }
    }
}

fn disk(data: &Path, findings: &mut Vec<Finding>) {
    let existing = data.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"));
    let Some(free) = free_bytes(existing) else { return };
    let found = format!("{} free for `{}`", bytes(free), data.display());
    findings.push(match free {
        0..DISK_OUT_BYTES => {
            Finding::bad("disk", Verdict::Machine, found, "free some space before the node stops")
        }
        DISK_OUT_BYTES..DISK_LOW_BYTES => {
            Finding::bad("disk", Verdict::Warning, found, "plan for more space")
        }
        _ => Finding::fine("disk", found),
    });
}

/// Free bytes on the disk of a folder.
fn free_bytes(folder: &Path) -> Option<u64> {
    let output = std::process::Command::new("df").args(["-P", "-k"]).arg(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kilobytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Whether a process holds the data folder.
fn is_locked(data: &Path) -> bool {
    let Ok(file) = File::open(data.join(home::LOCK_FILE)) else { return false };
    matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock))
}

fn port(key: &str, address: SocketAddr, is_running: bool) -> Finding {
    let is_free = TcpListener::bind(address).is_ok();
    match (is_running, is_free) {
        (true, false) => Finding::fine(key, format!("{address} is bound")),
        (false, true) => Finding::fine(key, format!("{address} is free")),
        (true, true) => Finding::bad(
            key,
            Verdict::Machine,
            format!("nothing listens on {address} although the node runs"),
            "wait until it has started; then read its log",
        ),
        (false, false) => Finding::bad(
            key,
            Verdict::Machine,
            format!("another program listens on {address}"),
            format!("stop it, or set another `{key}`"),
        ),
    }
}

/// What the address of a peer tells of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// Its name leads nowhere.
    Unknown,
    /// Something listens there.
    Answers,
    /// The machine is up, nothing listens.
    Refuses,
    /// Nothing comes back.
    Silent,
}

impl Probe {
    /// Why the peer may be silent.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unknown => "its address cannot be resolved",
            Self::Answers => {
                "its port answers: it runs, but is catching up, or has another genesis or clock"
            }
            Self::Refuses => "its machine answers, its port does not: the process is down",
            Self::Silent => "its machine does not answer: it is off, or the network between is cut",
        }
    }
}

/// Knocks at the address of a peer.
pub fn probe(address: &str) -> Probe {
    use std::net::ToSocketAddrs as _;
    let Some(address) = address.to_socket_addrs().ok().and_then(|mut found| found.next()) else {
        return Probe::Unknown;
    };
    match TcpStream::connect_timeout(&address, Duration::from_secs(2)) {
        Ok(_) => Probe::Answers,
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Probe::Refuses,
        Err(_) => Probe::Silent,
    }
}
