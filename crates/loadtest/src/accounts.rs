//! The accounts that send: derived from the seed, so that the genesis can hold them.

use alloy_primitives::{Address, B256, keccak256};
use alloy_signer_local::PrivateKeySigner;

/// The senders of one seed.
#[derive(Debug, Clone)]
pub struct Accounts {
    signers: Vec<PrivateKeySigner>,
}

impl Accounts {
    /// The first `count` senders of a seed.
    pub fn new(seed: u64, count: usize) -> Self {
        let key = |index| keccak256(format!("qiao load account {seed} {index}"));
        let keys: Vec<B256> = (0..count.max(1)).map(key).collect();
        Self::of(&keys).expect("a hash is a key but for 2^-128")
    }

    /// Senders with given keys; `None` if one is not a key.
    pub fn of(keys: &[B256]) -> Option<Self> {
        let signers = keys.iter().map(|key| PrivateKeySigner::from_bytes(key).ok());
        Some(Self { signers: signers.collect::<Option<_>>()? })
    }

    /// Their addresses, for the genesis.
    pub fn addresses(&self) -> Vec<Address> {
        self.signers.iter().map(PrivateKeySigner::address).collect()
    }

    /// Their keys.
    pub(crate) fn signers(&self) -> &[PrivateKeySigner] {
        &self.signers
    }
}
