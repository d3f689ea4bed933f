//! Writes many rows, and asks for many keys, with few statements.

use crate::database::{Connection, Tuple, sql};

/// Rows per statement at most.
const ROWS_MAX: usize = 64;

/// Cuts a list into pieces of at most `max` (a power of two). Every size is a power of two, so
/// that few distinct statements exist and each stays prepared.
pub(crate) fn chunks<T>(mut rest: &[T], max: usize) -> impl Iterator<Item = &[T]> {
    assert!(max.is_power_of_two(), "sizes of statements are powers of two");
    std::iter::from_fn(move || {
        let size = 1_usize << rest.len().min(max).checked_ilog2()?;
        let (chunk, remaining) = rest.split_at(size);
        rest = remaining;
        Some(chunk)
    })
}

/// Inserts all rows: `head` is `INSERT INTO table (columns)`, `bind` pushes one row's values.
pub(crate) async fn insert<'rows, T>(
    connection: &mut Connection,
    head: &str,
    rows: &'rows [T],
    bind: impl Fn(&mut Tuple<'_, 'rows>, &'rows T),
) -> Result<(), sqlx::Error> {
    for chunk in chunks(rows, ROWS_MAX) {
        let mut statement = sql(format!("{head} "));
        statement.push_values(chunk, |row, value| bind(row, value));
        statement.execute(connection).await?;
    }
    Ok(())
}
