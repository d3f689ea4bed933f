//! The interfaces of a node: Ethereum's JSON-RPC and the REST routes for events and traces.
//!
//! Both speak to the node through one trait, [`Chain`], so that they are tested without consensus
//! and know nothing of it.

pub mod calling;
pub mod capture;
pub mod chain;
pub mod collateral;
pub mod contracts;
pub mod door;
pub mod finance;
pub mod goods;
pub mod guard;
pub mod payments;
pub mod proofs;
pub mod recalls;
pub mod rest;
pub mod reverts;
pub mod rpc;
pub mod sending;
pub mod sharing;

pub use chain::{
    Chain, ChainFailure, Head, HeadStatus, NodeStatus, PoolStatus, ProvedState, Quantiles,
    SubmitError, ValidatorStatus,
};
pub use door::Door;
pub use guard::Guard;
