//! `/payments/…`: messages of ISO 20022 in and out, statements, and where a payment is.

use std::fmt::Display;

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::{Span, civil::Date, tz::TimeZone};
use qiao_iso20022::ReportKind;
use serde::Deserialize;

use super::{Context, EventProblem, body, extract::Parameters, problem::Problem, transactions};
use crate::payments::{self, Imported, PaymentsError, Period, Track};

/// Days of one statement.
const DAYS_MAX: i32 = 3_660;

/// How a message is answered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    /// `pain.002` for the answer of a bank; JSON if absent.
    format: Option<String>,
}

/// The days of a statement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Days {
    /// The first, `YYYY-MM-DD`; today if absent.
    from: Option<String>,
    /// The last, `YYYY-MM-DD`; the first if absent.
    to: Option<String>,
}

/// Carries a message of ISO 20022 out: a pain.001 pays, a pacs.008 receives from outside of the chain.
///
/// A message with a mistake is refused as a whole, with the path of each. Then every payment stands for
/// itself. The same message again does nothing again.
#[utoipa::path(
    post,
    operation_id = "import_payments",
    path = "/payments/messages",
    tag = "payments",
    params(
        ("format" = Option<String>, Query, description = "`pain.002` for a payment status report; JSON if absent"),
    ),
    request_body(content = String, content_type = "application/xml"),
    responses(
        (status = 200, description = "What became of each payment", body = Imported),
        (status = 400, description = "Mistakes, each with its path; nothing was done", body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn import(
    State(context): State<Context>,
    Parameters(answered): Parameters<Answered>,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Response, Box<Problem>> {
    let is_report = match answered.format.as_deref() {
        None | Some("json") => false,
        Some("pain.002") => true,
        Some(other) => {
            let detail =
                format!("`format` must be `json` or `pain.002`, not `{}`", super::cut(other));
            return Err(Problem::new(StatusCode::BAD_REQUEST, "rest.query", detail));
        }
    };
    if body::check(&headers, &context.limits)? != body::Format::Xml {
        let detail = "messages of ISO 20022 are XML";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, super::problem::UNSUPPORTED_MEDIA_TYPE, detail)
            .hint("send the file as `application/xml`"));
    }
    let whole = body::read(request_body, &context.limits, &context.bodies).await?;
    let imported = payments::import(&context.chain, &context.submitter, &whole.bytes).await;
    let imported = imported.map_err(|error| refused(&error))?;
    if !is_report {
        return Ok(Json(imported).into_response());
    }
    let created = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let report = imported.status_report(&created);
    Ok(xml(report.write(), &report.message_id))
}

/// The statement of an account (camt.053): balances, and every debit and credit of the days.
#[utoipa::path(
    get,
    operation_id = "statement",
    path = "/payments/accounts/{account}/statement",
    tag = "payments",
    params(
        ("account" = u64, Path),
        ("from" = Option<String>, Query, description = "the first day, `YYYY-MM-DD`, in UTC; today if absent"),
        ("to" = Option<String>, Query, description = "the last day; the first if absent"),
    ),
    responses(
        (status = 200, body = String, content_type = "application/xml"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn statement(
    State(context): State<Context>,
    Path(account): Path<u64>,
    Parameters(days): Parameters<Days>,
) -> Result<Response, Box<Problem>> {
    report(context, ReportKind::Statement, account, &days).await
}

/// The notification of an account (camt.054): every debit and credit of the days.
#[utoipa::path(
    get,
    operation_id = "notification",
    path = "/payments/accounts/{account}/notification",
    tag = "payments",
    params(
        ("account" = u64, Path),
        ("from" = Option<String>, Query, description = "the first day, `YYYY-MM-DD`, in UTC; today if absent"),
        ("to" = Option<String>, Query, description = "the last day; the first if absent"),
    ),
    responses(
        (status = 200, body = String, content_type = "application/xml"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn notification(
    State(context): State<Context>,
    Path(account): Path<u64>,
    Parameters(days): Parameters<Days>,
) -> Result<Response, Box<Problem>> {
    report(context, ReportKind::Notification, account, &days).await
}

/// What a bank tells the others (pacs.008): payments of its customers to theirs.
#[utoipa::path(
    get,
    operation_id = "interbank",
    path = "/payments/interbank",
    tag = "payments",
    params(
        ("from" = Option<String>, Query, description = "the first day, `YYYY-MM-DD`, in UTC; today if absent"),
        ("to" = Option<String>, Query, description = "the last day; the first if absent"),
    ),
    responses(
        (status = 200, body = String, content_type = "application/xml"),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn interbank(
    State(context): State<Context>,
    Parameters(days): Parameters<Days>,
) -> Result<Response, Box<Problem>> {
    let period = period(&days)?;
    let message = payments::interbank(&context.chain, period).await;
    let message = message.map_err(|error| refused(&error))?;
    if message.transfers.is_empty() {
        let detail = "no customer of this bank paid one of another bank on these days";
        return Err(Problem::new(StatusCode::NOT_FOUND, "payments.none", detail));
    }
    Ok(xml(message.write(), &message.message_id))
}

/// Where a payment is, by its UETR.
#[utoipa::path(
    get,
    operation_id = "track_payment",
    path = "/payments/track/{uetr}",
    tag = "payments",
    params(("uetr" = String, Path)),
    responses(
        (status = 200, body = Track),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn track(
    State(context): State<Context>,
    Path(uetr): Path<String>,
) -> Result<Json<Track>, Box<Problem>> {
    let number = payments::uetr_of(&uetr).ok_or_else(|| {
        let detail = format!("`{}` is no UETR, a UUID", super::cut(&uetr));
        Problem::new(StatusCode::BAD_REQUEST, "rest.parameter", detail)
    })?;
    let found = payments::track(&context.chain, number).await;
    found.map(Json).map_err(|error| refused(&error))
}

async fn report(
    context: Context,
    kind: ReportKind,
    account: u64,
    days: &Days,
) -> Result<Response, Box<Problem>> {
    let period = period(days)?;
    let report = payments::report(&context.chain, kind, account, period).await;
    let report = report.map_err(|error| refused(&error))?;
    Ok(xml(report.write(), &report.message_id))
}

/// The days as a span of time in UTC.
fn period(days: &Days) -> Result<Period, Box<Problem>> {
    let wrong = |name: &str, rule: &dyn Display| {
        let detail = format!("`{name}` {rule}");
        Problem::new(StatusCode::BAD_REQUEST, "rest.query", detail)
    };
    let day = |name: &str, text: &Option<String>| {
        let text = text.as_ref();
        text.map(|text| text.parse::<Date>().map_err(|_| wrong(name, &"must be `YYYY-MM-DD`")))
            .transpose()
    };
    let today = jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
    let from = day("from", &days.from)?.unwrap_or(today);
    let to = day("to", &days.to)?.unwrap_or(from);
    let latest = from.saturating_add(Span::new().days(DAYS_MAX));
    if to < from || to > latest {
        return Err(wrong("to", &format!("must lie from {from} to {latest}")));
    }
    let start = |day: Date| {
        let instant = day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
        instant.ok().and_then(|instant| u64::try_from(instant.as_millisecond()).ok())
    };
    let end = to.tomorrow().ok().and_then(start);
    match (start(from), end) {
        (Some(from_ms), Some(to_ms)) => Ok(Period { from_ms, to_ms }),
        _ => Err(wrong("from", &"must lie behind 1970")),
    }
}

/// A message as a file that browsers save.
fn xml(text: String, name: &str) -> Response {
    let mut response = text.into_response();
    let media_type = HeaderValue::from_static("application/xml");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.xml\""));
    if let Ok(disposition) = disposition {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn refused(error: &PaymentsError) -> Box<Problem> {
    let (status, hint) = match error {
        PaymentsError::Message(problems) => {
            let named = problems.iter().map(|problem| EventProblem {
                event: None,
                field: problem.path.clone(),
                code: problem.code.clone(),
                rule: problem.rule.clone(),
            });
            let problem = Problem::new(StatusCode::BAD_REQUEST, error.code(), error.to_string());
            return problem
                .kind("about:blank", "message refused")
                .hint("nothing was done; correct the message and send it again")
                .errors(named.collect());
        }
        PaymentsError::Nobody => (StatusCode::NOT_IMPLEMENTED, "configure `account_key_file`"),
        PaymentsError::UnknownAccount(_) | PaymentsError::UnknownPayment(_) => {
            (StatusCode::NOT_FOUND, "ask the node of the account's owner or of its bank")
        }
        PaymentsError::TooMany(_) => (StatusCode::PAYLOAD_TOO_LARGE, "ask for fewer days"),
        PaymentsError::Send(error) => return transactions::refused(error),
        PaymentsError::View(_) | PaymentsError::Failed(_) => return super::failed(error),
    };
    Problem::new(status, error.code(), error.to_string()).hint(hint)
}
