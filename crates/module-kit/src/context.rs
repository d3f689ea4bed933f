//! What a module sees of the world during one call: storage, caller, block, gas, events.

use alloy_primitives::{Address, B256, Bytes, Log, LogData, U256, keccak256};
use alloy_sol_types::SolEvent;
use revm::{
    Database,
    bytecode::Bytecode,
    context::{Block, ContextTr, JournalTr},
    context_interface::{cfg::GasParams, context::ContextError},
    interpreter::{SStoreResult, StateLoad},
};

use crate::{
    abi::IModule::StaticCall,
    halt::{Fatal, Halt, Outcome},
};

/// Static price of `LOG`; the table of the EVM holds the price of topics and data only.
const LOG_GAS: u64 = 375;

/// The journal of the EVM without its type parameters.
///
/// A database error is put into the EVM's own context, where the handler takes it from with its
/// type; the caller only learns that it happened.
pub(crate) trait World {
    fn sload(&mut self, account: Address, slot: U256) -> Outcome<StateLoad<U256>>;
    fn sstore(
        &mut self,
        account: Address,
        slot: U256,
        value: U256,
    ) -> Outcome<StateLoad<SStoreResult>>;
    fn log(&mut self, log: Log);
    /// Loads an account: the journal reaches storage only in loaded accounts.
    fn open(&mut self, account: Address) -> Outcome<()>;
    fn code_hash(&mut self, account: Address) -> Outcome<StateLoad<B256>>;
    /// Gives a loaded account other code: `None` stands for code that the state has already.
    fn set_code(&mut self, account: Address, hash: B256, code: Option<Bytes>) -> Outcome<()>;
    fn block_number(&self) -> u64;
    fn block_time(&self) -> u64;
}

/// Keeps the error where the handler finds it.
fn remember<C: ContextTr>(
    context: &mut C,
    error: <<C as ContextTr>::Db as revm::Database>::Error,
) -> Halt {
    *context.error() = Err(ContextError::Db(error));
    Halt::Fatal(Fatal::Database)
}

impl<C: ContextTr> World for C {
    fn sload(&mut self, account: Address, slot: U256) -> Outcome<StateLoad<U256>> {
        let loaded = self.journal_mut().sload(account, slot);
        loaded.map_err(|error| remember(self, error))
    }

    fn sstore(
        &mut self,
        account: Address,
        slot: U256,
        value: U256,
    ) -> Outcome<StateLoad<SStoreResult>> {
        let stored = self.journal_mut().sstore(account, slot, value);
        stored.map_err(|error| remember(self, error))
    }

    fn log(&mut self, log: Log) {
        self.journal_mut().log(log);
    }

    fn open(&mut self, account: Address) -> Outcome<()> {
        let opened = self.journal_mut().load_account(account).map(|_| ());
        opened.map_err(|error| remember(self, error))
    }

    fn code_hash(&mut self, account: Address) -> Outcome<StateLoad<B256>> {
        let loaded = self.journal_mut().load_account(account);
        let loaded = loaded.map(|account| account.map(|account| account.info.code_hash));
        loaded.map_err(|error| remember(self, error))
    }

    fn set_code(&mut self, account: Address, hash: B256, code: Option<Bytes>) -> Outcome<()> {
        let code = match code {
            Some(code) => Bytecode::new_raw(code),
            None => {
                let known = self.db_mut().code_by_hash(hash);
                known.map_err(|error| remember(self, error))?
            }
        };
        self.journal_mut().set_code_with_hash(account, code, hash);
        Ok(())
    }

    fn block_number(&self) -> u64 {
        Block::number(self.block()).saturating_to()
    }

    fn block_time(&self) -> u64 {
        self.block().timestamp().saturating_to()
    }
}

/// One call into a module, or from a module into its sibling.
pub struct Context<'a> {
    pub(crate) world: &'a mut dyn World,
    pub(crate) tariff: &'a GasParams,
    pub(crate) this: Address,
    pub(crate) caller: Address,
    pub(crate) is_read_only: bool,
    pub(crate) is_top_level: bool,
    pub(crate) gas_left: u64,
    pub(crate) refund: i64,
}

impl Context<'_> {
    /// The account of the module that runs.
    pub fn this(&self) -> Address {
        self.this
    }

    /// Who called: the sender of the transaction if [`Context::is_top_level`], else a contract or a
    /// sibling module.
    pub fn caller(&self) -> Address {
        self.caller
    }

    /// Whether the transaction itself is this call: its recipient is the module, its sender the
    /// caller, its calldata the arguments.
    pub fn is_top_level(&self) -> bool {
        self.is_top_level
    }

    /// Whether the call may change nothing.
    pub fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// The number of the block.
    pub fn block_number(&self) -> u64 {
        self.world.block_number()
    }

    /// The time of the block in seconds since the Unix epoch.
    pub fn block_time(&self) -> u64 {
        self.world.block_time()
    }

    /// Gas that is left for this call.
    pub fn gas_left(&self) -> u64 {
        self.gas_left
    }

    /// Pays for work that the table of the EVM does not price: parsing, hashing, signatures.
    ///
    /// # Errors
    /// `OutOfGas`: less than `gas` is left.
    #[inline]
    pub fn charge(&mut self, gas: u64) -> Outcome<()> {
        self.gas_left = self.gas_left.checked_sub(gas).ok_or(Halt::OutOfGas)?;
        Ok(())
    }

    /// Writes an event to the log, at the price of the EVM's `LOG`.
    ///
    /// # Errors
    /// `StaticCall`: the call may only read. `OutOfGas`.
    pub fn emit<E: SolEvent>(&mut self, event: E) -> Outcome<()> {
        self.require_mutable()?;
        let data: LogData = event.encode_log_data();
        let topics = u8::try_from(data.topics().len()).expect("an event has at most four topics");
        self.charge(LOG_GAS + self.tariff.log_cost(topics, data.data.len() as u64))?;
        self.world.log(Log { address: self.this, data });
        Ok(())
    }

    /// Runs `work` as a call from this module to its sibling at `account`: the caller becomes this
    /// module; journal, gas and the right to write are the same. Views of a sibling that take the
    /// account in question as an argument are called this way.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn on<T>(
        &mut self,
        account: Address,
        work: impl FnOnce(&mut Context<'_>) -> Outcome<T>,
    ) -> Outcome<T> {
        self.world.open(account)?;
        let mut inner = Context {
            world: &mut *self.world,
            tariff: self.tariff,
            this: account,
            caller: self.this,
            is_read_only: self.is_read_only,
            is_top_level: false,
            gas_left: self.gas_left,
            refund: self.refund,
        };
        let outcome = work(&mut inner);
        (self.gas_left, self.refund) = (inner.gas_left, inner.refund);
        outcome
    }

    /// Reads one slot of this module at the price of `SLOAD`.
    ///
    /// # Errors
    /// `OutOfGas`; `Fatal` if the database does not answer.
    #[inline]
    pub fn load(&mut self, slot: U256) -> Outcome<U256> {
        self.charge(self.tariff.warm_storage_read_cost())?;
        let loaded = self.world.sload(self.this, slot)?;
        if loaded.is_cold {
            self.charge(self.tariff.cold_storage_additional_cost())?;
        }
        Ok(loaded.data)
    }

    /// Writes one slot of this module at the price of `SSTORE`.
    ///
    /// # Errors
    /// `StaticCall`: the call may only read. `OutOfGas`; `Fatal` if the database does not answer.
    pub fn store(&mut self, slot: U256, value: U256) -> Outcome<()> {
        self.require_mutable()?;
        self.charge(self.tariff.sstore_static_gas())?;
        let stored = self.world.sstore(self.this, slot, value)?;
        self.charge(self.tariff.sstore_dynamic_gas(true, &stored.data, stored.is_cold))?;
        self.refund += self.tariff.sstore_refund(true, &stored.data);
        Ok(())
    }

    /// The hash of an account's code at the price of `EXTCODEHASH`; that of no bytes where there is
    /// none.
    ///
    /// # Errors
    /// `OutOfGas`; `Fatal` if the database does not answer.
    pub fn code_hash(&mut self, account: Address) -> Outcome<B256> {
        self.charge(self.tariff.warm_storage_read_cost())?;
        let loaded = self.world.code_hash(account)?;
        if loaded.is_cold {
            self.charge(self.tariff.cold_account_additional_cost())?;
        }
        Ok(loaded.data)
    }

    /// Gives an account new code, at the price of a deployment, and returns its hash. Balance, nonce
    /// and storage stay; a frame of the account that runs already runs on with the code that it began
    /// with.
    ///
    /// # Errors
    /// `StaticCall`, `OutOfGas`; `Fatal` if the database does not answer.
    pub fn put_code(&mut self, account: Address, code: Bytes) -> Outcome<B256> {
        self.require_mutable()?;
        self.charge(self.tariff.code_deposit_cost(code.len()))?;
        let hash = keccak256(&code);
        self.world.open(account)?;
        self.world.set_code(account, hash, Some(code))?;
        Ok(hash)
    }

    /// Gives an account the code with this hash, which must have been in the state before the
    /// transaction began.
    ///
    /// # Errors
    /// `StaticCall`, `OutOfGas`; `Fatal` if the database does not answer or has no such code.
    pub fn share_code(&mut self, account: Address, hash: B256) -> Outcome<()> {
        self.require_mutable()?;
        self.charge(self.tariff.cold_account_additional_cost())?;
        self.world.open(account)?;
        self.world.set_code(account, hash, None)
    }

    fn require_mutable(&self) -> Outcome<()> {
        if self.is_read_only { Err(StaticCall {}.into()) } else { Ok(()) }
    }
}
