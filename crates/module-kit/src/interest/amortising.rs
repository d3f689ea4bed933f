//! Loans of which the principal is paid back in parts.

use super::{
    contract::PrincipalAtMaturity,
    cycle::Cycle,
    flow::{CashFlow, ScheduleProblem},
    run::{Accruing, Carried, run},
};
use crate::calendar::Date;

/// How a loan is paid back before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repayment {
    /// The same part of the principal at each date (ACTUS LAM, with interest on the principal that is
    /// left); none: as many equal parts as there are dates.
    EqualParts(Option<u64>),
    /// The same instalment of interest and principal at each date (ACTUS ANN); none: so that the last one,
    /// at the end, pays what is left. A part of the principal is never negative: where interest exceeds the
    /// instalment, the rest of the interest is paid on top.
    EqualInstalments(Option<u64>),
}

/// The terms of a loan that is paid back in parts; at its end the rest is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmortisingLoan {
    /// Everything that it has in common with a loan that is paid back at its end.
    pub loan: PrincipalAtMaturity,
    /// How it is paid back.
    pub repayment: Repayment,
    /// The first date on which something is paid back.
    pub first_redemption: Date,
    /// The rhythm of the others.
    pub redemptions: Cycle,
    /// In what it is counted between payments.
    pub carried: Carried,
}

impl AmortisingLoan {
    /// When the last part is due, where nobody says so: the date behind the last whole part. Of equal
    /// instalments the interest of the first period tells what is paid of the principal.
    pub fn end(
        loan: &PrincipalAtMaturity,
        repayment: Repayment,
        first: Date,
        cycle: Cycle,
    ) -> Option<Date> {
        let part = match repayment {
            Repayment::EqualParts(part) => part?,
            Repayment::EqualInstalments(instalment) => {
                let mut accruing = Accruing::new(loan, Carried::Whole);
                accruing.until(first);
                instalment?.checked_sub(accruing.interest_whole())?
            }
        };
        let parts = loan.principal.checked_add(part.checked_sub(1)?)? / part;
        let steps = u32::try_from(parts.checked_sub(1)?).ok()?;
        Some(cycle.date(first, steps))
    }

    /// Every event behind the status date, in order.
    ///
    /// # Errors
    /// The rule that the terms break.
    pub fn schedule(&self) -> Result<Vec<CashFlow>, ScheduleProblem> {
        let rule = |is_kept: bool, problem| if is_kept { Ok(()) } else { Err(problem) };
        let (Repayment::EqualParts(told) | Repayment::EqualInstalments(told)) = self.repayment;
        rule(told != Some(0), ScheduleProblem::InvalidPrincipal)?;
        rule(self.redemptions.every > 0, ScheduleProblem::EmptyCycle)?;
        let mut dates = self.loan.cycle_dates(self.first_redemption, self.redemptions)?;
        dates.retain(|date| *date < self.loan.ends);
        run(&self.loan, &dates, Some(self.repayment), self.carried)
    }
}
