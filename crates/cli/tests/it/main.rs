//! The binary `qiao` as its users meet it: texts, exit codes, homes, and networks of processes.

// Helpers of tests may unwrap as tests do.
#![allow(clippy::unwrap_used)]

mod bench;
mod event_hash;
mod export;
mod faults;
mod finance;
mod homes;
mod machine;
mod network;
mod postgres;
mod proof;
mod recalls;
mod sharing;
mod support;
mod texts;
