//! `txpool_*`: how much waits in the pool.

use std::sync::Arc;

use alloy_primitives::U64;
use jsonrpsee::{Methods, core::RpcResult, proc_macros::rpc};
use serde::Serialize;

use crate::Chain;

/// How many transactions wait.
#[derive(Debug, Clone, Serialize)]
pub struct Counts {
    /// Transactions that the next block could hold.
    pending: U64,
    /// Transactions that wait for an earlier nonce.
    queued: U64,
}

#[rpc(server, namespace = "txpool")]
trait TxPool {
    #[method(name = "status")]
    fn status(&self) -> RpcResult<Counts>;
}

struct TxPool(Arc<dyn Chain>);

/// The methods of this namespace.
pub(super) fn methods(chain: Arc<dyn Chain>) -> Methods {
    TxPool(chain).into_rpc().into()
}

impl TxPoolServer for TxPool {
    fn status(&self) -> RpcResult<Counts> {
        let pool = self.0.status().pool;
        Ok(Counts { pending: U64::from(pool.ready), queued: U64::from(pool.queued) })
    }
}
