//! Blocks, transactions, receipts and logs in the shape in which JSON-RPC shows them.

use alloy_consensus::{
    Receipt, ReceiptEnvelope, ReceiptWithBloom, Transaction as _, Typed2718 as _,
};
use alloy_consensus::{TxEnvelope, transaction::Recovered};
use alloy_network_primitives::BlockTransactions;
use alloy_primitives::{Log as BareLog, Sealed, U256};
use alloy_rlp::Encodable as _;
use alloy_rpc_types_eth::{Block, Header, Log, Transaction, TransactionReceipt};
use qiao_types::{FinalizedBlock, SignedTransaction};

/// A transaction as JSON-RPC shows it.
pub type RpcTransaction = Transaction<TxEnvelope>;
/// A block as JSON-RPC shows it.
pub type RpcBlock = Block<RpcTransaction>;

/// The whole block; `full` shows the transactions instead of their hashes.
pub fn block(finalized: &FinalizedBlock, full: bool) -> RpcBlock {
    let transactions = if full {
        let all = 0..finalized.block.transactions.len();
        BlockTransactions::Full(all.map(|position| transaction(finalized, position)).collect())
    } else {
        let all = finalized.block.transactions.iter();
        BlockTransactions::Hashes(all.map(|transaction| transaction.hash()).collect())
    };
    let sealed = Sealed::new_unchecked(finalized.block.header.clone(), finalized.hash);
    let header = Header::from_consensus(sealed, None, Some(U256::from(size(finalized))));
    Block { header, uncles: Vec::new(), transactions, withdrawals: None }
}

/// The bytes of the block's RLP: its header, its transactions, no uncles.
fn size(finalized: &FinalizedBlock) -> usize {
    let list = |payload: usize| alloy_rlp::length_of_length(payload) + payload;
    let transactions = finalized.block.transactions.iter().map(|transaction| {
        let bytes = transaction.encoded().len();
        // A typed transaction stands in the block as a string.
        if transaction.envelope().is_legacy() { bytes } else { list(bytes) }
    });
    let uncles = 1;
    list(finalized.block.header.length() + list(transactions.sum()) + uncles)
}

/// The transaction at a position of a final block. The position exists.
pub fn transaction(finalized: &FinalizedBlock, position: usize) -> RpcTransaction {
    let header = &finalized.block.header;
    Transaction {
        block_hash: Some(finalized.hash),
        block_number: Some(header.number),
        transaction_index: Some(position as u64),
        block_timestamp: Some(header.timestamp),
        ..pooled(&finalized.block.transactions[position])
    }
}

/// A transaction that is in no block yet.
pub fn pooled(transaction: &SignedTransaction) -> RpcTransaction {
    let envelope = transaction.envelope();
    Transaction {
        inner: Recovered::new_unchecked(envelope.clone(), transaction.sender()),
        block_hash: None,
        block_number: None,
        transaction_index: None,
        effective_gas_price: Some(envelope.effective_gas_price(Some(0))),
        block_timestamp: None,
    }
}

/// All receipts of a block.
pub fn receipts(finalized: &FinalizedBlock) -> Vec<TransactionReceipt> {
    let mut first_log = 0;
    let mut shown = Vec::with_capacity(finalized.receipts.len());
    for position in 0..finalized.receipts.len() {
        shown.push(receipt_from(finalized, position, first_log));
        first_log += finalized.receipts[position].logs().len() as u64;
    }
    shown
}

/// The receipt of the transaction at a position. The position exists.
pub fn receipt(finalized: &FinalizedBlock, position: usize) -> TransactionReceipt {
    receipt_from(finalized, position, first_log(finalized, position))
}

fn first_log(finalized: &FinalizedBlock, position: usize) -> u64 {
    finalized.receipts[..position].iter().map(|receipt| receipt.logs().len() as u64).sum()
}

fn receipt_from(finalized: &FinalizedBlock, position: usize, first_log: u64) -> TransactionReceipt {
    let transaction = &finalized.block.transactions[position];
    let executed = &finalized.receipts[position];
    let numbered = executed.logs().iter().zip(first_log..);
    let logs =
        numbered.map(|(bare, index)| log(finalized, position, index, bare.clone())).collect();
    let receipt = Receipt {
        status: executed.succeeded().into(),
        cumulative_gas_used: executed.envelope.cumulative_gas_used(),
        logs,
    };
    let logs_bloom = *executed.envelope.logs_bloom();
    TransactionReceipt {
        inner: envelope(transaction, ReceiptWithBloom { receipt, logs_bloom }),
        transaction_hash: transaction.hash(),
        transaction_index: Some(position as u64),
        block_hash: Some(finalized.hash),
        block_number: Some(finalized.block.number()),
        gas_used: executed.gas_used,
        // Gas is metered but free: nothing was paid, whatever the sender offered.
        effective_gas_price: 0,
        blob_gas_used: None,
        blob_gas_price: None,
        from: transaction.sender(),
        to: transaction.envelope().to(),
        contract_address: executed.contract_address,
    }
}

fn envelope(
    transaction: &SignedTransaction,
    receipt: ReceiptWithBloom<Receipt<Log>>,
) -> ReceiptEnvelope<Log> {
    match transaction.envelope().ty() {
        0 => ReceiptEnvelope::Legacy(receipt),
        1 => ReceiptEnvelope::Eip2930(receipt),
        4 => ReceiptEnvelope::Eip7702(receipt),
        _ => ReceiptEnvelope::Eip1559(receipt),
    }
}

/// A log of the transaction at a position, the `index`-th of the block.
pub fn log(finalized: &FinalizedBlock, position: usize, index: u64, inner: BareLog) -> Log {
    Log {
        inner,
        block_hash: Some(finalized.hash),
        block_number: Some(finalized.block.number()),
        block_timestamp: Some(finalized.block.header.timestamp),
        transaction_hash: Some(finalized.block.transactions[position].hash()),
        transaction_index: Some(position as u64),
        log_index: Some(index),
        removed: false,
    }
}
