//! The test kit: a chain of one block in memory, and the checks that every module must pass.

pub(crate) mod sandbox;

pub use sandbox::{Done, Refused, Sandbox};
