//! `GET /epcis/events` and `GET /epcis/events/{eventID}`: events out, as EPCIS query documents.

use std::{borrow::Cow, collections::BTreeMap};

use axum::{
    extract::{Path, Query, RawQuery, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use qiao_epcis::EventHash;
use qiao_indexer::{EventQuery, IndexError, IndexedEvent, Page};
use serde_json::value::RawValue;

use super::{Context, pages, problem::Problem};

/// Events for which `maxEventCount` can be checked.
const COUNTED_MAX: u32 = EventQuery::PER_PAGE_MAX - 1;

/// The transaction that holds the event of `GET /epcis/events/{eventID}`.
const TRANSACTION: HeaderName = HeaderName::from_static("qiao-transaction");

/// The organisation for which it was captured.
const PARTY: HeaderName = super::headers::PARTY;

/// Parameters as they came, in order; a name may stand more than once.
type Parameters = Vec<(String, String)>;

/// Events that match, in pages.
///
/// Parameters are those of the EPCIS `SimpleEventQuery`; several values of one are separated by
/// `|`. A `Link` header with `rel="next"` leads to the next page.
#[utoipa::path(
    get,
    path = "/epcis/events",
    tag = "events",
    params(
        ("eventType" = Option<String>, Query, description = "`ObjectEvent`, `AggregationEvent` …"),
        ("GE_eventTime" = Option<String>, Query), ("LT_eventTime" = Option<String>, Query),
        ("GE_recordTime" = Option<String>, Query), ("LT_recordTime" = Option<String>, Query),
        ("EQ_action" = Option<String>, Query), ("EQ_bizStep" = Option<String>, Query),
        ("EQ_disposition" = Option<String>, Query), ("EQ_readPoint" = Option<String>, Query),
        ("EQ_bizLocation" = Option<String>, Query),
        ("EQ_bizTransaction" = Option<String>, Query, description = "or `EQ_bizTransaction_po` …"),
        ("EQ_source" = Option<String>, Query, description = "or `EQ_source_owning_party` …"),
        ("EQ_destination" = Option<String>, Query),
        ("EQ_transformationID" = Option<String>, Query), ("EQ_eventID" = Option<String>, Query),
        ("MATCH_epc" = Option<String>, Query), ("MATCH_epcClass" = Option<String>, Query),
        ("MATCH_parentID" = Option<String>, Query), ("MATCH_inputEPC" = Option<String>, Query),
        ("MATCH_outputEPC" = Option<String>, Query), ("MATCH_anyEPC" = Option<String>, Query),
        ("MATCH_inputEPCClass" = Option<String>, Query),
        ("MATCH_outputEPCClass" = Option<String>, Query),
        ("MATCH_anyEPCClass" = Option<String>, Query),
        ("orderBy" = Option<String>, Query, description = "`eventTime` or `recordTime`"),
        ("orderDirection" = Option<String>, Query, description = "`ASC` or `DESC`"),
        ("eventCountLimit" = Option<u32>, Query), ("maxEventCount" = Option<u32>, Query),
        ("perPage" = Option<u32>, Query), ("nextPageToken" = Option<String>, Query)
    ),
    responses(
        (status = 200, body = serde_json::Value, description = "An EPCISQueryDocument"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn events(
    State(context): State<Context>,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Box<Problem>> {
    let (counted, parameters): (Parameters, Parameters) =
        parameters.into_iter().partition(|(name, _)| name == "maxEventCount");
    let query = read(&parameters)?;
    if let Some((_, count_max)) = counted.first() {
        return answer_counted(&context, query, &parameters, count_max).await;
    }
    let page = context.chain.index().events(&query).await.map_err(index_error)?;
    let mut response = document(&page)?;
    if let Some(next) = page.next {
        let is_paging = |name: &str| name == "perPage" || name == "nextPageToken";
        let kept: Parameters =
            parameters.iter().filter(|(name, _)| !is_paging(name)).cloned().collect();
        let length = page_length(&parameters);
        pages::link(&mut response, "/epcis/events", &kept, length, &next);
    }
    Ok(response)
}

/// One event by its Event Hash ID, or by the `eventID` that its sender gave.
#[utoipa::path(
    get,
    path = "/epcis/events/{eventID}",
    tag = "events",
    params(("eventID" = String, Path, description = "percent-encoded; or the 64 hexadecimal digits of the hash")),
    responses(
        (status = 200, body = serde_json::Value, description = "An EPCISQueryDocument"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn event(
    State(context): State<Context>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Box<Problem>> {
    let id = whole(id, query);
    let found = match hash(&id) {
        Some(hash) => context.chain.index().event(&hash).await.map_err(index_error)?,
        None => None,
    };
    let found = match found {
        Some(event) => Some(event),
        None => {
            let named = read(&[("EQ_eventID".to_owned(), id.replace('|', "%7C"))])?.per_page(1);
            let page = context.chain.index().events(&named).await.map_err(index_error)?;
            page.items.into_iter().next()
        }
    };
    let Some(event) = found else {
        let detail = format!("event `{}` is not recorded", super::cut(&id));
        return Err(Problem::new(StatusCode::NOT_FOUND, "traceability.unknown_event", detail));
    };
    let (transaction, party) = (event.transaction, event.party);
    let mut response = document(&Page { items: vec![event], next: None })?;
    let transaction = HeaderValue::from_str(&transaction.to_string());
    response.headers_mut().insert(TRANSACTION, transaction.expect("a hash is plain ASCII"));
    response.headers_mut().insert(PARTY, HeaderValue::from(party));
    Ok(response)
}

/// An Event Hash ID that was not percent-encoded lost its end to the query.
fn whole(id: String, query: Option<String>) -> String {
    match query {
        Some(query) if id.starts_with("ni:") && !id.contains('?') => format!("{id}?{query}"),
        _ => id,
    }
}

fn hash(id: &str) -> Option<EventHash> {
    if let Ok(hash) = id.parse() {
        return Some(hash);
    }
    let digits = id.strip_prefix("0x").unwrap_or(id);
    let bytes: alloy_primitives::B256 = digits.parse().ok()?;
    Some(EventHash(bytes.0))
}

fn read(parameters: &[(String, String)]) -> Result<EventQuery, Box<Problem>> {
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    EventQuery::parse(pairs).map_err(|problem| {
        let detail = super::cut(&problem.to_string());
        Problem::new(StatusCode::BAD_REQUEST, "epcis.query_parameter", detail)
            .kind("epcisException:QueryParameterException", "query parameter not understood")
            .hint("docs/reference/rest.md lists the parameters")
    })
}

fn page_length(parameters: &[(String, String)]) -> usize {
    let asked = parameters.iter().rev().find(|(name, _)| name == "perPage");
    let asked = asked.and_then(|(_, value)| value.parse::<u32>().ok());
    asked.unwrap_or(EventQuery::PER_PAGE).clamp(1, EventQuery::PER_PAGE_MAX) as usize
}

/// `maxEventCount`: all of the matching events, or none if there are more.
async fn answer_counted(
    context: &Context,
    query: EventQuery,
    parameters: &[(String, String)],
    count_max: &str,
) -> Result<Response, Box<Problem>> {
    let malformed = |detail: String| {
        Problem::new(StatusCode::BAD_REQUEST, "epcis.query_parameter", detail)
            .kind("epcisException:QueryParameterException", "query parameter not understood")
    };
    let Ok(count_max) = count_max.parse::<u32>() else {
        return Err(malformed("`maxEventCount` is not a number".to_owned()));
    };
    if parameters.iter().any(|(name, _)| name == "eventCountLimit") {
        let detail = "`maxEventCount` and `eventCountLimit` exclude each other";
        return Err(malformed(detail.to_owned()));
    }
    let count_max = count_max.min(COUNTED_MAX);
    let query = query.per_page(count_max + 1);
    let page = context.chain.index().events(&query).await.map_err(index_error)?;
    if page.items.len() > count_max as usize {
        let detail = format!("more than {count_max} events match");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "epcis.query_too_large", detail)
            .kind("epcisException:QueryTooLargeException", "query result too large")
            .hint("narrow the query, or take it in pages without `maxEventCount`"));
    }
    document(&page)
}

/// The page as an EPCIS query document. The events' own bytes are kept, so that their hashes stay.
fn document(page: &Page<IndexedEvent>) -> Result<Response, Box<Problem>> {
    let created = Timestamp::now();
    let mut text = String::from(
        r#"{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"#,
    );
    text.push_str(r#""type":"EPCISQueryDocument","schemaVersion":"2.0","creationDate":""#);
    text.push_str(&format!("{created:.3}"));
    text.push_str(r#"","epcisBody":{"queryResults":{"queryName":"SimpleEventQuery","#);
    text.push_str(r#""resultsBody":{"eventList":["#);
    for (nth, event) in page.items.iter().enumerate() {
        if nth > 0 {
            text.push(',');
        }
        append(&mut text, event).map_err(super::failed)?;
    }
    text.push_str("]}}}}");
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], text).into_response())
}

/// Appends an event with its `recordTime`, and with its hash as `eventID` where it has none.
/// Neither takes part in the hash.
fn append(text: &mut String, event: &IndexedEvent) -> Result<(), serde_json::Error> {
    let mut fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(&event.body)?;
    let recorded = i64::try_from(event.record_time_ms).unwrap_or(i64::MAX);
    let recorded = Timestamp::from_millisecond(recorded).unwrap_or(Timestamp::MAX);
    let recorded = serde_json::value::to_raw_value(&format!("{recorded:.3}"))?;
    let id = serde_json::value::to_raw_value(&event.hash)?;
    fields.insert("recordTime".into(), &recorded);
    fields.entry("eventID".into()).or_insert(&id);
    text.push_str(&serde_json::to_string(&fields)?);
    Ok(())
}

/// A question to the index that it did not answer.
pub(super) fn index_error(error: IndexError) -> Box<Problem> {
    match error {
        IndexError::PageToken(_) => {
            let detail = "`nextPageToken` does not belong to this query";
            Problem::new(StatusCode::BAD_REQUEST, "rest.page_token", detail)
                .hint("follow the `Link` header as it is")
        }
        other => super::failed(other),
    }
}
