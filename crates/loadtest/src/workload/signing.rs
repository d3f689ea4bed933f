//! Signing.

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope, TxLegacy};
use alloy_eips::Encodable2718 as _;
use alloy_primitives::{B256, Bytes, TxKind, U256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use serde::{Deserialize, Serialize};

use super::{Call, Scene, Workload};

/// What is paid for gas, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fees {
    /// Transactions without a type, at one price.
    Legacy(u64),
    /// EIP-1559, at most this price, all of it above the base fee to whoever builds the block.
    Dynamic(u64),
}

impl Fees {
    /// The most that a unit of gas costs.
    pub fn price_max(self) -> u64 {
        match self {
            Self::Legacy(price) | Self::Dynamic(price) => price,
        }
    }
}

/// A signed transaction, ready to be sent.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Its hash.
    pub hash: B256,
    /// Its EIP-2718 bytes.
    pub bytes: Bytes,
}

/// Signs one transaction; `to` is a call's recipient or a creation.
pub fn sign(
    signer: &PrivateKeySigner,
    scene: &Scene,
    nonce: u64,
    to: TxKind,
    call: Call,
    gas_limit: u64,
) -> Signed {
    let Call { value, input, .. } = call;
    let (chain_id, price) = (scene.chain_id, u128::from(scene.fees.price_max()));
    let envelope = match scene.fees {
        Fees::Legacy(_) => {
            let chain_id = Some(chain_id);
            let transaction =
                TxLegacy { chain_id, nonce, gas_price: price, gas_limit, to, value, input };
            let signature = signature(signer, transaction.signature_hash());
            TxEnvelope::from(transaction.into_signed(signature))
        }
        Fees::Dynamic(_) => {
            let transaction = TxEip1559 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas: price,
                max_priority_fee_per_gas: price,
                to,
                value,
                access_list: Default::default(),
                input,
            };
            let signature = signature(signer, transaction.signature_hash());
            TxEnvelope::from(transaction.into_signed(signature))
        }
    };
    Signed { hash: *envelope.tx_hash(), bytes: envelope.encoded_2718().into() }
}

fn signature(signer: &PrivateKeySigner, hash: B256) -> alloy_primitives::Signature {
    signer.sign_hash_sync(&hash).expect("a key in memory signs")
}

/// A sender with its key and its place in the run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sender {
    /// Its number in the run.
    pub number: u64,
    /// Its key.
    pub key: B256,
    /// Its first nonce of this run.
    pub first_nonce: u64,
}

/// Signs `count` transactions of these senders, on all cores. The senders take turns, each in the
/// order of its nonces.
pub fn sign_all(
    workload: &Workload,
    scene: &Scene,
    senders: &[Sender],
    count: usize,
) -> Vec<Signed> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = count.div_ceil(cores).max(1);
    let signers: Vec<PrivateKeySigner> = senders
        .iter()
        .map(|sender| PrivateKeySigner::from_bytes(&sender.key).expect("keys were checked"))
        .collect();
    let sign_one = |position: usize| {
        let (signer, sender) =
            (&signers[position % senders.len()], &senders[position % senders.len()]);
        let index = (position / senders.len()) as u64;
        let (action, turn) = workload.turn(sender.number, sender.first_nonce, index);
        let call = action.call(scene, &turn);
        let gas = scene.gas.get(action.name()).copied().unwrap_or(21_000);
        let to = TxKind::Call(call.to);
        sign(signer, scene, turn.nonce, to, call, gas)
    };
    let sign_one = &sign_one;
    let mut signed = Vec::with_capacity(count);
    std::thread::scope(|scope| {
        let shares = (0..count).step_by(share).map(|from| {
            let positions = from..(from + share).min(count);
            scope.spawn(move || positions.map(sign_one).collect::<Vec<_>>())
        });
        let threads: Vec<_> = shares.collect();
        for thread in threads {
            signed.extend(thread.join().expect("signing does not panic"));
        }
    });
    signed
}

/// Wei that one transaction of this gas costs at most.
pub fn cost(scene: &Scene, gas: u64) -> U256 {
    U256::from(gas) * U256::from(scene.fees.price_max())
}
