//! A chain without consensus, for tests: each transaction that becomes ready is executed at once
//! in a block of its own making, by the real executor, pool and index, all in memory.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy_primitives::{B256, Bloom, keccak256};
use alloy_signer_local::PrivateKeySigner;
use async_trait::async_trait;
use qiao_execution::{
    BlockEnvironment, BuiltBlock, ExecutionConfig, build_block, genesis_changes, sender_standing,
};
use qiao_indexer::Index;
use qiao_mempool::{Pool, PoolConfig, Standing};
use qiao_types::{
    Address, Block, FinalizedBlock, Genesis, GenesisAccount, GenesisMember, GenesisOrganisation,
    MemoryState, Parameters, RoleName, SignedTransaction, StateChange, StateCommitment,
    StateSource, StateUnavailable, U256,
};
use tokio::sync::{Mutex, watch};

use crate::{
    Chain, ChainFailure, Head, HeadStatus, NodeStatus, PoolStatus, Quantiles, SubmitError,
};

/// States of so many recent blocks can be read.
const STATES_KEPT: usize = 128;

/// Private keys of the accounts in [`genesis`], in the order of its organisations: the well-known
/// development keys, worthless anywhere else.
pub const KEYS: [&str; 3] = [
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
];

/// A chain in memory that makes a block whenever a transaction is ready.
pub struct LocalChain {
    genesis: Genesis,
    execution: ExecutionConfig,
    signer: Option<PrivateKeySigner>,
    pool: Pool,
    index: Index,
    heads: watch::Sender<Head>,
    stored: RwLock<Stored>,
    /// Held while a block is made.
    making: Mutex<()>,
    /// Whether blocks are made only when asked for.
    is_paused: AtomicBool,
    started_ms: u64,
}

#[derive(Default)]
struct Stored {
    blocks: Vec<Arc<FinalizedBlock>>,
    by_hash: BTreeMap<B256, u64>,
    transactions: BTreeMap<B256, (u64, usize)>,
    /// The states of the newest blocks; the last one is the head's.
    states: VecDeque<Arc<MemoryState>>,
}

/// Three organisations: a producer and a retailer that capture and deploy, and a regulator.
pub fn genesis() -> Genesis {
    let organisations = [
        ("Green Valley Farm", vec![RoleName::Admin, RoleName::Capturer, RoleName::Deployer]),
        ("City Market", vec![RoleName::Admin, RoleName::Capturer, RoleName::Deployer]),
        ("Food Authority", vec![RoleName::Admin, RoleName::Regulator]),
    ];
    let addresses: Vec<Address> = KEYS.iter().map(|key| signer(key).address()).collect();
    let funds =
        GenesisAccount { balance: U256::from(10).pow(U256::from(24)), ..GenesisAccount::default() };
    Genesis {
        chain_id: 20_260,
        name: "local".to_owned(),
        timestamp_ms: 1_767_225_600_000,
        parameters: Parameters::default(),
        organisations: organisations
            .into_iter()
            .zip(&addresses)
            .zip(1..)
            .map(|(((name, roles), address), id)| GenesisOrganisation {
                id,
                name: name.to_owned(),
                gln: None,
                accounts: vec![GenesisMember { address: *address, roles }],
            })
            .collect(),
        validators: Vec::new(),
        accounts: addresses.into_iter().map(|address| (address, funds.clone())).collect(),
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

/// The account of a key from [`KEYS`].
pub fn signer(key: &str) -> PrivateKeySigner {
    key.parse().expect("the keys are valid")
}

impl LocalChain {
    /// Starts a chain at block 0. `signer` is the node's own account.
    ///
    /// # Errors
    /// The genesis is refused, or the index in memory cannot be opened.
    pub async fn start(
        genesis: Genesis,
        signer: Option<PrivateKeySigner>,
    ) -> Result<Arc<Self>, ChainFailure> {
        let index = Index::open("sqlite::memory:").await.map_err(store)?;
        index.apply_genesis(&genesis).await.map_err(store)?;
        let changes = genesis_changes(&genesis).map_err(store)?;
        let first = first_block(&genesis, &changes);
        let head = head_of(&first);
        let chain = Self {
            execution: ExecutionConfig::from_genesis(&genesis),
            pool: Pool::new(PoolConfig::of(&genesis)),
            genesis,
            signer,
            index,
            heads: watch::Sender::new(head),
            stored: RwLock::default(),
            making: Mutex::new(()),
            is_paused: AtomicBool::new(false),
            started_ms: now_ms(),
        };
        chain.store(first, &changes).await?;
        Ok(Arc::new(chain))
    }

    /// From here on transactions wait until [`LocalChain::make_block`].
    pub fn pause(&self) {
        self.is_paused.store(true, Ordering::Relaxed);
    }

    /// Takes a transaction out of the pool, as if the pool had been lost.
    pub fn forget(&self, transaction: &B256) {
        self.pool.remove(transaction);
    }

    /// Makes a block of what is ready, or of nothing.
    ///
    /// # Errors
    /// Execution or the index failed.
    pub async fn make_block(&self) -> Result<(), ChainFailure> {
        let _making = self.making.lock().await;
        self.make_block_of(self.pool.ready(u64::MAX, &Default::default())).await
    }

    async fn make_block_of(
        &self,
        candidates: Vec<Arc<SignedTransaction>>,
    ) -> Result<(), ChainFailure> {
        let (parent, state) = self.newest();
        let timestamp_ms = now_ms().max(parent.timestamp_ms + 1);
        let env = BlockEnvironment {
            number: parent.block.number() + 1,
            timestamp: (timestamp_ms / 1000).max(parent.block.header.timestamp),
            beneficiary: Address::ZERO,
            gas_limit: self.execution.block_gas_limit,
            parent_hash: parent.hash,
        };
        let bytes_max = self.genesis.parameters.block_bytes_max;
        let built = build_block(&self.execution, &env, &*state, candidates, bytes_max);
        let built = built.await.map_err(store)?;
        let dropped: Vec<B256> = built.dropped.iter().map(|(hash, _)| *hash).collect();
        let changes = built.executed.changes.clone();
        let block = finalized(&parent, &env, timestamp_ms, built);
        let included: Vec<_> = block
            .block
            .transactions
            .iter()
            .map(|transaction| (transaction.hash(), transaction.sender(), transaction.nonce()))
            .collect();
        self.store(block, &changes).await?;
        self.pool.on_finalized(included.into_iter());
        for hash in dropped {
            self.pool.remove(&hash);
        }
        Ok(())
    }

    async fn store(
        &self,
        block: FinalizedBlock,
        changes: &[StateChange],
    ) -> Result<(), ChainFailure> {
        let block = Arc::new(block);
        self.index.apply(&block).await.map_err(store)?;
        let head = head_of(&block);
        {
            let mut stored = self.stored.write().expect("no writer panics");
            let state = stored.states.back().map(|state| (**state).clone());
            let mut state = state.unwrap_or_default();
            state.apply(changes);
            stored.states.push_back(Arc::new(state));
            if stored.states.len() > STATES_KEPT {
                stored.states.pop_front();
            }
            for (position, transaction) in block.block.transactions.iter().enumerate() {
                stored.transactions.insert(transaction.hash(), (head.number, position));
            }
            stored.by_hash.insert(block.hash, head.number);
            stored.blocks.push(block);
        }
        self.heads.send_replace(head);
        Ok(())
    }

    fn newest(&self) -> (Arc<FinalizedBlock>, Arc<MemoryState>) {
        let stored = self.stored.read().expect("no writer panics");
        let block = stored.blocks.last().expect("block 0 was stored at the start");
        let state = stored.states.back().expect("its state too");
        (Arc::clone(block), Arc::clone(state))
    }
}

fn first_block(genesis: &Genesis, changes: &[StateChange]) -> FinalizedBlock {
    let header = Header {
        timestamp: genesis.timestamp_ms / 1000,
        gas_limit: genesis.parameters.block_gas_limit,
        state_root: state_root(B256::ZERO, changes),
        base_fee_per_gas: Some(0),
        ..Header::default()
    };
    let block = Block { header, transactions: Vec::new() };
    FinalizedBlock {
        hash: block.hash(),
        block,
        receipts: Vec::new(),
        timestamp_ms: genesis.timestamp_ms,
        proposer: B256::ZERO,
    }
}

fn finalized(
    parent: &FinalizedBlock,
    env: &BlockEnvironment,
    timestamp_ms: u64,
    built: BuiltBlock,
) -> FinalizedBlock {
    let BuiltBlock { transactions, executed, .. } = built;
    let header = Header {
        parent_hash: parent.hash,
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: env.beneficiary,
        state_root: state_root(parent.block.header.state_root, &executed.changes),
        transactions_root: executed.transactions_root,
        receipts_root: executed.receipts_root,
        logs_bloom: Bloom::from(*executed.logs_bloom),
        number: env.number,
        gas_limit: env.gas_limit,
        gas_used: executed.gas_used,
        timestamp: env.timestamp,
        mix_hash: env.parent_hash,
        base_fee_per_gas: Some(0),
        ..Header::default()
    };
    let block = Block { header, transactions };
    FinalizedBlock {
        hash: block.hash(),
        block,
        receipts: executed.receipts,
        timestamp_ms,
        proposer: B256::ZERO,
    }
}

/// Not a commitment that proves anything: it tells one history from another.
fn state_root(parent: B256, changes: &[StateChange]) -> B256 {
    let mut bytes = parent.to_vec();
    for change in changes {
        bytes.extend_from_slice(change.key.0.as_slice());
        if let Some(value) = &change.after {
            bytes.extend_from_slice(value);
        }
    }
    keccak256(bytes)
}

fn head_of(block: &FinalizedBlock) -> Head {
    Head { number: block.block.number(), hash: block.hash, timestamp_ms: block.timestamp_ms }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn store(error: impl std::fmt::Display) -> ChainFailure {
    ChainFailure::Store(error.to_string())
}

#[async_trait]
impl Chain for LocalChain {
    fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    fn client_version(&self) -> String {
        format!("qiao/v{}/local", env!("CARGO_PKG_VERSION"))
    }

    fn head(&self) -> Head {
        *self.heads.borrow()
    }

    fn heads(&self) -> watch::Receiver<Head> {
        self.heads.subscribe()
    }

    async fn block_by_number(
        &self,
        number: u64,
    ) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        let stored = self.stored.read().expect("no writer panics");
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        Ok(stored.blocks.get(place).cloned())
    }

    async fn block_by_hash(&self, hash: B256) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        let number = self.stored.read().expect("no writer panics").by_hash.get(&hash).copied();
        match number {
            Some(number) => self.block_by_number(number).await,
            None => Ok(None),
        }
    }

    async fn transaction(
        &self,
        hash: B256,
    ) -> Result<Option<(Arc<FinalizedBlock>, usize)>, ChainFailure> {
        let place = self.stored.read().expect("no writer panics").transactions.get(&hash).copied();
        let Some((number, position)) = place else { return Ok(None) };
        Ok(self.block_by_number(number).await?.map(|block| (block, position)))
    }

    fn pooled(&self, hash: B256) -> Option<Arc<SignedTransaction>> {
        self.pool.get(&hash)
    }

    async fn state_at(&self, number: u64) -> Result<Arc<dyn StateSource>, StateUnavailable> {
        let stored = self.stored.read().expect("no writer panics");
        let head = stored.blocks.len() as u64 - 1;
        if number > head {
            return Err(StateUnavailable::Unknown { number, head });
        }
        let oldest = head + 1 - stored.states.len() as u64;
        let place = number.checked_sub(oldest).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| stored.states.get(place)) {
            Some(state) => Ok(Arc::clone(state) as Arc<dyn StateSource>),
            None => Err(StateUnavailable::Pruned { number, oldest }),
        }
    }

    async fn submit(&self, transaction: Arc<SignedTransaction>) -> Result<B256, SubmitError> {
        let _making = self.making.lock().await;
        let (_, state) = self.newest();
        let standing = sender_standing(&self.execution, &*state, transaction.sender()).await;
        let standing = standing.map_err(store)?;
        let hash = transaction.hash();
        let standing = Standing {
            nonce: standing.nonce,
            balance: standing.balance,
            active: standing.active,
            may_deploy: standing.may_deploy,
        };
        let added = self.pool.add(transaction, &standing).map_err(SubmitError::Refused)?;
        if added.ready && !self.is_paused.load(Ordering::Relaxed) {
            self.make_block_of(self.pool.ready(u64::MAX, &Default::default())).await?;
        }
        Ok(hash)
    }

    async fn next_nonce(&self, account: Address) -> Result<u64, ChainFailure> {
        if let Some(nonce) = self.pool.next_nonce(account) {
            return Ok(nonce);
        }
        let (_, state) = self.newest();
        let standing = sender_standing(&self.execution, &*state, account).await;
        Ok(standing.map_err(store)?.nonce)
    }

    fn execution(&self) -> &ExecutionConfig {
        &self.execution
    }

    fn index(&self) -> &Index {
        &self.index
    }

    fn status(&self) -> NodeStatus {
        let (block, _) = self.newest();
        let counts = self.pool.counts();
        NodeStatus {
            node: "local".to_owned(),
            organisation: self
                .genesis
                .organisations
                .first()
                .map_or_else(String::new, |first| first.name.clone()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            network: self.genesis.name.clone(),
            chain_id: self.genesis.chain_id,
            genesis: self.genesis.fingerprint(),
            head: HeadStatus {
                number: block.block.number(),
                hash: block.hash,
                timestamp_ms: block.timestamp_ms,
                state_root: block.block.header.state_root,
            },
            epoch: 0,
            view: block.block.number(),
            validators: Vec::new(),
            pool: PoolStatus {
                ready: counts.ready as u64,
                queued: counts.queued as u64,
                bytes: counts.bytes as u64,
            },
            finality_ms: Quantiles::default(),
            block_interval_ms: 0,
            transactions_per_second: 0.0,
            data_dir: String::new(),
            disk_free_bytes: 0,
            index_block: block.block.number(),
            started_ms: self.started_ms,
            is_final_progressing: true,
            stalled_reason: None,
        }
    }

    fn signer(&self) -> Option<&PrivateKeySigner> {
        self.signer.as_ref()
    }
}
