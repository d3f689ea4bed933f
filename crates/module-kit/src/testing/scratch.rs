//! The storage of one module without transactions: for code that works on a context.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, Log, U256};
use revm::{
    context_interface::cfg::GasParams,
    interpreter::{SStoreResult, StateLoad},
    primitives::hardfork::SpecId,
};

use crate::{
    context::{Context, World},
    halt::{Halt, Outcome},
};

/// Storage in memory. Nothing is rolled back: what a refused call wrote stays and can be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scratch {
    /// Every slot that is not zero.
    pub slots: BTreeMap<U256, U256>,
    /// The time of the block, in seconds since the Unix epoch.
    pub time: u64,
    /// How often a slot was written.
    pub writes: u64,
}

impl Scratch {
    /// Runs `work` on this storage.
    pub fn run<T>(&mut self, work: impl FnOnce(&mut Context<'_>) -> Outcome<T>) -> Outcome<T> {
        let tariff = GasParams::new_spec(SpecId::OSAKA);
        let mut context = Context {
            world: self,
            tariff: &tariff,
            this: Address::ZERO,
            caller: Address::ZERO,
            is_read_only: false,
            is_top_level: true,
            gas_left: u64::MAX,
            refund: 0,
        };
        work(&mut context)
    }
}

impl World for Scratch {
    fn sload(&mut self, _: Address, slot: U256) -> Outcome<StateLoad<U256>> {
        Ok(StateLoad::new(self.slots.get(&slot).copied().unwrap_or_default(), false))
    }

    fn sstore(&mut self, _: Address, slot: U256, value: U256) -> Outcome<StateLoad<SStoreResult>> {
        self.writes += 1;
        let before =
            if value.is_zero() { self.slots.remove(&slot) } else { self.slots.insert(slot, value) };
        let present_value = before.unwrap_or_default();
        let result =
            SStoreResult { original_value: present_value, present_value, new_value: value };
        Ok(StateLoad::new(result, false))
    }

    fn log(&mut self, _: Log) {}

    fn open(&mut self, _: Address) -> Outcome<()> {
        Ok(())
    }

    fn code_hash(&mut self, _: Address) -> Outcome<StateLoad<B256>> {
        Ok(StateLoad::new(KECCAK256_EMPTY, false))
    }

    fn set_code(&mut self, _: Address, _: B256, _: Option<Bytes>) -> Outcome<()> {
        Err(Halt::bug("a scratch has no accounts"))
    }

    fn block_number(&self) -> u64 {
        1
    }

    fn block_time(&self) -> u64 {
        self.time
    }
}
