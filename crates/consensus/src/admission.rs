//! The door of the pool: bytes in, a place in the pool or a reason out.

use std::{collections::BTreeMap, sync::Arc};

use futures::future::join_all;
use qiao_execution::{ExecutionConfig, SenderStanding, sender_standing};
use qiao_mempool::{Added, Pool, Refusal, Standing};
use qiao_state::StateWindow;
use qiao_types::{Address, Bytes, SignedTransaction, TransactionDecodeError};
use rayon::prelude::*;
use tokio::sync::watch;

use crate::{application::Head, senders::Senders};

/// Checks transactions against the newest final state and puts them into the pool.
#[derive(Clone)]
pub struct Admission {
    pool: Arc<Pool>,
    execution: ExecutionConfig,
    senders: Senders,
    states: Arc<dyn StateWindow>,
    heads: watch::Receiver<Head>,
}

/// Why bytes did not enter the pool.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AdmissionError {
    /// They are not a transaction that this chain takes.
    #[error(transparent)]
    Malformed(#[from] TransactionDecodeError),
    /// The rules say no.
    #[error("{0}")]
    Refused(Refusal),
    /// The sender's standing could not be read.
    #[error("the sender's standing cannot be read: {0}")]
    State(String),
}

impl Admission {
    /// The door of `pool`.
    pub fn new(
        pool: Arc<Pool>,
        execution: ExecutionConfig,
        senders: Senders,
        states: Arc<dyn StateWindow>,
        heads: watch::Receiver<Head>,
    ) -> Self {
        Self { pool, execution, senders, states, heads }
    }

    /// Decodes and admits transactions from the network; what is refused is forgotten.
    pub async fn admit_encoded(&self, encoded: Vec<Bytes>) -> usize {
        let decoded: Vec<_> = encoded
            .into_par_iter()
            .filter_map(|bytes| self.senders.decode(bytes).ok())
            .map(Arc::new)
            .collect();
        self.admit(&decoded).await.into_iter().filter(Result::is_ok).count()
    }

    /// Admits transactions, one answer each, in order.
    pub async fn admit(
        &self,
        transactions: &[Arc<SignedTransaction>],
    ) -> Vec<Result<Added, AdmissionError>> {
        let standings = self.standings(transactions).await;
        transactions
            .iter()
            .map(|transaction| {
                self.senders.remember(transaction.hash(), transaction.sender());
                let standing = standings[&transaction.sender()].clone()?;
                self.pool.add(transaction.clone(), &standing).map_err(AdmissionError::Refused)
            })
            .collect()
    }

    async fn standings(
        &self,
        transactions: &[Arc<SignedTransaction>],
    ) -> BTreeMap<Address, Result<Standing, AdmissionError>> {
        let mut senders: Vec<_> = transactions.iter().map(|tx| tx.sender()).collect();
        senders.sort_unstable();
        senders.dedup();
        let standings = join_all(senders.iter().map(|sender| self.standing(*sender))).await;
        senders.into_iter().zip(standings).collect()
    }

    async fn standing(&self, sender: Address) -> Result<Standing, AdmissionError> {
        let state = |error: String| AdmissionError::State(error);
        let number = self.heads.borrow().number;
        let source = self.states.at(number).map_err(|error| state(error.to_string()))?;
        let SenderStanding { nonce, balance, active, may_deploy, .. } =
            sender_standing(&self.execution, source.as_ref(), sender)
                .await
                .map_err(|error| state(error.to_string()))?;
        Ok(Standing { nonce, balance, active, may_deploy })
    }
}
