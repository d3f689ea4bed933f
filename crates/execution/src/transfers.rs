//! Logs of transfers of the native coin, as `eth_simulateV1` shows them.

use alloy_primitives::{Address, B256, Log, LogData, U256};
use revm::{
    Inspector,
    bytecode::opcode::SELFDESTRUCT,
    context::{ContextTr, JournalTr as _},
    interpreter::{
        CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter,
        interpreter::EthInterpreter,
        interpreter_types::{InputsTr as _, Jumps as _},
    },
};
use revm_inspectors::transfer::{TRANSFER_EVENT_TOPIC, TRANSFER_LOG_EMITTER, TransferInspector};

/// Logs each transfer by a call, by the creation of a contract and by `SELFDESTRUCT`.
#[derive(Debug)]
pub(crate) struct Transfers {
    by_calls: TransferInspector,
}

impl Default for Transfers {
    fn default() -> Self {
        Self { by_calls: TransferInspector::new(false).with_logs(true) }
    }
}

impl<C: ContextTr> Inspector<C> for Transfers {
    fn call(&mut self, context: &mut C, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.by_calls.call(context, inputs)
    }

    fn create(&mut self, context: &mut C, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        self.by_calls.create(context, inputs)
    }

    // The hook for `SELFDESTRUCT` comes without the journal. Where the instruction fails, the logs
    // of its frame go with it.
    fn step(&mut self, interpreter: &mut Interpreter<EthInterpreter>, context: &mut C) {
        if interpreter.bytecode.opcode() != SELFDESTRUCT {
            return;
        }
        let from = interpreter.input.target_address();
        let Ok(heir) = interpreter.stack.peek(0) else { return };
        let Ok(balance) = context.journal_mut().load_account(from).map(|found| found.info.balance)
        else {
            return;
        };
        if !balance.is_zero() {
            context.journal_mut().log(transfer(from, heir, balance));
        }
    }
}

fn transfer(from: Address, heir: U256, value: U256) -> Log {
    let to = Address::from_word(heir.into());
    let topics = vec![TRANSFER_EVENT_TOPIC, from.into_word(), to.into_word()];
    let data = B256::from(value).to_vec().into();
    Log { address: TRANSFER_LOG_EMITTER, data: LogData::new_unchecked(topics, data) }
}
