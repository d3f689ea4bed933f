//! EPCIS events: captured bodies become rows, rows answer queries.

mod captured;
mod query;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use query::{EventOrder, EventQuery, QueryProblem};
pub use read::{IndexedEvent, Withdrawal};

pub(crate) use captured::collect;
pub(crate) use read::{action_name, kind_name};
pub(crate) use write::{ROLE_TURNED, write};
