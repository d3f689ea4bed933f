//! An index to read, without the chain from which it was made: what measurements serve.

use std::{net::SocketAddr, sync::Arc};

use alloy_signer_local::PrivateKeySigner;
use async_trait::async_trait;
use qiao_api::{
    Chain, ChainFailure, Door, Head, NodeStatus, SubmitError,
    door::{self, Kind, Server},
    rest,
};
use qiao_devchain::{DevChain, genesis};
use qiao_execution::ExecutionConfig;
use qiao_indexer::{Index, IndexError};
use qiao_mempool::Listed;
use qiao_types::{
    Address, B256, FinalizedBlock, Genesis, SignedTransaction, StateSource, StateUnavailable,
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
};

use crate::{init::DEFAULT_CHAIN_ID, status::now_ms};

/// The index cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The index.
    #[error("index cannot be used: {0}")]
    Index(#[from] IndexError),
    /// The empty chain beside it.
    #[error(transparent)]
    Chain(#[from] ChainFailure),
    /// The listener, or the threads behind it.
    #[error("cannot serve: {0}")]
    Listener(#[from] std::io::Error),
}

/// REST over an index; it ends when this is dropped.
pub struct ServedIndex {
    /// Where it is served.
    pub address: SocketAddr,
    _server: Server,
    _runtime: Runtime,
}

/// Serves REST over the index at a URL on a free port of this machine. Nothing can be captured there:
/// the chain beside it is empty.
pub fn serve_index(url: &str) -> Result<ServedIndex, ShelfError> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let server = runtime.block_on(serve(url))?;
    Ok(ServedIndex { address: server.address(), _server: server, _runtime: runtime })
}

async fn serve(url: &str) -> Result<Server, ShelfError> {
    let index = Index::open(url).await?;
    let inner = DevChain::start(genesis(DEFAULT_CHAIN_ID, now_ms()), None).await?;
    let chain: Arc<dyn Chain> = Arc::new(Shelf { inner, index });
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    Ok(door::serve(any, rest::router(chain), Door::default(), Kind::Pages).await?)
}

/// An empty chain with another's index.
struct Shelf {
    inner: Arc<DevChain>,
    index: Index,
}

#[async_trait]
impl Chain for Shelf {
    fn genesis(&self) -> &Genesis {
        self.inner.genesis()
    }

    fn client_version(&self) -> String {
        self.inner.client_version()
    }

    fn head(&self) -> Head {
        self.inner.head()
    }

    fn heads(&self) -> watch::Receiver<Head> {
        self.inner.heads()
    }

    async fn block_by_number(
        &self,
        number: u64,
    ) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        self.inner.block_by_number(number).await
    }

    async fn block_by_hash(&self, hash: B256) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        self.inner.block_by_hash(hash).await
    }

    async fn transaction(
        &self,
        hash: B256,
    ) -> Result<Option<(Arc<FinalizedBlock>, usize)>, ChainFailure> {
        self.inner.transaction(hash).await
    }

    fn pooled(&self, _hash: B256) -> Option<Arc<SignedTransaction>> {
        None
    }

    fn waiting(&self, _sender: Option<Address>, _limit: usize) -> Vec<Listed> {
        Vec::new()
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.inner.arrivals()
    }

    async fn certificate(&self, _number: u64) -> Option<qiao_types::Bytes> {
        None
    }

    async fn state_at(&self, number: u64) -> Result<Arc<dyn StateSource>, StateUnavailable> {
        self.inner.state_at(number).await
    }

    async fn submit(&self, _transaction: Arc<SignedTransaction>) -> Result<B256, SubmitError> {
        Err(SubmitError::Failure(ChainFailure::Store("this index has no chain".into())))
    }

    async fn next_nonce(&self, account: Address) -> Result<u64, ChainFailure> {
        self.inner.next_nonce(account).await
    }

    fn execution(&self) -> &ExecutionConfig {
        self.inner.execution()
    }

    fn index(&self) -> &Index {
        &self.index
    }

    fn status(&self) -> NodeStatus {
        self.inner.status()
    }

    fn signer(&self) -> Option<&PrivateKeySigner> {
        None
    }
}
