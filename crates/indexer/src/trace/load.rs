//! What a walk reads: a few wide queries per wave rather than one per thing.

use std::collections::HashMap;

use super::life::{Deed, Hold, Kind, Life, Mention, Part, Whereabouts, Window, amount_from};
use crate::columns::flag;
use crate::database::{Connection, Row, sql};
use crate::events::ROLE_TURNED;
use crate::{IndexError, batch};

/// Keys per statement at most.
const KEYS_MAX: usize = 256;

/// Reads for one trace, and counts what it reads.
pub(super) struct Loader<'a> {
    pub(super) connection: &'a mut Connection,
    rows_left: usize,
    /// A query was cut.
    pub(super) truncated: bool,
}

/// A parent whose content is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct ContentQuery {
    pub(super) parent: i64,
    pub(super) from: i64,
    pub(super) until: i64,
    /// Only documents that speak of the parent, no content.
    pub(super) transactions_only: bool,
}

/// A thing whose sightings in a window are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct SightingQuery {
    pub(super) thing: i64,
    pub(super) window: Window,
    /// Also those that their party declared wrong.
    pub(super) with_withdrawn: bool,
}

/// An event that names a thing as parent.
#[derive(Debug, Clone, Copy)]
pub(super) struct ParentMention {
    pub(super) parent: i64,
    pub(super) event: i64,
    pub(super) time: i64,
    pub(super) is_transaction: bool,
}

/// A thing in an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    pub(super) event: i64,
    pub(super) part: Part,
    pub(super) identifier: i64,
    pub(super) time: i64,
}

impl<'a> Loader<'a> {
    pub(super) fn new(connection: &'a mut Connection, rows_max: usize) -> Self {
        Self { connection, rows_left: rows_max, truncated: false }
    }

    /// The number of a name.
    pub(super) async fn number(&mut self, name: &str) -> Result<Option<i64>, IndexError> {
        let found = crate::names::find(self.connection, &[name]).await?;
        Ok(found.get(name).copied())
    }

    /// The names under these numbers.
    pub(super) async fn names(&mut self, ids: &[i64]) -> Result<HashMap<i64, String>, IndexError> {
        let head = "SELECT id, name FROM names WHERE id IN (";
        let mut names = HashMap::with_capacity(ids.len());
        for row in self.rows_of(head, ids, ")").await? {
            names.insert(row.try_get("id")?, row.try_get("name")?);
        }
        Ok(names)
    }

    /// What the events say about these things, except where they were merely seen and what was put
    /// into them.
    pub(super) async fn lives(&mut self, ids: &[i64]) -> Result<HashMap<i64, Life>, IndexError> {
        let head = "SELECT i.identifier, i.event, i.role, i.event_time_ms, i.class, i.quantity, \
             e.kind, e.action, e.parent_name, e.transformation_name, e.step_name, \
             e.disposition_name, e.read_point_name, e.biz_location_name, e.party, \
             e.withdrawn_ms \
             FROM items i CROSS JOIN events e ON e.id = i.event WHERE i.identifier IN (";
        let tail = ") AND i.role IN (2, 3, 4, 5, 6)";
        let mut lives: HashMap<i64, Life> = ids.iter().map(|id| (*id, Life::default())).collect();
        for row in self.rows_of(head, ids, tail).await? {
            let life = lives.entry(row.try_get("identifier")?).or_default();
            life.is_class |= flag(&row, "class")?;
            if row.try_get::<Option<i64>>("withdrawn_ms")?.is_some() {
                life.withdrawn.push(row.try_get("event")?);
            } else {
                life.mentions.push(mention(&row)?);
            }
        }
        Ok(lives.into_iter().map(|(id, life)| (id, life.sorted())).collect())
    }

    /// The events in which these things were merely seen, in their windows.
    pub(super) async fn sightings(
        &mut self,
        queries: &[SightingQuery],
    ) -> Result<Vec<(i64, i64)>, IndexError> {
        let mut found = Vec::new();
        for chunk in batch::chunks(queries, KEYS_MAX) {
            let mut sql = sql("WITH wanted (thing, first, last, withdrawn) AS (");
            sql.push_values(chunk, |row, query| {
                row.push_bind(query.thing);
                row.push_bind(query.window.from);
                row.push_bind(query.window.until);
                row.push_bind(query.with_withdrawn);
            });
            sql.push(
                ") SELECT i.event, i.identifier FROM wanted w \
                 CROSS JOIN items i ON i.identifier = w.thing AND i.role = 0 \
                 AND i.event_time_ms BETWEEN w.first AND w.last \
                 CROSS JOIN events e ON e.id = i.event \
                 WHERE e.withdrawn_ms IS NULL OR w.withdrawn = 1 LIMIT ",
            );
            sql.push_bind(self.rows_left as i64 + 1);
            let rows = sql.fetch_all(self.connection).await?;
            for row in self.counted(rows) {
                found.push((row.try_get("event")?, row.try_get("identifier")?));
            }
        }
        Ok(found)
    }

    /// The events that name these things as parents, in their windows.
    pub(super) async fn contents(
        &mut self,
        queries: &[ContentQuery],
    ) -> Result<Vec<ParentMention>, IndexError> {
        let mut found = Vec::new();
        for chunk in batch::chunks(queries, KEYS_MAX) {
            let mut sql = sql("WITH wanted (parent, first, last, documents) AS (");
            sql.push_values(chunk, |row, query| {
                row.push_bind(query.parent);
                row.push_bind(query.from);
                row.push_bind(query.until);
                row.push_bind(query.transactions_only);
            });
            sql.push(
                ") SELECT i.identifier, i.event, i.event_time_ms, e.kind FROM wanted w \
                 CROSS JOIN items i ON i.identifier = w.parent AND i.role = 1 \
                 AND i.event_time_ms BETWEEN w.first AND w.last \
                 CROSS JOIN events e ON e.id = i.event \
                 WHERE e.withdrawn_ms IS NULL AND (e.kind = 2 OR w.documents = 0) LIMIT ",
            );
            sql.push_bind(self.rows_left as i64 + 1);
            let rows = sql.fetch_all(self.connection).await?;
            for row in self.counted(rows) {
                found.push(ParentMention {
                    parent: row.try_get("identifier")?,
                    event: row.try_get("event")?,
                    time: row.try_get("event_time_ms")?,
                    is_transaction: kind_from(row.try_get("kind")?)? == Kind::Transaction,
                });
            }
        }
        Ok(found)
    }

    /// The things in these events, in the order of the events' lists.
    pub(super) async fn items(&mut self, events: &[i64]) -> Result<Vec<Listed>, IndexError> {
        let head = "SELECT event, role, identifier, event_time_ms FROM items WHERE event IN (";
        let mut found = Vec::new();
        for row in self.rows_of(head, events, ") ORDER BY event, nth").await? {
            found.push(Listed {
                event: row.try_get("event")?,
                part: part_from(row.try_get("role")?)?,
                identifier: row.try_get("identifier")?,
                time: row.try_get("event_time_ms")?,
            });
        }
        Ok(found)
    }

    /// The events that share these transformation identifiers.
    pub(super) async fn transformations(
        &mut self,
        ids: &[i64],
    ) -> Result<Vec<(i64, i64)>, IndexError> {
        let head = "SELECT transformation_name, id FROM events WHERE transformation_name IN (";
        let rows = self.rows_of(head, ids, ") AND withdrawn_ms IS NULL").await?;
        rows.iter()
            .map(|row| Ok((row.try_get("transformation_name")?, row.try_get("id")?)))
            .collect()
    }

    /// For each of these things the last mention in every role.
    pub(super) async fn last_mentions(
        &mut self,
        ids: &[i64],
    ) -> Result<HashMap<i64, Vec<Mention>>, IndexError> {
        let head = "WITH roles (role) AS (VALUES (0), (1), (2), (3), (4), (5), (6)) \
             SELECT i.identifier, i.event, i.role, i.event_time_ms, i.quantity, e.kind, e.action, \
             e.parent_name, e.transformation_name, e.step_name, e.disposition_name, \
             e.read_point_name, e.biz_location_name, e.party \
             FROM names n CROSS JOIN roles r ON TRUE CROSS JOIN items i ON i.identifier = n.id \
             AND i.role = r.role AND i.event_time_ms = (SELECT l.event_time_ms \
             FROM items l CROSS JOIN events o ON o.id = l.event WHERE l.identifier = n.id \
             AND l.role = r.role AND o.withdrawn_ms IS NULL \
             ORDER BY l.event_time_ms DESC LIMIT 1) \
             CROSS JOIN events e ON e.id = i.event WHERE e.withdrawn_ms IS NULL AND n.id IN (";
        let mut last: HashMap<i64, Vec<Mention>> = HashMap::new();
        for row in self.rows_of(head, ids, ")").await? {
            last.entry(row.try_get("identifier")?).or_default().push(mention(&row)?);
        }
        Ok(last)
    }

    /// Begins a new allowance of rows.
    pub(super) fn allow(&mut self, rows_max: usize) {
        self.rows_left = rows_max;
    }

    /// The rows of `head` keys `tail`, over as many statements as it takes.
    pub(super) async fn rows_of(
        &mut self,
        head: &str,
        keys: &[i64],
        tail: &str,
    ) -> Result<Vec<Row>, IndexError> {
        let mut found = Vec::new();
        for chunk in batch::chunks(keys, KEYS_MAX) {
            let mut sql = sql(head);
            sql.push_list(chunk.iter().copied())
                .push(tail)
                .push(" LIMIT ")
                .push_bind(self.rows_left as i64 + 1);
            let rows = sql.fetch_all(self.connection).await?;
            found.extend(self.counted(rows));
        }
        Ok(found)
    }

    /// Takes rows from the allowance; what exceeds it is cut, and that is remembered.
    fn counted(&mut self, mut rows: Vec<Row>) -> Vec<Row> {
        if rows.len() > self.rows_left {
            self.truncated = true;
            rows.truncate(self.rows_left);
        }
        self.rows_left -= rows.len();
        rows
    }
}

/// A thing in an event, out of the columns that tell it.
fn mention(row: &Row) -> Result<Mention, IndexError> {
    let role: i64 = row.try_get("role")?;
    let quantity: Option<&str> = row.try_get("quantity")?;
    let place = Whereabouts {
        step: row.try_get("step_name")?,
        disposition: row.try_get("disposition_name")?,
        read_point: row.try_get("read_point_name")?,
        biz_location: row.try_get("biz_location_name")?,
        party: row.try_get("party")?,
    };
    Ok(Mention {
        event: row.try_get("event")?,
        time: row.try_get("event_time_ms")?,
        part: part_from(role)?,
        kind: kind_from(row.try_get("kind")?)?,
        deed: deed_from(row.try_get("action")?)?,
        parent: row.try_get("parent_name")?,
        transformation: row.try_get("transformation_name")?,
        amount: quantity.and_then(amount_from),
        is_turn: role == ROLE_TURNED,
        place,
    })
}

fn part_from(code: i64) -> Result<Part, IndexError> {
    match code {
        0 | ROLE_TURNED => Ok(Part::Object),
        1 => Ok(Part::Parent),
        2 => Ok(Part::Child),
        3 => Ok(Part::Input),
        4 => Ok(Part::Output),
        5 => Ok(Part::Emptied),
        other => Err(IndexError::Damaged(format!("item role {other}"))),
    }
}

fn kind_from(code: i64) -> Result<Kind, IndexError> {
    match code {
        0 => Ok(Kind::Object),
        1 => Ok(Kind::Hold(Hold::Packed)),
        2 => Ok(Kind::Transaction),
        3 => Ok(Kind::Transformation),
        4 => Ok(Kind::Hold(Hold::Fixed)),
        other => Err(IndexError::Damaged(format!("event kind {other}"))),
    }
}

fn deed_from(code: i64) -> Result<Deed, IndexError> {
    match code {
        0 => Ok(Deed::None),
        1 => Ok(Deed::Add),
        2 => Ok(Deed::Observe),
        3 => Ok(Deed::Delete),
        other => Err(IndexError::Damaged(format!("event action {other}"))),
    }
}
