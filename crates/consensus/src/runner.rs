//! A validator on the real thing: tokio, TCP with authenticated encryption, files.

use std::{
    collections::BTreeMap,
    future::Future,
    net::{SocketAddr, ToSocketAddrs as _},
    num::NonZeroUsize,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use commonware_cryptography::ChaCha20Poly1305;
use commonware_p2p::{
    Address, AddressableManager as _,
    authenticated::lookup::{self, Network},
};
use commonware_runtime::{Handle, Quota, Runner as _, Strategizer as _, Supervisor as _, tokio};
use commonware_stream::{
    cups::{self, Cups},
    sake::{self, Sake},
};
use commonware_utils::{NZU32, NZUsize, ordered::Map};
use futures::future::BoxFuture;
use qiao_mempool::Pool;
use qiao_types::{B256, Genesis};

use crate::{
    engine::{
        self, Channels, Engine, EngineConfig, EngineError, Timing, WholeGenesis, message_bytes_max,
    },
    keys::ValidatorKeys,
    scheme::{CommitteeError, NAMESPACE, network_identity},
};

/// What a validator process needs to know.
pub struct RunConfig {
    /// Where it keeps its data.
    pub data_dir: PathBuf,
    /// Threads of the runtime.
    pub threads: usize,
    /// The header of the common genesis.
    pub genesis: Arc<Genesis>,
    /// All of it.
    pub whole_genesis: WholeGenesis,
    /// Its secrets.
    pub keys: ValidatorKeys,
    /// Where it listens for the other validators.
    pub listen: SocketAddr,
    /// Addresses that differ from the genesis file, by network key.
    pub addresses: BTreeMap<B256, String>,
    /// The pool.
    pub pool: Arc<Pool>,
    /// States of so many past blocks stay readable.
    pub state_window: u64,
    /// Memory for cached pages of the stores, in bytes.
    pub cache_bytes: usize,
    /// What this node tells the others of its software.
    pub version: String,
    /// When this validator forgot how it had voted, by its own clock; `None` if it never did.
    pub votes_forgotten_ms: Option<u64>,
    /// Whether a validator without a state fetches it from its peers.
    pub fetches_state: bool,
}

/// A validator cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Its stack cannot start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The genesis names no valid committee.
    #[error(transparent)]
    Committee(#[from] CommitteeError),
    /// A validator's address cannot be resolved.
    #[error("address `{address}` of validator `{validator}` cannot be resolved: {reason}")]
    Address {
        /// Whose.
        validator: String,
        /// What the file says.
        address: String,
        /// Why not.
        reason: String,
    },
}

/// Handshakes of peers whose clock differs by more than this are refused.
const CLOCK_SYNCHRONY: Duration = Duration::from_secs(5);
const HANDSHAKE_AGE_MAX: Duration = Duration::from_secs(10);
/// Names the stores of a node.
pub(crate) const STORE_PREFIX: &str = "chain";
const PAGE_BYTES: usize = 4_096;
const HELPERS_MAX: usize = 8;

/// Runs a validator until the future that `serve` returns has ended.
pub fn run<F, O>(config: RunConfig, serve: impl FnOnce(Engine) -> F) -> Result<O, RunError>
where
    F: Future<Output = O>,
{
    let runtime = tokio::Config::new()
        .with_storage_directory(config.data_dir.clone())
        .with_worker_threads(config.threads);
    tokio::Runner::new(runtime).start(|context| async move {
        let (engine, _running) = launch(context, config).await?;
        Ok(serve(engine).await)
    })
}

/// Connects a validator and starts its stack. Boxed, so that the stack is compiled once, here, and
/// not in every crate that runs a node.
fn launch(
    context: tokio::Context,
    config: RunConfig,
) -> BoxFuture<'static, Result<(Engine, Handle<()>), RunError>> {
    Box::pin(async move {
        let strategy = context.child("strategy").strategy(helpers());
        let (channels, oracle) = connect(&context, &config)?;
        let pages = (config.cache_bytes / PAGE_BYTES).max(1_024);
        let engine_config = EngineConfig {
            prefix: STORE_PREFIX.into(),
            timing: Timing::standard(),
            genesis: config.genesis,
            whole_genesis: config.whole_genesis,
            keys: config.keys,
            pool: config.pool,
            state_window: config.state_window,
            peers: oracle.clone(),
            blocker: oracle,
            strategy,
            cache_pages: NonZeroUsize::new(pages).unwrap_or(NZUsize!(1_024)),
            version: config.version,
            votes_forgotten_ms: config.votes_forgotten_ms,
            fetches_state: config.fetches_state,
        };
        Ok(engine::start(context.child("validator"), engine_config, channels).await?)
    })
}

/// Threads that share the work of one task. Where there are hardly more cores than threads of the
/// runtime, handing work over costs more than it brings.
fn helpers() -> NonZeroUsize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    NonZeroUsize::new((cores / 2).min(HELPERS_MAX)).unwrap_or(NonZeroUsize::MIN)
}

type Oracle = lookup::Oracle<crate::scheme::PublicKey>;
type NetworkChannels = Channels<
    lookup::Sender<crate::scheme::PublicKey, tokio::Context>,
    lookup::Receiver<crate::scheme::PublicKey>,
>;

fn connect(
    context: &tokio::Context,
    config: &RunConfig,
) -> Result<(NetworkChannels, Oracle), RunError> {
    let members = config.genesis.validators.len();
    let peers = addresses(config)?;
    let handshake = Cups::<_, ChaCha20Poly1305>::new(
        Sake {
            signer: config.keys.network().clone(),
            synchrony_bound: CLOCK_SYNCHRONY,
            max_handshake_age: HANDSHAKE_AGE_MAX,
            version: sake::Version::V1,
        },
        cups::Version::V1,
    );
    // Two networks never mix, even on the same ports: the namespace holds the fingerprint.
    let namespace = [NAMESPACE, config.genesis.fingerprint().as_slice()].concat();
    let mut network_config = lookup::Config::local(
        handshake,
        &namespace,
        config.listen,
        NonZeroUsize::new(members).unwrap_or(NZUsize!(1)),
        message_bytes_max(&config.genesis),
        NZUsize!(1_024),
    );
    network_config.tracked_peer_sets = NZUsize!(1);
    network_config.block_duration = Duration::from_secs(600);
    let (mut network, mut oracle) = Network::new(context.child("network"), network_config);
    oracle.track(0, peers);
    let mut channel = |number, per_second| network.register(number, Quota::per_second(per_second));
    let channels = Channels {
        votes: channel(0, NZU32!(2_048)),
        certificates: channel(1, NZU32!(2_048)),
        resolver: channel(2, NZU32!(512)),
        backfill: channel(3, NZU32!(512)),
        broadcast: channel(4, NZU32!(512)),
        transactions: channel(5, NZU32!(512)),
        introductions: channel(6, NZU32!(16)),
        state: channel(7, NZU32!(2_048)),
        newest: channel(8, NZU32!(16)),
    };
    network.start();
    Ok((channels, oracle))
}

fn addresses(config: &RunConfig) -> Result<Map<crate::scheme::PublicKey, Address>, RunError> {
    let mut peers = Vec::new();
    for validator in &config.genesis.validators {
        let address =
            config.addresses.get(&validator.network_key).unwrap_or(&validator.address).clone();
        let failed = |reason: String| RunError::Address {
            validator: validator.name.clone(),
            address: address.clone(),
            reason,
        };
        let mut found = address.to_socket_addrs().map_err(|error| failed(error.to_string()))?;
        let socket = found.next().ok_or_else(|| failed("no address found".into()))?;
        peers.push((network_identity(validator)?, Address::from(socket)));
    }
    peers.try_into().map_err(|_| RunError::Committee(CommitteeError::NotDistinct))
}
