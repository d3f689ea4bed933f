//! A whole network in one process under one seed: the validators of a node, virtual time, faults.
//!
//! One seed is one history. What is checked at all times: no two validators ever finalize
//! different blocks at one height, and what was acknowledged as final stays final.

mod network;
mod scenarios;

pub use scenarios::{Report, SCENARIOS, Scenario};
