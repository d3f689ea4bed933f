//! The assembly of the EVM: Ethereum's interpreter and precompiles, and this chain's modules.
//!
//! Production and the official state tests go through the same [`assemble`]; only the
//! configuration differs (the tests charge fees and run older rules).

use alloy_primitives::U256;
use qiao_module_kit::Modules;
use qiao_modules::MODULES;
use revm::{
    Context, Database, Journal,
    context::{BlockEnv, CfgEnv, Evm, JournalTr as _, TxEnv},
    handler::{EthFrame, instructions::EthInstructions},
    interpreter::interpreter::EthInterpreter,
    primitives::hardfork::SpecId,
};

use crate::{BlockEnvironment, ExecutionConfig};

/// The context that instructions and modules see.
pub type EvmContext<DB> = Context<BlockEnv, TxEnv, CfgEnv, DB, Journal<DB>, ()>;

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
    Evm::new(context, EthInstructions::new_mainnet_with_spec(spec), precompiles(spec))
}

/// The configuration of this chain: gas is metered and free, and a transaction may use as much of
/// it as a block (no EIP-7825 cap).
pub fn cfg(config: &ExecutionConfig) -> CfgEnv {
    let mut cfg = CfgEnv::new_with_spec(SPEC);
    cfg.chain_id = config.chain_id;
    cfg.tx_gas_limit_cap = Some(u64::MAX);
    cfg.disable_fee_charge = true;
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
        prevrandao: Some(env.parent_hash),
        ..Default::default()
    }
}
