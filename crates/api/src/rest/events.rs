//! `GET /epcis/events` and `GET /epcis/events/{eventID}`: events out, as EPCIS query documents.

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use qiao_epcis::EventHash;
use qiao_indexer::{EventQuery, IndexError, IndexedEvent};

use super::{
    Context,
    answer::{self, Asked},
    extract, headers, hidden, pages,
    problem::Problem,
};
use crate::sharing::Sight;

/// Events for which `maxEventCount` can be checked.
const COUNTED_MAX: u32 = EventQuery::PER_PAGE_MAX - 1;

/// The transaction that holds the event of `GET /epcis/events/{eventID}`.
const TRANSACTION: HeaderName = HeaderName::from_static("qiao-transaction");

/// The organisation for which it was captured.
const PARTY: HeaderName = super::headers::PARTY;

/// Parameters as they came, in order; a name may stand more than once.
pub(super) type Parameters = Vec<(String, String)>;

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
        (status = 200, content(
            (serde_json::Value = "application/json"), (String = "application/xml")
        ), description = "An EPCISQueryDocument"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn events(
    State(context): State<Context>,
    sight: Sight,
    request_headers: HeaderMap,
    extract::Parameters(parameters): extract::Parameters<Parameters>,
) -> Result<Response, Box<Problem>> {
    let question = Question {
        path: "/epcis/events".to_owned(),
        asked: Asked::simple(),
        fixed: Vec::new(),
        parameters,
    };
    question.answer(&context, &sight, &request_headers).await
}

/// A query: where it was asked, and its parameters.
pub(super) struct Question {
    /// The path, for links to further pages.
    pub(super) path: String,
    pub(super) asked: Asked,
    /// Parameters that the path or a named query gives.
    pub(super) fixed: Parameters,
    /// Parameters that the client gives.
    pub(super) parameters: Parameters,
}

impl Question {
    /// The events that match, in the form that the client wants.
    pub(super) async fn answer(
        self,
        context: &Context,
        sight: &Sight,
        request_headers: &HeaderMap,
    ) -> Result<Response, Box<Problem>> {
        let wish = headers::wish(request_headers)?;
        let extensions = headers::extensions(request_headers);
        let all: Parameters = self
            .fixed
            .iter()
            .chain(&self.parameters)
            .map(|(name, value)| (with_namespace(name, &extensions), value.clone()))
            .collect();
        hidden::check(sight, &all)?;
        let (counted, plain): (Parameters, Parameters) =
            all.into_iter().partition(|(name, _)| name == "maxEventCount");
        let plain = context.master.resolve(plain)?;
        let query = read(&plain)?;
        if let Some((_, count_max)) = counted.first() {
            let events = counted_events(context, query, &plain, count_max).await?;
            let events = sight.show(&*context.chain, events).await;
            return answer::document(events, wish, self.asked).await;
        }
        let page = context.chain.index().events(&query).await.map_err(index_error)?;
        let events = sight.show(&*context.chain, page.items).await;
        let mut response = answer::document(events, wish, self.asked).await?;
        if let Some(next) = page.next {
            let is_paging = |name: &str| name == "perPage" || name == "nextPageToken";
            let kept: Parameters =
                self.parameters.iter().filter(|(name, _)| !is_paging(name)).cloned().collect();
            let length = page_length(&plain);
            pages::link(&mut response, &self.path, &kept, length, &next);
        }
        Ok(response)
    }
}

/// A parameter's name with the namespace in place of a prefix that the client declared.
fn with_namespace(name: &str, extensions: &[(String, String)]) -> String {
    let found = extensions.iter().find_map(|(prefix, uri)| {
        let written = format!("_{prefix}:");
        name.contains(&written).then(|| name.replacen(&written, &format!("_{uri}"), 1))
    });
    found.unwrap_or_else(|| name.to_owned())
}

/// One event by its Event Hash ID, or by the `eventID` that its sender gave.
#[utoipa::path(
    get,
    path = "/epcis/events/{eventID}",
    tag = "events",
    params(("eventID" = String, Path, description = "percent-encoded; or the 64 hexadecimal digits of the hash")),
    responses(
        (status = 200, content(
            (serde_json::Value = "application/json"), (String = "application/xml")
        ), description = "An EPCISQueryDocument"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn event(
    State(context): State<Context>,
    sight: Sight,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    request_headers: HeaderMap,
) -> Result<Response, Box<Problem>> {
    let wish = headers::wish(&request_headers)?;
    hidden::check_identity(&sight)?;
    let event = find(&context, &whole(id, query)).await?;
    let (transaction, party) = (event.transaction, event.party);
    let events = sight.show(&*context.chain, vec![event]).await;
    let mut response = answer::document(events, wish, Asked::simple()).await?;
    let transaction = HeaderValue::from_str(&transaction.to_string());
    response.headers_mut().insert(TRANSACTION, transaction.expect("a hash is plain ASCII"));
    response.headers_mut().insert(PARTY, HeaderValue::from(party));
    Ok(response)
}

/// The event with this Event Hash ID, or with the `eventID` that its sender gave.
pub(super) async fn find(context: &Context, id: &str) -> Result<IndexedEvent, Box<Problem>> {
    let index = context.chain.index();
    if let Some(hash) = hash(id)
        && let Some(event) = index.event(&hash).await.map_err(index_error)?
    {
        return Ok(event);
    }
    let named = read(&[("EQ_eventID".to_owned(), id.replace('|', "%7C"))])?.per_page(1);
    let page = index.events(&named).await.map_err(index_error)?;
    page.items.into_iter().next().ok_or_else(|| {
        let detail = format!("event `{}` is not recorded", super::cut(id));
        Problem::new(StatusCode::NOT_FOUND, "traceability.unknown_event", detail)
    })
}

/// An Event Hash ID that was not percent-encoded lost its end to the query.
pub(super) fn whole(id: String, query: Option<String>) -> String {
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

/// The query that parameters make.
pub(super) fn read(parameters: &[(String, String)]) -> Result<EventQuery, Box<Problem>> {
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
async fn counted_events(
    context: &Context,
    query: EventQuery,
    parameters: &[(String, String)],
    count_max: &str,
) -> Result<Vec<IndexedEvent>, Box<Problem>> {
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
    let mut query = query.per_page(count_max + 1);
    let mut events = Vec::new();
    loop {
        let page = context.chain.index().events(&query).await.map_err(index_error)?;
        events.extend(page.items);
        if events.len() > count_max as usize {
            let detail = format!("more than {count_max} events match");
            let too_large = StatusCode::PAYLOAD_TOO_LARGE;
            return Err(Problem::new(too_large, "epcis.query_too_large", detail)
                .kind("epcisException:QueryTooLargeException", "query result too large")
                .hint("narrow the query, or take it in pages without `maxEventCount`"));
        }
        // A page may end before it is full where many bodies had to be looked at.
        match page.next {
            Some(next) => query = query.after(&next),
            None => return Ok(events),
        }
    }
}

/// A question to the index that it did not answer.
pub(super) fn index_error(error: IndexError) -> Box<Problem> {
    match error {
        IndexError::PageToken(_) => {
            let detail = "`nextPageToken` does not belong to this query";
            Problem::new(StatusCode::BAD_REQUEST, "rest.page_token", detail)
                .hint("follow the `Link` header as it is")
        }
        other if other.is_passing() => {
            let detail = "the database of this node's index does not answer";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "index.away", detail)
                .hint("ask again later, or another node; captures go on")
        }
        other => super::failed(other),
    }
}
