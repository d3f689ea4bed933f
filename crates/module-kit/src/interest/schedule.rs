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
    /// A part of the principal is paid back (PR).
    Redemption,
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

impl CashFlowKind {
    /// Which of two events on one day comes first.
    const fn order(self) -> u8 {
        match self {
            Self::Disbursement => 0,
            Self::Redemption => 1,
            Self::Capitalisation => 2,
            Self::Interest => 3,
            Self::Reset => 4,
            Self::Maturity => 5,
        }
    }
}

/// The terms of a loan that is paid back in equal parts of the principal (ACTUS LAM, with interest on
/// the principal that is left).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinearAmortiser {
    /// Everything that it has in common with a loan that is paid back at its end, when the rest is paid.
    pub loan: PrincipalAtMaturity,
    /// What is paid back at each date.
    pub redemption: u64,
    /// The first date on which something is paid back.
    pub first_redemption: Date,
    /// The rhythm of the others.
    pub redemptions: Cycle,
}

impl LinearAmortiser {
    /// When the last part is due, where nobody says so.
    pub fn end(first: Date, cycle: Cycle, principal: u64, redemption: u64) -> Option<Date> {
        let parts = principal.checked_add(redemption.checked_sub(1)?)? / redemption;
        let steps = u32::try_from(parts.checked_sub(1)?).ok()?;
        Some(cycle.date(first, steps))
    }

    /// Every event behind the status date, in order.
    ///
    /// # Errors
    /// The rule that the terms break.
    pub fn schedule(&self) -> Result<Vec<CashFlow>, ScheduleProblem> {
        let rule = |is_kept: bool, problem| if is_kept { Ok(()) } else { Err(problem) };
        rule(self.redemption > 0, ScheduleProblem::InvalidPrincipal)?;
        rule(self.redemptions.every > 0, ScheduleProblem::EmptyCycle)?;
        let (first, ends) = (self.first_redemption, self.loan.ends);
        let mut dates = self.loan.cycle_dates(first, self.redemptions)?;
        dates.retain(|date| *date < ends);
        self.loan.run(&dates, self.redemption)
    }
}

impl PrincipalAtMaturity {
    /// Every event behind the status date, in order.
    ///
    /// # Errors
    /// The rule that the terms break.
    pub fn schedule(&self) -> Result<Vec<CashFlow>, ScheduleProblem> {
        self.run(&[], 0)
    }

    /// With an amount of the principal that is paid back on some dates.
    fn run(&self, redemptions: &[Date], amount: u64) -> Result<Vec<CashFlow>, ScheduleProblem> {
        let redemption = amount;
        self.check()?;
        let mut principal = self.principal;
        let mut rate = self.rate;
        let mut accrual = Accrual::new(self.day_count);
        let mut since = self.starts.max(self.status);
        let mut flows = Vec::new();
        for (date, kind) in self.events(redemptions)? {
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
                CashFlowKind::Redemption => {
                    let paid = redemption.min(principal);
                    principal -= paid;
                    paid
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
    fn events(&self, redemptions: &[Date]) -> Result<Vec<(Date, CashFlowKind)>, ScheduleProblem> {
        let mut events =
            vec![(self.starts, CashFlowKind::Disbursement), (self.ends, CashFlowKind::Maturity)];
        for date in self.interest_dates()? {
            let is_capitalised = self.capitalises_until.is_some_and(|until| date <= until);
            let kind =
                if is_capitalised { CashFlowKind::Capitalisation } else { CashFlowKind::Interest };
            events.push((date, kind));
        }
        events.extend(redemptions.iter().map(|date| (*date, CashFlowKind::Redemption)));
        let resets = self.resets.iter().filter(|(date, _)| *date < self.ends);
        events.extend(resets.map(|(date, _)| (*date, CashFlowKind::Reset)));
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
    fn cycle_dates(&self, first: Date, cycle: Cycle) -> Result<Vec<Date>, ScheduleProblem> {
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

    fn rate_from(&self, date: Date, before: u64) -> u64 {
        let reset = self.resets.iter().rev().find(|(from, _)| *from == date);
        reset.map_or(before, |(_, rate)| *rate)
    }
}

impl Cycle {
    /// The date so many steps behind the first.
    pub(super) fn date(&self, first: Date, steps: u32) -> Date {
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
