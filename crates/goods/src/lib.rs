//! What people make of recorded events: the page that everybody may read, links to more about a product,
//! the sortable spreadsheet of FSMA 204, tables that become events, labels, gaps and cold-chain alerts.
//!
//! Everything here is a function of events and of what somebody asks: no chain, no index, no network.
//! What the chain says of an event comes with it, as [`Recorded`].

pub mod fsma;
pub mod gaps;
pub mod import;
pub mod journey;
pub mod labels;
pub mod links;
mod names;
mod products;
mod recorded;
pub mod watch;

#[cfg(test)]
mod tests;

pub use names::{GS1, product_of};
pub use products::{Place, Product, ProductError};
pub use recorded::Recorded;
