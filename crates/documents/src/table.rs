//! A table that somebody sent: a line of heads and rows of texts.

use crate::{csv, xlsx};

/// What is read of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableLimits {
    /// Bytes of the file.
    pub bytes_max: usize,
    /// Bytes of an XLSX file after its parts were inflated.
    pub inflated_bytes_max: u64,
    /// Rows below the heads.
    pub rows_max: usize,
    /// Columns.
    pub columns_max: usize,
    /// Bytes of a cell.
    pub cell_bytes_max: usize,
}

impl Default for TableLimits {
    fn default() -> Self {
        Self {
            bytes_max: 8 * 1024 * 1024,
            inflated_bytes_max: 64 * 1024 * 1024,
            rows_max: 20_000,
            columns_max: 64,
            cell_bytes_max: 2_048,
        }
    }
}

/// A table: heads and the rows below them that are not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The first line, trimmed.
    pub heads: Vec<String>,
    /// The lines below.
    pub rows: Vec<Row>,
}

/// A line of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The number that a spreadsheet shows beside it: the heads stand in line 1.
    pub line: usize,
    /// As many cells as there are heads, trimmed; empty where there is nothing.
    pub cells: Vec<String>,
}

/// Why a file is no table that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It exceeds a bound.
    #[error("the file has more than {max} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        max: u64,
    },
    /// A cell is too long.
    #[error("line {line}, column {column}: more than {max} bytes in a cell")]
    CellTooLong {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// How many bytes there may be.
        max: usize,
    },
    /// It is not what it looks like.
    #[error("{0}")]
    Malformed(String),
    /// There is no line of heads.
    #[error("the file has no line of column heads")]
    Empty,
    /// Two columns have the same head.
    #[error("the column `{0}` is there twice")]
    RepeatedHead(String),
}

impl TableError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "documents.too_large",
            Self::CellTooLong { .. } => "documents.cell_too_long",
            Self::Malformed(_) => "documents.malformed",
            Self::Empty => "documents.empty",
            Self::RepeatedHead(_) => "documents.repeated_head",
        }
    }
}

impl Table {
    /// Reads CSV or XLSX, whichever the bytes are.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn read(bytes: &[u8], limits: &TableLimits) -> Result<Self, TableError> {
        if bytes.len() > limits.bytes_max {
            return Err(TableError::TooLarge { what: "bytes", max: limits.bytes_max as u64 });
        }
        // Every ZIP archive begins so, and no text does.
        if bytes.starts_with(b"PK\x03\x04") {
            xlsx::read(bytes, limits)
        } else {
            csv::read(bytes, limits)
        }
    }

    /// The place of the column with one of these heads, whatever the case of the letters.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        let is_named = |head: &String| names.iter().any(|name| is_same_head(head, name));
        self.heads.iter().position(is_named)
    }

    /// Makes a table of lines; the first with something in it holds the heads.
    pub(crate) fn of_lines(
        lines: impl Iterator<Item = (usize, Vec<String>)>,
    ) -> Result<Self, TableError> {
        let mut lines = lines.filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
        let (_, mut heads) = lines.next().ok_or(TableError::Empty)?;
        while heads.last().is_some_and(String::is_empty) {
            heads.pop();
        }
        for (place, head) in heads.iter().enumerate() {
            let is_repeated = heads[..place].iter().any(|other| is_same_head(other, head));
            if !head.is_empty() && is_repeated {
                return Err(TableError::RepeatedHead(head.clone()));
            }
        }
        let width = heads.len();
        let mut rows = Vec::new();
        for (line, mut cells) in lines {
            if cells.iter().skip(width).any(|cell| !cell.is_empty()) {
                let message = format!("line {line} has a cell beyond the last column head");
                return Err(TableError::Malformed(message));
            }
            cells.resize(width, String::new());
            rows.push(Row { line, cells });
        }
        Ok(Self { heads, rows })
    }
}

/// `Invoice number`, `invoice_number` and `INVOICE-NUMBER` are one head.
fn is_same_head(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    plain(one) == plain(other)
}
