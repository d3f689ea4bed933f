//! `net_*`: the network's number and the connections of this node.

use std::sync::Arc;

use alloy_primitives::U64;
use jsonrpsee::{Methods, core::RpcResult, proc_macros::rpc};

use crate::Chain;

#[rpc(server, namespace = "net")]
trait Net {
    #[method(name = "version")]
    fn version(&self) -> RpcResult<String>;

    #[method(name = "listening")]
    fn listening(&self) -> RpcResult<bool>;

    #[method(name = "peerCount")]
    fn peer_count(&self) -> RpcResult<U64>;
}

struct Net(Arc<dyn Chain>);

/// The methods of this namespace.
pub(super) fn methods(chain: Arc<dyn Chain>) -> Methods {
    Net(chain).into_rpc().into()
}

impl NetServer for Net {
    fn version(&self) -> RpcResult<String> {
        Ok(self.0.genesis().chain_id.to_string())
    }

    fn listening(&self) -> RpcResult<bool> {
        Ok(true)
    }

    fn peer_count(&self) -> RpcResult<U64> {
        let validators = self.0.status().validators;
        let connected = validators.iter().filter(|peer| peer.connected && !peer.is_self).count();
        Ok(U64::from(connected))
    }
}
