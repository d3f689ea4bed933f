//! Blocks: executing one that somebody proposed, building one to propose.

use std::{collections::BTreeSet, sync::Arc};

use alloy_consensus::Transaction as _;
use alloy_primitives::{B256, Bloom};
use qiao_modules::members;
use qiao_types::{Block, ExecutedReceipt, SignedTransaction, StateChange, StateSource};
use revm::{ExecuteEvm as _, context::result::ExecutionResult, state::EvmState};

use crate::{
    BlockEnvironment, ExecutionConfig, ExecutionError, Rejection,
    cache::{Cache, Name, Origin},
    driver::{self, Setup, Tuning},
    members::Standings,
    transaction::{CacheEvm, Halt, attempt, receipt},
};

/// The least gas that a transaction needs: a block with less left is full.
const TRANSACTION_GAS_MIN: u64 = 21_000;

/// What the execution of a block gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutedBlock {
    /// One receipt per transaction, in order.
    pub receipts: Vec<ExecutedReceipt>,
    /// Gas that all transactions used.
    pub gas_used: u64,
    /// The bloom filter over all logs.
    pub logs_bloom: Bloom,
    /// The root of Ethereum's receipts trie.
    pub receipts_root: B256,
    /// What the block changed, sorted by key, only real changes.
    pub changes: Vec<StateChange>,
    /// Whether the record of the members changed: anybody may stand differently from here on.
    pub is_membership_changed: bool,
}

/// A block to propose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltBlock {
    /// The candidates that stand in the block, in the order in which they were given.
    pub transactions: Vec<Arc<SignedTransaction>>,
    /// What their execution gave.
    pub executed: ExecutedBlock,
    /// Candidates that can never stand on this parent, with the reason. A candidate that merely
    /// did not fit, or waits for an earlier one of its sender, is not listed.
    pub dropped: Vec<(B256, Rejection)>,
}

/// Executes a block on the state of its parent.
///
/// # Errors
/// - [`ExecutionError::InvalidTransaction`]: the block is invalid.
/// - Anything else: nothing is known about the block.
pub async fn execute_block(
    config: &ExecutionConfig,
    env: &BlockEnvironment,
    source: &dyn StateSource,
    transactions: &[Arc<SignedTransaction>],
) -> Result<ExecutedBlock, ExecutionError> {
    execute_tuned(config, env, source, transactions, Tuning::default()).await
}

/// [`execute_block`] with the driver's choices in the caller's hand.
pub(crate) async fn execute_tuned(
    config: &ExecutionConfig,
    env: &BlockEnvironment,
    source: &dyn StateSource,
    transactions: &[Arc<SignedTransaction>],
    tuning: Tuning,
) -> Result<ExecutedBlock, ExecutionError> {
    let mut run = Run::start(config, env, source, transactions, tuning).await?;
    let mut queue = Queue::strict(transactions);
    run.drive(&mut queue).await?;
    run.finish(transactions).await
}

/// Builds a block of the candidates that fit and are valid on this parent, in their order.
///
/// `bytes_max` bounds the sum of the encoded transactions.
///
/// # Errors
/// The state cannot be read or is damaged; an invalid candidate is no error.
pub async fn build_block(
    config: &ExecutionConfig,
    env: &BlockEnvironment,
    source: &dyn StateSource,
    candidates: Vec<Arc<SignedTransaction>>,
    bytes_max: u64,
) -> Result<BuiltBlock, ExecutionError> {
    let mut run = Run::start(config, env, source, &candidates, Tuning::default()).await?;
    let mut queue = Queue::proposal(&candidates, bytes_max);
    run.drive(&mut queue).await?;
    let Queue { taken: transactions, dropped, .. } = queue;
    let executed = run.finish(&transactions).await?;
    Ok(BuiltBlock { transactions, executed, dropped })
}

/// Whether the candidate is only early or did not fit.
fn may_stand_later(reason: &Rejection, env: &BlockEnvironment) -> bool {
    match reason {
        Rejection::NonceTooHigh { .. } => true,
        Rejection::GasLimitExceedsBlock { gas_limit, .. } => *gas_limit <= env.gas_limit,
        _ => false,
    }
}

/// The transactions that a block is made of, or may be made of.
struct Queue<'a> {
    candidates: &'a [Arc<SignedTransaction>],
    position: usize,
    /// Bytes that the proposal may still take; `None` where every candidate must stand.
    bytes_left: Option<u64>,
    taken: Vec<Arc<SignedTransaction>>,
    dropped: Vec<(B256, Rejection)>,
}

impl<'a> Queue<'a> {
    fn strict(candidates: &'a [Arc<SignedTransaction>]) -> Self {
        Self { candidates, position: 0, bytes_left: None, taken: Vec::new(), dropped: Vec::new() }
    }

    fn proposal(candidates: &'a [Arc<SignedTransaction>], bytes_max: u64) -> Self {
        Self { bytes_left: Some(bytes_max), ..Self::strict(candidates) }
    }

    /// The next transaction that fits; `None` when there is none or the proposal is full.
    fn next(&mut self, gas_remaining: u64) -> Option<Arc<SignedTransaction>> {
        let Some(bytes_left) = self.bytes_left else {
            return self.candidates.get(self.position).cloned();
        };
        if gas_remaining < TRANSACTION_GAS_MIN {
            return None;
        }
        while let Some(candidate) = self.candidates.get(self.position) {
            if candidate.encoded().len() as u64 <= bytes_left {
                return Some(candidate.clone());
            }
            self.position += 1;
        }
        None
    }

    fn take(&mut self) {
        if let Some(bytes_left) = &mut self.bytes_left {
            let candidate = &self.candidates[self.position];
            *bytes_left -= candidate.encoded().len() as u64;
            self.taken.push(candidate.clone());
        }
        self.position += 1;
    }

    fn reject(&mut self, reason: Rejection, env: &BlockEnvironment) -> Result<(), ExecutionError> {
        let hash = self.candidates[self.position].hash();
        if self.bytes_left.is_none() {
            let index = self.position;
            return Err(ExecutionError::InvalidTransaction { index, hash, reason });
        }
        if !may_stand_later(&reason, env) {
            self.dropped.push((hash, reason));
        }
        self.position += 1;
        Ok(())
    }
}

/// What the transactions that ran so far amount to.
#[derive(Default)]
struct Ledger {
    /// The block's height.
    number: u64,
    standings: Standings,
    receipts: Vec<ExecutedReceipt>,
    gas_used: u64,
    is_membership_changed: bool,
}

impl Ledger {
    fn record(
        &mut self,
        cache: &mut Cache,
        tx: &SignedTransaction,
        result: ExecutionResult,
        state: EvmState,
    ) {
        let receipt = receipt(tx, result, self.gas_used);
        self.gas_used += receipt.gas_used;
        self.receipts.push(receipt);
        let origin = Origin { sender: tx.sender(), block: self.number };
        if cache.commit(state, origin).contains(&members::ADDRESS) {
            self.standings.forget();
            self.is_membership_changed = true;
        }
    }
}

/// Runs of transactions whose turn has not come, only to learn which values they need.
struct Trials {
    tuning: Tuning,
    rounds_left: usize,
    /// Transactions that had all values in an earlier round.
    satisfied: BTreeSet<B256>,
}

impl Trials {
    fn new(tuning: Tuning) -> Self {
        Self { tuning, rounds_left: tuning.trial_rounds, satisfied: BTreeSet::new() }
    }

    /// Tries the rest of the block. The first value that each transaction misses is added to
    /// `missing`; nothing else of what they do remains.
    fn run(
        &mut self,
        evm: &mut CacheEvm<'_>,
        standings: &mut Standings,
        rest: &[Arc<SignedTransaction>],
        missing: &mut Vec<Name>,
    ) {
        self.rounds_left -= 1;
        for tx in rest {
            let is_costly = self.tuning.is_costly(tx.envelope().input(), tx.gas_limit());
            if is_costly || self.satisfied.contains(&tx.hash()) {
                continue;
            }
            match attempt(evm, standings, tx, u64::MAX, true) {
                Err(Halt::Missing) => {
                    missing.extend(evm.ctx.journaled_state.database.take_missing());
                    continue;
                }
                Err(Halt::Rejected(_) | Halt::Fatal(_)) => {}
                Ok(_) => {
                    evm.finalize();
                }
            }
            self.satisfied.insert(tx.hash());
        }
        missing.sort_unstable();
        missing.dedup();
    }
}

/// A block in the making.
struct Run<'a> {
    setup: Setup,
    source: &'a dyn StateSource,
    cache: Cache,
    ledger: Ledger,
    tuning: Tuning,
    trials: Trials,
}

impl<'a> Run<'a> {
    /// Makes the block's first write and loads what is known to be needed.
    async fn start(
        config: &ExecutionConfig,
        env: &BlockEnvironment,
        source: &'a dyn StateSource,
        transactions: &[Arc<SignedTransaction>],
        tuning: Tuning,
    ) -> Result<Self, ExecutionError> {
        let mut run = Self {
            setup: Setup { config: *config, env: *env },
            source,
            cache: Cache::default(),
            ledger: Ledger { number: env.number, ..Ledger::default() },
            tuning,
            trials: Trials::new(tuning),
        };
        driver::begin_block(&mut run.cache, source, env).await?;
        if tuning.is_prefetching {
            run.prefetch(transactions).await?;
        }
        Ok(run)
    }

    async fn prefetch(
        &mut self,
        transactions: &[Arc<SignedTransaction>],
    ) -> Result<(), ExecutionError> {
        driver::load(&mut self.cache, self.source, names_of(transactions)).await?;
        let called =
            transactions.iter().filter_map(|tx| tx.envelope().to()).chain([members::ADDRESS]);
        let codes: BTreeSet<Name> = self.cache.codes_wanted(called).into_iter().collect();
        driver::load(&mut self.cache, self.source, codes.into_iter().collect()).await
    }

    /// Executes the queue to its end.
    async fn drive(&mut self, queue: &mut Queue<'_>) -> Result<(), ExecutionError> {
        let mut interrupted_at = 0;
        let mut interruptions = 0;
        while let Some(missing) = self.stretch(queue)? {
            if interrupted_at != queue.position {
                interrupted_at = queue.position;
                interruptions = 0;
            }
            interruptions += 1;
            let tx = &queue.candidates[queue.position];
            let interruptions_max =
                self.tuning.interruptions_max(tx.envelope().input(), tx.gas_limit());
            driver::load(&mut self.cache, self.source, missing).await?;
            if interruptions >= interruptions_max {
                self.wait_for(queue).await?;
            }
        }
        Ok(())
    }

    /// Executes as far as the values at hand allow; returns those that are missing, or `None` at
    /// the end of the queue.
    fn stretch(&mut self, queue: &mut Queue<'_>) -> Result<Option<Vec<Name>>, ExecutionError> {
        let gas_limit = self.setup.env.gas_limit;
        let mut evm = self.setup.evm(&mut self.cache, Some(self.source));
        let ledger = &mut self.ledger;
        while let Some(tx) = queue.next(gas_limit - ledger.gas_used) {
            let gas_remaining = gas_limit - ledger.gas_used;
            match attempt(&mut evm, &mut ledger.standings, &tx, gas_remaining, false) {
                Ok(result) => {
                    let state = evm.finalize();
                    ledger.record(&mut evm.ctx.journaled_state.database, &tx, result, state);
                    queue.take();
                }
                Err(Halt::Rejected(reason)) => queue.reject(reason, &self.setup.env)?,
                Err(Halt::Fatal(reason)) => return Err(ExecutionError::Fatal(reason)),
                Err(Halt::Missing) => {
                    let mut missing = evm.ctx.journaled_state.database.take_missing();
                    if self.trials.rounds_left > 0 {
                        let rest = &queue.candidates[queue.position + 1..];
                        self.trials.run(&mut evm, &mut ledger.standings, rest, &mut missing);
                    }
                    return Ok(Some(missing));
                }
            }
        }
        Ok(None)
    }

    /// Executes the next transaction on a thread that waits for each value.
    async fn wait_for(&mut self, queue: &mut Queue<'_>) -> Result<(), ExecutionError> {
        let gas_remaining = self.setup.env.gas_limit - self.ledger.gas_used;
        let tx = queue.candidates[queue.position].clone();
        let cache = std::mem::take(&mut self.cache);
        let job_tx = tx.clone();
        let job = move |evm: &mut CacheEvm<'_>| {
            let mut standings = Standings::default();
            let result = attempt(evm, &mut standings, &job_tx, gas_remaining, false)?;
            Ok((result, evm.finalize()))
        };
        let (cache, outcome) = driver::run_waiting(cache, self.setup, self.source, job).await?;
        self.cache = cache;
        match driver::rejection(outcome)? {
            Ok((result, state)) => {
                self.ledger.record(&mut self.cache, &tx, result, state);
                queue.take();
                Ok(())
            }
            Err(reason) => queue.reject(reason, &self.setup.env),
        }
    }

    /// Roots and changes.
    async fn finish(
        self,
        transactions: &[Arc<SignedTransaction>],
    ) -> Result<ExecutedBlock, ExecutionError> {
        let Self { cache, ledger, source, .. } = self;
        let Ledger { receipts, gas_used, is_membership_changed, .. } = ledger;
        assert_eq!(receipts.len(), transactions.len(), "every transaction has a receipt");
        let (receipts_root, logs_bloom) = Block::receipts_root(&receipts);
        let known_codes = known_codes(&cache, source).await?;
        let changes = cache.into_changes(&known_codes);
        Ok(ExecutedBlock {
            receipts,
            gas_used,
            logs_bloom,
            receipts_root,
            changes,
            is_membership_changed,
        })
    }
}

/// The new codes that exist in the parent state already.
async fn known_codes(
    cache: &Cache,
    source: &dyn StateSource,
) -> Result<BTreeSet<Name>, ExecutionError> {
    let names = cache.new_codes();
    if names.is_empty() {
        return Ok(BTreeSet::new());
    }
    let keys: Vec<_> = names.iter().map(Name::key).collect();
    let values = source.read(&keys).await?;
    Ok(names.into_iter().zip(values).filter_map(|(name, value)| value.map(|_| name)).collect())
}

/// What these transactions name themselves: senders, recipients, access lists.
fn names_of(transactions: &[Arc<SignedTransaction>]) -> Vec<Name> {
    let mut names = BTreeSet::from([Name::Account(members::ADDRESS)]);
    for tx in transactions {
        names.insert(Name::Account(tx.sender()));
        names.extend(tx.envelope().to().map(Name::Account));
        for item in tx.envelope().access_list().into_iter().flat_map(|list| list.iter()) {
            names.insert(Name::Account(item.address));
            names.extend(
                item.storage_keys.iter().map(|key| Name::Slot(item.address, (*key).into())),
            );
        }
    }
    names.into_iter().collect()
}
