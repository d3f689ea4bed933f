//! Contracts as their users see them: whose they are, the source that was verified for them, and their
//! calls and events in words.

pub mod abi;
mod artifact;
mod compare;
mod sources;
mod standing;
mod tree;

#[cfg(test)]
mod tests;

pub use abi::{Abi, AbiError, AbiValue, Told};
pub use artifact::{Artifact, ArtifactError};
pub use compare::{Compiled, Match, Mismatch, Place, compare};
pub use sources::{Refused, SOURCES_MAX, Sources, Verified, Verifying};
pub use standing::{ContractState, Freeze, contract_state, true_code};
pub use tree::{CallNode, call_tree};
