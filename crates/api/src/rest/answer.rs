//! Events as a query document, in the form that the client wants.

use std::{borrow::Cow, collections::BTreeMap};

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use qiao_epcis::{Document, Event, Limits};
use qiao_indexer::IndexedEvent;
use serde_json::value::RawValue;
use tokio::task;

use super::{
    headers::{self, Media, Wish},
    problem::Problem,
};
use crate::sharing::Shown;

/// The query that an answer belongs to.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The name of the query.
    pub(super) query: String,
    /// The subscription that it is sent to.
    pub(super) subscription: Option<String>,
}

impl Asked {
    /// A query without a name of its own.
    pub(super) fn simple() -> Self {
        Self { query: "SimpleEventQuery".to_owned(), subscription: None }
    }
}

/// An answer with these events.
pub(super) async fn document(
    events: Shown,
    wish: Wish,
    asked: Asked,
) -> Result<Response, Box<Problem>> {
    let writing = task::spawn_blocking(move || text(&events, wish, &asked));
    let text = writing.await.map_err(super::failed)?.map_err(super::failed)?;
    let media = HeaderValue::from_static(wish.media.name());
    let mut response = ([(header::CONTENT_TYPE, media)], text).into_response();
    headers::name_version(response.headers_mut(), wish);
    Ok(response)
}

/// An event by itself, as JSON-LD with its own `@context`.
pub(super) fn one(events: &Shown) -> Result<String, serde_json::Error> {
    let event = events.events().first().expect("an event that is its sender's own is shown");
    body(event)
}

/// The document's text.
pub(super) fn text(events: &Shown, wish: Wish, asked: &Asked) -> Result<String, serde_json::Error> {
    let created = format!("{:.3}", Timestamp::now());
    let bodies: Vec<String> = events.events().iter().map(body).collect::<Result<_, _>>()?;
    if wish.media == Media::Xml {
        let events = bodies.iter().filter_map(|body| read(body, wish)).collect();
        let subscription = asked.subscription.as_deref();
        let document = Document::of_query(&asked.query, subscription, &created, events);
        return Ok(document.to_xml(wish.xml));
    }
    let mut text = String::from(
        r#"{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"#,
    );
    text.push_str(r#""type":"EPCISQueryDocument","schemaVersion":"2.0","creationDate":""#);
    text.push_str(&created);
    text.push_str(r#"","epcisBody":{"queryResults":{"queryName":"#);
    text.push_str(&serde_json::to_string(&asked.query)?);
    if let Some(subscription) = &asked.subscription {
        text.push_str(r#","subscriptionID":"#);
        text.push_str(&serde_json::to_string(subscription)?);
    }
    text.push_str(r#","resultsBody":{"eventList":["#);
    for (nth, body) in bodies.iter().enumerate() {
        if nth > 0 {
            text.push(',');
        }
        match read(body, wish).filter(|_| wish.links) {
            Some(event) => text.push_str(&event.to_json()),
            None => text.push_str(body),
        }
    }
    text.push_str("]}}}}");
    Ok(text)
}

fn read(body: &str, wish: Wish) -> Option<Event> {
    let event = Event::parse(body.as_bytes(), &Limits::DOCUMENT).ok()?;
    Some(if wish.links { event.with_digital_links() } else { event })
}

/// An event's own bytes, so that its hash stays, with its `recordTime`, with its hash as `eventID`
/// where it has none and the hash may be seen, and with the declaration that it is wrong, if there is one. None of them takes
/// part in the hash.
fn body(event: &IndexedEvent) -> Result<String, serde_json::Error> {
    let mut fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(&event.body)?;
    let raw = |value: &serde_json::Value| serde_json::value::to_raw_value(value);
    let recorded = i64::try_from(event.record_time_ms).unwrap_or(i64::MAX);
    let recorded = raw(&time(recorded).into())?;
    let id = raw(&event.hash.as_str().into())?;
    fields.insert("recordTime".into(), &recorded);
    if !event.hash.is_empty() {
        fields.entry("eventID".into()).or_insert(&id);
    }
    let declaration = event.withdrawn.as_ref().map(|withdrawn| {
        let mut declaration = serde_json::Map::new();
        declaration.insert("declarationTime".to_owned(), time(withdrawn.declared_ms).into());
        if let Some(reason) = &withdrawn.reason {
            declaration.insert("reason".to_owned(), reason.as_str().into());
        }
        raw(&declaration.into())
    });
    let declaration = declaration.transpose()?;
    if let Some(declaration) = &declaration {
        fields.entry("errorDeclaration".into()).or_insert(declaration);
    }
    serde_json::to_string(&fields)
}

fn time(ms: i64) -> String {
    format!("{:.3}", Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX))
}
