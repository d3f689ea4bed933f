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
    let mut own: BTreeMap<Address, GenesisAccount> = BTreeMap::new();
    for (address, code) in predeploys() {
        own.insert(address, GenesisAccount { nonce: 1, code, ..Default::default() });
    }
    own.retain(|address, _| !genesis.accounts.contains_key(address));
    let mut storage = genesis_storage(MODULES, genesis)?;
    for module in MODULES {
        if genesis.accounts.contains_key(&module.address) {
            let problem = format!("account {} is the module's own", module.address);
            return Err(GenesisRefused { module: module.name, problems: vec![problem] });
        }
        let storage = storage.remove(&module.address).unwrap_or_default();
        // Code keeps the account from being empty, and callers from finding nobody there.
        let code = stub_code();
        own.insert(
            module.address,
            GenesisAccount { nonce: 1, code, storage, ..Default::default() },
        );
    }
    let mut entries = Vec::new();
    if let Some(imported) = &genesis.imported {
        entries.extend(imported.entries.iter().map(|(key, value)| (StateKey(*key), value.clone())));
        // A module that the earlier software did not have begins as in a new network.
        own.retain(|address, _| !imported.entries.contains_key(&StateKey::account(*address).0));
    } else {
        write_accounts(&mut entries, &genesis.accounts);
    }
    write_accounts(&mut entries, &own);
    entries.sort_unstable_by_key(|(key, _)| *key);
    // Accounts with the same code share the entry.
    entries.dedup_by_key(|(key, _)| *key);
    Ok(entries
        .into_iter()
        .map(|(key, after)| StateChange { key, before: None, after: Some(after) })
        .collect())
}

/// Writes what the store holds of the accounts. There may be millions: nothing is copied first.
fn write_accounts(
    entries: &mut Vec<(StateKey, Bytes)>,
    accounts: &BTreeMap<Address, GenesisAccount>,
) {
    for (&address, GenesisAccount { balance, nonce, code, storage }) in accounts {
        let code_hash = if code.is_empty() { KECCAK256_EMPTY } else { keccak256(code) };
        if !code.is_empty() {
            entries.push((StateKey::code(code_hash), code.clone()));
        }
        let state = AccountState { nonce: *nonce, balance: *balance, code_hash };
        if state == AccountState::default() {
            // EIP-161: an empty account does not exist, and so it has no storage.
            continue;
        }
        entries.push((StateKey::account(address), state.encode()));
        for (&slot, &value) in storage {
            entries
                .extend(encode_slot(value).map(|value| (StateKey::storage(address, slot), value)));
        }
    }
}
