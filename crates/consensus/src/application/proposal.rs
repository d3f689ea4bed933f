//! Building a block.

use std::{sync::Arc, time::Duration};

use alloy_primitives::map::B256Set;
use commonware_macros::select;
use commonware_parallel::Strategy;
use qiao_execution::{BlockEnvironment, BuiltBlock, build_block};
use qiao_state::{Sealed, Speculative, commitment, seal};
use qiao_types::{Block, SignedTransaction};

use super::{Application, rules};
use crate::{
    block::{ConsensusBlock, ConsensusContext, Seal, TRANSACTIONS_MAX},
    environment::{Environment, now_ms},
};

/// The bytes of encoded transactions.
pub(super) fn bytes_of(transactions: &[Arc<SignedTransaction>]) -> u64 {
    transactions.iter().map(|transaction| transaction.encoded().len() as u64).sum()
}

impl<E: Environment, S: Strategy> Application<E, S> {
    /// Builds a block on `parent` as soon as there is something to put into it, or when the
    /// heartbeat is due.
    pub(super) async fn propose_on(
        &self,
        clock: &E,
        context: ConsensusContext,
        parent: &ConsensusBlock,
        state: Speculative<E, S>,
    ) -> Option<(ConsensusBlock, Sealed<E, S>)> {
        let (built, timestamp_ms) = self.fill(clock, &context, parent, &state).await?;
        let BuiltBlock { transactions, executed, .. } = built;
        let sealed = seal(state, &executed.changes)
            .await
            .inspect_err(|error| tracing::error!(%error, "cannot compute the state root"))
            .ok()?;
        let committed = commitment::<E, S>(&sealed);
        let beneficiary = rules::beneficiary(&self.services.genesis, &context);
        let frame = rules::header_frame(&self.services.genesis, beneficiary, parent, timestamp_ms);
        let seal = Seal {
            context,
            timestamp_ms,
            operations_root: committed.operations_root,
            operations_start: committed.operations_start,
            operations_end: committed.operations_end,
        };
        let header = qiao_types::Header {
            state_root: committed.root,
            transactions_root: Block::transactions_root(&transactions),
            receipts_root: executed.receipts_root,
            logs_bloom: executed.logs_bloom,
            gas_used: executed.gas_used,
            extra_data: seal.encode_extra(),
            ..frame
        };
        let block = ConsensusBlock::new(Block { header, transactions })
            .expect("the seal was encoded just above");
        self.services.executed.insert(&block, executed);
        Some((block, sealed))
    }

    /// Executes what fits. The turn came with something to do; if none of it can stand on this
    /// parent, this waits for more, or for the heartbeat.
    async fn fill(
        &self,
        clock: &E,
        context: &ConsensusContext,
        parent: &ConsensusBlock,
        state: &Speculative<E, S>,
    ) -> Option<(BuiltBlock, u64)> {
        let services = &self.services;
        let parameters = &services.genesis.parameters;
        let heartbeat = parent.seal().timestamp_ms.saturating_add(parameters.heartbeat_ms);
        let mut arrivals = services.pool.arrivals();
        let mut left_aside = services.executed.transactions_since(parent.hash());
        loop {
            arrivals.borrow_and_update();
            let candidates = self.candidates(&left_aside);
            let timestamp_ms = now_ms(clock).max(parent.seal().timestamp_ms);
            let is_due = timestamp_ms >= heartbeat;
            if is_due || !candidates.is_empty() {
                let env = BlockEnvironment {
                    number: parent.block().number() + 1,
                    timestamp: timestamp_ms / 1_000,
                    beneficiary: rules::beneficiary(&services.genesis, context),
                    gas_limit: parameters.block_gas_limit,
                    parent_hash: parent.hash(),
                    prev_randao: parent.hash(),
                };
                let bytes_max = parameters.block_bytes_max;
                let began = clock.current();
                let built = build_block(&services.execution, &env, state, candidates, bytes_max)
                    .await
                    .inspect_err(|error| tracing::error!(%error, "cannot build a block"))
                    .ok()?;
                let elapsed = clock.current().duration_since(began).unwrap_or_default();
                self.pace.built(bytes_of(&built.transactions), elapsed, parameters.block_bytes_max);
                // What can never stand on this parent does not wait in the pool any longer.
                for (hash, reason) in &built.dropped {
                    tracing::debug!(%hash, %reason, "transaction dropped");
                    services.pool.remove(hash);
                }
                // An empty block before the heartbeat helps nobody: what cannot stand here is left
                // aside until something new arrives.
                if is_due || !built.transactions.is_empty() {
                    return Some((built, timestamp_ms));
                }
                left_aside.extend(built.dropped.iter().map(|(hash, _)| *hash));
            }
            let wait = Duration::from_millis(heartbeat.saturating_sub(now_ms(clock)).max(1));
            select! {
                _ = arrivals.changed() => {},
                _ = clock.sleep(wait) => {},
            }
        }
    }

    /// What goes into the block, and no more: execution looks ahead at all that it is given. The
    /// first goes in whatever the pace says, or it would never have its turn.
    fn candidates(&self, left_aside: &B256Set) -> Vec<Arc<SignedTransaction>> {
        let chain_max = self.services.genesis.parameters.block_bytes_max;
        let mut ready = self.services.pool.ready(chain_max, left_aside);
        let mut bytes_left = self.pace.bytes(chain_max);
        let fits = |(position, tx): &(usize, &Arc<SignedTransaction>)| {
            let bytes = tx.encoded().len() as u64;
            let is_taken = *position == 0 || bytes <= bytes_left;
            bytes_left = bytes_left.saturating_sub(bytes);
            is_taken
        };
        let count = ready.iter().enumerate().take_while(fits).count();
        ready.truncate(count.min(TRANSACTIONS_MAX));
        ready
    }
}
