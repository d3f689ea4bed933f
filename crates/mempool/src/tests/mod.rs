//! The pool's rules one by one, and any sequence of calls against a naive model.

mod model;
mod rules;

use std::sync::Arc;

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, Bytes, Signature, TxKind, U256};
use qiao_types::SignedTransaction;

use crate::{Pool, PoolConfig, Standing};

const CHAIN_ID: u64 = 20_260;

fn sender(number: u8) -> Address {
    Address::repeat_byte(number)
}

fn standing(nonce: u64) -> Standing {
    Standing { nonce, balance: U256::from(1_000), active: true, may_deploy: false }
}

fn template(nonce: u64) -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 100_000,
        max_fee_per_gas: 0,
        max_priority_fee_per_gas: 0,
        to: TxKind::Call(Address::repeat_byte(0xee)),
        value: U256::ZERO,
        access_list: Default::default(),
        input: Bytes::new(),
    }
}

/// A transaction of that sender. The pool trusts the recovered sender, so no key is needed.
fn changed(
    from: Address,
    nonce: u64,
    change: impl FnOnce(&mut TxEip1559),
) -> Arc<SignedTransaction> {
    let mut tx = template(nonce);
    change(&mut tx);
    // The sender is part of what is signed, so that hashes differ between senders.
    let r = U256::from_be_slice(from.as_slice()) << 96;
    let signature = Signature::new(r, U256::ONE << 255, false);
    let envelope = TxEnvelope::Eip1559(tx.into_signed(signature));
    let decoded = SignedTransaction::decode_with_sender(envelope.encoded_2718().into(), from);
    Arc::new(decoded.expect("the envelope was encoded above"))
}

fn tx(from: Address, nonce: u64) -> Arc<SignedTransaction> {
    changed(from, nonce, |_| {})
}

fn with_fee(from: Address, nonce: u64, fee: u128) -> Arc<SignedTransaction> {
    changed(from, nonce, |tx| tx.max_fee_per_gas = fee)
}

fn sized(from: Address, nonce: u64, bytes: usize) -> Arc<SignedTransaction> {
    changed(from, nonce, |tx| {
        tx.input = vec![0; bytes].into();
        tx.gas_limit = 10_000_000;
    })
}

fn pool() -> Pool {
    pool_with(|_| {})
}

fn pool_with(change: impl FnOnce(&mut PoolConfig)) -> Pool {
    let mut config = PoolConfig { chain_id: Some(CHAIN_ID), ..Default::default() };
    change(&mut config);
    Pool::new(config)
}

/// The nonces of the ready transactions by the first byte of their senders.
fn ready(pool: &Pool) -> Vec<(u8, u64)> {
    let ready = pool.ready(u64::MAX, &Default::default());
    ready.iter().map(|tx| (tx.sender()[0], tx.nonce())).collect()
}
