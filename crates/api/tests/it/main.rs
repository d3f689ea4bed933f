//! The interfaces over real sockets, in front of a chain in memory.

// Helpers of tests fail as tests do: by panicking.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod capture;
mod contracts;
mod events;
mod hostile;
mod keys;
mod rpc;
mod status;
mod support;
mod tools;
mod trace;
