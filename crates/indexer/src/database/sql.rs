//! Statements with their values, said to either database.

use std::borrow::Cow;

use sqlx::Arguments as _;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;

use super::{Column, Connection, Row};

/// What PostgreSQL calls otherwise. `CROSS JOIN … ON` keeps SQLite to an order of tables that the
/// planner of PostgreSQL finds by itself.
const OTHERWISE: &[(&str, &str)] = &[("CROSS JOIN", "JOIN"), ("instr(", "strpos(")];

/// A statement under construction: text with `?` where values go, and the values.
#[derive(Debug, Clone)]
pub(crate) struct Sql<'a> {
    text: Cow<'a, str>,
    values: Vec<Value<'a>>,
}

/// A value that a statement is given. Integers, truth, texts and bytes are all that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Integer(Option<i64>),
    Text(Option<Cow<'a, str>>),
    Bytes(Option<Cow<'a, [u8]>>),
}

/// Begins a statement.
pub(crate) fn sql<'a>(text: impl Into<Cow<'a, str>>) -> Sql<'a> {
    Sql { text: text.into(), values: Vec::new() }
}

impl<'a> Sql<'a> {
    /// Gives the value of the next `?` of the text.
    #[must_use]
    pub(crate) fn bind(mut self, value: impl Into<Value<'a>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Adds text.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Adds a value.
    pub(crate) fn push_bind(&mut self, value: impl Into<Value<'a>>) -> &mut Self {
        self.values.push(value.into());
        self.push("?")
    }

    /// Adds values with commas between them.
    pub(crate) fn push_list<V: Into<Value<'a>>>(
        &mut self,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        let mut list = Tuple { sql: self, is_first: true };
        for value in values {
            list.push_bind(value);
        }
        self
    }

    /// Adds `VALUES` with a tuple for each row; `bind` gives the values of one.
    pub(crate) fn push_values<'rows, T>(
        &mut self,
        rows: &'rows [T],
        bind: impl Fn(&mut Tuple<'_, 'a>, &'rows T),
    ) -> &mut Self {
        self.push("VALUES ");
        for (nth, row) in rows.iter().enumerate() {
            self.push(if nth == 0 { "(" } else { ", (" });
            bind(&mut Tuple { sql: self, is_first: true }, row);
            self.push(")");
        }
        self
    }

    /// All rows.
    pub(crate) async fn fetch_all(
        self,
        connection: &mut Connection,
    ) -> Result<Vec<Row>, sqlx::Error> {
        match connection {
            Connection::Sqlite(held) => {
                let query = sqlx::query_with(&self.text, self.for_sqlite()?);
                let rows = query.fetch_all(held.raw()).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Connection::Postgres(held) => {
                let text = in_postgres(&self.text);
                let query = sqlx::query_with(&text, self.for_postgres()?);
                let rows = query.fetch_all(held.raw()).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// The first row, if there is one.
    pub(crate) async fn fetch_optional(
        self,
        connection: &mut Connection,
    ) -> Result<Option<Row>, sqlx::Error> {
        Ok(self.fetch_all(connection).await?.into_iter().next())
    }

    /// The first column of the first row; `None` if there is no row or it holds nothing.
    pub(crate) async fn scalar<T>(
        self,
        connection: &mut Connection,
    ) -> Result<Option<T>, sqlx::Error>
    where
        Option<T>: for<'r> Column<'r>,
    {
        let row = self.fetch_optional(connection).await?;
        row.as_ref().map_or(Ok(None), Row::first)
    }

    /// Writes.
    pub(crate) async fn execute(self, connection: &mut Connection) -> Result<(), sqlx::Error> {
        match connection {
            Connection::Sqlite(held) => {
                let query = sqlx::query_with(&self.text, self.for_sqlite()?);
                query.execute(held.raw()).await?;
            }
            Connection::Postgres(held) => {
                let text = in_postgres(&self.text);
                let query = sqlx::query_with(&text, self.for_postgres()?);
                query.execute(held.raw()).await?;
            }
        }
        Ok(())
    }

    fn for_sqlite(&self) -> Result<SqliteArguments<'_>, sqlx::Error> {
        let mut arguments = SqliteArguments::default();
        for value in &self.values {
            let added = match value {
                Value::Integer(value) => arguments.add(*value),
                Value::Text(value) => arguments.add(value.as_deref()),
                Value::Bytes(value) => arguments.add(value.as_deref()),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }

    /// PostgreSQL holds no text with a NUL in it: it stands as the sign for what cannot be shown.
    fn for_postgres(&self) -> Result<PgArguments, sqlx::Error> {
        let mut arguments = PgArguments::default();
        for value in &self.values {
            let added = match value {
                Value::Integer(value) => arguments.add(*value),
                Value::Text(Some(value)) if value.contains('\0') => {
                    arguments.add(value.replace('\0', "\u{fffd}"))
                }
                Value::Text(value) => arguments.add(value.as_deref()),
                Value::Bytes(value) => arguments.add(value.as_deref()),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

/// Values in a row, with commas between them.
pub(crate) struct Tuple<'sql, 'a> {
    sql: &'sql mut Sql<'a>,
    is_first: bool,
}

impl<'a> Tuple<'_, 'a> {
    /// Adds a value.
    pub(crate) fn push_bind(&mut self, value: impl Into<Value<'a>>) -> &mut Self {
        if !std::mem::take(&mut self.is_first) {
            self.sql.push(", ");
        }
        self.sql.push_bind(value);
        self
    }
}

/// The same statement for PostgreSQL. A `?` stands for nothing but a value in ours.
fn in_postgres(text: &str) -> String {
    let mut numbered = String::with_capacity(text.len() + 32);
    for (nth, part) in text.split('?').enumerate() {
        if nth > 0 {
            numbered.push('$');
            numbered.push_str(&nth.to_string());
        }
        numbered.push_str(part);
    }
    OTHERWISE.iter().fold(numbered, |text, (ours, theirs)| text.replace(ours, theirs))
}

macro_rules! values {
    ($($from:ty => |$value:ident| $to:expr;)+) => {
        $(impl<'a> From<$from> for Value<'a> {
            fn from($value: $from) -> Self {
                $to
            }
        })+
    };
}

values! {
    i64 => |value| Self::Integer(Some(value));
    u32 => |value| Self::Integer(Some(value.into()));
    u8 => |value| Self::Integer(Some(value.into()));
    bool => |value| Self::Integer(Some(value.into()));
    Option<i64> => |value| Self::Integer(value);
    &'a str => |value| Self::Text(Some(value.into()));
    String => |value| Self::Text(Some(value.into()));
    Option<&'a str> => |value| Self::Text(value.map(Into::into));
    &'a [u8] => |value| Self::Bytes(Some(value.into()));
    Vec<u8> => |value| Self::Bytes(Some(value.into()));
    Option<&'a [u8]> => |value| Self::Bytes(value.map(Into::into));
    Option<Vec<u8>> => |value| Self::Bytes(value.map(Into::into));
}
