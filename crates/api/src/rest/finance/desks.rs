//! `/finance/desks` and `/finance/exposures`: who asks, and what issuers owe.

use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, request::Parts},
    response::Response,
};
use qiao_modules::receivables::{self, IReceivables::setLimitCall};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::acting::{self, Acted, Acting, Asked, For, json};
use crate::{
    finance::{
        Access, FinanceError,
        exposure::{self, Breakdown, Exposure},
        words,
    },
    rest::{Context, problem::Problem},
};

/// An organisation for which this node asks and signs.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeskShown {
    /// Its number: `?as=NUMBER` speaks for it.
    organisation: u64,
    /// Its name.
    name: String,
    /// The account that signs.
    #[schema(value_type = String)]
    account: alloy_primitives::Address,
    /// Whether the account signs in matters of money.
    signer: bool,
    /// Whether the account supervises.
    regulator: bool,
    /// Whether it is the node's own organisation.
    own: bool,
}

/// What whoever asks may see.
pub(in crate::rest) struct Asker(Access);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(acting::access(parts)))
    }
}

/// The desks that are open to whoever asks.
#[utoipa::path(
    get,
    operation_id = "desks",
    path = "/finance/desks",
    tag = "finance",
    responses((status = 200, body = Vec<DeskShown>))
)]
pub(in crate::rest) async fn list(
    State(context): State<Context>,
    Asker(access): Asker,
) -> Result<Json<Vec<DeskShown>>, Box<Problem>> {
    let desks = context.desks.open_to(access).await?;
    let shown = desks.into_iter().map(|desk| DeskShown {
        organisation: desk.organisation,
        name: desk.name,
        account: desk.account,
        signer: desk.is_signer,
        regulator: desk.is_regulator,
        own: desk.is_own,
    });
    Ok(Json(shown.collect()))
}

/// What issuers owe and may owe: all of them for a regulator, else the desk's own.
#[utoipa::path(
    get,
    operation_id = "exposures",
    path = "/finance/exposures",
    tag = "finance",
    params(For),
    responses((status = 200, body = Vec<Exposure>))
)]
pub(in crate::rest) async fn exposures(
    acting: Acting,
) -> Result<Json<Vec<Exposure>>, Box<Problem>> {
    let (chain, names) = (acting.chain(), &acting.names);
    let found = match acting.desk.is_regulator {
        true => exposure::all(chain, names).await?,
        false => exposure::of(chain, names, acting.desk.organisation).await?,
    };
    Ok(Json(found))
}

/// In which currency.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InCurrency {
    /// The letters of the currency.
    currency: String,
}

/// What one issuer owes by tier, tenor and holder; the issuer and a regulator may ask.
#[utoipa::path(
    get,
    operation_id = "exposure",
    path = "/finance/exposures/{issuer}",
    tag = "finance",
    params(("issuer" = u64, Path), InCurrency, For),
    responses(
        (status = 200, body = Breakdown),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn exposure(
    acting: Acting,
    Path(issuer): Path<u64>,
    Asked(InCurrency { currency }): Asked<InCurrency>,
) -> Result<Json<Breakdown>, Box<Problem>> {
    if !acting.desk.is_regulator && acting.desk.organisation != issuer {
        return Err(FinanceError::NotRegulator.into());
    }
    let currency = words::read_currency("currency", &currency)?.code();
    Ok(Json(exposure::breakdown(acting.chain(), &acting.names, issuer, currency).await?))
}

/// What an issuer may owe.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitGiven {
    /// Who, by number.
    issuer: u64,
    /// The letters of the currency.
    currency: String,
    /// How much, in the minor unit.
    limit: u64,
}

/// Sets what an issuer may owe, as a regulator.
#[utoipa::path(
    put,
    operation_id = "set_limit",
    path = "/finance/exposures",
    tag = "finance",
    params(For),
    request_body(content = LimitGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn set_limit(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: LimitGiven = json(&acting.context, &headers, body).await?;
    let currency = words::read_currency("currency", &given.currency)?.number();
    let call = setLimitCall { issuer: given.issuer, currency, limit: given.limit };
    acting.act(receivables::ADDRESS, call).await
}
