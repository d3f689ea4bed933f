//! Running one validator: its home is checked, its engine started, its interfaces served.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    num::NonZeroUsize,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use alloy_signer_local::PrivateKeySigner;
use futures::future::BoxFuture;
use qiao_api::{Chain, Door, contracts::Sources, goods::Cabinet, sharing::SharingDesk};
use qiao_consensus::{
    Engine, RunConfig, RunError, ValidatorKeys, WholeGenesis, keys::KeyFileError, scheme::Committee,
};
use qiao_execution::ExecutionConfig;
use qiao_indexer::IndexError;
use qiao_mempool::{Pool, PoolConfig};
use qiao_oprf::Evaluator;
use qiao_types::{B256, Genesis};
use tokio::sync::watch;

use crate::{
    chain::NodeChain,
    clock,
    config::{Config, ConfigError},
    evaluators,
    home::{self, CHAIN_DATA, DataFolder, HomeError},
    indexing::{self, IndexingError},
    listeners::{self, DoorError},
    sharing,
    status::{StatusBoard, now_ms},
};

/// A node cannot start, or cannot go on. Each says why in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The home folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The engine.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The index.
    #[error("index cannot be used: {0}")]
    Index(#[from] IndexError),
    /// A file of the index.
    #[error("`{}` cannot be removed: {cause}", .path.display())]
    IndexFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The folder of verified sources.
    #[error("sources of contracts cannot be kept in `{}`: {cause}", .path.display())]
    Sources {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The folder of what the node keeps for its people.
    #[error("cabinet cannot be opened in `{}`: {cause}", .path.display())]
    Cabinet {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Following the chain into the index.
    #[error("index cannot follow the chain: {0}")]
    Indexing(#[from] IndexingError),
    /// The keys or the certificate of the listeners, or that they are open to all.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// A listener.
    #[error("cannot serve `{key}` on {address}: {cause}")]
    Listener {
        /// The configuration key.
        key: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
}

/// A validator whose home was checked and whose data folder is held.
pub struct Prepared {
    config: Config,
    genesis: Arc<Genesis>,
    keys: ValidatorKeys,
    account: PrivateKeySigner,
    hosted: Vec<PrivateKeySigner>,
    data: DataFolder,
    door: Door,
    evaluators: Vec<Evaluator>,
    authority: Option<String>,
    sharing: Option<SharingDesk>,
}

/// The interfaces that a running node serves.
#[derive(Clone)]
pub struct Serving {
    /// The chain.
    pub chain: Arc<dyn Chain>,
    /// Where REST and console are served, if they are.
    pub http: Option<SocketAddr>,
    /// Where JSON-RPC is served, if it is.
    pub rpc: Option<SocketAddr>,
}

/// Threads of a node's runtime: as many as there are cores, within these bounds.
const THREADS: RangeInclusive<usize> = 2..=16;
/// Memory for cached pages of the stores.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

impl Prepared {
    /// Checks the home: configuration, keys, genesis, data folder, ports.
    pub fn open(home: &Path, flags: &BTreeMap<&'static str, String>) -> Result<Self, NodeError> {
        let environment = |name: &str| std::env::var(name).ok();
        let (config, _) = Config::load(home, &environment, flags)?;
        Self::from_config(config)
    }

    /// Checks everything that a configuration names.
    pub fn from_config(config: Config) -> Result<Self, NodeError> {
        let genesis = home::read_genesis_header(&config.genesis)?;
        let text = home::read_secret(&config.validator_key_file)?;
        let keys = ValidatorKeys::from_file_string(&text).map_err(|_: KeyFileError| {
            HomeError::KeyMalformed {
                what: "validator keys",
                path: config.validator_key_file.clone(),
            }
        })?;
        let account = home::read_account(&config.account_key_file)?;
        let hosted = config.desk_keys_dir.as_deref().map(home::read_accounts).transpose()?;
        let hosted = hosted.unwrap_or_default();
        let wrong =
            |reason: String| HomeError::GenesisWrong { path: config.genesis.clone(), reason };
        Committee::from_genesis(&genesis).map_err(|error| wrong(error.to_string()))?;
        if !genesis.validators.iter().any(|v| v.network_key == keys.network_key()) {
            let key = keys.network_key();
            return Err(wrong(format!("it lists no validator with the network key `{key}`")))?;
        }
        let data = DataFolder::open(&config.data_dir, &genesis)?;
        data.require_votes(&config.validator_key_file)?;
        home::require_free("p2p_listen", config.p2p_listen)?;
        let door = listeners::door(&config)?;
        if let Some(file) = config.index_password_file() {
            home::read_secret(&file)?;
        }
        let evaluators = evaluators::read(&config)?;
        let authority = evaluators::authority(&config)?;
        let sharing = sharing::open(&config)?;
        let genesis = Arc::new(genesis);
        Ok(Self {
            evaluators,
            authority,
            sharing,
            door,
            config,
            genesis,
            keys,
            account,
            hosted,
            data,
        })
    }

    /// Refuses listeners on which something else listens.
    pub fn require_free_listeners(&self) -> Result<(), HomeError> {
        home::require_free("http_listen", self.config.http_listen)?;
        home::require_free("rpc_listen", self.config.rpc_listen)
    }

    /// The member's account and the key for which others seal what it may read; `None` where it has none.
    pub(crate) fn sealing_key(&self) -> Option<(PrivateKeySigner, B256)> {
        let keys = self.sharing.as_ref()?.keys();
        Some((self.account.clone(), B256::from(keys.newest().0)))
    }

    /// The configuration in effect.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Runs the validator until `until` has ended. `is_serving` tells whether REST, console and
    /// JSON-RPC are served; `ready` is told once they are.
    pub fn run(
        self,
        is_serving: bool,
        ready: Box<dyn FnOnce(Serving) + Send>,
        until: BoxFuture<'static, ()>,
    ) -> Result<(), NodeError> {
        let pool = Arc::new(Pool::new(pool_config(&self.config, &self.genesis)));
        let addresses = self
            .genesis
            .validators
            .iter()
            .filter_map(|validator| {
                let address = self.config.peer_address(&validator.name)?;
                Some((validator.network_key, address.to_string()))
            })
            .collect();
        let run = RunConfig {
            data_dir: self.data.path().join(CHAIN_DATA),
            threads: threads(),
            genesis: self.genesis.clone(),
            whole_genesis: whole_genesis(&self.config),
            keys: self.keys.clone(),
            listen: self.config.p2p_listen,
            addresses,
            pool: pool.clone(),
            state_window: self.config.state_window_blocks,
            cache_bytes: CACHE_BYTES,
            version: env!("CARGO_PKG_VERSION").into(),
            votes_forgotten_ms: self.data.votes_forgotten_ms()?,
            fetches_state: self.data.fetches_state(),
        };
        qiao_consensus::run(run, |engine| self.serve(engine, pool, is_serving, ready, until))?
    }

    async fn serve(
        self,
        engine: Engine,
        pool: Arc<Pool>,
        is_serving: bool,
        ready: Box<dyn FnOnce(Serving) + Send>,
        until: BoxFuture<'static, ()>,
    ) -> Result<(), NodeError> {
        let url = self.config.index_url();
        let opened = indexing::open(&url);
        let mut until = until;
        let index = tokio::select! {
            opened = opened => opened?,
            () = &mut until => return Ok(()),
        };
        let folder = self.data.path().join("sources");
        let sources = Sources::open(&folder)
            .map_err(|cause| NodeError::Sources { path: folder.clone(), cause })?;
        let folder = self.data.path().join("cabinet");
        let cabinet = Cabinet::open(&folder)
            .map_err(|cause| NodeError::Cabinet { path: folder.clone(), cause })?;
        let evaluator = evaluators::open(self.evaluators, &self.config, self.data.path())?;
        let start = indexing::indexed_head(&index, &engine).await?;
        let (indexed, heads) = watch::channel(start);
        let (troubled, trouble) = watch::channel(None);
        let following =
            indexing::follow(&self.genesis, engine.clone(), index.clone(), indexed, troubled);
        let chain: Arc<dyn Chain> = Arc::new(NodeChain {
            genesis: self.genesis.clone(),
            execution: ExecutionConfig::from_genesis(&self.genesis),
            engine,
            pool,
            index,
            heads,
            trouble,
            signer: self.account.clone(),
            hosted: self.hosted.clone(),
            sources,
            cabinet,
            evaluator,
            evaluators_authority: self.authority,
            sharing: self.sharing,
            status: StatusBoard {
                name: self.config.name.clone(),
                network_key: self.keys.network_key(),
                data_dir: self.data.path().to_path_buf(),
                started_ms: now_ms(),
            },
        });
        let mut serving = Serving { chain: chain.clone(), http: None, rpc: None };
        // Held until the node ends: dropping a server stops it.
        let mut servers = None;
        if is_serving {
            let http = listeners::serve_http(&self.config, &self.door, chain.clone()).await?;
            let rpc = listeners::serve_rpc(&self.config, &self.door, chain).await?;
            serving.http = Some(http.address());
            serving.rpc = Some(rpc.address());
            servers = Some((http, rpc));
        }
        ready(serving);
        let ended = tokio::select! {
            followed = following => followed.map_err(NodeError::from),
            () = until => Ok(()),
        };
        drop(servers);
        ended
    }
}

fn threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    cores.clamp(*THREADS.start(), *THREADS.end())
}

/// Reads the genesis file once more, accounts included, should the state be empty.
fn whole_genesis(config: &Config) -> WholeGenesis {
    let path = config.genesis.clone();
    Arc::new(move || home::read_genesis(&path).map(Arc::new).map_err(|error| error.to_string()))
}

fn pool_config(config: &Config, genesis: &Genesis) -> PoolConfig {
    let count = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    PoolConfig {
        per_sender_max: count(config.pool_sender_transactions_max),
        total_max: count(config.pool_transactions_max),
        total_bytes_max: count(config.pool_bytes_max),
        gap_max: config.pool_nonce_gap_max,
        ..PoolConfig::of(genesis)
    }
}

/// Runs the validator of a home as this process, until it is told to stop. `ready` is told whenever it
/// serves: once, and again after the machine's clock was set back, which is a new start.
pub fn start(
    home: &Path,
    flags: &BTreeMap<&'static str, String>,
    ready: impl Fn(&Serving) + Send + Sync + 'static,
) -> Result<(), NodeError> {
    let ready = Arc::new(ready);
    loop {
        let prepared = Prepared::open(home, flags)?;
        prepared.require_free_listeners()?;
        let set_back = Arc::new(OnceLock::new());
        let (ready, noted) = (ready.clone(), set_back.clone());
        let until = async move {
            tokio::select! {
                () = stop_signal() => {}
                by = clock::set_back() => noted.set(by).unwrap_or_default(),
            }
        };
        prepared.run(true, Box::new(move |serving| ready(&serving)), Box::pin(until))?;
        let Some(by) = set_back.get() else { return Ok(()) };
        tracing::warn!(seconds = by.as_secs(), "the clock was set back: the node starts anew");
    }
}

/// Ends when the process is asked to stop (Ctrl-C, or SIGTERM from a supervisor).
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(_) => return std::future::pending().await,
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {},
        _ = terminate.recv() => {},
    }
}
