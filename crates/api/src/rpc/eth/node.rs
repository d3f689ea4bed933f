//! `eth_config` and `eth_capabilities`: by which rules the chain runs, and what this node keeps.

use std::{collections::BTreeMap, sync::Arc};

use alloy_eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy_primitives::{Address, B256, Bytes, U64, U256, address};
use jsonrpsee::{
    Methods,
    core::{RpcResult, async_trait},
    proc_macros::rpc,
};
use qiao_types::StateUnavailable;
use serde::Serialize;

use crate::{
    Chain,
    rpc::errors::{self, SERVER, error},
};

/// Ethereum's precompiles by the names of EIP-7910.
const PRECOMPILES: [(&str, Address); 18] = [
    ("ECREC", address!("0000000000000000000000000000000000000001")),
    ("SHA256", address!("0000000000000000000000000000000000000002")),
    ("RIPEMD160", address!("0000000000000000000000000000000000000003")),
    ("ID", address!("0000000000000000000000000000000000000004")),
    ("MODEXP", address!("0000000000000000000000000000000000000005")),
    ("BN254_ADD", address!("0000000000000000000000000000000000000006")),
    ("BN254_MUL", address!("0000000000000000000000000000000000000007")),
    ("BN254_PAIRING", address!("0000000000000000000000000000000000000008")),
    ("BLAKE2F", address!("0000000000000000000000000000000000000009")),
    ("KZG_POINT_EVALUATION", address!("000000000000000000000000000000000000000a")),
    ("BLS12_G1ADD", address!("000000000000000000000000000000000000000b")),
    ("BLS12_G1MSM", address!("000000000000000000000000000000000000000c")),
    ("BLS12_G2ADD", address!("000000000000000000000000000000000000000d")),
    ("BLS12_G2MSM", address!("000000000000000000000000000000000000000e")),
    ("BLS12_PAIRING_CHECK", address!("000000000000000000000000000000000000000f")),
    ("BLS12_MAP_FP_TO_G1", address!("0000000000000000000000000000000000000010")),
    ("BLS12_MAP_FP2_TO_G2", address!("0000000000000000000000000000000000000011")),
    ("P256VERIFY", address!("0000000000000000000000000000000000000100")),
];

/// The rules by which the chain runs (EIP-7910). They are those of its first block: there is no
/// fork to come and none that was.
#[derive(Debug, Clone, Serialize)]
pub struct Config {
    current: Fork,
    next: Option<Fork>,
    last: Option<Fork>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fork {
    activation_time: u64,
    blob_schedule: Blobs,
    chain_id: U64,
    fork_id: Bytes,
    precompiles: BTreeMap<&'static str, Address>,
    system_contracts: BTreeMap<&'static str, Address>,
}

/// No blobs are accepted.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Blobs {
    base_fee_update_fraction: u64,
    max: u64,
    target: u64,
}

/// What this node keeps, and from which block on.
#[derive(Debug, Clone, Serialize)]
pub struct Capabilities {
    head: KnownHead,
    state: Kept,
    tx: Kept,
    logs: Kept,
    receipts: Kept,
    blocks: Kept,
    stateproofs: Kept,
}

#[derive(Debug, Clone, Serialize)]
struct KnownHead {
    number: U64,
    hash: B256,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    disabled: bool,
    oldest_block: U64,
}

#[rpc(server, namespace = "eth")]
trait EthNode {
    #[method(name = "config")]
    async fn config(&self) -> RpcResult<Config>;

    #[method(name = "baseFee")]
    fn base_fee(&self) -> RpcResult<U256>;

    #[method(name = "capabilities")]
    async fn capabilities(&self) -> RpcResult<Capabilities>;
}

struct EthNode(Arc<dyn Chain>);

/// The methods about the node and its rules.
pub(super) fn methods(chain: Arc<dyn Chain>) -> Methods {
    EthNode(chain).into_rpc().into()
}

#[async_trait]
impl EthNodeServer for EthNode {
    async fn config(&self) -> RpcResult<Config> {
        let first = self.0.block_by_number(0).await;
        let first = first.map_err(|failure| errors::failure(&failure))?;
        let first = first.ok_or_else(|| error(SERVER, "header not found"))?;
        let current = Fork {
            activation_time: 0,
            blob_schedule: Blobs::default(),
            chain_id: U64::from(self.0.genesis().chain_id),
            fork_id: crc32(first.hash.as_slice()).to_be_bytes().to_vec().into(),
            precompiles: PRECOMPILES.into_iter().collect(),
            system_contracts: [("HISTORY_STORAGE_ADDRESS", HISTORY_STORAGE_ADDRESS)].into(),
        };
        Ok(Config { current, next: None, last: None })
    }

    fn base_fee(&self) -> RpcResult<U256> {
        Ok(U256::ZERO)
    }

    async fn capabilities(&self) -> RpcResult<Capabilities> {
        let head = self.0.head();
        let oldest = match self.0.state_at(0).await {
            Ok(_) => 0,
            Err(StateUnavailable::Pruned { oldest, .. }) => oldest,
            Err(other) => return Err(errors::state(&other)),
        };
        Ok(Capabilities {
            head: KnownHead { number: U64::from(head.number), hash: head.hash },
            state: Kept { disabled: false, oldest_block: U64::from(oldest) },
            tx: Kept::default(),
            logs: Kept::default(),
            receipts: Kept::default(),
            blocks: Kept::default(),
            // Ethereum's: those of this chain are asked for with `qiao_getProof`.
            stateproofs: Kept { disabled: true, oldest_block: U64::from(oldest) },
        })
    }
}

/// The checksum with which EIP-2124 names a chain: that of zlib.
fn crc32(bytes: &[u8]) -> u32 {
    let fold = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    };
    !bytes.iter().fold(u32::MAX, fold)
}
