//! Loans against pledged parts: how they stand, what they were agreed with, and what was paid.

use alloy_primitives::B256;
use qiao_indexer::RecordQuery;
use qiao_modules::financing::{self, IFinancing};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FinanceError, fees, history,
    names::{Names, Party},
    records, view, views, vouchers, words,
};
use crate::Chain;

/// A loan against a pledged part.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Loan {
    /// Its number.
    pub loan: u64,
    /// The pledged part.
    pub part: u64,
    /// Who borrows.
    pub borrower: Party,
    /// Who lends.
    pub bank: Party,
    /// What is or was lent, in the minor unit.
    pub lent: u64,
    /// The letters of the currency.
    pub currency: &'static str,
    /// What is left of it.
    pub principal: u64,
    /// The interest that is owed today.
    pub interest: u64,
    /// What should have been paid back of the principal before today, and was not.
    pub late: u64,
    /// The yearly rate in per cent.
    pub rate: String,
    /// How days are counted.
    pub day_count: &'static str,
    /// Months between two dates of interest, and of repayment where there are several.
    pub interest_months: u32,
    /// `at_maturity`, `equal_parts` or `equal_instalments`.
    pub repayment: &'static str,
    /// When it was paid out.
    pub starts: String,
    /// When it is to be paid back.
    pub maturity: String,
    /// `asked`, `running`, `repaid`, `refused` or `defaulted`.
    pub state: &'static str,
    /// The currency by its number of ISO 4217.
    #[serde(skip)]
    pub currency_number: u16,
}

/// A cash flow that a loan was agreed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Flow {
    /// When.
    pub day: String,
    /// `disbursement`, `interest`, `principal` (a part of it is paid back) or `maturity` (the rest is).
    pub kind: &'static str,
    /// How much, in the minor unit.
    pub amount: u64,
    /// The day, `YYYYMMDD`.
    #[serde(skip)]
    pub day_number: u32,
}

/// A payment on a loan, set off against interest first, then against principal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Repaid {
    /// The block.
    pub block: u64,
    /// Milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// The transaction.
    #[schema(value_type = String)]
    pub transaction: B256,
    /// What went to interest, in the minor unit.
    pub interest: u64,
    /// What went to principal.
    pub principal: u64,
    /// What was owed afterwards.
    pub left: u64,
}

/// A loan.
///
/// # Errors
/// There is none with this number.
pub async fn loan(chain: &dyn Chain, names: &Names, id: u64) -> Result<Loan, FinanceError> {
    let found = view(chain, financing::ADDRESS, IFinancing::loanCall { id }).await?;
    if found.state == 0 {
        return Err(FinanceError::unknown("loan", id));
    }
    let owed = view(chain, financing::ADDRESS, IFinancing::owedCall { loan: id }).await?;
    let late = view(chain, financing::ADDRESS, IFinancing::lateCall { loan: id }).await?;
    let part = vouchers::part(chain, names, found.position).await?;
    Ok(Loan {
        loan: id,
        part: found.position,
        borrower: names.party(found.borrower),
        bank: names.party(found.bank),
        lent: found.lent,
        currency: part.currency,
        principal: found.principal,
        interest: owed.interest,
        late,
        rate: words::rate(found.rate),
        day_count: words::word(&words::DAY_COUNTS, found.dayCount),
        interest_months: found.interestMonths,
        repayment: words::word(&words::REPAYMENTS, found.repayment),
        starts: words::day(found.starts),
        maturity: words::day(found.maturity),
        state: words::word(&words::LOAN_STATES, found.state),
        currency_number: part.currency_number,
    })
}

/// The loans in which an organisation is bank or borrower, the newest first.
///
/// # Errors
/// The node cannot answer.
pub async fn loans_of(
    chain: &dyn Chain,
    names: &Names,
    organisation: u64,
) -> Result<Vec<Loan>, FinanceError> {
    let query = RecordQuery::of("financing_loan_asked").newest_first();
    let ids: Vec<u64> =
        records::all(chain, &query).await?.iter().map(|one| one.number("loan")).collect();
    let calls = ids.iter().map(|id| IFinancing::loanCall { id: *id });
    let found = views(chain, financing::ADDRESS, calls).await?;
    let own = ids.into_iter().zip(found);
    let own = own.filter(|(_, one)| one.bank == organisation || one.borrower == organisation);
    let mut loans = Vec::new();
    for (id, _) in own {
        loans.push(loan(chain, names, id).await?);
    }
    Ok(loans)
}

/// The cash flows that a loan was agreed with; those of one that was not paid out begin today.
///
/// # Errors
/// There is none with this number.
pub async fn schedule(chain: &dyn Chain, loan: u64) -> Result<Vec<Flow>, FinanceError> {
    let call = IFinancing::scheduleCall { loan };
    let told = view(chain, financing::ADDRESS, call).await?;
    let flows = told.dates.into_iter().zip(told.kinds).zip(told.amounts);
    let flows = flows.map(|((day_number, kind), amount)| Flow {
        day: words::day(day_number),
        kind: words::word(&words::CASH_FLOWS, kind),
        amount,
        day_number,
    });
    Ok(flows.collect())
}

/// What the bank of a loan charges besides for the pledged part.
///
/// # Errors
/// The node cannot answer.
pub async fn fees(chain: &dyn Chain, loan: &Loan) -> Result<u64, FinanceError> {
    let (bank, borrower) = (loan.bank.organisation, loan.borrower.organisation);
    let found = fees::connected(chain, loan.part, borrower, &[bank]).await?;
    Ok(found.first().copied().unwrap_or_default())
}

/// What was paid on a loan, the first payment first.
///
/// # Errors
/// The node cannot answer.
pub async fn repaid(chain: &dyn Chain, loan: u64) -> Result<Vec<Repaid>, FinanceError> {
    let query = RecordQuery::of("financing_loan_repaid").with("loan", loan);
    let mut found = Vec::new();
    for one in records::all(chain, &query).await? {
        let (time_ms, transaction) = history::place(chain, &one).await?;
        found.push(Repaid {
            block: one.block,
            time_ms,
            transaction,
            interest: one.number("interest"),
            principal: one.number("principal"),
            left: one.number("left"),
        });
    }
    Ok(found)
}
