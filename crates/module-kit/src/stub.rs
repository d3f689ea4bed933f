//! The code of a module's account.
//!
//! Our node never runs it, because the provider answers first. It must be there all the same: an
//! account without code is empty by EIP-161 and would be deleted with its storage, and `solc`
//! checks `extcodesize` before a call. Whoever simulates without our modules (a local fork, say)
//! sees in words why that cannot work.

use alloy_primitives::Bytes;
use alloy_sol_types::{Revert, SolError};

/// What the stub says.
pub const STUB_MESSAGE: &str = "native module";

/// The code of a module's account: it reverts with `Error("native module")`.
pub fn stub_code() -> Bytes {
    reverting_code(&Revert::from(STUB_MESSAGE).abi_encode())
}

/// Code that answers every call with this revert data of fewer than 256 bytes. It copies its own tail
/// into memory: `PUSH1 length, PUSH1 10, PUSH0, CODECOPY, PUSH1 length, PUSH0, REVERT`, then the data.
///
/// # Panics
/// If the data is longer.
pub fn reverting_code(data: &[u8]) -> Bytes {
    const PROGRAM_BYTES: u8 = 10;
    let length = u8::try_from(data.len()).expect("the reason is shorter than 256 bytes");
    let mut code = vec![0x60, length, 0x60, PROGRAM_BYTES, 0x5f, 0x39, 0x60, length, 0x5f, 0xfd];
    assert_eq!(code.len(), usize::from(PROGRAM_BYTES), "the reason starts where CODECOPY reads");
    code.extend_from_slice(data);
    code.into()
}
