//! Named queries and their subscriptions: `/epcis/queries`.
//!
//! They belong to this node and to nobody else: no part of the chain. They are kept in a file in the
//! node's data folder.

mod deliver;
mod receivers;
mod routes;
mod schedule;
mod socket;
mod store;

pub(super) use deliver::start;
pub use receivers::{Origin, Receivers, ReceiversError};
pub(super) use routes::*;
pub(super) use store::Queries;
