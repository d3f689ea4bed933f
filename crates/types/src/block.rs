//! A block: Ethereum's header and the transactions in order.

use std::sync::Arc;

use alloy_consensus::{Header, proofs};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{B256, Bloom, Bytes};
use alloy_rlp::{Decodable as _, Encodable as _};

use crate::{ExecutedReceipt, SignedTransaction};

/// A block whose senders are known.
///
/// What consensus adds (epoch, view, leader, the state's operation range) lies encoded in the
/// header's `extraData`, so that the header's hash commits to everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Ethereum's header; its `stateRoot` is the root of the authenticated key-value state.
    pub header: Header,
    /// The transactions, in the order in which they were executed.
    pub transactions: Vec<Arc<SignedTransaction>>,
}

/// Why a header could not be read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockDecodeError {
    /// The bytes are not an RLP header.
    #[error("bytes are not an Ethereum header: {0}")]
    Header(String),
}

impl Block {
    /// The block's hash: keccak-256 of the RLP of its header.
    pub fn hash(&self) -> B256 {
        self.header.hash_slow()
    }

    /// The block's height.
    pub fn number(&self) -> u64 {
        self.header.number
    }

    /// The transactions root that belongs into the header (the standard ordered trie).
    pub fn transactions_root(transactions: &[Arc<SignedTransaction>]) -> B256 {
        let encoded: Vec<&Bytes> = transactions.iter().map(|tx| tx.encoded()).collect();
        proofs::ordered_trie_root_with_encoder(&encoded, |bytes, out| {
            out.extend_from_slice(bytes);
        })
    }

    /// The receipts root and the block's bloom (the standard ordered trie).
    pub fn receipts_root(receipts: &[ExecutedReceipt]) -> (B256, Bloom) {
        let bloom = receipts
            .iter()
            .fold(Bloom::ZERO, |bloom, receipt| bloom | receipt.envelope.logs_bloom());
        let root = proofs::ordered_trie_root_with_encoder(receipts, |receipt, out| {
            receipt.envelope.encode_2718(out);
        });
        (root, bloom)
    }

    /// The RLP of the header.
    pub fn encode_header(header: &Header) -> Vec<u8> {
        let mut out = Vec::with_capacity(header.length());
        header.encode(&mut out);
        out
    }

    /// Reads an RLP header; bytes left over are an error.
    pub fn decode_header(mut bytes: &[u8]) -> Result<Header, BlockDecodeError> {
        let header = Header::decode(&mut bytes)
            .map_err(|error| BlockDecodeError::Header(error.to_string()))?;
        if !bytes.is_empty() {
            let reason = format!("{} bytes follow the header", bytes.len());
            return Err(BlockDecodeError::Header(reason));
        }
        Ok(header)
    }
}

/// A block that can never change any more, with what its execution gave and the votes for it.
#[derive(Debug, Clone)]
pub struct FinalizedBlock {
    /// The block.
    pub block: Block,
    /// The block's hash, computed once.
    pub hash: B256,
    /// One receipt per transaction, in order.
    pub receipts: Vec<ExecutedReceipt>,
    /// Milliseconds since the Unix epoch at which the leader proposed the block.
    pub timestamp_ms: u64,
    /// Public key (Ed25519, 32 bytes) of the validator that proposed the block; zero at genesis.
    pub proposer: B256,
}
