//! `/imports`, `/mappings` and `/attachments`: tables and forms that become events, how partners' columns
//! are read, and the documents that belong to events.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use qiao_documents::{CSV, Sheet, XLSX};
use qiao_goods::import::{Mapping, Stage};
use serde::{Deserialize, Serialize};
use tokio::time;
use utoipa::IntoParams;

use super::{
    Context, body, capture,
    extract::Parameters,
    goods::{cabinet, refused},
    problem::Problem,
    sharing,
};
use crate::{
    capture::CaptureJob,
    goods::{Attachments, Drawer, Import, ImportError, ImportReport, template_sheet},
    sharing::seal_events,
};

/// An import is waited for so long; then the answer names the job.
const IMPORT_WAIT: Duration = Duration::from_secs(20);

/// A table waits so long for its turn to be read.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// How a table is read.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct Wanted {
    /// The mapping that is kept under this name; the template's heads if absent.
    mapping: Option<String>,
    /// The stage of rows that do not name one.
    stage: Option<String>,
    /// Whether nothing is captured, and only said what would be.
    #[serde(default)]
    dry_run: bool,
    /// The organisation's number; the node's own organisation if absent.
    party: Option<u64>,
}

/// What became of a table.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Imported {
    #[serde(flatten)]
    report: ImportReport,
    /// Whether nothing was captured.
    dry_run: bool,
    /// The capture job, where there was something to capture.
    #[serde(rename = "captureID", skip_serializing_if = "Option::is_none")]
    capture_id: Option<String>,
}

/// Reads a table (CSV or XLSX, or rows in JSON) and captures the events that its rows become.
///
/// If a row is wrong nothing is captured, and the answer says which rows and why; with `Accept: text/csv` it
/// is the wrong rows with what is wrong beside them. Rows that were imported before change nothing.
#[utoipa::path(
    post,
    path = "/imports",
    tag = "goods",
    params(Wanted),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = serde_json::Value, description = "docs/guides/traceability.md"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = serde_json::Value, description = "rows are wrong"),
    )
)]
pub(super) async fn import(
    State(context): State<Context>,
    Parameters(wanted): Parameters<Wanted>,
    headers: HeaderMap,
    request: Body,
) -> Result<Response, Box<Problem>> {
    let mapping = mapping_of(&context, &wanted)?;
    let wishes = sharing::wishes(&headers)?;
    let whole = body::read(request, &context.limits, &context.bodies).await?;
    let turn = time::timeout(TURN_WAIT, Arc::clone(&context.documents).acquire_owned()).await;
    let Ok(Ok(_turn)) = turn else {
        let detail = "too many documents are being read; try again";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "capture.busy", detail));
    };
    let index = context.chain.index();
    let is_json = is(&headers, &header::CONTENT_TYPE, "application/json");
    let read = match is_json {
        true => Import::of_json(index, &whole.bytes, &mapping).await,
        false => Import::of_file(index, &whole.bytes, &mapping).await,
    };
    let mut import = read.map_err(not_read)?;
    if !wishes.is_empty() && !import.has_problems() {
        let sealed = seal_events(&*context.chain, wanted.party, &wishes, import.events()).await;
        let sealed = sealed.map_err(|error| sharing::not_sealed(&error))?;
        import = import.with_events(index, sealed).await.map_err(not_read)?;
    }
    if import.has_problems() && is(&headers, &header::ACCEPT, "text/csv") {
        let file = attached(import.error_sheet().to_csv(), CSV, "errors.csv");
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, file).into_response());
    }
    let report = import.report();
    let dry_run = wanted.dry_run || import.has_problems() || report.new == 0;
    if dry_run {
        let status = match import.has_problems() {
            true => StatusCode::UNPROCESSABLE_ENTITY,
            false => StatusCode::OK,
        };
        let imported = Imported { report, dry_run, capture_id: None };
        return Ok((status, Json(imported)).into_response());
    }
    let prepared = context.capturer.prepare(wanted.party, &import.events()).await;
    let prepared = prepared.map_err(|error| capture::refused(&error))?;
    let (id, running) = capture::start(&context, prepared.into())?;
    let _ = time::timeout(IMPORT_WAIT, running).await;
    let job: Option<CaptureJob> = context.jobs.get(&id);
    if let Some(error) = job.iter().flat_map(|job| &job.errors).next() {
        return Err(Problem::new(StatusCode::CONFLICT, &error.code, error.detail.clone()));
    }
    let status = match job.is_some_and(|job| job.running) {
        true => StatusCode::ACCEPTED,
        false => StatusCode::OK,
    };
    let imported = Imported { report, dry_run: false, capture_id: Some(id) };
    Ok((status, Json(imported)).into_response())
}

fn mapping_of(context: &Context, wanted: &Wanted) -> Result<Mapping, Box<Problem>> {
    let mut mapping = match &wanted.mapping {
        None => Mapping::default(),
        Some(name) => {
            let kept = context.chain.cabinet().and_then(|kept| kept.get(Drawer::Mappings, name));
            kept.ok_or_else(|| not_read(ImportError::UnknownMapping(super::cut(name))))?
        }
    };
    if let Some(name) = wanted.stage.as_deref().filter(|name| !name.is_empty()) {
        mapping.stage = Some(stage(name)?);
    }
    Ok(mapping)
}

fn stage(name: &str) -> Result<Stage, Box<Problem>> {
    Stage::from_name(name).ok_or_else(|| {
        let words = Stage::ALL.map(Stage::as_str).join("`, `");
        let detail = format!("`{}` is no stage: `{words}`", super::cut(name));
        Problem::new(StatusCode::BAD_REQUEST, "import.stage", detail)
    })
}

fn not_read(error: ImportError) -> Box<Problem> {
    let status = match &error {
        ImportError::Index(_) => return super::failed(error),
        ImportError::UnknownMapping(_) => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    };
    Problem::new(status, error.code(), error.to_string())
        .hint("`/imports/template.csv?stage=ship` has the heads that need no mapping")
}

/// Whether a header begins with a media type.
fn is(headers: &HeaderMap, name: &header::HeaderName, media_type: &str) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.trim_start().starts_with(media_type))
}

/// A file that browsers save.
pub(super) fn attached(bytes: Vec<u8>, media_type: &'static str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let name = format!("attachment; filename=\"{name}\"");
    let name = HeaderValue::from_str(&name).expect("the names of files are plain");
    headers.insert(header::CONTENT_DISPOSITION, name);
    response
}

/// A sheet as the file that its name asks for.
pub(super) fn sheet_file(sheet: &Sheet, name: &str) -> Response {
    match name.ends_with(".xlsx") {
        true => attached(sheet.to_xlsx(), XLSX, name),
        false => attached(sheet.to_csv(), CSV, name),
    }
}

/// Which template.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Template {
    /// The stage: `ship`.
    stage: String,
}

/// A file with the heads that need no mapping and an example row: `template.csv` or `template.xlsx`.
#[utoipa::path(
    get,
    path = "/imports/{template}",
    tag = "goods",
    params(("template" = String, Path), Template),
    responses(
        (status = 200, description = "the file"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn template(
    Path(file): Path<String>,
    Parameters(wanted): Parameters<Template>,
) -> Result<Response, Box<Problem>> {
    if !matches!(file.as_str(), "template.csv" | "template.xlsx") {
        let detail = "`template.csv` and `template.xlsx` are here";
        return Err(Problem::new(StatusCode::NOT_FOUND, "import.template", detail));
    }
    let stage = stage(&wanted.stage)?;
    let extension = file.rsplit('.').next().unwrap_or("csv");
    Ok(sheet_file(&template_sheet(stage), &format!("{}.{extension}", stage.as_str())))
}

/// The names of the mappings that are kept.
#[utoipa::path(get, path = "/mappings", tag = "goods", responses((status = 200, body = Vec<String>)))]
pub(super) async fn mappings(
    State(context): State<Context>,
) -> Result<Json<Vec<String>>, Box<Problem>> {
    Ok(Json(cabinet(&context)?.names(Drawer::Mappings)))
}

/// How a partner's columns are read.
#[utoipa::path(
    get,
    path = "/mappings/{name}",
    tag = "goods",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = serde_json::Value),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn mapping(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Json<Mapping>, Box<Problem>> {
    let kept = cabinet(&context)?.get(Drawer::Mappings, &name);
    kept.map(Json).ok_or_else(|| not_read(ImportError::UnknownMapping(super::cut(&name))))
}

/// Keeps how a partner's columns are read.
#[utoipa::path(
    put,
    path = "/mappings/{name}",
    tag = "goods",
    params(("name" = String, Path)),
    request_body(content = serde_json::Value, description = "docs/guides/traceability.md"),
    responses(
        (status = 200, body = serde_json::Value),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn keep_mapping(
    State(context): State<Context>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Mapping>, Box<Problem>> {
    let mapping: Mapping = super::goods::read(&body)?;
    mapping.check().map_err(|error| not_read(ImportError::Mapping(error)))?;
    cabinet(&context)?.put(Drawer::Mappings, &name, &mapping).map_err(refused)?;
    Ok(Json(mapping))
}

/// Forgets a mapping.
#[utoipa::path(
    delete,
    path = "/mappings/{name}",
    tag = "goods",
    params(("name" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn forget_mapping(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Response, Box<Problem>> {
    super::goods::forget(&context, Drawer::Mappings, &name, "mapping")
}

/// Keeps a photo or a document, and gives the SHA-256 under which events name it.
#[utoipa::path(
    post,
    path = "/attachments",
    tag = "goods",
    request_body(content = String, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = serde_json::Value),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn attach(
    State(context): State<Context>,
    request: Body,
) -> Result<Response, Box<Problem>> {
    let whole = body::read(request, &context.limits, &context.bodies).await?;
    let kept = attachments(&context)?.keep(&whole.bytes);
    let sha256 = kept.map_err(|error| match error {
        crate::goods::AttachmentError::Disk(cause) => super::failed(cause),
        other => Problem::new(StatusCode::BAD_REQUEST, other.code(), other.to_string()),
    })?;
    let location = HeaderValue::from_str(&format!("/attachments/{sha256}"));
    let body = serde_json::json!({ "sha256": sha256, "bytes": whole.bytes.len() });
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    response.headers_mut().insert(header::LOCATION, location.expect("a hash is plain ASCII"));
    Ok(response)
}

/// An attached photo or document, by its SHA-256 in hexadecimal.
#[utoipa::path(
    get,
    path = "/attachments/{sha256}",
    tag = "goods",
    params(("sha256" = String, Path)),
    responses(
        (status = 200, description = "the file"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn attachment(
    State(context): State<Context>,
    Path(sha256): Path<String>,
) -> Result<Response, Box<Problem>> {
    let found = attachments(&context)?.get(&sha256).map_err(super::failed)?;
    let (bytes, media_type) = found.ok_or_else(|| {
        let detail = format!("no attachment `{}` is kept here", super::cut(&sha256));
        Problem::new(StatusCode::NOT_FOUND, "attachments.unknown", detail)
            .hint("it is at the node of the member that captured the event")
    })?;
    let extension = media_type.rsplit('/').next().unwrap_or("bin");
    Ok(attached(bytes, media_type, &format!("{}.{extension}", &sha256[..16])))
}

fn attachments(context: &Context) -> Result<&Attachments, Box<Problem>> {
    Ok(cabinet(context)?.attachments())
}
