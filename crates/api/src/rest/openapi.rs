//! `GET /openapi.json`: the routes for programs, built from the handlers.

use axum::Json;
use utoipa::{
    OpenApi,
    openapi::{Content, Ref, Response, ResponseBuilder},
};

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

/// What any route may answer: the status, and when.
const EVERYWHERE: [(&str, &str); 5] = [
    ("400", "the request is malformed"),
    ("401", "a key is needed"),
    ("403", "not permitted"),
    ("500", "the node failed"),
    ("503", "the node has no room, or is stopping; try again"),
];

/// What a route that takes a body may answer besides.
const WITH_BODY: [(&str, &str); 4] = [
    ("408", "the body did not arrive in time"),
    ("409", "the rules of the chain say no"),
    ("413", "the body is too long"),
    ("415", "the body has another media type"),
];

/// Adds to every route what it does not say for itself.
fn add_common_answers(api: &mut utoipa::openapi::OpenApi) {
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let of_bodies = WITH_BODY.iter().filter(|_| operation.request_body.is_some());
            for (status, words) in EVERYWHERE.iter().chain(of_bodies) {
                let answers = &mut operation.responses.responses;
                answers.entry((*status).to_owned()).or_insert_with(|| refusal(words).into());
            }
        }
    }
}

fn refusal(words: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(words).content("application/problem+json", content).build()
}

/// The routes, their parameters and answers (OpenAPI 3.1).
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    let mut api = Api::openapi();
    api.merge(FinanceApi::openapi());
    api.merge(RecallsApi::openapi());
    api.merge(SharingApi::openapi());
    add_common_answers(&mut api);
    api.info.version = env!("CARGO_PKG_VERSION").to_owned();
    Json(api)
}
