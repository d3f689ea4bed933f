//! Bounds on what is read. Every validator must use the same ones, so they are data, not settings.

/// The largest input that the parser takes. Exceeding one is a [`Problem`](crate::Problem), never a
/// panic and never a large allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole document.
    pub document_bytes_max: usize,
    /// Nesting of arrays and objects; more than 128 counts as 128.
    pub depth_max: usize,
    /// Events of one document.
    pub events_max: usize,
    /// Values of all arrays and objects together, which bounds the memory that reading takes.
    pub values_max: usize,
    /// Elements of one array, or fields of one object.
    pub list_length_max: usize,
    /// Bytes of one string or field name, after its escapes are resolved.
    pub string_bytes_max: usize,
    /// Problems that are reported before reading stops.
    pub problems_max: usize,
    /// Whether the valid events of a document are taken where others are not.
    pub takes_valid: bool,
}

impl Limits {
    /// For a document that a member's system posts.
    pub const DOCUMENT: Self = Self {
        document_bytes_max: 16 << 20,
        depth_max: 64,
        events_max: 10_000,
        values_max: 1_000_000,
        list_length_max: 10_000,
        string_bytes_max: 64 << 10,
        problems_max: 100,
        takes_valid: false,
    };

    /// For one event inside a transaction.
    pub const EVENT: Self = Self {
        document_bytes_max: 1 << 20,
        depth_max: 64,
        events_max: 1,
        values_max: 100_000,
        list_length_max: 10_000,
        string_bytes_max: 64 << 10,
        problems_max: 1,
        takes_valid: false,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DOCUMENT
    }
}
