//! From the terms of a contract to its cash flows.

use alloy_primitives::U256;

use super::{
    amortising::Repayment,
    contract::PrincipalAtMaturity,
    day_count::{Accrual, RATE_ONE},
    flow::{CashFlow, CashFlowKind, ScheduleProblem},
};
use crate::calendar::Date;

/// In what a contract is counted between its payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// In minor units, as money moves: what is paid back adds up to what was lent.
    Whole,
    /// In 10⁻¹² of a minor unit, as the reference of ACTUS counts; what a schedule tells is rounded,
    /// each amount by itself.
    Fine,
}

impl Carried {
    const fn units(self) -> u128 {
        match self {
            Self::Whole => 1,
            Self::Fine => 1_000_000_000_000,
        }
    }

    /// To minor units, halves up.
    fn rounded(self, amount: u128) -> Result<u64, ScheduleProblem> {
        let units = self.units();
        u64::try_from((amount + units / 2) / units).map_err(|_| ScheduleProblem::Overflow)
    }
}

/// A principal and the interest on it from day to day.
pub(super) struct Accruing {
    principal: u128,
    rate: u64,
    accrual: Accrual,
    since: Date,
}

impl Accruing {
    /// As a contract begins.
    pub(super) fn new(terms: &PrincipalAtMaturity, carried: Carried) -> Self {
        Self {
            principal: u128::from(terms.principal) * carried.units(),
            rate: terms.rate,
            accrual: Accrual::new(terms.day_count),
            since: terms.starts.max(terms.status),
        }
    }

    /// Lets interest accrue until a day.
    pub(super) fn until(&mut self, date: Date) {
        self.accrual.add_to(U256::from(self.principal), self.rate, self.since, date);
        self.since = self.since.max(date);
    }

    /// What has accrued, of a contract in whole minor units.
    pub(super) fn interest_whole(&self) -> u64 {
        self.accrual.rounded()
    }

    fn interest(&self) -> u128 {
        self.accrual.nearest().saturating_to()
    }

    /// The instalment with which nothing is left on the last of these days, the first of which is today: what
    /// is owed today over the sum of what one unit of each instalment is worth today.
    fn instalment(&self, days: &[Date]) -> u128 {
        const ONE: u64 = 1_000_000_000_000_000_000;
        let one = U256::from(ONE) * U256::from(ONE);
        let year = U256::from(RATE_ONE) * U256::from(self.accrual.day_count().denominator());
        let (mut worth, mut sum) = (one, one);
        for pair in days.windows(2) {
            let parts = U256::from(self.accrual.day_count().parts(pair[0], pair[1]));
            let grown = year + U256::from(self.rate) * parts;
            worth = worth * year / grown;
            sum += worth;
        }
        let owed = U256::from(self.principal) + U256::from(self.interest());
        ((owed * one + sum / U256::from(2u64)) / sum).saturating_to()
    }
}

/// What is paid back of the principal, and when.
struct Redeeming<'a> {
    terms: &'a PrincipalAtMaturity,
    repayment: Option<Repayment>,
    /// The days of payment that are left, the end last.
    days: Vec<Date>,
    /// As it was computed last; none: it is to be computed.
    instalment: Option<u128>,
    units: u128,
}

impl Redeeming<'_> {
    /// What is paid back on a day, before interest is.
    fn part(&mut self, date: Date, running: &Accruing) -> u128 {
        let part = match self.repayment {
            None => 0,
            Some(Repayment::EqualParts(Some(part))) => u128::from(part) * self.units,
            Some(Repayment::EqualParts(None)) => {
                u128::from(self.terms.principal) * self.units / self.days.len() as u128
            }
            Some(Repayment::EqualInstalments(told)) => {
                let told = told.map(|told| u128::from(told) * self.units);
                let left = self.days.partition_point(|day| *day < date);
                let whole = told
                    .or(self.instalment)
                    .unwrap_or_else(|| running.instalment(&self.days[left..]));
                self.instalment = Some(whole);
                whole.saturating_sub(running.interest())
            }
        };
        part.min(running.principal)
    }
}

/// The events of a contract of which principal is paid back on some dates.
pub(super) fn run(
    terms: &PrincipalAtMaturity,
    redemptions: &[Date],
    repayment: Option<Repayment>,
    carried: Carried,
) -> Result<Vec<CashFlow>, ScheduleProblem> {
    terms.check()?;
    let units = carried.units();
    let days = [redemptions, &[terms.ends]].concat();
    let mut redeeming = Redeeming { terms, repayment, days, instalment: None, units };
    let mut running = Accruing::new(terms, carried);
    let is_fixed = matches!(repayment, Some(Repayment::EqualInstalments(None)));
    let mut flows = Vec::new();
    for (date, kind) in terms.events(redemptions, is_fixed)? {
        running.until(date);
        let amount = match kind {
            CashFlowKind::Disbursement => u128::from(terms.principal - terms.discount) * units,
            CashFlowKind::Interest => running.accrual.take_nearest().saturating_to(),
            CashFlowKind::Capitalisation => {
                let added: u128 = running.accrual.take_nearest().saturating_to();
                let sum = running.principal.checked_add(added);
                running.principal = sum.ok_or(ScheduleProblem::Overflow)?;
                0
            }
            CashFlowKind::Reset => {
                running.rate = terms.rate_from(date, running.rate);
                0
            }
            CashFlowKind::Fixing => {
                redeeming.instalment = None;
                0
            }
            CashFlowKind::Redemption => {
                let paid = redeeming.part(date, &running);
                running.principal -= paid;
                paid
            }
            CashFlowKind::Maturity => std::mem::take(&mut running.principal),
        };
        let (amount, principal) = (carried.rounded(amount)?, carried.rounded(running.principal)?);
        flows.push(CashFlow { date, kind, amount, principal, rate: running.rate });
    }
    Ok(flows)
}
