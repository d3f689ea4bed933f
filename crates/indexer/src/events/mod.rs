//! EPCIS events: captured bodies become rows, rows answer queries.

mod by_hash;
mod captured;
mod filter;
mod query;
mod read;
mod resources;
mod select;
mod write;

#[cfg(test)]
mod tests;

pub use query::{EventOrder, EventQuery, QueryProblem};
pub use read::{IndexedEvent, Withdrawal};
pub use resources::Resource;

pub(crate) use captured::collect;
pub(crate) use read::{action_name, kind_name};
pub(crate) use write::{ROLE_TURNED, write};
