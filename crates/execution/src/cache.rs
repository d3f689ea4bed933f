//! The part of the state that a block has met: what it was in the parent state, what it is by now.

use std::{
    collections::BTreeSet,
    ops::{Deref, DerefMut},
    sync::{
        Mutex,
        mpsc::{Receiver, Sender},
    },
};

use alloy_eips::eip2935::{HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS};
use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY, U256,
    map::{HashMap, HashSet},
};
use qiao_modules::contracts::{self, Creation};
use qiao_types::{AccountState, StateChange, StateKey, StateSource};
use revm::{
    Database,
    bytecode::Bytecode,
    database_interface::DBErrorMarker,
    state::{Account, AccountInfo, EvmState},
};

/// Something of the state by its Ethereum name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Account(Address),
    Slot(Address, U256),
    Code(B256),
}

impl Name {
    pub(crate) fn key(&self) -> StateKey {
        match *self {
            Self::Account(address) => StateKey::account(address),
            Self::Slot(address, slot) => StateKey::storage(address, slot),
            Self::Code(hash) => StateKey::code(hash),
        }
    }
}

/// Why the cache could not answer the EVM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CacheError {
    #[error("value is not loaded")]
    Missing,
    #[error("{0}")]
    Corrupt(String),
}

impl DBErrorMarker for CacheError {}

/// The other end of a cache whose run waits for values instead of being run again.
#[derive(Debug)]
pub(crate) struct Supply {
    pub(crate) wanted: Sender<Name>,
    /// Behind a lock only so that a cache may be shared between threads.
    pub(crate) values: Mutex<Receiver<Option<Bytes>>>,
}

#[derive(Debug, Clone, Copy)]
struct Tracked<T> {
    parent: T,
    current: T,
}

impl<T: Copy> Tracked<T> {
    fn unchanged(value: T) -> Self {
        Self { parent: value, current: value }
    }
}

#[derive(Debug, Clone)]
struct Code {
    bytecode: Bytecode,
    is_new: bool,
}

/// Whose transaction it is that leaves changes, for the contracts that it created.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) sender: Address,
    pub(crate) block: u64,
}

/// The part of the state that a block has met.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    accounts: HashMap<Address, Tracked<Option<AccountState>>>,
    slots: HashMap<(Address, U256), Tracked<U256>>,
    codes: HashMap<B256, Code>,
    /// Accounts whose storage a caller replaced for one call.
    replaced_storage: HashSet<Address>,
    missing: BTreeSet<Name>,
    supply: Option<Supply>,
}

impl Cache {
    /// Whether a value is there.
    pub(crate) fn has(&self, name: &Name) -> bool {
        match name {
            Name::Account(address) => self.accounts.contains_key(address),
            Name::Slot(address, slot) => self.slots.contains_key(&(*address, *slot)),
            Name::Code(hash) => *hash == KECCAK256_EMPTY || self.codes.contains_key(hash),
        }
    }

    /// Takes a value of the parent state in. What is there already stays.
    pub(crate) fn insert(&mut self, name: Name, value: Option<Bytes>) -> Result<(), CacheError> {
        if self.has(&name) {
            return Ok(());
        }
        match name {
            Name::Account(address) => {
                let account = value
                    .map(|bytes| AccountState::decode(&bytes))
                    .transpose()
                    .map_err(|error| CacheError::Corrupt(format!("account {address}: {error}")))?;
                self.accounts.insert(address, Tracked::unchanged(account));
            }
            Name::Slot(address, slot) => {
                let value = decode_slot(address, slot, value)?;
                self.slots.insert((address, slot), Tracked::unchanged(value));
            }
            Name::Code(hash) => {
                let bytes = value
                    .ok_or_else(|| CacheError::Corrupt(format!("no code with hash {hash}")))?;
                let code = Code { bytecode: Bytecode::new_raw(bytes), is_new: false };
                self.codes.insert(hash, code);
            }
        }
        Ok(())
    }

    /// What the last run asked for in vain; forgets it.
    pub(crate) fn take_missing(&mut self) -> Vec<Name> {
        std::mem::take(&mut self.missing).into_iter().collect()
    }

    /// Whether the last run asked for something in vain.
    pub(crate) fn is_interrupted(&self) -> bool {
        !self.missing.is_empty()
    }

    /// From here on a missing value is waited for (or, with `None`, interrupts the run).
    pub(crate) fn set_supply(&mut self, supply: Option<Supply>) {
        self.supply = supply;
    }

    /// The account as it is by now, if it is loaded.
    pub(crate) fn account(&mut self, address: Address) -> Result<AccountState, CacheError> {
        self.require(Name::Account(address))?;
        Ok(self.accounts[&address].current.unwrap_or_default())
    }

    /// The code hashes of these accounts whose code is not loaded.
    pub(crate) fn codes_wanted(&self, addresses: impl Iterator<Item = Address>) -> Vec<Name> {
        addresses
            .filter_map(|address| self.accounts.get(&address)?.current)
            .map(|account| Name::Code(account.code_hash))
            .filter(|name| !self.has(name))
            .collect()
    }

    /// Sets a slot outside of any transaction.
    pub(crate) fn set_slot(
        &mut self,
        address: Address,
        slot: U256,
        value: U256,
    ) -> Result<(), CacheError> {
        self.require(Name::Slot(address, slot))?;
        self.write_slot(address, slot, value);
        Ok(())
    }

    /// Sets an account outside of any transaction; for calls on a changed state.
    pub(crate) fn set_account(
        &mut self,
        address: Address,
        account: AccountState,
        code: Option<Bytes>,
    ) -> Result<(), CacheError> {
        self.require(Name::Account(address))?;
        self.write_account(address, Some(account));
        if let Some(code) = code.filter(|code| !code.is_empty()) {
            self.add_code(account.code_hash, Bytecode::new_raw(code));
        }
        Ok(())
    }

    /// Sets a slot whatever it was, for calls on a changed state.
    pub(crate) fn override_slot(&mut self, address: Address, slot: U256, value: U256) {
        self.write_slot(address, slot, value);
    }

    /// From here on this account has no storage but what is set; for calls on a changed state.
    pub(crate) fn replace_storage(&mut self, address: Address) {
        let slots = self.slots.iter_mut().filter(|((owner, _), _)| *owner == address);
        slots.for_each(|(_, value)| value.current = U256::ZERO);
        self.replaced_storage.insert(address);
    }

    /// Takes over what a transaction changed. Returns the accounts whose storage changed.
    pub(crate) fn commit(&mut self, state: EvmState, origin: Origin) -> BTreeSet<Address> {
        let mut changed = BTreeSet::new();
        for (address, account) in state {
            if !account.is_touched() {
                continue;
            }
            if account.is_selfdestructed() || account.is_empty() {
                // EIP-6780 destroys only what the same transaction created: its slots were never
                // taken over. EIP-161 clears accounts that are empty.
                self.write_account(address, None);
                continue;
            }
            if account.is_created() {
                self.record_creation(address, origin);
            }
            if self.commit_account(address, account) {
                changed.insert(address);
            }
        }
        changed
    }

    /// Leaves word of who created a contract, for the module `contracts`. An address holds a contract
    /// once, so the slot was empty before.
    fn record_creation(&mut self, address: Address, origin: Origin) {
        let creation = Creation { creator: origin.sender, block: origin.block };
        self.write_slot(contracts::ADDRESS, contracts::creation_slot(address), creation.to_slot());
    }

    fn commit_account(&mut self, address: Address, account: Account) -> bool {
        let Account { info, storage, .. } = account;
        if let Some(code) = info.code.filter(|_| info.code_hash != KECCAK256_EMPTY) {
            self.add_code(info.code_hash, code);
        }
        let state =
            AccountState { nonce: info.nonce, balance: info.balance, code_hash: info.code_hash };
        self.write_account(address, Some(state));
        let mut is_changed = false;
        for (slot, value) in storage.into_iter().filter(|(_, value)| value.is_changed()) {
            self.write_slot(address, slot, value.present_value);
            is_changed = true;
        }
        is_changed
    }

    /// The code that this block brought in: its keys have to be read before
    /// [`Cache::into_changes`], because the same code may exist already.
    pub(crate) fn new_codes(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self
            .codes
            .iter()
            .filter(|(_, code)| code.is_new)
            .map(|(hash, _)| Name::Code(*hash))
            .collect();
        names.sort_unstable();
        names
    }

    /// The real changes against the parent state, sorted by key. `known_codes` exist already.
    pub(crate) fn into_changes(self, known_codes: &BTreeSet<Name>) -> Vec<StateChange> {
        let accounts =
            self.accounts.into_iter().filter(|(_, account)| account.parent != account.current).map(
                |(address, account)| StateChange {
                    key: StateKey::account(address),
                    before: account.parent.map(|account| account.encode()),
                    after: account.current.map(|account| account.encode()),
                },
            );
        let slots = self.slots.into_iter().filter(|(_, value)| value.parent != value.current).map(
            |((address, slot), value)| StateChange {
                key: StateKey::storage(address, slot),
                before: encode_slot(value.parent),
                after: encode_slot(value.current),
            },
        );
        let codes = self
            .codes
            .into_iter()
            .filter(|(hash, code)| code.is_new && !known_codes.contains(&Name::Code(*hash)))
            .map(|(hash, code)| StateChange {
                key: StateKey::code(hash),
                before: None,
                after: Some(code.bytecode.original_bytes()),
            });
        let mut changes: Vec<StateChange> = accounts.chain(slots).chain(codes).collect();
        changes.sort_unstable_by_key(|change| change.key);
        changes
    }

    fn write_account(&mut self, address: Address, account: Option<AccountState>) {
        let tracked =
            self.accounts.get_mut(&address).expect("an account is loaded before it is changed");
        tracked.current = account;
    }

    fn write_slot(&mut self, address: Address, slot: U256, value: U256) {
        // A slot of a contract created in this block was never read: it was zero.
        let tracked = self.slots.entry((address, slot)).or_insert(Tracked::unchanged(U256::ZERO));
        tracked.current = value;
    }

    fn add_code(&mut self, hash: B256, bytecode: Bytecode) {
        self.codes.entry(hash).or_insert(Code { bytecode, is_new: true });
    }

    /// Makes a value present or says that it is missing.
    fn require(&mut self, name: Name) -> Result<(), CacheError> {
        if self.has(&name) {
            return Ok(());
        }
        let Some(supply) = &self.supply else {
            self.missing.insert(name);
            return Err(CacheError::Missing);
        };
        // The driver hangs up when the source fails; it then knows the reason.
        supply.wanted.send(name).map_err(|_| CacheError::Missing)?;
        let value = supply
            .values
            .lock()
            .expect("no holder panics")
            .recv()
            .map_err(|_| CacheError::Missing)?;
        self.insert(name, value)
    }

    /// Whether the account was absent from the parent state: then its storage is empty.
    fn is_storage_known_empty(&self, address: Address) -> bool {
        self.replaced_storage.contains(&address)
            || self.accounts.get(&address).is_some_and(|account| account.parent.is_none())
    }
}

/// The cache as the EVM reads from it: with the source behind it, which answers at once for what it
/// has at hand. Only what it would have to wait for is missing.
pub(crate) struct View<'a> {
    cache: &'a mut Cache,
    source: Option<&'a dyn StateSource>,
}

impl<'a> View<'a> {
    /// What `source` has at hand is taken over when it is asked for.
    pub(crate) fn new(cache: &'a mut Cache, source: Option<&'a dyn StateSource>) -> Self {
        Self { cache, source }
    }

    /// The same view for a shorter time.
    pub(crate) fn reborrow(&mut self) -> View<'_> {
        View { cache: &mut *self.cache, source: self.source }
    }

    /// The account as it is by now.
    pub(crate) fn account(&mut self, address: Address) -> Result<AccountState, CacheError> {
        self.provide(Name::Account(address))?;
        self.cache.account(address)
    }

    /// Takes the value over if it is at hand.
    fn provide(&mut self, name: Name) -> Result<(), CacheError> {
        let Some(source) = self.source.filter(|_| !self.cache.has(&name)) else { return Ok(()) };
        match source.at_hand(&name.key()) {
            Some(value) => self.cache.insert(name, value),
            None => Ok(()),
        }
    }
}

impl Deref for View<'_> {
    type Target = Cache;

    fn deref(&self) -> &Cache {
        self.cache
    }
}

impl DerefMut for View<'_> {
    fn deref_mut(&mut self) -> &mut Cache {
        self.cache
    }
}

impl Database for View<'_> {
    type Error = CacheError;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, CacheError> {
        self.provide(Name::Account(address))?;
        self.require(Name::Account(address))?;
        Ok(self.accounts[&address].current.map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            account_id: None,
            code: None,
        }))
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, CacheError> {
        if hash == KECCAK256_EMPTY {
            return Ok(Bytecode::default());
        }
        self.provide(Name::Code(hash))?;
        self.require(Name::Code(hash))?;
        Ok(self.codes[&hash].bytecode.clone())
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, CacheError> {
        if let Some(value) = self.slots.get(&(address, slot)) {
            return Ok(value.current);
        }
        if self.is_storage_known_empty(address) {
            return Ok(U256::ZERO);
        }
        self.provide(Name::Slot(address, slot))?;
        self.require(Name::Slot(address, slot))?;
        Ok(self.slots[&(address, slot)].current)
    }

    /// EIP-2935: the hashes of past blocks are state like any other.
    fn block_hash(&mut self, number: u64) -> Result<B256, CacheError> {
        let slot = U256::from(number % HISTORY_SERVE_WINDOW as u64);
        Ok(self.storage(HISTORY_STORAGE_ADDRESS, slot)?.into())
    }
}

fn decode_slot(address: Address, slot: U256, value: Option<Bytes>) -> Result<U256, CacheError> {
    let Some(bytes) = value else { return Ok(U256::ZERO) };
    if bytes.len() != 32 {
        let length = bytes.len();
        return Err(CacheError::Corrupt(format!("slot {slot} of {address} has {length} bytes")));
    }
    Ok(U256::from_be_slice(&bytes))
}

pub(crate) fn encode_slot(value: U256) -> Option<Bytes> {
    (!value.is_zero()).then(|| Bytes::copy_from_slice(&value.to_be_bytes::<32>()))
}
