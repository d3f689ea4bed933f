//! Blocks that nobody voted for.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy_primitives::{B256, Bloom, keccak256};
use qiao_api::{ChainFailure, Head};
use qiao_execution::{BlockEnvironment, BuiltBlock, genesis_changes};
use qiao_types::{Block, FinalizedBlock, Genesis, MemoryState, StateChange};

/// Block 0 and the state after it.
pub(crate) fn beginning(genesis: &Genesis) -> Result<(FinalizedBlock, MemoryState), ChainFailure> {
    let changes =
        genesis_changes(genesis).map_err(|refused| ChainFailure::Store(refused.to_string()))?;
    let mut state = MemoryState::default();
    state.apply(&changes);
    Ok((first(genesis, &changes), state))
}

fn first(genesis: &Genesis, changes: &[StateChange]) -> FinalizedBlock {
    let header = Header {
        timestamp: genesis.timestamp_ms / 1000,
        gas_limit: genesis.parameters.block_gas_limit,
        state_root: state_root(B256::ZERO, changes),
        base_fee_per_gas: Some(0),
        ..Header::default()
    };
    let block = Block { header, transactions: Vec::new() };
    FinalizedBlock {
        hash: block.hash(),
        block,
        receipts: Vec::new(),
        timestamp_ms: genesis.timestamp_ms,
        proposer: B256::ZERO,
    }
}

pub(crate) fn finalized(
    parent: &FinalizedBlock,
    env: &BlockEnvironment,
    timestamp_ms: u64,
    built: BuiltBlock,
) -> FinalizedBlock {
    let BuiltBlock { transactions, executed, .. } = built;
    let header = Header {
        parent_hash: parent.hash,
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: env.beneficiary,
        state_root: state_root(parent.block.header.state_root, &executed.changes),
        transactions_root: Block::transactions_root(&transactions),
        receipts_root: executed.receipts_root,
        logs_bloom: Bloom::from(*executed.logs_bloom),
        number: env.number,
        gas_limit: env.gas_limit,
        gas_used: executed.gas_used,
        timestamp: env.timestamp,
        mix_hash: env.prev_randao,
        base_fee_per_gas: Some(0),
        ..Header::default()
    };
    let block = Block { header, transactions };
    FinalizedBlock {
        hash: block.hash(),
        block,
        receipts: executed.receipts,
        timestamp_ms,
        proposer: B256::ZERO,
    }
}

/// Not a commitment that proves anything: it tells one history from another.
fn state_root(parent: B256, changes: &[StateChange]) -> B256 {
    let mut bytes = parent.to_vec();
    for change in changes {
        bytes.extend_from_slice(change.key.0.as_slice());
        if let Some(value) = &change.after {
            bytes.extend_from_slice(value);
        }
    }
    keccak256(bytes)
}

pub(crate) fn head_of(block: &FinalizedBlock) -> Head {
    Head { number: block.block.number(), hash: block.hash, timestamp_ms: block.timestamp_ms }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
