//! Running a transaction or a call again under the eyes of a tracer: geth's tracers for `debug_*`,
//! and the places that a call touches for its access list.

use std::{cell::RefCell, ops::Range, sync::Arc};

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_trace::geth::{GethDebugTracingOptions, GethTrace};
use qiao_modules::members;
use qiao_types::{SignedTransaction, StateSource};
use revm::{
    Database as _, DatabaseRef, InspectEvm as _, Inspector,
    bytecode::Bytecode,
    context::{TxEnv, result::ResultAndState},
    state::AccountInfo,
};
use revm_inspectors::{
    access_list::AccessListInspector,
    tracing::{
        DebugInspector, TraceLimitBehavior, TraceLimits, TracingInspector, TransactionContext,
    },
};

use crate::{
    BlockEnvironment, CallError, CallOutcome, CallRequest, ExecutionConfig, ExecutionError,
    cache::{Cache, CacheError, Origin, View},
    call::{Session, outcome},
    driver::{self, Setup},
    evm::{EvmContext, assemble},
    members::Standings,
    transaction::{CacheEvm, Halt, check_sender, halt, tx_env},
};

/// Which tracer watches, and what it notes.
pub type TraceOptions = GethDebugTracingOptions;

/// What a tracer noted.
pub type Trace = GethTrace;

/// Instructions that one answer may tell of; more would not fit into an answer either.
const STEPS_MAX: u64 = 200_000;

/// Bytes of memory and calldata that a tracer may copy for one transaction.
const RECORDED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A list of touched places changes what a call costs, and so what it touches: it is asked for
/// again until it stays the same, at most this often.
const LIST_ROUNDS_MAX: usize = 4;

/// Why there is no trace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// The tracer is unknown, or its options are not its own.
    #[error("{0}")]
    Tracer(String),
    /// The trace is longer than an answer may be.
    #[error("trace is longer than {STEPS_MAX} steps; trace fewer transactions, or use callTracer")]
    TooLong,
    /// The transactions or the call cannot be executed.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl From<ExecutionError> for TraceError {
    fn from(error: ExecutionError) -> Self {
        Self::Call(error.into())
    }
}

/// Transactions of a final block, to be run again.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The block in which they stand.
    pub env: BlockEnvironment,
    /// Its hash.
    pub block_hash: B256,
    /// Its transactions.
    pub transactions: Vec<Arc<SignedTransaction>>,
    /// The positions of those to trace.
    pub traced: Range<usize>,
}

/// Runs the transactions of a block again on the state of its parent, and traces some of them.
pub async fn trace_transactions(
    config: &ExecutionConfig,
    parent: &dyn StateSource,
    replay: Replay,
    options: TraceOptions,
) -> Result<Vec<Trace>, TraceError> {
    let options = bounded(options)?;
    let setup = Setup { config: *config, env: replay.env };
    let mut cache = Cache::default();
    driver::begin_block(&mut cache, parent, &replay.env).await?;
    let job = move |evm: &mut CacheEvm<'_>| split(run_again(evm, &replay, &options));
    let (_, ended) = driver::run_waiting(cache, setup, parent, job).await?;
    driver::rejection(ended)?.map_err(CallError::Rejected)?
}

/// Traces a call on the state behind `source`, as if in the block of `env`.
pub async fn trace_call(
    config: &ExecutionConfig,
    env: &BlockEnvironment,
    source: &dyn StateSource,
    request: CallRequest,
    options: TraceOptions,
) -> Result<Trace, TraceError> {
    let options = bounded(options)?;
    let session = Session::start(config, env, source, request).await?;
    let job = move |evm: &mut CacheEvm<'_>, tx: TxEnv| {
        split(trace_one(evm, tx, None, &options).map(|(trace, _)| trace))
    };
    session.watch(job).await?
}

/// The places that a call touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessListOutcome {
    /// The places, without those that are free anyway.
    pub access_list: AccessList,
    /// How the call ends with this list.
    pub outcome: CallOutcome,
}

/// Finds the accounts and slots that a call touches.
pub async fn access_list(
    config: &ExecutionConfig,
    env: &BlockEnvironment,
    source: &dyn StateSource,
    request: CallRequest,
) -> Result<AccessListOutcome, CallError> {
    let session = Session::start(config, env, source, request).await?;
    session.watch(find_places).await
}

fn find_places(evm: &mut CacheEvm<'_>, mut tx: TxEnv) -> Result<AccessListOutcome, Halt> {
    let mut rounds = 0;
    loop {
        rounds += 1;
        let mut inspector = AccessListInspector::new(tx.access_list.clone());
        let ResultAndState { result, .. } = watch(evm, tx.clone(), &mut inspector)?;
        let found = inspector.into_access_list();
        if found == tx.access_list || rounds == LIST_ROUNDS_MAX {
            return Ok(AccessListOutcome { access_list: found, outcome: outcome(result) });
        }
        tx.access_list = found;
    }
}

/// Why a watched run gave no trace.
enum Watched {
    Trace(TraceError),
    Halt(Halt),
}

impl From<Halt> for Watched {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// Tells the asker's errors from those of the run.
fn split<T>(watched: Result<T, Watched>) -> Result<Result<T, TraceError>, Halt> {
    match watched {
        Ok(value) => Ok(Ok(value)),
        Err(Watched::Trace(error)) => Ok(Err(error)),
        Err(Watched::Halt(halt)) => Err(halt),
    }
}

fn run_again(
    evm: &mut CacheEvm<'_>,
    replay: &Replay,
    options: &TraceOptions,
) -> Result<Vec<Trace>, Watched> {
    let mut traces = Vec::new();
    let mut standings = Standings::default();
    let mut steps = 0;
    for (index, tx) in replay.transactions.iter().enumerate().take(replay.traced.end) {
        check_sender(evm, &mut standings, tx, u64::MAX, false)?;
        let state = if replay.traced.contains(&index) {
            let context = TransactionContext {
                block_hash: Some(replay.block_hash),
                tx_index: Some(index),
                tx_hash: Some(tx.hash()),
            };
            let (trace, state) = trace_one(evm, tx_env(tx), Some(context), options)?;
            steps += steps_of(&trace);
            if steps >= STEPS_MAX {
                return Err(Watched::Trace(TraceError::TooLong));
            }
            traces.push(trace);
            state
        } else {
            watch(evm, tx_env(tx), revm::inspector::NoOpInspector)?.state
        };
        let origin = Origin { sender: tx.sender(), block: replay.env.number };
        if evm.ctx.journaled_state.database.commit(state, origin).contains(&members::ADDRESS) {
            standings.forget();
        }
    }
    Ok(traces)
}

fn trace_one(
    evm: &mut CacheEvm<'_>,
    tx: TxEnv,
    context: Option<TransactionContext>,
    options: &TraceOptions,
) -> Result<(Trace, revm::state::EvmState), Watched> {
    let mut inspector = inspector(options.clone()).map_err(Watched::Trace)?;
    let result = watch(evm, tx.clone(), &mut inspector)?;
    let block = evm.ctx.block.clone();
    let mut loaded = Loaded(RefCell::new(evm.ctx.journaled_state.database.reborrow()));
    let trace = inspector.get_result(context, &tx, &block, &result, &mut loaded);
    let trace = trace.map_err(|error| Halt::Fatal(error.to_string()))?;
    Ok((trace, result.state))
}

/// Runs a transaction on the EVM's cache under the eyes of an inspector. Nothing is committed.
pub(crate) fn watch<I>(
    evm: &mut CacheEvm<'_>,
    tx: TxEnv,
    inspector: I,
) -> Result<ResultAndState, Halt>
where
    I: for<'a> Inspector<EvmContext<View<'a>>>,
{
    let (cfg, block, rights) = (evm.ctx.cfg.clone(), evm.ctx.block.clone(), evm.ctx.chain);
    let precompiles = evm.precompiles.clone();
    let view = evm.ctx.journaled_state.database.reborrow();
    let result = {
        let mut watched = assemble(view, cfg, block).with_inspector(inspector);
        watched.ctx.chain = rights;
        watched.precompiles = precompiles;
        watched.inspect_tx(tx)
    };
    result.map_err(|error| halt(evm, error))
}

/// The tracer that the options ask for, with its memory bounded.
fn inspector(options: TraceOptions) -> Result<DebugInspector, TraceError> {
    let limited = |inspector: TracingInspector| {
        let limits = TraceLimits::default()
            .set_max_recorded_bytes(Some(RECORDED_BYTES_MAX))
            .set_behavior(TraceLimitBehavior::Halt);
        inspector.with_limits(limits)
    };
    let tracer: DebugInspector =
        DebugInspector::new(options).map_err(|error| TraceError::Tracer(error.to_string()))?;
    Ok(match tracer {
        DebugInspector::CallTracer(one, config) => DebugInspector::CallTracer(limited(one), config),
        DebugInspector::PreStateTracer(one, config) => {
            DebugInspector::PreStateTracer(limited(one), config)
        }
        DebugInspector::FlatCallTracer(one) => DebugInspector::FlatCallTracer(limited(one)),
        DebugInspector::Default(one, config) => DebugInspector::Default(limited(one), config),
        other => other,
    })
}

/// Checks the options before anything runs, and cuts their step limit.
fn bounded(mut options: TraceOptions) -> Result<TraceOptions, TraceError> {
    let asked = options.config.limit.filter(|limit| *limit > 0).unwrap_or(STEPS_MAX);
    options.config.limit = Some(asked.min(STEPS_MAX));
    inspector(options.clone())?;
    Ok(options)
}

fn steps_of(trace: &Trace) -> u64 {
    match trace {
        GethTrace::Default(frame) => frame.struct_logs.len() as u64,
        _ => 0,
    }
}

/// The cache behind the reading interface that tracers ask after a run.
struct Loaded<'a>(RefCell<View<'a>>);

impl DatabaseRef for Loaded<'_> {
    type Error = CacheError;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, CacheError> {
        self.0.borrow_mut().basic(address)
    }

    fn code_by_hash_ref(&self, hash: B256) -> Result<Bytecode, CacheError> {
        self.0.borrow_mut().code_by_hash(hash)
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, CacheError> {
        self.0.borrow_mut().storage(address, slot)
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, CacheError> {
        self.0.borrow_mut().block_hash(number)
    }
}
