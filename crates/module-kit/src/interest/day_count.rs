//! From two days and a rate to interest.

use alloy_primitives::U256;

use crate::{
    calendar::{Date, is_leap},
    word_enum,
};

/// A rate of 100 per cent a year.
pub const RATE_ONE: u64 = 10_000_000_000_000_000;
/// The highest rate: 1,000 per cent a year.
pub const RATE_MAX: u64 = 10 * RATE_ONE;

word_enum! {
    /// How the part of a year between two days is counted.
    pub enum DayCount {
        /// Days over 365 (A365).
        Actual365,
        /// Days over 360 (A360).
        Actual360,
        /// Months of 30 days over 360 (30E360).
        Thirty360,
        /// Days over the days of their year, year by year (AA, ISDA).
        ActualActual,
    }
}

impl DayCount {
    /// What the parts of a year are counted in.
    pub const fn denominator(self) -> u64 {
        match self {
            Self::Actual365 => 365,
            Self::Actual360 | Self::Thirty360 => 360,
            Self::ActualActual => 365 * 366,
        }
    }

    /// How many parts lie between two days; 0 if the second is not later.
    pub fn parts(self, from: Date, to: Date) -> u64 {
        if to <= from {
            return 0;
        }
        match self {
            Self::Actual365 | Self::Actual360 => u64::from(to.days_since(from)),
            Self::Thirty360 => thirty_days_months(from, to),
            Self::ActualActual => actual_parts(from, to),
        }
    }
}

fn thirty_days_months(from: Date, to: Date) -> u64 {
    let ((year, month, day), (to_year, to_month, to_day)) = (from.parts(), to.parts());
    let total = |year: u32, month: u32, day: u32| {
        360 * u64::from(year) + 30 * u64::from(month) + u64::from(day.min(30))
    };
    total(to_year, to_month, to_day) - total(year, month, day)
}

/// Days of a leap year count 365 parts, others 366: the whole year has 365 · 366 in both.
fn actual_parts(from: Date, to: Date) -> u64 {
    let (first, last) = (from.parts().0, to.parts().0);
    let mut parts = 0;
    for year in first..=last {
        let begin = Date::new(year, 1, 1).map_or(from, |day| day.max(from));
        let end = Date::new(year + 1, 1, 1).map_or(to, |day| day.min(to));
        let weight = if is_leap(year) { 365 } else { 366 };
        parts += weight * u64::from(end.days_since(begin));
    }
    parts
}

/// Interest that accrues as an exact fraction until it is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accrual {
    day_count: DayCount,
    numerator: U256,
}

impl Accrual {
    /// Nothing yet.
    pub const fn new(day_count: DayCount) -> Self {
        Self { day_count, numerator: U256::ZERO }
    }

    /// How days are counted.
    pub(super) const fn day_count(&self) -> DayCount {
        self.day_count
    }

    /// Accrues on a principal at a yearly rate from one day to another.
    pub fn add(&mut self, principal: u64, rate: u64, from: Date, to: Date) {
        self.add_to(U256::from(principal), rate, from, to);
    }

    pub(super) fn add_to(&mut self, principal: U256, rate: u64, from: Date, to: Date) {
        let parts = U256::from(self.day_count.parts(from, to));
        self.numerator += principal * U256::from(rate) * parts;
    }

    /// What has accrued, to the nearest minor unit; halves are rounded up. What exceeds 64 bits is
    /// the greatest amount.
    pub fn rounded(&self) -> u64 {
        self.nearest().saturating_to()
    }

    /// What has accrued, to the nearest unit of the principal; halves are rounded up.
    pub(super) fn nearest(&self) -> U256 {
        let denominator = U256::from(RATE_ONE) * U256::from(self.day_count.denominator());
        let doubled = self.numerator * U256::from(2u64) + denominator;
        doubled / (denominator * U256::from(2u64))
    }

    pub(super) fn take_nearest(&mut self) -> U256 {
        let amount = self.nearest();
        self.numerator = U256::ZERO;
        amount
    }

    /// Takes what has accrued, rounded; nothing is left.
    pub fn take(&mut self) -> u64 {
        let amount = self.rounded();
        self.numerator = U256::ZERO;
        amount
    }
}

/// What is paid today for an amount that is due later, at a yearly rate of simple discount; 0 if the
/// discount exceeds the amount.
pub fn discount(amount: u64, rate: u64, day_count: DayCount, today: Date, due: Date) -> u64 {
    let mut accrual = Accrual::new(day_count);
    accrual.add(amount, rate, today, due);
    amount.saturating_sub(accrual.rounded())
}
