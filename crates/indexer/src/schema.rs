//! The tables, their version, and how another version gives way.

use sqlx::{Executor as _, Row as _, SqliteConnection};

use crate::{IndexError, records};

/// Raised with every change of `schema.sql`, of a module's `index.rs`, or of what a row means.
const VERSION: i64 = 6;

const TABLES: &str = include_str!("schema.sql");

/// Makes sure that the tables of this version exist. Tables of any other version are dropped:
/// their rows are derived and will be built again from the chain.
pub(crate) async fn prepare(connection: &mut SqliteConnection) -> Result<(), IndexError> {
    let found: i64 = sqlx::query("PRAGMA user_version").fetch_one(&mut *connection).await?.get(0);
    if found == VERSION {
        return Ok(());
    }
    if !table_names(connection).await?.is_empty() {
        tracing::warn!(
            found,
            expected = VERSION,
            "the index has another schema: it is dropped and rebuilt from the chain"
        );
    }
    recreate(connection).await
}

/// Drops all tables and creates them empty.
pub(crate) async fn recreate(connection: &mut SqliteConnection) -> Result<(), IndexError> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let result = recreate_within(connection).await;
    let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
    sqlx::query(end).execute(&mut *connection).await?;
    result
}

async fn recreate_within(connection: &mut SqliteConnection) -> Result<(), IndexError> {
    for name in table_names(connection).await? {
        let quoted = name.replace('"', "\"\"");
        sqlx::query(&format!("DROP TABLE IF EXISTS \"{quoted}\""))
            .execute(&mut *connection)
            .await?;
    }
    (&mut *connection).execute(TABLES).await?;
    (&mut *connection).execute(records::schema().as_str()).await?;
    sqlx::query(&format!("PRAGMA user_version = {VERSION}")).execute(&mut *connection).await?;
    Ok(())
}

async fn table_names(connection: &mut SqliteConnection) -> Result<Vec<String>, IndexError> {
    let names = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(connection)
    .await?;
    Ok(names)
}
