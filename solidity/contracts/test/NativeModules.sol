// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @notice The one cheat code of Foundry that is used here.
interface IEtch {
    function etch(address target, bytes calldata code) external;
}

/// @title NativeModules
/// @notice Modules are native code of the chain: a simulator on your machine has none of them. The
/// chain's own accounts carry this code, so that a call in a simulator reverts with "native module"
/// instead of finding nobody. Put what your test expects over it with `vm.mockCall`.
library NativeModules {
    bytes internal constant STUB = hex"6064600a5f3960645ffd08c379a00000000000000000000000000000000000000000000000000000000000000020000000000000000000000000000000000000000000000000000000000000000d6e6174697665206d6f64756c6500000000000000000000000000000000000000";

    /// @notice Gives every module's account the code that it has on the chain.
    function install(IEtch vm) internal {
        vm.etch(0x5169616F00000000000000000000000000000001, STUB); // members
        vm.etch(0x5169616f00000000000000000000000000000002, STUB); // traceability
        vm.etch(0x5169616F00000000000000000000000000000003, STUB); // receivables
        vm.etch(0x5169616f00000000000000000000000000000004, STUB); // payments
        vm.etch(0x5169616f00000000000000000000000000000005, STUB); // financing
        vm.etch(0x5169616F00000000000000000000000000000006, STUB); // collateral
        vm.etch(0x5169616F00000000000000000000000000000007, STUB); // contracts
        vm.etch(0x5169616F00000000000000000000000000000008, STUB); // lots
        vm.etch(0x5169616f00000000000000000000000000000009, STUB); // recall
    }
}
