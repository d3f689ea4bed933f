//! The index: finalized blocks become rows of SQLite or PostgreSQL, and rows answer questions.
//!
//! The chain decides, SQL answers. Every row is derived from finalized blocks (and, for what
//! exists at block 0, from the genesis file), so all of it may be dropped and rebuilt at any
//! time; nothing here is ever trusted by consensus or execution.
//!
//! One connection writes, several read. A block is applied in one transaction, so a reader never
//! sees half a block, and [`Index::last_block`] tells up to where the rows go.

mod batch;
mod chain;
mod columns;
mod contracts;
mod database;
mod error;
mod events;
mod index;
mod keys;
mod members;
mod names;
mod page;
mod records;
mod schema;
mod trace;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use chain::{
    IndexedBlock, IndexedLog, IndexedTransaction, LogFilter, LogPlace, TransactionKind,
    TransactionPlace,
};
pub use error::IndexError;
pub use events::{EventOrder, EventQuery, IndexedEvent, QueryProblem, Resource, Withdrawal};
pub use index::{Index, Progress};
pub use members::{IndexedAccount, IndexedOrganisation};
pub use page::{Page, PageRequest};
pub use records::{Record, RecordQuery, RecordValue};
pub use trace::{
    Affected, AffectedHolder, AffectedLine, Direction, DirectionError, Holder, NodeRole, Relation,
    ThingKind, ThingState, Trace, TraceDocument, TraceItem, TraceLimits, TraceLink, TraceNode,
    TraceStep,
};
