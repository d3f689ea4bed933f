// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title IModule
/// @notice Refusals of the frame around all modules.
interface IModule {
    /// @notice A call that may only read (`STATICCALL`, or inside one) tried to change
    /// something.
    /// @dev Remedy: call the function in a transaction, or call one of the module's views.
    error StaticCall();

    /// @notice Ether was sent with the call; modules hold none.
    /// @dev Remedy: send the call with value 0.
    error NotPayable();

    /// @notice The module was reached by `DELEGATECALL` or `CALLCODE`.
    /// @dev Remedy: use a plain `CALL` or `STATICCALL`.
    error DirectCallOnly();

    /// @notice The module has no function with this selector.
    /// @dev Remedy: compare the function's signature with the module's interface.
    error UnknownFunction(bytes4 selector);

    /// @notice The arguments are not the canonical ABI encoding of this function's parameters.
    /// @dev Remedy: encode the call with an ABI library from the module's interface.
    error MalformedArguments(bytes4 selector);

    /// @notice More was asked for than a page of a list may have.
    /// @dev Remedy: ask for at most `max` items, and go on behind them.
    error PageTooLong(uint64 asked, uint64 max);
}
