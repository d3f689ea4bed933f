//! A chain for one developer: no validators, a block per transaction, and the methods with which
//! test suites set clock, balances and history.

use std::{net::SocketAddr, sync::Arc};

use qiao_api::{
    Chain, ChainFailure, Door, Guard,
    door::{self, Kind},
    rest, rpc,
};
use qiao_devchain::{DevChain, accounts, genesis};
use tokio::runtime;

use crate::{
    init::DEFAULT_CHAIN_ID,
    run::{Serving, stop_signal},
    status::now_ms,
};

/// Where the chain is served.
#[derive(Debug, Clone)]
pub struct InstantOptions {
    /// REST and console.
    pub http: SocketAddr,
    /// JSON-RPC.
    pub rpc: SocketAddr,
    /// Whether contracts may be longer than networks allow.
    pub is_code_unlimited: bool,
}

/// The chain cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum InstantError {
    /// A listener.
    #[error("cannot listen on {address}: {cause}")]
    Listener {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The chain itself.
    #[error(transparent)]
    Chain(#[from] ChainFailure),
    /// The system gave no threads.
    #[error("no threads: {0}")]
    Threads(std::io::Error),
}

/// Starts the chain and serves it until the process is asked to stop. Nothing is kept.
pub fn instant(options: &InstantOptions, ready: impl FnOnce(&Serving)) -> Result<(), InstantError> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(InstantError::Threads)?.block_on(serve(options, ready))
}

async fn serve(options: &InstantOptions, ready: impl FnOnce(&Serving)) -> Result<(), InstantError> {
    let genesis = genesis(DEFAULT_CHAIN_ID, now_ms());
    let signer = accounts().into_iter().next();
    let chain = if options.is_code_unlimited {
        DevChain::start_unlimited(genesis, signer).await?
    } else {
        DevChain::start_open(genesis, signer).await?
    };
    let limits = rpc::Limits::default();
    let methods = qiao_devchain::rpc::methods(&chain, &limits);
    let failed = |address| move |cause| InstantError::Listener { address, cause };
    let rpc = rpc::serve_methods(methods, options.rpc, &limits, Guard::default()).await;
    let rpc = rpc.map_err(failed(options.rpc))?;
    let chain: Arc<dyn Chain> = chain;
    let routes = rest::router(chain.clone()).merge(qiao_console::router(chain.clone()));
    let http = door::serve(options.http, routes, Door::default(), Kind::Pages).await;
    let http = http.map_err(failed(options.http))?;
    ready(&Serving { chain, http: Some(http.address()), rpc: Some(rpc.address()) });
    stop_signal().await;
    Ok(())
}
