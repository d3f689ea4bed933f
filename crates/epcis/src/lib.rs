//! EPCIS 2.0 events: read, checked by the published rules, and named by their content.
//!
//! [`parse`] takes an EPCIS document, a query document, a bare event or an array of events in JSON
//! or JSON-LD, [`parse_xml`] the same in XML of version 1.2 or 2.0. [`Event::hash`] is the event's CBV 2.0 Event Hash ID, the same for every way of
//! writing the same event. [`Identifier`] gives EPC URNs and GS1 Digital Links one canonical form.
//!
//! The crate runs inside the blockchain's state machine, but for XML, which no validator reads: the
//! chain holds events as [`Event::to_json`] writes them. It is pure: no clock, no floats, no
//! network, no randomness. Remote `@context` documents are never fetched, so a prefix must be
//! declared where it is used.

#![deny(clippy::float_arithmetic, clippy::float_cmp)]

mod context;
mod decimal;
mod document;
mod event;
mod hash;
mod identifier;
mod json;
mod limits;
mod problem;
mod quantity;
mod time;
mod uri;
mod validate;
mod vocabulary;
mod xml;

#[cfg(test)]
mod tests;

pub use document::{Document, parse, parse_any};
pub use event::{
    Action, BizTransaction, ErrorDeclaration, Event, EventKind, Item, ItemRole, Party,
};
pub use hash::{EventHash, EventHashError};
pub use identifier::{Identifier, IdentifierError, Level, check_digit};
pub use json::{Json, JsonError, Object};
pub use limits::Limits;
pub use problem::{CODES, Code, Problem};
pub use quantity::{Amount, AmountError, Dimension};
pub use xml::{XmlForm, XmlVersion, XmlWords, parse_xml};
