//! An event with what the chain says of it.

use qiao_epcis::Event;

/// An event as the chain recorded it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The Event Hash ID of what the chain has; empty where it is not told.
    pub id: String,
    /// The event, as whoever asks may see it.
    pub event: Event,
    /// Number of the organisation for which it was recorded.
    pub party: u64,
    /// Name of that organisation.
    pub party_name: Option<String>,
    /// When the chain recorded it, in milliseconds since the Unix epoch.
    pub record_time_ms: u64,
    /// The block that holds it.
    pub block: u64,
    /// The transaction that holds it, in hexadecimal.
    pub transaction: String,
    /// Whether its party declared it wrong later.
    pub is_withdrawn: bool,
}

impl Recorded {
    /// The Event Hash ID; empty where it is not told.
    pub fn hash(&self) -> String {
        self.id.clone()
    }

    /// Where the things are afterwards, or where it happened.
    pub fn place(&self) -> Option<&str> {
        self.event.biz_location().or_else(|| self.event.read_point())
    }
}
