//! What a module says about its events to the index: data, no SQL.

/// How one event of a module becomes a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indexed {
    /// The event's signature in canonical types, as in `Captured(bytes32,uint64)`.
    pub event: &'static str,
    /// The table that keeps it; the module's name comes first.
    pub table: &'static str,
    /// The columns, one per parameter of the event, in its order.
    pub columns: &'static [&'static str],
}
