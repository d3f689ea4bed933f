//! Modules over the real EVM in memory.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, Log, TxKind, U256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use qiao_types::Genesis;
use revm::{
    Database, ExecuteCommitEvm, Journal,
    context::{
        BlockEnv, CfgEnv, Evm, JournalTr, TxEnv,
        result::{ExecutionResult, Output},
    },
    database::{CacheDB, EmptyDB},
    handler::{EthFrame, instructions::EthInstructions},
    interpreter::interpreter::EthInterpreter,
    primitives::hardfork::SpecId,
    state::{AccountInfo, Bytecode},
};

use crate::{genesis::genesis_storage, module::Module, provider::Modules, stub::stub_code};

pub(crate) type TestContext<D> = revm::Context<BlockEnv, TxEnv, CfgEnv, D, Journal<D>, ()>;
pub(crate) type TestEvm<D> = Evm<
    TestContext<D>,
    (),
    EthInstructions<EthInterpreter, TestContext<D>>,
    Modules,
    EthFrame<EthInterpreter>,
>;
type Memory = CacheDB<EmptyDB>;

/// Gas that a call of the sandbox may use.
const GAS_LIMIT: u64 = 1_000_000_000;
const CHAIN_ID: u64 = 1;

/// Revert data that a call received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub Bytes);

/// What the last transaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its output; revert data if it was refused.
    pub output: Bytes,
    /// Gas that it paid for, after refunds.
    pub gas_used: u64,
    /// Its events.
    pub logs: Vec<Log>,
    /// Whether it was refused.
    pub is_refused: bool,
}

/// A chain in memory on which tests call modules.
pub struct Sandbox {
    evm: TestEvm<Memory>,
    table: &'static [Module],
    last: Option<Done>,
}

impl Sandbox {
    /// A chain with these modules, after their genesis.
    ///
    /// # Panics
    /// If a module refuses the genesis.
    pub fn new(table: &'static [Module], genesis: &Genesis) -> Self {
        let mut memory = Memory::default();
        let storage = genesis_storage(table, genesis).expect("the modules take the genesis");
        for module in table {
            let code = Bytecode::new_legacy(stub_code());
            memory.insert_account_info(module.address, AccountInfo::default().with_code(code));
        }
        for (address, slots) in storage {
            for (slot, value) in slots {
                memory
                    .insert_account_storage(address, slot, value)
                    .expect("an empty database answers");
            }
        }
        Self { evm: evm(memory, table), table, last: None }
    }

    /// The modules of this chain.
    pub fn table(&self) -> &'static [Module] {
        self.table
    }

    /// Sets the number and the time (seconds) of the block in which the next calls run.
    pub fn at_block(&mut self, number: u64, time: u64) {
        self.evm.ctx.block.number = U256::from(number);
        self.evm.ctx.block.timestamp = U256::from(time);
    }

    /// Sends a call in a transaction of its own and returns what the function returned.
    ///
    /// # Errors
    /// The revert data, if the call was refused.
    ///
    /// # Panics
    /// If the transaction ends in any other way.
    pub fn call<C: SolCall>(
        &mut self,
        sender: Address,
        recipient: Address,
        call: C,
    ) -> Result<C::Return, Refused> {
        let done = self.send(sender, recipient, call.abi_encode().into());
        if done.is_refused {
            return Err(Refused(done.output));
        }
        Ok(C::abi_decode_returns(&done.output).expect("a module returns what its interface says"))
    }

    /// Sends a call that must be refused with `error`.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn refuses<C: SolCall, E: SolError>(
        &mut self,
        sender: Address,
        recipient: Address,
        call: C,
        error: E,
    ) {
        match self.call(sender, recipient, call) {
            Ok(_) => panic!("`{}` was not refused", C::SIGNATURE),
            Err(Refused(data)) => {
                assert_eq!(data, Bytes::from(error.abi_encode()), "refused, but not as expected");
            }
        }
    }

    /// Sends a transaction with any calldata.
    ///
    /// # Panics
    /// If the transaction neither succeeds nor reverts.
    pub fn send(&mut self, sender: Address, recipient: Address, input: Bytes) -> Done {
        self.transact(sender, TxKind::Call(recipient), input, U256::ZERO, GAS_LIMIT)
            .expect("a valid transaction that neither halts nor fails")
    }

    /// Sends a transaction with a gas limit of its own; `None` if it runs out of gas or halts.
    ///
    /// # Panics
    /// If the EVM does not take the transaction.
    pub fn send_with_gas(
        &mut self,
        sender: Address,
        recipient: Address,
        input: Bytes,
        gas_limit: u64,
    ) -> Option<Done> {
        self.transact(sender, TxKind::Call(recipient), input, U256::ZERO, gas_limit)
    }

    /// Sends ether with calldata; the sender receives the ether first.
    ///
    /// # Panics
    /// If the transaction neither succeeds nor reverts.
    pub fn send_value(
        &mut self,
        sender: Address,
        recipient: Address,
        input: Bytes,
        value: U256,
    ) -> Done {
        let memory = &mut self.evm.ctx.journaled_state.database;
        let mut info = memory.basic(sender).expect("memory answers").unwrap_or_default();
        info.balance = info.balance.saturating_add(value);
        memory.insert_account_info(sender, info);
        self.transact(sender, TxKind::Call(recipient), input, value, GAS_LIMIT)
            .expect("a valid transaction that neither halts nor fails")
    }

    /// Deploys a contract.
    ///
    /// # Panics
    /// If its constructor fails.
    pub fn deploy(&mut self, sender: Address, creation_code: Bytes) -> Address {
        let nonce = self.nonce(sender);
        self.transact(sender, TxKind::Create, creation_code, U256::ZERO, GAS_LIMIT)
            .filter(|done| !done.is_refused)
            .expect("the constructor succeeds");
        sender.create(nonce)
    }

    /// Puts runtime code at an address.
    pub fn install(&mut self, address: Address, code: Bytes) {
        let info = AccountInfo::default().with_code(Bytecode::new_legacy(code));
        self.evm.ctx.journaled_state.database.insert_account_info(address, info);
    }

    /// Sets one slot, as execution does outside of any call.
    ///
    /// # Panics
    /// Never: memory answers.
    pub fn set_slot(&mut self, address: Address, slot: U256, value: U256) {
        let memory = &mut self.evm.ctx.journaled_state.database;
        memory.insert_account_storage(address, slot, value).expect("memory answers");
    }

    /// What the last transaction did.
    ///
    /// # Panics
    /// If there was none.
    pub fn last(&self) -> &Done {
        self.last.as_ref().expect("a transaction was sent")
    }

    /// The events of one type in the last transaction.
    pub fn events<E: SolEvent>(&self) -> Vec<E> {
        self.last().logs.iter().filter_map(|log| E::decode_log_data(&log.data).ok()).collect()
    }

    /// Every slot of an account that is not zero.
    pub fn storage(&self, address: Address) -> BTreeMap<U256, U256> {
        let accounts = &self.evm.ctx.journaled_state.database.cache.accounts;
        let Some(account) = accounts.get(&address) else { return BTreeMap::new() };
        let slots = account.storage.iter().filter(|(_, value)| !value.is_zero());
        slots.map(|(slot, value)| (*slot, *value)).collect()
    }

    fn nonce(&mut self, account: Address) -> u64 {
        let info = self.evm.ctx.journaled_state.database.basic(account);
        info.expect("memory answers").map_or(0, |info| info.nonce)
    }

    fn transact(
        &mut self,
        sender: Address,
        kind: TxKind,
        data: Bytes,
        value: U256,
        gas_limit: u64,
    ) -> Option<Done> {
        let nonce = self.nonce(sender);
        let transaction = TxEnv {
            caller: sender,
            kind,
            data,
            value,
            nonce,
            gas_limit,
            gas_price: 0,
            chain_id: Some(CHAIN_ID),
            ..Default::default()
        };
        let result = self.evm.transact_commit(transaction);
        let done = done(result.expect("the EVM takes the transaction"));
        self.last.clone_from(&done);
        done
    }
}

fn done(result: ExecutionResult) -> Option<Done> {
    let gas_used = result.tx_gas_used();
    match result {
        ExecutionResult::Success { output, logs, .. } => {
            let output = match output {
                Output::Call(output) | Output::Create(output, _) => output,
            };
            Some(Done { output, gas_used, logs, is_refused: false })
        }
        ExecutionResult::Revert { output, .. } => {
            Some(Done { output, gas_used, logs: Vec::new(), is_refused: true })
        }
        ExecutionResult::Halt { .. } => None,
    }
}

/// What the EVM answers over a database with this error.
#[cfg(test)]
pub(crate) type TestError<E> =
    revm::context::result::EVMError<E, revm::context::result::InvalidTransaction>;

pub(crate) fn evm<D: Database>(database: D, table: &'static [Module]) -> TestEvm<D> {
    let mut context: TestContext<D> = revm::Context::new(database, SpecId::OSAKA);
    context.cfg.chain_id = CHAIN_ID;
    context.cfg.tx_gas_limit_cap = Some(u64::MAX);
    context.cfg.disable_eip3607 = true;
    context.block = BlockEnv {
        number: U256::ONE,
        timestamp: U256::from(1_800_000_000),
        gas_limit: u64::MAX,
        basefee: 0,
        prevrandao: Some(Default::default()),
        ..Default::default()
    };
    context.journaled_state.set_spec_id(SpecId::OSAKA);
    let instructions = EthInstructions::new_mainnet_with_spec(SpecId::OSAKA);
    Evm::new(context, instructions, Modules::new(SpecId::OSAKA, table))
}
