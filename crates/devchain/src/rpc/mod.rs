//! The methods of a node, and those that only a developer's chain has.
//!
//! Names and parameters are Hardhat's and Anvil's; each is there under all the prefixes that tools
//! use for it.

mod control;
mod typed_data;
mod wallet;

use std::sync::Arc;

use jsonrpsee::{
    Methods, RpcModule,
    types::{ErrorObjectOwned, Params},
};
use qiao_api::{
    Chain, ChainFailure,
    rpc::{
        Limits,
        errors::{INVALID_PARAMS, SERVER, error, failure},
        methods as node_methods,
    },
};
use serde::de::DeserializeOwned;

use crate::{ControlError, DevChain};

/// Every method of a developer's chain. The node signs for the accounts that everybody knows.
pub fn methods(chain: &Arc<DevChain>, limits: &Limits) -> RpcModule<()> {
    let shared: Arc<dyn Chain> = Arc::clone(chain) as Arc<dyn Chain>;
    let node = node_methods(Arc::clone(&shared), limits);
    let wallet = wallet::methods(Arc::clone(chain), Methods::from(node));
    let mut all = node_methods(shared, limits);
    let parts = [wallet, control::methods(Arc::clone(chain))];
    for part in parts {
        for name in part.method_names() {
            all.remove_method(name);
        }
        all.merge(part).expect("what was there under these names was removed");
    }
    all
}

/// The next parameter of a request.
fn required<T: DeserializeOwned>(
    params: &mut jsonrpsee::types::params::ParamsSequence<'_>,
) -> Result<T, ErrorObjectOwned> {
    params.next().map_err(|malformed| error(INVALID_PARAMS, malformed.message()))
}

/// The next parameter of a request, if there is one.
fn optional<T: DeserializeOwned>(
    params: &mut jsonrpsee::types::params::ParamsSequence<'_>,
) -> Result<Option<T>, ErrorObjectOwned> {
    params.optional_next().map_err(|malformed| error(INVALID_PARAMS, malformed.message()))
}

/// The only parameter of a request.
fn one<T: DeserializeOwned>(params: &Params<'_>) -> Result<T, ErrorObjectOwned> {
    required(&mut params.sequence())
}

fn refused(reason: ControlError) -> ErrorObjectOwned {
    match reason {
        ControlError::Refused(reason) => error(SERVER, reason),
        ControlError::Failure(failed) => failure(&failed),
    }
}

fn failed(reason: ChainFailure) -> ErrorObjectOwned {
    failure(&reason)
}
