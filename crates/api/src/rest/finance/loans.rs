//! Loans against pledged parts.

use axum::{Json, body::Body, extract::Path, http::HeaderMap, response::Response};
use qiao_modules::financing::{self, IFinancing::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    acting::{Acted, Acting, For, calls, json},
    vouchers::Nothing,
};
use crate::{
    finance::{
        FinanceError, fees,
        loans::{self, Flow, Loan, Repaid},
        words,
    },
    rest::problem::Problem,
};

/// The terms of a loan.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LoanGiven {
    /// The part that is pledged to the bank.
    part: u64,
    /// The bank, by number.
    bank: u64,
    /// How much, in the minor unit.
    principal: u64,
    /// The yearly rate in per cent, as a decimal number: `4.35`.
    rate: String,
    /// How days are counted: `A365` (if absent), `A360`, `30E360` or `AA`.
    day_count: Option<String>,
    /// Months between two dates of interest, and of repayment where there are several; 0 for interest at
    /// the end.
    #[serde(default)]
    interest_months: u32,
    /// When it is to be paid back, `YYYY-MM-DD`.
    maturity: String,
    /// How it is paid back: `at_maturity` (if absent), `equal_parts` of the principal, or
    /// `equal_instalments` of interest and principal.
    repayment: Option<String>,
}

/// A loan with its cash flows.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoanSeen {
    /// The loan.
    #[serde(flatten)]
    loan: Loan,
    /// What the bank charges besides, by its published tariff.
    fees: u64,
    /// The yearly rate in per cent of interest and fees together, over the money that the borrower has
    /// (simple interest, actual days over 365).
    #[serde(skip_serializing_if = "Option::is_none")]
    yearly_cost: Option<String>,
    /// The cash flows that it was agreed with.
    schedule: Vec<Flow>,
    /// What was paid on it.
    repaid: Vec<Repaid>,
}

/// The loans in which the desk is bank or borrower, the newest first.
#[utoipa::path(
    get,
    operation_id = "loans",
    path = "/finance/loans",
    tag = "finance",
    params(For),
    responses((status = 200, body = Vec<Loan>))
)]
pub(in crate::rest) async fn loans(acting: Acting) -> Result<Json<Vec<Loan>>, Box<Problem>> {
    let own = acting.desk.organisation;
    Ok(Json(loans::loans_of(acting.chain(), &acting.names, own).await?))
}

/// A loan of the desk with its schedule.
#[utoipa::path(
    get,
    operation_id = "loan",
    path = "/finance/loans/{loan}",
    tag = "finance",
    params(("loan" = u64, Path), For),
    responses(
        (status = 200, body = LoanSeen),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn loan(
    acting: Acting,
    Path(number): Path<u64>,
) -> Result<Json<LoanSeen>, Box<Problem>> {
    let (chain, own) = (acting.chain(), acting.desk.organisation);
    let loan = loans::loan(chain, &acting.names, number).await?;
    let is_party = loan.bank.organisation == own || loan.borrower.organisation == own;
    if !is_party && !acting.desk.is_regulator {
        return Err(FinanceError::unknown("loan", number).into());
    }
    let schedule = loans::schedule(chain, number).await?;
    let repaid = loans::repaid(chain, number).await?;
    let fees = loans::fees(chain, &loan).await?;
    let yearly_cost = fees::cost_of_loan(&schedule, fees).map(words::per_cent);
    Ok(Json(LoanSeen { fees, yearly_cost, schedule, repaid, loan }))
}

/// Asks a bank for a loan against a part that is pledged to it.
#[utoipa::path(
    post,
    operation_id = "ask_for_loan",
    path = "/finance/loans",
    tag = "finance",
    params(For),
    request_body(content = LoanGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn ask_loan(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: LoanGiven = json(&acting.context, &headers, body).await?;
    let day_count = match &given.day_count {
        Some(word) => words::number(&words::DAY_COUNTS, "dayCount", word)?,
        None => 0,
    };
    let repayment = match &given.repayment {
        Some(word) => words::number(&words::REPAYMENTS, "repayment", word)?,
        None => 0,
    };
    let terms = LoanTerms {
        position: given.part,
        bank: given.bank,
        principal: given.principal,
        rate: words::read_rate("rate", &given.rate)?,
        dayCount: day_count,
        interestMonths: given.interest_months,
        maturity: words::read_day("maturity", &given.maturity)?,
        repayment,
    };
    acting.make(financing::ADDRESS, askLoanCall { terms }).await
}

/// Accounts of a payment.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountsGiven {
    /// The payment's UETR, a fresh UUID.
    uetr: String,
    /// The account that pays.
    payer: u64,
    /// The account that is paid.
    payee: u64,
}

/// An amount with the accounts of a payment.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RepaymentGiven {
    /// How much, in the minor unit.
    amount: u64,
    /// The payment's UETR, a fresh UUID.
    uetr: String,
    /// The account that pays.
    payer: u64,
    /// The account that is paid.
    payee: u64,
}

calls! {
    /// Declines a loan, or withdraws what was asked.
    act refuse_loan "/finance/loans/{loan}/refuse" "loan" Nothing
        => financing::ADDRESS, |loan, _given| refuseLoanCall { loan };
    /// Pays a loan out.
    act disburse "/finance/loans/{loan}/disburse" "loan" AccountsGiven
        => financing::ADDRESS, |loan, given| disburseCall {
            loan,
            uetr: words::read_uetr("uetr", &given.uetr)?,
            payer: given.payer,
            payee: given.payee,
        };
    /// Pays on a loan: interest first, then principal.
    act repay "/finance/loans/{loan}/repay" "loan" RepaymentGiven
        => financing::ADDRESS, |loan, given| repayCall {
            loan,
            amount: given.amount,
            uetr: words::read_uetr("uetr", &given.uetr)?,
            payer: given.payer,
            payee: given.payee,
        };
    /// Notes that a loan, or a part of it, was not repaid on its day.
    act mark_defaulted "/finance/loans/{loan}/mark-defaulted" "loan" Nothing
        => financing::ADDRESS, |loan, _given| markDefaultedCall { loan };
}
