//! The interfaces over real sockets, in front of a chain in memory.

// Helpers of tests fail as tests do: by panicking.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod binding;
mod capture;
mod contracts;
mod documented;
mod events;
mod finance;
mod goods;
mod hostile;
mod keys;
mod master;
mod mutations;
mod partner_reports;
mod queries;
mod recalls;
mod rpc;
mod sharing;
mod status;
mod support;
mod tools;
mod trace;
