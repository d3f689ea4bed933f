//! Why a call stops early: the rules say no, the gas is gone, or the node cannot go on.

use alloy_primitives::Bytes;
use alloy_sol_types::SolError;

/// What a decision of a module returns.
pub type Outcome<T> = Result<T, Halt>;

/// Why a call ends without a result.
///
/// Whatever the reason, the EVM rolls back everything that the call changed: a function of a module
/// never cleans up behind itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// The rules say no. Normal; the bytes are the ABI encoding of a typed error of the module, and
    /// the caller receives them as revert data.
    Refused(Bytes),
    /// The gas given to the call is used up.
    OutOfGas,
    /// The node cannot go on with this transaction.
    Fatal(Fatal),
}

/// A reason to stop that is no answer to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fatal {
    /// The database did not answer. The error itself is kept in the EVM's context, from where the
    /// transaction returns it with its type (see [`crate::Modules`]).
    Database,
    /// A state that the code holds for impossible: the node must stop, not guess.
    Bug(String),
}

impl Halt {
    /// Stops the node's work on this transaction because an invariant does not hold.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::Fatal(Fatal::Bug(what.into()))
    }
}

impl<E: SolError> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Refused(error.abi_encode().into())
    }
}

/// Refuses with `error` unless `condition` holds.
///
/// # Errors
/// `error`, if the condition does not hold.
#[inline]
pub fn ensure<E: SolError>(condition: bool, error: impl FnOnce() -> E) -> Outcome<()> {
    if condition { Ok(()) } else { Err(error().into()) }
}
