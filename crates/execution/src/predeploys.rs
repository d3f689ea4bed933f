//! Contracts that tools take for granted on every chain; they exist from block 0.

use alloy_eips::eip2935;
use alloy_primitives::{Address, Bytes, address, bytes};

/// The deterministic deployer: Foundry, Hardhat and wallets create contracts through it. Runtime
/// code of github.com/Arachnid/deterministic-deployment-proxy (MIT, public domain in effect: the
/// same 69 bytes lie at this address on every chain).
pub(crate) const CREATE2_DEPLOYER: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");
const CREATE2_DEPLOYER_CODE: Bytes = bytes!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// The contracts of block 0 by address. Each has nonce 1, as any contract (EIP-161).
pub(crate) fn predeploys() -> [(Address, Bytes); 2] {
    [
        (eip2935::HISTORY_STORAGE_ADDRESS, eip2935::HISTORY_STORAGE_CODE.clone()),
        (CREATE2_DEPLOYER, CREATE2_DEPLOYER_CODE),
    ]
}
