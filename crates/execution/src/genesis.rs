//! The state of block 0.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, KECCAK256_EMPTY, keccak256};
use qiao_module_kit::{GenesisRefused, genesis_storage, stub_code};
use qiao_modules::MODULES;
use qiao_types::{AccountState, Genesis, GenesisAccount, StateChange, StateKey};

use crate::{cache::encode_slot, predeploys::predeploys};

/// What block 0 puts into the empty state, sorted by key: the genesis file's accounts, the
/// predeployed contracts, the modules' accounts and what they hold.
///
/// An account of the genesis file at the address of a predeployed contract replaces it. The state of
/// an earlier chain replaces all but the modules and contracts that it lacks.
///
/// # Errors
/// A module's rules exclude the genesis file (an account in two organisations, say), or the file
/// has an account at the address of a module.
pub fn genesis_changes(genesis: &Genesis) -> Result<Vec<StateChange>, GenesisRefused> {
    let mut accounts: BTreeMap<Address, GenesisAccount> = BTreeMap::new();
    for (address, code) in predeploys() {
        accounts.insert(address, GenesisAccount { nonce: 1, code, ..Default::default() });
    }
    accounts.extend(genesis.accounts.clone());
    let mut storage = genesis_storage(MODULES, genesis)?;
    for module in MODULES {
        if genesis.accounts.contains_key(&module.address) {
            let problem = format!("account {} is the module's own", module.address);
            return Err(GenesisRefused { module: module.name, problems: vec![problem] });
        }
        let storage = storage.remove(&module.address).unwrap_or_default();
        // Code keeps the account from being empty, and callers from finding nobody there.
        let code = stub_code();
        let account = GenesisAccount { nonce: 1, code, storage, ..Default::default() };
        accounts.insert(module.address, account);
    }
    let mut entries = BTreeMap::new();
    if let Some(imported) = &genesis.imported {
        entries.extend(imported.entries.iter().map(|(key, value)| (StateKey(*key), value.clone())));
        // A module that the earlier software did not have begins as in a new network.
        accounts.retain(|address, _| {
            !genesis.accounts.contains_key(address)
                && !entries.contains_key(&StateKey::account(*address))
        });
    }
    for (address, account) in accounts {
        write_account(&mut entries, address, account);
    }
    Ok(entries
        .into_iter()
        .map(|(key, after)| StateChange { key, before: None, after: Some(after) })
        .collect())
}

fn write_account(
    entries: &mut BTreeMap<StateKey, Bytes>,
    address: Address,
    account: GenesisAccount,
) {
    let GenesisAccount { balance, nonce, code, storage } = account;
    let mut code_hash = KECCAK256_EMPTY;
    if !code.is_empty() {
        code_hash = keccak256(&code);
        entries.insert(StateKey::code(code_hash), code);
    }
    let state = AccountState { nonce, balance, code_hash };
    if state == AccountState::default() {
        // EIP-161: an empty account does not exist, and so it has no storage.
        return;
    }
    entries.insert(StateKey::account(address), state.encode());
    for (slot, value) in storage {
        if let Some(value) = encode_slot(value) {
            entries.insert(StateKey::storage(address, slot), value);
        }
    }
}
