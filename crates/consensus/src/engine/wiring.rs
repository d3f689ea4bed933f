//! What hangs on the agreement: block exchange, gossip, and the handles for the rest of the node.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use commonware_broadcast::buffered;
use commonware_consensus::{
    marshal::{self, resolver::p2p as marshal_resolver},
    types::Height,
};
use commonware_cryptography::{Signer as _, keccak256::Digest};
use commonware_p2p::{Blocker, Provider, Receiver, Sender};
use commonware_parallel::Strategy;
use commonware_utils::NZDuration;
use qiao_execution::ExecutionConfig;
use qiao_state::{History, StateWindow};
use tokio::sync::watch;

use super::{Engine, EngineConfig, EngineError, MAILBOX, stores::Base};
use crate::{
    admission::Admission,
    application::{Executed, Head, Services},
    block::ConsensusBlock,
    environment::Environment,
    gossip::{self, Outbox},
    history::MissingBlocks,
    ledger::{MarshalLedger, RecentBlocks},
    memberships::Memberships,
    observer::Observer,
    orchestrator::Marshal,
    receipts::Receipts,
    scheme::PublicKey,
};

/// What the application shares with the rest of the node.
pub(super) async fn services<E: Environment, P, B, T: Strategy>(
    context: &E,
    config: &EngineConfig<P, B, T>,
    base: &Base<E, T>,
    processed: Height,
) -> Result<(Arc<Services<E>>, watch::Receiver<Head>), EngineError> {
    let child = context.child("receipts");
    let receipts = Receipts::open(child, &config.prefix, base.cache.clone()).await?;
    let (heads, seen) = watch::channel(Head::of(&base.block_zero));
    let services = Services {
        execution: ExecutionConfig::from_genesis(&config.genesis),
        genesis: config.genesis.clone(),
        pool: config.pool.clone(),
        history: Arc::new(History::new(config.state_window)),
        state_height: Arc::new(AtomicU64::new(processed.get())),
        receipts,
        heads,
        observer: Observer::default(),
        executed: Executed::default(),
        memberships: Memberships::default(),
        recent: RecentBlocks::default(),
    };
    Ok((Arc::new(services), seen))
}

type BlockBuffer = buffered::Mailbox<PublicKey, ConsensusBlock>;
type Backfill =
    (marshal::resolver::handler::Receiver<Digest>, marshal_resolver::Mailbox<Digest, PublicKey>);

/// Peers push new blocks to each other and fetch missing ones.
pub(super) fn block_exchange<E, P, B, T, TX, RX>(
    context: &E,
    config: &EngineConfig<P, B, T>,
    base: &Base<E, T>,
    broadcast: (TX, RX),
    backfill: (TX, RX),
) -> (BlockBuffer, Backfill)
where
    E: Environment,
    P: Provider<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
    T: Strategy,
    TX: Sender<PublicKey = PublicKey>,
    RX: Receiver<PublicKey = PublicKey>,
{
    let me = config.keys.network().public_key();
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
        backfill,
    );
    let (engine, buffer) = buffered::Engine::new(
        context.child("broadcast"),
        buffered::Config {
            public_key: me,
            mailbox_size: MAILBOX,
            deque_size: 16,
            priority: true,
            codec_config: base.codec.clone(),
            peer_provider: config.peers.clone(),
            strategy: config.strategy.clone(),
        },
    );
    engine.start(broadcast);
    (buffer, resolver)
}

/// After a restart the head is the last block that was processed before.
pub(super) async fn announce_processed<E: Environment>(
    services: &Services<E>,
    marshal: &Marshal,
    processed: Height,
) {
    if let Some(block) = marshal.get_block(processed).await {
        announce(services, block.inner());
    }
}

/// The state after this block is there: it is the head, unless a later one is.
pub(super) fn announce<E: Environment>(services: &Services<E>, block: &ConsensusBlock) {
    let number = block.block().number();
    services.state_height.fetch_max(number, Ordering::AcqRel);
    services.heads.send_if_modified(|head| {
        let is_newer = head.number < number;
        if is_newer {
            *head = Head::of(block);
        }
        is_newer
    });
}

/// What the rest of the node uses.
#[allow(clippy::too_many_arguments)]
pub(super) fn interfaces<E, P, B, T, TX, RX>(
    context: &E,
    config: &EngineConfig<P, B, T>,
    base: &Base<E, T>,
    services: &Arc<Services<E>>,
    (marshal, missing): (&Marshal, watch::Receiver<Option<MissingBlocks>>),
    heads: watch::Receiver<Head>,
    states: Arc<dyn StateWindow>,
    (transactions, introductions): ((TX, RX), (TX, RX)),
) -> Engine
where
    E: Environment,
    T: Strategy,
    TX: Sender<PublicKey = PublicKey>,
    RX: Receiver<PublicKey = PublicKey>,
{
    let admission = Admission::new(
        config.pool.clone(),
        services.execution,
        base.senders.clone(),
        services.memberships.clone(),
        states.clone(),
        heads.clone(),
    );
    let following = admission.clone();
    context.child("memberships").spawn(move |_| following.follow_memberships());
    let outbox = start_gossip(context, config, services, &admission, transactions, introductions);
    let ledger = MarshalLedger::new(
        base.block_zero.clone(),
        marshal.clone(),
        services.receipts.clone(),
        services.recent.clone(),
        heads.clone(),
        missing,
    );
    let observer = services.observer.clone();
    let executed = services.executed.clone();
    Engine { admission, outbox, ledger: Arc::new(ledger), states, heads, observer, executed }
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
