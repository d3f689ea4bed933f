//! `web3_*`: the software's name, and keccak-256.

use std::sync::Arc;

use alloy_primitives::{B256, Bytes, keccak256};
use jsonrpsee::{Methods, core::RpcResult, proc_macros::rpc};

use crate::Chain;

#[rpc(server, namespace = "web3")]
trait Web3 {
    #[method(name = "clientVersion")]
    fn client_version(&self) -> RpcResult<String>;

    #[method(name = "sha3")]
    fn sha3(&self, data: Bytes) -> RpcResult<B256>;
}

struct Web3(Arc<dyn Chain>);

/// The methods of this namespace.
pub(super) fn methods(chain: Arc<dyn Chain>) -> Methods {
    Web3(chain).into_rpc().into()
}

impl Web3Server for Web3 {
    fn client_version(&self) -> RpcResult<String> {
        Ok(self.0.client_version())
    }

    fn sha3(&self, data: Bytes) -> RpcResult<B256> {
        Ok(keccak256(data))
    }
}
