//! `/sharing` and `/partners`: what is sealed in an event, showing it to others, and what partners see.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode},
    response::Response,
    routing::get,
};
use qiao_epcis::{Event, Limits};
use qiao_sharing::{Disclosure, SealedField};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{
    Context,
    events::{self, index_error},
    extract::Parameters,
    goods::{cabinet, forget, read, refused},
    problem::Problem,
};
use crate::{
    capture::sealing_key,
    goods::Drawer,
    sharing::{Profile, SealingError, Wishes, reader, sealed_fields},
};

/// What is to be sealed of the events that a request captures.
const SEAL: HeaderName = HeaderName::from_static("qiao-seal");

/// Letters of the name of a profile, which stands in the file of keys.
const NAME_CHARS_MAX: usize = 64;

pub(super) fn routes() -> Router<Context> {
    Router::new()
        .route("/sharing/keys", get(keys))
        .route("/sharing/events/{id}", get(fields))
        .route("/sharing/disclosures/{id}", get(disclosure))
        .route("/partners", get(partners))
        .route("/partners/{name}", get(partner).put(keep_partner).delete(forget_partner))
}

/// These routes for programs.
#[derive(OpenApi)]
#[openapi(
    paths(keys, fields, disclosure, partners, partner, keep_partner, forget_partner),
    tags((name = "sharing", description = "What is sealed for members, and what partners see"))
)]
pub(super) struct SharingApi;

/// What the header `Qiao-Seal` asks for.
pub(super) fn wishes(headers: &HeaderMap) -> Result<Wishes, Box<Problem>> {
    let Some(value) = headers.get(SEAL) else { return Ok(Wishes::default()) };
    let text = value.to_str().map_err(|_| not_sealed(&SealingError::Malformed(String::new())))?;
    text.parse().map_err(|error| not_sealed(&error))
}

/// The problem document for events that are not sealed.
pub(super) fn not_sealed(error: &SealingError) -> Box<Problem> {
    let status = match error {
        SealingError::Chain(error) => return super::capture::refused(error),
        SealingError::NoKeys => StatusCode::NOT_IMPLEMENTED,
        SealingError::OtherParty(_) => StatusCode::FORBIDDEN,
        SealingError::NoReaderKey(_) => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    };
    let problem = Problem::new(status, error.code(), error.to_string());
    match error {
        SealingError::NoKeys => {
            problem.hint("`qiao sharing key` makes keys; `sharing_key_file` names their file")
        }
        SealingError::NoReaderKey(_) => {
            problem.hint("its admin sends `qiao sharing announce`; `/sharing/keys` lists who did")
        }
        SealingError::ShowsSealed(_) => problem
            .hint("take the field `qiao:sealed` out and seal the event again with `Qiao-Seal`"),
        _ => problem.hint("docs/concepts/sharing.md"),
    }
}

/// The key for which others seal what a member may read.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MemberKey {
    /// The organisation's number.
    organisation: u64,
    /// Its name.
    name: String,
    /// The key; absent where it announced none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    key: Option<alloy_primitives::B256>,
}

/// The sealing keys of the members.
#[utoipa::path(
    get, path = "/sharing/keys", tag = "sharing",
    responses((status = 200, body = Vec<MemberKey>))
)]
async fn keys(State(context): State<Context>) -> Result<Json<Vec<MemberKey>>, Box<Problem>> {
    let mut keys = Vec::new();
    for one in context.chain.index().organisations().await.map_err(index_error)? {
        let key = sealing_key(&*context.chain, one.id).await;
        let key = key.map_err(|error| super::capture::refused(&error))?;
        keys.push(MemberKey { organisation: one.id, name: one.name, key });
    }
    Ok(Json(keys))
}

/// A field that was sealed in an event.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Field {
    /// How it was called.
    field: String,
    /// The commitment on the chain.
    commitment: String,
    /// The organisation that sealed it.
    sealed_by: u64,
    /// The organisations that may read it.
    sealed_for: Vec<u64>,
    /// `opened` at this node, `closed`, or `spoiled`: for this node's organisation, but it does not open.
    state: &'static str,
}

impl From<SealedField> for Field {
    fn from(field: SealedField) -> Self {
        let SealedField { field, commitment, author, readers, state, .. } = field;
        Self { field, commitment, sealed_by: author, sealed_for: readers, state: state.word() }
    }
}

/// What is sealed in an event.
#[utoipa::path(
    get, path = "/sharing/events/{id}", tag = "sharing",
    params(("id" = String, Path, description = "percent-encoded, or the 64 hexadecimal digits")),
    responses(
        (status = 200, body = Vec<Field>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn fields(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Field>>, Box<Problem>> {
    let event = events::find(&context, &id).await?;
    let fields = sealed_fields(&*context.chain, &event).await;
    Ok(Json(fields.into_iter().map(Field::from).collect()))
}

/// Which field.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The field, as the event calls it: `farm:price`.
    field: String,
}

/// What was sealed in a field for this node's organisation, with what it takes to prove it to others.
/// Whoever has it can pass it on.
#[utoipa::path(
    get, path = "/sharing/disclosures/{id}", tag = "sharing",
    params(("id" = String, Path, description = "percent-encoded, or the 64 hexadecimal digits"), Wanted),
    responses(
        (status = 200, body = serde_json::Value, description = "docs/concepts/sharing.md"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn disclosure(
    State(context): State<Context>,
    Path(id): Path<String>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Box<Problem>> {
    let event = events::find(&context, &id).await?;
    let parsed = Event::parse(event.body.as_bytes(), &Limits::EVENT);
    let parsed = parsed.map_err(|_| super::failed("a recorded event cannot be read"))?;
    let reader = reader(&*context.chain).await;
    let found: Option<Disclosure> = reader.and_then(|(organisation, keys)| {
        qiao_sharing::disclose(&parsed, event.party, (organisation, &keys), &wanted.field)
    });
    let found = found.ok_or_else(|| {
        let detail =
            format!("`{}` is not sealed for this node's organisation", super::cut(&wanted.field));
        Problem::new(StatusCode::NOT_FOUND, "sharing.not_readable", detail)
            .hint("`/sharing/events/{id}` tells what is sealed in the event, and for whom")
    })?;
    let bytes = found.to_json().into_bytes();
    Ok(super::imports::attached(bytes, "application/json", "disclosure.json"))
}

/// The names of the profiles by which partners see events.
#[utoipa::path(get, path = "/partners", tag = "sharing", responses((status = 200, body = Vec<String>)))]
async fn partners(State(context): State<Context>) -> Result<Json<Vec<String>>, Box<Problem>> {
    Ok(Json(cabinet(&context)?.names(Drawer::Partners)))
}

/// What a partner sees.
#[utoipa::path(
    get, path = "/partners/{name}", tag = "sharing", params(("name" = String, Path)),
    responses(
        (status = 200, body = Profile),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn partner(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Json<Profile>, Box<Problem>> {
    let kept = cabinet(&context)?.get(Drawer::Partners, &name);
    kept.map(Json).ok_or_else(|| super::goods::unknown("profile", &name))
}

/// Keeps what a partner sees. It counts from the next answer on.
#[utoipa::path(
    put, path = "/partners/{name}", tag = "sharing", params(("name" = String, Path)),
    request_body = Profile,
    responses(
        (status = 200, body = Profile),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn keep_partner(
    State(context): State<Context>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Profile>, Box<Problem>> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(is_plain) {
        let detail =
            format!("a profile's name has 1 to {NAME_CHARS_MAX} letters, digits and `-_.@`");
        return Err(Problem::new(StatusCode::BAD_REQUEST, "sharing.profile", detail));
    }
    let profile: Profile = read(&body)?;
    profile.fields().map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, "sharing.profile", error.to_string())
            .hint("docs/concepts/sharing.md lists the fields")
    })?;
    cabinet(&context)?.put(Drawer::Partners, &name, &profile).map_err(refused)?;
    Ok(Json(profile))
}

/// Forgets a profile. Keys that see by it see no field from then on.
#[utoipa::path(
    delete, path = "/partners/{name}", tag = "sharing", params(("name" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
async fn forget_partner(
    State(context): State<Context>,
    Path(name): Path<String>,
) -> Result<Response, Box<Problem>> {
    forget(&context, Drawer::Partners, &name, "profile")
}
