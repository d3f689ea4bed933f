//! Rows of captured events.

use qiao_epcis::{Action, Event, EventKind, ItemRole};

use super::captured::{Captures, Declaration, NewEvent};
use crate::database::{Connection, sql};
use crate::names::{Names, Wanted};
use crate::{IndexError, batch, keys};

/// The role of a parent whose whole content is taken out: a DELETE that names no children.
pub(crate) const ROLE_EMPTIED: i64 = 5;

/// The role of an object whose life begins or ends: created, deleted, sold. Most objects are only
/// seen; keeping the two apart lets a trace read the life of a much used thing without its sightings.
pub(crate) const ROLE_TURNED: i64 = 6;

/// Business steps after which a single thing is out of the trade.
const LAST_STEPS: &[&str] =
    &["retail_selling", "dispensing", "destroying", "decommissioning", "killing"];

/// The number of a role in `items`.
fn role_code(role: ItemRole) -> i64 {
    match role {
        ItemRole::Object => 0,
        ItemRole::Parent => 1,
        ItemRole::Child => 2,
        ItemRole::Input => 3,
        ItemRole::Output => 4,
    }
}

/// The number of a kind in `events`.
pub(crate) fn kind_code(kind: EventKind) -> i64 {
    match kind {
        EventKind::Object => 0,
        EventKind::Aggregation => 1,
        EventKind::Transaction => 2,
        EventKind::Transformation => 3,
        EventKind::Association => 4,
    }
}

/// The number of an action in `events`.
pub(crate) fn action_code(action: Option<Action>) -> i64 {
    match action {
        None => 0,
        Some(Action::Add) => 1,
        Some(Action::Observe) => 2,
        Some(Action::Delete) => 3,
    }
}

struct ItemRow<'a> {
    event: i64,
    nth: i64,
    role: i64,
    identifier: i64,
    event_time_ms: i64,
    class: bool,
    quantity: Option<&'a str>,
    uom: Option<i64>,
}

/// Writes the rows of these events and marks what was declared wrong.
pub(crate) async fn write(
    connection: &mut Connection,
    captures: &Captures,
) -> Result<(), IndexError> {
    if !captures.events.is_empty() {
        let names = Names::intern(connection, &wanted_names(&captures.events)).await?;
        let last: Option<i64> = sql("SELECT max(id) FROM events").scalar(connection).await?;
        let numbered: Vec<(i64, &NewEvent)> =
            (last.unwrap_or(0) + 1..).zip(&captures.events).collect();
        write_events(connection, &numbered, &names).await?;
        write_items(connection, &numbered, &names).await?;
        write_documents(connection, &numbered, &names).await?;
        write_parties(connection, &numbered, &names).await?;
    }
    for declaration in &captures.declarations {
        withdraw(connection, declaration).await?;
    }
    Ok(())
}

fn wanted_names(events: &[NewEvent]) -> Wanted<'_> {
    let mut wanted = Wanted::default();
    for new in events {
        let event = &new.event;
        let single = [
            event.biz_step(),
            event.disposition(),
            event.read_point(),
            event.biz_location(),
            event.transformation_id(),
            event.event_id(),
        ];
        wanted.extend(single.into_iter().flatten());
        for item in event.items() {
            wanted.add(item.id.as_str());
            wanted.extend(item.uom.as_deref());
        }
        for (kind, document) in event.biz_transactions() {
            wanted.extend(kind.as_deref());
            wanted.add(document);
        }
        for (kind, party) in event.sources().iter().chain(event.destinations()) {
            wanted.add(kind);
            wanted.add(party);
        }
    }
    wanted
}

async fn write_events(
    connection: &mut Connection,
    events: &[(i64, &NewEvent)],
    names: &Names,
) -> Result<(), IndexError> {
    let head = "INSERT INTO events (id, hash, hash_start, kind, action, event_time_ms, time_zone, \
         record_time_ms, step_name, disposition_name, read_point_name, biz_location_name, \
         parent_name, transformation_name, event_id_name, party, capturer, transaction_place, \
         position)";
    batch::insert(connection, head, events, |row, (id, new)| {
        let event = &new.event;
        let parent = event.items().iter().find(|item| item.role == ItemRole::Parent);
        row.push_bind(*id);
        row.push_bind(new.hash.as_slice());
        row.push_bind(keys::hash_start(&new.hash.0));
        row.push_bind(kind_code(event.kind()));
        row.push_bind(action_code(event.action()));
        row.push_bind(event.event_time_ms());
        row.push_bind(event.time_zone_offset());
        row.push_bind(new.record_time_ms as i64);
        let linked = [
            event.biz_step(),
            event.disposition(),
            event.read_point(),
            event.biz_location(),
            parent.map(|item| item.id.as_str()),
            event.transformation_id(),
            event.event_id(),
        ];
        for name in linked {
            row.push_bind(name.map(|name| names.id(name)));
        }
        row.push_bind(new.party as i64);
        row.push_bind(new.capturer.as_slice());
        row.push_bind(new.transaction_place);
        row.push_bind(new.position);
    })
    .await?;
    batch::insert(connection, "INSERT INTO bodies (event, body)", events, |row, (id, new)| {
        row.push_bind(*id);
        row.push_bind(new.body.as_str());
    })
    .await?;
    Ok(())
}

async fn write_items(
    connection: &mut Connection,
    events: &[(i64, &NewEvent)],
    names: &Names,
) -> Result<(), IndexError> {
    let mut rows = Vec::new();
    for (id, new) in events {
        let items = new.event.items();
        let empties = new.event.action() == Some(Action::Delete)
            && !items.iter().any(|item| item.role == ItemRole::Child);
        let turns = turns(&new.event);
        rows.extend(items.iter().zip(0..).map(|(item, nth)| ItemRow {
            event: *id,
            nth,
            role: match item.role {
                ItemRole::Parent if empties => ROLE_EMPTIED,
                ItemRole::Object if turns => ROLE_TURNED,
                role => role_code(role),
            },
            identifier: names.id(item.id.as_str()),
            event_time_ms: new.event.event_time_ms(),
            class: item.id.is_class() || item.quantity.is_some(),
            quantity: item.quantity.as_deref(),
            uom: item.uom.as_deref().map(|uom| names.id(uom)),
        }));
    }
    let head = "INSERT INTO items (event, nth, role, identifier, event_time_ms, class, quantity, \
         uom_name)";
    batch::insert(connection, head, &rows, |row, item| {
        row.push_bind(item.event);
        row.push_bind(item.nth);
        row.push_bind(item.role);
        row.push_bind(item.identifier);
        row.push_bind(item.event_time_ms);
        row.push_bind(item.class);
        row.push_bind(item.quantity);
        row.push_bind(item.uom);
    })
    .await?;
    Ok(())
}

/// Whether the objects of an event begin or end.
fn turns(event: &Event) -> bool {
    event.kind() == EventKind::Object
        && (event.action() != Some(Action::Observe)
            || event.biz_step().is_some_and(|step| LAST_STEPS.contains(&step)))
}

async fn write_documents(
    connection: &mut Connection,
    events: &[(i64, &NewEvent)],
    names: &Names,
) -> Result<(), IndexError> {
    let rows: Vec<(i64, i64, Option<i64>, i64)> = events
        .iter()
        .flat_map(|(id, new)| {
            new.event.biz_transactions().iter().zip(0..).map(|((kind, document), nth)| {
                (*id, nth, kind.as_deref().map(|kind| names.id(kind)), names.id(document))
            })
        })
        .collect();
    let head = "INSERT INTO documents (event, nth, type_name, document)";
    batch::insert(connection, head, &rows, |row, (event, nth, kind, document)| {
        row.push_bind(*event);
        row.push_bind(*nth);
        row.push_bind(*kind);
        row.push_bind(*document);
    })
    .await?;
    Ok(())
}

async fn write_parties(
    connection: &mut Connection,
    events: &[(i64, &NewEvent)],
    names: &Names,
) -> Result<(), IndexError> {
    let mut rows = Vec::new();
    for (id, new) in events {
        for (side, parties) in [(0, new.event.sources()), (1, new.event.destinations())] {
            for ((kind, party), nth) in parties.iter().zip(0_i64..) {
                rows.push([*id, side, nth, names.id(kind), names.id(party)]);
            }
        }
    }
    let head = "INSERT INTO parties (event, side, nth, type_name, party)";
    batch::insert(connection, head, &rows, |row, values| {
        for value in values {
            row.push_bind(*value);
        }
    })
    .await?;
    Ok(())
}

/// Marks an event as declared wrong; only the party that recorded it may do so.
async fn withdraw(
    connection: &mut Connection,
    declaration: &Declaration,
) -> Result<(), IndexError> {
    sql("UPDATE events SET withdrawn_ms = ?, withdrawn_reason = ? \
         WHERE hash_start = ? AND hash = ? AND party = ? AND withdrawn_ms IS NULL")
    .bind(declaration.declared_ms)
    .bind(declaration.reason.as_deref())
    .bind(keys::hash_start(&declaration.hash.0))
    .bind(declaration.hash.as_slice())
    .bind(declaration.party as i64)
    .execute(connection)
    .await?;
    Ok(())
}
