//! The SQL of a query.

use qiao_epcis::EventHash;

use super::query::{Cursor, EventQuery, Linked, Things};
use super::read::{COLUMNS, JOINS};
use super::write::{action_code, kind_code};
use crate::database::{Sql, sql};
use crate::{keys, names};

/// The statement for a page of a query, with one row more than asked for.
pub(super) fn select<'a>(query: &'a EventQuery, cursor: Option<&Cursor>, limit: u32) -> Sql<'a> {
    let column = query.order_column();
    // The page is found first and read then, so that what is sorted is narrow.
    let mut sql = sql("WITH page AS (SELECT e.id AS number, ");
    sql.push(column).push(" AS sort_value FROM events e WHERE TRUE");
    match query.kinds.as_deref() {
        Some([]) => _ = sql.push(" AND FALSE"),
        kinds => {
            let kinds = kinds.unwrap_or_default().iter().map(|kind| kind_code(*kind));
            push_numbers(&mut sql, "e.kind", kinds);
        }
    }
    let actions = query.actions.iter().map(|action| action_code(Some(*action)));
    push_numbers(&mut sql, "e.action", actions);
    for bound in &query.times {
        let sign = if query.is_selective() { " AND +" } else { " AND " };
        sql.push(sign).push(bound.column).push(bound.comparison).push_bind(bound.time_ms);
    }
    for (column, names) in &query.named {
        // A single value leaves the index in order of time.
        let comparison = if names.len() == 1 { " = " } else { " IN " };
        sql.push(" AND ").push(column).push(comparison);
        push_names(&mut sql, names);
    }
    query.linked.iter().for_each(|linked| push_linked(&mut sql, linked));
    query.things.iter().for_each(|things| push_things(&mut sql, things));
    push_event_ids(&mut sql, &query.event_ids);
    let (comparison, direction) = if query.descending { ("<", "DESC") } else { (">", "ASC") };
    if let Some(cursor) = cursor {
        sql.push(" AND (").push(column).push(", e.id) ").push(comparison).push(" (");
        sql.push_bind(cursor.value).push(", ").push_bind(cursor.id).push(")");
    }
    sql.push(" ORDER BY ").push(column).push(" ").push(direction);
    sql.push(", e.id ").push(direction).push(" LIMIT ").push_bind(i64::from(limit) + 1);
    sql.push(") SELECT ").push(COLUMNS).push(", page.sort_value FROM page ");
    sql.push("CROSS JOIN events e ON e.id = page.number ").push(JOINS);
    sql.push(" ORDER BY page.sort_value ").push(direction).push(", e.id ").push(direction);
    sql
}

fn push_numbers(sql: &mut Sql<'_>, column: &str, numbers: impl ExactSizeIterator<Item = i64>) {
    if numbers.len() == 0 {
        return;
    }
    sql.push(" AND ").push(column).push(" IN (");
    sql.push_list(numbers).push(")");
}

/// The numbers of some names, as a subquery.
fn push_names<'a>(sql: &mut Sql<'a>, names: &'a [String]) {
    sql.push("(SELECT id FROM names WHERE ");
    names::push_condition(sql, names.iter().map(String::as_str));
    sql.push(")");
}

fn push_linked<'a>(sql: &mut Sql<'a>, linked: &'a Linked) {
    let (table, column, side) = match linked.table {
        "documents" => ("documents", "document", None),
        "sources" => ("parties", "party", Some(0_i64)),
        _ => ("parties", "party", Some(1)),
    };
    sql.push(" AND e.id IN (SELECT event FROM ").push(table).push(" WHERE ");
    sql.push(column).push(" IN ");
    push_names(sql, &linked.names);
    if let Some(side) = side {
        sql.push(" AND side = ").push_bind(side);
    }
    if let Some(kind) = &linked.kind {
        sql.push(" AND type_name IN ");
        push_names(sql, std::slice::from_ref(kind));
    }
    sql.push(")");
}

fn push_things<'a>(sql: &mut Sql<'a>, things: &'a Things) {
    sql.push(" AND e.id IN (SELECT event FROM items WHERE identifier IN ");
    push_names(sql, &things.names);
    push_numbers(sql, "role", things.roles.iter().copied());
    if let Some(class) = things.class {
        sql.push(" AND class = ").push_bind(class);
    }
    sql.push(")");
}

/// An event is named by the `eventID` that its sender gave or by its hash.
fn push_event_ids<'a>(sql: &mut Sql<'a>, ids: &'a [String]) {
    if ids.is_empty() {
        return;
    }
    sql.push(" AND (e.event_id_name IN ");
    push_names(sql, ids);
    for hash in ids.iter().filter_map(|id| id.parse::<EventHash>().ok()) {
        sql.push(" OR (e.hash_start = ").push_bind(keys::hash_start(&hash.0));
        sql.push(" AND e.hash = ").push_bind(hash.0.to_vec()).push(")");
    }
    sql.push(")");
}
