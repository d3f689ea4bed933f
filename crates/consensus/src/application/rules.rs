//! What a header must say, given its parent, its consensus context and its execution.

use qiao_execution::ExecutedBlock;
use qiao_types::{Address, B256, Genesis, Header, StateCommitment};

use crate::block::{ConsensusBlock, ConsensusContext};

/// Why a block is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}` of the header breaks a rule: {rule}")]
pub struct InvalidHeader {
    /// The header's field.
    pub field: &'static str,
    /// The rule.
    pub rule: &'static str,
}

/// Checks everything that is known before execution. No clock is asked: whoever certifies a block
/// must come to the verdict of all others, whenever that is (`turn.rs` asks, before the vote).
pub fn check_before_execution(
    genesis: &Genesis,
    context: &ConsensusContext,
    parent: &ConsensusBlock,
    block: &ConsensusBlock,
) -> Result<(), InvalidHeader> {
    let (header, seal) = (&block.block().header, block.seal());
    check("extraData", "it carries the context of its view", seal.context == *context)?;
    check("parentHash", "it is the parent's hash", header.parent_hash == parent.hash())?;
    let number = parent.block().header.number + 1;
    check("number", "it is one more than the parent's", header.number == number)?;
    check(
        "timestamp",
        "it is not before the parent's",
        seal.timestamp_ms >= parent.seal().timestamp_ms,
    )?;
    let expected = header_frame(genesis, beneficiary(genesis, context), parent, seal.timestamp_ms);
    let frame = Header {
        state_root: header.state_root,
        transactions_root: header.transactions_root,
        receipts_root: header.receipts_root,
        logs_bloom: header.logs_bloom,
        gas_used: header.gas_used,
        extra_data: header.extra_data.clone(),
        ..expected
    };
    check("header", "every other field follows from the parent and the leader", frame == *header)
}

/// Checks what execution gave against what the header says. That the header commits to the
/// transactions was checked when the block was decoded.
pub fn check_after_execution(
    block: &ConsensusBlock,
    executed: &ExecutedBlock,
    state: &StateCommitment,
) -> Result<(), InvalidHeader> {
    let header = &block.block().header;
    check(
        "receiptsRoot",
        "it commits to the receipts",
        header.receipts_root == executed.receipts_root,
    )?;
    check("logsBloom", "it is the receipts' bloom", header.logs_bloom == executed.logs_bloom)?;
    check("gasUsed", "it is what the receipts add up to", header.gas_used == executed.gas_used)?;
    check("stateRoot", "it is the root that execution reaches", block.commitment() == *state)
}

/// The fields that follow from parent, leader and time alone; the roots are left empty.
pub fn header_frame(
    genesis: &Genesis,
    beneficiary: Address,
    parent: &ConsensusBlock,
    timestamp_ms: u64,
) -> Header {
    Header {
        parent_hash: parent.hash(),
        beneficiary,
        number: parent.block().header.number + 1,
        gas_limit: genesis.parameters.block_gas_limit,
        timestamp: timestamp_ms / 1_000,
        mix_hash: parent.hash(),
        base_fee_per_gas: Some(0),
        ..Header::default()
    }
}

/// The account of the leader of a view.
pub fn beneficiary(genesis: &Genesis, context: &ConsensusContext) -> Address {
    let leader = B256::from_slice(context.leader.as_ref());
    let validator = genesis.validators.iter().find(|validator| validator.network_key == leader);
    validator.map_or(Address::ZERO, |validator| validator.account)
}

fn check(field: &'static str, rule: &'static str, holds: bool) -> Result<(), InvalidHeader> {
    if holds { Ok(()) } else { Err(InvalidHeader { field, rule }) }
}
