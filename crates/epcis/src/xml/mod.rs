//! EPCIS documents in XML, of version 1.2 and 2.0, beside JSON-LD.
//!
//! An event has one model, its fields as JSON-LD names them. A document in XML is read into that
//! model, and checked by the same rules; what its elements hold is kept, whether the standard names
//! them or not, and is written as XML again with the same Event Hash ID. The chain itself never reads XML: an event that came in as XML is captured as
//! [`Event::to_json`](crate::Event::to_json) writes it.

mod fields;
mod markup;
pub(crate) mod names;
mod namespaces;
mod path;
mod read;
mod shape;
mod tree;
mod write;

pub use read::parse_xml;
pub use write::{XmlForm, XmlVersion, XmlWords};

/// Namespaces of the documents, all of them with their versions.
const NAMESPACES: &[&str] = &[
    "urn:epcglobal:epcis:xsd:1",
    "urn:epcglobal:epcis:xsd:2",
    "urn:epcglobal:epcis-query:xsd:1",
    "urn:epcglobal:epcis-query:xsd:2",
    "urn:epcglobal:epcis-masterdata:xsd:1",
    "urn:epcglobal:epcis-masterdata:xsd:2",
];

/// The header that says from whom a document comes, and to whom it goes.
const BUSINESS_HEADER: &str =
    "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";

/// Attributes about the document's own schema, which say nothing of an event.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
