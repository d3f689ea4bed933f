//! A signed Ethereum transaction together with its bytes, its hash and its recovered sender.

use alloy_consensus::{Transaction as _, transaction::SignerRecoverable};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, B256, Bytes, keccak256};

use crate::TxEnvelope;

/// The longest transaction that a pool or a block accepts, in bytes.
pub const TRANSACTION_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A transaction whose signature has been checked: the sender is known.
///
/// Recovery costs about 30 microseconds, so it happens once, where the bytes enter the node; from
/// there on the transaction travels behind an `Arc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTransaction {
    envelope: TxEnvelope,
    encoded: Bytes,
    hash: B256,
    sender: Address,
}

/// Why bytes are not a transaction that this chain takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionDecodeError {
    /// The transaction is longer than [`TRANSACTION_BYTES_MAX`].
    #[error("transaction of {bytes} bytes exceeds the limit of {TRANSACTION_BYTES_MAX} bytes")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// The bytes are not an EIP-2718 transaction.
    #[error("bytes are not an EIP-2718 transaction: {reason}")]
    Malformed {
        /// What the decoder met.
        reason: String,
    },
    /// Blob transactions (EIP-4844) need a data availability layer that this chain does not have.
    #[error("blob transactions (type 3) are not accepted on this chain")]
    BlobsNotAccepted,
    /// The signature does not recover to an account.
    #[error("signature does not recover to a sender")]
    InvalidSignature,
}

impl SignedTransaction {
    /// Decodes EIP-2718 bytes and recovers the sender.
    pub fn decode(encoded: Bytes) -> Result<Self, TransactionDecodeError> {
        let hash = keccak256(&encoded);
        Self::decode_hashed(encoded, hash)
    }

    /// Decodes EIP-2718 bytes whose hash is known and recovers the sender. The caller vouches that
    /// `hash` is theirs.
    pub fn decode_hashed(encoded: Bytes, hash: B256) -> Result<Self, TransactionDecodeError> {
        let envelope = decode_envelope(&encoded)?;
        // Two encodings of one transaction would be two transactions to whoever goes by the bytes.
        if *envelope.tx_hash() != hash {
            let reason = "they are not its only encoding".into();
            return Err(TransactionDecodeError::Malformed { reason });
        }
        let sender =
            envelope.recover_signer().map_err(|_| TransactionDecodeError::InvalidSignature)?;
        Ok(Self { envelope, encoded, hash, sender })
    }

    /// Decodes EIP-2718 bytes whose sender is known without a signature (an impersonated account of
    /// a developer's chain, a call that is simulated).
    pub fn decode_with_sender(
        encoded: Bytes,
        sender: Address,
    ) -> Result<Self, TransactionDecodeError> {
        let hash = keccak256(&encoded);
        Self::decode_known(encoded, hash, sender)
    }

    /// Decodes EIP-2718 bytes that were seen before. The caller vouches that `hash` is theirs and
    /// that `sender` was recovered from these very bytes.
    pub fn decode_known(
        encoded: Bytes,
        hash: B256,
        sender: Address,
    ) -> Result<Self, TransactionDecodeError> {
        let envelope = decode_envelope(&encoded)?;
        Ok(Self { envelope, encoded, hash, sender })
    }

    /// Wraps an envelope that was signed in this process, recovering the sender.
    pub fn from_envelope(envelope: TxEnvelope) -> Result<Self, TransactionDecodeError> {
        Self::decode(envelope.encoded_2718().into())
    }

    /// The decoded transaction.
    pub fn envelope(&self) -> &TxEnvelope {
        &self.envelope
    }

    /// The EIP-2718 bytes.
    pub fn encoded(&self) -> &Bytes {
        &self.encoded
    }

    /// The transaction hash.
    pub fn hash(&self) -> B256 {
        self.hash
    }

    /// The account that signed.
    pub fn sender(&self) -> Address {
        self.sender
    }

    /// The sender's sequence number.
    pub fn nonce(&self) -> u64 {
        self.envelope.nonce()
    }

    /// The gas that the sender allows.
    pub fn gas_limit(&self) -> u64 {
        self.envelope.gas_limit()
    }
}

fn decode_envelope(encoded: &Bytes) -> Result<TxEnvelope, TransactionDecodeError> {
    if encoded.len() > TRANSACTION_BYTES_MAX {
        return Err(TransactionDecodeError::TooLarge { bytes: encoded.len() });
    }
    let mut rest = encoded.as_ref();
    let envelope = TxEnvelope::decode_2718(&mut rest)
        .map_err(|error| TransactionDecodeError::Malformed { reason: error.to_string() })?;
    if !rest.is_empty() {
        let reason = format!("{} bytes follow the transaction", rest.len());
        return Err(TransactionDecodeError::Malformed { reason });
    }
    if matches!(envelope, TxEnvelope::Eip4844(_)) {
        return Err(TransactionDecodeError::BlobsNotAccepted);
    }
    Ok(envelope)
}
