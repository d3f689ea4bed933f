//! `POST /epcis/capture`, `GET /epcis/capture`, `GET /epcis/capture/{id}`, `POST /epcis/events`.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use qiao_epcis::{Document, Event};
use serde::Deserialize;
use tokio::{task, time};
use utoipa::IntoParams;

use super::{
    Context, Limits, answer,
    body::{self, Format},
    events,
    extract::Parameters,
    headers, master,
    pages::{self, Paging},
    problem::{EVENT_PROBLEMS_MAX, EventProblem, Problem},
    sharing,
};
use crate::{
    capture::{CaptureError, CaptureJob, ErrorBehaviour, JobError, JobId, Prepared},
    sharing::{Sight, seal_events},
};

/// A single event is waited for so long; then the answer is the job.
const EVENT_WAIT: Duration = Duration::from_secs(20);

/// The job behind an event that was captured by itself.
const CAPTURE: HeaderName = HeaderName::from_static("qiao-capture");

/// The final transaction that holds it.
const TRANSACTION: HeaderName = HeaderName::from_static("qiao-transaction");

/// A document waits so long for its turn to be read.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// For whom events are captured.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Party {
    /// The organisation's number; the node's own organisation if absent. The header `Qiao-Party`
    /// says the same.
    party: Option<u64>,
}

/// Captures the events of an EPCIS document, in JSON-LD or in XML of version 1.2 or 2.0.
///
/// The document is checked as a whole; what is refused writes nothing. 202 names a job that ends
/// when every event is final.
#[utoipa::path(
    post,
    path = "/epcis/capture",
    tag = "capture",
    params(Party),
    request_body(content = serde_json::Value, content_type = "application/ld+json"),
    responses(
        (status = 202, body = CaptureJob, headers(("Location" = String))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn capture(
    State(context): State<Context>,
    Parameters(party): Parameters<Party>,
    request_headers: HeaderMap,
    request_body: Body,
) -> Result<Response, Box<Problem>> {
    let wanted = Wanted::Any(headers::behaviour(&request_headers)?);
    let taken = prepare(&context, party, &request_headers, request_body, wanted).await?;
    let (id, _running) = start(&context, taken)?;
    let job = context.jobs.get(&id).ok_or_else(vanished)?;
    let mut response = (StatusCode::ACCEPTED, Json(job)).into_response();
    locate(&mut response, &format!("/epcis/capture/{id}"));
    Ok(response)
}

/// The state of a capture job.
#[utoipa::path(
    get,
    path = "/epcis/capture/{id}",
    tag = "capture",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = CaptureJob),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn job(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Json<CaptureJob>, Box<Problem>> {
    let job = context.jobs.get(&id).ok_or_else(|| {
        let detail = format!("capture job `{}` is not known here", super::cut(&id));
        Problem::new(StatusCode::NOT_FOUND, "capture.unknown_job", detail)
            .hint("jobs are remembered for a day and until the node restarts")
    })?;
    Ok(Json(job))
}

/// The capture jobs, from the newest on, without the events' hashes.
#[utoipa::path(
    get,
    path = "/epcis/capture",
    tag = "capture",
    params(Paging),
    responses((status = 200, body = Vec<CaptureJob>))
)]
pub(super) async fn jobs(
    State(context): State<Context>,
    Parameters(paging): Parameters<Paging>,
) -> Result<Response, Box<Problem>> {
    let length = paging.length(&context.limits)?;
    let (page, next) = context.jobs.page(paging.next_page_token.as_deref(), length);
    let mut response = Json(page).into_response();
    if let Some(next) = next {
        pages::link(&mut response, "/epcis/capture", &[], length, &next);
    }
    Ok(response)
}

/// Captures one event and waits until it is final.
#[utoipa::path(
    post,
    operation_id = "capture_event",
    path = "/epcis/events",
    tag = "capture",
    params(Party),
    request_body(content = serde_json::Value, content_type = "application/ld+json"),
    responses(
        (status = 201, body = serde_json::Value, description = "The event",
            headers(("Location" = String), ("Qiao-Capture" = String), ("Qiao-Transaction" = String))),
        (status = 200, body = serde_json::Value, description = "The event, which was captured before",
            headers(("Location" = String), ("Qiao-Capture" = String))),
        (status = 202, description = "Not final yet", body = CaptureJob),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn event(
    State(context): State<Context>,
    Parameters(party): Parameters<Party>,
    request_headers: HeaderMap,
    request_body: Body,
) -> Result<Response, Box<Problem>> {
    let taken = prepare(&context, party, &request_headers, request_body, Wanted::One).await?;
    let (id, running) = start(&context, taken)?;
    let _ = time::timeout(EVENT_WAIT, running).await;
    let job = context.jobs.get(&id).ok_or_else(vanished)?;
    if job.running {
        let mut response = (StatusCode::ACCEPTED, Json(job)).into_response();
        locate(&mut response, &format!("/epcis/capture/{id}"));
        return Ok(response);
    }
    if let Some(error) = job.errors.first() {
        return Err(Problem::new(StatusCode::CONFLICT, &error.code, error.detail.clone()));
    }
    let hash = job.event_hashes.first().cloned().unwrap_or_default();
    let known = hash.parse().map_err(|_| vanished())?;
    let found = context.chain.index().event(&known).await.map_err(events::index_error)?;
    let recorded = Sight::Own.show(&*context.chain, vec![found.ok_or_else(vanished)?]).await;
    let text = answer::one(&recorded).map_err(super::failed)?;
    let is_new = job.captured > 0;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let json = HeaderValue::from_static("application/json");
    let mut response = (status, [(header::CONTENT_TYPE, json)], text).into_response();
    locate(&mut response, &format!("/epcis/events/{}", pages::encode(&hash)));
    name(&mut response, CAPTURE, &id);
    if let Some(transaction) = job.transactions.first().filter(|_| is_new) {
        name(&mut response, TRANSACTION, &transaction.to_string());
    }
    Ok(response)
}

/// What a request may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// A document of any kind.
    Any(ErrorBehaviour),
    /// One event.
    One,
}

/// What is captured of a document, and what is not.
pub(super) struct Taken {
    prepared: Prepared,
    behaviour: ErrorBehaviour,
    refused: Vec<JobError>,
}

impl From<Prepared> for Taken {
    fn from(prepared: Prepared) -> Self {
        Self { prepared, behaviour: ErrorBehaviour::Rollback, refused: Vec::new() }
    }
}

/// Reads, checks and divides a document; nothing is written yet.
async fn prepare(
    context: &Context,
    party: Party,
    request_headers: &HeaderMap,
    request_body: Body,
    wanted: Wanted,
) -> Result<Taken, Box<Problem>> {
    let format = body::check(request_headers, &context.limits)?;
    headers::check(request_headers, format)?;
    let party = named_party(party, request_headers)?;
    if !context.jobs.has_room() {
        return Err(crowded(&context.limits));
    }
    let whole = body::read(request_body, &context.limits, &context.bodies).await?;
    let turn = time::timeout(TURN_WAIT, Arc::clone(&context.documents).acquire_owned()).await;
    let Ok(Ok(_turn)) = turn else {
        let detail = "too many documents are being read; try again";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "capture.busy", detail));
    };
    let wishes = sharing::wishes(request_headers)?;
    let parsing = task::spawn_blocking(move || parse(&whole.bytes, format, wanted));
    let mut document = parsing.await.map_err(|_| vanished())??;
    let events = std::mem::take(&mut document.events);
    let sealed = seal_events(&*context.chain, party, &wishes, events).await;
    document.events = sealed.map_err(|error| sharing::not_sealed(&error))?;
    let frame = document.frame.clone();
    let behaviour = match wanted {
        Wanted::Any(behaviour) => behaviour,
        Wanted::One => ErrorBehaviour::Rollback,
    };
    let (prepared, refused) = divide(context, party, document, behaviour).await?;
    context.master.keep(&frame)?;
    Ok(Taken { prepared, behaviour, refused })
}

/// Divides the events into transactions, without those that only the chain refuses if the others are
/// wanted.
async fn divide(
    context: &Context,
    party: Option<u64>,
    document: Document,
    behaviour: ErrorBehaviour,
) -> Result<(Prepared, Vec<JobError>), Box<Problem>> {
    let mut positions = document.positions();
    let Document { mut events, refused: problems, .. } = document;
    let mut errors: Vec<JobError> = problems.into_iter().map(job_error).collect();
    loop {
        let error = match context.capturer.prepare(party, &events).await {
            Ok(prepared) => return Ok((prepared, errors)),
            Err(error) => error,
        };
        let event = match &error {
            CaptureError::EventRefused { event, .. }
            | CaptureError::EventTooLarge { event, .. } => *event,
            _ => return Err(refused(&error)),
        };
        if behaviour == ErrorBehaviour::Rollback || errors.len() >= EVENT_PROBLEMS_MAX {
            return Err(refused(&error));
        }
        events.remove(event);
        let (code, detail) = (error.code().to_owned(), error.to_string());
        errors.push(JobError { code, detail, event: Some(positions.remove(event)), field: None });
    }
}

fn job_error(problem: qiao_epcis::Problem) -> JobError {
    JobError {
        code: problem.code.to_owned(),
        detail: problem.rule,
        event: problem.event,
        field: Some(problem.field),
    }
}

fn parse(bytes: &[u8], format: Format, wanted: Wanted) -> Result<Document, Box<Problem>> {
    let takes_valid = wanted == Wanted::Any(ErrorBehaviour::Proceed);
    let limits = qiao_epcis::Limits { takes_valid, ..qiao_epcis::Limits::DOCUMENT };
    let document = match (format, wanted) {
        (Format::Json, Wanted::Any(_)) => qiao_epcis::parse(bytes, &limits),
        (Format::Json, Wanted::One) => Event::parse(bytes, &limits)
            .map(|event| Document { events: vec![event], ..Document::default() }),
        (Format::Xml, _) => qiao_epcis::parse_xml(bytes, &limits),
    };
    let document = document.map_err(|problems| invalid(&problems))?;
    let events = &document.events;
    if wanted == Wanted::One && events.len() > 1 {
        let detail = format!("one event was expected, the document holds {}", events.len());
        return Err(Problem::new(StatusCode::BAD_REQUEST, "epcis.several_events", detail)
            .hint("send documents to `/epcis/capture`"));
    }
    let is_told = !document.refused.is_empty() || master::is_in(&document.frame);
    if events.is_empty() && (wanted == Wanted::One || !is_told) {
        let detail = "the document holds no events";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "epcis.no_events", detail));
    }
    Ok(document)
}

/// The problem document for a document that breaks rules.
fn invalid(problems: &[qiao_epcis::Problem]) -> Box<Problem> {
    let errors: Vec<EventProblem> = problems
        .iter()
        .map(|problem| EventProblem {
            event: problem.event,
            field: problem.field.clone(),
            code: problem.code.to_owned(),
            rule: problem.rule.clone(),
        })
        .collect();
    let (code, detail) = match (problems, errors.first()) {
        ([only], _) => (only.code, only.to_string()),
        (_, Some(first)) => {
            let first = format!("{} ({})", first.rule, first.code);
            ("epcis.invalid", format!("{} rules are broken; the first: {first}", problems.len()))
        }
        (_, None) => ("epcis.invalid", "the document is not valid EPCIS".to_owned()),
    };
    Problem::new(StatusCode::BAD_REQUEST, code, detail)
        .hint("nothing was captured; correct the events and send the document again")
        .errors(errors)
}

fn named_party(party: Party, headers: &HeaderMap) -> Result<Option<u64>, Box<Problem>> {
    let Some(value) = headers.get(headers::PARTY) else { return Ok(party.party) };
    let named = value.to_str().ok().and_then(|text| text.trim().parse::<u64>().ok());
    let Some(named) = named else {
        let detail = "`Qiao-Party` is not the number of an organisation";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "capture.party", detail));
    };
    if party.party.is_some_and(|other| other != named) {
        let detail = "the header `Qiao-Party` and the query `party` name different organisations";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "capture.party", detail));
    }
    Ok(Some(named))
}

/// Begins the job that submits what was prepared.
pub(super) fn start(
    context: &Context,
    taken: Taken,
) -> Result<(JobId, task::JoinHandle<()>), Box<Problem>> {
    let Taken { prepared, behaviour, refused } = taken;
    let hashes = prepared.hashes.clone();
    let id = context.jobs.begin(prepared.party, hashes, behaviour, refused);
    let id = id.ok_or_else(|| crowded(&context.limits))?;
    let (jobs, capturer, name) = (context.jobs.clone(), context.capturer.clone(), id.clone());
    let running = tokio::spawn(async move {
        let result = capturer
            .carry_out(
                prepared,
                |transaction| jobs.sent(&name, transaction),
                |captured| jobs.settled(&name, captured),
            )
            .await;
        if let Err(error) = &result {
            tracing::warn!(job = %name, %error, "capture failed");
        }
        jobs.finish(&name, result);
    });
    Ok((id, running))
}

/// The problem document for a capture that cannot begin.
pub(super) fn refused(error: &CaptureError) -> Box<Problem> {
    let status = match error {
        CaptureError::NoSigner => StatusCode::NOT_IMPLEMENTED,
        CaptureError::NoOrganisation(_) | CaptureError::NotAuthorised { .. } => {
            StatusCode::FORBIDDEN
        }
        CaptureError::EventRefused { .. } => StatusCode::BAD_REQUEST,
        CaptureError::EventTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        CaptureError::Refused { .. }
        | CaptureError::Failed { .. }
        | CaptureError::Displaced(_)
        | CaptureError::Submit(_) => StatusCode::CONFLICT,
        CaptureError::Chain(_) => return super::failed(error),
    };
    let problem = Problem::new(status, error.code(), error.to_string());
    match error {
        CaptureError::NotAuthorised { .. } => problem
            .hint("an admin of that organisation authorises the account: traceability.authorise"),
        CaptureError::EventRefused { event, code, field, rule } => {
            let field = [format!("eventList[{event}]"), field.clone()].join(".");
            let field = field.trim_end_matches('.').to_owned();
            let (event, code, rule) = (Some(*event), code.clone(), rule.clone());
            problem.errors(vec![EventProblem { event, field, code, rule }])
        }
        CaptureError::EventTooLarge { .. } => problem.hint(format!(
            "an event has at most {} bytes, written out with its own `@context`",
            qiao_modules::traceability::EVENT_BYTES_MAX
        )),
        CaptureError::NoSigner => {
            problem.hint("give the node an account, or send signed transactions over JSON-RPC")
        }
        _ => problem,
    }
}

fn crowded(limits: &Limits) -> Box<Problem> {
    let detail = format!("{} capture jobs are under way already", limits.jobs_running_max);
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "capture.too_many_jobs", detail)
        .hint("wait until some have ended: GET /epcis/capture")
}

fn vanished() -> Box<Problem> {
    let detail = "the node is stopping or forgot the job";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "node.stopping", detail)
}

fn locate(response: &mut Response, location: &str) {
    name(response, header::LOCATION, location);
}

fn name(response: &mut Response, header: HeaderName, value: &str) {
    let value = HeaderValue::from_str(value).expect("locations and numbers are plain ASCII");
    response.headers_mut().insert(header, value);
}
