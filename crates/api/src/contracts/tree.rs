//! The calls within a final transaction, by running it again.

use alloy_primitives::{Address, Bytes, U256};
use alloy_rpc_types_trace::geth::{CallFrame, GethTrace};
use qiao_execution::{
    BlockEnvironment, CallError, Replay, TraceError, TraceOptions, trace_transactions,
};
use qiao_types::FinalizedBlock;
use serde_json::json;

use crate::{Chain, calling};

/// A call within a transaction, with the calls that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallNode {
    /// `CALL`, `STATICCALL`, `DELEGATECALL`, `CREATE`, `CREATE2`, …
    pub kind: String,
    /// Who called.
    pub from: Address,
    /// Who was called, or what was created; `None` where nothing was.
    pub to: Option<Address>,
    /// Wei that it carried.
    pub value: U256,
    /// Gas that it used, with what it called.
    pub gas_used: u64,
    /// Calldata, or the code that creates.
    pub input: Bytes,
    /// What it returned, or revert data.
    pub output: Bytes,
    /// Why it failed, in the EVM's words.
    pub error: Option<String>,
    /// What it called, in order.
    pub calls: Vec<CallNode>,
}

/// The calls within a transaction of a final block.
///
/// # Errors
/// The state before the block is not kept any more, or the trace is too long.
pub async fn call_tree(
    chain: &dyn Chain,
    block: &FinalizedBlock,
    position: usize,
) -> Result<CallNode, TraceError> {
    let parent = block.block.number().saturating_sub(1);
    let source = chain.state_at(parent).await.map_err(CallError::from)?;
    let config = *chain.execution();
    let replay = Replay {
        env: BlockEnvironment::of(&block.block.header),
        block_hash: block.hash,
        transactions: block.block.transactions.clone(),
        traced: position..position + 1,
    };
    let options: TraceOptions =
        serde_json::from_value(json!({ "tracer": "callTracer" })).expect("the tracer is known");
    let tracing =
        calling::apart(async move { trace_transactions(&config, &*source, replay, options).await });
    match tracing.await??.pop() {
        Some(GethTrace::CallTracer(frame)) => Ok(CallNode::from(frame)),
        _ => Err(TraceError::Tracer("the tracer told no calls".to_owned())),
    }
}

impl From<CallFrame> for CallNode {
    fn from(frame: CallFrame) -> Self {
        Self {
            kind: frame.typ,
            from: frame.from,
            to: frame.to,
            value: frame.value.unwrap_or_default(),
            gas_used: frame.gas_used.saturating_to(),
            input: frame.input,
            output: frame.output.unwrap_or_default(),
            error: frame.error,
            calls: frame.calls.into_iter().map(Self::from).collect(),
        }
    }
}
