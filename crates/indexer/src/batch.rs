//! Writes many rows with few statements.

use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

/// Rows per statement at most. Sizes are powers of two, so that a table has few distinct
/// statements and each stays prepared.
const ROWS_MAX: usize = 64;

/// A tuple of `VALUES` under construction.
pub(crate) type Row<'a, 'args> = Separated<'a, 'args, Sqlite, &'static str>;

/// Inserts all rows: `head` is `INSERT INTO table (columns)`, `bind` pushes one row's values.
pub(crate) async fn insert<'rows, T>(
    connection: &mut SqliteConnection,
    head: &str,
    rows: &'rows [T],
    bind: impl Fn(&mut Row<'_, 'rows>, &'rows T),
) -> Result<(), sqlx::Error> {
    let mut rest = rows;
    while !rest.is_empty() {
        let size = rest.len().min(ROWS_MAX);
        let size = 1 << size.ilog2();
        let (chunk, remaining) = rest.split_at(size);
        let mut query: QueryBuilder<'rows, Sqlite> = QueryBuilder::new(head);
        query.push(" ");
        query.push_values(chunk, |mut row, value| bind(&mut row, value));
        query.build().execute(&mut *connection).await?;
        rest = remaining;
    }
    Ok(())
}
