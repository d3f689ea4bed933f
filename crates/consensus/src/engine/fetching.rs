//! How a validator without a state gets that of its peers, instead of executing every block.
//!
//! It asks all of them for the newest certificate that they have, and takes the newest of those that
//! enough of them sent: one of them is honest. The certificate is checked like any other, so nobody can
//! lead it elsewhere than to a final block. That block's header states the root over the log of the
//! state; every operation of it comes with its path to the root. What lies before is made up for while the
//! validator votes (`crate::history`).

use commonware_consensus::{
    marshal::{core::CommitmentFallback, standard::Standard},
    simplex::types::Finalization,
    types::{Epoch, Height},
};
use commonware_cryptography::{Signer as _, certificate::ConstantProvider, keccak256, sha256};
use commonware_glue::stateful::{
    SyncPlan,
    db::p2p,
    probe::{self, Probe},
};
use commonware_p2p::{Blocker, Provider, Receiver, Sender};
use commonware_parallel::Strategy;
use commonware_utils::NZDuration;
use qiao_state::{
    Databases, Family, OPERATION_BYTES_MAX, PeerStates, ServedState, database_config, held,
};
use tokio::sync::watch;

use super::{
    EngineConfig, EngineError, MAILBOX, OPERATIONS_PER_ANSWER,
    earlier::EARLIER,
    stores::{Base, Begun, is_after},
    wiring::announce,
};
use crate::{
    application::Services,
    block::ConsensusBlock,
    environment::Environment,
    history::{Historian, MissingBlocks, missing_blocks},
    orchestrator::Marshal,
    scheme::{Committee, PublicKey, Scheme},
};

/// What the engine remembers of a state that is being fetched.
pub(crate) type Plan<E> = SyncPlan<E, Scheme, Standard<ConsensusBlock>>;
type Certificate = Finalization<Scheme, keccak256::Digest>;
type Newest = probe::Mailbox<Scheme, Standard<ConsensusBlock>>;

/// The largest message of those who fetch a state and of those who serve it.
pub(super) fn message_bytes_max(validators: u32) -> usize {
    let newest = probe::max_payload_size::<Standard<ConsensusBlock>, Scheme>(validators);
    let state =
        p2p::max_payload_size::<Family, sha256::Digest>(OPERATIONS_PER_ANSWER, OPERATION_BYTES_MAX);
    newest.max(state)
}

/// Asks peers for the newest certificate; and answers them once it has a marshal.
pub(super) fn probe<E, P, B, T, TX, RX>(
    context: &E,
    config: &EngineConfig<P, B, T>,
    channel: (TX, RX),
) -> Result<Newest, EngineError>
where
    E: Environment,
    B: Blocker<PublicKey = PublicKey>,
    T: Strategy,
    TX: Sender<PublicKey = PublicKey>,
    RX: Receiver<PublicKey = PublicKey>,
{
    let committee = Committee::from_genesis(&config.genesis)?;
    let (probe, newest) = Probe::new(probe::Config {
        context: context.child("newest"),
        // The committee is the same in every epoch.
        provider: ConstantProvider::<_, Epoch>::new(committee.listener()),
        strategy: config.strategy.clone(),
        mailbox_size: MAILBOX,
        blocker: config.blocker.clone(),
        minimum_epoch: Epoch::zero(),
        retry_timeout: NZDuration!(config.timing.fetch),
    });
    probe.start(channel);
    Ok(newest)
}

/// Whether the state is fetched, and after which block. A validator that fell while it fetched goes on.
pub(super) async fn plan<E: Environment, P, B, T>(
    context: &E,
    config: &EngineConfig<P, B, T>,
    newest: &Newest,
) -> Result<Plan<E>, EngineError> {
    let plan = Plan::init(context.child("plan"), config.prefix.clone()).await;
    if !plan.should_sync(config.fetches_state) {
        return Ok(plan);
    }
    if config.genesis.validators.len() < 2 {
        return Err(EngineError::Alone);
    }
    let others = config.genesis.validators.len() - 1;
    let needed = others / 3 + 1;
    tracing::warn!(needed, "fetching the state: so many others must tell their newest final block");
    match newest.subscribe().await {
        Ok(certificate) => Ok(plan.set_floor(certificate).await),
        Err(_) => Err(not_fetched("the node is stopping")),
    }
}

/// Fetches the state of the peers, and serves them ours once the engine has one.
pub(super) fn exchange<E, P, B, T, TX, RX>(
    context: &E,
    config: &EngineConfig<P, B, T>,
    channel: (TX, RX),
) -> PeerStates<E, T>
where
    E: Environment,
    P: Provider<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
    T: Strategy,
    TX: Sender<PublicKey = PublicKey>,
    RX: Receiver<PublicKey = PublicKey>,
{
    let (actor, mailbox) = p2p::Actor::<_, _, _, _, Family, ServedState<E, T>>::new(
        context.child("state_exchange"),
        p2p::Config {
            peer_provider: config.peers.clone(),
            blocker: config.blocker.clone(),
            database: None,
            mailbox_size: MAILBOX,
            me: Some(config.keys.network().public_key()),
            fetch_timeout: NZDuration!(config.timing.fetch * 2),
            fetch_retry_delay: config.timing.fetch_retry,
            max_serve_ops: OPERATIONS_PER_ANSWER,
            priority_requests: false,
            priority_responses: false,
        },
    );
    actor.start(channel);
    PeerStates::new(context.child("peer_states"), mailbox)
}

/// The head is the block whose state was fetched, unless later ones were executed meanwhile. That the
/// state has the root which a final header states is checked here once more.
pub(super) async fn announce_fetched<E: Environment, T: Strategy>(
    services: &Services<E>,
    base: &mut Base<E, T>,
    marshal: &Marshal,
    databases: &Databases<E, T>,
    floor: &Certificate,
) -> Result<(), EngineError> {
    let wait = CommitmentFallback::Wait;
    let first = marshal.subscribe_by_commitment(floor.proposal.payload, wait).await;
    let first = first.map_err(|_| not_fetched("the node is stopping"))?;
    let state = held(databases).await;
    let mut height = first.inner().block().number();
    if let Some(begun) = &mut base.begun {
        begun.lowest = Some(height);
    }
    // Blocks above may not have come yet; the one that was executed last has.
    while let Some(block) = marshal.get_block(Height::new(height)).await {
        if is_after(block.inner(), &state) {
            announce(services, block.inner());
            tracing::info!(number = height, root = %state.root, "the state was fetched");
            return Ok(());
        }
        height += 1;
    }
    Err(not_fetched(&format!("no final block has its root `{}`", state.root)))
}

fn not_fetched(reason: &str) -> EngineError {
    EngineError::NotFetched(reason.into())
}

/// What is missing before a state that was fetched, and the task that makes up for it.
pub(super) async fn complete_history<E: Environment, P, B, T: Strategy>(
    context: &E,
    config: &EngineConfig<P, B, T>,
    base: &mut Base<E, T>,
    services: &Services<E>,
    marshal: &Marshal,
) -> Result<watch::Receiver<Option<MissingBlocks>>, EngineError> {
    let Some(Begun { earlier, lowest }) = base.begun.take() else {
        return Ok(watch::channel(None).1);
    };
    let head = services.heads.borrow().number;
    let (missing, seen) = watch::channel(missing_blocks(&services.receipts, head).await?);
    let store = format!("{}-{EARLIER}", config.prefix);
    let historian = Historian {
        context: context.child("history"),
        marshal: marshal.clone(),
        earlier,
        receipts: services.receipts.clone(),
        execution: services.execution,
        state_config: database_config(&store, config.strategy.clone(), base.cache.clone()),
        genesis_state: config.genesis.state.clone(),
        whole_genesis: config.whole_genesis.clone(),
        lowest: lowest.unwrap_or(head),
        missing,
    };
    context.child("historian").spawn(move |_| historian.run());
    Ok(seen)
}
