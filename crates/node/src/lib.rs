//! A node: everything that one member runs, put together.
//!
//! # Invariants
//! - A home is checked whole before anything is started: configuration, keys, genesis, data folder,
//!   ports. What does not fit is refused in one sentence.
//! - The interfaces see a block only after the index holds it.
//! - A node that cannot go on ends with its reason; it never limps.

pub mod access;
mod chain;
mod clock;
pub mod config;
mod dev;
pub mod evaluators;
mod export;
pub mod home;
mod indexing;
mod init;
mod instant;
mod listeners;
mod repair;
mod run;
pub mod sharing;
mod shelf;
mod status;
mod story;

pub use chain::NodeChain;
pub use dev::{DevError, DevEvent, DevOptions, PUBLIC_KEYS, VALIDATORS, dev, public_accounts};
pub use export::{Continued, ExportError, Manifest, export, init_from_export};
pub use indexing::{IndexingError, drop_index};
pub use init::{
    DEFAULT_CHAIN_ID, InitError, InitOptions, InitReport, NewMember, NewOrganisation,
    build_genesis, homes_below, init,
};
pub use instant::{InstantError, InstantOptions, instant};
pub use listeners::DoorError;
pub use qiao_consensus::RunError;
pub use repair::{Repair, RepairError, RepairOptions, StoreReport, repair};
pub use run::{NodeError, Prepared, Serving, start, stop_signal};
pub use shelf::{ServedIndex, ShelfError, serve_index};
pub use status::disk_free_bytes;
pub use story::StoryReport;
