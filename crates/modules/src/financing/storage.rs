//! Where `financing` keeps what it knows.

use qiao_module_kit::{
    Context, Outcome, ensure, layout,
    money::Currency,
    position::PositionId,
    storage::{Map, Value},
};

use super::{
    abi::IFinancing::{WrongLoanState, WrongRequestState},
    types::{
        Bid, Fee, FeeLimit, FeeService, Line, Loan, LoanId, LoanState, Request, RequestId,
        RequestState, Tariff,
    },
};
use crate::members::OrganisationId;

layout! { pub(super) fn layout();
    /// What banks would finance: by bank, issuer and currency.
    LINES: Map<(OrganisationId, (OrganisationId, Currency)), Line>;
    /// The number of the last request.
    LAST_REQUEST: Value<RequestId>;
    /// Requests.
    REQUESTS: Map<RequestId, Request>;
    /// Bids by request and bank.
    BIDS: Map<(RequestId, OrganisationId), Bid>;
    /// The number of the last loan.
    LAST_LOAN: Value<LoanId>;
    /// Loans.
    LOANS: Map<LoanId, Loan>;
    /// The loan that was last paid out against a part and not paid back.
    PLEDGED_LOANS: Map<PositionId, LoanId>;
    /// What providers charge: by provider, currency and service.
    TARIFFS: Map<(OrganisationId, (Currency, FeeService)), Tariff>;
    /// Fees that were paid: by part, holder and service.
    FEES: Map<(PositionId, (OrganisationId, FeeService)), Fee>;
    /// What the fees of a part may come to, by the number of the pack of rules.
    FEE_LIMITS: Map<u8, FeeLimit>;
}

pub(super) fn line(
    context: &mut Context<'_>,
    bank: OrganisationId,
    issuer: OrganisationId,
    currency: Currency,
) -> Outcome<Line> {
    LINES.get(context, &(bank, (issuer, currency)))
}

pub(super) fn set_line(
    context: &mut Context<'_>,
    bank: OrganisationId,
    issuer: OrganisationId,
    currency: Currency,
    line: &Line,
) -> Outcome<()> {
    LINES.set(context, &(bank, (issuer, currency)), line)
}

pub(super) fn add_request(context: &mut Context<'_>, request: &Request) -> Outcome<RequestId> {
    let id = RequestId::new(LAST_REQUEST.get(context)?.get() + 1);
    LAST_REQUEST.set(context, &id)?;
    set_request(context, id, request)?;
    Ok(id)
}

/// A request, or zeros.
pub(super) fn request(context: &mut Context<'_>, id: RequestId) -> Outcome<Request> {
    REQUESTS.get(context, &id)
}

/// A request in this state.
pub(super) fn request_in(
    context: &mut Context<'_>,
    id: RequestId,
    state: RequestState,
) -> Outcome<Request> {
    let request = request(context, id)?;
    let actual = request.state;
    ensure(actual == state, || WrongRequestState { request: id.get(), state: actual as u8 })?;
    Ok(request)
}

pub(super) fn set_request(
    context: &mut Context<'_>,
    id: RequestId,
    request: &Request,
) -> Outcome<()> {
    REQUESTS.set(context, &id, request)
}

pub(super) fn bid(context: &mut Context<'_>, id: RequestId, bank: OrganisationId) -> Outcome<Bid> {
    BIDS.get(context, &(id, bank))
}

pub(super) fn set_bid(
    context: &mut Context<'_>,
    id: RequestId,
    bank: OrganisationId,
    bid: &Bid,
) -> Outcome<()> {
    BIDS.set(context, &(id, bank), bid)
}

pub(super) fn add_loan(context: &mut Context<'_>, loan: &Loan) -> Outcome<LoanId> {
    let id = LoanId::new(LAST_LOAN.get(context)?.get() + 1);
    LAST_LOAN.set(context, &id)?;
    set_loan(context, id, loan)?;
    Ok(id)
}

/// A loan, or zeros.
pub(super) fn loan(context: &mut Context<'_>, id: LoanId) -> Outcome<Loan> {
    LOANS.get(context, &id)
}

/// A loan in one of these states.
pub(super) fn loan_in(
    context: &mut Context<'_>,
    id: LoanId,
    states: &[LoanState],
) -> Outcome<Loan> {
    let loan = loan(context, id)?;
    let actual = loan.state;
    let is_right = states.contains(&actual);
    ensure(is_right, || WrongLoanState { loan: id.get(), state: actual as u8 })?;
    Ok(loan)
}

pub(super) fn set_loan(context: &mut Context<'_>, id: LoanId, loan: &Loan) -> Outcome<()> {
    LOANS.set(context, &id, loan)
}

pub(super) fn pledged_loan(context: &mut Context<'_>, position: PositionId) -> Outcome<LoanId> {
    PLEDGED_LOANS.get(context, &position)
}

pub(super) fn set_pledged_loan(
    context: &mut Context<'_>,
    position: PositionId,
    id: LoanId,
) -> Outcome<()> {
    PLEDGED_LOANS.set(context, &position, &id)
}

pub(super) fn tariff(
    context: &mut Context<'_>,
    provider: OrganisationId,
    currency: Currency,
    service: FeeService,
) -> Outcome<Tariff> {
    TARIFFS.get(context, &(provider, (currency, service)))
}

pub(super) fn set_tariff(
    context: &mut Context<'_>,
    provider: OrganisationId,
    currency: Currency,
    service: FeeService,
    tariff: &Tariff,
) -> Outcome<()> {
    TARIFFS.set(context, &(provider, (currency, service)), tariff)
}

pub(super) fn fee(
    context: &mut Context<'_>,
    position: PositionId,
    holder: OrganisationId,
    service: FeeService,
) -> Outcome<Fee> {
    FEES.get(context, &(position, (holder, service)))
}

pub(super) fn set_fee(
    context: &mut Context<'_>,
    position: PositionId,
    holder: OrganisationId,
    service: FeeService,
    fee: &Fee,
) -> Outcome<()> {
    FEES.set(context, &(position, (holder, service)), fee)
}

pub(super) fn fee_limit(context: &mut Context<'_>, pack: u8) -> Outcome<FeeLimit> {
    FEE_LIMITS.get(context, &pack)
}

pub(super) fn set_fee_limit(context: &mut Context<'_>, pack: u8, limit: &FeeLimit) -> Outcome<()> {
    FEE_LIMITS.set(context, &pack, limit)
}
