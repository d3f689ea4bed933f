//! What the modules hold before the first block.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use qiao_types::Genesis;
use revm::{
    context::{BlockEnv, CfgEnv, ContextTr, Journal, JournalTr, TxEnv},
    database::EmptyDB,
    primitives::hardfork::SpecId,
};

use crate::{
    context::{Context, World},
    module::{GenesisRefused, Module},
};

/// Slots that are not zero, by account.
pub type ModuleStorage = BTreeMap<Address, BTreeMap<U256, U256>>;

type GenesisEvm = revm::Context<BlockEnv, TxEnv, CfgEnv, EmptyDB, Journal<EmptyDB>, ()>;

/// Lets every module write its initial state, in the order of the table, and returns the slots.
///
/// The writers work on a journal of the EVM over an empty state, so that the genesis goes through
/// the same storage code as every later call. Gas does not count; events lead nowhere.
///
/// # Errors
/// The first module whose rules exclude the genesis, with every reason it found.
pub fn genesis_storage(
    table: &[Module],
    genesis: &Genesis,
) -> Result<ModuleStorage, GenesisRefused> {
    let mut evm: GenesisEvm = revm::Context::new(EmptyDB::default(), SpecId::OSAKA);
    evm.block.timestamp = U256::from(genesis.timestamp_ms / 1_000);
    let tariff = evm.cfg.gas_params.clone();
    for module in table {
        World::open(&mut evm, module.address).expect("an empty database answers");
        let mut context = Context {
            world: &mut evm,
            tariff: &tariff,
            this: module.address,
            caller: Address::ZERO,
            is_read_only: false,
            is_top_level: false,
            gas_left: u64::MAX,
            refund: 0,
        };
        (module.genesis)(&mut context, genesis)?;
    }
    let mut slots = ModuleStorage::new();
    for (address, account) in evm.journal_mut().finalize() {
        for (slot, value) in account.storage {
            if !value.present_value.is_zero() {
                slots.entry(address).or_default().insert(slot, value.present_value);
            }
        }
    }
    Ok(slots)
}
