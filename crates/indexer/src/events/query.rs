//! The EPCIS `SimpleEventQuery`: parameters in, bound SQL out.
//!
//! EPCIS 2.0, §8.2.7.1. Values are normalised as the events were, so that an EPC URN and a GS1
//! Digital Link ask for the same thing.

use alloy_primitives::keccak256;
use qiao_epcis::{Action, EventKind, Identifier};

use super::filter::{self, Condition};
use super::read::IndexedEvent;
use super::select::select;
use super::write::{ROLE_EMPTIED, ROLE_TURNED};
use crate::{Index, IndexError, Page};

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
    /// Kinds wanted; none of them is a kind of this chain where the list is empty.
    pub(super) kinds: Option<Vec<EventKind>>,
    pub(super) actions: Vec<Action>,
    pub(super) times: Vec<TimeBound>,
    /// Columns that hold one name, and the names wanted.
    pub(super) named: Vec<(&'static str, Vec<String>)>,
    pub(super) linked: Vec<Linked>,
    pub(super) things: Vec<Things>,
    pub(super) event_ids: Vec<String>,
    /// What only the events' bodies tell.
    pub(super) conditions: Vec<Condition>,
    pub(super) order: EventOrder,
    pub(super) descending: bool,
    pub(super) per_page: u32,
    pub(super) token: Option<String>,
    pub(super) event_count_limit: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimeBound {
    pub(super) column: &'static str,
    pub(super) comparison: &'static str,
    pub(super) time_ms: i64,
}

/// Business transactions, sources or destinations wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Linked {
    pub(super) table: &'static str,
    pub(super) kind: Option<String>,
    pub(super) names: Vec<String>,
}

/// Things wanted in certain roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Things {
    pub(super) roles: &'static [i64],
    pub(super) class: Option<bool>,
    pub(super) names: Vec<String>,
}

impl Default for EventQuery {
    fn default() -> Self {
        Self {
            kinds: None,
            actions: Vec::new(),
            times: Vec::new(),
            named: Vec::new(),
            linked: Vec::new(),
            things: Vec::new(),
            event_ids: Vec::new(),
            conditions: Vec::new(),
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

    /// Events whose bodies are looked at for one page; the next page goes on from there.
    const SCANNED_MAX: usize = 10_000;

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

    /// Goes on where another page of this query ended.
    #[must_use]
    pub fn after(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), QueryProblem> {
        match name {
            "orderDirection" => {}
            "orderBy" => self.order = order(name, value)?,
            "perPage" => self.per_page = number(name, value)?.min(Self::PER_PAGE_MAX),
            "nextPageToken" => self.token = Some(value.to_owned()),
            "eventCountLimit" => self.event_count_limit = Some(number(name, value)?),
            "eventType" => self.kinds = kinds(name, value)?,
            "EQ_action" => self.actions = words(name, value, Action::from_name)?,
            "GE_eventTime" | "LT_eventTime" | "GE_recordTime" | "LT_recordTime" => {
                self.times.push(time_bound(name, value)?);
            }
            "EQ_bizStep" => self.named.push(("e.step_name", short(&BIZ_STEP, value))),
            "EQ_disposition" => {
                self.named.push(("e.disposition_name", short(&DISPOSITION, value)));
            }
            // A place within another is known from master data only, which the chain does not hold.
            "EQ_readPoint" | "WD_readPoint" => {
                self.named.push(("e.read_point_name", identifiers(name, value)?))
            }
            "EQ_bizLocation" | "WD_bizLocation" => {
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
        if let Some(condition) = Condition::parse(name, value)? {
            self.conditions.push(condition);
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
    pub(super) fn is_selective(&self) -> bool {
        !self.things.is_empty()
            || !self.event_ids.is_empty()
            || !self.linked.is_empty()
            || self.named.iter().any(|(column, _)| *column == "e.transformation_name")
    }

    pub(super) fn order_column(&self) -> &'static str {
        match (self.order, self.is_selective()) {
            (EventOrder::EventTime, false) => "e.event_time_ms",
            // The sign keeps SQLite from walking the index of this column.
            (EventOrder::EventTime, true) => "+e.event_time_ms",
            (EventOrder::RecordTime, _) => "e.id",
        }
    }
}

/// Where a page goes on: the sort value and number of the last event, and how many may follow.
pub(super) struct Cursor {
    pub(super) value: i64,
    pub(super) id: i64,
    pub(super) remaining: Option<u32>,
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
        let (events, last) = self.scan(query, cursor, limit).await?;
        let left = remaining.map(|count| count - events.len() as u32);
        let next = last
            .filter(|_| left != Some(0))
            .map(|(value, id)| Cursor { value, id, remaining: left }.write(&fingerprint));
        Ok(Page { items: events, next })
    }

    /// Events that match, and where to go on if there may be more.
    async fn scan(
        &self,
        query: &EventQuery,
        mut cursor: Option<Cursor>,
        limit: u32,
    ) -> Result<(Vec<IndexedEvent>, Option<(i64, i64)>), IndexError> {
        let is_plain = query.conditions.is_empty();
        let batch = if is_plain { limit } else { EventQuery::PER_PAGE_MAX };
        let mut events = Vec::new();
        let mut scanned = 0;
        loop {
            let sql = select(query, cursor.as_ref(), batch);
            let rows = sql.fetch_all(&mut self.reader().await?).await?;
            let mut last = None;
            for (nth, row) in rows.iter().take(batch as usize).enumerate() {
                let event = IndexedEvent::from_row(row)?;
                last = Some((row.try_get("sort_value")?, row.try_get("id")?));
                if is_plain || filter::holds(&query.conditions, &event)? {
                    events.push(event);
                }
                if events.len() == limit as usize {
                    let is_last = nth + 1 == rows.len();
                    return Ok((events, last.filter(|_| !is_last)));
                }
            }
            scanned += batch as usize;
            let is_all = rows.len() <= batch as usize;
            if is_all || scanned >= EventQuery::SCANNED_MAX {
                return Ok((events, last.filter(|_| !is_all)));
            }
            cursor = last.map(|(value, id)| Cursor { value, id, remaining: None });
        }
    }
}

fn problem(parameter: &str, rule: impl Into<String>) -> QueryProblem {
    QueryProblem { parameter: parameter.to_owned(), rule: rule.into() }
}

fn split(value: &str) -> impl Iterator<Item = &str> {
    value.split('|').map(str::trim).filter(|part| !part.is_empty())
}

/// The kinds of these names; `None` where there is no name. A type of an extension, which is a URI, is
/// one that no event here has.
fn kinds(name: &str, value: &str) -> Result<Option<Vec<EventKind>>, QueryProblem> {
    let mut kinds = None;
    for word in split(value) {
        let kinds: &mut Vec<EventKind> = kinds.get_or_insert_default();
        match EventKind::from_name(word) {
            Some(kind) => kinds.push(kind),
            None if word.contains(':') => {}
            None => return Err(problem(name, format!("`{word}` is not a value"))),
        }
    }
    Ok(kinds)
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
