//! Executing calls that change nothing, away from the threads that serve requests.

use qiao_execution::{BlockEnvironment, CallError, CallOutcome, CallRequest, call, estimate_gas};
use qiao_types::{FinalizedBlock, StateUnavailable};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, SemaphorePermit},
    task,
};

use crate::{Chain, ChainFailure};

/// Calls executed at one time by this process; more wait for their turn.
const CALLS_MAX: usize = 8;

static TURNS: Semaphore = Semaphore::const_new(CALLS_MAX);

/// Runs a call on the newest final state.
pub async fn at_head(chain: &dyn Chain, request: CallRequest) -> Result<CallOutcome, CallError> {
    let head = chain.head();
    let block = chain.block_by_number(head.number).await.map_err(failed)?;
    let unknown = StateUnavailable::Unknown { number: head.number, head: head.number };
    at_block(chain, &*block.ok_or(unknown)?, request).await
}

/// Runs a call on the state after a block, as if in that block.
pub async fn at_block(
    chain: &dyn Chain,
    block: &FinalizedBlock,
    request: CallRequest,
) -> Result<CallOutcome, CallError> {
    in_environment(chain, block, BlockEnvironment::of(&block.block.header), request).await
}

/// Runs a call on the state after a block, in another environment than that block's.
pub async fn in_environment(
    chain: &dyn Chain,
    block: &FinalizedBlock,
    env: BlockEnvironment,
    request: CallRequest,
) -> Result<CallOutcome, CallError> {
    let config = *chain.execution();
    let source = chain.state_at(block.block.number()).await?;
    apart(async move { call(&config, &env, &*source, request).await }).await?
}

/// The gas with which a call succeeds on the state after a block.
pub async fn estimate(
    chain: &dyn Chain,
    block: &FinalizedBlock,
    env: BlockEnvironment,
    request: CallRequest,
) -> Result<u64, CallError> {
    let config = *chain.execution();
    let source = chain.state_at(block.block.number()).await?;
    apart(async move { estimate_gas(&config, &env, &*source, request).await }).await?
}

/// Waits for a turn and does work that keeps a processor busy on a thread that may be kept.
pub async fn apart<F>(work: F) -> Result<F::Output, CallError>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let _turn = turn().await;
    let runtime = Handle::current();
    let running = task::spawn_blocking(move || runtime.block_on(work));
    running.await.map_err(|error| CallError::Fatal(error.to_string()))
}

async fn turn() -> SemaphorePermit<'static> {
    TURNS.acquire().await.expect("the semaphore is never closed")
}

fn failed(failure: ChainFailure) -> CallError {
    match failure {
        ChainFailure::State(unavailable) => unavailable.into(),
        other => CallError::Fatal(other.to_string()),
    }
}
