//! SQLite: one file, opened by one process.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::Executor as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::{Connection, Database, Pool, READERS_MAX, sql};
use crate::IndexError;

/// Bytes of each file that readers map into memory; the rest is read through the page cache.
const MAPPED_BYTES: &str = "1073741824";

/// Opens or creates the file.
pub(super) async fn open(url: &str) -> Result<Database, IndexError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|_| IndexError::Url { url: url.to_owned() })?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(30))
        .pragma("cache_size", "-16384")
        .pragma("journal_size_limit", "1048576")
        .pragma("temp_store", "memory");
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await?;
    // A database in memory lives in its one connection.
    let readers = if in_memory {
        writer.clone()
    } else {
        let options = options.pragma("query_only", "on").pragma("mmap_size", MAPPED_BYTES);
        readers(options)
    };
    Ok(Database { writer: Pool::Sqlite(writer), readers: Pool::Sqlite(readers) })
}

fn readers(options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .max_lifetime(None)
        .connect_lazy_with(options)
}

/// Drops all tables and creates these, within the transaction of the connection.
pub(crate) async fn recreate(connection: &mut Connection, tables: &str) -> Result<(), IndexError> {
    let found = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    for row in sql(found).fetch_all(connection).await? {
        let name = row.try_get::<String>("name")?.replace('"', "\"\"");
        sql(format!("DROP TABLE IF EXISTS \"{name}\"")).execute(connection).await?;
    }
    if let Connection::Sqlite(held) = connection {
        held.raw().execute(tables).await?;
    }
    Ok(())
}

/// Gives the space of dropped tables back to the file system.
pub(crate) async fn shrink(connection: &mut Connection) {
    // A failure costs disk, not correctness.
    if let Err(error) = sql("VACUUM").execute(connection).await {
        tracing::warn!(%error, "the space of the dropped index was not given back");
    }
}
