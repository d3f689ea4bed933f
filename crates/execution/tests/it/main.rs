//! The EVM as this chain assembles it, against Ethereum's own tests.

mod fixtures;
mod state_tests;
