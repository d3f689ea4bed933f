//! `GET /openapi.json`: the routes for programs, built from the handlers.

use axum::Json;
use utoipa::OpenApi;

use super::{
    capture, collateral, deployments, desk, events, finance::FinanceApi, goods, imports,
    organisations, payments, problem, proofs, queries, recalls::RecallsApi, resources,
    sharing::SharingApi, status, trace, transactions,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Qiao REST",
        description = "EPCIS 2.0 capture and query on a consortium chain, tracing, and supply-chain finance."
    ),
    paths(
        capture::capture,
        capture::jobs,
        capture::job,
        capture::event,
        events::events,
        events::event,
        resources::all,
        resources::event_types,
        resources::list,
        resources::one,
        resources::events,
        queries::create,
        queries::list,
        queries::one,
        queries::remove,
        queries::matching,
        queries::subscribe,
        queries::subscriptions,
        queries::subscription,
        queries::unsubscribe,
        trace::trace,
        goods::journey,
        goods::anchors,
        goods::links,
        goods::keep_links,
        goods::forget_links,
        goods::products,
        goods::product,
        goods::keep_product,
        goods::forget_product,
        goods::place,
        goods::keep_place,
        goods::forget_place,
        imports::import,
        imports::template,
        imports::mappings,
        imports::mapping,
        imports::keep_mapping,
        imports::forget_mapping,
        imports::attach,
        imports::attachment,
        desk::watched,
        desk::covered,
        organisations::organisations,
        deployments::list,
        deployments::one,
        deployments::source,
        deployments::verify,
        transactions::send,
        collateral::check,
        collateral::register,
        collateral::reserve,
        collateral::claim,
        collateral::take,
        collateral::release,
        collateral::evaluators,
        collateral::evaluate,
        payments::import,
        payments::statement,
        payments::notification,
        payments::interbank,
        payments::track,
        proofs::genesis,
        proofs::account,
        proofs::transaction,
        proofs::event,
        proofs::journey,
        status::status,
        status::head,
        status::health,
    ),
    components(schemas(problem::Problem, problem::EventProblem)),
    tags(
        (name = "capture", description = "EPCIS events in"),
        (name = "events", description = "EPCIS events out"),
        (name = "resources", description = "What the events name"),
        (name = "queries", description = "Named queries and subscriptions"),
        (name = "trace", description = "Where something came from and went to"),
        (name = "goods", description = "Journeys, links and products"),
        (name = "contracts", description = "Contracts, their owners and their sources"),
        (name = "collateral", description = "Whether an asset is financed already"),
        (name = "payments", description = "Messages of ISO 20022 in and out"),
        (name = "proofs", description = "Answers that can be checked offline"),
        (name = "node", description = "What the node is doing")
    )
)]
struct Api;

/// The routes, their parameters and answers (OpenAPI 3.1).
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    let mut api = Api::openapi();
    api.merge(FinanceApi::openapi());
    api.merge(RecallsApi::openapi());
    api.merge(SharingApi::openapi());
    api.info.version = env!("CARGO_PKG_VERSION").to_owned();
    Json(api)
}
