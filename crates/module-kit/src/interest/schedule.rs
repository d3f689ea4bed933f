//! The cash flows of a contract, from its terms.

use super::{
    RATE_MAX,
    day_count::{Accrual, DayCount},
};
use crate::{calendar::Date, word_enum};

/// Events of one schedule.
pub const EVENTS_MAX: usize = 1_000;
/// Years from the start of a contract to its maturity.
const YEARS_MAX: u32 = 100;

word_enum! {
    /// What a cycle counts.
    pub enum CycleUnit {
        /// Calendar days.
        Days,
        /// Months: the same day of the month, or the last where it is shorter.
        Months,
    }
}

/// A rhythm of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// How many units lie between two dates.
    pub every: u32,
    /// Which units.
    pub unit: CycleUnit,
    /// Whether the last period is long (ACTUS `L0`) rather than short (`L1`) where the maturity is
    /// not on the cycle.
    pub has_long_stub: bool,
    /// Whether a first date at the end of a month stands for the end of each month (`EOM`).
    pub keeps_month_end: bool,
}

word_enum! {
    /// Where a date goes that is a Saturday or Sunday.
    pub enum BusinessDays {
        /// Nowhere.
        None,
        /// To the next working day (SCF).
        Following,
        /// To the next working day, or the one before if that is in another month (SCMF).
        ModifiedFollowing,
        /// To the working day before (SCP).
        Preceding,
        /// To the working day before, or the next if that is in another month (SCMP).
        ModifiedPreceding,
    }
}

impl BusinessDays {
    /// The working day for a date.
    pub fn shift(self, date: Date) -> Date {
        let (after, before) = match date.weekday() {
            5 => (2, 1),
            6 => (1, 2),
            _ => return date,
        };
        let following = date.plus_days(after);
        let preceding = Date::at(u64::from(date.days() - before) * 86_400, 0);
        let is_same_month = |other: Date| other.parts().1 == date.parts().1;
        match self {
            Self::None => date,
            Self::Following => following,
            Self::Preceding => preceding,
            Self::ModifiedFollowing if is_same_month(following) => following,
            Self::ModifiedFollowing => preceding,
            Self::ModifiedPreceding if is_same_month(preceding) => preceding,
            Self::ModifiedPreceding => following,
        }
    }
}

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

/// What happens on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CashFlowKind {
    /// The principal is paid out (IED).
    Disbursement,
    /// Interest is added to the principal (IPCI).
    Capitalisation,
    /// Interest is paid (IP).
    Interest,
    /// Another rate holds from here on (RR).
    Reset,
    /// The principal is paid back (MD).
    Maturity,
}

/// One event of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CashFlow {
    /// When.
    pub date: Date,
    /// What.
    pub kind: CashFlowKind,
    /// What moves: from the lender at the disbursement, to the lender otherwise.
    pub amount: u64,
    /// The principal afterwards.
    pub principal: u64,
    /// The rate afterwards.
    pub rate: u64,
}

/// Why terms make no schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleProblem {
    /// The end does not lie behind the start.
    #[error("the maturity must lie behind the start")]
    EndsBeforeStart,
    /// The end lies too far ahead.
    #[error("the maturity must lie within 100 years")]
    TooLong,
    /// The rate is too high.
    #[error("a rate must be at most 1,000 per cent")]
    RateTooHigh,
    /// Nothing is lent, or nothing of it is paid out.
    #[error("the principal must be positive and exceed the discount")]
    InvalidPrincipal,
    /// The cycle does not move.
    #[error("a cycle must count at least one unit")]
    EmptyCycle,
    /// There are too many dates.
    #[error("a schedule has at most 1,000 events")]
    TooManyEvents,
    /// Capitalised interest exceeds the numbers.
    #[error("the principal would exceed 64 bits")]
    Overflow,
}

impl PrincipalAtMaturity {
    /// Every event behind the status date, in order.
    ///
    /// # Errors
    /// The rule that the terms break.
    pub fn schedule(&self) -> Result<Vec<CashFlow>, ScheduleProblem> {
        self.check()?;
        let mut principal = self.principal;
        let mut rate = self.rate;
        let mut accrual = Accrual::new(self.day_count);
        let mut since = self.starts.max(self.status);
        let mut flows = Vec::new();
        for (date, kind) in self.events()? {
            accrual.add(principal, rate, since, date);
            since = since.max(date);
            let amount = match kind {
                CashFlowKind::Disbursement => self.principal - self.discount,
                CashFlowKind::Interest => accrual.take(),
                CashFlowKind::Capitalisation => {
                    let added = principal.checked_add(accrual.take());
                    principal = added.ok_or(ScheduleProblem::Overflow)?;
                    0
                }
                CashFlowKind::Reset => {
                    rate = self.rate_from(date, rate);
                    0
                }
                CashFlowKind::Maturity => std::mem::take(&mut principal),
            };
            flows.push(CashFlow { date, kind, amount, principal, rate });
        }
        Ok(flows)
    }

    fn check(&self) -> Result<(), ScheduleProblem> {
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

    /// Dates and kinds, sorted; of one date in the order of their kinds.
    fn events(&self) -> Result<Vec<(Date, CashFlowKind)>, ScheduleProblem> {
        let mut events =
            vec![(self.starts, CashFlowKind::Disbursement), (self.ends, CashFlowKind::Maturity)];
        for date in self.interest_dates()? {
            let is_capitalised = self.capitalises_until.is_some_and(|until| date <= until);
            let kind =
                if is_capitalised { CashFlowKind::Capitalisation } else { CashFlowKind::Interest };
            events.push((date, kind));
        }
        let resets = self.resets.iter().filter(|(date, _)| *date < self.ends);
        events.extend(resets.map(|(date, _)| (*date, CashFlowKind::Reset)));
        // What happened before the status date is settled.
        events.retain(|(date, _)| *date > self.status && *date >= self.starts);
        events.sort_unstable();
        if events.len() > EVENTS_MAX {
            return Err(ScheduleProblem::TooManyEvents);
        }
        Ok(events)
    }

    /// The dates of interest, moved to working days, the maturity last.
    fn interest_dates(&self) -> Result<Vec<Date>, ScheduleProblem> {
        let Some(cycle) = self.cycle else { return Ok(vec![self.ends]) };
        let mut dates = Vec::new();
        let mut steps = 0;
        let next = loop {
            let date = cycle.date(self.first_interest, steps);
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
        dates.push(self.ends);
        Ok(dates)
    }

    fn rate_from(&self, date: Date, before: u64) -> u64 {
        let reset = self.resets.iter().rev().find(|(from, _)| *from == date);
        reset.map_or(before, |(_, rate)| *rate)
    }
}

impl Cycle {
    /// The date so many steps behind the first.
    fn date(&self, first: Date, steps: u32) -> Date {
        let units = self.every.saturating_mul(steps);
        match self.unit {
            CycleUnit::Days => first.plus_days(units),
            CycleUnit::Months => {
                let date = first.plus_months(units);
                let is_end = self.keeps_month_end && first.is_month_end();
                if is_end { date.month_end() } else { date }
            }
        }
    }
}
