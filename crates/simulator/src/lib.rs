//! A whole network in one process under one seed: the validators of a node, virtual time, faults.
//!
//! One seed is one history. What is checked several times in each simulated second:
//!
//! - agreement: no two validators ever show different blocks at one height;
//! - validity: every final block is executed again on a plain map, and applied to a store of its
//!   own; header, receipts, changes and root are the same;
//! - reads: a validator's store gives what the map gives, at its head and at heights before;
//! - nothing acknowledged is lost: what was final once is final at the end, at everybody;
//! - conservation: money neither appears nor vanishes, an event is captured once; in every module what
//!   was put in is what is there and what was taken out;
//! - bounds: a pool holds nothing that clients did not send, whatever a spammer sends;
//! - progress: when a quorum is connected, the chain goes on, and what clients sent becomes final.

mod clients;
mod histories;
mod minimise;
mod network;
mod reference;
mod scenarios;
mod trade;

pub use histories::{Event, Operation, POSITION, REGISTER, history};
pub use minimise::minimise;
pub use scenarios::{FAULTS, Report, SCENARIOS, Scenario, mix_of};
