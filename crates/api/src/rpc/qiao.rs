//! `qiao_*`: what this chain has and Ethereum has not.

use std::sync::Arc;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U64, U256};
use jsonrpsee::{
    Methods,
    core::{RpcResult, async_trait},
    proc_macros::rpc,
};
use qiao_module_kit::{Interface, Module};
use qiao_modules::MODULES;
use qiao_types::Proof;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    errors::{self, SERVER, error},
    eth::state,
};
use crate::{
    Chain, ChainFailure, NodeStatus, proofs,
    rest::organisations::{Organisation, list},
};

/// A native module.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleDescription {
    name: &'static str,
    address: Address,
    /// The first block in which it answers.
    since: U64,
    /// The modules that it calls.
    requires: &'static [&'static str],
    /// The name of its Solidity interface.
    interface: String,
    /// What it is for.
    description: String,
    abi: Box<RawValue>,
}

/// The votes that made a block final.
#[derive(Debug, Clone, Serialize)]
pub struct Certificate {
    number: U64,
    hash: B256,
    /// As the agreement encodes them.
    certificate: Bytes,
}

#[rpc(server, namespace = "qiao")]
trait Qiao {
    #[method(name = "status")]
    fn status(&self) -> RpcResult<NodeStatus>;

    #[method(name = "members")]
    async fn members(&self) -> RpcResult<Vec<Organisation>>;

    #[method(name = "modules")]
    fn modules(&self) -> RpcResult<Vec<ModuleDescription>>;

    #[method(name = "getCertificate")]
    async fn certificate(&self, block: BlockId) -> RpcResult<Option<Certificate>>;

    #[method(name = "getProof")]
    async fn proof(
        &self,
        address: Address,
        slots: Option<Vec<U256>>,
        block: Option<BlockId>,
    ) -> RpcResult<Proof>;

    #[method(name = "getTransactionProof")]
    async fn transaction_proof(&self, hash: B256) -> RpcResult<Proof>;
}

struct Qiao(Arc<dyn Chain>);

/// The methods of this namespace.
pub(super) fn methods(chain: Arc<dyn Chain>) -> Methods {
    Qiao(chain).into_rpc().into()
}

#[async_trait]
impl QiaoServer for Qiao {
    fn status(&self) -> RpcResult<NodeStatus> {
        Ok(self.0.status())
    }

    async fn members(&self) -> RpcResult<Vec<Organisation>> {
        let members = list(self.0.index()).await;
        members.map_err(|failed| errors::failure(&ChainFailure::Store(failed.to_string())))
    }

    fn modules(&self) -> RpcResult<Vec<ModuleDescription>> {
        MODULES.iter().map(describe).collect()
    }

    async fn certificate(&self, block: BlockId) -> RpcResult<Option<Certificate>> {
        let Some(block) = state::find(&*self.0, block).await? else { return Ok(None) };
        let number = block.block.number();
        let certificate = self.0.certificate(number).await;
        Ok(certificate.map(|certificate| Certificate {
            number: U64::from(number),
            hash: block.hash,
            certificate,
        }))
    }

    async fn proof(
        &self,
        address: Address,
        slots: Option<Vec<U256>>,
        block: Option<BlockId>,
    ) -> RpcResult<Proof> {
        let slots = slots.unwrap_or_default();
        // The tags for the newest block mean whichever is the newest when the state is read.
        let block = match block.unwrap_or_default() {
            BlockId::Number(tag) if !tag.is_number() && !tag.is_earliest() => None,
            fixed => Some(state::existing(&*self.0, Some(fixed)).await?.block.number()),
        };
        let proof = proofs::account(&*self.0, address, &slots, block).await;
        proof.map_err(|unproved| errors::unproved(&unproved))
    }

    async fn transaction_proof(&self, hash: B256) -> RpcResult<Proof> {
        let proof = proofs::transaction(&*self.0, hash).await;
        proof.map_err(|unproved| errors::unproved(&unproved))
    }
}

fn describe(module: &Module) -> RpcResult<ModuleDescription> {
    let interface = Interface::read(module.source).expect("conformance reads every interface");
    let abi = RawValue::from_string(interface.to_json());
    Ok(ModuleDescription {
        name: module.name,
        address: module.address,
        since: U64::from(module.since),
        requires: module.requires,
        abi: abi.map_err(|malformed| error(SERVER, malformed))?,
        interface: interface.name,
        description: interface.doc,
    })
}
