//! The binary `qiao` as its users meet it: texts, exit codes, homes, and networks of processes.

mod event_hash;
mod homes;
mod network;
mod support;
mod texts;
