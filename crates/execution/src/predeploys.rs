//! Contracts that tools take for granted on every chain; they exist from block 0.

use alloy_eips::eip2935;
use alloy_primitives::{Address, Bytes, address, bytes, hex};

/// The deterministic deployer, through which Foundry, Hardhat and wallets create contracts.
pub(crate) const CREATE2_DEPLOYER: Address = address!("0x4e59b44847b379578588920cA78FbF26c0B4956C");

/// Its 69 bytes of code, as they lie at this address on every chain (source:
/// github.com/Arachnid/deterministic-deployment-proxy).
pub(crate) const CREATE2_DEPLOYER_CODE: Bytes = bytes!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe036"
    "01600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// Many calls in one, as viem, ethers and dashboards expect it.
pub(crate) const MULTICALL3: Address = address!("0xcA11bde05977b3631167028862bE2a173976CA11");

/// Creation code of our own implementation of its interface, `contracts/Multicall3.sol`.
pub(crate) const MULTICALL3_CREATION_CODE: &str = include_str!("../contracts/Multicall3.bin");

/// The contracts of block 0 by address. Each has nonce 1, as any contract (EIP-161).
pub(crate) fn predeploys() -> [(Address, Bytes); 3] {
    [
        (eip2935::HISTORY_STORAGE_ADDRESS, eip2935::HISTORY_STORAGE_CODE.clone()),
        (CREATE2_DEPLOYER, CREATE2_DEPLOYER_CODE),
        (MULTICALL3, without_constructor(MULTICALL3_CREATION_CODE)),
    ]
}

/// The code that this creation code installs. Without a constructor of the author's, `solc` writes
/// a program that ends with `RETURN, INVALID` and then the code to install.
fn without_constructor(creation_code: &str) -> Bytes {
    const END: [u8; 2] = [0xf3, 0xfe];
    let code = hex::decode(creation_code.trim()).expect("the file is hexadecimal");
    let end = code.windows(END.len()).position(|window| window == END);
    code[end.expect("the program returns") + END.len()..].to_vec().into()
}
