//! `eth_*`: blocks, transactions, state, calls and submission.

pub(super) mod calls;
mod filters;
pub(super) mod logs;
mod node;
mod simulations;
pub(super) mod state;
pub(super) mod view;

use std::{collections::BTreeMap, sync::Arc};

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use alloy_rpc_types_eth::{
    BlockOverrides, Filter, Index, Log, TransactionReceipt, TransactionRequest,
    state::StateOverride,
};
use jsonrpsee::{
    Methods,
    core::{RpcResult, async_trait},
    proc_macros::rpc,
    types::ErrorObjectOwned,
};
use qiao_types::{FinalizedBlock, SignedTransaction};
use serde::Serialize;

use self::{
    filters::{EthFilters, EthFiltersServer as _},
    view::{RpcBlock, RpcTransaction},
};
use super::{
    Limits,
    errors::{self, NOT_FOUND, error},
};
use crate::Chain;

/// Blocks that one `eth_feeHistory` may span; the limit of geth.
const FEE_HISTORY_BLOCKS_MAX: u64 = 1_024;

/// Transactions up to this length are decoded where they arrive.
const INLINE_BYTES_MAX: usize = 64 * 1024;

/// The answer of `eth_feeHistory`; all fees are zero, because gas is metered but free.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeeHistory {
    oldest_block: U64,
    base_fee_per_gas: Vec<U256>,
    gas_used_ratio: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reward: Option<Vec<Vec<U256>>>,
}

#[rpc(server, namespace = "eth")]
trait Eth {
    #[method(name = "chainId")]
    fn chain_id(&self) -> RpcResult<U64>;

    #[method(name = "syncing")]
    fn syncing(&self) -> RpcResult<bool>;

    #[method(name = "accounts")]
    fn accounts(&self) -> RpcResult<Vec<Address>>;

    #[method(name = "blockNumber")]
    fn block_number(&self) -> RpcResult<U64>;

    #[method(name = "gasPrice")]
    fn gas_price(&self) -> RpcResult<U256>;

    #[method(name = "maxPriorityFeePerGas")]
    fn priority_fee(&self) -> RpcResult<U256>;

    #[method(name = "feeHistory")]
    async fn fee_history(
        &self,
        count: U64,
        newest: BlockNumberOrTag,
        percentiles: Option<Vec<f64>>,
    ) -> RpcResult<FeeHistory>;

    #[method(name = "getBalance")]
    async fn balance(&self, address: Address, block: Option<BlockId>) -> RpcResult<U256>;

    #[method(name = "getTransactionCount")]
    async fn transaction_count(&self, address: Address, block: Option<BlockId>) -> RpcResult<U64>;

    #[method(name = "getCode")]
    async fn code(&self, address: Address, block: Option<BlockId>) -> RpcResult<Bytes>;

    #[method(name = "getStorageAt")]
    async fn storage_at(
        &self,
        address: Address,
        slot: U256,
        block: Option<BlockId>,
    ) -> RpcResult<B256>;

    #[method(name = "getStorageValues")]
    async fn storage_values(
        &self,
        slots: BTreeMap<Address, Vec<U256>>,
        block: Option<BlockId>,
    ) -> RpcResult<BTreeMap<Address, Vec<B256>>>;

    #[method(name = "call")]
    async fn call(
        &self,
        request: TransactionRequest,
        block: Option<BlockId>,
        overrides: Option<StateOverride>,
        environment: Option<BlockOverrides>,
    ) -> RpcResult<Bytes>;

    #[method(name = "estimateGas")]
    async fn estimate_gas(
        &self,
        request: TransactionRequest,
        block: Option<BlockId>,
        overrides: Option<StateOverride>,
    ) -> RpcResult<U64>;

    #[method(name = "sendRawTransaction")]
    async fn send_raw_transaction(&self, bytes: Bytes) -> RpcResult<B256>;

    #[method(name = "getTransactionByHash")]
    async fn transaction_by_hash(&self, hash: B256) -> RpcResult<Option<RpcTransaction>>;

    #[method(name = "getTransactionReceipt")]
    async fn transaction_receipt(&self, hash: B256) -> RpcResult<Option<TransactionReceipt>>;

    #[method(name = "getBlockByNumber")]
    async fn block_by_number(
        &self,
        block: BlockNumberOrTag,
        full: Option<bool>,
    ) -> RpcResult<Option<RpcBlock>>;

    #[method(name = "getBlockByHash")]
    async fn block_by_hash(&self, hash: B256, full: Option<bool>) -> RpcResult<Option<RpcBlock>>;

    #[method(name = "getBlockReceipts")]
    async fn block_receipts(&self, block: BlockId) -> RpcResult<Option<Vec<TransactionReceipt>>>;

    #[method(name = "getBlockTransactionCountByNumber")]
    async fn count_by_number(&self, block: BlockNumberOrTag) -> RpcResult<Option<U64>>;

    #[method(name = "getBlockTransactionCountByHash")]
    async fn count_by_hash(&self, hash: B256) -> RpcResult<Option<U64>>;

    #[method(name = "getTransactionByBlockNumberAndIndex")]
    async fn transaction_by_number_and_index(
        &self,
        block: BlockNumberOrTag,
        index: Index,
    ) -> RpcResult<Option<RpcTransaction>>;

    #[method(name = "getTransactionByBlockHashAndIndex")]
    async fn transaction_by_hash_and_index(
        &self,
        hash: B256,
        index: Index,
    ) -> RpcResult<Option<RpcTransaction>>;

    #[method(name = "getUncleCountByBlockNumber")]
    async fn uncles_by_number(&self, block: BlockNumberOrTag) -> RpcResult<Option<U64>>;

    #[method(name = "getUncleCountByBlockHash")]
    async fn uncles_by_hash(&self, hash: B256) -> RpcResult<Option<U64>>;

    #[method(name = "getUncleByBlockNumberAndIndex")]
    fn uncle_by_number(&self, block: BlockNumberOrTag, index: Index)
    -> RpcResult<Option<RpcBlock>>;

    #[method(name = "getUncleByBlockHashAndIndex")]
    fn uncle_by_hash(&self, hash: B256, index: Index) -> RpcResult<Option<RpcBlock>>;

    #[method(name = "blobBaseFee")]
    fn blob_base_fee(&self) -> RpcResult<U256>;

    #[method(name = "getLogs")]
    async fn logs(&self, filter: Filter) -> RpcResult<Vec<Log>>;

    #[method(name = "getProof")]
    fn proof(&self) -> RpcResult<()>;
}

struct Eth {
    chain: Arc<dyn Chain>,
    limits: Limits,
}

/// The methods of this namespace, but those about filters.
pub(super) fn methods(chain: Arc<dyn Chain>, limits: &Limits) -> Methods {
    Eth { chain, limits: limits.clone() }.into_rpc().into()
}

/// The methods about filters.
pub(super) fn filter_methods(chain: Arc<dyn Chain>, limits: &Limits) -> Methods {
    EthFilters::new(chain, limits.clone()).into_rpc().into()
}

/// The methods about the node and its rules.
pub(super) fn node_methods(chain: Arc<dyn Chain>) -> Methods {
    node::methods(chain)
}

/// The methods that run what nobody sent.
pub(super) fn simulation_methods(chain: Arc<dyn Chain>) -> Methods {
    simulations::methods(chain)
}

impl Eth {
    async fn find(&self, block: impl Into<BlockId>) -> RpcResult<Option<Arc<FinalizedBlock>>> {
        state::find(&*self.chain, block.into()).await
    }

    async fn count(&self, block: impl Into<BlockId>) -> RpcResult<Option<U64>> {
        let found = self.find(block).await?;
        Ok(found.map(|block| U64::from(block.block.transactions.len())))
    }

    async fn at(
        &self,
        block: impl Into<BlockId>,
        index: Index,
    ) -> RpcResult<Option<RpcTransaction>> {
        let found = self.find(block).await?;
        let found = found.filter(|block| index.0 < block.block.transactions.len());
        Ok(found.map(|block| view::transaction(&block, index.0)))
    }

    async fn uncles(&self, block: impl Into<BlockId>) -> RpcResult<Option<U64>> {
        Ok(self.find(block).await?.map(|_| U64::ZERO))
    }

    async fn included(&self, hash: B256) -> RpcResult<Option<(Arc<FinalizedBlock>, usize)>> {
        self.chain.transaction(hash).await.map_err(|failure| errors::failure(&failure))
    }
}

#[async_trait]
impl EthServer for Eth {
    fn chain_id(&self) -> RpcResult<U64> {
        Ok(U64::from(self.chain.genesis().chain_id))
    }

    fn syncing(&self) -> RpcResult<bool> {
        // What is served is final and complete; how far behind the others it is: `/status`.
        Ok(false)
    }

    fn accounts(&self) -> RpcResult<Vec<Address>> {
        // The node signs nothing for clients of this interface.
        Ok(Vec::new())
    }

    fn block_number(&self) -> RpcResult<U64> {
        Ok(U64::from(self.chain.head().number))
    }

    fn gas_price(&self) -> RpcResult<U256> {
        Ok(U256::ZERO)
    }

    fn priority_fee(&self) -> RpcResult<U256> {
        Ok(U256::ZERO)
    }

    async fn fee_history(
        &self,
        count: U64,
        newest: BlockNumberOrTag,
        percentiles: Option<Vec<f64>>,
    ) -> RpcResult<FeeHistory> {
        let newest = state::height(&*self.chain, newest);
        if newest > self.chain.head().number {
            return Err(error(errors::SERVER, "request beyond head block"));
        }
        let count = count.saturating_to::<u64>().min(FEE_HISTORY_BLOCKS_MAX).min(newest + 1);
        let oldest = newest + 1 - count;
        let mut ratios = Vec::new();
        for number in oldest..=newest {
            let block = self.find(BlockNumberOrTag::Number(number)).await?;
            let header = block.map(|block| block.block.header.clone()).unwrap_or_default();
            ratios.push(header.gas_used as f64 / header.gas_limit.max(1) as f64);
        }
        let blocks = ratios.len();
        let reward = percentiles.map(|asked| vec![vec![U256::ZERO; asked.len().min(100)]; blocks]);
        Ok(FeeHistory {
            oldest_block: U64::from(oldest),
            base_fee_per_gas: vec![U256::ZERO; blocks + 1],
            gas_used_ratio: ratios,
            reward,
        })
    }

    async fn balance(&self, address: Address, block: Option<BlockId>) -> RpcResult<U256> {
        let source = state::source(&*self.chain, block).await?;
        Ok(state::account(&*source, address).await?.balance)
    }

    async fn transaction_count(&self, address: Address, block: Option<BlockId>) -> RpcResult<U64> {
        if block == Some(BlockId::Number(BlockNumberOrTag::Pending)) {
            let next = self.chain.next_nonce(address).await;
            return next.map(U64::from).map_err(|failure| errors::failure(&failure));
        }
        let source = state::source(&*self.chain, block).await?;
        Ok(U64::from(state::account(&*source, address).await?.nonce))
    }

    async fn code(&self, address: Address, block: Option<BlockId>) -> RpcResult<Bytes> {
        let source = state::source(&*self.chain, block).await?;
        state::code(&*source, address).await
    }

    async fn storage_at(
        &self,
        address: Address,
        slot: U256,
        block: Option<BlockId>,
    ) -> RpcResult<B256> {
        let source = state::source(&*self.chain, block).await?;
        state::slot(&*source, address, slot).await
    }

    async fn storage_values(
        &self,
        slots: BTreeMap<Address, Vec<U256>>,
        block: Option<BlockId>,
    ) -> RpcResult<BTreeMap<Address, Vec<B256>>> {
        let source = state::source(&*self.chain, block).await?;
        state::slots(&*source, slots).await
    }

    async fn call(
        &self,
        request: TransactionRequest,
        block: Option<BlockId>,
        overrides: Option<StateOverride>,
        environment: Option<BlockOverrides>,
    ) -> RpcResult<Bytes> {
        calls::call(&*self.chain, request, block, overrides, environment).await
    }

    async fn estimate_gas(
        &self,
        request: TransactionRequest,
        block: Option<BlockId>,
        overrides: Option<StateOverride>,
    ) -> RpcResult<U64> {
        calls::estimate(&*self.chain, request, block, overrides).await.map(U64::from)
    }

    async fn send_raw_transaction(&self, bytes: Bytes) -> RpcResult<B256> {
        // Recovering the sender takes 30 microseconds; hashing a long transaction takes longer.
        let decoded = if bytes.len() <= INLINE_BYTES_MAX {
            SignedTransaction::decode(bytes)
        } else {
            let decoding = tokio::task::spawn_blocking(move || SignedTransaction::decode(bytes));
            decoding.await.map_err(|_| error(errors::INTERNAL, "the node is stopping"))?
        };
        let transaction = decoded.map_err(|undecodable| errors::undecodable(&undecodable))?;
        let submitted = self.chain.submit(Arc::new(transaction)).await;
        submitted.map_err(|refused| errors::submit(&refused))
    }

    async fn transaction_by_hash(&self, hash: B256) -> RpcResult<Option<RpcTransaction>> {
        if let Some((block, position)) = self.included(hash).await? {
            return Ok(Some(view::transaction(&block, position)));
        }
        Ok(self.chain.pooled(hash).map(|transaction| view::pooled(&transaction)))
    }

    async fn transaction_receipt(&self, hash: B256) -> RpcResult<Option<TransactionReceipt>> {
        let included = self.included(hash).await?;
        Ok(included.map(|(block, position)| view::receipt(&block, position)))
    }

    async fn block_by_number(
        &self,
        block: BlockNumberOrTag,
        full: Option<bool>,
    ) -> RpcResult<Option<RpcBlock>> {
        let found = self.find(block).await?;
        Ok(found.map(|block| view::block(&block, full.unwrap_or(false))))
    }

    async fn block_by_hash(&self, hash: B256, full: Option<bool>) -> RpcResult<Option<RpcBlock>> {
        let found = self.find(hash).await?;
        Ok(found.map(|block| view::block(&block, full.unwrap_or(false))))
    }

    async fn block_receipts(&self, block: BlockId) -> RpcResult<Option<Vec<TransactionReceipt>>> {
        Ok(self.find(block).await?.map(|block| view::receipts(&block)))
    }

    async fn count_by_number(&self, block: BlockNumberOrTag) -> RpcResult<Option<U64>> {
        self.count(block).await
    }

    async fn count_by_hash(&self, hash: B256) -> RpcResult<Option<U64>> {
        self.count(hash).await
    }

    async fn transaction_by_number_and_index(
        &self,
        block: BlockNumberOrTag,
        index: Index,
    ) -> RpcResult<Option<RpcTransaction>> {
        self.at(block, index).await
    }

    async fn transaction_by_hash_and_index(
        &self,
        hash: B256,
        index: Index,
    ) -> RpcResult<Option<RpcTransaction>> {
        self.at(hash, index).await
    }

    async fn uncles_by_number(&self, block: BlockNumberOrTag) -> RpcResult<Option<U64>> {
        self.uncles(block).await
    }

    async fn uncles_by_hash(&self, hash: B256) -> RpcResult<Option<U64>> {
        self.uncles(hash).await
    }

    fn uncle_by_number(&self, _: BlockNumberOrTag, _: Index) -> RpcResult<Option<RpcBlock>> {
        Ok(None)
    }

    fn uncle_by_hash(&self, _: B256, _: Index) -> RpcResult<Option<RpcBlock>> {
        Ok(None)
    }

    fn blob_base_fee(&self) -> RpcResult<U256> {
        Ok(U256::ZERO)
    }

    async fn logs(&self, filter: Filter) -> RpcResult<Vec<Log>> {
        logs::find(&*self.chain, &self.limits, &filter).await
    }

    fn proof(&self) -> RpcResult<()> {
        Err(unproved())
    }
}

/// `eth_getProof` promises a Merkle-Patricia path, and this state is no such trie.
fn unproved() -> ErrorObjectOwned {
    let message = "eth_getProof is not served: the state root is not the root of a \
                   Merkle-Patricia trie; qiao_getProof and qiao_getTransactionProof give proofs \
                   that can be checked offline, see docs/reference/json-rpc.md";
    error(NOT_FOUND, message)
}
