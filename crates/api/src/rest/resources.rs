//! The resources beside events: event types, things, business steps, places and dispositions, each
//! with the events that name it.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use qiao_epcis::{EventKind, Identifier};
use qiao_indexer::{PageRequest, Resource};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Context,
    answer::Asked,
    events::{Parameters, Question, index_error},
    extract, headers, hidden,
    pages::{self, Paging},
    problem::Problem,
};
use crate::sharing::Sight;

const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// Names of resources.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Collection {
    #[serde(rename = "@context")]
    context: [&'static str; 1],
    #[serde(rename = "type")]
    kind: &'static str,
    /// The names.
    member: Vec<String>,
}

impl Collection {
    fn of(names: impl IntoIterator<Item = impl Into<String>>) -> Json<Self> {
        let member = names.into_iter().map(Into::into).collect();
        Json(Self { context: [CONTEXT], kind: "Collection", member })
    }
}

/// What `/epcis` has.
#[utoipa::path(
    get, path = "/epcis", tag = "resources",
    responses((status = 200, body = Collection))
)]
pub(super) async fn all(request_headers: HeaderMap) -> Result<Response, Box<Problem>> {
    headers::wish_json(&request_headers)?;
    let names = [
        "capture",
        "events",
        "eventTypes",
        "epcs",
        "bizSteps",
        "bizLocations",
        "readPoints",
        "dispositions",
        "queries",
    ];
    Ok(Collection::of(names).into_response())
}

/// The types of event.
#[utoipa::path(
    get, path = "/epcis/eventTypes", tag = "resources",
    responses((status = 200, body = Collection))
)]
pub(super) async fn event_types(
    request_headers: HeaderMap,
    extract::Parameters(parameters): extract::Parameters<Parameters>,
) -> Result<Response, Box<Problem>> {
    headers::wish_json(&request_headers)?;
    pages::check(&parameters)?;
    Ok(Collection::of(EventKind::ALL.map(EventKind::as_str)).into_response())
}

/// The names of a kind of resource: `epcs`, `bizSteps`, `bizLocations`, `readPoints` or
/// `dispositions`.
#[utoipa::path(
    get, path = "/epcis/{resources}", tag = "resources",
    params(("resources" = String, Path), Paging),
    responses(
        (status = 200, body = Collection),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(context): State<Context>,
    sight: Sight,
    Path(resources): Path<String>,
    extract::Parameters(paging): extract::Parameters<Paging>,
    request_headers: HeaderMap,
) -> Result<Response, Box<Problem>> {
    // Things are named by their Digital Links, whichever form is asked for.
    headers::wish(&request_headers)?;
    headers::wish_json(&request_headers)?;
    let resource = kind(&resources)?;
    hidden::check_resource(&sight, resource)?;
    let length = paging.length(&context.limits)?;
    let limit = u32::try_from(length).unwrap_or(u32::MAX);
    let page = PageRequest { token: paging.next_page_token, limit };
    let found = context.chain.index().resources(resource, &page).await.map_err(index_error)?;
    let mut response = Collection::of(found.items).into_response();
    if let Some(next) = found.next {
        pages::link(&mut response, &format!("/epcis/{resources}"), &[], length, &next);
    }
    Ok(response)
}

/// One resource: it has `events`.
#[utoipa::path(
    get, path = "/epcis/{resources}/{name}", tag = "resources",
    params(("resources" = String, Path), ("name" = String, Path, description = "percent-encoded")),
    responses(
        (status = 200, body = Collection),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(context): State<Context>,
    sight: Sight,
    Path((resources, name)): Path<(String, String)>,
    request_headers: HeaderMap,
    extract::Parameters(parameters): extract::Parameters<Parameters>,
) -> Result<Response, Box<Problem>> {
    headers::wish_json(&request_headers)?;
    pages::check(&parameters)?;
    if let Ok(resource) = kind(&resources) {
        hidden::check_resource(&sight, resource)?;
    }
    parameter(&context, &resources, &name).await?;
    Ok(Collection::of(["events"]).into_response())
}

/// The events that name a resource.
#[utoipa::path(
    get, path = "/epcis/{resources}/{name}/events", tag = "resources",
    params(("resources" = String, Path), ("name" = String, Path, description = "percent-encoded")),
    responses(
        (status = 200, body = serde_json::Value, description = "An EPCISQueryDocument"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn events(
    State(context): State<Context>,
    sight: Sight,
    Path((resources, name)): Path<(String, String)>,
    request_headers: HeaderMap,
    extract::Parameters(parameters): extract::Parameters<Parameters>,
) -> Result<Response, Box<Problem>> {
    if let Ok(resource) = kind(&resources) {
        hidden::check_resource(&sight, resource)?;
    }
    let fixed = vec![parameter(&context, &resources, &name).await?];
    let path = format!("/epcis/{resources}/{}/events", pages::encode(&name));
    let question = Question { path, asked: Asked::simple(), fixed, parameters };
    question.answer(&context, &sight, &request_headers).await
}

/// The query parameter that asks for a resource; refused if no event names it.
async fn parameter(
    context: &Context,
    resources: &str,
    name: &str,
) -> Result<(String, String), Box<Problem>> {
    if resources == "eventTypes" {
        return match EventKind::from_name(name) {
            Some(kind) => Ok(("eventType".to_owned(), kind.as_str().to_owned())),
            None => Err(unknown(name)),
        };
    }
    let resource = kind(resources)?;
    let (parameter, canonical) = match resource {
        Resource::BizSteps => ("EQ_bizStep", short(name, "BizStep-", "bizstep:")),
        Resource::Dispositions => ("EQ_disposition", short(name, "Disp-", "disp:")),
        Resource::Epcs => ("MATCH_anyEPC", identifier(name)?),
        Resource::BizLocations => ("EQ_bizLocation", identifier(name)?),
        Resource::ReadPoints => ("EQ_readPoint", identifier(name)?),
    };
    let index = context.chain.index();
    if !index.has_resource(resource, &canonical).await.map_err(index_error)? {
        return Err(unknown(name));
    }
    Ok((parameter.to_owned(), canonical))
}

fn kind(resources: &str) -> Result<Resource, Box<Problem>> {
    Ok(match resources {
        "epcs" => Resource::Epcs,
        "bizSteps" => Resource::BizSteps,
        "bizLocations" => Resource::BizLocations,
        "readPoints" => Resource::ReadPoints,
        "dispositions" => Resource::Dispositions,
        other => {
            let detail = format!("`/epcis/{}` does not exist", super::cut(other));
            return Err(Problem::new(StatusCode::NOT_FOUND, "rest.unknown_resource", detail)
                .hint("`/epcis` lists the resources"));
        }
    })
}

fn identifier(name: &str) -> Result<String, Box<Problem>> {
    let identifier = Identifier::parse(name).map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, "epcis.query_parameter", error.to_string())
            .kind("epcisException:QueryParameterException", "query parameter not understood")
    })?;
    Ok(identifier.into())
}

/// A standard word by itself, however it is written.
fn short(name: &str, web: &str, urn: &str) -> String {
    let web = [format!("https://ref.gs1.org/cbv/{web}"), format!("cbv:{web}")];
    let urn = format!("urn:epcglobal:cbv:{urn}");
    let forms = web.iter().chain([&urn]);
    forms.filter_map(|form| name.strip_prefix(form.as_str())).next().unwrap_or(name).to_owned()
}

fn unknown(name: &str) -> Box<Problem> {
    let detail = format!("no event names `{}` so", super::cut(name));
    Problem::new(StatusCode::NOT_FOUND, "rest.unknown_resource", detail)
}
