//! Moves one token of an ERC-20 contract.

use alloy_primitives::{Address, Bytes, U256, hex, keccak256};
use alloy_sol_types::{SolCall as _, SolValue as _, sol};

use super::{Action, Call, Scene, Turn};

sol! {
    /// Moves tokens.
    function transfer(address to, uint256 value) external returns (bool);
}

/// The creation code of the contract without its argument.
const CREATION: &str = include_str!("../../contracts/Erc20.bin");

/// The creation code ends with the code that the account will have, of this length.
const RUNTIME_BYTES: usize = 0x613;

/// A transfer of tokens.
#[derive(Debug)]
pub struct Erc20;

impl Action for Erc20 {
    fn name(&self) -> &'static str {
        "erc20"
    }

    fn call(&self, scene: &Scene, turn: &Turn) -> Call {
        let call = transferCall { to: scene.recipient(turn), value: U256::ONE };
        Call { to: scene.token, value: U256::ZERO, input: call.abi_encode().into() }
    }
}

/// Creates the contract with all tokens in the hands of its creator.
pub fn creation_code() -> Bytes {
    let mut code = code();
    code.extend(U256::MAX.abi_encode());
    code.into()
}

/// The code of the contract's account.
pub fn runtime_code() -> Bytes {
    let code = code();
    code[code.len() - RUNTIME_BYTES..].to_vec().into()
}

/// Where the contract keeps an account's tokens: `balanceOf` is its second variable.
pub fn slot_of_balance(account: Address) -> U256 {
    keccak256((account, U256::ONE).abi_encode()).into()
}

fn code() -> Vec<u8> {
    hex::decode(CREATION.trim()).expect("`Erc20.bin` is hexadecimal, as a test shows")
}
