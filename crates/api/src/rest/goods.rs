//! `/journeys`, `/links`, `/products` and `/places`: what everybody may read of a thing, and what a node keeps about
//! its member's products and places.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use qiao_epcis::Identifier;
use qiao_goods::{
    GS1, Place, Product, ProductError,
    journey::{Journey, Names},
    links::{self, Link},
};
use serde::de::DeserializeOwned;

use super::{Context, problem::Problem, trace::identifier};
use crate::goods::{self, Cabinet, CabinetError, Drawer};

/// The journey of a thing as everybody may read it: no quantities, prices, documents between parties,
/// accounts or transactions.
#[utoipa::path(
    get,
    path = "/journeys/{id}",
    tag = "goods",
    params(("id" = String, Path, description = "a GS1 Digital Link, its path, or an EPC URN")),
    responses(
        (status = 200, body = serde_json::Value, description = "docs/guides/traceability.md"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn journey(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Json<Journey>, Box<Problem>> {
    found(&context, &id).await.map(Json)
}

/// The journey of what a path names.
pub(super) async fn found(context: &Context, id: &str) -> Result<Journey, Box<Problem>> {
    let identifier = identifier(id)?;
    let journey = goods::journey(&*context.chain, &identifier, Names::Told).await?;
    journey.ok_or_else(|| {
        let detail = format!("no event names `{}`", super::cut(identifier.as_str()));
        Problem::new(StatusCode::NOT_FOUND, "trace.unknown", detail)
    })
}

/// The things of which this node keeps links, by the path of their Digital Link.
#[utoipa::path(get, path = "/links", tag = "goods", responses((status = 200, body = Vec<String>)))]
pub(super) async fn anchors(
    State(context): State<Context>,
) -> Result<Json<Vec<String>>, Box<Problem>> {
    Ok(Json(cabinet(&context)?.names(Drawer::Links)))
}

/// The links that this node keeps of a thing itself.
#[utoipa::path(
    get,
    path = "/links/{id}",
    tag = "goods",
    params(("id" = String, Path, description = "the path of a Digital Link: `01/09521321123458`")),
    responses(
        (status = 200, body = Vec<serde_json::Value>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn links(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Link>>, Box<Problem>> {
    let anchor = anchor(&id)?;
    let links = cabinet(&context)?.get(Drawer::Links, &anchor);
    links.map(Json).ok_or_else(|| unknown("links of", &anchor))
}

/// Keeps links of a thing in place of those that were kept.
#[utoipa::path(
    put,
    path = "/links/{id}",
    tag = "goods",
    params(("id" = String, Path, description = "the path of a Digital Link: `01/09521321123458`")),
    request_body(content = Vec<serde_json::Value>, description = "docs/guides/traceability.md"),
    responses(
        (status = 200, body = Vec<serde_json::Value>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn keep_links(
    State(context): State<Context>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Vec<Link>>, Box<Problem>> {
    let anchor = anchor(&id)?;
    let kept: Vec<Link> = read(&body)?;
    links::check(&kept)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.code(), error.to_string()))?;
    cabinet(&context)?.put(Drawer::Links, &anchor, &kept).map_err(refused)?;
    Ok(Json(kept))
}

/// Forgets the links of a thing.
#[utoipa::path(
    delete,
    path = "/links/{id}",
    tag = "goods",
    params(("id" = String, Path, description = "the path of a Digital Link: `01/09521321123458`")),
    responses(
        (status = 204),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn forget_links(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Response, Box<Problem>> {
    let anchor = anchor(&id)?;
    forget(&context, Drawer::Links, &anchor, "links of")
}

/// The products that this node's member describes.
#[utoipa::path(
    get, path = "/products", tag = "goods", responses((status = 200, body = serde_json::Value))
)]
pub(super) async fn products(State(context): State<Context>) -> Result<Response, Box<Problem>> {
    let products = goods::products(cabinet(&context)?);
    let products: std::collections::BTreeMap<String, Product> = products.into_iter().collect();
    Ok(Json(products).into_response())
}

/// What this node's member says of a product.
#[utoipa::path(
    get,
    path = "/products/{gtin}",
    tag = "goods",
    params(("gtin" = String, Path)),
    responses(
        (status = 200, body = serde_json::Value),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn product(
    State(context): State<Context>,
    Path(gtin): Path<String>,
) -> Result<Json<Product>, Box<Problem>> {
    let gtin = whole_gtin(&gtin)?;
    let product = cabinet(&context)?.get(Drawer::Products, &gtin);
    product.map(Json).ok_or_else(|| unknown("product", &gtin))
}

/// Describes a product: name, category, temperatures.
#[utoipa::path(
    put,
    path = "/products/{gtin}",
    tag = "goods",
    params(("gtin" = String, Path)),
    request_body(content = serde_json::Value, description = "docs/guides/traceability.md"),
    responses(
        (status = 200, body = serde_json::Value),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn keep_product(
    State(context): State<Context>,
    Path(gtin): Path<String>,
    body: Bytes,
) -> Result<Json<Product>, Box<Problem>> {
    let gtin = whole_gtin(&gtin)?;
    let product: Product = read(&body)?;
    product.check().map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, ProductError::CODE, error.to_string())
    })?;
    cabinet(&context)?.put(Drawer::Products, &gtin, &product).map_err(refused)?;
    Ok(Json(product))
}

/// Forgets the description of a product.
#[utoipa::path(
    delete,
    path = "/products/{gtin}",
    tag = "goods",
    params(("gtin" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn forget_product(
    State(context): State<Context>,
    Path(gtin): Path<String>,
) -> Result<Response, Box<Problem>> {
    let gtin = whole_gtin(&gtin)?;
    forget(&context, Drawer::Products, &gtin, "product")
}

/// What this node's member says of a place or party.
#[utoipa::path(
    get,
    path = "/places/{gln}",
    tag = "goods",
    params(("gln" = String, Path)),
    responses(
        (status = 200, body = serde_json::Value),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn place(
    State(context): State<Context>,
    Path(gln): Path<String>,
) -> Result<Json<Place>, Box<Problem>> {
    let gln = whole_gln(&gln)?;
    let place = cabinet(&context)?.get(Drawer::Places, &gln);
    place.map(Json).ok_or_else(|| unknown("place", &gln))
}

/// Describes a place or party: name, address, telephone number.
#[utoipa::path(
    put,
    path = "/places/{gln}",
    tag = "goods",
    params(("gln" = String, Path)),
    request_body(content = serde_json::Value, description = "docs/guides/traceability.md"),
    responses(
        (status = 200, body = serde_json::Value),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn keep_place(
    State(context): State<Context>,
    Path(gln): Path<String>,
    body: Bytes,
) -> Result<Json<Place>, Box<Problem>> {
    let gln = whole_gln(&gln)?;
    let place: Place = read(&body)?;
    place.check().map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, ProductError::CODE, error.to_string())
    })?;
    cabinet(&context)?.put(Drawer::Places, &gln, &place).map_err(refused)?;
    Ok(Json(place))
}

/// Forgets the description of a place.
#[utoipa::path(
    delete,
    path = "/places/{gln}",
    tag = "goods",
    params(("gln" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn forget_place(
    State(context): State<Context>,
    Path(gln): Path<String>,
) -> Result<Response, Box<Problem>> {
    let gln = whole_gln(&gln)?;
    forget(&context, Drawer::Places, &gln, "place")
}

pub(super) fn forget(
    context: &Context,
    drawer: Drawer,
    name: &str,
    what: &str,
) -> Result<Response, Box<Problem>> {
    match cabinet(context)?.remove(drawer, name).map_err(refused)? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(unknown(what, name)),
    }
}

/// The path of a thing's canonical Digital Link.
fn anchor(id: &str) -> Result<String, Box<Problem>> {
    let identifier = identifier(id)?;
    let path = identifier.as_str().strip_prefix(GS1).map(str::to_owned);
    path.ok_or_else(|| {
        let detail = format!("`{}` is no GS1 key", super::cut(id));
        Problem::new(StatusCode::BAD_REQUEST, "links.identifier", detail)
            .hint("for example `01/09521321123458`")
    })
}

fn whole_gtin(text: &str) -> Result<String, Box<Problem>> {
    whole(text, "01").ok_or_else(|| {
        let detail = format!("`{}` is no GTIN", super::cut(text));
        Problem::new(StatusCode::BAD_REQUEST, "products.gtin", detail)
            .hint("8, 12, 13 or 14 digits with the right check digit")
    })
}

fn whole_gln(text: &str) -> Result<String, Box<Problem>> {
    whole(text, "414").ok_or_else(|| {
        let detail = format!("`{}` is no GLN", super::cut(text));
        Problem::new(StatusCode::BAD_REQUEST, "places.gln", detail)
            .hint("13 digits with the right check digit")
    })
}

/// A key alone, in its canonical form.
fn whole(text: &str, ai: &str) -> Option<String> {
    let id = Identifier::parse(&format!("{GS1}{ai}/{text}")).ok()?;
    let key = id.as_str().strip_prefix(GS1)?.strip_prefix(ai)?.strip_prefix('/')?;
    (!key.contains('/')).then(|| key.to_owned())
}

pub(super) fn cabinet(context: &Context) -> Result<&Cabinet, Box<Problem>> {
    context.chain.cabinet().ok_or_else(|| {
        let detail = "this node keeps nothing beside the chain";
        Problem::new(StatusCode::NOT_IMPLEMENTED, "cabinet.none", detail)
    })
}

pub(super) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Box<Problem>> {
    serde_json::from_slice(body).map_err(|error| {
        let detail = format!("the body is not what it should be: {error}");
        Problem::new(StatusCode::BAD_REQUEST, "rest.body", super::cut(&detail))
    })
}

pub(super) fn refused(error: CabinetError) -> Box<Problem> {
    match error {
        CabinetError::Disk(cause) => super::failed(cause),
        other => Problem::new(StatusCode::CONFLICT, other.code(), other.to_string()),
    }
}

pub(super) fn unknown(what: &str, name: &str) -> Box<Problem> {
    let detail = format!("no {what} `{}` is kept here", super::cut(name));
    Problem::new(StatusCode::NOT_FOUND, "cabinet.unknown", detail)
}
