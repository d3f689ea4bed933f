//! Loans against pledged parts.

use qiao_module_kit::{Context, Outcome, calendar::Date, ensure, position::PositionId};

use super::signer;
use crate::{
    financing::{
        abi::IFinancing::*,
        rules, storage,
        types::{Loan, LoanId, LoanState},
        views,
    },
    members::OrganisationId,
    payments::{self, Instruction},
    receivables::{self, Due},
};

/// Asks a bank for a loan against a part that is pledged to it.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `UnfitPart`, `InvalidFinancing`; `position`'s `UnknownPosition`.
pub(in crate::financing) fn ask_loan(context: &mut Context<'_>, call: askLoanCall) -> Outcome<u64> {
    let borrower = signer(context)?;
    let terms = &call.terms;
    let position = PositionId::new(terms.position);
    let bank = OrganisationId::new(terms.bank);
    let part = require_pledge(context, position, borrower, bank)?;
    let maturity = rules::check_loan(terms, part.amount, part.today, part.due)?;
    let loan = Loan {
        position,
        borrower,
        bank,
        lent: terms.principal,
        principal: 0,
        interest: 0,
        rate: terms.rate,
        day_count: rules::day_count(terms.dayCount)?,
        interest_months: terms.interestMonths,
        starts: Date::default(),
        maturity,
        accrued_until: Date::default(),
        state: LoanState::Asked,
        currency: part.currency,
        repayment: rules::repayment(terms.repayment)?,
    };
    let id = storage::add_loan(context, &loan)?;
    context.emit(LoanAsked {
        loan: id.get(),
        position: terms.position,
        bank: terms.bank,
        principal: terms.principal,
        rate: terms.rate,
        maturity: terms.maturity,
    })?;
    Ok(id.get())
}

/// Declines or withdraws what was asked.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotLoanParty`: the caller may not.
/// - `WrongLoanState`.
pub(in crate::financing) fn refuse_loan(
    context: &mut Context<'_>,
    call: refuseLoanCall,
) -> Outcome<()> {
    let by = signer(context)?;
    let id = LoanId::new(call.loan);
    let loan = storage::loan_in(context, id, &[LoanState::Asked])?;
    require_party(id, by, loan.bank == by || loan.borrower == by, "bank or borrower")?;
    storage::set_loan(context, id, &Loan { state: LoanState::Refused, ..loan })?;
    context.emit(LoanRefused { loan: id.get(), by: by.get() })
}

/// Pays a loan out.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotLoanParty`: the caller may not.
/// - `WrongLoanState`, `UnfitPart`, `LoanNotDue`; those of `payments`' `pay`.
pub(in crate::financing) fn disburse(context: &mut Context<'_>, call: disburseCall) -> Outcome<()> {
    let bank = signer(context)?;
    let id = LoanId::new(call.loan);
    let loan = storage::loan_in(context, id, &[LoanState::Asked])?;
    require_party(id, bank, loan.bank == bank, "bank")?;
    let part = require_pledge(context, loan.position, loan.borrower, bank)?;
    ensure(part.amount >= loan.lent && part.today < loan.maturity, || {
        rules::unfit(loan.position.get(), "must still cover the loan, before its maturity")
    })?;
    secure(context, &loan, id)?;
    let today = part.today;
    let (amount, payee, currency) = (loan.lent, loan.borrower, loan.currency);
    let running = Loan {
        principal: amount,
        starts: today,
        accrued_until: today,
        state: LoanState::Running,
        ..loan
    };
    storage::set_loan(context, id, &running)?;
    let remittance = format!("disbursement of loan {}", call.loan);
    let (uetr, payer) = (call.uetr, call.payer);
    let instruction = Instruction { uetr, payer, payee: call.payee, remittance };
    payments::pay_for(context, bank, Due { payee, amount, currency }, instruction)?;
    context.emit(LoanDisbursed { loan: call.loan, uetr, amount })
}

/// Pays on a loan: interest first, then principal. The last payment releases the pledge.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotLoanParty`: the caller may not.
/// - `WrongLoanState`, `ExceedsDebt`; those of `payments`' `pay`.
pub(in crate::financing) fn repay(context: &mut Context<'_>, call: repayCall) -> Outcome<()> {
    let borrower = signer(context)?;
    let id = LoanId::new(call.loan);
    let states = [LoanState::Running, LoanState::Defaulted];
    let mut loan = storage::loan_in(context, id, &states)?;
    require_party(id, borrower, loan.borrower == borrower, "borrower")?;
    let today = views::today(context, loan.position)?;
    let interest = rules::interest_until(&loan, today);
    let (to_interest, to_principal) =
        rules::set_off(id.get(), call.amount, interest, loan.principal)?;
    loan.interest = interest - to_interest;
    loan.principal -= to_principal;
    loan.accrued_until = loan.accrued_until.max(today);
    let left = loan.interest.saturating_add(loan.principal);
    if left == 0 {
        loan.state = LoanState::Repaid;
        close(context, &loan, id)?;
    }
    storage::set_loan(context, id, &loan)?;
    let due = Due { payee: loan.bank, amount: call.amount, currency: loan.currency };
    let remittance = format!("repayment of loan {}", call.loan);
    let (uetr, payer, payee) = (call.uetr, call.payer, call.payee);
    payments::pay_for(context, borrower, due, Instruction { uetr, payer, payee, remittance })?;
    let (interest, principal) = (to_interest, to_principal);
    context.emit(LoanRepaid { loan: call.loan, uetr, interest, principal, left })
}

/// Notes that a loan, or a part of it, was not repaid on its day.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotLoanParty`: the caller may not.
/// - `WrongLoanState`, `LoanNotDue`.
pub(in crate::financing) fn mark_defaulted(
    context: &mut Context<'_>,
    call: markDefaultedCall,
) -> Outcome<()> {
    let bank = signer(context)?;
    let id = LoanId::new(call.loan);
    let loan = storage::loan_in(context, id, &[LoanState::Running])?;
    require_party(id, bank, loan.bank == bank, "bank")?;
    let today = views::today(context, loan.position)?;
    let maturity = loan.maturity.yyyymmdd();
    let is_late = today > loan.maturity || rules::late(&loan, today)? > 0;
    ensure(is_late, || LoanNotDue { loan: call.loan, maturity })?;
    let owed = rules::interest_until(&loan, today).saturating_add(loan.principal);
    storage::set_loan(context, id, &Loan { state: LoanState::Defaulted, ..loan })?;
    context.emit(LoanDefaulted { loan: call.loan, owed })
}

/// One loan per pledge: a second loan of the bank would count on the same part.
fn secure(context: &mut Context<'_>, loan: &Loan, id: LoanId) -> Outcome<()> {
    let other = storage::pledged_loan(context, loan.position)?;
    let other = storage::loan(context, other)?;
    ensure(other.bank != loan.bank, || {
        rules::unfit(loan.position.get(), "must not secure another loan")
    })?;
    storage::set_pledged_loan(context, loan.position, id)
}

/// The pledge has done its service, unless it was released or enforced before.
fn close(context: &mut Context<'_>, loan: &Loan, id: LoanId) -> Outcome<()> {
    let secured = storage::pledged_loan(context, loan.position)?;
    if secured == id {
        storage::set_pledged_loan(context, loan.position, LoanId::NONE)?;
    }
    let part = receivables::part_standing(context, loan.position)?;
    if part.is_pledged && part.beneficiary == loan.bank {
        receivables::release_for(context, loan.bank, loan.position)?;
    }
    Ok(())
}

/// A part that the borrower pledged to the bank.
fn require_pledge(
    context: &mut Context<'_>,
    position: PositionId,
    borrower: OrganisationId,
    bank: OrganisationId,
) -> Outcome<receivables::PartStanding> {
    let part = receivables::part_standing(context, position)?;
    let is_pledge =
        part.is_pledged && part.is_current && part.holder == borrower && part.beneficiary == bank;
    ensure(is_pledge, || {
        rules::unfit(
            position.get(),
            "must be pledged by the borrower to the bank, of a live voucher",
        )
    })?;
    Ok(part)
}

fn require_party(id: LoanId, by: OrganisationId, is_party: bool, role: &str) -> Outcome<()> {
    ensure(is_party, || NotLoanParty {
        loan: id.get(),
        organisation: by.get(),
        role: role.to_owned(),
    })
}
