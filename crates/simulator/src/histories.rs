//! What clients saw of one number kept on the chain, while validators fell and wires were cut.
//!
//! A history is handed to a checker of linearizability. An operation is a transaction, and it
//! returns when the client's validator shows it as final. Reading a validator's state without a
//! transaction is not part of it: that gives the state of that validator's head, which may be
//! behind another's.

use std::{sync::Arc, time::Duration};

use alloy_primitives::{TxKind, U256};
use qiao_types::{Address, B256, Bytes, SignedTransaction};

use crate::{
    network::{Setting, Simulation, VALIDATORS, run},
    scenarios::parameters,
};

/// A contract that holds a number: 32 bytes of input replace it, and the old one is returned; no
/// input changes nothing.
pub const REGISTER: Address = Address::repeat_byte(0xa1);
/// A contract that holds a number: 32 bytes of input are added to it, and the sum is returned.
pub const POSITION: Address = Address::repeat_byte(0xa2);

/// The register's code: load slot 0 to memory, store the input if there is any, return.
pub const REGISTER_CODE: [u8; 18] = [
    0x5f, 0x54, 0x5f, 0x52, 0x36, 0x15, 0x60, 0x0d, 0x57, 0x5f, 0x35, 0x5f, 0x55, 0x5b, 0x60, 0x20,
    0x5f, 0xf3,
];
/// The position's code: add the input to slot 0, return the sum.
pub const POSITION_CODE: [u8; 14] =
    [0x5f, 0x35, 0x5f, 0x54, 0x01, 0x80, 0x5f, 0x55, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Reads the register.
    Read,
    /// Replaces the register and learns the old number.
    Swap(u64),
    /// Adds to the position and learns the sum.
    Add(u64),
}

/// What a client did or saw, in order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A client has begun an operation.
    Invoked {
        /// Which client.
        client: usize,
        /// What it asks for.
        operation: Operation,
    },
    /// A client has its answer.
    Returned {
        /// Which client.
        client: usize,
        /// The number.
        value: u64,
    },
}

/// The operation that a client waits for.
struct Waiting {
    transaction: Arc<SignedTransaction>,
    through: usize,
    looks: u64,
}

/// Rounds in which clients may begin something.
const ROUNDS: u64 = 180;

/// Runs four clients on the register or on the position under a seed; what they saw.
pub fn history(seed: u64, contract: Address) -> Vec<Event> {
    let outcome = run(seed, Setting::usual(parameters()), |mut simulation| async move {
        simulation.reach(1, 30).await;
        let mut events = Vec::new();
        let mut clients: Vec<Option<Waiting>> = (0..VALIDATORS).map(|_| None).collect();
        for round in 0..ROUNDS {
            disturb(&mut simulation, round).await;
            for (client, waiting) in clients.iter_mut().enumerate() {
                step(&mut simulation, contract, client, waiting, &mut events).await;
            }
            simulation.pass(Duration::from_millis(50)).await;
        }
        simulation.check_nothing_lost().await;
        events
    });
    outcome.value
}

/// Something happens to a validator or a wire every now and then; at most one is away.
async fn disturb(simulation: &mut Simulation, round: u64) {
    let all: Vec<usize> = (0..VALIDATORS).collect();
    match round % 60 {
        20 => {
            let victim = simulation.draw_validator();
            match simulation.draw(3) {
                0 => simulation.cluster.disconnect(&[victim], &all).await,
                1 => simulation.cluster.crash(victim).await,
                _ => {
                    let operations = simulation.draw(50);
                    simulation.cluster.fall_after(victim, operations);
                }
            }
        }
        50 => {
            simulation.cluster.connect(&all, &all).await;
            simulation.bury().await;
            for index in all {
                simulation.cluster.fall_after(index, u64::MAX);
                if !simulation.cluster.is_running(index) {
                    assert!(simulation.cluster.start(index).await, "a healthy machine fell");
                }
            }
        }
        _ => {}
    }
}

async fn step(
    simulation: &mut Simulation,
    contract: Address,
    client: usize,
    waiting: &mut Option<Waiting>,
    events: &mut Vec<Event>,
) {
    let Some(pending) = waiting else {
        if simulation.draw(6) == 0 {
            *waiting = begin(simulation, contract, client, events).await;
        }
        return;
    };
    if let Some(value) = answer(simulation, pending).await {
        events.push(Event::Returned { client, value });
        *waiting = None;
        return;
    }
    pending.looks += 1;
    if pending.looks.is_multiple_of(20) {
        // The client turns to another validator with the same transaction.
        if let Some(other) = simulation.draw_honest() {
            pending.through = other;
            let transaction = pending.transaction.clone();
            simulation.submit(&transaction, other).await;
        }
    }
}

async fn begin(
    simulation: &mut Simulation,
    contract: Address,
    client: usize,
    events: &mut Vec<Event>,
) -> Option<Waiting> {
    let through = simulation.draw_honest()?;
    // Numbers differ, so that an answer tells whose number it is.
    let number = 1 + events.len() as u64;
    let operation = if contract == POSITION {
        Operation::Add(1 + simulation.draw(9))
    } else if simulation.draw(3) == 0 {
        Operation::Read
    } else {
        Operation::Swap(number)
    };
    let input = match operation {
        Operation::Read => Bytes::new(),
        Operation::Swap(number) | Operation::Add(number) => word(number),
    };
    let transaction = simulation.clients.sign(client, TxKind::Call(contract), U256::ZERO, input);
    events.push(Event::Invoked { client, operation });
    simulation.submit(&transaction, through).await;
    Some(Waiting { transaction, through, looks: 0 })
}

fn word(number: u64) -> Bytes {
    B256::left_padding_from(&number.to_be_bytes()).to_vec().into()
}

/// The answer, once the client's validator shows the transaction as final.
async fn answer(simulation: &Simulation, waiting: &Waiting) -> Option<u64> {
    let hash = waiting.transaction.hash();
    let height = simulation.reference.height_of(&hash)?;
    simulation.heights()[waiting.through].filter(|reached| *reached >= height)?;
    let ledger = simulation.cluster.engine(waiting.through).ledger.clone();
    let block = simulation.ask(waiting.through, ledger.by_number(height)).await?.ok()??;
    let position = block.block.transactions.iter().position(|other| other.hash() == hash)?;
    let receipt = &block.receipts[position];
    assert!(receipt.succeeded(), "a contract that cannot fail failed");
    let value = U256::from_be_slice(&receipt.output);
    Some(u64::try_from(value).expect("clients write small numbers"))
}
