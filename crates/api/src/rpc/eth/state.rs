//! Which block a request means, and reading accounts, code and slots after it.

use std::{collections::BTreeMap, sync::Arc};

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::KECCAK256_EMPTY;
use jsonrpsee::core::RpcResult;
use qiao_types::{AccountState, Address, B256, Bytes, FinalizedBlock, StateKey, StateSource, U256};

use crate::{
    Chain,
    rpc::errors::{self, INVALID_PARAMS, LIMIT, SERVER, error},
};

/// Slots that one request may ask for.
const SLOTS_MAX: usize = 1_024;

/// The height that a tag or number means. Every block is final, so that all the tags for the
/// newest block mean the same.
pub fn height(chain: &dyn Chain, block: BlockNumberOrTag) -> u64 {
    match block {
        BlockNumberOrTag::Number(number) => number,
        BlockNumberOrTag::Earliest => 0,
        BlockNumberOrTag::Latest
        | BlockNumberOrTag::Safe
        | BlockNumberOrTag::Finalized
        | BlockNumberOrTag::Pending => chain.head().number,
    }
}

/// The block that a request means, if it exists.
pub async fn find(chain: &dyn Chain, block: BlockId) -> RpcResult<Option<Arc<FinalizedBlock>>> {
    let found = match block {
        BlockId::Hash(hash) => chain.block_by_hash(hash.block_hash).await,
        BlockId::Number(number) => match height(chain, number) {
            above if above > chain.head().number => Ok(None),
            number => chain.block_by_number(number).await,
        },
    };
    found.map_err(|failure| errors::failure(&failure))
}

/// The block whose state a request means.
///
/// # Errors
/// `-32000 header not found` for a block that does not exist.
pub async fn existing(chain: &dyn Chain, block: Option<BlockId>) -> RpcResult<Arc<FinalizedBlock>> {
    let block = block.unwrap_or_default();
    find(chain, block).await?.ok_or_else(|| error(SERVER, "header not found"))
}

/// The state after the block that a request means.
pub async fn source(chain: &dyn Chain, block: Option<BlockId>) -> RpcResult<Arc<dyn StateSource>> {
    let number = match block.unwrap_or_default() {
        BlockId::Number(number) => height(chain, number),
        hash @ BlockId::Hash(_) => existing(chain, Some(hash)).await?.block.number(),
    };
    if number > chain.head().number {
        return Err(error(SERVER, "header not found"));
    }
    chain.state_at(number).await.map_err(|unavailable| errors::state(&unavailable))
}

/// The state after a block.
pub async fn of_block(
    chain: &dyn Chain,
    block: &FinalizedBlock,
) -> RpcResult<Arc<dyn StateSource>> {
    let source = chain.state_at(block.block.number()).await;
    source.map_err(|unavailable| errors::state(&unavailable))
}

/// An account; one that does not exist is empty.
pub async fn account(source: &dyn StateSource, address: Address) -> RpcResult<AccountState> {
    let Some(bytes) = read(source, StateKey::account(address)).await? else {
        return Ok(AccountState::default());
    };
    AccountState::decode(&bytes).map_err(|malformed| error(errors::INTERNAL, malformed))
}

/// The code of an account.
pub async fn code(source: &dyn StateSource, address: Address) -> RpcResult<Bytes> {
    let account = account(source, address).await?;
    if account.code_hash == KECCAK256_EMPTY {
        return Ok(Bytes::new());
    }
    Ok(read(source, StateKey::code(account.code_hash)).await?.unwrap_or_default())
}

/// The value of a slot.
pub async fn slot(source: &dyn StateSource, address: Address, slot: U256) -> RpcResult<B256> {
    let value = read(source, StateKey::storage(address, slot)).await?;
    Ok(value.map_or(B256::ZERO, |bytes| B256::left_padding_from(&bytes)))
}

/// The values of many slots at once.
pub async fn slots(
    source: &dyn StateSource,
    asked: BTreeMap<Address, Vec<U256>>,
) -> RpcResult<BTreeMap<Address, Vec<B256>>> {
    let count: usize = asked.values().map(Vec::len).sum();
    if count == 0 {
        return Err(error(INVALID_PARAMS, "empty request"));
    }
    if count > SLOTS_MAX {
        return Err(error(LIMIT, format!("at most {SLOTS_MAX} slots at a time")));
    }
    let mut found = BTreeMap::new();
    for (address, slots) in asked {
        let keys: Vec<_> = slots.iter().map(|slot| StateKey::storage(address, *slot)).collect();
        let values = source.read(&keys).await.map_err(|unavailable| errors::state(&unavailable))?;
        let padded = values
            .into_iter()
            .map(|value| value.map_or(B256::ZERO, |bytes| B256::left_padding_from(&bytes)));
        found.insert(address, padded.collect());
    }
    Ok(found)
}

async fn read(source: &dyn StateSource, key: StateKey) -> RpcResult<Option<Bytes>> {
    let values = source.read(&[key]).await.map_err(|unavailable| errors::state(&unavailable))?;
    Ok(values.into_iter().next().flatten())
}
