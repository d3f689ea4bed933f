//! The tables, their version, and how another version gives way.

use futures::future::BoxFuture;

use crate::database::{Connection, Database, postgres, sql, sqlite};
use crate::{IndexError, records};

/// Raised with every change of `schema.sql`, of a module's `index.rs`, or of what a row means.
const VERSION: i64 = 8;

const TABLES: &str = include_str!("schema.sql");

/// Makes sure that the tables of this version exist. Tables of any other version are dropped:
/// their rows are derived and will be built again from the chain.
pub(crate) async fn prepare(database: &Database) -> Result<(), IndexError> {
    let mut connection = database.writer.acquire().await?;
    let found = match connection {
        Connection::Sqlite(_) => sql("PRAGMA user_version").scalar(&mut connection).await?,
        Connection::Postgres(_) => postgres::version(&mut connection).await?,
    };
    drop(connection);
    if found == Some(VERSION) {
        return Ok(());
    }
    if found.is_some_and(|found| found != 0) {
        tracing::warn!(
            found,
            expected = VERSION,
            "the index has another schema: it is dropped and rebuilt from the chain"
        );
    }
    recreate(database).await
}

/// Drops all tables and creates them empty. (In a box: the compiler does not see through the two
/// databases that such a future may be sent to another thread.)
pub(crate) fn recreate(database: &Database) -> BoxFuture<'_, Result<(), IndexError>> {
    Box::pin(recreate_in(database))
}

async fn recreate_in(database: &Database) -> Result<(), IndexError> {
    let tables = format!("{TABLES}\n{}", records::schema());
    let mut connection = database.write().await?;
    match connection {
        Connection::Sqlite(_) => {
            sqlite::recreate(&mut connection, &tables).await?;
            sql(format!("PRAGMA user_version = {VERSION}")).execute(&mut connection).await?;
        }
        Connection::Postgres(_) => postgres::recreate(&mut connection, &tables, VERSION).await?,
    }
    connection.commit().await?;
    Ok(())
}
