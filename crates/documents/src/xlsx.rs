//! XLSX (ISO/IEC 29500) in and out.

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read as _},
};

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use rust_xlsxwriter::{DocProperties, ExcelDateTime as WrittenDate, Format, Workbook, XlsxError};
use zip::ZipArchive;

use crate::{
    sheet::{Cell, Sheet},
    table::{Table, TableError, TableLimits},
};

/// Parts of an archive; a workbook with one sheet has about ten.
const PARTS_MAX: usize = 1_000;
/// Digits that a spreadsheet shows of a number.
const DIGITS: usize = 15;
/// Letters of the name of a sheet.
const NAME_LETTERS_MAX: usize = 31;

pub(crate) fn read(bytes: &[u8], limits: &TableLimits) -> Result<Table, TableError> {
    check_inflated(bytes, limits)?;
    let mut book: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|error| malformed(&error.to_string()))?;
    let name = book.sheet_names().first().cloned();
    let name = name.ok_or_else(|| malformed("the workbook has no sheet"))?;
    let mut cells =
        book.worksheet_cells_reader(&name).map_err(|error| malformed(&error.to_string()))?;
    // Cells are taken one by one: a sheet that names a cell far out is not laid out as a whole.
    let mut lines: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    while let Some(cell) = cells.next_cell().map_err(|error| malformed(&error.to_string()))? {
        let (line, column) = cell.get_position();
        let text = text(cell.get_value()).trim().to_owned();
        if text.is_empty() {
            continue;
        }
        let (at, column) = (line as usize + 1, column as usize);
        if column >= limits.columns_max {
            return Err(TableError::TooLarge { what: "columns", max: limits.columns_max as u64 });
        }
        if text.len() > limits.cell_bytes_max {
            let max = limits.cell_bytes_max;
            return Err(TableError::CellTooLong { line: at, column: column + 1, max });
        }
        if lines.len() > limits.rows_max && !lines.contains_key(&line) {
            return Err(TableError::TooLarge { what: "rows", max: limits.rows_max as u64 });
        }
        let row = lines.entry(line).or_default();
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text;
    }
    Table::of_lines(lines.into_iter().map(|(line, cells)| (line as usize + 1, cells)))
}

/// Inflates every part once, into nothing: what an archive says of its sizes need not be true.
fn check_inflated(bytes: &[u8], limits: &TableLimits) -> Result<(), TableError> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| malformed(&error.to_string()))?;
    if archive.len() > PARTS_MAX {
        return Err(TableError::TooLarge { what: "parts", max: PARTS_MAX as u64 });
    }
    let mut left = limits.inflated_bytes_max;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|error| malformed(&error.to_string()))?;
        let read = io::copy(&mut part.take(left + 1), &mut io::sink());
        let read = read.map_err(|error| malformed(&error.to_string()))?;
        left = left.checked_sub(read).ok_or(TableError::TooLarge {
            what: "inflated bytes",
            max: limits.inflated_bytes_max,
        })?;
    }
    Ok(())
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => decimal(*number),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(time) => day(time),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// A number as the spreadsheet shows it: without the noise behind its 15th digit.
fn decimal(number: f64) -> String {
    let whole = format!("{:.0}", number.trunc().abs()).len();
    let decimals = DIGITS.saturating_sub(whole).min(10);
    let text = format!("{number:.decimals$}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A day as `YYYY-MM-DD`, with the time where there is one.
fn day(time: &ExcelDateTime) -> String {
    if !time.is_datetime() {
        return decimal(time.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
    }
}

fn malformed(cause: &str) -> TableError {
    TableError::Malformed(format!("the workbook cannot be read: {cause}"))
}

impl Sheet {
    /// The sheet as a workbook, with its heads in bold above a frozen line.
    pub fn to_xlsx(&self) -> Vec<u8> {
        self.workbook().expect("rows, columns and texts are within the limits of a workbook")
    }

    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        // The time at which it was made would make the same content other bytes.
        let made = WrittenDate::from_ymd(2000, 1, 1)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(&self.name))?;
        let bold = Format::new().set_bold();
        for (column, head) in self.heads.iter().enumerate() {
            sheet.write_string_with_format(0, column as u16, head, &bold)?;
        }
        for (line, row) in self.rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                write(sheet, line as u32 + 1, column as u16, cell)?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        for (column, width) in self.widths().into_iter().enumerate() {
            sheet.set_column_width(column as u16, width)?;
        }
        book.save_to_buffer()
    }

    /// As wide as the longest text, within reason.
    fn widths(&self) -> Vec<f64> {
        let lengths = |column: usize| {
            let cells = self.rows.iter().filter_map(move |row| row.get(column));
            cells.map(|cell| cell.as_str().chars().count())
        };
        let width = |(column, head): (usize, &String)| {
            let longest = lengths(column).max().unwrap_or(0).max(head.chars().count());
            longest.clamp(8, 48) as f64 + 2.0
        };
        self.heads.iter().enumerate().map(width).collect()
    }
}

fn write(
    sheet: &mut rust_xlsxwriter::Worksheet,
    line: u32,
    column: u16,
    cell: &Cell,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => sheet.write_string(line, column, text)?,
        Cell::Number(number) => match number.parse::<f64>() {
            Ok(value) if value.is_finite() => {
                let decimals = number.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                let shape = match decimals {
                    0 => "#,##0".to_owned(),
                    decimals => format!("#,##0.{}", "0".repeat(decimals)),
                };
                let format = Format::new().set_num_format(shape);
                sheet.write_number_with_format(line, column, value, &format)?
            }
            _ => sheet.write_string(line, column, number)?,
        },
    };
    Ok(())
}

/// A name without what Excel does not allow in it.
fn sheet_name(name: &str) -> String {
    let letters = name.chars().filter(|letter| !"[]:*?/\\'".contains(*letter));
    let name: String = letters.take(NAME_LETTERS_MAX).collect();
    if name.trim().is_empty() { "Sheet1".to_owned() } else { name }
}
