//! The sample trade: two weeks of a pork and a lettuce supply chain, ending in a sale and a recall.
//!
//! It is our own writing. The companies, places, products and numbers are made up; every GS1 key
//! lies under prefix 952, which GS1 reserves for examples, and has a right check digit. The same
//! start instant gives the same documents, byte for byte.
//!
//! # Story
//! Pigs of two farms are slaughtered, cut and minced; bagged lettuce of two farms is washed and
//! packed; both travel chilled over a distribution centre into two stores. A sample of the mince
//! turns out to hold salmonella: the lot is recalled, what is on the shelves is destroyed, and
//! the one question is which of the farms it came from and who bought it.

mod calendar;
pub mod credit;
mod draft;
mod keys;
mod labels;
mod parties;
mod products;
mod story;

#[cfg(test)]
mod tests;

pub use calendar::{DAYS, start_before};
pub use labels::labels;
pub use parties::{Party, PartyKind, Place};
pub use products::Card;

/// The sample trade, ready to be captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// The parties. Those that run a validator come first.
    pub parties: Vec<Party>,
    /// What the parties capture, in the order in which it happened.
    pub documents: Vec<CaptureStep>,
    /// Canonical identifier of the mince lot in which salmonella is found.
    pub suspect_lot: String,
    /// Canonical identifier of a pack of that lot that a shopper bought.
    pub shopper_pack: String,
    /// Canonical identifier of a pack of that lot that was taken from the shelf and destroyed.
    pub destroyed_pack: String,
    /// Canonical identifier of a lot of bagged lettuce whose record was corrected.
    pub corrected_lot: String,
    /// Canonical identifiers of all packs of the recalled lot that went into cases.
    pub recalled_packs: Vec<String>,
}

/// One EPCIS document and the party that captures it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureStep {
    /// Index into [`Trade::parties`].
    pub party_index: usize,
    /// When it is captured, in milliseconds since the Unix epoch.
    pub captured_ms: i64,
    /// How many events the document has.
    pub events: usize,
    /// An EPCIS 2.0 document in JSON-LD.
    pub document_json: String,
}

/// Tells the story from the day on which `start_ms` (milliseconds since the Unix epoch) falls.
///
/// Its last event happens less than [`DAYS`] days after that day began; [`start_before`] gives a
/// start for which everything has happened by a given instant.
pub fn trade(start_ms: i64) -> Trade {
    story::tell(start_ms)
}

/// The parties of the sample trade, those that run a validator first.
pub fn parties() -> Vec<Party> {
    parties::ALL.to_vec()
}

/// What is known of every product of the story besides the events.
pub fn cards() -> Vec<Card> {
    products::cards()
}

/// Identifiers of the story that are worth tracing, and why. They do not depend on the start.
pub fn examples() -> Vec<(String, &'static str)> {
    story::examples()
}
