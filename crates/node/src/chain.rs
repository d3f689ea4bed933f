//! The node as its interfaces see it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_signer_local::PrivateKeySigner;
use async_trait::async_trait;
use qiao_api::{
    Chain, ChainFailure, Head, NodeStatus, ProvedState, SubmitError,
    collateral::evaluating::EvaluatorDesk, contracts::Sources, goods::Cabinet,
    sharing::SharingDesk,
};
use qiao_consensus::{AdmissionError, Engine, LedgerFailure};
use qiao_execution::{ExecutionConfig, sender_standing};
use qiao_indexer::Index;
use qiao_mempool::{Listed, Pool};
use qiao_types::{
    Address, B256, Bytes, FinalizedBlock, Genesis, SignedTransaction, StateKey, StateSource,
    StateUnavailable,
};
use tokio::sync::watch;

use crate::status::StatusBoard;

/// The block of a state is looked for among so many recent ones.
const STATE_DEPTH: u64 = 32;
/// The interfaces are waited for so long to know the block of a state.
const STATE_WAIT: Duration = Duration::from_secs(5);

/// A validator's chain, pool and index behind the trait that the servers use.
pub struct NodeChain {
    pub(crate) genesis: Arc<Genesis>,
    pub(crate) execution: ExecutionConfig,
    pub(crate) engine: Engine,
    pub(crate) pool: Arc<Pool>,
    pub(crate) index: Index,
    /// The newest block that the index holds: the head that the interfaces see.
    pub(crate) heads: watch::Receiver<Head>,
    /// Why the index does not follow, if it does not.
    pub(crate) trouble: watch::Receiver<Option<String>>,
    pub(crate) signer: PrivateKeySigner,
    pub(crate) hosted: Vec<PrivateKeySigner>,
    pub(crate) sources: Sources,
    pub(crate) cabinet: Cabinet,
    pub(crate) evaluator: Option<EvaluatorDesk>,
    pub(crate) evaluators_authority: Option<String>,
    pub(crate) sharing: Option<SharingDesk>,
    pub(crate) status: StatusBoard,
}

#[async_trait]
impl Chain for NodeChain {
    fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    fn client_version(&self) -> String {
        format!(
            "qiao/v{}/{}-{}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        )
    }

    fn head(&self) -> Head {
        *self.heads.borrow()
    }

    fn heads(&self) -> watch::Receiver<Head> {
        self.heads.clone()
    }

    async fn block_by_number(
        &self,
        number: u64,
    ) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        if number > self.head().number {
            return Ok(None);
        }
        self.engine.ledger.by_number(number).await.map_err(store)
    }

    async fn block_by_hash(&self, hash: B256) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        let block = self.engine.ledger.by_hash(hash).await.map_err(store)?;
        let head = self.head().number;
        Ok(block.filter(|block| block.block.number() <= head))
    }

    async fn transaction(
        &self,
        hash: B256,
    ) -> Result<Option<(Arc<FinalizedBlock>, usize)>, ChainFailure> {
        let place = self.index.transaction(hash).await;
        let place = place.map_err(|error| ChainFailure::Store(error.to_string()))?;
        let Some(place) = place else { return Ok(None) };
        let block = self.block_by_number(place.block).await?;
        Ok(block.map(|block| (block, place.position as usize)))
    }

    fn pooled(&self, hash: B256) -> Option<Arc<SignedTransaction>> {
        self.pool.get(&hash)
    }

    fn waiting(&self, sender: Option<Address>, limit: usize) -> Vec<Listed> {
        self.pool.content(sender, limit)
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.pool.arrivals()
    }

    async fn certificate(&self, number: u64) -> Option<Bytes> {
        self.engine.ledger.certificate(number).await
    }

    async fn state_at(&self, number: u64) -> Result<Arc<dyn StateSource>, StateUnavailable> {
        self.engine.states.at(number)
    }

    async fn prove(&self, keys: &[StateKey]) -> Result<ProvedState, ChainFailure> {
        let proved = self.engine.states.prove(keys).await?;
        let number = self.height_of(proved.root).await?;
        Ok(ProvedState { number, entries: proved.entries })
    }

    async fn submit(&self, transaction: Arc<SignedTransaction>) -> Result<B256, SubmitError> {
        let hash = transaction.hash();
        let mut answers = self.engine.admission.admit(std::slice::from_ref(&transaction)).await;
        match answers.pop().expect("one answer for each transaction") {
            Ok(_) => {
                self.engine.outbox.announce(transaction).await;
                Ok(hash)
            }
            Err(AdmissionError::Refused(refusal)) => Err(SubmitError::Refused(refusal)),
            Err(other) => Err(SubmitError::Failure(ChainFailure::Store(other.to_string()))),
        }
    }

    async fn next_nonce(&self, account: Address) -> Result<u64, ChainFailure> {
        if let Some(nonce) = self.pool.next_nonce(account) {
            return Ok(nonce);
        }
        let number = self.engine.heads.borrow().number;
        let source = self.engine.states.at(number)?;
        let standing = sender_standing(&self.execution, source.as_ref(), account).await;
        Ok(standing.map_err(|error| ChainFailure::Store(error.to_string()))?.nonce)
    }

    fn execution(&self) -> &ExecutionConfig {
        &self.execution
    }

    fn index(&self) -> &Index {
        &self.index
    }

    fn status(&self) -> NodeStatus {
        let mut status = self.status.compose(&self.genesis, &self.engine, &self.pool, self.head());
        status.index_trouble = self.trouble.borrow().clone();
        status
    }

    fn sources(&self) -> Option<&Sources> {
        Some(&self.sources)
    }

    fn cabinet(&self) -> Option<&Cabinet> {
        Some(&self.cabinet)
    }

    fn evaluator(&self) -> Option<&EvaluatorDesk> {
        self.evaluator.as_ref()
    }

    fn evaluators_authority(&self) -> Option<&str> {
        self.evaluators_authority.as_deref()
    }

    fn sharing(&self) -> Option<&SharingDesk> {
        self.sharing.as_ref()
    }

    fn signer(&self) -> Option<&PrivateKeySigner> {
        Some(&self.signer)
    }

    fn hosted_signers(&self) -> &[PrivateKeySigner] {
        &self.hosted
    }
}

impl NodeChain {
    /// The height of the recent block that left the state with this root. The store may be ahead of
    /// what the interfaces know by a moment, and behind by the blocks since it was read.
    async fn height_of(&self, root: B256) -> Result<u64, ChainFailure> {
        let mut heads = self.heads.clone();
        let began = Instant::now();
        loop {
            let head = heads.borrow_and_update().number;
            for number in (head.saturating_sub(STATE_DEPTH)..=head).rev() {
                let block = self.engine.ledger.by_number(number).await.map_err(store)?;
                if block.is_some_and(|block| block.block.header.state_root == root) {
                    return Ok(number);
                }
            }
            let left = STATE_WAIT.saturating_sub(began.elapsed());
            match tokio::time::timeout(left, heads.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(ChainFailure::Stopping),
                Err(_) => {
                    let reason = format!("no recent block has the state root `{root}`");
                    return Err(ChainFailure::Store(reason));
                }
            }
        }
    }
}

fn store(error: LedgerFailure) -> ChainFailure {
    ChainFailure::Store(error.to_string())
}
