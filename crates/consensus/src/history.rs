//! The history of a validator that fetched its state: made up for while it votes.
//!
//! Old blocks come from the others, the newest first, each by the hash that its successor names: nobody
//! has to be believed. Then they are executed, the oldest first, on a store of their own, and their receipts
//! go where the others are. Whoever reads the chain meets blocks one after another from the first one on,
//! as at a node that catches up.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use commonware_consensus::{
    marshal::{Identifier as Place, core::CommitmentFallback},
    types::Height,
};
use commonware_cryptography::keccak256::Digest;
use commonware_parallel::Strategy;
use commonware_storage::archive::Identifier;
use qiao_execution::{BlockEnvironment, ExecutionConfig, execute_block};
use qiao_state::{Replica, StateConfig, install_genesis, remove_store};
use qiao_types::StateCommitment;
use tokio::sync::watch;

use crate::{
    application::check_after_execution,
    block::{ConsensusBlock, to_digest},
    engine::{Earlier, EngineError, WholeGenesis, changes_of_genesis},
    environment::Environment,
    orchestrator::Marshal,
    receipts::Receipts,
};

/// Blocks below the head that are not here yet.
pub type MissingBlocks = RangeInclusive<u64>;

/// Earlier blocks that are made durable together.
const SYNC_EVERY: u64 = 256;
/// A block that the archive did not hand out is asked for again after this: it answers best effort.
const READ_AGAIN: Duration = Duration::from_millis(50);
/// Attempts after which somebody should know.
const WARN_EVERY: u64 = 200;
/// A request for an old block is given up when the chain is so much longer than it is now.
const REQUEST_BLOCKS: u64 = 1_000_000;

/// What the history is made up for with.
pub(crate) struct Historian<E: Environment, T: Strategy> {
    pub(crate) context: E,
    pub(crate) marshal: Marshal,
    pub(crate) earlier: Earlier<E>,
    pub(crate) receipts: Receipts<E>,
    pub(crate) execution: ExecutionConfig,
    /// The store on which old blocks are executed; it is removed in the end.
    pub(crate) state_config: StateConfig<T>,
    /// The state of the genesis.
    pub(crate) genesis_state: StateCommitment,
    pub(crate) whole_genesis: WholeGenesis,
    /// The lowest of the blocks that the engine has.
    pub(crate) lowest: u64,
    /// What is missing, for everybody who reads the chain.
    pub(crate) missing: watch::Sender<Option<MissingBlocks>>,
}

/// The blocks that the history lacks, by the receipts: they are there for every block that was executed,
/// in one run from the first block on, and in another one to the head. What lies between may be left from
/// an attempt to fetch a state that fell.
pub(crate) async fn missing_blocks<E: Environment>(
    receipts: &Receipts<E>,
    head: u64,
) -> Result<Option<MissingBlocks>, EngineError> {
    let ranges = receipts.ranges().await?;
    let run_with = |height| ranges.iter().find(|(first, last)| (*first..=*last).contains(&height));
    let begins_at = run_with(head).map_or(head + 1, |(first, _)| *first);
    let executed = run_with(1).map_or(0, |(_, last)| *last);
    Ok((executed + 1 < begins_at).then(|| executed + 1..=begins_at - 1))
}

impl<E: Environment, T: Strategy> Historian<E, T> {
    /// Fetches and executes what is missing, if anything is. A store that fails ends the node, as
    /// everywhere else.
    pub(crate) async fn run(self) {
        let Some(missing) = self.missing.borrow().clone() else { return self.tidy_up().await };
        let (first, last) = (*missing.start(), *missing.end());
        tracing::warn!(
            first,
            last,
            "answers lag: blocks before the fetched state are executed first"
        );
        self.fetch().await;
        let mut replica = self
            .open()
            .await
            .unwrap_or_else(|error| panic!("store of the history cannot be opened: {error}"));
        for number in self.height_of(&replica, last).await + 1..=last {
            let block = self.block(number).await;
            self.execute(&mut replica, &block).await;
            self.missing.send_replace((number < last).then_some(number + 1..=last));
        }
        drop(replica);
        self.tidy_up().await;
        tracing::info!(last, "the history is whole");
    }

    /// Removes the store of its own. One that fell before it could do so is found by the next start.
    async fn tidy_up(&self) {
        let context = self.context.child("removal");
        let removed = remove_store(context, self.state_config.clone()).await;
        removed.unwrap_or_else(|error| panic!("store of the history: {error}"));
    }

    /// Gets all blocks below those of the engine.
    async fn fetch(&self) {
        let mut lowest = self.earlier.lowest_below(self.lowest).await;
        let mut successor = self.block(lowest).await;
        while lowest > 1 {
            let block = self.fetch_block(to_digest(&successor.block().header.parent_hash)).await;
            lowest -= 1;
            let number = block.block().number();
            assert_eq!(number, lowest, "a final block has another height than its place");
            let stored = self.earlier.put(&block).await;
            stored.unwrap_or_else(|error| panic!("earlier block {lowest}: {error}"));
            if lowest.is_multiple_of(SYNC_EVERY) || lowest == 1 {
                let synced = self.earlier.sync().await;
                synced.unwrap_or_else(|error| panic!("earlier block {lowest}: {error}"));
            }
            successor = block;
        }
    }

    /// A block that somebody has, by its hash. A request that marshal gives up is repeated.
    async fn fetch_block(&self, digest: Digest) -> Arc<ConsensusBlock> {
        loop {
            let tip = self.marshal.get_info(Place::Latest).await;
            let tip = tip.map_or(self.lowest, |(height, _)| height.get());
            let height = Height::new(tip + REQUEST_BLOCKS);
            let fetch = CommitmentFallback::FetchByCommitment { height };
            if let Ok(block) = self.marshal.subscribe_by_commitment(digest, fetch).await {
                return Arc::new(block.inner().clone());
            }
            self.context.sleep(READ_AGAIN).await;
        }
    }

    /// A block that is here, as soon as the archive hands it out.
    async fn block(&self, number: u64) -> Arc<ConsensusBlock> {
        let mut attempts = 0_u64;
        loop {
            let earlier = self.earlier.get(Identifier::Index(number)).await;
            let earlier = earlier.unwrap_or_else(|error| panic!("earlier block {number}: {error}"));
            if let Some(block) = earlier {
                return block;
            }
            if let Some(block) = self.marshal.get_block(Height::new(number)).await {
                return Arc::new(block.inner().clone());
            }
            attempts += 1;
            if attempts.is_multiple_of(WARN_EVERY) {
                tracing::warn!(number, "a block of the history is not there yet");
            }
            self.context.sleep(READ_AGAIN).await;
        }
    }

    async fn open(&self) -> Result<Replica<E, T>, EngineError> {
        let (context, config) = (self.context.child("genesis"), self.state_config.clone());
        let changes = || changes_of_genesis(&self.whole_genesis);
        install_genesis(context, config.clone(), &self.genesis_state, changes).await?;
        Ok(Replica::open(self.context.child("replica"), config).await?)
    }

    /// The block after which the store is: its log has grown to the length that the header states.
    async fn height_of(&self, replica: &Replica<E, T>, last: u64) -> u64 {
        let held = replica.commitment().unwrap_or_else(|error| panic!("{error}"));
        if held.root == self.genesis_state.root {
            return 0;
        }
        let (mut low, mut high) = (1, last);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.block(middle).await.commitment().operations_end < held.operations_end {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let stated = self.block(low).await.commitment();
        assert_eq!(stated, held, "the store of the history is of another chain");
        low
    }

    async fn execute(&self, replica: &mut Replica<E, T>, block: &ConsensusBlock) {
        let ethereum = block.block();
        let number = ethereum.number();
        let env = BlockEnvironment::of(&ethereum.header);
        let executed = execute_block(&self.execution, &env, &*replica, &ethereum.transactions)
            .await
            .unwrap_or_else(|error| panic!("block {number} cannot be executed: {error}"));
        // Receipts first: the height of the store says which are there.
        let kept = self.receipts.put(number, block.hash(), &executed.receipts).await;
        kept.unwrap_or_else(|error| panic!("receipts of block {number}: {error}"));
        let applied = replica.apply(&executed.changes).await;
        let state = applied.unwrap_or_else(|error| panic!("state of block {number}: {error}"));
        check_after_execution(block, &executed, &state)
            .unwrap_or_else(|error| panic!("final block {number} was executed otherwise: {error}"));
    }
}
