//! What a developer may do to the chain and nobody may do to a network.

use std::collections::BTreeSet;
use std::sync::Arc;

use alloy_primitives::{KECCAK256_EMPTY, keccak256};
use qiao_api::ChainFailure;
use qiao_types::{AccountState, Address, B256, Bytes, MemoryState, StateChange, StateKey, U256};

use crate::{blocks::now_ms, chain::DevChain};

/// Blocks that one request may make.
pub const MINED_MAX: u64 = 100_000;

/// Snapshots that are kept; the oldest gives way.
const SNAPSHOTS_MAX: usize = 1_000;

/// The chain cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlError {
    /// The request contradicts the chain.
    Refused(String),
    /// The chain failed.
    Failure(ChainFailure),
}

impl From<ChainFailure> for ControlError {
    fn from(failure: ChainFailure) -> Self {
        Self::Failure(failure)
    }
}

/// The clock, the snapshots, and who may be impersonated.
pub(crate) struct Control {
    pub(crate) is_automining: bool,
    pub(crate) gas_limit: u64,
    pub(crate) beneficiary: Address,
    pub(crate) impersonated: BTreeSet<Address>,
    pub(crate) impersonates_all: bool,
    /// What the next block's `PREVRANDAO` answers, if somebody said it.
    pub(crate) prev_randao: Option<B256>,
    /// Seconds by which the chain's clock is ahead of the machine's.
    offset_seconds: i64,
    /// The time of the next block, if somebody said it.
    next: Option<u64>,
    snapshots: Vec<Snapshot>,
    last_snapshot: u64,
}

struct Snapshot {
    id: u64,
    height: u64,
    state: Arc<MemoryState>,
    offset_seconds: i64,
}

impl Control {
    pub(crate) fn new(gas_limit: u64) -> Self {
        Self {
            is_automining: true,
            gas_limit,
            beneficiary: Address::ZERO,
            impersonated: BTreeSet::new(),
            impersonates_all: false,
            prev_randao: None,
            offset_seconds: 0,
            next: None,
            snapshots: Vec::new(),
            last_snapshot: 0,
        }
    }

    /// The time of the block after one at `previous`: later, as on Ethereum.
    pub(crate) fn next_timestamp(&self, previous: u64, now: u64) -> u64 {
        let usual = now.saturating_add_signed(self.offset_seconds).max(previous + 1);
        self.next.unwrap_or(usual)
    }

    /// A block was made at this time: the clock goes on from there.
    pub(crate) fn follow(&mut self, timestamp: u64, now: u64) {
        self.prev_randao = None;
        let ahead = timestamp as i64 - now as i64;
        if self.next.take().is_some() || ahead > self.offset_seconds {
            self.offset_seconds = ahead;
        }
    }

    /// Whether the node sends for this account without its key.
    pub(crate) fn is_impersonated(&self, account: &Address) -> bool {
        self.impersonates_all || self.impersonated.contains(account)
    }
}

impl DevChain {
    /// Remembers the chain as it is, for [`DevChain::revert`].
    pub async fn snapshot(&self) -> u64 {
        let _making = self.making().await;
        let (block, state) = self.newest();
        let mut control = self.control();
        control.last_snapshot += 1;
        let (id, offset_seconds) = (control.last_snapshot, control.offset_seconds);
        control.snapshots.push(Snapshot {
            id,
            height: block.block.number(),
            state,
            offset_seconds,
        });
        if control.snapshots.len() > SNAPSHOTS_MAX {
            control.snapshots.remove(0);
        }
        id
    }

    /// Goes back to a snapshot, which is used up with all later ones; tells whether it existed.
    ///
    /// # Errors
    /// The index failed.
    pub async fn revert(&self, id: u64) -> Result<bool, ChainFailure> {
        let _making = self.making().await;
        let snapshot = {
            let mut control = self.control();
            let place = control.snapshots.iter().position(|snapshot| snapshot.id == id);
            let Some(place) = place else { return Ok(false) };
            let mut rest = control.snapshots.split_off(place);
            let snapshot = rest.swap_remove(0);
            control.offset_seconds = snapshot.offset_seconds;
            control.next = None;
            snapshot
        };
        self.go_back(snapshot.height, snapshot.state).await?;
        Ok(true)
    }

    /// Makes blocks with a distance of `interval_seconds`.
    ///
    /// # Errors
    /// More than [`MINED_MAX`] blocks, or the chain failed.
    pub async fn mine(&self, count: u64, interval_seconds: u64) -> Result<(), ControlError> {
        if count > MINED_MAX {
            return Err(ControlError::Refused(format!("at most {MINED_MAX} blocks at a time")));
        }
        Ok(self.make_blocks(count, interval_seconds).await?)
    }

    /// Starts anew at block 0 and forgets snapshots, clock and impersonations.
    ///
    /// # Errors
    /// The index failed.
    pub async fn reset(&self) -> Result<(), ChainFailure> {
        self.restart().await
    }

    /// Puts the clock forward and tells by how many seconds it is ahead by now.
    pub fn increase_time(&self, seconds: u64) -> i64 {
        let mut control = self.control();
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        control.offset_seconds = control.offset_seconds.saturating_add(seconds);
        control.offset_seconds
    }

    /// Sets the clock and tells by how many seconds it is ahead by now.
    pub fn set_time(&self, timestamp: u64) -> i64 {
        let mut control = self.control();
        control.offset_seconds = timestamp as i64 - (now_ms() / 1_000) as i64;
        control.offset_seconds
    }

    /// Sets the time of the next block.
    ///
    /// # Errors
    /// It is not later than the newest block.
    pub fn set_next_timestamp(&self, timestamp: u64) -> Result<(), ControlError> {
        let previous = self.newest().0.block.header.timestamp;
        if timestamp <= previous {
            return Err(ControlError::Refused(format!(
                "timestamp {timestamp} is lower than or equal to previous block's timestamp \
                 {previous}"
            )));
        }
        self.control().next = Some(timestamp);
        Ok(())
    }

    /// Writes a balance.
    ///
    /// # Errors
    /// The state is damaged.
    pub async fn set_balance(&self, account: Address, balance: U256) -> Result<(), ChainFailure> {
        self.change_account(account, |state| state.balance = balance).await
    }

    /// Adds to a balance.
    ///
    /// # Errors
    /// The state is damaged.
    pub async fn add_balance(&self, account: Address, amount: U256) -> Result<(), ChainFailure> {
        let add = move |state: &mut AccountState| {
            state.balance = state.balance.saturating_add(amount);
        };
        self.change_account(account, add).await
    }

    /// Writes a nonce.
    ///
    /// # Errors
    /// The nonce is lower than the account's: its old transactions would be valid again.
    pub async fn set_nonce(&self, account: Address, nonce: u64) -> Result<(), ControlError> {
        let (_, state) = self.newest();
        let current = read_account(&state, account)?.nonce;
        if nonce < current {
            return Err(ControlError::Refused(format!(
                "new nonce {nonce} should not be smaller than current nonce {current}"
            )));
        }
        Ok(self.change_account(account, |state| state.nonce = nonce).await?)
    }

    /// Writes code.
    ///
    /// # Errors
    /// The state is damaged.
    pub async fn set_code(&self, account: Address, code: Bytes) -> Result<(), ChainFailure> {
        let hash = if code.is_empty() { KECCAK256_EMPTY } else { keccak256(&code) };
        self.rewrite(move |state| {
            let mut changes =
                vec![account_change(state, account, |changed| changed.code_hash = hash)?];
            if !code.is_empty() {
                let key = StateKey::code(hash);
                changes.push(StateChange { key, before: None, after: Some(code) });
            }
            Ok(changes)
        })
        .await
    }

    /// Writes a slot.
    ///
    /// # Errors
    /// The state is damaged.
    pub async fn set_storage(
        &self,
        account: Address,
        slot: U256,
        value: B256,
    ) -> Result<(), ChainFailure> {
        self.rewrite(move |state| {
            let key = StateKey::storage(account, slot);
            let after = (!value.is_zero()).then(|| Bytes::copy_from_slice(value.as_slice()));
            Ok(vec![StateChange { key, before: state.get(&key).cloned(), after }])
        })
        .await
    }

    async fn change_account(
        &self,
        account: Address,
        change: impl FnOnce(&mut AccountState) + Send,
    ) -> Result<(), ChainFailure> {
        self.rewrite(move |state| Ok(vec![account_change(state, account, change)?])).await
    }
}

fn account_change(
    state: &MemoryState,
    account: Address,
    change: impl FnOnce(&mut AccountState),
) -> Result<StateChange, ChainFailure> {
    let key = StateKey::account(account);
    let mut changed = read_account(state, account)?;
    change(&mut changed);
    // EIP-161: an empty account does not exist.
    let after = (changed != AccountState::default()).then(|| changed.encode());
    Ok(StateChange { key, before: state.get(&key).cloned(), after })
}

fn read_account(state: &MemoryState, account: Address) -> Result<AccountState, ChainFailure> {
    let Some(bytes) = state.get(&StateKey::account(account)) else {
        return Ok(AccountState::default());
    };
    AccountState::decode(bytes).map_err(|malformed| ChainFailure::Store(malformed.to_string()))
}
