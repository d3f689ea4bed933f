//! The chain: blocks, states, pool and index.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
};

use alloy_primitives::B256;
use alloy_signer_local::PrivateKeySigner;
use async_trait::async_trait;
use qiao_api::{
    Chain, ChainFailure, Head, HeadStatus, NodeStatus, PoolStatus, Quantiles, SubmitError,
    collateral::evaluating::EvaluatorDesk,
    contracts::Sources,
    goods::Cabinet,
    sharing::{Keyring, SharingDesk},
};
use qiao_execution::{BlockEnvironment, ExecutionConfig, Permission, build_block, sender_standing};
use qiao_indexer::Index;
use qiao_mempool::{Listed, Pool, Standing};
use qiao_types::{
    Address, Bytes, FinalizedBlock, Genesis, MemoryState, SignedTransaction, StateChange,
    StateSource, StateUnavailable,
};
use tokio::sync::watch;

use crate::{
    blocks::{beginning, finalized, head_of, now_ms},
    control::Control,
};

/// States of so many recent blocks can be read.
const STATES_KEPT: usize = 128;

/// A chain in memory that makes a block whenever a transaction is ready.
pub struct DevChain {
    pub(crate) genesis: Genesis,
    execution: ExecutionConfig,
    signer: Option<PrivateKeySigner>,
    hosted: Vec<PrivateKeySigner>,
    sources: Sources,
    cabinet: Cabinet,
    sharing: SharingDesk,
    pub(crate) evaluator: OnceLock<EvaluatorDesk>,
    pub(crate) index: Index,
    pub(crate) heads: watch::Sender<Head>,
    arrivals: watch::Sender<u64>,
    pub(crate) stored: RwLock<Stored>,
    /// Held while a block is made, and while the chain is changed otherwise.
    making: tokio::sync::Mutex<()>,
    control: Mutex<Control>,
    started_ms: u64,
}

#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) pool: Option<Arc<Pool>>,
    pub(crate) blocks: Vec<Arc<FinalizedBlock>>,
    pub(crate) by_hash: BTreeMap<B256, u64>,
    pub(crate) transactions: BTreeMap<B256, (u64, usize)>,
    /// The states of the newest blocks; the last one is the head's.
    pub(crate) states: VecDeque<Arc<MemoryState>>,
}

impl DevChain {
    /// Starts a chain; `change` says how transactions execute on it.
    pub(crate) async fn begin(
        genesis: Genesis,
        signer: Option<PrivateKeySigner>,
        hosted: Vec<PrivateKeySigner>,
        change: impl FnOnce(ExecutionConfig) -> ExecutionConfig + Send,
    ) -> Result<Arc<Self>, ChainFailure> {
        let index = Index::open("sqlite::memory:").await.map_err(store)?;
        let (block, state) = beginning(&genesis)?;
        let chain = Self {
            execution: change(ExecutionConfig::from_genesis(&genesis)),
            signer,
            hosted,
            sources: Sources::in_memory(),
            cabinet: Cabinet::in_memory(),
            sharing: SharingDesk::in_memory(Keyring::fresh()),
            evaluator: OnceLock::new(),
            index,
            heads: watch::Sender::new(head_of(&block)),
            arrivals: watch::Sender::new(0),
            stored: RwLock::default(),
            making: tokio::sync::Mutex::new(()),
            control: Mutex::new(Control::new(genesis.parameters.block_gas_limit)),
            started_ms: now_ms(),
            genesis,
        };
        chain.replace(vec![Arc::new(block)], VecDeque::from([Arc::new(state)])).await?;
        Ok(Arc::new(chain))
    }

    /// From here on transactions wait until [`DevChain::make_block`].
    pub fn pause(&self) {
        self.control().is_automining = false;
    }

    /// Takes a transaction out of the pool, as if the pool had been lost.
    pub fn forget(&self, transaction: &B256) -> bool {
        self.pool().remove(transaction).is_some()
    }

    /// Makes a block of what is ready, or of nothing.
    ///
    /// # Errors
    /// Execution or the index failed.
    pub async fn make_block(&self) -> Result<(), ChainFailure> {
        let _making = self.making.lock().await;
        self.make_block_of(self.pool().ready(u64::MAX, &Default::default())).await
    }

    /// Makes a block of what is ready, and then blocks of nothing with a fixed distance in time.
    ///
    /// # Errors
    /// Execution or the index failed.
    pub(crate) async fn make_blocks(
        &self,
        count: u64,
        interval_seconds: u64,
    ) -> Result<(), ChainFailure> {
        let _making = self.making.lock().await;
        let Some(more) = count.checked_sub(1) else { return Ok(()) };
        self.make_block_of(self.pool().ready(u64::MAX, &Default::default())).await?;
        let (mut parent, state) = self.newest();
        let mut state = (*state).clone();
        let mut made = Vec::new();
        for left in (0..more).rev() {
            let mut env = self.next_environment(&parent);
            env.timestamp = env.timestamp.max(parent.block.header.timestamp + interval_seconds);
            let built = build_block(&self.execution, &env, &state, Vec::new(), 0).await;
            let built = built.map_err(store)?;
            state.apply(&built.executed.changes);
            parent = Arc::new(finalized(&parent, &env, env.timestamp * 1_000, built));
            let kept = (left < STATES_KEPT as u64).then(|| Arc::new(state.clone()));
            made.push((Arc::clone(&parent), kept));
        }
        if let Some((last, _)) = made.last() {
            self.control().follow(last.block.header.timestamp, now_ms() / 1_000);
        }
        self.append(made).await
    }

    async fn make_block_of(
        &self,
        candidates: Vec<Arc<SignedTransaction>>,
    ) -> Result<(), ChainFailure> {
        let (parent, state) = self.newest();
        let env = self.next_environment(&parent);
        let bytes_max = self.genesis.parameters.block_bytes_max;
        let built = build_block(&self.execution, &env, &*state, candidates, bytes_max);
        let built = built.await.map_err(store)?;
        let dropped: Vec<B256> = built.dropped.iter().map(|(hash, _)| *hash).collect();
        let mut state = (*state).clone();
        state.apply(&built.executed.changes);
        let timestamp_ms = (env.timestamp * 1_000).max(parent.timestamp_ms + 1);
        let timestamp_ms = match self.execution.permission {
            Permission::Members => now_ms().max(parent.timestamp_ms + 1),
            Permission::Everybody => timestamp_ms,
        };
        let block = finalized(&parent, &env, timestamp_ms, built);
        self.control().follow(env.timestamp, now_ms() / 1_000);
        let included: Vec<_> = block
            .block
            .transactions
            .iter()
            .map(|transaction| (transaction.hash(), transaction.sender(), transaction.nonce()))
            .collect();
        self.append(vec![(Arc::new(block), Some(Arc::new(state)))]).await?;
        let pool = self.pool();
        pool.on_finalized(included.into_iter());
        for hash in dropped {
            pool.remove(&hash);
        }
        Ok(())
    }

    /// Adds blocks to the index and the store; those without a state are too old to be asked for.
    async fn append(
        &self,
        made: Vec<(Arc<FinalizedBlock>, Option<Arc<MemoryState>>)>,
    ) -> Result<(), ChainFailure> {
        let blocks: Vec<_> = made.iter().map(|(block, _)| Arc::clone(block)).collect();
        self.index.apply_all(&blocks).await.map_err(store)?;
        let Some(head) = blocks.last().map(|block| head_of(block)) else { return Ok(()) };
        {
            let mut stored = self.stored.write().unwrap_or_else(PoisonError::into_inner);
            for (block, state) in made {
                stored.add(block);
                match state {
                    Some(state) => stored.states.push_back(state),
                    None => stored.states.clear(),
                }
            }
            while stored.states.len() > STATES_KEPT {
                stored.states.pop_front();
            }
        }
        self.heads.send_replace(head);
        Ok(())
    }

    /// Changes the newest state outside of any block.
    pub(crate) async fn rewrite(
        &self,
        change: impl FnOnce(&MemoryState) -> Result<Vec<StateChange>, ChainFailure> + Send,
    ) -> Result<(), ChainFailure> {
        let _making = self.making.lock().await;
        let (_, state) = self.newest();
        let mut state = (*state).clone();
        let changes = change(&state)?;
        state.apply(&changes);
        let mut stored = self.stored.write().unwrap_or_else(PoisonError::into_inner);
        *stored.states.back_mut().expect("the head's state is kept") = Arc::new(state);
        Ok(())
    }

    pub(crate) fn newest(&self) -> (Arc<FinalizedBlock>, Arc<MemoryState>) {
        let stored = self.stored.read().unwrap_or_else(PoisonError::into_inner);
        let block = stored.blocks.last().expect("block 0 was stored at the start");
        let state = stored.states.back().expect("its state too");
        (Arc::clone(block), Arc::clone(state))
    }

    pub(crate) fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn making(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.making.lock().await
    }

    fn pool(&self) -> Arc<Pool> {
        let stored = self.stored.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(stored.pool.as_ref().expect("the pool was made at the start"))
    }
}

impl Stored {
    pub(crate) fn add(&mut self, block: Arc<FinalizedBlock>) {
        let number = block.block.number();
        for (position, transaction) in block.block.transactions.iter().enumerate() {
            self.transactions.insert(transaction.hash(), (number, position));
        }
        self.by_hash.insert(block.hash, number);
        self.blocks.push(block);
    }

    /// Goes back to a block, whose state is the given one.
    pub(crate) fn truncate(&mut self, height: u64, state: Arc<MemoryState>) {
        let kept = usize::try_from(height).unwrap_or(usize::MAX).saturating_add(1);
        for block in self.blocks.split_off(kept.min(self.blocks.len())) {
            self.by_hash.remove(&block.hash);
            for transaction in &block.block.transactions {
                self.transactions.remove(&transaction.hash());
            }
            self.states.pop_back();
        }
        self.states.pop_back();
        self.states.push_back(state);
    }
}

pub(crate) fn store(error: impl std::fmt::Display) -> ChainFailure {
    ChainFailure::Store(error.to_string())
}

#[async_trait]
impl Chain for DevChain {
    fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    fn client_version(&self) -> String {
        match self.execution.permission {
            Permission::Members => format!("qiao/v{}/local", env!("CARGO_PKG_VERSION")),
            // Hardhat's helpers for tests work with what calls itself so, and with nothing else.
            Permission::Everybody => format!("anvil/qiao-v{}", env!("CARGO_PKG_VERSION")),
        }
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
        let stored = self.stored.read().unwrap_or_else(PoisonError::into_inner);
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        Ok(stored.blocks.get(place).cloned())
    }

    async fn block_by_hash(&self, hash: B256) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        let number =
            self.stored.read().unwrap_or_else(PoisonError::into_inner).by_hash.get(&hash).copied();
        match number {
            Some(number) => self.block_by_number(number).await,
            None => Ok(None),
        }
    }

    async fn transaction(
        &self,
        hash: B256,
    ) -> Result<Option<(Arc<FinalizedBlock>, usize)>, ChainFailure> {
        let place = self
            .stored
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .transactions
            .get(&hash)
            .copied();
        let Some((number, position)) = place else { return Ok(None) };
        Ok(self.block_by_number(number).await?.map(|block| (block, position)))
    }

    fn pooled(&self, hash: B256) -> Option<Arc<SignedTransaction>> {
        self.pool().get(&hash)
    }

    fn waiting(&self, sender: Option<Address>, limit: usize) -> Vec<Listed> {
        self.pool().content(sender, limit)
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }

    async fn certificate(&self, _: u64) -> Option<Bytes> {
        // Nobody voted.
        None
    }

    fn next_environment(&self, head: &FinalizedBlock) -> BlockEnvironment {
        let previous = head.block.header.timestamp;
        let control = self.control();
        let timestamp = match self.execution.permission {
            Permission::Members => (now_ms() / 1_000).max(previous),
            Permission::Everybody => control.next_timestamp(previous, now_ms() / 1_000),
        };
        BlockEnvironment {
            number: head.block.number() + 1,
            timestamp,
            beneficiary: control.beneficiary,
            gas_limit: control.gas_limit,
            parent_hash: head.hash,
            prev_randao: control.prev_randao.unwrap_or(head.hash),
        }
    }

    async fn state_at(&self, number: u64) -> Result<Arc<dyn StateSource>, StateUnavailable> {
        let stored = self.stored.read().unwrap_or_else(PoisonError::into_inner);
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
        let added = self.pool().add(transaction, &standing).map_err(SubmitError::Refused)?;
        if added.ready {
            self.arrivals.send_modify(|count| *count += 1);
        }
        let is_automining = self.control().is_automining;
        if added.ready && is_automining {
            self.make_block_of(self.pool().ready(u64::MAX, &Default::default())).await?;
        }
        Ok(hash)
    }

    async fn next_nonce(&self, account: Address) -> Result<u64, ChainFailure> {
        if let Some(nonce) = self.pool().next_nonce(account) {
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
        let counts = self.pool().counts();
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
            index_trouble: None,
            missing_blocks: None,
            started_ms: self.started_ms,
            is_final_progressing: true,
            stalled_reason: None,
        }
    }

    fn sources(&self) -> Option<&Sources> {
        Some(&self.sources)
    }

    fn sharing(&self) -> Option<&SharingDesk> {
        Some(&self.sharing)
    }

    fn cabinet(&self) -> Option<&Cabinet> {
        Some(&self.cabinet)
    }

    fn evaluator(&self) -> Option<&EvaluatorDesk> {
        self.evaluator.get()
    }

    fn signer(&self) -> Option<&PrivateKeySigner> {
        self.signer.as_ref()
    }

    fn hosted_signers(&self) -> &[PrivateKeySigner] {
        &self.hosted
    }
}
