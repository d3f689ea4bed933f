//! Credit lines, requests and bids, offers, financings and what is to be paid out.

use alloy_primitives::B256;
use axum::{
    Json,
    body::Body,
    extract::Path,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use qiao_documents::{CSV, XLSX};
use qiao_modules::{
    financing::{self, IFinancing::*},
    receivables::{self, IReceivables::buyBackCall},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    acting::{Acted, Acting, Asked, For, calls, file, json},
    vouchers::Nothing,
};
use crate::{
    finance::{
        FinanceError,
        credit::{self, CreditLine, Financing, Request, Sale},
        papers, words,
    },
    rest::problem::Problem,
};

/// Of which side.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OnSide {
    /// `seller` (if absent) or `buyer`; of requests, who finances is the buyer.
    side: Option<String>,
}

impl OnSide {
    fn column(&self) -> Result<&'static str, FinanceError> {
        match self.side.as_deref() {
            None | Some("seller") => Ok("seller"),
            Some("buyer") => Ok("buyer"),
            Some(_) => Err(FinanceError::input("side", "must be seller or buyer")),
        }
    }
}

/// A credit line.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LineGiven {
    /// Whose debts, by number.
    issuer: u64,
    /// The letters of the currency.
    currency: String,
    /// How much, in the minor unit.
    limit: u64,
}

/// The credit lines that the desk set. What banks would finance of its own debts is their matter.
#[utoipa::path(
    get,
    operation_id = "credit_lines",
    path = "/finance/lines",
    tag = "finance",
    params(For),
    responses((status = 200, body = Vec<CreditLine>))
)]
pub(in crate::rest) async fn lines(acting: Acting) -> Result<Json<Vec<CreditLine>>, Box<Problem>> {
    let own = acting.desk.organisation;
    Ok(Json(credit::lines(acting.chain(), &acting.names, "bank", own).await?))
}

/// Sets what the desk would finance of an issuer's debts.
#[utoipa::path(
    put,
    operation_id = "set_credit_line",
    path = "/finance/lines",
    tag = "finance",
    params(For),
    request_body(content = LineGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn set_line(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: LineGiven = json(&acting.context, &headers, body).await?;
    let currency = words::read_currency("currency", &given.currency)?.number();
    let call = setLineCall { issuer: given.issuer, currency, limit: given.limit };
    acting.act(financing::ADDRESS, call).await
}

/// A request for bids.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RequestGiven {
    /// The part.
    part: u64,
    /// Whether bids are hashes until they are shown.
    #[serde(default)]
    sealed: bool,
    /// Seconds for bids, at most thirty days.
    bid_seconds: u64,
    /// Seconds for showing sealed bids after that; 0 where bids are open.
    #[serde(default)]
    reveal_seconds: u64,
}

/// The requests of the desk, or (`side=buyer`) those for which it may bid: of issuers for which it set a
/// line. The newest first.
#[utoipa::path(
    get,
    operation_id = "requests",
    path = "/finance/requests",
    tag = "finance",
    params(OnSide, For),
    responses((status = 200, body = Vec<Request>))
)]
pub(in crate::rest) async fn requests(
    acting: Acting,
    Asked(side): Asked<OnSide>,
) -> Result<Json<Vec<Request>>, Box<Problem>> {
    let (chain, names, own) = (acting.chain(), &acting.names, acting.desk.organisation);
    Ok(Json(match side.column()? {
        "seller" => credit::requests_of(chain, names, own).await?,
        _ => credit::requests_for(chain, names, own).await?,
    }))
}

/// One request that the desk made, or for which it may bid.
#[utoipa::path(
    get,
    operation_id = "request",
    path = "/finance/requests/{request}",
    tag = "finance",
    params(("request" = u64, Path), For),
    responses(
        (status = 200, body = Request),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn request(
    acting: Acting,
    Path(request): Path<u64>,
) -> Result<Json<Request>, Box<Problem>> {
    let (chain, names, own) = (acting.chain(), &acting.names, acting.desk.organisation);
    let found = credit::request(chain, names, request).await?;
    let is_party = acting.desk.is_regulator || found.seller.organisation == own;
    let lines =
        if is_party { Vec::new() } else { credit::lines(chain, names, "bank", own).await? };
    let is_invited = lines.iter().any(|line| line.issuer == found.part.issuer);
    if !is_party && !is_invited {
        return Err(FinanceError::unknown("request", request).into());
    }
    Ok(Json(found))
}

/// Asks for bids for a part; its number is that of the request.
#[utoipa::path(
    post,
    operation_id = "ask_for_bids",
    path = "/finance/requests",
    tag = "finance",
    params(For),
    request_body(content = RequestGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn ask(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: RequestGiven = json(&acting.context, &headers, body).await?;
    // From the time that the next block will have at least.
    let now = acting.chain().head().timestamp_ms.max(now_ms()) / 1_000;
    let bids_until = now.saturating_add(given.bid_seconds);
    let call = askCall {
        position: given.part,
        isSealed: given.sealed,
        bidsUntil: bids_until,
        revealsUntil: bids_until.saturating_add(given.reveal_seconds),
    };
    acting.make(financing::ADDRESS, call).await
}

fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default()
}

/// A price.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PriceGiven {
    /// In the minor unit.
    price: u64,
}

/// A sealed bid.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CommitmentGiven {
    /// The hash that `commitmentOf` of the module gives for request, bank, price and salt.
    #[schema(value_type = String)]
    commitment: B256,
}

/// What was committed to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RevealGiven {
    /// In the minor unit.
    price: u64,
    /// The salt of the commitment.
    #[schema(value_type = String)]
    salt: B256,
}

/// The offers of the desk to one buyer each, or (`side=buyer`) those to it, that are open.
#[utoipa::path(
    get,
    operation_id = "offers",
    path = "/finance/offers",
    tag = "finance",
    params(OnSide, For),
    responses((status = 200, body = Vec<Sale>))
)]
pub(in crate::rest) async fn offers(
    acting: Acting,
    Asked(side): Asked<OnSide>,
) -> Result<Json<Vec<Sale>>, Box<Problem>> {
    let own = acting.desk.organisation;
    Ok(Json(credit::sales(acting.chain(), &acting.names, side.column()?, own).await?))
}

/// What the desk sold before its day, or (`side=buyer`) bought; the newest first.
#[utoipa::path(
    get,
    operation_id = "financings",
    path = "/finance/financings",
    tag = "finance",
    params(OnSide, For),
    responses((status = 200, body = Vec<Financing>))
)]
pub(in crate::rest) async fn financings(
    acting: Acting,
    Asked(side): Asked<OnSide>,
) -> Result<Json<Vec<Financing>>, Box<Problem>> {
    let own = acting.desk.organisation;
    Ok(Json(credit::financings(acting.chain(), &acting.names, side.column()?, own).await?))
}

calls! {
    /// Bids openly for a part.
    act quote "/finance/requests/{request}/quote" "request" PriceGiven
        => financing::ADDRESS, |request, given| quoteCall { request, price: given.price };
    /// Bids for a part by a hash.
    act commit "/finance/requests/{request}/commit" "request" CommitmentGiven
        => financing::ADDRESS, |request, given| commitCall { request, commitment: given.commitment };
    /// Shows a bid that was sealed.
    act reveal "/finance/requests/{request}/reveal" "request" RevealGiven
        => financing::ADDRESS, |request, given| revealCall {
            request, price: given.price, salt: given.salt,
        };
    /// Offers the part to the best bidder at its price.
    act award "/finance/requests/{request}/award" "request" Nothing
        => financing::ADDRESS, |request, _given| awardCall { request };
    /// Takes a request back.
    act lapse "/finance/requests/{request}/lapse" "request" Nothing
        => financing::ADDRESS, |request, _given| lapseCall { request };
    /// Gives back to a line what is repaid or no longer held of an awarded part.
    act release_line "/finance/requests/{request}/release-line" "request" Nothing
        => financing::ADDRESS, |request, _given| releaseLineCall { request };
    /// Returns a part to its seller, who paid it back outside of the chain.
    act buy_back "/finance/financings/{financing}/buy-back" "financing" Nothing
        => receivables::ADDRESS, |financing, _given| buyBackCall { financing };
}

/// In which form.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InForm {
    /// `pain.001` (if absent), `csv` or `xlsx`.
    format: Option<String>,
}

/// What the desk has to pay for parts whose sale it accepted, as ISO 20022 pain.001 or a table. The same
/// sale has the same UETR however often the file is made.
#[utoipa::path(
    get,
    operation_id = "disbursements",
    path = "/finance/disbursements",
    tag = "finance",
    params(InForm, For),
    responses(
        (status = 200, content_type = "application/xml"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn disbursements(
    acting: Acting,
    Asked(InForm { format }): Asked<InForm>,
) -> Result<Response, Box<Problem>> {
    let due = papers::disbursements(acting.chain(), &acting.names, &acting.desk).await?;
    match format.as_deref() {
        None | Some("pain.001") => {
            let text = papers::pain001(&acting.desk, &due, jiff::Timestamp::now())?;
            Ok(file("application/xml", "disbursements.xml", text.into_bytes()))
        }
        Some("csv") => {
            let sheet = papers::disbursement_sheet(&due).to_csv();
            Ok(file(CSV, "disbursements.csv", sheet))
        }
        Some("xlsx") => {
            let sheet = papers::disbursement_sheet(&due).to_xlsx();
            Ok(file(XLSX, "disbursements.xlsx", sheet).into_response())
        }
        Some(_) => Err(FinanceError::input("format", "must be pain.001, csv or xlsx").into()),
    }
}
