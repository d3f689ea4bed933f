//! `/finance/parts`: what is held, and what is done with it.

use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, header},
    response::Response,
};
use qiao_documents::{CSV, PDF};
use qiao_modules::receivables::{self, IReceivables::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    acting::{Acting, For, calls, file},
    vouchers::Nothing,
};
use crate::{
    finance::{
        history::Happening,
        papers, sight,
        vouchers::{self, Part, Voucher},
    },
    rest::problem::Problem,
};

/// A part with its voucher and the way to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartSeen {
    /// The part.
    part: Part,
    /// The voucher.
    voucher: Voucher,
    /// How far down the chain of suppliers it is held; who delivered to the issuer is 1.
    tier: usize,
    /// The way from the voucher down to the part, both included.
    lineage: Vec<u64>,
    /// What happened on the way, the oldest first.
    history: Vec<Happening>,
}

/// An amount.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AmountGiven {
    /// How much, in the minor unit.
    amount: u64,
}

/// Another part.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherGiven {
    /// The part that ends in this one.
    other: u64,
}

/// An amount to somebody.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PassGiven {
    /// To whom, by number.
    to: u64,
    /// How much, in the minor unit.
    amount: u64,
}

/// A pledgee.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PledgeGiven {
    /// To whom, by number.
    pledgee: u64,
}

/// An offer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferGiven {
    /// To whom, by number.
    buyer: u64,
    /// For how much, in the minor unit.
    price: u64,
}

/// The number of a registration.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistrationGiven {
    /// The number under which the registry of movable property financing keeps the financing.
    #[serde(default)]
    registration: String,
}

/// A reason.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonGiven {
    /// Why.
    reason: String,
}

/// What the desk's organisation holds, by the day on which it is to be paid.
#[utoipa::path(
    get,
    operation_id = "parts",
    path = "/finance/parts",
    tag = "finance",
    params(For),
    responses((status = 200, body = Vec<Part>))
)]
pub(in crate::rest) async fn list(acting: Acting) -> Result<Json<Vec<Part>>, Box<Problem>> {
    let own = acting.desk.organisation;
    Ok(Json(vouchers::wallet(acting.chain(), &acting.names, own).await?))
}

/// A part that the desk sees, with its voucher and the way to it.
#[utoipa::path(
    get,
    operation_id = "part",
    path = "/finance/parts/{part}",
    tag = "finance",
    params(("part" = u64, Path), For),
    responses(
        (status = 200, body = PartSeen),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn one(
    acting: Acting,
    Path(part): Path<u64>,
) -> Result<Json<PartSeen>, Box<Problem>> {
    let seen = sight::part(acting.chain(), &acting.names, &acting.desk, part).await?;
    let lineage = vouchers::lineage(acting.chain(), part).await?;
    let sight::Seen { part, voucher, history, tier } = seen;
    Ok(Json(PartSeen { part, voucher, tier, lineage, history }))
}

/// The certificate of a part, with a code that leads to its proof.
#[utoipa::path(
    get,
    operation_id = "certificate",
    path = "/finance/parts/{part}/certificate.pdf",
    tag = "finance",
    params(("part" = u64, Path), For),
    responses(
        (status = 200, content_type = "application/pdf"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn certificate(
    acting: Acting,
    Path(part): Path<u64>,
    headers: HeaderMap,
) -> Result<Response, Box<Problem>> {
    let seen = sight::part(acting.chain(), &acting.names, &acting.desk, part).await?;
    let base = base(&headers);
    let paper = papers::certificate(acting.chain(), &acting.desk, &seen, &base).await?;
    Ok(file(PDF, &format!("certificate-{part}.pdf"), paper))
}

/// The address under which a client reached the node.
fn base(headers: &HeaderMap) -> String {
    let word = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = word(header::HOST).unwrap_or("127.0.0.1:8080");
    let scheme = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    let scheme = scheme.filter(|scheme| *scheme == "https").unwrap_or("http");
    format!("{scheme}://{host}")
}

/// The file for the registry of movable property financing, for a part that is for sale.
#[utoipa::path(
    get,
    operation_id = "registration",
    path = "/finance/parts/{part}/registration.csv",
    tag = "finance",
    params(("part" = u64, Path), For),
    responses(
        (status = 200, content_type = "text/csv"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn registration(
    acting: Acting,
    Path(part): Path<u64>,
) -> Result<Response, Box<Problem>> {
    sight::part(acting.chain(), &acting.names, &acting.desk, part).await?;
    let text = papers::registration(acting.chain(), part).await?;
    let bytes = format!("\u{feff}{text}").into_bytes();
    Ok(file(CSV, &format!("registration-{part}.csv"), bytes))
}

calls! {
    /// Splits an amount off a part.
    make split "/finance/parts/{part}/split" "part" AmountGiven
        => receivables::ADDRESS, |position, given| splitCall { position, amount: given.amount };
    /// Merges another part of the same voucher into a part.
    act merge "/finance/parts/{part}/merge" "part" OtherGiven
        => receivables::ADDRESS, |into, given| mergeCall { into, other: given.other };
    /// Passes an amount of a part on, in payment of the holder's own debt.
    make pass "/finance/parts/{part}/pass" "part" PassGiven
        => receivables::ADDRESS, |position, given| passCall {
            position, to: given.to, amount: given.amount,
        };
    /// Pledges a part.
    act pledge "/finance/parts/{part}/pledge" "part" PledgeGiven
        => receivables::ADDRESS, |position, given| pledgeCall { position, pledgee: given.pledgee };
    /// Releases a part that is pledged to the desk.
    act release_pledge "/finance/parts/{part}/release-pledge" "part" Nothing
        => receivables::ADDRESS, |position, _given| releasePledgeCall { position };
    /// Takes a part that is pledged to the desk and due.
    act enforce_pledge "/finance/parts/{part}/enforce-pledge" "part" Nothing
        => receivables::ADDRESS, |position, _given| enforcePledgeCall { position };
    /// Offers a part to one buyer at a price.
    act offer "/finance/parts/{part}/offer" "part" OfferGiven
        => receivables::ADDRESS, |position, given| offerSaleCall {
            position, buyer: given.buyer, price: given.price,
        };
    /// Withdraws an offer, or declines it.
    act end_offer "/finance/parts/{part}/end-offer" "part" Nothing
        => receivables::ADDRESS, |position, _given| endSaleCall { position };
    /// Accepts an offer, with the number of its registration.
    act accept_offer "/finance/parts/{part}/accept-offer" "part" RegistrationGiven
        => receivables::ADDRESS, |position, given| acceptSaleCall {
            position, registration: given.registration,
        };
    /// Delivers a sold part, because the buyer paid outside of the chain.
    make complete_offer "/finance/parts/{part}/complete-offer" "part" Nothing
        => receivables::ADDRESS, |position, _given| completeSaleCall { position };
    /// Acknowledges that an amount of a part was paid outside of the chain.
    act acknowledge "/finance/parts/{part}/acknowledge" "part" AmountGiven
        => receivables::ADDRESS, |position, given| acknowledgeCall { position, amount: given.amount };
    /// Passes a part of an overdue voucher to the guarantor, who paid it outside of the chain.
    act pass_to_guarantor "/finance/parts/{part}/pass-to-guarantor" "part" Nothing
        => receivables::ADDRESS, |position, _given| passToGuarantorCall { position };
    /// Gives up a part of an overdue voucher.
    act write_off "/finance/parts/{part}/write-off" "part" ReasonGiven
        => receivables::ADDRESS, |position, given| writeOffCall { position, reason: given.reason };
    /// Freezes a part, as a regulator.
    act freeze "/finance/parts/{part}/freeze" "part" ReasonGiven
        => receivables::ADDRESS, |position, given| freezePartCall { position, reason: given.reason };
    /// Unfreezes a part, as a regulator.
    act unfreeze "/finance/parts/{part}/unfreeze" "part" Nothing
        => receivables::ADDRESS, |position, _given| unfreezePartCall { position };
}
