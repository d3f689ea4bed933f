//! Rhythms of dates, and where dates go that are no working days.

use crate::{calendar::Date, word_enum};

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
        let preceding = date.minus_days(before);
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
