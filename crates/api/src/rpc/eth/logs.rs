//! Finding logs in final blocks, within limits.

use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log};
use jsonrpsee::core::RpcResult;

use super::{state, view};
use crate::{
    Chain,
    rpc::{
        Limits,
        errors::{self, INVALID_PARAMS, LIMIT, SERVER, error},
    },
};

/// The logs that a filter asks for, of all the blocks that it names.
pub async fn find(chain: &dyn Chain, limits: &Limits, filter: &Filter) -> RpcResult<Vec<Log>> {
    match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let block = chain.block_by_hash(hash).await;
            let block = block.map_err(|failure| errors::failure(&failure))?;
            let block = block.ok_or_else(|| error(SERVER, "unknown block"))?;
            Ok(view::logs(&block).filter(|log| filter.rpc_matches(log)).collect())
        }
        FilterBlockOption::Range { .. } => {
            let (from, to) = range(chain, filter)?;
            if to - from >= limits.log_blocks_max {
                let message = format!(
                    "query spans more than {} blocks; ask for fewer",
                    limits.log_blocks_max
                );
                return Err(error(LIMIT, message));
            }
            between(chain, limits, filter, from, to).await
        }
    }
}

/// The logs of blocks `from` to `to` that match the addresses and topics of a filter.
pub async fn between(
    chain: &dyn Chain,
    limits: &Limits,
    filter: &Filter,
    from: u64,
    to: u64,
) -> RpcResult<Vec<Log>> {
    let mut found = Vec::new();
    for number in from..=to {
        let block = chain.block_by_number(number).await;
        let Some(block) = block.map_err(|failure| errors::failure(&failure))? else { break };
        if !filter.matches_bloom(block.block.header.logs_bloom) {
            continue;
        }
        found.extend(view::logs(&block).filter(|log| matches(filter, log)));
        if found.len() > limits.logs_max {
            let message =
                format!("query returned more than {} results; narrow it", limits.logs_max);
            return Err(error(LIMIT, message));
        }
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
    let to = to_block.map_or(head, |block| state::height(chain, block));
    if from > to {
        return Err(error(INVALID_PARAMS, "invalid block range params"));
    }
    // A range that begins above the head is empty, which a filter for the future needs.
    Ok((from.min(head.saturating_add(1)), to.min(head)))
}

fn matches(filter: &Filter, log: &Log) -> bool {
    filter.matches_address(log.inner.address) && filter.matches_topics(log.inner.topics())
}
