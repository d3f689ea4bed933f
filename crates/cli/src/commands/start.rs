//! `qiao start`: one validator as a process of its own.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use qiao_node::config::Config;
use qiao_node::{NodeError, RunError, Serving, disk_free_bytes};

use crate::failure::Failure;
use crate::output::Output;

/// Run one validator as a process of its own
///
/// Checks the home folder first, and refuses in one sentence what does not fit: configuration, keys,
/// genesis, data folder, ports. Runs until it is told to stop (Ctrl-C or SIGTERM).
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Examples:\n  qiao start --home net/member-1\n  qiao start --home net/member-2 --http 127.0.0.1:9080"
)]
pub struct Arguments {
    /// The member's home folder, as `qiao init` wrote it.
    #[arg(long, value_name = "DIR")]
    home: PathBuf,
    /// Where the other validators connect to.
    #[arg(long, value_name = "ADDRESS")]
    p2p: Option<SocketAddr>,
    /// REST and console.
    #[arg(long, value_name = "ADDRESS")]
    http: Option<SocketAddr>,
    /// Ethereum JSON-RPC.
    #[arg(long, value_name = "ADDRESS")]
    rpc: Option<SocketAddr>,
    /// The folder of blocks, state and index.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The database of the index: a `sqlite:` or `postgres://` URL.
    #[arg(long, value_name = "URL")]
    index: Option<String>,
    /// What is logged, such as `info` or `info,qiao_consensus=debug`.
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
}

impl Arguments {
    /// The configuration keys that flags override.
    fn flags(&self) -> BTreeMap<&'static str, String> {
        let address = |address: &Option<SocketAddr>| address.map(|address| address.to_string());
        let data = self.data.as_ref().map(|data| {
            std::path::absolute(data).unwrap_or_else(|_| data.clone()).display().to_string()
        });
        let flags = [
            ("p2p_listen", address(&self.p2p)),
            ("http_listen", address(&self.http)),
            ("rpc_listen", address(&self.rpc)),
            ("data_dir", data),
            ("index_url", self.index.clone()),
            ("log", self.log.clone()),
        ];
        flags.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

/// Runs until the process is told to stop.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let flags = arguments.flags();
    let environment = |name: &str| std::env::var(name).ok();
    let (config, _) = Config::load(&arguments.home, &environment, &flags)?;
    log_to_stderr(&config.log)?;
    let home = arguments.home.display().to_string();
    let told = *output;
    let scheme = if config.tls_certificate_file.is_some() { "https" } else { "http" };
    let ready = move |serving: &Serving| {
        told.say(&format!("{} runs from `{home}`", config.name));
        if let (Some(http), Some(rpc)) = (serving.http, serving.rpc) {
            told.say(&format!("console and REST {scheme}://{http}, JSON-RPC {scheme}://{rpc}"));
        }
        told.next(&format!("`qiao status --home {home}`"));
    };
    run_node(&arguments.home, &config.data_dir, &flags, ready)?;
    output.say("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Logs to stderr, one line per event.
pub fn log_to_stderr(filter: &str) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).map_err(|error| {
        Failure::environment(format!("`log` is not a filter: {error}"))
            .with_hint("`info`, or `info,qiao_consensus=debug`")
    })?;
    // A second logger in one process is a bug of ours; the first one stays.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_writer(std::io::stderr)
        .try_init();
    Ok(())
}

/// Keeps the hints of what the home refused.
pub fn failure(error: NodeError) -> Failure {
    match error {
        NodeError::Home(error) => error.into(),
        NodeError::Config(error) => error.into(),
        NodeError::Door(error) => Failure::environment(error.to_string()).with_hint(error.hint()),
        NodeError::Index(_) => Failure::environment(error.to_string()).with_hint(
            "`qiao config show` tells its `index_url`; `qiao index rebuild` makes it again",
        ),
        NodeError::Run(RunError::Engine(error)) if error.is_of_genesis() => {
            Failure::environment(error.to_string()).with_hint(GENESIS)
        }
        error @ (NodeError::Run(RunError::Engine(_)) | NodeError::Indexing(_)) => {
            Failure::environment(error.to_string()).with_hint(DAMAGE)
        }
        other => Failure::environment(other.to_string()),
    }
}

/// A node that cannot make its first state.
const GENESIS: &str = "a first start needs the whole `genesis.json`, as `qiao init` wrote it: what a node serves at \
                       `/genesis.json` lacks the accounts";

/// A node that stops rather than serve what it cannot vouch for.
const DAMAGE: &str = "if its disk is sound, its data is damaged: `qiao repair --home DIR` finds what, and \
                      has it made again or fetched from the others (`docs/operating/failures.md`)";

/// What the library says where the state cannot be opened, and what we say.
const UNOPENED: (&str, &str) = ("database init failed", "state store failed");

/// Runs the node; a part of it that cannot go on ends all of it, with its reason.
fn run_node(
    home: &Path,
    data: &Path,
    flags: &BTreeMap<&'static str, String>,
    ready: impl Fn(&Serving) + Send + Sync + 'static,
) -> Result<(), Failure> {
    // What follows the first failure is only its echo in other parts.
    let first: Arc<Mutex<Option<String>>> = Arc::default();
    let noted = first.clone();
    panic::set_hook(Box::new(move |panic| {
        eprintln!("{panic}");
        let text = panic.payload_as_str().unwrap_or("the lines above say why");
        let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get_or_insert_with(|| text.to_string());
    }));
    let ended = panic::catch_unwind(AssertUnwindSafe(|| qiao_node::start(home, flags, ready)));
    let _ = panic::take_hook();
    ended.map_or_else(
        |_| {
            let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            let reason = shortened(&first.unwrap_or_default()).replace(UNOPENED.0, UNOPENED.1);
            let stopped = Failure::environment(format!("the node stopped: {reason}"));
            Err(or_full(stopped.with_hint(DAMAGE), data))
        },
        |ended| ended.map_err(|error| or_full(failure(error), data)),
    )
}

/// A disk with less than this has no room for a block.
const ROOM_BYTES: u64 = 1024 * 1024;

/// A full disk fails whoever writes next, in words that do not help.
fn or_full(failure: Failure, data: &Path) -> Failure {
    let says_so = ["No space left on device", "StorageFull"];
    let free = disk_free_bytes(data);
    let is_full = free.is_some_and(|free| free < ROOM_BYTES);
    if !is_full && !says_so.iter().any(|words| failure.message.contains(words)) {
        return failure;
    }
    let free = free.map_or_else(String::new, |free| format!(": {free} bytes are free"));
    let message = format!("the disk of `{}` is full{free}", data.display());
    Failure::environment(message)
        .with_hint("make room and start the node again; nothing that was final is lost")
}

/// The beginning and the end of a long reason: libraries put whole types into the middle.
fn shortened(reason: &str) -> String {
    const SHOWN: usize = 160;
    let characters: Vec<char> = reason.chars().collect();
    if characters.len() <= 2 * SHOWN {
        return reason.to_string();
    }
    let (start, end) = (&characters[..SHOWN], &characters[characters.len() - SHOWN..]);
    format!("{} … {}", start.iter().collect::<String>(), end.iter().collect::<String>())
}
