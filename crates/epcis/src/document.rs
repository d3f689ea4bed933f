//! Documents, and the events in them.

use crate::context::Prefixes;
use crate::event::Event;
use crate::json::{Json, JsonError, Object};
use crate::limits::Limits;
use crate::problem::Problem;
use crate::validate::{self, Check};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A valid EPCIS document, query document, bare event or array of events.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The events, in the order of the document.
    pub events: Vec<Event>,
    /// What stands around them, as JSON-LD names it: version and date, sender and receiver, the
    /// header with its master data, and the `@context` of all that. Empty for bare events. Nothing
    /// of it is part of any event.
    pub frame: Object,
    /// What is wrong with the events that were left out; none are unless [`Limits::takes_valid`].
    pub refused: Vec<Problem>,
}

impl Document {
    /// The positions that [`Document::events`] had among all events of the document.
    #[must_use]
    pub fn positions(&self) -> Vec<usize> {
        let refused: BTreeSet<usize> =
            self.refused.iter().filter_map(|problem| problem.event).collect();
        (0..).filter(|position| !refused.contains(position)).take(self.events.len()).collect()
    }

    /// The answer to a query.
    #[must_use]
    pub fn of_query(
        name: &str,
        subscription: Option<&str>,
        creation_date: &str,
        events: Vec<Event>,
    ) -> Self {
        let text = |text: &str| Json::String(text.to_owned());
        let object = |fields: Vec<(&str, Json)>| {
            let mut object = Object::default();
            fields.into_iter().for_each(|(name, value)| object.push(name.to_owned(), value));
            object
        };
        let mut results = vec![("queryName", text(name))];
        results.extend(subscription.map(|id| ("subscriptionID", text(id))));
        results.push(("resultsBody", Json::Object(Object::default())));
        let body = object(vec![("queryResults", Json::Object(object(results)))]);
        let frame = object(vec![
            ("type", text("EPCISQueryDocument")),
            ("schemaVersion", text("2.0")),
            ("creationDate", text(creation_date)),
            ("epcisBody", Json::Object(body)),
        ]);
        Self { events, frame, refused: Vec::new() }
    }
}

/// Reads and validates an EPCIS document, a query document, a bare event or an array of events.
///
/// # Errors
/// Everything that is wrong, in the order of the document, up to the limit.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Document, Vec<Problem>> {
    let json = read(bytes, limits)?;
    let mut check = Check::new(limits);
    let mut frame = Object::default();
    let events = match json {
        Json::Array(entries) => {
            let entries = counted(&mut check, entries, limits);
            events(&mut check, entries, "", &Arc::default(), false)
        }
        Json::Object(object) => match object.str("type") {
            Some("EPCISDocument" | "EPCISQueryDocument") => {
                let (events, around) = document(&mut check, object, limits);
                frame = around;
                events
            }
            _ => check_event(&mut check, object, &Arc::default(), false).into_iter().collect(),
        },
        other => {
            let rule = format!("a document is an object or an array, not {}", other.kind());
            check.problem("epcis.wrong_type", rule);
            Vec::new()
        }
    };
    check.finish().map(|refused| Document { events, frame, refused })
}

/// Reads and validates a document in JSON or in XML, as its first character tells.
///
/// # Errors
/// As [`parse`] and [`parse_xml`](crate::parse_xml).
pub fn parse_any(bytes: &[u8], limits: &Limits) -> Result<Document, Vec<Problem>> {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'<') { crate::parse_xml(bytes, limits) } else { parse(bytes, limits) }
}

/// Reads one bare event with its own `@context`.
pub(crate) fn parse_event(bytes: &[u8], limits: &Limits) -> Result<Event, Vec<Problem>> {
    let mut check = Check::new(limits);
    let found = match read(bytes, limits)? {
        Json::Object(object) => check_event(&mut check, object, &Arc::default(), false),
        other => {
            check.problem(
                "epcis.wrong_type",
                format!("an event is an object, not {}", other.kind()),
            );
            None
        }
    };
    check.finish()?;
    Ok(found.expect("an event without a problem was read"))
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Json, Vec<Problem>> {
    let refuse = |JsonError { code, rule, .. }: JsonError| {
        vec![Problem { event: None, field: String::new(), code, rule }]
    };
    let mut json = Json::parse(bytes, limits).map_err(refuse)?;
    json.drop_comments();
    Ok(json)
}

fn document(check: &mut Check<'_>, mut object: Object, limits: &Limits) -> (Vec<Event>, Object) {
    let context = object.get("@context").cloned();
    let prefixes = Prefixes::default().with_context(context.as_ref().unwrap_or(&Json::Null));
    let prefixes = Arc::new(prefixes);
    check.set_prefixes(&prefixes);
    validate::document(check, &object);
    let entries = take_event_list(&mut object);
    let entries = counted(check, entries, limits);
    (events(check, entries, "eventList", &prefixes, true), object)
}

/// Takes the list of events out of a document.
fn take_event_list(document: &mut Object) -> Vec<Json> {
    let Some(Json::Object(mut body)) = document.remove("epcisBody") else { return Vec::new() };
    let list = match body.remove("queryResults") {
        Some(Json::Object(mut results)) => match results.remove("resultsBody") {
            Some(Json::Object(mut results_body)) => results_body.remove("eventList"),
            _ => None,
        },
        _ => body.remove("eventList"),
    };
    match list {
        Some(Json::Array(entries)) => entries,
        _ => Vec::new(),
    }
}

/// The events to look at; none where they are too many.
fn counted(check: &mut Check<'_>, entries: Vec<Json>, limits: &Limits) -> Vec<Json> {
    if entries.len() <= limits.events_max {
        return entries;
    }
    let (count, most) = (entries.len(), limits.events_max);
    check.problem(
        "epcis.limit_events",
        format!("a document has at most {most} events, not {count}"),
    );
    Vec::new()
}

fn events(
    check: &mut Check<'_>,
    entries: Vec<Json>,
    list: &str,
    prefixes: &Arc<Prefixes>,
    has_context: bool,
) -> Vec<Event> {
    let mut events = Vec::with_capacity(entries.len());
    for (index, entry) in entries.into_iter().enumerate() {
        if check.is_full() {
            break;
        }
        check.enter_event(index, list);
        match entry {
            Json::Object(object) => {
                events.extend(check_event(check, object, prefixes, has_context))
            }
            other => check.problem(
                "epcis.wrong_type",
                format!("an event is an object, not {}", other.kind()),
            ),
        }
        check.leave_event();
    }
    events
}

/// Reads one event. None where it has a problem.
pub(crate) fn check_event(
    check: &mut Check<'_>,
    mut object: Object,
    outer: &Arc<Prefixes>,
    has_context: bool,
) -> Option<Event> {
    let before = check.count();
    let prefixes = match object.remove("@context") {
        Some(context) => {
            check.at("@context", |check| validate::context(check, &context));
            Arc::new(outer.with_context(&context))
        }
        None => {
            if !has_context {
                check.missing("@context", "an event on its own declares its `@context`");
            }
            outer.clone()
        }
    };
    check.set_prefixes(&prefixes);
    validate::event(check, &object);
    if check.count() > before {
        return None;
    }
    let event = Event::from_valid(object, prefixes);
    Some(event.expect("a validated event has its required fields"))
}
