//! One validator's agreement stack: who talks to whom.
//!
//! ```text
//! simplex (one per epoch) ── Deferred ── Stateful ── Application ── execution, state, pool
//!        └────────── marshal (blocks in order, durable) ──┘
//!             buffered broadcast · resolver · gossip
//! ```

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use commonware_broadcast::buffered;
use commonware_consensus::{
    Reporters,
    marshal::{
        self,
        core::Actor as MarshalActor,
        resolver::p2p as marshal_resolver,
        standard::{Deferred, Standard},
    },
    simplex,
    types::{FixedEpocher, Height, ViewDelta},
};
use commonware_cryptography::{
    Digested, Digestible as _, Signer as _, certificate::Verifier as _, keccak256::Digest,
};
use commonware_glue::stateful::{self, Stateful, SyncPlan, db::SyncEngineConfig};
use commonware_p2p::{Blocker, Provider, Receiver, Sender};
use commonware_parallel::Strategy;
use commonware_runtime::{Handle, buffer::paged::CacheRef};
use commonware_storage::{archive::prunable, translator::EightCap};
use commonware_utils::{NZDuration, NZU64, NZUsize};
use qiao_execution::{ExecutionConfig, GenesisRefused, genesis_changes};
use qiao_mempool::Pool;
use qiao_state::{
    FinalizedStates, GenesisStateError, History, PAGE, ReplayOnly, StateWindow, database_config,
    install_genesis,
};
use qiao_types::Genesis;
use tokio::sync::watch;

use crate::{
    admission::Admission,
    application::{Application, Head, Services},
    block::{BlockCodec, ConsensusBlock},
    environment::Environment,
    gossip::{self, Outbox},
    keys::ValidatorKeys,
    ledger::{Ledger, MarshalLedger},
    observer::Observer,
    orchestrator::{self, Marshal, epoch_after, final_blocks},
    receipts::{Receipts, ReceiptsFailure},
    scheme::{Committee, CommitteeError, EpochSchemes, PublicKey, Scheme},
    senders::Senders,
};

/// Time-outs of the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long a leader may take to propose. Longer than the heartbeat, for which a leader of an
    /// idle chain waits.
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
    /// Time-outs that fit a chain with this heartbeat.
    pub fn for_heartbeat(heartbeat_ms: u64) -> Self {
        let leader = Duration::from_millis(heartbeat_ms) + Duration::from_millis(750);
        Self {
            leader,
            certification: leader + Duration::from_millis(1_000),
            retry: Duration::from_millis(1_000),
            skip: leader + Duration::from_millis(1_500),
            fetch: Duration::from_millis(1_000),
            fetch_retry: Duration::from_millis(100),
            view_retention: ViewDelta::new(256),
        }
    }
}

/// What one validator is made of.
pub struct EngineConfig<P, B, T> {
    /// Names the partitions of its storage.
    pub prefix: String,
    /// The common genesis.
    pub genesis: Arc<Genesis>,
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
    pub cache_pages: std::num::NonZeroUsize,
    /// Time-outs.
    pub timing: Timing,
    /// What this node tells the others of its software.
    pub version: String,
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
}

/// How many channels there are.
pub const CHANNELS: u64 = 7;

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
}

/// A validator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The genesis file names no valid committee.
    #[error(transparent)]
    Committee(#[from] CommitteeError),
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
}

const MAILBOX: std::num::NonZeroUsize = NZUsize!(1_024);
const PENDING_ACKNOWLEDGEMENTS: std::num::NonZeroUsize = NZUsize!(16);

/// The largest message that validators of this genesis send each other.
pub fn message_bytes_max(genesis: &Genesis) -> u32 {
    let validators = u32::try_from(genesis.validators.len()).expect("a committee is small");
    let codec = block_codec(genesis, Senders::default());
    commonware_p2p::max_message_size(&[
        simplex::max_payload_size::<Scheme, Digest>(validators),
        marshal::max_payload_size::<Standard<ConsensusBlock>, Scheme>(validators, &codec),
        gossip::MESSAGE_BYTES_MAX,
    ])
}

fn block_codec(genesis: &Genesis, senders: Senders) -> BlockCodec {
    let block_bytes_max =
        usize::try_from(genesis.parameters.block_bytes_max).expect("a block fits into memory");
    BlockCodec { block_bytes_max, senders }
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
    let genesis = config.genesis.clone();
    let committee = Committee::from_genesis(&genesis)?;
    let schemes = EpochSchemes::new(config.keys.clone());
    let senders = Senders::default();
    let codec = block_codec(&genesis, senders.clone());
    let cache = CacheRef::new(PAGE, config.cache_pages);
    let me = config.keys.network().public_key();
    let prefix = config.prefix.clone();
    let length = std::num::NonZeroU64::new(genesis.parameters.epoch_blocks).unwrap_or(NZU64!(2));
    let epocher = FixedEpocher::new(length);

    let state_config = database_config(&prefix, config.strategy.clone(), cache.clone());
    install_genesis(
        context.child("genesis"),
        state_config.clone(),
        &genesis_changes(&genesis)?,
        &genesis.state,
    )
    .await?;

    // Peers that push and fetch blocks.
    let resolver = marshal_resolver::init(
        context.child("backfill"),
        marshal_resolver::Config {
            public_key: me.clone(),
            peer_provider: config.peers.clone(),
            blocker: config.blocker.clone(),
            mailbox_size: MAILBOX,
            fetch_timeout: NZDuration!(config.timing.fetch * 2),
            fetch_retry_delay: config.timing.fetch_retry,
            priority_requests: false,
            priority_responses: false,
        },
        channels.backfill,
    );
    let (broadcast, buffer) = buffered::Engine::new(
        context.child("broadcast"),
        buffered::Config {
            public_key: me.clone(),
            mailbox_size: MAILBOX,
            deque_size: 16,
            priority: true,
            codec_config: codec.clone(),
            peer_provider: config.peers.clone(),
            strategy: config.strategy.clone(),
        },
    );
    broadcast.start(channels.broadcast);

    // The archive: blocks and their certificates, in order.
    let block_zero = ConsensusBlock::genesis(&genesis);
    let zero_digest = block_zero.digest();
    let first_epoch = commonware_consensus::types::Epoch::zero();
    let (scheme, _) = schemes.register(first_epoch, &committee);
    let certificates = archive(
        &context,
        "certificates",
        &prefix,
        cache.clone(),
        scheme.certificate_codec_config(),
    )
    .await?;
    let blocks = archive(&context, "blocks", &prefix, cache.clone(), codec.clone()).await?;
    let plan = SyncPlan::init(context.child("plan"), prefix.clone()).await;
    let (marshal_actor, marshal, floor) =
        MarshalActor::<_, Standard<ConsensusBlock>, _, _, _, _, _>::init(
            context.child("marshal"),
            certificates,
            blocks,
            marshal::Config {
                provider: schemes.clone(),
                epocher: epocher.clone(),
                start: plan.marshal_start(Digested::precomputed(block_zero.clone(), zero_digest)),
                partition_prefix: format!("{prefix}-marshal"),
                mailbox_size: MAILBOX,
                view_retention: config.timing.view_retention,
                prunable_items_per_section: NZU64!(1_024),
                page_cache: cache.clone(),
                replay_buffer: NZUsize!(1 << 20),
                key_write_buffer: NZUsize!(1 << 16),
                value_write_buffer: NZUsize!(1 << 20),
                block_codec_config: codec,
                max_repair: NZUsize!(32),
                max_pending_acks: PENDING_ACKNOWLEDGEMENTS,
                strategy: config.strategy.clone(),
            },
        )
        .await;
    let processed = floor.processed().map_or(Height::zero(), |processed| processed.height());
    let (epoch, floor_height) = epoch_after(&epocher, processed);
    for known in 0..=epoch.get() {
        schemes.register(commonware_consensus::types::Epoch::new(known), &committee);
    }

    // The application and its state.
    let receipts = Receipts::open(context.child("receipts"), &prefix, cache.clone()).await?;
    let history = Arc::new(History::new(config.state_window));
    let (heads, heads_seen) = watch::channel(Head::of(&block_zero));
    let services = Arc::new(Services {
        execution: ExecutionConfig::from_genesis(&genesis),
        genesis: genesis.clone(),
        pool: config.pool.clone(),
        history: history.clone(),
        state_height: Arc::default(),
        receipts: receipts.clone(),
        heads,
        observer: Observer::default(),
    });
    services.state_height.store(processed.get(), Ordering::Release);
    let (stateful, application) = Stateful::new(
        context.child("stateful"),
        stateful::Config {
            application: Application::<E, T>::new(services.clone()),
            db_config: state_config,
            provider: (),
            marshal: (marshal.clone(), floor),
            mailbox_size: MAILBOX,
            plan,
            resolvers: ReplayOnly,
            sync_config: SyncEngineConfig {
                fetch_batch_size: NZU64!(64),
                apply_batch_size: NZU64!(1_024),
                max_outstanding_requests: NZUsize!(8),
            },
            prune_config: None,
            strategy: config.strategy.clone(),
        },
    );
    let automaton = Deferred::new(
        context.child("deferred"),
        application.clone(),
        marshal.clone(),
        epocher.clone(),
    );
    let (final_sender, final_receiver) = final_blocks();
    marshal_actor.start(Reporters::from((application.clone(), final_sender)), buffer, resolver);
    stateful.start();
    let databases = application.subscribe_databases().await;

    let floor_digest = digest_at(&marshal, floor_height, zero_digest).await?;
    if let Some(block) = marshal.get_block(processed).await {
        services.heads.send_if_modified(|head| {
            let is_newer = head.number < processed.get();
            if is_newer {
                *head = Head::of(block.inner());
            }
            is_newer
        });
    }
    let states: Arc<dyn StateWindow> =
        Arc::new(FinalizedStates::new(databases, history, services.state_height.clone()));
    let admission = Admission::new(
        config.pool.clone(),
        services.execution,
        senders,
        states.clone(),
        heads_seen.clone(),
    );
    let outbox = start_gossip(
        &context,
        &config,
        &services,
        &admission,
        channels.transactions,
        channels.introductions,
    );
    let ledger: Arc<dyn Ledger> =
        Arc::new(MarshalLedger::new(marshal.clone(), receipts, heads_seen.clone()));
    let orchestrator = orchestrator::Config {
        prefix,
        automaton,
        blocker: config.blocker.clone(),
        marshal,
        committee,
        schemes,
        epocher,
        start: (epoch, floor_digest),
        timing: config.timing,
        strategy: config.strategy.clone(),
        page_cache: cache,
        observer: services.observer.clone(),
    };
    let agreement = (channels.votes, channels.certificates, channels.resolver);
    let running = context
        .child("orchestrator")
        .spawn(move |context| orchestrator::run(context, orchestrator, final_receiver, agreement));
    let observer = services.observer.clone();
    let engine = Engine { admission, outbox, ledger, states, heads: heads_seen, observer };
    Ok((engine, running))
}

async fn archive<E: Environment, V: commonware_codec::CodecShared>(
    context: &E,
    name: &'static str,
    prefix: &str,
    page_cache: CacheRef,
    codec_config: V::Cfg,
) -> Result<prunable::Archive<EightCap, E, Digest, V>, EngineError> {
    let config = prunable::Config {
        translator: EightCap,
        metadata_partition: format!("{prefix}-{name}-metadata"),
        key_partition: format!("{prefix}-{name}-key"),
        key_page_cache: page_cache,
        value_partition: format!("{prefix}-{name}-value"),
        compression: None,
        codec_config,
        items_per_section: NZU64!(4_096),
        key_write_buffer: NZUsize!(1 << 16),
        value_write_buffer: NZUsize!(1 << 20),
        replay_buffer: NZUsize!(1 << 20),
    };
    prunable::Archive::init(context.child(name), config)
        .await
        .map_err(|error| EngineError::Store { store: name, reason: error.to_string() })
}

async fn digest_at(marshal: &Marshal, height: Height, zero: Digest) -> Result<Digest, EngineError> {
    if height == Height::zero() {
        return Ok(zero);
    }
    let info = marshal.get_info(height).await;
    info.map(|(_, digest)| digest).ok_or_else(|| EngineError::Store {
        store: "blocks",
        reason: format!("block {height} is missing although later blocks were processed"),
    })
}

fn start_gossip<E, P, B, T, TX, RX>(
    context: &E,
    config: &EngineConfig<P, B, T>,
    services: &Services<E>,
    admission: &Admission,
    transactions: (TX, RX),
    introductions: (TX, RX),
) -> Outbox
where
    E: Environment,
    TX: Sender<PublicKey = PublicKey>,
    RX: Receiver<PublicKey = PublicKey>,
{
    let (outbox, outgoing) = gossip::outbox();
    let (sender, receiver) = transactions;
    let admission = admission.clone();
    context
        .child("transactions_in")
        .spawn(move |_| gossip::receive_transactions(admission, receiver));
    let pool = config.pool.clone();
    context
        .child("transactions_out")
        .spawn(move |clock| gossip::send_transactions(clock, pool, outgoing, sender));
    let (sender, receiver) = introductions;
    let heads = services.heads.subscribe();
    let version = config.version.clone();
    context
        .child("introductions_out")
        .spawn(move |clock| gossip::introduce(clock, version, heads, sender));
    let observer = services.observer.clone();
    context
        .child("introductions_in")
        .spawn(move |clock| gossip::receive_introductions(clock, observer, receiver));
    outbox
}
