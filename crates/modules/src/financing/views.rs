//! What can be asked of `financing`.

use alloy_primitives::B256;
use qiao_module_kit::{
    Context, Outcome,
    calendar::Date,
    ensure,
    interest::{RATE_MAX, discount},
    position::PositionId,
};

use super::{
    abi::IFinancing::{self, *},
    rules, storage,
    types::{LoanId, LoanState, RequestId, RequestState},
};
use crate::{members::OrganisationId, receivables};

/// What a bank would finance of an issuer's debts, and does.
pub(super) fn line(context: &mut Context<'_>, call: lineCall) -> Outcome<IFinancing::Line> {
    let (bank, issuer) = (OrganisationId::new(call.bank), OrganisationId::new(call.issuer));
    let line = storage::line(context, bank, issuer, rules::currency(call.currency)?)?;
    Ok(IFinancing::Line { limit: line.limit, drawn: line.drawn })
}

/// A request with its best bid so far.
pub(super) fn request(
    context: &mut Context<'_>,
    call: requestCall,
) -> Outcome<IFinancing::Request> {
    let request = storage::request(context, RequestId::new(call.id))?;
    let is_none = request.state == RequestState::None;
    Ok(IFinancing::Request {
        position: request.position.get(),
        seller: request.seller.get(),
        amount: request.amount,
        isSealed: !is_none && request.is_sealed,
        bidsUntil: request.bids_until,
        revealsUntil: request.reveals_until,
        state: request.state as u8,
        bids: request.bids,
        bestBank: request.best_bank.get(),
        bestPrice: request.best_price,
        drawn: request.drawn,
    })
}

/// The hash of a sealed bid.
pub(super) fn commitment_of(_: &mut Context<'_>, call: commitmentOfCall) -> Outcome<B256> {
    Ok(rules::commitment(call.request, call.bank, call.price, call.salt))
}

/// What a part costs today at a yearly rate of simple discount.
pub(super) fn discounted_price(
    context: &mut Context<'_>,
    call: discountedPriceCall,
) -> Outcome<u64> {
    ensure(call.rate <= RATE_MAX, || rules::invalid("rate", "must be at most 1,000 per cent"))?;
    let day_count = rules::day_count(call.dayCount)?;
    let part = receivables::part_standing(context, PositionId::new(call.position))?;
    Ok(discount(part.amount, call.rate, day_count, part.today, part.due))
}

/// A loan as its last payment left it.
pub(super) fn loan(context: &mut Context<'_>, call: loanCall) -> Outcome<IFinancing::Loan> {
    let loan = storage::loan(context, LoanId::new(call.id))?;
    let day = |date: Date| if date == Date::default() { 0 } else { date.yyyymmdd() };
    Ok(IFinancing::Loan {
        position: loan.position.get(),
        borrower: loan.borrower.get(),
        bank: loan.bank.get(),
        lent: loan.lent,
        principal: loan.principal,
        interest: loan.interest,
        rate: loan.rate,
        dayCount: loan.day_count as u8,
        interestMonths: loan.interest_months,
        starts: day(loan.starts),
        maturity: day(loan.maturity),
        state: loan.state as u8,
        repayment: loan.repayment as u8,
    })
}

/// What is owed on a loan today; zero unless it runs or is in default.
pub(super) fn owed(context: &mut Context<'_>, call: owedCall) -> Outcome<(u64, u64)> {
    let loan = storage::loan(context, LoanId::new(call.loan))?;
    if !matches!(loan.state, LoanState::Running | LoanState::Defaulted) {
        return Ok((0, 0));
    }
    let today = today(context, loan.position)?;
    Ok((rules::interest_until(&loan, today), loan.principal))
}

/// What should have been paid back of the principal before today, and was not.
pub(super) fn late(context: &mut Context<'_>, call: lateCall) -> Outcome<u64> {
    let loan = storage::loan(context, LoanId::new(call.loan))?;
    if !matches!(loan.state, LoanState::Running | LoanState::Defaulted) {
        return Ok(0);
    }
    let today = today(context, loan.position)?;
    rules::late(&loan, today)
}

/// The cash flows that a loan was agreed with; those of one that was not paid out begin today.
pub(super) fn schedule(
    context: &mut Context<'_>,
    call: scheduleCall,
) -> Outcome<(Vec<u32>, Vec<u8>, Vec<u64>)> {
    let id = LoanId::new(call.loan);
    let loan = storage::loan(context, id)?;
    let is_known = loan.state != LoanState::None;
    ensure(is_known, || WrongLoanState { loan: id.get(), state: 0 })?;
    let is_agreed = loan.starts != Date::default();
    let starts = if is_agreed { loan.starts } else { today(context, loan.position)? };
    let flows = rules::schedule(&loan, starts)?;
    Ok((
        flows.iter().map(|flow| flow.date.yyyymmdd()).collect(),
        flows.iter().map(|flow| flow.kind as u8).collect(),
        flows.iter().map(|flow| flow.amount).collect(),
    ))
}

/// What a provider charges for a service.
pub(super) fn tariff(context: &mut Context<'_>, call: tariffCall) -> Outcome<IFinancing::Tariff> {
    let (currency, service) = (rules::currency(call.currency)?, rules::fee_service(call.service)?);
    let provider = OrganisationId::new(call.provider);
    let tariff = storage::tariff(context, provider, currency, service)?;
    Ok(IFinancing::Tariff {
        flat: tariff.flat,
        basisPoints: tariff.basis_points,
        block: tariff.block,
    })
}

/// What a provider charges for a service on a part now; 0 where it published nothing.
pub(super) fn fee_of(context: &mut Context<'_>, call: feeOfCall) -> Outcome<u64> {
    let service = rules::fee_service(call.service)?;
    let part = receivables::part_standing(context, PositionId::new(call.position))?;
    let provider = OrganisationId::new(call.provider);
    let tariff = storage::tariff(context, provider, part.currency, service)?;
    Ok(rules::fee(&tariff, part.amount))
}

/// What was paid for a service on a part as long as somebody held it.
pub(super) fn fee_paid(context: &mut Context<'_>, call: feePaidCall) -> Outcome<IFinancing::Fee> {
    let service = rules::fee_service(call.service)?;
    let (position, holder) = (PositionId::new(call.position), OrganisationId::new(call.holder));
    let fee = storage::fee(context, position, holder, service)?;
    let (provider, payer) = (fee.provider.get(), fee.payer.get());
    Ok(IFinancing::Fee { provider, payer, amount: fee.amount })
}

/// What the fees of a part may come to under a pack of rules, if there is a limit.
pub(super) fn fee_limit(context: &mut Context<'_>, call: feeLimitCall) -> Outcome<(bool, u32)> {
    receivables::rule_pack(call.pack)?;
    let limit = storage::fee_limit(context, call.pack)?;
    Ok((limit.is_set, limit.basis_points))
}

/// The day where the rules of a part apply.
pub(super) fn today(context: &mut Context<'_>, position: PositionId) -> Outcome<Date> {
    Ok(receivables::part_standing(context, position)?.today)
}
