//! The door of the pool: bytes in, a place in the pool or a reason out.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::keccak256;
use futures::future::join_all;
use qiao_execution::{ExecutionConfig, Membership, membership};
use qiao_mempool::{Added, Pool, Refusal, Standing};
use qiao_state::StateWindow;
use qiao_types::{
    AccountState, Address, Bytes, SignedTransaction, StateKey, StateSource, TransactionDecodeError,
};
use tokio::sync::watch;

use crate::{
    application::Head,
    memberships::{Edition, Memberships},
    senders::Senders,
};

/// Checks transactions against the newest final state and puts them into the pool.
#[derive(Clone)]
pub struct Admission {
    pool: Arc<Pool>,
    execution: ExecutionConfig,
    senders: Senders,
    memberships: Memberships,
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
        memberships: Memberships,
        states: Arc<dyn StateWindow>,
        heads: watch::Receiver<Head>,
    ) -> Self {
        Self { pool, execution, senders, memberships, states, heads }
    }

    /// Decodes and admits transactions from the network; what is refused is forgotten.
    pub async fn admit_encoded(&self, encoded: Vec<Bytes>) -> usize {
        let hashed = encoded.into_iter().map(|bytes| {
            let hash = keccak256(&bytes);
            (bytes, hash)
        });
        let decoded = self.senders.decode_all(hashed.collect());
        let decoded: Vec<_> = decoded.into_iter().flatten().map(Arc::new).collect();
        self.admit(&decoded).await.into_iter().filter(Result::is_ok).count()
    }

    /// Admits transactions, one answer each, in order.
    pub async fn admit(
        &self,
        transactions: &[Arc<SignedTransaction>],
    ) -> Vec<Result<Added, AdmissionError>> {
        let mut senders: Vec<_> = transactions.iter().map(|tx| tx.sender()).collect();
        senders.sort_unstable();
        senders.dedup();
        let standings = self.standings(senders).await;
        transactions
            .iter()
            .map(|transaction| {
                self.senders.remember(transaction.hash(), transaction.sender());
                let standing = standings[&transaction.sender()].clone()?;
                self.pool.add(transaction.clone(), &standing).map_err(AdmissionError::Refused)
            })
            .collect()
    }

    /// Looks at every waiting sender again whenever the record of the members has changed: what
    /// somebody sent who is frozen since leaves the pool.
    pub async fn follow_memberships(self) {
        let mut changes = self.memberships.changes();
        while changes.changed().await.is_ok() {
            for (sender, standing) in self.standings(self.pool.senders()).await {
                // A standing that cannot be read now is looked at when a block is built.
                if let Ok(standing) = standing {
                    self.pool.restate(sender, &standing);
                }
            }
        }
    }

    /// The standing of each sender in the newest final state, all accounts in one read.
    async fn standings(
        &self,
        senders: Vec<Address>,
    ) -> BTreeMap<Address, Result<Standing, AdmissionError>> {
        let edition = self.memberships.edition();
        let number = self.heads.borrow().number;
        let read = async {
            let source = self.states.at(number).map_err(unreadable)?;
            let keys: Vec<_> = senders.iter().map(|sender| StateKey::account(*sender)).collect();
            let accounts = source.read(&keys).await.map_err(unreadable)?;
            Ok((source, accounts))
        };
        let (source, accounts) = match read.await {
            Ok(read) => read,
            Err(error) => {
                let refused = |sender| (sender, Err(AdmissionError::clone(&error)));
                return senders.into_iter().map(refused).collect();
            }
        };
        let standings = senders
            .iter()
            .zip(accounts)
            .map(|(sender, account)| self.standing(edition, source.as_ref(), *sender, account));
        let standings = join_all(standings).await;
        senders.into_iter().zip(standings).collect()
    }

    async fn standing(
        &self,
        edition: Edition,
        source: &dyn StateSource,
        sender: Address,
        account: Option<Bytes>,
    ) -> Result<Standing, AdmissionError> {
        let account = account.map(|bytes| AccountState::decode(&bytes)).transpose();
        let AccountState { nonce, balance, .. } = account.map_err(unreadable)?.unwrap_or_default();
        let known = self.memberships.get(&sender);
        let Membership { active, may_deploy } = match known {
            Some(known) => known,
            None => {
                let asked = membership(&self.execution, source, sender).await;
                let asked = asked.map_err(unreadable)?;
                self.memberships.remember(edition, sender, asked);
                asked
            }
        };
        Ok(Standing { nonce, balance, active, may_deploy })
    }
}

fn unreadable(error: impl std::fmt::Display) -> AdmissionError {
    AdmissionError::State(error.to_string())
}
