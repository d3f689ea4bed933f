//! `/finance/vouchers`: issued, received, accepted.

use alloy_primitives::B256;
use axum::{
    Json,
    body::Body,
    extract::Path,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use qiao_indexer::PageRequest;
use qiao_modules::receivables::{
    self,
    IReceivables::{self, Terms, acceptCall, declineCall, endorseCall, issueCall, markOverdueCall},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::acting::{Acted, Acting, Asked, For, calls, json};
use crate::{
    finance::{
        FinanceError, sight,
        vouchers::{self, Part, Side, Voucher},
        words,
    },
    rest::{
        pages::{self, Paging},
        problem::Problem,
    },
};

/// A document behind a voucher.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DocumentGiven {
    /// Its number as printed.
    number: String,
    /// The value that it proves, in the minor unit.
    value: u64,
    /// The SHA-256 of its file.
    #[schema(value_type = String)]
    sha256: B256,
}

/// A voucher to be issued.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct VoucherGiven {
    /// To whom, by number.
    creditor: u64,
    /// How much, in the minor unit.
    amount: u64,
    /// The letters of the currency.
    currency: String,
    /// When it is to be paid, `YYYY-MM-DD`.
    due: String,
    /// Whether who finances it may fall back on who sold it.
    #[serde(default)]
    recourse: bool,
    /// Who bears the interest of a financing: `holder` (if absent) or `issuer`.
    #[serde(default)]
    interest_bearer: Option<String>,
    /// Why it runs longer than is usual, where the rules ask for a reason.
    #[serde(default)]
    tenor_reason: String,
    /// The contract.
    contract: DocumentGiven,
    /// The invoice.
    invoice: DocumentGiven,
    /// The proof of delivery.
    delivery: DocumentGiven,
}

/// Nothing more is to be said.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Which vouchers.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct Wanted {
    /// `issued` (if absent), `received`, or `all`, which a regulator may ask.
    side: Option<String>,
    /// Due on this day or later, `YYYY-MM-DD`.
    due_from: Option<String>,
    /// Due on this day or earlier.
    due_to: Option<String>,
    /// Entries on a page, 30 if absent.
    per_page: Option<usize>,
    /// The token in the `Link` header of the page before.
    next_page_token: Option<String>,
}

/// The vouchers of the desk, the newest first.
#[utoipa::path(
    get,
    operation_id = "vouchers",
    path = "/finance/vouchers",
    tag = "finance",
    params(Wanted, For),
    responses(
        (status = 200, body = Vec<Voucher>),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn list(
    acting: Acting,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Box<Problem>> {
    let own = acting.desk.organisation;
    let named = wanted.side.as_deref().unwrap_or("issued");
    let side = match named {
        "issued" => Side::Issued(own),
        "received" => Side::Received(own),
        "all" if acting.desk.is_regulator => Side::All,
        "all" => return Err(FinanceError::NotRegulator.into()),
        _ => return Err(FinanceError::input("side", "must be issued, received or all").into()),
    };
    let edge = |text: &Option<String>, field: &str, other: u32| match text {
        Some(text) => words::read_day(field, text),
        None => Ok(other),
    };
    let from = edge(&wanted.due_from, "dueFrom", 0)?;
    let to = edge(&wanted.due_to, "dueTo", u32::MAX)?;
    let due = (wanted.due_from.is_some() || wanted.due_to.is_some()).then_some((from, to));
    let paging = Paging { per_page: wanted.per_page, next_page_token: wanted.next_page_token };
    let length = paging.length(&acting.context.limits)?;
    let limit = u32::try_from(length).unwrap_or(u32::MAX);
    let request = PageRequest { token: paging.next_page_token, limit };
    let page = vouchers::list(acting.chain(), &acting.names, side, due, &request).await?;
    let mut response = Json(page.items).into_response();
    if let Some(next) = page.next {
        let mut kept =
            vec![("side".to_owned(), named.to_owned()), ("as".to_owned(), own.to_string())];
        kept.extend(wanted.due_from.map(|day| ("dueFrom".to_owned(), day)));
        kept.extend(wanted.due_to.map(|day| ("dueTo".to_owned(), day)));
        pages::link(&mut response, "/finance/vouchers", &kept, length, &next);
    }
    Ok(response)
}

/// One voucher that the desk issued, received, guarantees, or takes part in.
#[utoipa::path(
    get,
    operation_id = "voucher",
    path = "/finance/vouchers/{voucher}",
    tag = "finance",
    params(("voucher" = u64, Path), For),
    responses(
        (status = 200, body = Voucher),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn one(
    acting: Acting,
    Path(voucher): Path<u64>,
) -> Result<Json<Voucher>, Box<Problem>> {
    Ok(Json(sight::voucher(acting.chain(), &acting.names, &acting.desk, voucher).await?))
}

/// The parts of a voucher that are not ended, for who owes or guarantees it and for a regulator.
#[utoipa::path(
    get,
    operation_id = "voucher_parts",
    path = "/finance/vouchers/{voucher}/parts",
    tag = "finance",
    params(("voucher" = u64, Path), For),
    responses(
        (status = 200, body = Vec<Part>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn parts(
    acting: Acting,
    Path(voucher): Path<u64>,
) -> Result<Json<Vec<Part>>, Box<Problem>> {
    let (chain, names, desk) = (acting.chain(), &acting.names, &acting.desk);
    let found = sight::voucher(chain, names, desk, voucher).await?;
    let own = desk.organisation;
    let is_whole = desk.is_regulator
        || found.issuer.organisation == own
        || found.guarantor.is_some_and(|party| party.organisation == own);
    let mut shown = Vec::new();
    for part in vouchers::live_parts(chain, names, voucher).await? {
        if is_whole || sight::part(chain, names, desk, part.part).await.is_ok() {
            shown.push(part);
        }
    }
    Ok(Json(shown))
}

/// Issues a voucher: offers it to its creditor, against contract, invoice and delivery.
#[utoipa::path(
    post,
    operation_id = "issue_voucher",
    path = "/finance/vouchers",
    tag = "finance",
    params(For),
    request_body(content = VoucherGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 202, description = "Not final yet", body = Acted),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn issue(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: VoucherGiven = json(&acting.context, &headers, body).await?;
    acting.make(receivables::ADDRESS, given.call()?).await
}

impl VoucherGiven {
    fn call(self) -> Result<issueCall, FinanceError> {
        let bearer = match &self.interest_bearer {
            Some(word) => words::number(&words::INTEREST_BEARERS, "interestBearer", word)?,
            None => 0,
        };
        Ok(issueCall {
            terms: Terms {
                creditor: self.creditor,
                amount: self.amount,
                currency: words::read_currency("currency", &self.currency)?.number(),
                due: words::read_day("due", &self.due)?,
                recourse: self.recourse,
                interestBearer: bearer,
                tenorReason: self.tenor_reason,
            },
            purchaseContract: self.contract.into(),
            invoice: self.invoice.into(),
            delivery: self.delivery.into(),
        })
    }
}

impl From<DocumentGiven> for IReceivables::Document {
    fn from(given: DocumentGiven) -> Self {
        Self { number: given.number, value: given.value, hash: given.sha256 }
    }
}

calls! {
    /// Accepts a voucher: the issuer owes it from then on.
    act accept "/finance/vouchers/{voucher}/accept" "voucher" Nothing
        => receivables::ADDRESS, |voucher, _given| acceptCall { voucher };
    /// Declines a voucher as its creditor, or withdraws it as its issuer, before it was accepted.
    act decline "/finance/vouchers/{voucher}/decline" "voucher" Nothing
        => receivables::ADDRESS, |voucher, _given| declineCall { voucher };
    /// Promises to pay a voucher if its issuer does not.
    act endorse "/finance/vouchers/{voucher}/endorse" "voucher" Nothing
        => receivables::ADDRESS, |voucher, _given| endorseCall { voucher };
    /// Notes that a voucher was not paid in full on its day.
    act mark_overdue "/finance/vouchers/{voucher}/mark-overdue" "voucher" Nothing
        => receivables::ADDRESS, |voucher, _given| markOverdueCall { voucher };
}
