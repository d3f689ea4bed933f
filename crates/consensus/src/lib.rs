//! Agreement between the validators: simplex, marshal, gossip, and the application on top.
//!
//! This crate and `state` are the only ones that name commonware. The same code runs on tokio and
//! TCP in a node, and under one seed on a simulated network in `simulator`.
//!
//! # Invariants
//! - Nobody votes to finalize a block that it has not executed to the same roots.
//! - A block is announced ([`Head`]) only after it, its certificate and its receipts are durable
//!   or can be replayed from what is durable.
//! - A signature is recovered once per node ([`senders::Senders`]).
//! - The header's hash commits to everything that consensus adds ([`block::Seal`]).

pub mod admission;
mod application;
pub mod block;
mod engine;
mod environment;
mod finality;
mod gossip;
mod history;
pub mod keys;
mod ledger;
pub mod memberships;
mod observer;
mod orchestrator;
mod receipts;
mod runner;
pub mod scheme;
pub mod senders;
mod silence;
pub mod simulated;
mod soundness;
mod stopped;
mod turn;

pub use admission::{Admission, AdmissionError};
pub use application::{Head, InvalidHeader, Pace};
pub use engine::{
    CHANNELS, Channels, Engine, EngineConfig, EngineError, Timing, WholeGenesis, message_bytes_max,
    start,
};
pub use environment::{Environment, now_ms};
pub use finality::{FinalityError, FinalityVerifier};
pub use gossip::{Outbox, decode_introduction, decode_transactions};
pub use history::MissingBlocks;
pub use keys::ValidatorKeys;
pub use ledger::{Ledger, LedgerFailure};
pub use observer::{Observation, Observer, PeerNote};
pub use runner::{RunConfig, RunError, run};
pub use scheme::CommitteeError;
pub use soundness::{Finding, Soundness, Store, examine, is_held_by_others};
pub use stopped::{Stopped, StoppedError, read_stopped};
