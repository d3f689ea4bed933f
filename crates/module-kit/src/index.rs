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

/// How the index keeps a parameter of an event.
///
/// An event whose parameters have other types than these fails the conformance checks of its module: a
/// list of texts or records takes one word of the log's head, so that what stands behind it is found;
/// a record or a list of fixed length would take several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// `bool` and `uint8` to `uint64`.
    Number,
    /// `string`.
    Text,
    /// `address` and `uint128`: the last so many bytes of the word.
    Tail(usize),
    /// `bytes32`: the whole word.
    Word,
    /// `bytes`: as many bytes as its length says.
    Bytes,
    /// A list of `bytes32` or numbers: as many words as its length says.
    Words,
    /// A list of texts or records. It has no column: who needs it reads the log.
    Unkept,
}

impl ColumnKind {
    /// How a parameter of a canonical Solidity type is kept; `None` where the index cannot read it.
    #[must_use]
    pub fn of(solidity: &str) -> Option<Self> {
        Some(match solidity {
            "string" => Self::Text,
            "bytes32" => Self::Word,
            "address" => Self::Tail(20),
            "uint128" => Self::Tail(16),
            "bytes" => Self::Bytes,
            "bytes32[]" | "uint64[]" => Self::Words,
            "bool" | "uint8" | "uint16" | "uint32" | "uint64" => Self::Number,
            list if list.ends_with("[]") => Self::Unkept,
            _ => return None,
        })
    }

    /// Whether it fits one word, and so may be a topic.
    #[must_use]
    pub const fn is_word(self) -> bool {
        matches!(self, Self::Number | Self::Tail(_) | Self::Word)
    }
}
