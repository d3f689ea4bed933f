//! PostgreSQL: one schema of one database, written by one node.

use std::str::FromStr as _;
use std::time::Duration;

use alloy_primitives::keccak256;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor as _};

use super::{Connection, Database, Pool, READERS_MAX, shown, sql};
use crate::{IndexError, keys};

/// The schema that the tables are in, unless the URL names another.
const SCHEMA: &str = "qiao";

/// How long a question waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(5);

/// The settings of every connection: single rows are looked up, which compiling statements does not
/// help, on disks that seek fast; no question runs for ever.
const SETTINGS: &[(&str, &str)] = &[
    ("jit", "off"),
    ("random_page_cost", "1.1"),
    ("synchronous_commit", "off"),
    ("idle_in_transaction_session_timeout", "120s"),
];

/// How often, and how long apart, a schema is tried that another process writes.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// How long one question of a reader may take.
const READING: (&str, &str) = ("statement_timeout", "60s");

/// What a URL says.
#[derive(Debug)]
struct Place {
    options: PgConnectOptions,
    schema: String,
}

/// Connects and makes the schema if it is missing.
pub(super) async fn open(url: &str) -> Result<Database, IndexError> {
    let Place { options, schema } = Place::read(url)?;
    let options = options
        .application_name("qiao")
        .options(SETTINGS.iter().copied())
        .options([("search_path", schema.as_str())]);
    // Alone first: a pool tries again for a while, and then no longer tells why.
    PgConnection::connect_with(&options).await?.close().await?;
    let writer = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ACQUIRE)
        .connect_with(options.clone())
        .await?;
    let writer = Pool::Postgres(writer);
    let mut connection = writer.acquire().await?;
    take_soon(&mut connection).await?;
    let found = sql("SELECT nspname FROM pg_namespace WHERE nspname = ?").bind(schema.as_str());
    if found.fetch_optional(&mut connection).await?.is_none() {
        // The name holds nothing that would need to be quoted.
        sql(format!("CREATE SCHEMA {schema}")).execute(&mut connection).await?;
    }
    let readers: PgPool = PgPoolOptions::new()
        .max_connections(READERS_MAX)
        .acquire_timeout(ACQUIRE)
        .connect_lazy_with(options.options([READING]));
    Ok(Database { writer, readers: Pool::Postgres(readers) })
}

/// As [`take`], but waits for a process that has just ended: the server notices a moment later.
async fn take_soon(connection: &mut Connection) -> Result<(), IndexError> {
    for _ in 0..ATTEMPTS {
        match take(connection).await {
            Err(IndexError::InUse { .. }) => tokio::time::sleep(PAUSE).await,
            ended => return ended,
        }
    }
    take(connection).await
}

/// Makes this connection the one that writes the schema, until it ends.
pub(crate) async fn take(connection: &mut Connection) -> Result<(), IndexError> {
    let schema: Option<String> =
        sql("SELECT current_setting('search_path')").scalar(connection).await?;
    let schema = schema.unwrap_or_default();
    let key = keys::hash_start(&keccak256(format!("qiao index {schema}")).0);
    let taken: Option<bool> =
        sql("SELECT pg_try_advisory_lock(?)").bind(key).scalar(connection).await?;
    if taken == Some(true) { Ok(()) } else { Err(IndexError::InUse { schema }) }
}

/// The version of the tables that are there.
///
/// # Errors
/// [`IndexError::NotOurs`] where there are tables that no index has.
pub(crate) async fn version(connection: &mut Connection) -> Result<Option<i64>, IndexError> {
    let tables = tables(connection).await?;
    if tables.is_empty() {
        return Ok(None);
    }
    if !tables.iter().any(|table| table == "versions") {
        return Err(IndexError::NotOurs { tables });
    }
    Ok(sql("SELECT version FROM versions").scalar(connection).await?)
}

/// Drops all tables and creates these, within the transaction of the connection.
pub(crate) async fn recreate(
    connection: &mut Connection,
    declared: &str,
    version: i64,
) -> Result<(), IndexError> {
    for table in tables(connection).await? {
        let name = table.replace('"', "\"\"");
        sql(format!("DROP TABLE \"{name}\" CASCADE")).execute(connection).await?;
    }
    let declared = declared
        .replace("INTEGER", "BIGINT")
        .replace("BLOB", "BYTEA")
        .replace(") WITHOUT ROWID;", ");");
    if let Connection::Postgres(held) = connection {
        held.raw().execute(declared.as_str()).await?;
    }
    sql("CREATE TABLE versions (version BIGINT NOT NULL)").execute(connection).await?;
    sql("INSERT INTO versions (version) VALUES (?)").bind(version).execute(connection).await?;
    Ok(())
}

async fn tables(connection: &mut Connection) -> Result<Vec<String>, IndexError> {
    let found = "SELECT tablename::text AS name FROM pg_tables \
         WHERE schemaname = current_setting('search_path')";
    let rows = sql(found).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get("name")?)).collect()
}

/// Tells the planner what the tables hold. A failure costs time, not correctness.
pub(crate) async fn analyse(connection: &mut Connection) {
    if let Err(error) = sql("ANALYZE").execute(connection).await {
        tracing::warn!(%error, "the planner of the database was not told what the tables hold");
    }
}

impl Place {
    /// Reads `schema` and `password_file` from the URL; the rest is as `libpq` has it.
    fn read(url: &str) -> Result<Self, IndexError> {
        let wrong = |rule: &str| IndexError::Setting { url: shown(url), rule: rule.to_owned() };
        if shown(url) != url || url.contains("password=") {
            return Err(wrong("a password belongs into a file: `?password_file=PATH`"));
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut schema = SCHEMA.to_owned();
        let mut password = None;
        let mut rest = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("schema", name)) => schema = name.to_owned(),
                Some(("password_file", path)) => password = Some(path),
                _ => rest.push(parameter),
            }
        }
        let is_letter = |c: char| c.is_ascii_lowercase() || c == '_';
        let is_name = schema.starts_with(is_letter)
            && schema.len() <= 63
            && schema.chars().all(|c| is_letter(c) || c.is_ascii_digit());
        if !is_name {
            return Err(wrong("`schema` is a name of small letters, digits and `_`"));
        }
        let url = format!("{base}?{}", rest.join("&"));
        let mut options = PgConnectOptions::from_str(url.trim_end_matches('?'))
            .map_err(|error| wrong(&error.to_string()))?;
        if let Some(path) = password {
            let text = std::fs::read_to_string(path)
                .map_err(|error| wrong(&format!("`{path}` cannot be read: {error}")))?;
            options = options.password(text.trim_end_matches(['\r', '\n']));
        }
        Ok(Self { options, schema })
    }
}
