//! Calls that change nothing, and estimates, executed off the threads that serve requests.

use std::sync::Arc;

use alloy_eips::BlockId;
use alloy_primitives::Bytes;
use alloy_rpc_types_eth::{TransactionRequest, state::StateOverride};
use jsonrpsee::core::RpcResult;

use crate::{Chain, rpc::errors};

pub(super) struct Calls {
    chain: Arc<dyn Chain>,
}

impl Calls {
    pub(super) fn new(chain: Arc<dyn Chain>, _calls_max: usize) -> Self {
        Self { chain }
    }

    pub(super) async fn call(
        &self,
        _request: TransactionRequest,
        block: Option<BlockId>,
        _overrides: Option<StateOverride>,
    ) -> RpcResult<Bytes> {
        super::state::existing(&*self.chain, block).await?;
        Err(errors::error(errors::INTERNAL, "not yet"))
    }

    pub(super) async fn estimate(
        &self,
        _request: TransactionRequest,
        _block: Option<BlockId>,
        _overrides: Option<StateOverride>,
    ) -> RpcResult<u64> {
        Err(errors::error(errors::INTERNAL, "not yet"))
    }
}
