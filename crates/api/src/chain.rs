//! What the interfaces need from a node, and nothing more: the seam between the servers here and
//! the consensus, storage and pool behind them.

use std::sync::Arc;

use alloy_signer_local::PrivateKeySigner;
use async_trait::async_trait;
use qiao_execution::{BlockEnvironment, ExecutionConfig};
use qiao_indexer::Index;
use qiao_mempool::{Listed, Refusal};
use qiao_types::{
    Address, B256, Bytes, FinalizedBlock, Genesis, ProvedEntry, SignedTransaction, StateKey,
    StateSource, StateUnavailable,
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::{
    collateral::evaluating::EvaluatorDesk, contracts::Sources, goods::Cabinet, sharing::SharingDesk,
};

/// A chain as its interfaces see it: final blocks, recent states, a pool to submit to.
///
/// Everything that a method returns about blocks is final: there is no reorganisation to watch
/// for. Methods without `async` answer from memory.
#[async_trait]
pub trait Chain: Send + Sync + 'static {
    /// The file from which the network started.
    fn genesis(&self) -> &Genesis;

    /// Name and version of the software, as `web3_clientVersion` answers: `qiao/v0.1.0/…`.
    fn client_version(&self) -> String;

    /// The newest final block whose state can be read and which the index holds.
    fn head(&self) -> Head;

    /// Follows [`Chain::head`].
    fn heads(&self) -> watch::Receiver<Head>;

    /// The final block at a height; `None` above the head.
    async fn block_by_number(
        &self,
        number: u64,
    ) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure>;

    /// The final block with a hash.
    async fn block_by_hash(&self, hash: B256) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure>;

    /// The final block that holds a transaction, and the transaction's position in it.
    async fn transaction(
        &self,
        hash: B256,
    ) -> Result<Option<(Arc<FinalizedBlock>, usize)>, ChainFailure>;

    /// A transaction that waits in this node's pool.
    fn pooled(&self, hash: B256) -> Option<Arc<SignedTransaction>>;

    /// What waits in this node's pool, in order of sender and nonce, of one sender or of all; at
    /// most `limit`.
    fn waiting(&self, sender: Option<Address>, limit: usize) -> Vec<Listed>;

    /// Counts the transactions that became ready in the pool; changes whenever one does.
    fn arrivals(&self) -> watch::Receiver<u64>;

    /// The encoded votes that made a block final; `None` where this node does not hold them.
    async fn certificate(&self, number: u64) -> Option<Bytes>;

    /// The environment in which the block after the head would be executed, as far as the node
    /// can tell; time and beneficiary are the head's where it cannot.
    fn next_environment(&self, head: &FinalizedBlock) -> BlockEnvironment {
        BlockEnvironment {
            number: head.block.number() + 1,
            parent_hash: head.hash,
            prev_randao: head.hash,
            ..BlockEnvironment::of(&head.block.header)
        }
    }

    /// The state after block `number`, within the window that the node keeps.
    async fn state_at(&self, number: u64) -> Result<Arc<dyn StateSource>, StateUnavailable>;

    /// Entries of the newest final state with the paths to the root in its block's header. Chains
    /// without validators have no such root.
    async fn prove(&self, keys: &[StateKey]) -> Result<ProvedState, ChainFailure> {
        let _ = keys;
        Err(ChainFailure::NoProofs)
    }

    /// Puts a transaction into the pool and passes it on to the other nodes.
    async fn submit(&self, transaction: Arc<SignedTransaction>) -> Result<B256, SubmitError>;

    /// The nonce that the account's next transaction needs, counting what waits in the pool.
    async fn next_nonce(&self, account: Address) -> Result<u64, ChainFailure>;

    /// How transactions execute here.
    fn execution(&self) -> &ExecutionConfig;

    /// The queryable copy of the final blocks.
    fn index(&self) -> &Index;

    /// What the node is doing.
    fn status(&self) -> NodeStatus;

    /// The sources that were verified for contracts; `None` where the node keeps none.
    fn sources(&self) -> Option<&Sources> {
        None
    }

    /// What this node does as an evaluator of private keys; `None` where it was given no secret.
    fn evaluator(&self) -> Option<&EvaluatorDesk> {
        None
    }

    /// The certificate (PEM) that vouches for those of the evaluators' nodes.
    fn evaluators_authority(&self) -> Option<&str> {
        None
    }

    /// The keys with which this node opens what was sealed for its organisation; `None` where it has none.
    fn sharing(&self) -> Option<&SharingDesk> {
        None
    }

    /// What the node keeps for its people beside the chain; `None` where it keeps nothing.
    fn cabinet(&self) -> Option<&Cabinet> {
        None
    }

    /// The member's own account, which signs what comes in over REST; `None` where the node has
    /// none and only takes signed transactions.
    fn signer(&self) -> Option<&PrivateKeySigner>;

    /// Accounts of organisations without a node of their own, which this node signs for at their desks.
    fn hosted_signers(&self) -> &[PrivateKeySigner] {
        &[]
    }
}

/// The newest final block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Milliseconds since the Unix epoch at which it was proposed.
    pub timestamp_ms: u64,
}

/// Entries of the newest final state, proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedState {
    /// The height of the block whose header has the root to which the paths lead.
    pub number: u64,
    /// One for each key, in order.
    pub entries: Vec<ProvedEntry>,
}

/// The node could not answer: its disk, its index or its shutdown, never the asker's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFailure {
    /// A state could not be read.
    #[error(transparent)]
    State(#[from] StateUnavailable),
    /// A store failed.
    #[error("store failed: {0}")]
    Store(String),
    /// A developer's chain: no validator votes, and its state has no paths.
    #[error("this chain has no validators, so nothing of it can be proved to others")]
    NoProofs,
    /// The node is shutting down.
    #[error("the node is stopping")]
    Stopping,
}

/// Why a transaction did not enter the pool.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    /// The rules say no.
    #[error("{0}")]
    Refused(Refusal),
    /// The node could not decide.
    #[error(transparent)]
    Failure(#[from] ChainFailure),
}

/// What a node is doing: `GET /status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NodeStatus {
    /// The node's name.
    pub node: String,
    /// The organisation that runs it.
    pub organisation: String,
    /// The software's version.
    pub version: String,
    /// The network's name.
    pub network: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Fingerprint of the genesis: the same at all members.
    #[schema(value_type = String)]
    pub genesis: B256,
    /// The newest final block.
    pub head: HeadStatus,
    /// The epoch in which the validators vote.
    pub epoch: u64,
    /// The view in which they vote.
    pub view: u64,
    /// Every validator of the epoch, as this node sees it.
    pub validators: Vec<ValidatorStatus>,
    /// The pool.
    pub pool: PoolStatus,
    /// From the proposal of a block to its finality at this node, over recent blocks.
    pub finality_ms: Quantiles,
    /// Mean time between recent blocks.
    pub block_interval_ms: u64,
    /// Over recent blocks.
    pub transactions_per_second: f64,
    /// Where the node keeps its data.
    pub data_dir: String,
    /// What is free on that disk.
    pub disk_free_bytes: u64,
    /// The newest block that the index holds.
    pub index_block: u64,
    /// Why the index does not follow the chain, if it does not: its database is away, or blocks are not here.
    #[serde(default)]
    pub index_trouble: Option<String>,
    /// First and last of the blocks that are not executed here yet, where the node fetched its state.
    #[serde(default)]
    pub missing_blocks: Option<[u64; 2]>,
    /// Milliseconds since the Unix epoch at which the node started.
    pub started_ms: u64,
    /// Whether blocks are being finalized at the expected pace.
    pub is_final_progressing: bool,
    /// If not: why, as far as this node can tell.
    pub stalled_reason: Option<String>,
}

/// The newest final block, in `GET /status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeadStatus {
    /// Its height.
    pub number: u64,
    /// Its hash.
    #[schema(value_type = String)]
    pub hash: B256,
    /// Milliseconds since the Unix epoch at which it was proposed.
    pub timestamp_ms: u64,
    /// The root of the state after it.
    #[schema(value_type = String)]
    pub state_root: B256,
}

/// A validator as the answering node sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ValidatorStatus {
    /// Its name.
    pub name: String,
    /// The organisation that runs it.
    pub organisation: String,
    /// Ed25519 public key: its identity on the network.
    #[schema(value_type = String)]
    pub network_key: B256,
    /// Where it is reached.
    pub address: String,
    /// Whether this node has a connection to it.
    pub connected: bool,
    /// Milliseconds since its last vote arrived, if any did.
    pub last_voted_ago_ms: Option<u64>,
    /// The newest final block that it proposed.
    pub last_proposed_height: Option<u64>,
    /// Its software's version, if it said so.
    pub version: Option<String>,
    /// Whether it is the answering node.
    pub is_self: bool,
}

/// What waits in the pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolStatus {
    /// Transactions that the next block could hold.
    pub ready: u64,
    /// Transactions that wait for an earlier nonce.
    pub queued: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// Milliseconds over recent blocks; absent before the first block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quantiles {
    /// Half of the blocks took at most this long.
    pub p50: Option<f64>,
    /// 99 of 100 blocks took at most this long.
    pub p99: Option<f64>,
    /// The newest block took this long.
    pub last: Option<f64>,
}
