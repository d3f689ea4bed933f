//! What the modules say about their events becomes rows: a table per event, as the module's `index.rs`
//! declares it, without a line about the module here.

mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use qiao_module_kit::ColumnKind;
use qiao_types::FinalizedBlock;

pub use self::tables::RecordValue;
use self::tables::Table;
use crate::database::{Connection, Row, sql};
use crate::{Index, IndexError, Page, PageRequest, batch, keys};

/// The statements that create the tables of all modules.
pub(crate) fn schema() -> String {
    tables::all().iter().map(Table::create).collect()
}

/// Which rows of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordQuery<'a> {
    /// The table, as a module declares it.
    pub table: &'a str,
    /// Columns with the value that they must have.
    pub equals: Vec<(&'a str, RecordValue)>,
    /// A column of numbers with the least and the most that it may hold.
    pub between: Option<(&'a str, u64, u64)>,
    /// Whether the newest come first.
    pub is_newest_first: bool,
}

/// A row: one event of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The block that holds it.
    pub block: u64,
    /// Its number among the logs of the block.
    pub log_index: u32,
    values: BTreeMap<&'static str, RecordValue>,
}

impl<'a> RecordQuery<'a> {
    /// All rows of a table, the oldest first.
    pub fn of(table: &'a str) -> Self {
        Self { table, ..Self::default() }
    }

    /// Those with a number in a column.
    #[must_use]
    pub fn with(mut self, column: &'a str, number: u64) -> Self {
        self.equals.push((column, RecordValue::Number(number)));
        self
    }

    /// Those with a number in a column from one to another, both included.
    #[must_use]
    pub fn between(mut self, column: &'a str, least: u64, most: u64) -> Self {
        self.between = Some((column, least, most));
        self
    }

    /// The newest first.
    #[must_use]
    pub fn newest_first(mut self) -> Self {
        self.is_newest_first = true;
        self
    }
}

impl Record {
    /// The number in a column; 0 where the column holds none.
    pub fn number(&self, column: &str) -> u64 {
        match self.values.get(column) {
            Some(RecordValue::Number(number)) => *number,
            _ => 0,
        }
    }

    /// The text in a column; empty where the column holds none.
    pub fn text(&self, column: &str) -> &str {
        match self.values.get(column) {
            Some(RecordValue::Text(text)) => text,
            _ => "",
        }
    }

    /// The bytes in a column as a number; 0 where the column holds none, or more than 16.
    pub fn wide(&self, column: &str) -> u128 {
        let mut wide = [0; 16];
        if let Some(RecordValue::Bytes(bytes)) = self.values.get(column)
            && let Some(start) = wide.len().checked_sub(bytes.len())
        {
            wide[start..].copy_from_slice(bytes);
        }
        u128::from_be_bytes(wide)
    }

    /// The bytes in a column as a hash; zero where the column holds none.
    pub fn hash(&self, column: &str) -> B256 {
        match self.values.get(column) {
            Some(RecordValue::Bytes(bytes)) if bytes.len() == 32 => B256::from_slice(bytes),
            _ => B256::ZERO,
        }
    }

    /// The bytes in a column as an address; zero where the column holds none.
    pub fn address(&self, column: &str) -> Address {
        match self.values.get(column) {
            Some(RecordValue::Bytes(bytes)) if bytes.len() == 20 => Address::from_slice(bytes),
            _ => Address::ZERO,
        }
    }

    fn from_row(row: &Row, table: &'static Table) -> Result<Self, IndexError> {
        let (block, log_index) = keys::split(row.try_get("place")?);
        let mut values = BTreeMap::new();
        for column in &table.columns {
            let value = match column.kind {
                // SQLite has no unsigned numbers: the bits are kept.
                ColumnKind::Number => RecordValue::Number(row.try_get::<i64>(column.name)? as u64),
                ColumnKind::Text => RecordValue::Text(row.try_get(column.name)?),
                _ => RecordValue::Bytes(row.try_get(column.name)?),
            };
            values.insert(column.name, value);
        }
        Ok(Self { block, log_index, values })
    }
}

/// Writes the rows of these blocks.
pub(crate) async fn write(
    connection: &mut Connection,
    blocks: &[&FinalizedBlock],
) -> Result<(), IndexError> {
    let mut rows: BTreeMap<usize, Vec<(i64, Vec<RecordValue>)>> = BTreeMap::new();
    for finalized in blocks {
        let logs = finalized.receipts.iter().flat_map(|receipt| receipt.logs());
        for (nth, log) in logs.enumerate() {
            let Some((table, values)) = tables::row_of(log) else { continue };
            let place = keys::place(finalized.block.number(), nth)?;
            rows.entry(table).or_default().push((place, values));
        }
    }
    for (table, rows) in rows {
        let table = &tables::all()[table];
        let columns: Vec<String> =
            table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let head = format!("INSERT INTO {} (place, {})", table.name, columns.join(", "));
        batch::insert(connection, &head, &rows, |row, (place, values)| {
            row.push_bind(*place);
            for value in values {
                match value {
                    RecordValue::Number(number) => row.push_bind(*number as i64),
                    RecordValue::Text(text) => row.push_bind(text.as_str()),
                    RecordValue::Bytes(bytes) => row.push_bind(bytes.as_slice()),
                };
            }
        })
        .await?;
    }
    Ok(())
}

/// Drops the rows from this place on.
pub(crate) async fn forget_from(connection: &mut Connection, first: i64) -> Result<(), IndexError> {
    for table in tables::all() {
        let query = format!("DELETE FROM {} WHERE place >= ?", table.name);
        sql(query).bind(first).execute(connection).await?;
    }
    Ok(())
}

impl Index {
    /// A page of the rows that a module's events became.
    ///
    /// # Errors
    /// [`IndexError::NoSuchRows`] where no module declares the table or a column.
    pub async fn records(
        &self,
        query: &RecordQuery<'_>,
        page: &PageRequest,
    ) -> Result<Page<Record>, IndexError> {
        let unknown = |name: &str| IndexError::NoSuchRows { name: name.to_owned() };
        let table = tables::named(query.table).ok_or_else(|| unknown(query.table))?;
        let (compares, order) = if query.is_newest_first { ("<", "DESC") } else { (">", "ASC") };
        let mut sql = sql(format!("SELECT * FROM {} WHERE place {compares} ", table.name));
        let edge = if query.is_newest_first { i64::MAX } else { -1 };
        sql.push_bind(page.row()?.unwrap_or(edge));
        let named = query.equals.iter().map(|(name, _)| *name);
        for name in named.chain(query.between.map(|(name, ..)| name)) {
            if !table.columns.iter().any(|column| column.name == name) {
                return Err(unknown(name));
            }
        }
        for (name, value) in &query.equals {
            sql.push(&format!(" AND \"{name}\" = "));
            match value {
                RecordValue::Number(number) => sql.push_bind(*number as i64),
                RecordValue::Text(text) => sql.push_bind(text.clone()),
                RecordValue::Bytes(bytes) => sql.push_bind(bytes.clone()),
            };
        }
        if let Some((name, least, most)) = query.between {
            sql.push(&format!(" AND \"{name}\" BETWEEN "));
            sql.push_bind(least as i64).push(" AND ").push_bind(most as i64);
        }
        sql.push(&format!(" ORDER BY place {order} LIMIT "));
        sql.push_bind(page.limit() as i64 + 1);
        let rows = sql.fetch_all(&mut self.reader().await?).await?;
        let found: Vec<Record> =
            rows.iter().map(|row| Record::from_row(row, table)).collect::<Result<_, _>>()?;
        let token = |record: &Record| {
            let place = keys::place(record.block, record.log_index as usize);
            place.unwrap_or_default().to_string()
        };
        Ok(Page::cut(found, page.limit(), token))
    }
}
