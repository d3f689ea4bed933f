//! The ways to start a chain.

use std::sync::Arc;

use alloy_signer_local::PrivateKeySigner;
use qiao_api::{ChainFailure, collateral::evaluating::EvaluatorDesk};
use qiao_execution::{ExecutionConfig, Permission};
use qiao_types::{Genesis, TRANSACTION_BYTES_MAX};

use crate::DevChain;

impl DevChain {
    /// Starts a chain at block 0, as on a network; `signer` is the node's own account.
    ///
    /// # Errors
    /// The genesis is refused, or the index in memory cannot be opened.
    pub async fn start(
        genesis: Genesis,
        signer: Option<PrivateKeySigner>,
    ) -> Result<Arc<Self>, ChainFailure> {
        Self::begin(genesis, signer, Vec::new(), |config| config).await
    }

    /// As [`DevChain::start`], with a node that keeps the desks of further accounts.
    pub async fn start_hosting(
        genesis: Genesis,
        signer: Option<PrivateKeySigner>,
        hosted: Vec<PrivateKeySigner>,
    ) -> Result<Arc<Self>, ChainFailure> {
        Self::begin(genesis, signer, hosted, |config| config).await
    }

    /// From now on the node is an evaluator of private keys, too, unless it is one already.
    pub fn evaluate_with(&self, desk: EvaluatorDesk) {
        // The first one stays.
        let _ = self.evaluator.set(desk);
    }

    /// Starts a chain at block 0 on which everybody may send and deploy.
    ///
    /// # Errors
    /// As [`DevChain::start`].
    pub async fn start_open(
        genesis: Genesis,
        signer: Option<PrivateKeySigner>,
    ) -> Result<Arc<Self>, ChainFailure> {
        let open = |config| ExecutionConfig { permission: Permission::Everybody, ..config };
        Self::begin(genesis, signer, Vec::new(), open).await
    }

    /// Starts a chain as [`DevChain::start_open`], on which a contract may be as long as fits into
    /// a transaction: mocks that tests deploy often are longer than networks allow.
    ///
    /// # Errors
    /// As [`DevChain::start`].
    pub async fn start_unlimited(
        genesis: Genesis,
        signer: Option<PrivateKeySigner>,
    ) -> Result<Arc<Self>, ChainFailure> {
        let (permission, code_bytes_max) = (Permission::Everybody, TRANSACTION_BYTES_MAX);
        let open = |config| ExecutionConfig { permission, code_bytes_max, ..config };
        Self::begin(genesis, signer, Vec::new(), open).await
    }
}
