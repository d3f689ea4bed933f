//! The assembly of the EVM: Ethereum's interpreter and precompiles, and this chain's modules.
//!
//! Production and the official state tests go through the same [`assemble`]; only the
//! configuration differs (the tests charge fees and run older rules).

use alloy_primitives::U256;
use qiao_module_kit::Modules;
use qiao_modules::MODULES;
use revm::{
    Context, Database, Journal,
    bytecode::opcode::CREATE2,
    context::{BlockEnv, CfgEnv, Evm, JournalTr as _, TxEnv},
    handler::{EthFrame, instructions::EthInstructions},
    interpreter::{
        Instruction, InstructionContext, InstructionExecResult, InstructionResult,
        instructions::contract, interpreter::EthInterpreter,
    },
    primitives::hardfork::SpecId,
};

use crate::{BlockEnvironment, ExecutionConfig, Permission, predeploys::CREATE2_DEPLOYER_CODE};

/// The context that instructions and modules see.
pub type EvmContext<DB> = Context<BlockEnv, TxEnv, CfgEnv, DB, Journal<DB>, Rights>;

/// What the sender of the running transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// Whether the deterministic deployer creates contracts for it.
    pub may_deploy: bool,
    /// Whom the chain lets send transactions at all.
    pub permission: Permission,
}

impl Default for Rights {
    /// Ethereum's: everybody may.
    fn default() -> Self {
        Self { may_deploy: true, permission: Permission::Members }
    }
}

/// Ethereum's precompiles and this chain's modules.
pub type Precompiles = Modules;

/// The EVM of this chain.
pub type QiaoEvm<DB> = Evm<
    EvmContext<DB>,
    (),
    EthInstructions<EthInterpreter, EvmContext<DB>>,
    Precompiles,
    EthFrame<EthInterpreter>,
>;

/// The rules that this chain runs: Osaka.
pub const SPEC: SpecId = SpecId::OSAKA;

fn precompiles(spec: SpecId) -> Precompiles {
    Modules::new(spec, MODULES)
}

/// Puts the EVM together over a database.
pub fn assemble<DB: Database>(database: DB, cfg: CfgEnv, block: BlockEnv) -> QiaoEvm<DB> {
    let spec = cfg.spec;
    let mut context: EvmContext<DB> = Context::new(database, spec);
    context.cfg = cfg;
    context.block = block;
    context.journaled_state.set_spec_id(spec);
    let mut instructions = EthInstructions::new_mainnet_with_spec(spec);
    instructions.instruction_table_mut()[usize::from(CREATE2)] = Instruction::new(create2);
    Evm::new(context, instructions, precompiles(spec))
}

/// `CREATE2`, which the deterministic deployer executes only for senders that may deploy.
///
/// Its code creates whatever anybody asks for, so without this the role would mean nothing. It is
/// told by its code: a delegated account, or a contract that calls it by `DELEGATECALL`, runs the
/// same code under another address. Any other contract that creates contracts was itself put on the
/// chain by somebody with the role.
fn create2<DB: Database>(
    context: InstructionContext<'_, EvmContext<DB>, EthInterpreter>,
) -> InstructionExecResult {
    let is_refused = !context.host.chain.may_deploy
        && context.interpreter.bytecode.original_byte_slice() == CREATE2_DEPLOYER_CODE.as_ref();
    if is_refused {
        return Err(InstructionResult::Revert);
    }
    contract::create::<true, _, _>(context)
}

/// The configuration of this chain: gas is metered and free, and a transaction may use as much of
/// it as a block (no EIP-7825 cap).
pub fn cfg(config: &ExecutionConfig) -> CfgEnv {
    let mut cfg = CfgEnv::new_with_spec(SPEC);
    cfg.chain_id = config.chain_id;
    cfg.tx_gas_limit_cap = Some(u64::MAX);
    cfg.disable_fee_charge = true;
    cfg.limit_contract_code_size = Some(config.code_bytes_max);
    // A developer sends as any account, contracts included.
    cfg.disable_eip3607 = config.permission == Permission::Everybody;
    cfg
}

/// The block as the EVM sees it.
pub fn block_env(env: &BlockEnvironment) -> BlockEnv {
    BlockEnv {
        number: U256::from(env.number),
        beneficiary: env.beneficiary,
        timestamp: U256::from(env.timestamp),
        gas_limit: env.gas_limit,
        basefee: 0,
        prevrandao: Some(env.prev_randao),
        ..Default::default()
    }
}
