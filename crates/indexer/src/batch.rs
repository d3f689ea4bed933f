//! Writes many rows, and asks for many keys, with few statements.

use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

/// Rows per statement at most.
const ROWS_MAX: usize = 64;

/// A tuple of `VALUES` under construction.
pub(crate) type Row<'a, 'args> = Separated<'a, 'args, Sqlite, &'static str>;

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
    connection: &mut SqliteConnection,
    head: &str,
    rows: &'rows [T],
    bind: impl Fn(&mut Row<'_, 'rows>, &'rows T),
) -> Result<(), sqlx::Error> {
    for chunk in chunks(rows, ROWS_MAX) {
        let mut query: QueryBuilder<'rows, Sqlite> = QueryBuilder::new(head);
        query.push(" ");
        query.push_values(chunk, |mut row, value| bind(&mut row, value));
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}
