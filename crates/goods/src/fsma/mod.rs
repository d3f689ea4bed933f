//! The electronic sortable spreadsheet of FSMA 204 (21 CFR 1.1455(c)(3)): for lots of food, a row for each
//! critical tracking event with the key data elements that 21 CFR 1.1325 to 1.1350 ask for.
//!
//! Events are understood as GS1 US's "EPCIS Recommendations for FSMA 204 CTEs" (release 2.0) writes them, and
//! as companies write them that never heard of it: `shipping` and `receiving` of pallets are told for the
//! lots in them.

mod columns;
mod contents;
mod rows;
mod tracking;

use std::collections::BTreeSet;

use serde::Serialize;

pub use self::columns::{COLUMNS, cells};
pub(crate) use self::contents::Contents;
pub use self::tracking::Tracking;
use crate::Recorded;

/// A critical tracking event of one lot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What happened.
    pub tracking: Option<Tracking>,
    /// Canonical identifier of the lot; its product and lot number make the traceability lot code.
    pub lot: String,
    /// The traceability lot code: the lot number that its source gave.
    pub code: String,
    /// The product's GTIN.
    pub gtin: String,
    /// What people call the product.
    pub description: String,
    /// How much, as a decimal number.
    pub quantity: String,
    /// The unit: a code of UN/ECE Recommendation 20, or `EA` for pieces.
    pub unit: String,
    /// The date of the event where it happened: `2026-03-01`.
    pub date: String,
    /// The time of day and the offset: `10:30 -05:00`.
    pub time: String,
    /// Where it happened.
    pub location: String,
    /// Where it came from.
    pub previous_source: String,
    /// Where it went next.
    pub subsequent_recipient: String,
    /// Who gave the traceability lot code, and where.
    pub code_source: String,
    /// The farm where it was harvested.
    pub farm: String,
    /// The field or growing area.
    pub growing_area: String,
    /// Who harvested it.
    pub harvester: String,
    /// When it was harvested, or caught.
    pub harvest_date: String,
    /// Where it was cooled.
    pub cooling_location: String,
    /// When it was cooled.
    pub cooling_date: String,
    /// Species or market name of seafood.
    pub species: String,
    /// Where it was caught.
    pub catch_area: String,
    /// For an ingredient, the lots that were made of it; for a new food, the lots that went in.
    pub related_lots: String,
    /// Types of the reference documents.
    pub document_types: String,
    /// Their numbers.
    pub document_numbers: String,
    /// The organisation that says so.
    pub recorded_by: String,
    /// The Event Hash ID.
    pub event: String,
    /// When it happened, to sort by.
    pub time_ms: i64,
    /// Key data elements that the rule asks for and the events do not tell.
    pub missing: Vec<&'static str>,
}

/// Names for people: of places, parties and products by their canonical identifiers.
pub trait Describe: Sync {
    /// The name of a product, by any identifier of it.
    fn product(&self, id: &str) -> String;
    /// The name and, where it is known, the address of a place or party.
    fn place(&self, id: &str) -> String;
}

/// The rows for the lots among some things, and for the lots of items among them, in the order of time.
/// `events` are all events of their trace.
pub fn rows(events: &[Recorded], things: &BTreeSet<String>, names: &dyn Describe) -> Vec<Row> {
    let mut told: Vec<&Recorded> = events.iter().filter(|one| !one.is_withdrawn).collect();
    told.sort_by_key(|one| (one.event.event_time_ms(), one.block));
    let making = rows::Making::new(&told, names);
    let lots = making.lots_of(things);
    let mut rows = making.rows();
    rows.retain(|row| lots.contains(&row.lot));
    rows.sort_by(|left, right| {
        (left.time_ms, left.tracking, &left.lot).cmp(&(right.time_ms, right.tracking, &right.lot))
    });
    rows
}
