//! One validator's agreement stack: who talks to whom.
//!
//! ```text
//! simplex (one per epoch) ── Deferred ── Stateful ── Application ── execution, state, pool
//!        └────────── marshal (blocks in order, durable) ──┘
//!             buffered broadcast · resolver · gossip
//! ```

mod earlier;
mod fetching;
mod kept;
mod stores;
mod wiring;

use std::{
    num::{NonZeroU64, NonZeroUsize},
    sync::Arc,
    time::Duration,
};

use commonware_consensus::{
    Reporters,
    marshal::{
        self,
        standard::{Deferred, Standard},
    },
    simplex,
    types::{Height, ViewDelta},
};
use commonware_cryptography::{Digestible as _, keccak256::Digest};
use commonware_glue::stateful::{self, PruneConfig, Stateful, db::SyncEngineConfig};
use commonware_p2p::{Blocker, Provider, Receiver, Sender};
use commonware_parallel::Strategy;
use commonware_runtime::Handle;
use commonware_utils::{NZU64, NZUsize};
use qiao_execution::GenesisRefused;
use qiao_mempool::Pool;
use qiao_state::{GenesisStateError, PeerStates, StateWindow};
use qiao_types::Genesis;
use tokio::sync::watch;

pub(crate) use self::{
    earlier::{EARLIER, Earlier},
    fetching::Plan,
    stores::{
        Blocks, archive, block_at, block_of, changes_of_genesis, is_whole, processed, run_start,
    },
};
use self::{
    stores::{Base, digest_at, init_marshal},
    wiring::{announce_processed, block_exchange, interfaces, services},
};
use crate::{
    admission::Admission,
    application::{Application, Executed, Head, Services},
    block::{BlockCodec, ConsensusBlock},
    environment::Environment,
    gossip::{self, Outbox},
    keys::ValidatorKeys,
    ledger::Ledger,
    observer::Observer,
    orchestrator::{self, Marshal, epoch_after, final_blocks},
    receipts::ReceiptsFailure,
    scheme::{CommitteeError, PublicKey, Scheme},
    senders::Senders,
    silence::Silence,
    turn::Turn,
};

/// Time-outs of the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long a leader may take to propose. A leader of an idle chain, which waits for the
    /// heartbeat, may be given up meanwhile: the next one waits in its place, and nothing is lost.
    pub leader: Duration,
    /// How long a view may take to be certified before it is given up.
    pub certification: Duration,
    /// A view that is stuck repeats its votes this often.
    pub retry: Duration,
    /// A leader that was silent this long is skipped at once.
    pub skip: Duration,
    /// A peer has this long to answer a request.
    pub fetch: Duration,
    /// Pause before a failed request is repeated.
    pub fetch_retry: Duration,
    /// Views behind the newest final one whose votes are kept.
    pub view_retention: ViewDelta,
}

impl Timing {
    /// The time-outs of every chain. They do not depend on the heartbeat: however short that is, a
    /// leader has the time to build a block.
    pub fn standard() -> Self {
        Self {
            leader: LEADER,
            certification: CERTIFICATION,
            retry: Duration::from_millis(1_000),
            skip: CERTIFICATION + Duration::from_millis(250),
            fetch: Duration::from_millis(1_000),
            fetch_retry: Duration::from_millis(100),
            view_retention: ViewDelta::new(32),
        }
    }
}

/// Reads the genesis with its accounts. A validator with a state goes on without them, and does not ask.
pub type WholeGenesis = Arc<dyn Fn() -> Result<Arc<Genesis>, String> + Send + Sync>;

/// What one validator is made of.
pub struct EngineConfig<P, B, T> {
    /// Names the partitions of its storage.
    pub prefix: String,
    /// The common genesis, or its header.
    pub genesis: Arc<Genesis>,
    /// All of it.
    pub whole_genesis: WholeGenesis,
    /// Its secrets.
    pub keys: ValidatorKeys,
    /// The pool.
    pub pool: Arc<Pool>,
    /// States of so many past blocks stay readable.
    pub state_window: u64,
    /// Who the peers are.
    pub peers: P,
    /// Blocks peers that break the protocol.
    pub blocker: B,
    /// Parallel work.
    pub strategy: T,
    /// Pages (of 4 KiB) of cache for all stores together.
    pub cache_pages: NonZeroUsize,
    /// Time-outs.
    pub timing: Timing,
    /// What this node tells the others of its software.
    pub version: String,
    /// When this validator forgot how it had voted, by its own clock; `None` if it never did.
    pub votes_forgotten_ms: Option<u64>,
    /// Whether a validator without a state fetches it from its peers, and executes the blocks before it
    /// while it votes. A validator with a state goes on with it.
    pub fetches_state: bool,
}

impl<P, B, T> EngineConfig<P, B, T> {
    fn silence(&self) -> Option<Silence> {
        self.votes_forgotten_ms.map(Silence::since)
    }
}

/// The network channels, in the order of their numbers.
pub struct Channels<TX, RX> {
    /// 0: votes.
    pub votes: (TX, RX),
    /// 1: certificates.
    pub certificates: (TX, RX),
    /// 2: missing certificates.
    pub resolver: (TX, RX),
    /// 3: missing blocks.
    pub backfill: (TX, RX),
    /// 4: new blocks.
    pub broadcast: (TX, RX),
    /// 5: transactions.
    pub transactions: (TX, RX),
    /// 6: introductions.
    pub introductions: (TX, RX),
    /// 7: the state.
    pub state: (TX, RX),
    /// 8: the newest certificates, for those who fetch the state.
    pub newest: (TX, RX),
}

/// How many channels there are.
pub const CHANNELS: u64 = 9;

/// A running validator, as the rest of the node uses it.
#[derive(Clone)]
pub struct Engine {
    /// Admits transactions to the pool.
    pub admission: Admission,
    /// Announces accepted transactions to the others.
    pub outbox: Outbox,
    /// Final blocks with their receipts.
    pub ledger: Arc<dyn Ledger>,
    /// Recent states.
    pub states: Arc<dyn StateWindow>,
    /// The newest final block.
    pub heads: watch::Receiver<Head>,
    /// Measures.
    pub observer: Observer,
    /// Blocks that were executed and are not final yet.
    pub(crate) executed: Executed,
}

/// A validator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The genesis file names no valid committee.
    #[error(transparent)]
    Committee(#[from] CommitteeError),
    /// The accounts of the genesis file cannot be read.
    #[error("genesis file cannot be read: {0}")]
    GenesisUnreadable(String),
    /// The genesis file breaks a rule of a module.
    #[error("genesis file is refused: {0}")]
    Refused(#[from] GenesisRefused),
    /// The genesis state does not fit.
    #[error(transparent)]
    Genesis(#[from] GenesisStateError),
    /// A store cannot be opened.
    #[error("store `{store}` cannot be opened: {reason}")]
    Store {
        /// Which.
        store: &'static str,
        /// Why.
        reason: String,
    },
    /// The receipts cannot be opened.
    #[error(transparent)]
    Receipts(#[from] ReceiptsFailure),
    /// There is nobody to fetch the state from.
    #[error("the state cannot be fetched: the network has no other validator")]
    Alone,
    /// Fetching the state failed.
    #[error("the state cannot be fetched: {0}")]
    NotFetched(String),
}

impl EngineError {
    /// Whether the genesis file is what is wrong, and not the data.
    pub fn is_of_genesis(&self) -> bool {
        match self {
            Self::Committee(_) | Self::GenesisUnreadable(_) | Self::Refused(_) => true,
            Self::Genesis(error) => matches!(error, GenesisStateError::RootMismatch { .. }),
            Self::Store { .. } | Self::Receipts(_) | Self::Alone | Self::NotFetched(_) => false,
        }
    }
}

/// A leader fills a block with what it builds in a sixth of this (`application/pace.rs`); one that
/// died costs this much.
const LEADER: Duration = Duration::from_millis(600);
/// What a leader built within its pace, others execute within this, on a much slower machine too.
const CERTIFICATION: Duration = Duration::from_millis(2_000);
const MAILBOX: NonZeroUsize = NZUsize!(1_024);
/// How the state is fetched. What answers one request, if its values are the longest that there are,
/// is shorter than a block of the usual limit.
const STATE_SYNC: SyncEngineConfig = SyncEngineConfig {
    fetch_batch_size: OPERATIONS_PER_ANSWER,
    apply_batch_size: NZU64!(1_024),
    max_outstanding_requests: NZUsize!(16),
};
const OPERATIONS_PER_ANSWER: NonZeroU64 = NZU64!(48);
/// What the newest values have replaced leaves the state's log after so many blocks, for those who are
/// fetching it; blocks and certificates are kept whatever this says ([`kept::Kept`]).
const PRUNING: PruneConfig = PruneConfig {
    maintenance_interval: NZUsize!(4),
    retained_marshal_blocks: 16,
    retained_qmdb_blocks: 16,
};
const PENDING_ACKNOWLEDGEMENTS: NonZeroUsize = NZUsize!(16);

/// The largest message that validators of this genesis send each other.
pub fn message_bytes_max(genesis: &Genesis) -> u32 {
    let validators = u32::try_from(genesis.validators.len()).expect("a committee is small");
    let codec = block_codec(genesis, Senders::default(), None);
    commonware_p2p::max_message_size(&[
        simplex::max_payload_size::<Scheme, Digest>(validators),
        marshal::max_payload_size::<Standard<ConsensusBlock>, Scheme>(validators, &codec),
        gossip::MESSAGE_BYTES_MAX,
        fetching::message_bytes_max(validators),
    ])
}

pub(crate) fn block_codec(
    genesis: &Genesis,
    senders: Senders,
    pool: Option<Arc<Pool>>,
) -> BlockCodec {
    let block_bytes_max =
        usize::try_from(genesis.parameters.block_bytes_max).expect("a block fits into memory");
    BlockCodec { block_bytes_max, senders, pool }
}

/// Starts a validator. The returned handle ends when the agreement stops, which it does only with
/// the node.
pub async fn start<E, P, B, T, TX, RX>(
    context: E,
    config: EngineConfig<P, B, T>,
    channels: Channels<TX, RX>,
) -> Result<(Engine, Handle<()>), EngineError>
where
    E: Environment,
    P: Provider<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
    T: Strategy,
    TX: Sender<PublicKey = PublicKey>,
    RX: Receiver<PublicKey = PublicKey>,
{
    let probe = fetching::probe(&context, &config, channels.newest)?;
    let plan = fetching::plan(&context, &config, &probe).await?;
    let fetched = plan.floor().cloned();
    let mut base = Base::open(&context, &config, &plan).await?;
    let start = plan.marshal_start(base.block_zero_digested());
    let (marshal_actor, marshal, floor) = init_marshal(&context, &config, &mut base, start).await?;
    let processed = base.processed(&floor);
    let (services, heads) = services(&context, &config, &base, processed).await?;

    let peers = fetching::exchange(&context, &config, channels.state);
    let stateful_config =
        stateful_config(&config, &base, &services, (plan, peers), (marshal.clone(), floor));
    let (stateful, application) = Stateful::new(context.child("stateful"), stateful_config);
    let (deferred, epocher) = (context.child("deferred"), base.epocher.clone());
    let automaton = Deferred::new(deferred, application.clone(), marshal.clone(), epocher);
    let turns = context.child("turns");
    let in_turn = Turn::new(turns, automaton.clone(), marshal.clone(), services.clone());
    let (final_sender, final_receiver) = final_blocks();
    let (buffer, resolver) =
        block_exchange(&context, &config, &base, channels.broadcast, channels.backfill);
    marshal_actor.start(Reporters::from((application.clone(), final_sender)), buffer, resolver);
    stateful.start();
    probe.attach(marshal.clone());

    let orchestrated =
        orchestrator_config(&config, &base, &services, &marshal, (in_turn, automaton));
    let agreement = |start| {
        let channels = (channels.votes, channels.certificates, channels.resolver);
        context.child("orchestrator").spawn(move |context| {
            orchestrator::run(context, orchestrated, start, final_receiver, channels)
        })
    };
    let (databases, running) = if let Some(floor) = fetched {
        // Peers keep a state for some blocks only: it follows the chain while it fetches.
        let running = agreement(orchestrator::Start::after(floor.clone(), config.silence()));
        let databases = application.subscribe_databases().await;
        fetching::announce_fetched(&services, &mut base, &marshal, &databases, &floor).await?;
        (databases, running)
    } else {
        let databases = application.subscribe_databases().await;
        announce_processed(&services, &marshal, processed).await;
        (databases, agreement(start_of_agreement(&config, &base, &marshal, processed).await?))
    };
    let missing =
        fetching::complete_history(&context, &config, &mut base, &services, &marshal).await?;
    let engine = interfaces(
        &context,
        &config,
        &base,
        &services,
        (&marshal, missing),
        heads,
        Arc::new(services.states(databases)),
        (channels.transactions, channels.introductions),
    );
    Ok((engine, running))
}

/// Where the agreement goes on after the last block that was processed.
async fn start_of_agreement<E: Environment, P, B, T: Strategy>(
    config: &EngineConfig<P, B, T>,
    base: &Base<E, T>,
    marshal: &Marshal,
    processed: Height,
) -> Result<orchestrator::Start, EngineError> {
    let silence = config.silence();
    let (epoch, before) = epoch_after(&base.epocher, processed);
    if let Some(silence) = silence {
        // It forgot its votes, and may vote on what comes after a final block that ends the silence.
        let ends = |time_ms| silence.ends_with(time_ms);
        if let Some(floor) = newest_certificate(marshal, processed, before, ends).await {
            return Ok(orchestrator::Start { epoch, floor, is_voting: true });
        }
    }
    let before_ms = match marshal.get_block(before).await {
        Some(block) => block.inner().seal().timestamp_ms,
        None => base.block_zero.seal().timestamp_ms,
    };
    let is_voting = silence.is_none_or(|silence| silence.ends_with(before_ms));
    let floor = match digest_at(marshal, before, base.block_zero.digest()).await {
        Ok(digest) => simplex::Floor::Genesis(digest),
        // The history of a validator that fetched its state may begin within the epoch.
        Err(missing) => {
            newest_certificate(marshal, processed, before, |_| true).await.ok_or(missing)?
        }
    };
    Ok(orchestrator::Start { epoch, floor, is_voting })
}

/// The newest block above a height that has a certificate of its own, as long as the times at which
/// blocks were proposed satisfy a condition. A block that is final through its successor alone has none.
async fn newest_certificate(
    marshal: &Marshal,
    newest: Height,
    before: Height,
    is_wanted: impl Fn(u64) -> bool,
) -> Option<simplex::Floor<Scheme, Digest>> {
    let mut height = newest;
    while height > before {
        let block = marshal.get_block(height).await?;
        if !is_wanted(block.inner().seal().timestamp_ms) {
            return None;
        }
        if let Some(finalization) = marshal.get_finalization(height).await {
            return Some(simplex::Floor::Finalized(finalization));
        }
        height = height.previous().expect("it is above another height");
    }
    None
}

/// What the engines of all epochs are made of.
fn orchestrator_config<E: Environment, P, B: Clone, T: Strategy, A, R>(
    config: &EngineConfig<P, B, T>,
    base: &Base<E, T>,
    services: &Services<E>,
    marshal: &Marshal,
    (automaton, relay): (A, R),
) -> orchestrator::Config<A, R, B, T> {
    orchestrator::Config {
        prefix: config.prefix.clone(),
        automaton,
        relay,
        blocker: config.blocker.clone(),
        marshal: marshal.clone(),
        committee: base.committee.clone(),
        schemes: base.schemes.clone(),
        epocher: base.epocher.clone(),
        silence: config.silence(),
        timing: config.timing,
        strategy: config.strategy.clone(),
        page_cache: base.cache.clone(),
        observer: services.observer.clone(),
    }
}

type StatefulConfig<E, T> =
    stateful::Config<E, Application<E, T>, Standard<ConsensusBlock>, PeerStates<E, T>, T>;

/// How the application hangs on marshal and on the state.
fn stateful_config<E: Environment, P, B, T: Strategy>(
    config: &EngineConfig<P, B, T>,
    base: &Base<E, T>,
    services: &Arc<Services<E>>,
    (plan, resolvers): (Plan<E>, PeerStates<E, T>),
    marshal: (Marshal, marshal::core::Floor),
) -> StatefulConfig<E, T> {
    stateful::Config {
        application: Application::new(services.clone()),
        db_config: base.state_config.clone(),
        provider: (),
        marshal,
        mailbox_size: MAILBOX,
        plan,
        resolvers,
        sync_config: STATE_SYNC,
        prune_config: Some(PRUNING),
        strategy: config.strategy.clone(),
    }
}
