//! Texts that repeat are kept once and pointed to by number.

use std::collections::HashMap;

use alloy_primitives::keccak256;

use crate::database::{Connection, Sql, sql};
use crate::{IndexError, batch, keys};

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
        connection: &mut Connection,
        wanted: &Wanted<'_>,
    ) -> Result<Self, IndexError> {
        let mut names = Self { ids: find(connection, &wanted.order).await? };
        let missing: Vec<&str> =
            wanted.order.iter().copied().filter(|name| !names.ids.contains_key(*name)).collect();
        if missing.is_empty() {
            return Ok(names);
        }
        let last: Option<i64> = sql("SELECT max(id) FROM names").scalar(connection).await?;
        let numbered: Vec<(i64, &str)> = (last.unwrap_or(0) + 1..).zip(missing).collect();
        let head = "INSERT INTO names (id, start, name)";
        batch::insert(connection, head, &numbered, |row, (id, name)| {
            row.push_bind(*id).push_bind(start(name)).push_bind(*name);
        })
        .await?;
        names.ids.extend(numbered.into_iter().map(|(id, name)| (name.to_owned(), id)));
        Ok(names)
    }
}

/// The numbers of those names that exist.
pub(crate) async fn find(
    connection: &mut Connection,
    wanted: &[&str],
) -> Result<HashMap<String, i64>, IndexError> {
    let mut ids = HashMap::with_capacity(wanted.len());
    for chunk in batch::chunks(wanted, NAMES_MAX) {
        let mut query = sql("SELECT id, name FROM names WHERE ");
        push_condition(&mut query, chunk.iter().copied());
        for row in query.fetch_all(connection).await? {
            ids.insert(row.try_get("name")?, row.try_get("id")?);
        }
    }
    Ok(ids)
}

/// Adds the condition that a row of `names` is one of these.
pub(crate) fn push_condition<'a>(sql: &mut Sql<'a>, names: impl Iterator<Item = &'a str> + Clone) {
    sql.push("start IN (").push_list(names.clone().map(start));
    sql.push(") AND name IN (").push_list(names).push(")");
}

/// The first eight bytes of a name's hash: the database finds names by them, since an index of whole
/// names is as large as the names, and a name may be longer than some databases index.
fn start(name: &str) -> i64 {
    keys::hash_start(&keccak256(name).0)
}
