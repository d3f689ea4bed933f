//! Documents that people exchange with the chain: tables as CSV and XLSX, in and out; PDF and QR
//! codes, out.
//!
//! Reading is for files of strangers: bytes, rows, columns and cells are bounded before they are
//! walked, and a table says for each cell where it stood, so that an error can name it. Writing is
//! deterministic: the same content gives the same bytes.
//!
//! # Limits
//! A table has one sheet, the first; formulas count by the value that was stored with them. CSV is
//! UTF-8. PDF uses the fonts that every reader has (Helvetica, and STSong for Chinese), embeds none,
//! and so is no PDF/A.

mod csv;
mod pdf;
mod qr;
mod sheet;
mod table;
mod xlsx;

#[cfg(test)]
mod tests;

pub use pdf::{A4, Align, Column, Face, Page, PageSize, Report, bind};
pub use qr::{Qr, QrError};
pub use sheet::{Cell, Sheet};
pub use table::{Row, Table, TableError, TableLimits};

/// The media type of a CSV file.
pub const CSV: &str = "text/csv; charset=utf-8";
/// The media type of an XLSX file.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The media type of a PDF file.
pub const PDF: &str = "application/pdf";
