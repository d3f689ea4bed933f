//! The EVM's precompile provider: Ethereum's precompiles, and our modules behind one compare.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes};
use revm::{
    context::{Block, Cfg, ContextTr, JournalTr},
    handler::{EthPrecompiles, PrecompileProvider},
    interpreter::{CallInputs, CallScheme, Gas, InstructionResult, InterpreterResult},
    primitives::{AddressSet, hardfork::SpecId},
};

use crate::{
    abi::IModule::{DirectCallOnly, NotPayable},
    context::{Context, World},
    halt::{Fatal, Halt, Outcome},
    module::{ADDRESS_PREFIX, Module},
};

/// Gas per 32 bytes of calldata: what the EVM asks for copying and hashing a word.
const CALLDATA_WORD_GAS: u64 = 6;

/// Ethereum's precompiles and a table of modules.
///
/// # Database errors
///
/// The EVM's database may fail in the middle of a call; the executor relies on it, because a
/// database that answers "this key is not loaded" is how it learns what to fetch before it runs
/// the transaction again. The `Err(String)` of revm's provider trait would lose the error's type.
/// Hence a module's failed access goes the way of the EVM's own opcodes: the error is put into the
/// context (`ContextTr::error`), the call ends with `FatalExternalError`, and the handler returns
/// `EVMError::Database(error)` from the transaction, at any depth, typed and without loss. No
/// `try`/`catch` of a contract sees it, and a module cannot swallow it: if the context holds an
/// error, the result of the module is not looked at.
///
/// `EVMError::Custom` means a bug (`Fatal::Bug`): an impossible state, nothing to retry.
#[derive(Debug, Clone)]
pub struct Modules {
    ethereum: EthPrecompiles,
    table: &'static [Module],
    warm: AddressSet,
    /// Whose precompile is run at an address, where a caller moved some; `None`: nobody's.
    moved: BTreeMap<Address, Option<Address>>,
}

impl Modules {
    /// A provider for the rules of `spec` and the modules of `table`.
    pub fn new(spec: SpecId, table: &'static [Module]) -> Self {
        let ethereum = EthPrecompiles::new(spec);
        let mut warm = ethereum.warm_addresses().clone();
        warm.extend(table.iter().map(|module| module.address));
        Self { ethereum, table, warm, moved: BTreeMap::new() }
    }

    /// The modules that answer.
    pub fn table(&self) -> &'static [Module] {
        self.table
    }

    /// Whether one of Ethereum's precompiles answers at this address.
    pub fn has_precompile(&self, address: Address) -> bool {
        self.precompile_of(address).is_some()
    }

    /// From here on the precompile of one address answers at another, and not at its own.
    pub fn move_precompile(&mut self, from: Address, to: Address) {
        if let Some(original) = self.precompile_of(from) {
            self.moved.insert(from, None);
            self.moved.insert(to, Some(original));
        }
    }

    /// From here on no precompile of Ethereum answers at this address.
    pub fn remove_precompile(&mut self, address: Address) {
        if self.has_precompile(address) {
            self.moved.insert(address, None);
        }
    }

    /// From here on each precompile of Ethereum answers at its own address again.
    pub fn restore_precompiles(&mut self) {
        self.moved.clear();
    }

    /// The address that Ethereum gave to the precompile that answers here.
    fn precompile_of(&self, address: Address) -> Option<Address> {
        let original = self.moved.get(&address).copied().unwrap_or(Some(address))?;
        self.ethereum.precompiles.contains(&original).then_some(original)
    }

    fn module_at(&self, address: Address) -> Option<&'static Module> {
        if address[..ADDRESS_PREFIX.len()] != ADDRESS_PREFIX {
            return None;
        }
        self.table.iter().find(|module| module.address == address)
    }
}

impl<C: ContextTr<Cfg: Cfg<Spec = SpecId>>> PrecompileProvider<C> for Modules {
    type Output = InterpreterResult;

    fn set_spec(&mut self, spec: SpecId) -> bool {
        let is_changed =
            <EthPrecompiles as PrecompileProvider<C>>::set_spec(&mut self.ethereum, spec);
        if is_changed {
            *self = Self::new(spec, self.table);
        }
        is_changed
    }

    fn run(
        &mut self,
        context: &mut C,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        let Some(module) = self.module_at(inputs.bytecode_address) else {
            if self.moved.is_empty() {
                return self.ethereum.run(context, inputs);
            }
            let Some(original) = self.precompile_of(inputs.bytecode_address) else {
                return Ok(None);
            };
            let inputs = CallInputs { bytecode_address: original, ..inputs.clone() };
            return self.ethereum.run(context, &inputs);
        };
        let block_number: u64 = context.block().number().saturating_to();
        if block_number < module.since {
            return Ok(None);
        }
        run_module(module, context, inputs).map(Some)
    }

    fn warm_addresses(&self) -> &AddressSet {
        &self.warm
    }
}

fn run_module<C: ContextTr<Cfg: Cfg<Spec = SpecId>>>(
    module: &Module,
    evm: &mut C,
    inputs: &CallInputs,
) -> Result<InterpreterResult, String> {
    let input = inputs.input.bytes(evm);
    let tariff = evm.cfg().gas_params().clone();
    // The EVM opens a checkpoint before it asks the provider: depth 1 is the transaction itself.
    let is_top_level = evm.journal().depth() == 1;
    let mut context = Context {
        world: evm,
        tariff: &tariff,
        this: module.address,
        caller: inputs.caller,
        is_read_only: inputs.is_static,
        is_top_level,
        gas_left: inputs.gas_limit,
        refund: 0,
    };
    let outcome = enter(module, &mut context, inputs, &input);
    let (gas_left, refund) = (context.gas_left, context.refund);
    let outcome = match evm.error() {
        Ok(()) => outcome,
        Err(_) => Err(Halt::Fatal(Fatal::Database)),
    };
    result(outcome, inputs.gas_limit, gas_left, refund)
}

/// Refuses what no module takes, pays for the calldata and runs the module.
fn enter(
    module: &Module,
    context: &mut Context<'_>,
    inputs: &CallInputs,
    input: &Bytes,
) -> Outcome<Bytes> {
    let is_direct = matches!(inputs.scheme, CallScheme::Call | CallScheme::StaticCall);
    if !is_direct || inputs.target_address != module.address {
        return Err(DirectCallOnly {}.into());
    }
    if !inputs.value.get().is_zero() {
        return Err(NotPayable {}.into());
    }
    World::open(context.world, module.address)?;
    context.charge(CALLDATA_WORD_GAS * input.len().div_ceil(32) as u64)?;
    (module.entry)(context, input)
}

/// What the EVM learns from the outcome of a module.
fn result(
    outcome: Outcome<Bytes>,
    gas_limit: u64,
    gas_left: u64,
    refund: i64,
) -> Result<InterpreterResult, String> {
    let mut gas = Gas::new(gas_limit);
    let (result, output) = match outcome {
        Ok(output) => {
            gas.record_refund(refund);
            (InstructionResult::Return, output)
        }
        Err(Halt::Refused(data)) => (InstructionResult::Revert, data),
        Err(Halt::OutOfGas) => {
            gas.spend_all();
            return Ok(InterpreterResult::new(InstructionResult::PrecompileOOG, Bytes::new(), gas));
        }
        Err(Halt::Fatal(Fatal::Database)) => {
            gas.spend_all();
            let fatal = InstructionResult::FatalExternalError;
            return Ok(InterpreterResult::new(fatal, Bytes::new(), gas));
        }
        Err(Halt::Fatal(Fatal::Bug(what))) => return Err(what),
    };
    let is_paid = gas.record_regular_cost(gas_limit - gas_left);
    assert!(is_paid, "a module spends at most the gas that it was given");
    Ok(InterpreterResult::new(result, output, gas))
}
