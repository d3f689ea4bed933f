//! The columns of the spreadsheet.

use super::Row;

/// A column: its head, and what stands in it.
type Column = (&'static str, fn(&Row) -> String);

/// The columns, in their order.
pub const COLUMNS: &[Column] = &[
    ("Critical tracking event", |row| {
        row.tracking.map(|tracking| tracking.title().to_owned()).unwrap_or_default()
    }),
    ("Traceability lot code", |row| row.code.clone()),
    ("GTIN", |row| row.gtin.clone()),
    ("Product description", |row| row.description.clone()),
    ("Quantity", |row| row.quantity.clone()),
    ("Unit of measure", |row| row.unit.clone()),
    ("Date", |row| row.date.clone()),
    ("Time", |row| row.time.clone()),
    ("Location", |row| row.location.clone()),
    ("Immediate previous source", |row| row.previous_source.clone()),
    ("Immediate subsequent recipient", |row| row.subsequent_recipient.clone()),
    ("Traceability lot code source", |row| row.code_source.clone()),
    ("Farm", |row| row.farm.clone()),
    ("Field or growing area", |row| row.growing_area.clone()),
    ("Harvester", |row| row.harvester.clone()),
    ("Harvest date", |row| row.harvest_date.clone()),
    ("Cooling location", |row| row.cooling_location.clone()),
    ("Cooling date", |row| row.cooling_date.clone()),
    ("Species or market name", |row| row.species.clone()),
    ("Catch area", |row| row.catch_area.clone()),
    ("Related lots", |row| row.related_lots.clone()),
    ("Reference document type", |row| row.document_types.clone()),
    ("Reference document number", |row| row.document_numbers.clone()),
    ("Recorded by", |row| row.recorded_by.clone()),
    ("Missing key data elements", |row| row.missing.join("; ")),
    ("Event Hash ID", |row| row.event.clone()),
];

/// The cells of a row.
pub fn cells(row: &Row) -> Vec<String> {
    COLUMNS.iter().map(|(_, cell)| cell(row)).collect()
}
