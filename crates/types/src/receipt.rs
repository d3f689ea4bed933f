//! What the execution of one transaction gave.

use alloy_consensus::ReceiptEnvelope;
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, Bytes, Log};
use alloy_rlp::{Decodable as _, RlpDecodable, RlpEncodable};

/// Ethereum's receipt plus what JSON-RPC asks of it and the trie does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutedReceipt {
    /// The consensus receipt: status, cumulative gas, bloom, logs.
    pub envelope: ReceiptEnvelope<Log>,
    /// The gas that this transaction alone used.
    pub gas_used: u64,
    /// The contract that the transaction created.
    pub contract_address: Option<Address>,
    /// Return data of a success or revert data of a failure, cut at 4 KiB.
    pub output: Bytes,
}

/// Stored receipts do not decode: the store is damaged or of another version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stored receipts do not decode: {0}")]
pub struct ReceiptDecodeError(String);

#[derive(RlpEncodable, RlpDecodable)]
struct Stored {
    envelope: Bytes,
    gas_used: u64,
    contract_address: Bytes,
    output: Bytes,
}

impl ExecutedReceipt {
    /// Return or revert data is kept up to this many bytes.
    pub const OUTPUT_BYTES_MAX: usize = 4096;

    /// Whether the transaction took effect.
    pub fn succeeded(&self) -> bool {
        self.envelope.status()
    }

    /// The logs, in order.
    pub fn logs(&self) -> &[Log] {
        self.envelope.logs()
    }

    /// Encodes the receipts of one block for the node's own store.
    pub fn encode_all(receipts: &[Self]) -> Vec<u8> {
        let stored: Vec<Stored> = receipts
            .iter()
            .map(|receipt| Stored {
                envelope: receipt.envelope.encoded_2718().into(),
                gas_used: receipt.gas_used,
                contract_address: receipt
                    .contract_address
                    .map(|address| Bytes::copy_from_slice(address.as_slice()))
                    .unwrap_or_default(),
                output: receipt.output.clone(),
            })
            .collect();
        alloy_rlp::encode(&stored)
    }

    /// Reads what [`ExecutedReceipt::encode_all`] wrote.
    pub fn decode_all(mut bytes: &[u8]) -> Result<Vec<Self>, ReceiptDecodeError> {
        let stored = Vec::<Stored>::decode(&mut bytes)
            .map_err(|error| ReceiptDecodeError(error.to_string()))?;
        stored.into_iter().map(Self::restore).collect()
    }

    fn restore(stored: Stored) -> Result<Self, ReceiptDecodeError> {
        let envelope = ReceiptEnvelope::decode_2718(&mut stored.envelope.as_ref())
            .map_err(|error| ReceiptDecodeError(error.to_string()))?;
        let contract_address = match stored.contract_address.len() {
            0 => None,
            20 => Some(Address::from_slice(&stored.contract_address)),
            other => return Err(ReceiptDecodeError(format!("address of {other} bytes"))),
        };
        Ok(Self { envelope, gas_used: stored.gas_used, contract_address, output: stored.output })
    }
}
