//! The decisions of `financing`, without state.

use alloy_primitives::{B256, keccak256};
use alloy_sol_types::SolValue;
use qiao_module_kit::{
    Outcome,
    calendar::Date,
    ensure,
    interest::{
        Accrual, AmortisingLoan, BusinessDays, Carried, CashFlow, CashFlowKind, Cycle, CycleUnit,
        DayCount, PrincipalAtMaturity, RATE_MAX, Repayment,
    },
    money::Currency,
};

use super::{
    abi::IFinancing::*,
    types::{
        FeeLimit, FeeService, Line, Loan, LoanRepayment, Request, RequestAct, RequestState, Tariff,
    },
};
use crate::receivables::RulePack;

/// Bids of one request.
pub const BIDS_MAX: u32 = 100;
/// Seconds that bids, and then reveals, may take at most: thirty days.
pub const PHASE_SECONDS_MAX: u64 = 30 * 86_400;
/// Months between two dates of interest, at most.
pub const INTEREST_MONTHS_MAX: u32 = 12;
/// All of an amount, in ten-thousandths.
pub const BASIS_POINTS_ALL: u32 = 10_000;

const PUBLISHED_RULE: &str = "who charges makes items and standards public beforehand";
const AGREED_RULE: &str = "a payer agrees to each fee, and pays nothing beyond what was published";
const ISSUER_RULE: &str = "an issuer takes no fee from its suppliers for confirming what it owes";
const LIMIT_RULE: &str = "the fees of a part stay within the limit that the regulator set";

/// From, act, to. What is not listed is refused.
pub const TRANSITIONS: &[(RequestState, RequestAct, RequestState)] = &[
    (RequestState::None, RequestAct::Ask, RequestState::Open),
    (RequestState::Open, RequestAct::Award, RequestState::Awarded),
    (RequestState::Open, RequestAct::Lapse, RequestState::Lapsed),
];

/// The state after an act; `None` if the act is not possible.
pub fn after(state: RequestState, act: RequestAct) -> Option<RequestState> {
    TRANSITIONS.iter().find(|(from, by, _)| *from == state && *by == act).map(|(_, _, to)| *to)
}

/// The hash of a sealed bid. The bank is in it, so that nobody commits to another's bid.
pub fn commitment(request: u64, bank: u64, price: u64, salt: B256) -> B256 {
    keccak256((request, bank, price, salt).abi_encode())
}

/// When bids and reveals end, if the seller may ask so.
///
/// # Errors
/// `InvalidFinancing`.
pub fn check_phases(now: u64, is_sealed: bool, bids_until: u64, reveals_until: u64) -> Outcome<()> {
    let is_phase = |from: u64, to: u64| to > from && to - from <= PHASE_SECONDS_MAX;
    ensure(is_phase(now, bids_until), || invalid("bidsUntil", "must lie in the next thirty days"))?;
    let is_right =
        if is_sealed { is_phase(bids_until, reveals_until) } else { reveals_until == bids_until };
    ensure(is_right, || {
        invalid(
            "revealsUntil",
            "must lie within thirty days behind `bidsUntil`, and equal it where bids are open",
        )
    })
}

/// Whether this bid is better than the best so far: a higher price, or the same one earlier.
pub fn is_better(request: &Request, price: u64, order: u32) -> bool {
    let is_earlier = price == request.best_price && order < request.best_order;
    request.best_bank.is_none() || price > request.best_price || is_earlier
}

/// What a line has drawn after it takes `asked` more.
///
/// # Errors
/// `LineExceeded`.
pub fn draw(line: &Line, bank: u64, issuer: u64, asked: u64) -> Outcome<u64> {
    let left = line.limit.saturating_sub(line.drawn);
    ensure(asked <= left, || LineExceeded { bank, issuer, asked, left })?;
    Ok(line.drawn + asked)
}

/// The terms of a loan, if they make a schedule within the life of the part.
///
/// # Errors
/// `InvalidFinancing`.
pub fn check_loan(terms: &LoanTerms, amount: u64, today: Date, due: Date) -> Outcome<Date> {
    ensure((1..=amount).contains(&terms.principal), || {
        invalid("principal", "must be positive and at most what is owed on the part")
    })?;
    ensure(terms.rate <= RATE_MAX, || invalid("rate", "must be at most 1,000 per cent"))?;
    let is_cycle = terms.interestMonths <= INTEREST_MONTHS_MAX;
    ensure(is_cycle, || invalid("interestMonths", "must be at most 12"))?;
    let is_once = repayment(terms.repayment)? == LoanRepayment::AtMaturity;
    ensure(is_once || terms.interestMonths > 0, || {
        invalid("interestMonths", "must be from 1 to 12 where the loan is paid back in parts")
    })?;
    let maturity = Date::from_yyyymmdd(terms.maturity)
        .ok_or_else(|| invalid("maturity", "must be a day, written YYYYMMDD"))?;
    let is_within = maturity > today && maturity <= due;
    ensure(is_within, || {
        invalid("maturity", "must lie in the future, and not behind the day of the voucher")
    })?;
    Ok(maturity)
}

/// How days are counted.
///
/// # Errors
/// `InvalidFinancing`.
pub fn day_count(number: u8) -> Outcome<DayCount> {
    let found = DayCount::ALL.get(usize::from(number)).copied();
    found.ok_or_else(|| invalid("dayCount", "must be from 0 to 3").into())
}

/// How a loan is paid back.
///
/// # Errors
/// `InvalidFinancing`.
pub fn repayment(number: u8) -> Outcome<LoanRepayment> {
    let found = LoanRepayment::ALL.get(usize::from(number)).copied();
    found.ok_or_else(|| invalid("repayment", "must be from 0 to 2").into())
}

/// The currency with this number of ISO 4217.
///
/// # Errors
/// `InvalidFinancing`.
pub fn currency(number: u16) -> Outcome<Currency> {
    Currency::from_number(number).ok_or_else(|| {
        invalid("currency", "must be the number of a currency of ISO 4217 that is known here")
            .into()
    })
}

/// Interest of a loan until a day: what was left at the last payment, and what accrued since,
/// rounded to the nearest minor unit.
pub fn interest_until(loan: &Loan, today: Date) -> u64 {
    let mut accrual = Accrual::new(loan.day_count);
    accrual.add(loan.principal, loan.rate, loan.accrued_until, today);
    loan.interest.saturating_add(accrual.rounded())
}

/// How a payment is set off: against interest first, then against principal.
///
/// # Errors
/// `ExceedsDebt`.
pub fn set_off(id: u64, amount: u64, interest: u64, principal: u64) -> Outcome<(u64, u64)> {
    let owed = interest.saturating_add(principal);
    ensure(amount <= owed, || ExceedsDebt { loan: id, amount, owed })?;
    let to_interest = amount.min(interest);
    Ok((to_interest, amount - to_interest))
}

/// What a fee is charged for.
///
/// # Errors
/// `InvalidFinancing`.
pub fn fee_service(number: u8) -> Outcome<FeeService> {
    let found = FeeService::ALL.get(usize::from(number)).copied();
    found.ok_or_else(|| invalid("service", "must be from 0 to 3").into())
}

/// A share in ten-thousandths, if it is at most all.
///
/// # Errors
/// `InvalidFinancing`.
pub fn basis_points(number: u32) -> Outcome<u32> {
    ensure(number <= BASIS_POINTS_ALL, || invalid("basisPoints", "must be at most 10,000"))?;
    Ok(number)
}

/// What a tariff asks for a part of this amount. The share is rounded down, so that nobody pays more
/// than was published.
pub fn fee(tariff: &Tariff, amount: u64) -> u64 {
    tariff.flat.saturating_add(share(amount, tariff.basis_points))
}

/// So many ten-thousandths of an amount, rounded down.
pub fn share(amount: u64, basis_points: u32) -> u64 {
    let share = u128::from(amount) * u128::from(basis_points) / u128::from(BASIS_POINTS_ALL);
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// Whether a tariff may be charged in this block.
pub fn is_published(pack: &RulePack, tariff: &Tariff, block: u64) -> bool {
    tariff.block > 0 && (tariff.block < block || !pack.publishes_fees)
}

/// A fee that was not published.
pub fn unpublished(pack: &RulePack, provider: u64, currency: u16, service: u8) -> FeeNotPublished {
    let (pack, rule) = (pack.name.to_owned(), quoted(pack, PUBLISHED_RULE));
    FeeNotPublished { pack, provider, currency, service, rule }
}

/// Whether the payer agreed to what was published.
///
/// # Errors
/// `FeeDiffers`, `InvalidFinancing`.
pub fn check_agreed(pack: &RulePack, position: u64, agreed: u64, published: u64) -> Outcome<()> {
    ensure(agreed == published, || FeeDiffers {
        pack: pack.name.to_owned(),
        position,
        agreed,
        published,
        rule: quoted(pack, AGREED_RULE),
    })?;
    ensure(published > 0, || invalid("amount", "must be positive: the service is free"))
}

/// Whether this provider may charge for a part of this issuer's debt.
///
/// # Errors
/// `FeeByIssuer`.
pub fn check_provider(pack: &RulePack, position: u64, provider: u64, issuer: u64) -> Outcome<()> {
    let is_free = pack.frees_issuers_suppliers && provider == issuer;
    ensure(!is_free, || FeeByIssuer {
        pack: pack.name.to_owned(),
        position,
        issuer,
        rule: quoted(pack, ISSUER_RULE),
    })
}

/// Whether fees stay within the limit on a part of this amount, after `asked` more than was `paid`.
///
/// # Errors
/// `FeeOverLimit`.
pub fn check_fee_limit(
    pack: &RulePack,
    limit: &FeeLimit,
    [position, amount]: [u64; 2],
    paid: u64,
    asked: u64,
) -> Outcome<()> {
    let most = if limit.is_set { share(amount, limit.basis_points) } else { u64::MAX };
    let left = most.saturating_sub(paid);
    ensure(asked <= left, || FeeOverLimit {
        pack: pack.name.to_owned(),
        position,
        asked,
        left,
        rule: quoted(pack, LIMIT_RULE),
    })
}

/// A rule with its source.
fn quoted(pack: &RulePack, rule: &str) -> String {
    format!("{}: {rule}", pack.citation)
}

/// The cash flows of a loan that is paid out on `starts`, as a contract of ACTUS type PAM, LAM or ANN in
/// whole minor units.
///
/// # Errors
/// `InvalidFinancing`.
pub fn schedule(loan: &Loan, starts: Date) -> Outcome<Vec<CashFlow>> {
    let cycle = Cycle {
        every: loan.interest_months,
        unit: CycleUnit::Months,
        has_long_stub: false,
        keeps_month_end: true,
    };
    let first_redemption = starts.plus_months(loan.interest_months);
    let terms = contract(loan, starts, cycle);
    let flows = match loan.repayment {
        LoanRepayment::AtMaturity => terms.schedule(),
        LoanRepayment::EqualParts | LoanRepayment::EqualInstalments => {
            let repayment = match loan.repayment {
                LoanRepayment::EqualParts => Repayment::EqualParts(None),
                _ => Repayment::EqualInstalments(None),
            };
            let carried = Carried::Whole;
            let mut flows = AmortisingLoan {
                loan: terms,
                repayment,
                first_redemption,
                redemptions: cycle,
                carried,
            }
            .schedule();
            if let Ok(flows) = &mut flows {
                flows.retain(|flow| flow.kind != CashFlowKind::Fixing);
            }
            flows
        }
    };
    flows.map_err(|problem| invalid("maturity", &problem.to_string()).into())
}

/// What should have been paid back of the principal before a day, and was not.
///
/// # Errors
/// `InvalidFinancing`.
pub fn late(loan: &Loan, today: Date) -> Outcome<u64> {
    let flows = schedule(loan, loan.starts)?;
    let is_part = |kind| matches!(kind, CashFlowKind::Redemption | CashFlowKind::Maturity);
    let due = flows.iter().filter(|flow| is_part(flow.kind) && flow.date < today);
    let due: u64 = due.map(|flow| flow.amount).sum();
    Ok(due.saturating_sub(loan.lent - loan.principal))
}

fn contract(loan: &Loan, starts: Date, cycle: Cycle) -> PrincipalAtMaturity {
    let cycle = (cycle.every > 0).then_some(cycle);
    PrincipalAtMaturity {
        status: Date::default(),
        principal: loan.lent,
        discount: 0,
        starts,
        ends: loan.maturity,
        rate: loan.rate,
        day_count: loan.day_count,
        first_interest: starts.plus_months(loan.interest_months),
        cycle,
        business_days: BusinessDays::None,
        capitalises_until: None,
        resets: Vec::new(),
    }
}

pub(super) fn invalid(field: &str, rule: &str) -> InvalidFinancing {
    InvalidFinancing { field: field.to_owned(), rule: rule.to_owned() }
}

pub(super) fn unfit(position: u64, rule: &str) -> UnfitPart {
    UnfitPart { position, rule: rule.to_owned() }
}
