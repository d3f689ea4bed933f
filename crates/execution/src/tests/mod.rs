//! Blocks, calls and genesis, checked against a map of state.

mod blocks;
mod calls;
mod captures;
mod chain;
mod contracts;
mod misses;
mod permission;
