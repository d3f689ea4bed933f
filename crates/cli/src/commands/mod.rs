//! One command per file: its arguments and its `run`.

pub mod bench;
pub mod capture;
pub mod collateral;
pub mod config;
pub mod contract;
pub mod dev;
pub mod doctor;
pub mod event_hash;
pub mod export;
pub mod finance;
pub mod import;
pub mod index;
pub mod init;
pub mod key;
pub mod payments;
pub mod prove;
pub mod recall;
pub mod repair;
pub mod sharing;
pub mod simulate;
pub mod start;
pub mod status;
pub mod trace;
pub mod verify;
pub mod voucher;
