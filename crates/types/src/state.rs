//! The key-value state: what accounts, slots and code are called, how an account is encoded, and
//! the one way in which everybody above the store reads it.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256};
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

/// The name of one entry of the state: SHA-256 of a domain byte and the Ethereum name.
///
/// Hashing spreads the keys of one contract evenly over the ordered index and gives every key the
/// same length; the domain byte keeps accounts, slots and code apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateKey(pub B256);

impl StateKey {
    /// The entry of an account: nonce, balance and code hash.
    pub fn account(address: Address) -> Self {
        Self::of(b'a', &[address.as_slice()])
    }

    /// The entry of one storage slot; 32 bytes big endian; a zero slot has no entry.
    pub fn storage(address: Address, slot: U256) -> Self {
        Self::of(b's', &[address.as_slice(), &slot.to_be_bytes::<32>()])
    }

    /// The entry of a contract's code.
    pub fn code(code_hash: B256) -> Self {
        Self::of(b'c', &[code_hash.as_slice()])
    }

    fn of(domain: u8, parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([domain]);
        for part in parts {
            hasher.update(part);
        }
        Self(B256::from_slice(&hasher.finalize()))
    }
}

/// One entry that execution changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// Which entry.
    pub key: StateKey,
    /// Its value in the parent state; `None` where there was none.
    pub before: Option<Bytes>,
    /// Its value from here on; `None` removes the entry.
    pub after: Option<Bytes>,
}

/// The value under an account's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountState {
    /// The number of transactions sent (or contracts created).
    pub nonce: u64,
    /// The balance in wei.
    pub balance: U256,
    /// The hash of the code; keccak-256 of nothing for an account without code.
    pub code_hash: B256,
}

/// Stored account bytes are not the 72 bytes that an account takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stored account has {0} bytes instead of {len}", len = AccountState::ENCODED_BYTES)]
pub struct MalformedAccount(usize);

impl Default for AccountState {
    fn default() -> Self {
        Self { nonce: 0, balance: U256::ZERO, code_hash: KECCAK256_EMPTY }
    }
}

impl AccountState {
    /// nonce (8, big endian) ‖ balance (32, big endian) ‖ code hash (32).
    pub const ENCODED_BYTES: usize = 72;

    /// The stored form.
    pub fn encode(&self) -> Bytes {
        let mut out = Vec::with_capacity(Self::ENCODED_BYTES);
        out.extend_from_slice(&self.nonce.to_be_bytes());
        out.extend_from_slice(&self.balance.to_be_bytes::<32>());
        out.extend_from_slice(self.code_hash.as_slice());
        out.into()
    }

    /// Reads the stored form.
    pub fn decode(bytes: &[u8]) -> Result<Self, MalformedAccount> {
        let fixed: &[u8; Self::ENCODED_BYTES] =
            bytes.try_into().map_err(|_| MalformedAccount(bytes.len()))?;
        let (nonce, rest) = fixed.split_at(8);
        let (balance, code_hash) = rest.split_at(32);
        let mut nonce_bytes = [0; 8];
        nonce_bytes.copy_from_slice(nonce);
        Ok(Self {
            nonce: u64::from_be_bytes(nonce_bytes),
            balance: U256::from_be_slice(balance),
            code_hash: B256::from_slice(code_hash),
        })
    }
}

/// Somewhere to read state from: a speculative batch, a finalized block, a map in a test.
#[async_trait]
pub trait StateSource: Send + Sync {
    /// The values of these keys, in the same order; `None` where there is no entry.
    async fn read(&self, keys: &[StateKey]) -> Result<Vec<Option<Bytes>>, StateUnavailable>;

    /// The value of this key (`Some(None)` where there is no entry) if it can be told without
    /// waiting for anything: a disk, a lock, another task. `None` says nothing about the state; it
    /// has to be read then, and a failure shows there.
    fn at_hand(&self, _: &StateKey) -> Option<Option<Bytes>> {
        None
    }
}

/// The state asked for cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateUnavailable {
    /// The block is older than the window that this node keeps.
    #[error("state of block `{number}` is no longer kept; the oldest kept is `{oldest}`")]
    Pruned {
        /// The block asked for.
        number: u64,
        /// The oldest block whose state can be read.
        oldest: u64,
    },
    /// The block does not exist yet.
    #[error("block `{number}` does not exist; the head is `{head}`")]
    Unknown {
        /// The block asked for.
        number: u64,
        /// The newest block.
        head: u64,
    },
    /// The store failed.
    #[error("state store failed: {0}")]
    Store(String),
}

/// Parts of a [`MemoryState`]; the first byte of a key says in which it is.
const PARTS: usize = 256;

/// State in a map: for tests, for a developer's chain, and for computing the genesis state.
///
/// Copies share the parts in which they do not differ, so that the state after each of many blocks
/// can be kept.
#[derive(Debug, Clone)]
pub struct MemoryState {
    parts: Vec<Arc<BTreeMap<StateKey, Bytes>>>,
}

impl Default for MemoryState {
    fn default() -> Self {
        Self { parts: vec![Arc::default(); PARTS] }
    }
}

impl MemoryState {
    /// Takes over what a block changed.
    pub fn apply(&mut self, changes: &[StateChange]) {
        for change in changes {
            let part = Arc::make_mut(&mut self.parts[part_of(&change.key)]);
            match &change.after {
                Some(value) => part.insert(change.key, value.clone()),
                None => part.remove(&change.key),
            };
        }
    }

    /// The value of one key.
    pub fn get(&self, key: &StateKey) -> Option<&Bytes> {
        self.parts[part_of(key)].get(key)
    }

    /// All entries in the order of their keys.
    pub fn entries(&self) -> impl Iterator<Item = (&StateKey, &Bytes)> {
        self.parts.iter().flat_map(|part| part.iter())
    }
}

fn part_of(key: &StateKey) -> usize {
    usize::from(key.0[0])
}

#[async_trait]
impl StateSource for MemoryState {
    async fn read(&self, keys: &[StateKey]) -> Result<Vec<Option<Bytes>>, StateUnavailable> {
        Ok(keys.iter().map(|key| self.get(key).cloned()).collect())
    }

    fn at_hand(&self, key: &StateKey) -> Option<Option<Bytes>> {
        Some(self.get(key).cloned())
    }
}
