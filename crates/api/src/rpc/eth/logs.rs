//! Finding logs: the index knows where they are, the blocks hold them.

use std::sync::Arc;

use alloy_primitives::B256;
use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log};
use jsonrpsee::{core::RpcResult, types::ErrorObjectOwned};
use qiao_indexer::{IndexError, LogFilter};
use qiao_types::FinalizedBlock;

use super::{state, view};
use crate::{
    Chain, ChainFailure,
    rpc::{
        Limits,
        errors::{self, INVALID_PARAMS, LIMIT, SERVER, error},
    },
};

/// Addresses, or values of one topic, that a filter may name.
const ALTERNATIVES_MAX: usize = 1_000;

/// The logs that a filter asks for, of all the blocks that it names.
pub async fn find(chain: &dyn Chain, limits: &Limits, filter: &Filter) -> RpcResult<Vec<Log>> {
    if let FilterBlockOption::AtBlockHash(hash) = filter.block_option {
        let block = block_at(chain.block_by_hash(hash).await)?;
        let number = block.ok_or_else(|| error(SERVER, "unknown block"))?.block.number();
        return between(chain, limits, filter, number, number).await;
    }
    let (from, to) = range(chain, filter)?;
    if to.saturating_sub(from) >= limits.log_blocks_max {
        let message =
            format!("query spans more than {} blocks; ask for fewer", limits.log_blocks_max);
        return Err(error(LIMIT, message));
    }
    between(chain, limits, filter, from, to).await
}

/// The logs of blocks `from` to `to` that match the addresses and topics of a filter.
pub async fn between(
    chain: &dyn Chain,
    limits: &Limits,
    filter: &Filter,
    from: u64,
    to: u64,
) -> RpcResult<Vec<Log>> {
    if from > to {
        return Ok(Vec::new());
    }
    let places = chain.index().logs(&translate(limits, filter, from, to)?).await;
    let places = places.map_err(|failed| index_error(&failed))?;
    let mut found = Vec::with_capacity(places.len());
    let mut current: Option<Arc<FinalizedBlock>> = None;
    for place in places {
        let block = match current.take() {
            Some(block) if block.block.number() == place.block => block,
            _ => block_at(chain.block_by_number(place.block).await)?.ok_or_else(|| {
                let missing = format!("block `{}` is indexed but not stored", place.block);
                errors::failure(&ChainFailure::Store(missing))
            })?,
        };
        let (position, nth) = (place.position as usize, place.index_in_receipt as usize);
        let bare = block.receipts.get(position).and_then(|receipt| receipt.logs().get(nth));
        let bare = bare.ok_or_else(|| {
            let missing = format!("block `{}` has no log `{}`", place.block, place.log_index);
            errors::failure(&ChainFailure::Store(missing))
        })?;
        found.push(view::log(&block, position, u64::from(place.log_index), bare.clone()));
        current = Some(block);
    }
    Ok(found)
}

/// First and last block of a range; the last is cut at the head.
pub fn range(chain: &dyn Chain, filter: &Filter) -> RpcResult<(u64, u64)> {
    let FilterBlockOption::Range { from_block, to_block } = filter.block_option else {
        return Err(error(INVALID_PARAMS, "a filter of one block has no range"));
    };
    let head = chain.head().number;
    let from = from_block.map_or(head, |block| state::height(chain, block));
    let to = to_block.map_or(head.max(from), |block| state::height(chain, block));
    if from > to {
        return Err(error(INVALID_PARAMS, "invalid block range params"));
    }
    // A range that begins above the head is empty, which a filter for the future needs.
    Ok((from, to.min(head)))
}

fn translate(limits: &Limits, filter: &Filter, from: u64, to: u64) -> RpcResult<LogFilter> {
    let too_many = filter.address.len() > ALTERNATIVES_MAX
        || filter.topics.iter().any(|topic| topic.len() > ALTERNATIVES_MAX);
    if too_many {
        let message = format!("a filter names at most {ALTERNATIVES_MAX} addresses or topics");
        return Err(error(LIMIT, message));
    }
    let topics = |nth: usize| filter.topics[nth].iter().copied().collect::<Vec<B256>>();
    Ok(LogFilter {
        from_block: from,
        to_block: to,
        addresses: filter.address.iter().copied().collect(),
        topics: [topics(0), topics(1), topics(2), topics(3)],
        limit: limits.logs_max,
    })
}

fn block_at(
    read: Result<Option<Arc<FinalizedBlock>>, ChainFailure>,
) -> RpcResult<Option<Arc<FinalizedBlock>>> {
    read.map_err(|failure| errors::failure(&failure))
}

fn index_error(failed: &IndexError) -> ErrorObjectOwned {
    match failed {
        IndexError::TooManyLogs { .. } => error(LIMIT, format!("{failed}; narrow it")),
        other => errors::failure(&ChainFailure::Store(other.to_string())),
    }
}
