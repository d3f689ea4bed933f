//! Blocks that nobody proposed: `eth_simulateV1` runs calls one after another, in one block or in
//! several, and shows the blocks that they would make.

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::{
    EMPTY_OMMER_ROOT_HASH, Header, SignableTransaction as _, TxEip1559, TxEip7702, TxEnvelope,
};
use alloy_eips::{
    eip2718::Encodable2718 as _,
    eip2935::{HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS},
};
use alloy_primitives::{Address, B256, Signature, TxKind, U256};
use qiao_types::{Block, ExecutedReceipt, SignedTransaction, StateSource};
use revm::inspector::NoOpInspector;

use crate::{
    AccountOverride, BlockEnvironment, CallError, CallOutcome, CallRequest, ExecutionConfig,
    Rejection,
    cache::{Cache, CacheError, Origin},
    call::{apply_one, lift_limits, outcome, relocate},
    driver::{self, Setup},
    evm,
    tracing::watch,
    transaction::{CacheEvm, Halt, receipt, tx_env},
    transfers::Transfers,
};

/// Blocks that one simulation may make, those counted that only fill a gap.
const BLOCKS_MAX: u64 = 256;

/// Seconds from a block to the next where the asker says nothing.
const INTERVAL_SECONDS: u64 = 12;

/// What to simulate.
#[derive(Debug, Clone, Default)]
pub struct Simulation {
    /// The blocks, in order.
    pub blocks: Vec<SimulationBlock>,
    /// Whether transfers of the native coin leave logs.
    pub logs_transfers: bool,
    /// Whether nonces are checked as in transactions.
    pub validates: bool,
}

/// One block of a simulation. What is absent follows from the block before it.
#[derive(Debug, Clone, Default)]
pub struct SimulationBlock {
    /// Its height.
    pub number: Option<u64>,
    /// Its time in seconds.
    pub timestamp: Option<u64>,
    /// Its gas limit.
    pub gas_limit: Option<u64>,
    /// Its beneficiary.
    pub beneficiary: Option<Address>,
    /// What `PREVRANDAO` answers.
    pub prevrandao: Option<B256>,
    /// What `BASEFEE` answers; nothing is charged.
    pub base_fee: Option<u64>,
    /// Accounts that are otherwise from this block on.
    pub overrides: BTreeMap<Address, AccountOverride>,
    /// The calls, in order.
    pub calls: Vec<CallRequest>,
}

/// One simulated block.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// The block; its transactions are signed by nobody, and its state root is zero.
    pub block: Block,
    /// What each transaction left.
    pub receipts: Vec<ExecutedReceipt>,
    /// How each call ended, with its whole output.
    pub outcomes: Vec<CallOutcome>,
}

/// Why nothing was simulated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulationError {
    /// The request contradicts itself.
    #[error(transparent)]
    Refused(#[from] SimulationRefused),
    /// A call cannot be executed.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// What is wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SimulationRefused {
    /// Heights must increase.
    #[error("block numbers must be in order: {number} <= {previous}")]
    Number {
        /// The height asked for.
        number: u64,
        /// The height before it.
        previous: u64,
    },
    /// Times must increase.
    #[error("block timestamps must be in order: {timestamp} <= {previous}")]
    Timestamp {
        /// The time asked for.
        timestamp: u64,
        /// The time before it.
        previous: u64,
    },
    /// More blocks than one simulation may make.
    #[error("too many blocks: at most {BLOCKS_MAX}")]
    TooManyBlocks,
    /// The calls of a block want more gas than it has.
    #[error("block gas limit reached: {gas} > {remaining}")]
    GasLimit {
        /// What a call wants.
        gas: u64,
        /// What is left.
        remaining: u64,
    },
}

/// Simulates blocks on top of a final one. Nothing changes.
pub async fn simulate(
    config: &ExecutionConfig,
    parent: &Header,
    source: &dyn StateSource,
    simulation: Simulation,
) -> Result<Vec<Simulated>, SimulationError> {
    let planned = plan(parent, simulation.blocks)?;
    let env = BlockEnvironment::of(parent);
    let setup = Setup { config: *config, env };
    let (config, parent) = (*config, parent.clone());
    let (logs_transfers, validates) = (simulation.logs_transfers, simulation.validates);
    let job = move |evm: &mut CacheEvm<'_>| {
        lift_limits(&mut evm.ctx.cfg);
        evm.ctx.cfg.disable_nonce_check = !validates;
        evm.ctx.cfg.disable_base_fee = true;
        let gas_left = config.block_gas_limit;
        let mut run = Run { config, logs_transfers, previous: parent, gas_left };
        let mut done = Vec::new();
        for block in planned {
            match run.block(evm, block) {
                Ok(block) => done.push(block),
                Err(Stop::Refused(refused)) => return Ok(Err(refused)),
                Err(Stop::Halt(halt)) => return Err(halt),
            }
        }
        Ok(Ok(done))
    };
    let ended = driver::run_waiting(Cache::default(), setup, source, job).await;
    let (_, ended) = ended.map_err(CallError::from)?;
    let ended = driver::rejection(ended).map_err(CallError::from)?.map_err(CallError::Rejected)?;
    Ok(ended?)
}

/// Puts blocks into the gaps between the heights asked for, and gives each a height and a time.
fn plan(
    parent: &Header,
    asked: Vec<SimulationBlock>,
) -> Result<Vec<SimulationBlock>, SimulationRefused> {
    let (mut number, mut time) = (parent.number, parent.timestamp);
    let mut planned = Vec::new();
    for block in asked {
        let wanted = block.number.unwrap_or(number + 1);
        if wanted <= number {
            return Err(SimulationRefused::Number { number: wanted, previous: number });
        }
        if wanted - parent.number > BLOCKS_MAX {
            return Err(SimulationRefused::TooManyBlocks);
        }
        while number + 1 < wanted {
            (number, time) = (number + 1, time.saturating_add(INTERVAL_SECONDS));
            planned.push(SimulationBlock {
                number: Some(number),
                timestamp: Some(time),
                ..SimulationBlock::default()
            });
        }
        let timestamp = block.timestamp.unwrap_or(time.saturating_add(INTERVAL_SECONDS));
        if timestamp <= time {
            return Err(SimulationRefused::Timestamp { timestamp, previous: time });
        }
        (number, time) = (wanted, timestamp);
        planned.push(SimulationBlock { number: Some(number), timestamp: Some(time), ..block });
    }
    Ok(planned)
}

enum Stop {
    Refused(SimulationRefused),
    Halt(Halt),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<CacheError> for Stop {
    fn from(error: CacheError) -> Self {
        Self::Halt(error.into())
    }
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Halt(rejection.into())
    }
}

struct Run {
    config: ExecutionConfig,
    logs_transfers: bool,
    previous: Header,
    /// Gas that the whole simulation may still use: as much as one block.
    gas_left: u64,
}

impl Run {
    fn block(&mut self, evm: &mut CacheEvm<'_>, asked: SimulationBlock) -> Result<Simulated, Stop> {
        let parent_hash = self.previous.hash_slow();
        let env = BlockEnvironment {
            number: asked.number.expect("planned blocks have a height"),
            timestamp: asked.timestamp.expect("planned blocks have a time"),
            beneficiary: asked.beneficiary.unwrap_or(self.previous.beneficiary),
            gas_limit: asked.gas_limit.unwrap_or(self.previous.gas_limit),
            parent_hash,
            prev_randao: asked.prevrandao.unwrap_or(parent_hash),
        };
        evm.ctx.block = evm::block_env(&env);
        let base_fee = asked.base_fee.unwrap_or_default();
        evm.ctx.block.basefee = base_fee;
        let cache: &mut Cache = &mut evm.ctx.journaled_state.database;
        let slot = U256::from((env.number - 1) % HISTORY_SERVE_WINDOW as u64);
        cache.set_slot(HISTORY_STORAGE_ADDRESS, slot, env.parent_hash.into())?;
        relocate(&mut evm.precompiles, &asked.overrides)?;
        for (address, change) in &asked.overrides {
            apply_one(cache, *address, change)?;
        }
        let mut made = Simulated {
            block: Block { header: Header::default(), transactions: Vec::new() },
            receipts: Vec::new(),
            outcomes: Vec::new(),
        };
        let mut gas_used = 0;
        for call in asked.calls {
            gas_used = self.call(evm, call, env.gas_limit, gas_used, &mut made)?;
        }
        made.block.header = self.header(&env, base_fee, gas_used, &made);
        self.previous = made.block.header.clone();
        Ok(made)
    }

    /// Runs one call and returns the gas that the block has used by then.
    fn call(
        &mut self,
        evm: &mut CacheEvm<'_>,
        call: CallRequest,
        gas_limit: u64,
        gas_used: u64,
        made: &mut Simulated,
    ) -> Result<u64, Stop> {
        let remaining = self.gas_left.min(gas_limit - gas_used);
        let gas = call.gas.unwrap_or(remaining);
        if gas > remaining {
            return Err(Stop::Refused(SimulationRefused::GasLimit { gas, remaining }));
        }
        let account = evm.ctx.journaled_state.database.account(call.from)?;
        let (balance, value) = (account.balance, call.value);
        if balance < value {
            return Err(Rejection::InsufficientFunds { balance, value }.into());
        }
        let origin = Origin { sender: call.from, block: evm.ctx.block.number.saturating_to() };
        let tx = unsigned(&self.config, call, account.nonce, gas)?;
        let env = tx_env(&tx);
        let result = if self.logs_transfers {
            watch(evm, env, Transfers::default())?
        } else {
            watch(evm, env, NoOpInspector)?
        };
        evm.ctx.journaled_state.database.commit(result.state, origin);
        made.outcomes.push(outcome(result.result.clone()));
        let receipt = receipt(&tx, result.result, gas_used);
        self.gas_left = self.gas_left.saturating_sub(receipt.gas_used);
        let gas_used = gas_used + receipt.gas_used;
        made.receipts.push(receipt);
        made.block.transactions.push(tx);
        Ok(gas_used)
    }

    fn header(
        &self,
        env: &BlockEnvironment,
        base_fee: u64,
        gas_used: u64,
        made: &Simulated,
    ) -> Header {
        let (receipts_root, logs_bloom) = Block::receipts_root(&made.receipts);
        Header {
            parent_hash: env.parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: env.beneficiary,
            state_root: B256::ZERO,
            transactions_root: Block::transactions_root(&made.block.transactions),
            receipts_root,
            logs_bloom,
            number: env.number,
            gas_limit: env.gas_limit,
            gas_used,
            timestamp: env.timestamp,
            mix_hash: env.prev_randao,
            base_fee_per_gas: Some(base_fee),
            ..Header::default()
        }
    }
}

/// The call as a transaction whose signature is empty.
fn unsigned(
    config: &ExecutionConfig,
    call: CallRequest,
    next_nonce: u64,
    gas_limit: u64,
) -> Result<Arc<SignedTransaction>, Rejection> {
    let signature = Signature::new(U256::ZERO, U256::ZERO, false);
    let (chain_id, nonce) = (config.chain_id, call.nonce.unwrap_or(next_nonce));
    let (max_fee_per_gas, max_priority_fee_per_gas) = (call.gas_price, 0);
    let envelope = match call.to {
        Some(to) if !call.authorization_list.is_empty() => TxEnvelope::Eip7702(
            TxEip7702 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas,
                max_priority_fee_per_gas,
                to,
                value: call.value,
                access_list: call.access_list,
                authorization_list: call.authorization_list,
                input: call.data,
            }
            .into_signed(signature),
        ),
        to => TxEnvelope::Eip1559(
            TxEip1559 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas,
                max_priority_fee_per_gas,
                to: to.map_or(TxKind::Create, TxKind::Call),
                value: call.value,
                access_list: call.access_list,
                input: call.data,
            }
            .into_signed(signature),
        ),
    };
    let encoded = envelope.encoded_2718().into();
    SignedTransaction::decode_with_sender(encoded, call.from)
        .map(Arc::new)
        .map_err(|error| Rejection::Invalid(error.to_string()))
}
