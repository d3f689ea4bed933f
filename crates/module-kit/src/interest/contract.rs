//! The terms of a loan and the dates that follow from them.

use super::{
    RATE_MAX,
    cycle::{BusinessDays, Cycle},
    day_count::DayCount,
    flow::{CashFlow, CashFlowKind, ScheduleProblem},
    run::{Carried, run},
};
use crate::calendar::Date;

/// Events of one schedule.
pub const EVENTS_MAX: usize = 1_000;
/// Years from the start of a contract to its maturity.
const YEARS_MAX: u32 = 100;

/// The terms of a loan whose principal is paid at its end (ACTUS PAM).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalAtMaturity {
    /// The day from which events are told; interest before it is settled.
    pub status: Date,
    /// What is lent.
    pub principal: u64,
    /// What is not paid out of it at the beginning.
    pub discount: u64,
    /// When it is paid out.
    pub starts: Date,
    /// When it is paid back.
    pub ends: Date,
    /// The yearly rate.
    pub rate: u64,
    /// How days are counted.
    pub day_count: DayCount,
    /// The first date of the cycle.
    pub first_interest: Date,
    /// The rhythm of interest; none: at the end only.
    pub cycle: Option<Cycle>,
    /// Where dates go that are no working days.
    pub business_days: BusinessDays,
    /// Until when interest is added to the principal instead of being paid.
    pub capitalises_until: Option<Date>,
    /// Rates that hold from a date on, in order.
    pub resets: Vec<(Date, u64)>,
}

impl PrincipalAtMaturity {
    /// Every event behind the status date, in order.
    ///
    /// # Errors
    /// The rule that the terms break.
    pub fn schedule(&self) -> Result<Vec<CashFlow>, ScheduleProblem> {
        run(self, &[], None, Carried::Whole)
    }

    pub(super) fn check(&self) -> Result<(), ScheduleProblem> {
        let rule = |is_kept: bool, problem| if is_kept { Ok(()) } else { Err(problem) };
        rule(self.ends > self.starts, ScheduleProblem::EndsBeforeStart)?;
        let latest = self.starts.plus_months(12 * YEARS_MAX);
        rule(self.ends <= latest, ScheduleProblem::TooLong)?;
        let rates = self.resets.iter().map(|(_, rate)| *rate);
        let are_rates = rates.chain([self.rate]).all(|rate| rate <= RATE_MAX);
        rule(are_rates, ScheduleProblem::RateTooHigh)?;
        rule(self.principal > self.discount, ScheduleProblem::InvalidPrincipal)?;
        let is_moving = self.cycle.is_none_or(|cycle| cycle.every > 0);
        rule(is_moving, ScheduleProblem::EmptyCycle)?;
        rule(self.resets.len() <= EVENTS_MAX, ScheduleProblem::TooManyEvents)
    }

    /// Dates and kinds, with those of redemptions and of a fixing of the instalment; sorted, of one date in
    /// the order of their kinds.
    pub(super) fn events(
        &self,
        redemptions: &[Date],
        is_fixed: bool,
    ) -> Result<Vec<(Date, CashFlowKind)>, ScheduleProblem> {
        let mut events =
            vec![(self.starts, CashFlowKind::Disbursement), (self.ends, CashFlowKind::Maturity)];
        for date in self.interest_dates()? {
            let is_capitalised = self.capitalises_until.is_some_and(|until| date <= until);
            let kind =
                if is_capitalised { CashFlowKind::Capitalisation } else { CashFlowKind::Interest };
            events.push((date, kind));
        }
        if let Some(until) = self.capitalises_until {
            let end = (until, CashFlowKind::Capitalisation);
            if !events.contains(&end) {
                events.push(end);
            }
        }
        events.extend(redemptions.iter().map(|date| (*date, CashFlowKind::Redemption)));
        let resets = self.resets.iter().map(|(date, _)| *date).filter(|date| *date < self.ends);
        events.extend(resets.clone().map(|date| (date, CashFlowKind::Reset)));
        if is_fixed {
            let first = redemptions.first().map(|date| date.minus_days(1));
            events.extend(first.into_iter().chain(resets).map(|date| (date, CashFlowKind::Fixing)));
        }
        // What happened before the status date is settled.
        events.retain(|(date, _)| *date > self.status && *date >= self.starts);
        events.sort_unstable_by_key(|(date, kind)| (*date, kind.order()));
        if events.len() > EVENTS_MAX {
            return Err(ScheduleProblem::TooManyEvents);
        }
        Ok(events)
    }

    /// The dates of interest, moved to working days, the maturity last.
    fn interest_dates(&self) -> Result<Vec<Date>, ScheduleProblem> {
        let Some(cycle) = self.cycle else { return Ok(vec![self.ends]) };
        let mut dates = self.cycle_dates(self.first_interest, cycle)?;
        dates.push(self.ends);
        Ok(dates)
    }

    /// The dates of a cycle before the maturity, moved to working days.
    pub(super) fn cycle_dates(
        &self,
        first: Date,
        cycle: Cycle,
    ) -> Result<Vec<Date>, ScheduleProblem> {
        let mut dates = Vec::new();
        let mut steps = 0;
        let next = loop {
            let date = cycle.date(first, steps);
            if date >= self.ends {
                break date;
            }
            if dates.len() >= EVENTS_MAX {
                return Err(ScheduleProblem::TooManyEvents);
            }
            dates.push(date);
            steps += 1;
        };
        if next != self.ends && cycle.has_long_stub && dates.len() > 1 {
            dates.pop();
        }
        let mut dates: Vec<Date> =
            dates.into_iter().map(|date| self.business_days.shift(date)).collect();
        dates.retain(|date| *date < self.ends);
        Ok(dates)
    }

    pub(super) fn rate_from(&self, date: Date, before: u64) -> u64 {
        let reset = self.resets.iter().rev().find(|(from, _)| *from == date);
        reset.map_or(before, |(_, rate)| *rate)
    }
}
