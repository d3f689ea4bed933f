//! The accounts that send: derived from the seed, so that the genesis can hold them.

use alloy_primitives::{Address, keccak256};
use alloy_signer_local::PrivateKeySigner;

/// The load accounts of one seed. The first one also deploys.
#[derive(Debug, Clone)]
pub struct Accounts {
    signers: Vec<PrivateKeySigner>,
}

impl Accounts {
    /// The first `count` accounts of a seed.
    pub fn new(seed: u64, count: usize) -> Self {
        let signers = (0..count.max(1))
            .map(|index| {
                let secret = keccak256(format!("qiao load account {seed} {index}"));
                PrivateKeySigner::from_bytes(&secret).expect("a hash is a key but for 2^-128")
            })
            .collect();
        Self { signers }
    }

    /// Their addresses, for the genesis.
    pub fn addresses(&self) -> Vec<Address> {
        self.signers.iter().map(PrivateKeySigner::address).collect()
    }

    /// Their keys.
    pub(crate) fn signers(&self) -> &[PrivateKeySigner] {
        &self.signers
    }

    /// The account that deploys.
    pub(crate) fn deployer(&self) -> &PrivateKeySigner {
        &self.signers[0]
    }
}
