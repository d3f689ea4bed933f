//! `/finance/tariffs`, `/finance/parts/{part}/fees`, `/finance/fee-limits`: what providers charge.

use axum::{Json, body::Body, extract::Path, http::HeaderMap, response::Response};
use qiao_modules::financing::{self, IFinancing::*};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::acting::{Acted, Acting, Asked, For, calls, json};
use crate::{
    finance::{
        fees::{self, FeeLimit, PartFees, Tariff},
        sight, words,
    },
    rest::problem::Problem,
};

/// Whose tariffs.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfProvider {
    /// The provider by its number; everybody's if absent.
    provider: Option<u64>,
}

/// What is charged for a service.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TariffGiven {
    /// `information`, `financing`, `guarantee` or `registration`.
    service: String,
    /// The letters of the currency.
    currency: String,
    /// So much for each part, in the minor unit.
    #[serde(default)]
    flat: u64,
    /// And so many ten-thousandths of what is owed on it, at most 10,000.
    #[serde(default)]
    basis_points: u32,
}

/// A fee to be paid.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeeGiven {
    /// Who charges it, by number.
    provider: u64,
    /// For what: `information`, `financing`, `guarantee` or `registration`.
    service: String,
    /// What the desk agrees to, in the minor unit: what the provider published, no more and no less.
    amount: u64,
    /// The payment's UETR, a fresh UUID.
    uetr: String,
    /// The account that pays.
    payer: u64,
    /// The account that is paid.
    payee: u64,
}

/// What the fees of a part may come to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FeeLimitGiven {
    /// The pack of rules by its number.
    pack: u8,
    /// In ten-thousandths of what is owed on the part, at most 10,000; no limit if absent.
    basis_points: Option<u32>,
}

/// What providers charge: public, for every desk.
#[utoipa::path(
    get,
    operation_id = "tariffs",
    path = "/finance/tariffs",
    tag = "finance",
    params(OfProvider, For),
    responses((status = 200, body = Vec<Tariff>))
)]
pub(in crate::rest) async fn tariffs(
    acting: Acting,
    Asked(OfProvider { provider }): Asked<OfProvider>,
) -> Result<Json<Vec<Tariff>>, Box<Problem>> {
    Ok(Json(fees::tariffs(acting.chain(), &acting.names, provider).await?))
}

/// Publishes what the desk charges for a service; nothing and nothing says that it is free.
#[utoipa::path(
    put,
    operation_id = "set_tariff",
    path = "/finance/tariffs",
    tag = "finance",
    params(For),
    request_body(content = TariffGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn set_tariff(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: TariffGiven = json(&acting.context, &headers, body).await?;
    let call = setTariffCall {
        currency: words::read_currency("currency", &given.currency)?.number(),
        service: words::number(&words::FEE_SERVICES, "service", &given.service)?,
        flat: given.flat,
        basisPoints: given.basis_points,
    };
    acting.act(financing::ADDRESS, call).await
}

/// What a part that the desk sees costs by the tariffs, and what of it was paid.
#[utoipa::path(
    get,
    operation_id = "fees_of_part",
    path = "/finance/parts/{part}/fees",
    tag = "finance",
    params(("part" = u64, Path), For),
    responses(
        (status = 200, body = PartFees),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn of_part(
    acting: Acting,
    Path(part): Path<u64>,
) -> Result<Json<PartFees>, Box<Problem>> {
    let (chain, names) = (acting.chain(), &acting.names);
    let seen = sight::part(chain, names, &acting.desk, part).await?;
    Ok(Json(fees::of_part(chain, names, &seen.part, &seen.voucher).await?))
}

/// What the fees of a part may come to, by pack of rules.
#[utoipa::path(
    get,
    operation_id = "fee_limits",
    path = "/finance/fee-limits",
    tag = "finance",
    params(For),
    responses((status = 200, body = Vec<FeeLimit>))
)]
pub(in crate::rest) async fn limits(acting: Acting) -> Result<Json<Vec<FeeLimit>>, Box<Problem>> {
    Ok(Json(fees::limits(acting.chain()).await?))
}

/// Sets what the fees of a part may come to under a pack of rules, or lifts the limit, as a regulator.
#[utoipa::path(
    put,
    operation_id = "set_fee_limit",
    path = "/finance/fee-limits",
    tag = "finance",
    params(For),
    request_body(content = FeeLimitGiven),
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
    let given: FeeLimitGiven = json(&acting.context, &headers, body).await?;
    let call = setFeeLimitCall {
        pack: given.pack,
        isSet: given.basis_points.is_some(),
        basisPoints: given.basis_points.unwrap_or_default(),
    };
    acting.act(financing::ADDRESS, call).await
}

calls! {
    /// Pays a fee for a part, as the one who bears the cost by the terms of its voucher.
    act pay_fee "/finance/parts/{part}/fees" "part" FeeGiven
        => financing::ADDRESS, |part, given| payFeeCall {
            position: part,
            provider: given.provider,
            service: words::number(&words::FEE_SERVICES, "service", &given.service)?,
            amount: given.amount,
            uetr: words::read_uetr("uetr", &given.uetr)?,
            payer: given.payer,
            payee: given.payee,
        };
}
