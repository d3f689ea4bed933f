//! The test kit: a chain in memory, and the checks that every module must pass.

mod calls;
mod conformance;
pub(crate) mod sandbox;
mod snapshot;

pub use conformance::{Conformance, check_transitions};
pub use sandbox::{Done, Refused, Sandbox};
