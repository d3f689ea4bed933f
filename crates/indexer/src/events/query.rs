//! The EPCIS `SimpleEventQuery`: parameters in, bound SQL out.
//!
//! EPCIS 2.0, §8.2.7.1. Values are normalised as the events were, so that an EPC URN and a GS1
//! Digital Link ask for the same thing.

use alloy_primitives::keccak256;
use qiao_epcis::{Action, EventHash, EventKind, Identifier};
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::read::{COLUMNS, IndexedEvent, JOINS};
use super::write::{ROLE_EMPTIED, ROLE_TURNED, action_code, kind_code};
use crate::{Index, IndexError, Page, keys};

/// What a query sorts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EventOrder {
    /// The order in which the chain recorded the events.
    #[default]
    RecordTime,
    /// When the events happened.
    EventTime,
}

/// A parameter that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("query parameter `{parameter}`: {rule}")]
pub struct QueryProblem {
    /// The parameter.
    pub parameter: String,
    /// What it should be.
    pub rule: String,
}

/// Which events, in which order, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuery {
    kinds: Vec<EventKind>,
    actions: Vec<Action>,
    times: Vec<TimeBound>,
    /// Columns that hold one name, and the names wanted.
    named: Vec<(&'static str, Vec<String>)>,
    linked: Vec<Linked>,
    things: Vec<Things>,
    event_ids: Vec<String>,
    order: EventOrder,
    descending: bool,
    per_page: u32,
    token: Option<String>,
    event_count_limit: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct TimeBound {
    column: &'static str,
    comparison: &'static str,
    time_ms: i64,
}

/// Business transactions, sources or destinations wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Linked {
    table: &'static str,
    kind: Option<String>,
    names: Vec<String>,
}

/// Things wanted in certain roles.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Things {
    roles: &'static [i64],
    class: Option<bool>,
    names: Vec<String>,
}

impl Default for EventQuery {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            actions: Vec::new(),
            times: Vec::new(),
            named: Vec::new(),
            linked: Vec::new(),
            things: Vec::new(),
            event_ids: Vec::new(),
            order: EventOrder::default(),
            descending: false,
            per_page: Self::PER_PAGE,
            token: None,
            event_count_limit: None,
        }
    }
}

const ROLE_OBJECT: i64 = 0;
const ROLE_PARENT: i64 = 1;
const ROLE_CHILD: i64 = 2;
const ROLE_INPUT: i64 = 3;
const ROLE_OUTPUT: i64 = 4;

/// The `MATCH_` parameters: the roles that they look at, and whether at instances or classes.
const MATCHES: &[(&str, &[i64], Option<bool>)] = &[
    ("MATCH_epc", &[ROLE_OBJECT, ROLE_TURNED, ROLE_CHILD], Some(false)),
    ("MATCH_parentID", &[ROLE_PARENT, ROLE_EMPTIED], None),
    ("MATCH_inputEPC", &[ROLE_INPUT], Some(false)),
    ("MATCH_outputEPC", &[ROLE_OUTPUT], Some(false)),
    (
        "MATCH_anyEPC",
        &[ROLE_OBJECT, ROLE_TURNED, ROLE_PARENT, ROLE_CHILD, ROLE_INPUT, ROLE_OUTPUT, ROLE_EMPTIED],
        Some(false),
    ),
    ("MATCH_epcClass", &[ROLE_OBJECT, ROLE_TURNED, ROLE_CHILD], Some(true)),
    ("MATCH_inputEPCClass", &[ROLE_INPUT], Some(true)),
    ("MATCH_outputEPCClass", &[ROLE_OUTPUT], Some(true)),
    (
        "MATCH_anyEPCClass",
        &[ROLE_OBJECT, ROLE_TURNED, ROLE_CHILD, ROLE_INPUT, ROLE_OUTPUT],
        Some(true),
    ),
];

/// Where CBV's words live when they are written as URIs.
const BIZ_STEP: [&str; 3] =
    ["https://ref.gs1.org/cbv/BizStep-", "cbv:BizStep-", "urn:epcglobal:cbv:bizstep:"];
const DISPOSITION: [&str; 3] =
    ["https://ref.gs1.org/cbv/Disp-", "cbv:Disp-", "urn:epcglobal:cbv:disp:"];
const DOCUMENT_TYPE: [&str; 3] =
    ["https://ref.gs1.org/cbv/BTT-", "cbv:BTT-", "urn:epcglobal:cbv:btt:"];
const PARTY_TYPE: [&str; 3] =
    ["https://ref.gs1.org/cbv/SDT-", "cbv:SDT-", "urn:epcglobal:cbv:sdt:"];

impl EventQuery {
    /// Events per page where the query does not say.
    pub const PER_PAGE: u32 = 30;

    /// Events per page at most.
    pub const PER_PAGE_MAX: u32 = 1_000;

    /// Values in all parameters together at most.
    pub const VALUES_MAX: usize = 500;

    /// Reads a query from its parameters; several values of one are separated by `|`.
    ///
    /// # Errors
    /// The first parameter that is unknown or malformed.
    pub fn parse<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, QueryProblem> {
        let mut query = Self::default();
        let mut values = 0;
        let mut ordered = false;
        let mut directed = None;
        for (name, value) in parameters {
            values += value.split('|').count();
            if values > Self::VALUES_MAX {
                let rule = format!("a query has at most {} values", Self::VALUES_MAX);
                return Err(problem(name, rule));
            }
            match name {
                "orderBy" => ordered = true,
                "orderDirection" => directed = Some(direction(name, value)?),
                _ => {}
            }
            query.set(name, value)?;
        }
        // The standard's default is descending where an order is asked for.
        query.descending = directed.unwrap_or(ordered);
        Ok(query)
    }

    /// Changes how many events a page has.
    #[must_use]
    pub fn per_page(mut self, events: u32) -> Self {
        self.per_page = events.clamp(1, Self::PER_PAGE_MAX);
        self
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), QueryProblem> {
        match name {
            "orderDirection" => {}
            "orderBy" => self.order = order(name, value)?,
            "perPage" => self.per_page = number(name, value)?.min(Self::PER_PAGE_MAX),
            "nextPageToken" => self.token = Some(value.to_owned()),
            "eventCountLimit" => self.event_count_limit = Some(number(name, value)?),
            "eventType" => self.kinds = words(name, value, EventKind::from_name)?,
            "EQ_action" => self.actions = words(name, value, Action::from_name)?,
            "GE_eventTime" | "LT_eventTime" | "GE_recordTime" | "LT_recordTime" => {
                self.times.push(time_bound(name, value)?);
            }
            "EQ_bizStep" => self.named.push(("e.step_name", short(&BIZ_STEP, value))),
            "EQ_disposition" => {
                self.named.push(("e.disposition_name", short(&DISPOSITION, value)));
            }
            "EQ_readPoint" => self.named.push(("e.read_point_name", identifiers(name, value)?)),
            "EQ_bizLocation" => {
                self.named.push(("e.biz_location_name", identifiers(name, value)?));
            }
            "EQ_transformationID" => {
                self.named.push(("e.transformation_name", identifiers(name, value)?));
            }
            "EQ_eventID" => self.event_ids = split(value).map(str::to_owned).collect(),
            _ => self.set_linked(name, value)?,
        }
        Ok(())
    }

    fn set_linked(&mut self, name: &str, value: &str) -> Result<(), QueryProblem> {
        if let Some((_, roles, class)) = MATCHES.iter().find(|(known, ..)| *known == name) {
            let names = identifiers(name, value)?;
            self.things.push(Things { roles, class: *class, names });
            return Ok(());
        }
        let tables = [
            ("EQ_bizTransaction", "documents", &DOCUMENT_TYPE),
            ("EQ_source", "sources", &PARTY_TYPE),
            ("EQ_destination", "destinations", &PARTY_TYPE),
        ];
        for (prefix, table, vocabulary) in tables {
            let Some(rest) = name.strip_prefix(prefix) else { continue };
            let kind = match rest.strip_prefix('_') {
                Some(kind) => short(vocabulary, kind).into_iter().next(),
                None if rest.is_empty() => None,
                None => break,
            };
            self.linked.push(Linked { table, kind, names: identifiers(name, value)? });
            return Ok(());
        }
        Err(problem(name, "is not a parameter that this query knows"))
    }

    /// Tells this query from others in its page tokens.
    fn fingerprint(&self) -> String {
        let plain = Self { token: None, per_page: 0, ..self.clone() };
        let digest = keccak256(format!("{plain:?}"));
        alloy_primitives::hex::encode(&digest[..4])
    }

    /// Whether few events can match, so that they are looked up and then sorted, rather than
    /// walked in order.
    fn is_selective(&self) -> bool {
        !self.things.is_empty()
            || !self.event_ids.is_empty()
            || !self.linked.is_empty()
            || self.named.iter().any(|(column, _)| *column == "e.transformation_name")
    }

    fn order_column(&self) -> &'static str {
        match (self.order, self.is_selective()) {
            (EventOrder::EventTime, false) => "e.event_time_ms",
            // The sign keeps SQLite from walking the index of this column.
            (EventOrder::EventTime, true) => "+e.event_time_ms",
            (EventOrder::RecordTime, _) => "e.id",
        }
    }
}

/// Where a page goes on: the sort value and number of the last event, and how many may follow.
struct Cursor {
    value: i64,
    id: i64,
    remaining: Option<u32>,
}

impl Cursor {
    fn write(&self, fingerprint: &str) -> String {
        let remaining = self.remaining.map(|count| count.to_string()).unwrap_or_default();
        format!("{}_{}_{remaining}_{fingerprint}", self.value, self.id)
    }

    fn read(token: &str, fingerprint: &str) -> Option<Self> {
        let mut parts = token.split('_');
        let value = parts.next()?.parse().ok()?;
        let id = parts.next()?.parse().ok()?;
        let remaining = match parts.next()? {
            "" => None,
            count => Some(count.parse().ok()?),
        };
        let matches = parts.next()? == fingerprint && parts.next().is_none();
        matches.then_some(Self { value, id, remaining })
    }
}

impl Index {
    /// The events that match, a page at a time.
    pub async fn events(&self, query: &EventQuery) -> Result<Page<IndexedEvent>, IndexError> {
        let fingerprint = query.fingerprint();
        let cursor = match &query.token {
            None => None,
            Some(token) => Some(
                Cursor::read(token, &fingerprint)
                    .ok_or_else(|| IndexError::PageToken(token.clone()))?,
            ),
        };
        let remaining = cursor.as_ref().map_or(query.event_count_limit, |cursor| cursor.remaining);
        let limit = remaining.map_or(query.per_page, |count| count.min(query.per_page));
        let mut sql = select(query, cursor.as_ref(), limit);
        let rows = sql.build().fetch_all(self.readers()).await?;
        let mut events = Vec::with_capacity(rows.len());
        let mut last = None;
        for row in rows.iter().take(limit as usize) {
            events.push(IndexedEvent::from_row(row)?);
            last = Some((row.try_get("sort_value")?, row.try_get("id")?));
        }
        let left = remaining.map(|count| count - events.len() as u32);
        let more = rows.len() > limit as usize && left != Some(0);
        let next = last
            .filter(|_| more)
            .map(|(value, id)| Cursor { value, id, remaining: left }.write(&fingerprint));
        Ok(Page { items: events, next })
    }

    /// The event with this hash.
    pub async fn event(&self, hash: &EventHash) -> Result<Option<IndexedEvent>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS}, e.id AS sort_value FROM events e {JOINS} WHERE e.hash_start = ? AND e.hash = ?"
        );
        let row = sqlx::query(&sql)
            .bind(keys::hash_start(&hash.0))
            .bind(hash.0.as_slice())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(IndexedEvent::from_row).transpose()
    }
}

type Sql<'a> = QueryBuilder<'a, Sqlite>;

fn select<'a>(query: &'a EventQuery, cursor: Option<&Cursor>, limit: u32) -> Sql<'a> {
    let column = query.order_column();
    // The page is found first and read then, so that what is sorted is narrow.
    let mut sql: Sql<'a> = QueryBuilder::new("WITH page AS (SELECT e.id AS number, ");
    sql.push(column).push(" AS sort_value FROM events e WHERE 1");
    push_numbers(&mut sql, "e.kind", query.kinds.iter().map(|kind| kind_code(*kind)));
    let actions = query.actions.iter().map(|action| action_code(Some(*action)));
    push_numbers(&mut sql, "e.action", actions);
    for bound in &query.times {
        let sign = if query.is_selective() { " AND +" } else { " AND " };
        sql.push(sign).push(bound.column).push(bound.comparison).push_bind(bound.time_ms);
    }
    for (column, names) in &query.named {
        // A single value leaves the index in order of time.
        let comparison = if names.len() == 1 { " = " } else { " IN " };
        sql.push(" AND ").push(*column).push(comparison);
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
    let mut list = sql.separated(", ");
    for number in numbers {
        list.push_bind(number);
    }
    sql.push(")");
}

/// The numbers of some names, as a subquery.
fn push_names<'a>(sql: &mut Sql<'a>, names: &'a [String]) {
    sql.push("(SELECT id FROM names WHERE name IN (");
    let mut list = sql.separated(", ");
    for name in names {
        list.push_bind(name.as_str());
    }
    sql.push("))");
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

fn problem(parameter: &str, rule: impl Into<String>) -> QueryProblem {
    QueryProblem { parameter: parameter.to_owned(), rule: rule.into() }
}

fn split(value: &str) -> impl Iterator<Item = &str> {
    value.split('|').map(str::trim).filter(|part| !part.is_empty())
}

fn words<T>(
    name: &str,
    value: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, QueryProblem> {
    split(value)
        .map(|word| read(word).ok_or_else(|| problem(name, format!("`{word}` is not a value"))))
        .collect()
}

fn identifiers(name: &str, value: &str) -> Result<Vec<String>, QueryProblem> {
    split(value)
        .map(|text| match Identifier::parse(text) {
            Ok(identifier) => Ok(identifier.as_str().to_owned()),
            Err(error) => Err(problem(name, error.to_string())),
        })
        .collect()
}

/// The short words of a vocabulary where one was written as a URI.
fn short(prefixes: &[&str], value: &str) -> Vec<String> {
    split(value)
        .map(|text| prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text))
        .map(str::to_owned)
        .collect()
}

fn time_bound(name: &str, value: &str) -> Result<TimeBound, QueryProblem> {
    let time: jiff::Timestamp = value
        .parse()
        .map_err(|_| problem(name, format!("`{value}` is not a time with an offset")))?;
    let column = if name.ends_with("recordTime") { "e.record_time_ms" } else { "e.event_time_ms" };
    let comparison = if name.starts_with("GE_") { " >= " } else { " < " };
    Ok(TimeBound { column, comparison, time_ms: time.as_millisecond() })
}

fn order(name: &str, value: &str) -> Result<EventOrder, QueryProblem> {
    match value {
        "eventTime" => Ok(EventOrder::EventTime),
        "recordTime" => Ok(EventOrder::RecordTime),
        _ => Err(problem(name, "is `eventTime` or `recordTime`")),
    }
}

/// Whether the direction is descending.
fn direction(name: &str, value: &str) -> Result<bool, QueryProblem> {
    match value {
        "ASC" => Ok(false),
        "DESC" => Ok(true),
        _ => Err(problem(name, "is `ASC` or `DESC`")),
    }
}

fn number(name: &str, value: &str) -> Result<u32, QueryProblem> {
    match value.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(problem(name, format!("`{value}` is not a positive number"))),
    }
}
