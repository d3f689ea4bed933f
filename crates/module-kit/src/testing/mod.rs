//! The test kit: a chain in memory, and the checks that every module must pass.

mod calls;
mod conformance;
mod page;
pub(crate) mod reference;
pub(crate) mod sandbox;
mod scratch;
mod snapshot;

pub use conformance::Conformance;
pub use sandbox::{Done, Refused, Sandbox};
pub use scratch::Scratch;
