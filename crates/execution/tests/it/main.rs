//! The EVM as this chain assembles it, against Ethereum's own tests.

mod execution_apis;
mod fixtures;
mod imported;
mod state_tests;
