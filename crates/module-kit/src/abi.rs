//! What every module refuses, whatever its business.

use alloy_sol_types::sol;

sol! {
    /// Refusals of the frame around all modules.
    interface IModule {
        /// A call that may only read (`STATICCALL`, or inside one) tried to change something.
        /// Remedy: call the function in a transaction, or call one of the module's views.
        #[derive(Debug, PartialEq, Eq)]
        error StaticCall();
        /// Ether was sent with the call; modules hold none.
        /// Remedy: send the call with value 0.
        #[derive(Debug, PartialEq, Eq)]
        error NotPayable();
        /// The module was reached by `DELEGATECALL` or `CALLCODE`.
        /// Remedy: use a plain `CALL` or `STATICCALL`.
        #[derive(Debug, PartialEq, Eq)]
        error DirectCallOnly();
        /// The module has no function with this selector.
        /// Remedy: compare the function's signature with the module's interface.
        #[derive(Debug, PartialEq, Eq)]
        error UnknownFunction(bytes4 selector);
        /// The arguments are not the canonical ABI encoding of this function's parameters.
        /// Remedy: encode the call with an ABI library from the module's interface.
        #[derive(Debug, PartialEq, Eq)]
        error MalformedArguments(bytes4 selector);
        /// More was asked for than a page of a list may have.
        /// Remedy: ask for at most `max` items, and go on behind them.
        #[derive(Debug, PartialEq, Eq)]
        error PageTooLong(uint64 asked, uint64 max);
    }
}
