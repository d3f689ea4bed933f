//! The asynchronous driver of the synchronous EVM: a run that misses a value is run again with
//! the value, and a run that misses many waits for them on a thread of its own.

use std::sync::mpsc;

use alloy_eips::eip2935::{HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS};
use alloy_primitives::U256;
use qiao_module_kit::ADDRESS_PREFIX;
use qiao_types::StateSource;

use crate::{
    BlockEnvironment, ExecutionConfig, ExecutionError, Rejection,
    cache::{Cache, Name, Supply, View},
    evm::{self, assemble},
    transaction::{CacheEvm, Halt},
};

/// Most records of modules take no more slots than this.
const RECORD_SLOTS: usize = 4;

/// When the driver does what. None of it can be seen in the outcome.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tuning {
    /// Whether what the transactions name themselves is loaded before the first run.
    pub(crate) is_prefetching: bool,
    /// In so many rounds the whole rest of the block is tried when a value is missing, to learn
    /// what it will need; later each transaction fetches for itself.
    pub(crate) trial_rounds: usize,
    /// A run that was interrupted this often waits for its values from then on. Running again
    /// costs what the run has done so far; waiting costs two switches of threads per value.
    pub(crate) interruptions_max: usize,
    /// A transaction with more calldata than this is costly to run again, so it waits after its
    /// first interruption and is never tried.
    pub(crate) retried_calldata_bytes_max: usize,
    /// The same for a transaction that allows itself more gas than this.
    pub(crate) retried_gas_max: u64,
}

impl Tuning {
    /// How often this transaction may be interrupted before it waits.
    pub(crate) fn interruptions_max(&self, calldata: &[u8], gas_limit: u64) -> usize {
        if self.is_costly(calldata, gas_limit) { 1 } else { self.interruptions_max }
    }

    /// Whether running this transaction again may cost more than waiting for its values.
    pub(crate) fn is_costly(&self, calldata: &[u8], gas_limit: u64) -> bool {
        calldata.len() > self.retried_calldata_bytes_max || gas_limit > self.retried_gas_max
    }
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            is_prefetching: true,
            trial_rounds: 8,
            interruptions_max: 4,
            retried_calldata_bytes_max: 16 * 1024,
            retried_gas_max: 2_000_000,
        }
    }
}

/// The chain and the block, from which an EVM can be built at any time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) config: ExecutionConfig,
    pub(crate) env: BlockEnvironment,
}

impl Setup {
    /// An EVM over this cache and what `source` has at hand. It cannot be held while the driver
    /// waits for the source.
    pub(crate) fn evm<'a>(
        &self,
        cache: &'a mut Cache,
        source: Option<&'a dyn StateSource>,
    ) -> CacheEvm<'a> {
        let view = View::new(cache, source);
        let mut evm = assemble(view, evm::cfg(&self.config), evm::block_env(&self.env));
        evm.ctx.chain.permission = self.config.permission;
        evm
    }
}

/// The slots of a module in which a record goes on that begins in this one: who reads the first
/// reads the others too.
fn neighbours(name: &Name) -> impl Iterator<Item = Name> + use<> {
    let found = match *name {
        Name::Slot(address, slot) if address[..ADDRESS_PREFIX.len()] == ADDRESS_PREFIX => {
            Some((address, slot))
        }
        _ => None,
    };
    found.into_iter().flat_map(|(address, slot)| {
        (1..RECORD_SLOTS)
            .map(move |offset| Name::Slot(address, slot.wrapping_add(U256::from(offset))))
    })
}

/// Loads values into the cache.
pub(crate) async fn load(
    cache: &mut Cache,
    source: &dyn StateSource,
    names: Vec<Name>,
) -> Result<(), ExecutionError> {
    let mut names: Vec<Name> = names.into_iter().filter(|name| !cache.has(name)).collect();
    if names.is_empty() {
        return Ok(());
    }
    let neighbours: Vec<Name> = names.iter().flat_map(neighbours).collect();
    names.extend(neighbours.into_iter().filter(|name| !cache.has(name)));
    names.sort_unstable();
    names.dedup();
    let keys: Vec<_> = names.iter().map(Name::key).collect();
    let values = source.read(&keys).await?;
    assert_eq!(values.len(), names.len(), "a source answers every key");
    for (name, value) in names.into_iter().zip(values) {
        cache.insert(name, value).map_err(|error| ExecutionError::Fatal(error.to_string()))?;
    }
    Ok(())
}

/// The block's first write (EIP-2935): the parent's hash goes into the history contract's ring.
///
/// Written directly: the contract's code does nothing else, and nobody pays for the call.
pub(crate) async fn begin_block(
    cache: &mut Cache,
    source: &dyn StateSource,
    env: &BlockEnvironment,
) -> Result<(), ExecutionError> {
    let Some(parent) = env.number.checked_sub(1) else { return Ok(()) };
    let slot = U256::from(parent % HISTORY_SERVE_WINDOW as u64);
    let account = Name::Account(HISTORY_STORAGE_ADDRESS);
    load(cache, source, vec![account, Name::Slot(HISTORY_STORAGE_ADDRESS, slot)]).await?;
    cache
        .set_slot(HISTORY_STORAGE_ADDRESS, slot, env.parent_hash.into())
        .map_err(|error| ExecutionError::Fatal(error.to_string()))
}

/// Runs a job on an EVM over the cache until it has all the values that it needs.
///
/// The job must do the same each time that it is run; only its last run has an effect.
pub(crate) async fn run<T, J>(
    mut cache: Cache,
    setup: Setup,
    source: &dyn StateSource,
    interruptions_max: usize,
    job: J,
) -> Result<(Cache, Result<T, Rejection>), ExecutionError>
where
    T: Send + 'static,
    J: Fn(&mut CacheEvm<'_>) -> Result<T, Halt> + Send + 'static,
{
    for _ in 0..interruptions_max {
        // The EVM cannot be held while the source is asked.
        let outcome = job(&mut setup.evm(&mut cache, Some(source)));
        match outcome {
            Err(Halt::Missing) => {
                let missing = cache.take_missing();
                load(&mut cache, source, missing).await?;
            }
            ended => return Ok((cache, rejection(ended)?)),
        }
    }
    let (cache, ended) = run_waiting(cache, setup, source, job).await?;
    Ok((cache, rejection(ended)?))
}

/// Tells a rejection, which is an answer, from what ends the work.
pub(crate) fn rejection<T>(ended: Result<T, Halt>) -> Result<Result<T, Rejection>, ExecutionError> {
    match ended {
        Ok(value) => Ok(Ok(value)),
        Err(Halt::Rejected(reason)) => Ok(Err(reason)),
        Err(Halt::Fatal(reason)) => Err(ExecutionError::Fatal(reason)),
        Err(Halt::Missing) => Err(ExecutionError::Fatal("a value stayed missing".into())),
    }
}

/// Runs a job on a thread that asks for each missing value and waits for it.
///
/// The thread runs only while this function waits for it and the other way round: the two take
/// turns, nothing is concurrent, and the outcome does not depend on the scheduler.
pub(crate) async fn run_waiting<T, J>(
    mut cache: Cache,
    setup: Setup,
    source: &dyn StateSource,
    job: J,
) -> Result<(Cache, Result<T, Halt>), ExecutionError>
where
    T: Send + 'static,
    J: FnOnce(&mut CacheEvm<'_>) -> Result<T, Halt> + Send + 'static,
{
    let (wanted, wishes) = mpsc::channel();
    let (answers, values) = mpsc::channel();
    cache.set_supply(Some(Supply { wanted, values: values.into() }));
    let thread = std::thread::Builder::new()
        .name("execution".into())
        .spawn(move || {
            let outcome = job(&mut setup.evm(&mut cache, None));
            cache.set_supply(None);
            (cache, outcome)
        })
        .map_err(|error| ExecutionError::Fatal(format!("no thread for execution: {error}")))?;
    while let Ok(name) = wishes.recv() {
        let mut read = source.read(&[name.key()]).await?;
        let value = read.pop().expect("a source answers every key");
        if answers.send(value).is_err() {
            break;
        }
    }
    match thread.join() {
        Ok(done) => Ok(done),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}
