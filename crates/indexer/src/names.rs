//! Texts that repeat are kept once and pointed to by number.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use crate::{IndexError, batch};

/// Names per `SELECT` at most.
const NAMES_MAX: usize = 256;

/// The numbers of the names that some rows need.
#[derive(Debug, Default)]
pub(crate) struct Names {
    ids: HashMap<String, i64>,
}

/// Collects names in the order in which they appear, each once.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    order: Vec<&'a str>,
    seen: std::collections::HashSet<&'a str>,
}

impl<'a> Wanted<'a> {
    /// Asks for a name.
    pub(crate) fn add(&mut self, name: &'a str) {
        if self.seen.insert(name) {
            self.order.push(name);
        }
    }

    /// Asks for names.
    pub(crate) fn extend(&mut self, names: impl IntoIterator<Item = &'a str>) {
        for name in names {
            self.add(name);
        }
    }
}

impl Names {
    /// The number of a name that was asked for.
    pub(crate) fn id(&self, name: &str) -> i64 {
        *self.ids.get(name).expect("every name of a row was asked for before")
    }

    /// The numbers of these names; new ones are added in the order given, so that a rebuild gives
    /// the same numbers.
    pub(crate) async fn intern(
        connection: &mut SqliteConnection,
        wanted: &Wanted<'_>,
    ) -> Result<Self, IndexError> {
        let mut names = Self { ids: find(connection, &wanted.order).await? };
        let missing: Vec<&str> =
            wanted.order.iter().copied().filter(|name| !names.ids.contains_key(*name)).collect();
        if missing.is_empty() {
            return Ok(names);
        }
        let last: Option<i64> =
            sqlx::query_scalar("SELECT max(id) FROM names").fetch_one(&mut *connection).await?;
        let numbered: Vec<(i64, &str)> = (last.unwrap_or(0) + 1..).zip(missing).collect();
        batch::insert(connection, "INSERT INTO names (id, name)", &numbered, |row, (id, name)| {
            row.push_bind(*id);
            row.push_bind(*name);
        })
        .await?;
        names.ids.extend(numbered.into_iter().map(|(id, name)| (name.to_owned(), id)));
        Ok(names)
    }
}

/// The numbers of those names that exist.
pub(crate) async fn find(
    connection: &mut SqliteConnection,
    wanted: &[&str],
) -> Result<HashMap<String, i64>, IndexError> {
    let mut ids = HashMap::with_capacity(wanted.len());
    for chunk in batch::chunks(wanted, NAMES_MAX) {
        let mut query: QueryBuilder<'_, Sqlite> =
            QueryBuilder::new("SELECT id, name FROM names WHERE name IN (");
        let mut list = query.separated(", ");
        for name in chunk {
            list.push_bind(*name);
        }
        query.push(")");
        for row in query.build().fetch_all(&mut *connection).await? {
            ids.insert(row.try_get("name")?, row.try_get("id")?);
        }
    }
    Ok(ids)
}
