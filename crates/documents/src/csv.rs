//! CSV (RFC 4180) in and out; the separator is found out when it is read.

use csv::{Position, ReaderBuilder, Terminator, WriterBuilder};

use crate::{
    sheet::{Cell, Sheet},
    table::{Table, TableError, TableLimits},
};

/// Separators that spreadsheets write, by where they were set up.
const SEPARATORS: [u8; 3] = *b",;\t";

/// What spreadsheets need to see that a file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(crate) fn read(bytes: &[u8], limits: &TableLimits) -> Result<Table, TableError> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        TableError::Malformed("the file is neither XLSX nor CSV in UTF-8".to_owned())
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.contains('\0') {
        return Err(TableError::Malformed("the file is neither XLSX nor CSV".to_owned()));
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| TableError::Malformed(error.to_string()))?;
        let line = record.position().map_or(0, |position| line_of(text, position));
        if lines.len() > limits.rows_max {
            return Err(TableError::TooLarge { what: "rows", max: limits.rows_max as u64 });
        }
        if record.len() > limits.columns_max {
            return Err(TableError::TooLarge { what: "columns", max: limits.columns_max as u64 });
        }
        let mut cells = Vec::with_capacity(record.len());
        for (place, cell) in record.iter().enumerate() {
            let max = limits.cell_bytes_max;
            if cell.len() > max {
                return Err(TableError::CellTooLong { line, column: place + 1, max });
            }
            cells.push(cell.trim().to_owned());
        }
        lines.push((line, cells));
    }
    Table::of_lines(lines.into_iter())
}

/// The line in which a record begins. The reader counts from the end of the record before, with empty
/// lines still to come.
fn line_of(text: &str, position: &Position) -> usize {
    let rest = &text.as_bytes()[(position.byte() as usize).min(text.len())..];
    let skipped = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() as usize + skipped.filter(|byte| **byte == b'\n').count()
}

/// The separator that stands most often in the first line, outside of quotes.
fn separator(text: &str) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut is_quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => break,
            _ if is_quoted => {}
            byte => {
                if let Some(place) = SEPARATORS.iter().position(|one| *one == byte) {
                    counts[place] += 1;
                }
            }
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let place = counts.iter().position(|count| *count == most).unwrap_or(0);
    SEPARATORS[place]
}

impl Sheet {
    /// The sheet as CSV in UTF-8 with a byte order mark.
    ///
    /// A text that a spreadsheet would take for a formula gets an apostrophe in front.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .flexible(true)
            .from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
        let heads = self.heads.iter().map(|head| harmless(head));
        writer.write_record(heads).expect("a vector takes every byte");
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => harmless(text),
                Cell::Number(number) => number.clone(),
            });
            writer.write_record(cells).expect("a vector takes every byte");
        }
        writer.into_inner().expect("a vector takes every byte")
    }
}

fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
