//! `debug_*`: geth's tracers over final transactions and over calls, and the bytes of what is
//! final.

use std::{ops::Range, sync::Arc};

use alloy_consensus::{BlockBody, TxEnvelope};
use alloy_eips::{BlockId, BlockNumberOrTag, eip2718::Encodable2718 as _};
use alloy_primitives::{B256, Bytes};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_rpc_types_trace::{
    common::TraceResult,
    geth::{GethDebugTracingCallOptions, GethDebugTracingOptions, GethTrace},
};
use jsonrpsee::{
    Methods,
    core::{RpcResult, async_trait},
    proc_macros::rpc,
    types::ErrorObjectOwned,
};
use qiao_execution::{
    BlockEnvironment, Replay, TraceError, TraceOptions, trace_call, trace_transactions,
};
use qiao_types::{Block, FinalizedBlock};

use super::{
    errors::{self, INVALID_PARAMS, LIMIT, SERVER, error},
    eth::{
        calls::{call_error, in_block, translate},
        state,
    },
};
use crate::{Chain, calling};

/// The trace of one transaction of a block.
type Traced = TraceResult<GethTrace, String>;

#[rpc(server, namespace = "debug")]
trait Debug {
    #[method(name = "traceTransaction")]
    async fn trace_transaction(
        &self,
        hash: B256,
        options: Option<GethDebugTracingOptions>,
    ) -> RpcResult<GethTrace>;

    #[method(name = "traceCall")]
    async fn trace_call(
        &self,
        request: TransactionRequest,
        block: Option<BlockId>,
        options: Option<GethDebugTracingCallOptions>,
    ) -> RpcResult<GethTrace>;

    #[method(name = "traceBlockByNumber")]
    async fn trace_by_number(
        &self,
        block: BlockNumberOrTag,
        options: Option<GethDebugTracingOptions>,
    ) -> RpcResult<Vec<Traced>>;

    #[method(name = "traceBlockByHash")]
    async fn trace_by_hash(
        &self,
        hash: B256,
        options: Option<GethDebugTracingOptions>,
    ) -> RpcResult<Vec<Traced>>;

    #[method(name = "getRawHeader")]
    async fn raw_header(&self, block: BlockId) -> RpcResult<Bytes>;

    #[method(name = "getRawBlock")]
    async fn raw_block(&self, block: BlockId) -> RpcResult<Bytes>;

    #[method(name = "getRawReceipts")]
    async fn raw_receipts(&self, block: BlockId) -> RpcResult<Vec<Bytes>>;

    #[method(name = "getRawTransaction", aliases = ["eth_getRawTransactionByHash"])]
    async fn raw_transaction(&self, hash: B256) -> RpcResult<Option<Bytes>>;
}

struct Debug(Arc<dyn Chain>);

/// The methods of this namespace.
pub(super) fn methods(chain: Arc<dyn Chain>) -> Methods {
    Debug(chain).into_rpc().into()
}

impl Debug {
    async fn find(&self, block: BlockId) -> RpcResult<Arc<FinalizedBlock>> {
        let found = state::find(&*self.0, block).await?;
        found.ok_or_else(|| error(SERVER, format!("block {} not found", name(block))))
    }

    /// Runs the transactions of a block again up to the last that is traced.
    async fn replay(
        &self,
        block: &FinalizedBlock,
        traced: Range<usize>,
        options: TraceOptions,
    ) -> RpcResult<Vec<GethTrace>> {
        let chain = &*self.0;
        let Some(parent) = block.block.number().checked_sub(1) else {
            return Err(error(SERVER, "genesis is not traceable"));
        };
        let source = chain.state_at(parent).await;
        let source = source.map_err(|unavailable| errors::state(&unavailable))?;
        let config = *chain.execution();
        let replay = Replay {
            env: BlockEnvironment::of(&block.block.header),
            block_hash: block.hash,
            transactions: block.block.transactions.clone(),
            traced,
        };
        let tracing =
            calling::apart(
                async move { trace_transactions(&config, &*source, replay, options).await },
            );
        tracing.await.map_err(call_error)?.map_err(trace_error)
    }

    async fn trace_block(
        &self,
        block: BlockId,
        options: Option<TraceOptions>,
    ) -> RpcResult<Vec<Traced>> {
        let block = self.find(block).await?;
        let all = 0..block.block.transactions.len();
        let traces = self.replay(&block, all, options.unwrap_or_default()).await?;
        let transactions = block.block.transactions.iter();
        Ok(traces
            .into_iter()
            .zip(transactions)
            .map(|(result, tx)| Traced::Success { result, tx_hash: Some(tx.hash()) })
            .collect())
    }
}

#[async_trait]
impl DebugServer for Debug {
    async fn trace_transaction(
        &self,
        hash: B256,
        options: Option<GethDebugTracingOptions>,
    ) -> RpcResult<GethTrace> {
        let found = self.0.transaction(hash).await;
        let found = found.map_err(|failure| errors::failure(&failure))?;
        let (block, position) = found.ok_or_else(|| error(SERVER, "transaction not found"))?;
        let options = options.unwrap_or_default();
        let mut traces = self.replay(&block, position..position + 1, options).await?;
        traces.pop().ok_or_else(|| error(SERVER, "transaction not found"))
    }

    async fn trace_call(
        &self,
        request: TransactionRequest,
        block: Option<BlockId>,
        options: Option<GethDebugTracingCallOptions>,
    ) -> RpcResult<GethTrace> {
        let chain = &*self.0;
        let options = options.unwrap_or_default();
        if options.tx_index.is_some() {
            return Err(error(INVALID_PARAMS, "txIndex is not supported"));
        }
        let request = translate(request, options.state_overrides)?;
        let block = state::existing(chain, block).await?;
        let env = in_block(chain, &block, false, options.block_overrides)?;
        let source = state::of_block(chain, &block).await?;
        let (config, options) = (*chain.execution(), options.tracing_options);
        let tracing =
            calling::apart(
                async move { trace_call(&config, &env, &*source, request, options).await },
            );
        tracing.await.map_err(call_error)?.map_err(trace_error)
    }

    async fn trace_by_number(
        &self,
        block: BlockNumberOrTag,
        options: Option<GethDebugTracingOptions>,
    ) -> RpcResult<Vec<Traced>> {
        self.trace_block(block.into(), options).await
    }

    async fn trace_by_hash(
        &self,
        hash: B256,
        options: Option<GethDebugTracingOptions>,
    ) -> RpcResult<Vec<Traced>> {
        self.trace_block(hash.into(), options).await
    }

    async fn raw_header(&self, block: BlockId) -> RpcResult<Bytes> {
        Ok(Block::encode_header(&self.find(block).await?.block.header).into())
    }

    async fn raw_block(&self, block: BlockId) -> RpcResult<Bytes> {
        let block = self.find(block).await?;
        let transactions = block.block.transactions.iter();
        let transactions: Vec<TxEnvelope> =
            transactions.map(|transaction| transaction.envelope().clone()).collect();
        let body = BlockBody { transactions, ommers: Vec::new(), withdrawals: None };
        let header = block.block.header.clone();
        Ok(alloy_rlp::encode(alloy_consensus::Block { header, body }).into())
    }

    async fn raw_receipts(&self, block: BlockId) -> RpcResult<Vec<Bytes>> {
        let block = self.find(block).await?;
        let receipts = block.receipts.iter();
        Ok(receipts.map(|receipt| receipt.envelope.encoded_2718().into()).collect())
    }

    async fn raw_transaction(&self, hash: B256) -> RpcResult<Option<Bytes>> {
        let found = self.0.transaction(hash).await;
        if let Some((block, position)) = found.map_err(|failure| errors::failure(&failure))? {
            return Ok(Some(block.block.transactions[position].encoded().clone()));
        }
        Ok(self.0.pooled(hash).map(|transaction| transaction.encoded().clone()))
    }
}

fn name(block: BlockId) -> String {
    match block {
        BlockId::Hash(hash) => hash.block_hash.to_string(),
        BlockId::Number(BlockNumberOrTag::Number(number)) => number.to_string(),
        BlockId::Number(tag) => tag.to_string(),
    }
}

fn trace_error(failed: TraceError) -> ErrorObjectOwned {
    match failed {
        TraceError::Tracer(reason) => error(INVALID_PARAMS, reason),
        TraceError::TooLong => error(LIMIT, failed),
        TraceError::Call(failed) => call_error(failed),
    }
}
