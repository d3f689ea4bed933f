//! What the engine asks of the chain: build a block, check a block, take note of a final one.
//!
//! Nobody votes to finalize a block that it has not executed to the same root: `process` executes
//! and compares every commitment of the header.

mod executed;
mod pace;
mod proposal;
mod rules;

use std::{
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_glue::stateful::{self, Finality, Input, Proposed, db::DatabaseSet};
use commonware_parallel::Strategy;
use futures::StreamExt as _;
use qiao_execution::{BlockEnvironment, ExecutionConfig, execute_block};
use qiao_mempool::Pool;
use qiao_state::{
    Databases, FinalizedStates, History, Sealed, Speculative, SyncTarget, commitment, seal,
    sync_target,
};
use qiao_types::{B256, Genesis};
use tokio::sync::watch;

pub use executed::Executed;
pub use pace::Pace;
pub use rules::{InvalidHeader, check_after_execution};

use crate::{
    block::{ConsensusBlock, ConsensusContext},
    environment::{Environment, now_ms},
    ledger::{RecentBlocks, finalized_block},
    memberships::Memberships,
    observer::Observer,
    receipts::Receipts,
    scheme::Scheme,
};

/// The newest final block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Milliseconds since the Unix epoch at which it was proposed.
    pub timestamp_ms: u64,
    /// The root of the state after it.
    pub state_root: B256,
}

impl Head {
    /// The head that this block is.
    pub fn of(block: &ConsensusBlock) -> Self {
        Self {
            number: block.block().number(),
            hash: block.hash(),
            timestamp_ms: block.seal().timestamp_ms,
            state_root: block.block().header.state_root,
        }
    }
}

/// What the application shares with the rest of the node.
pub struct Services<E: Environment> {
    /// The common genesis.
    pub genesis: Arc<Genesis>,
    /// How transactions execute.
    pub execution: ExecutionConfig,
    /// The pool of waiting transactions.
    pub pool: Arc<Pool>,
    /// What recent blocks replaced in the state.
    pub history: Arc<History>,
    /// The height of the state that the store holds.
    pub state_height: Arc<AtomicU64>,
    /// Receipts of final blocks.
    pub receipts: Receipts<E>,
    /// Announces the newest final block.
    pub heads: watch::Sender<Head>,
    /// Measures finality and remembers who votes.
    pub observer: Observer,
    /// Blocks that this node has executed and that are not final yet.
    pub executed: Executed,
    /// What the members' record says of senders.
    pub memberships: Memberships,
    /// Recent final blocks.
    pub recent: RecentBlocks,
}

impl<E: Environment> Services<E> {
    /// When a block was proposed, if it is the newest final one or stands on it.
    pub fn timestamp_ms(&self, hash: &B256) -> Option<u64> {
        let head = *self.heads.borrow();
        let is_head = head.hash == *hash;
        if is_head { Some(head.timestamp_ms) } else { self.executed.timestamp_ms(hash) }
    }

    /// The states of recent blocks in the store that the engine opened.
    pub fn states<S: Strategy>(&self, databases: Databases<E, S>) -> FinalizedStates<E, S> {
        FinalizedStates::new(databases, self.history.clone(), self.state_height.clone())
    }
}

/// The application of one validator; clones share everything.
pub struct Application<E: Environment, S> {
    services: Arc<Services<E>>,
    pace: Arc<pace::Pace>,
    genesis: ConsensusBlock,
    strategy: PhantomData<fn() -> S>,
}

impl<E: Environment, S> Clone for Application<E, S> {
    fn clone(&self) -> Self {
        Self {
            services: self.services.clone(),
            pace: self.pace.clone(),
            genesis: self.genesis.clone(),
            strategy: PhantomData,
        }
    }
}

impl<E: Environment, S: Strategy> Application<E, S> {
    /// The application over these services.
    pub fn new(services: Arc<Services<E>>) -> Self {
        let genesis = ConsensusBlock::genesis(&services.genesis);
        Self { services, pace: Arc::default(), genesis, strategy: PhantomData }
    }

    /// Executes a block on its parent's state and compares; `None` if it is invalid.
    async fn check(
        &self,
        block: &ConsensusBlock,
        state: Speculative<E, S>,
    ) -> Option<Sealed<E, S>> {
        let ethereum = block.block();
        let env = BlockEnvironment::of(&ethereum.header);
        let executed =
            execute_block(&self.services.execution, &env, &state, &ethereum.transactions).await;
        let executed = match executed {
            Ok(executed) => executed,
            Err(error) if error.is_invalid_block() => {
                tracing::warn!(number = env.number, %error, "block refused");
                return None;
            }
            // The node's own store failed: to go on would be to vote blindly.
            Err(error) => panic!("block {} cannot be executed: {error}", env.number),
        };
        let sealed = seal(state, &executed.changes)
            .await
            .unwrap_or_else(|error| panic!("state of block {} failed: {error}", env.number));
        let committed = commitment::<E, S>(&sealed);
        if let Err(error) = rules::check_after_execution(block, &executed, &committed) {
            tracing::warn!(number = env.number, %error, "block refused");
            return None;
        }
        self.services.executed.insert(block, executed);
        Some(sealed)
    }
}

impl<E: Environment, S: Strategy> stateful::Application<E> for Application<E, S> {
    type SigningScheme = Scheme;
    type Context = ConsensusContext;
    type Block = ConsensusBlock;
    type Databases = Databases<E, S>;
    type Captured = ();
    type Provider = ();
    type Input = ();

    fn sync_targets(block: &ConsensusBlock) -> SyncTarget {
        sync_target(&block.commitment())
    }

    async fn genesis(&mut self) -> ConsensusBlock {
        self.genesis.clone()
    }

    async fn propose(
        &mut self,
        (clock, context): (E, ConsensusContext),
        mut ancestry: impl Ancestry<ConsensusBlock>,
        batches: <Databases<E, S> as DatabaseSet<E>>::Unmerkleized,
        _: Input<(), ()>,
    ) -> Option<Proposed<Self, E>> {
        let parent = ancestry.next().await?;
        let (block, merkleized) =
            self.propose_on(&clock, context, parent.inner(), Speculative(batches)).await?;
        Some(Proposed { block, merkleized })
    }

    async fn process(
        &mut self,
        (clock, context): (E, ConsensusContext),
        mut ancestry: impl Ancestry<ConsensusBlock>,
        batches: <Databases<E, S> as DatabaseSet<E>>::Unmerkleized,
        finality: Finality,
    ) -> Option<Sealed<E, S>> {
        let block = ancestry.next().await?;
        let block = block.inner();
        if finality != Finality::Candidate {
            return self.check(block, Speculative(batches)).await;
        }
        let parent = ancestry.next().await?;
        let genesis = &self.services.genesis;
        if let Err(error) = rules::check_before_execution(genesis, &context, parent.inner(), block)
        {
            tracing::warn!(number = block.block().number(), %error, "block refused");
            return None;
        }
        let began = clock.current();
        let sealed = self.check(block, Speculative(batches)).await;
        let elapsed = clock.current().duration_since(began).unwrap_or_default();
        // A block that is refused says nothing of what fits: whoever made it may lie.
        if sealed.is_some() {
            let bytes = proposal::bytes_of(&block.block().transactions);
            self.pace.checked(bytes, elapsed, genesis.parameters.block_bytes_max);
        }
        sealed
    }

    async fn capture(
        &mut self,
        _: (E, ConsensusContext),
        block: &ConsensusBlock,
        _: &Sealed<E, S>,
        _: <Databases<E, S> as DatabaseSet<E>>::Readers,
    ) {
        let executed =
            self.services.executed.get(&block.hash()).expect("a final block was executed");
        self.services.history.record(block.block().number(), &executed.changes);
    }

    async fn finalized(
        &mut self,
        (clock, _): (E, ConsensusContext),
        block: &ConsensusBlock,
        (): (),
        _: <Databases<E, S> as DatabaseSet<E>>::Readers,
    ) {
        let services = &self.services;
        let head = Head::of(block);
        let executed = services.executed.get(&head.hash).expect("a final block was executed");
        services.state_height.store(head.number, Ordering::Release);
        services
            .receipts
            .put(head.number, head.hash, &executed.receipts)
            .await
            .unwrap_or_else(|error| panic!("receipts of block {}: {error}", head.number));
        let transactions = &block.block().transactions;
        services
            .pool
            .on_finalized(transactions.iter().map(|tx| (tx.hash(), tx.sender(), tx.nonce())));
        services.executed.forget_through(head.number);
        let is_membership_changed = executed.is_membership_changed;
        // By now nobody else looks at the result: the receipts need not be copied.
        let receipts = Arc::try_unwrap(executed)
            .map_or_else(|shared| shared.receipts.clone(), |executed| executed.receipts);
        services.recent.remember(&Arc::new(finalized_block(block, receipts)));
        services.observer.finalized(block, now_ms(&clock));
        // Archive, state and receipts are durable or replayed from what is: now others may know.
        services.heads.send_replace(head);
        if is_membership_changed {
            services.memberships.forget();
        }
    }
}
