//! The database under the index: SQLite in a file, or PostgreSQL by its URL.
//!
//! Every statement is written once, as SQLite takes it. What PostgreSQL calls otherwise is told to
//! it in [`sql`]; what only one of the two has (files and pragmas, schemas and locks) is in a file
//! of its own.

pub(crate) mod postgres;
mod sql;
pub(crate) mod sqlite;

#[cfg(test)]
mod tests;

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Database as Engine, Decode, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Type};

pub(crate) use sql::{Sql, Tuple, sql};

use crate::IndexError;

/// Connections that answer questions.
const READERS_MAX: u32 = 4;

/// The connections of one index: one that writes, some that read.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) writer: Pool,
    pub(crate) readers: Pool,
}

impl Database {
    /// Connects. The first word of the URL tells which of the two it is.
    pub(crate) async fn open(url: &str) -> Result<Self, IndexError> {
        match url.split(':').next() {
            Some("sqlite") => sqlite::open(url).await,
            Some("postgres" | "postgresql") => postgres::open(url).await,
            _ => Err(IndexError::Url { url: shown(url) }),
        }
    }

    /// A connection that writes, within a transaction.
    pub(crate) async fn write(&self) -> Result<Connection, IndexError> {
        let mut connection = self.writer.begin().await?;
        if let Connection::Postgres(_) = connection {
            // The connection may be a new one, after the server was away.
            postgres::take(&mut connection).await?;
        }
        Ok(connection)
    }
}

/// A URL as it may be shown: without what stands between the user's name and the host, or a password
/// among its parameters.
pub(crate) fn shown(url: &str) -> String {
    let url = if url.contains("password=") { url.split('?').next().unwrap_or(url) } else { url };
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}@{host}{path}")
        }
        None => url.to_owned(),
    }
}

/// Connections of one kind.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Pool {
    /// A connection, for as long as it is held.
    pub(crate) async fn acquire(&self) -> Result<Connection, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => Connection::Sqlite(Held::Plain(pool.acquire().await?)),
            Self::Postgres(pool) => Connection::Postgres(Held::Plain(pool.acquire().await?)),
        })
    }

    /// A connection within a transaction, which is undone unless [`Connection::commit`] ends it.
    pub(crate) async fn begin(&self) -> Result<Connection, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => Connection::Sqlite(Held::Transaction(pool.begin().await?)),
            Self::Postgres(pool) => Connection::Postgres(Held::Transaction(pool.begin().await?)),
        })
    }

    /// A connection whose statements all see the same blocks.
    pub(crate) async fn snapshot(&self) -> Result<Connection, sqlx::Error> {
        let mut connection = self.begin().await?;
        if let Connection::Postgres(_) = connection {
            let isolation = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
            sql(isolation).execute(&mut connection).await?;
        }
        Ok(connection)
    }

    /// Ends all connections after what they are doing.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A connection, within a transaction or not.
pub(crate) enum Connection {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>),
}

/// A connection of one kind.
pub(crate) enum Held<E: Engine> {
    Plain(PoolConnection<E>),
    Transaction(sqlx::Transaction<'static, E>),
}

impl Connection {
    /// Ends a transaction; what it wrote is there from now on.
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(Held::Transaction(transaction)) => transaction.commit().await,
            Self::Postgres(Held::Transaction(transaction)) => transaction.commit().await,
            Self::Sqlite(Held::Plain(_)) | Self::Postgres(Held::Plain(_)) => Ok(()),
        }
    }
}

impl<E: Engine> Held<E> {
    fn raw(&mut self) -> &mut E::Connection {
        match self {
            Self::Plain(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

/// A row of an answer.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What a column of either database reads as.
pub(crate) trait Column<'r>:
    Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl<'r, T> Column<'r> for T where
    T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl Row {
    /// The value of a column, by its name.
    pub(crate) fn try_get<'r, T: Column<'r>>(&'r self, column: &str) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// The value of the first column.
    fn first<'r, T: Column<'r>>(&'r self) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(0),
            Self::Postgres(row) => row.try_get(0),
        }
    }
}
