//! Errors as Ethereum's clients expect them: the codes of EIP-1474 and the words of geth, which
//! tools search for.

use std::fmt::Display;

use alloy_primitives::Bytes;
use jsonrpsee::types::ErrorObjectOwned;
use qiao_types::{StateUnavailable, TransactionDecodeError};
use serde_json::json;

use crate::{ChainFailure, SubmitError, door::check, proofs::Unproved, reverts};

/// A call reverted; `data` holds what it returned.
pub const REVERTED: i32 = 3;
/// The request was understood and refused; the message says why.
pub const SERVER: i32 = -32000;
/// The key is missing, not known, or may not do this; `data.code` tells which.
pub const UNAUTHORISED: i32 = -32001;
/// The answer would exceed a limit of this node.
pub const LIMIT: i32 = -32005;
/// The parameters are not what the method takes.
pub const INVALID_PARAMS: i32 = -32602;
/// The node failed.
pub const INTERNAL: i32 = -32603;
/// The method does not exist here.
pub const NOT_FOUND: i32 = -32601;

/// An error without data.
pub fn error(code: i32, message: impl Display) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(code, message.to_string(), None::<()>)
}

/// The error of a reverted call, with the reason where the data holds one.
pub fn reverted(output: &Bytes) -> ErrorObjectOwned {
    let message = match reverts::words(output) {
        Some(reason) => format!("execution reverted: {reason}"),
        None => "execution reverted".to_owned(),
    };
    ErrorObjectOwned::owned(REVERTED, message, Some(output))
}

/// A key may not do this.
pub(crate) fn unauthorised(code: &str, message: impl Display) -> ErrorObjectOwned {
    let data = json!({ "code": code, "hint": check::hint(code) });
    ErrorObjectOwned::owned(UNAUTHORISED, message.to_string(), Some(data))
}

/// A state that cannot be read: the asker's fault, or the node's.
pub fn state(unavailable: &StateUnavailable) -> ErrorObjectOwned {
    match unavailable {
        StateUnavailable::Pruned { .. } => {
            error(SERVER, format!("historical state is not available: {unavailable}"))
        }
        StateUnavailable::Unknown { .. } => {
            error(SERVER, format!("header not found: {unavailable}"))
        }
        StateUnavailable::Store(_) => internal(unavailable),
    }
}

/// A failure of the node. What failed goes to the log, not to the asker.
pub fn failure(failure: &ChainFailure) -> ErrorObjectOwned {
    match failure {
        ChainFailure::State(unavailable) => state(unavailable),
        ChainFailure::Stopping | ChainFailure::NoProofs => error(SERVER, failure),
        ChainFailure::Store(_) => internal(failure),
    }
}

/// Why a transaction was not taken.
pub fn submit(refused: &SubmitError) -> ErrorObjectOwned {
    match refused {
        SubmitError::Refused(refusal) => {
            let data = json!({ "code": refusal.code() });
            ErrorObjectOwned::owned(SERVER, refusal.to_string(), Some(data))
        }
        SubmitError::Failure(chain) => failure(chain),
    }
}

/// Why there is no proof.
pub fn unproved(unproved: &Unproved) -> ErrorObjectOwned {
    match unproved {
        Unproved::Chain(chain @ (ChainFailure::State(_) | ChainFailure::Store(_))) => {
            failure(chain)
        }
        _ => {
            let code =
                if matches!(unproved, Unproved::TooManySlots { .. }) { LIMIT } else { SERVER };
            let data = json!({ "code": unproved.code() });
            ErrorObjectOwned::owned(code, unproved.to_string(), Some(data))
        }
    }
}

/// Why bytes are not a transaction.
pub fn undecodable(error_: &TransactionDecodeError) -> ErrorObjectOwned {
    match error_ {
        TransactionDecodeError::TooLarge { .. } => {
            error(SERVER, format!("oversized data: {error_}"))
        }
        TransactionDecodeError::BlobsNotAccepted => {
            error(SERVER, format!("transaction type not supported: {error_}"))
        }
        TransactionDecodeError::InvalidSignature => {
            error(SERVER, format!("invalid sender: {error_}"))
        }
        TransactionDecodeError::Malformed { .. } => error(INVALID_PARAMS, error_),
    }
}

fn internal(cause: &dyn Display) -> ErrorObjectOwned {
    tracing::error!(%cause, "json-rpc method failed");
    error(INTERNAL, "the node failed; its log says why")
}
