//! Days of the Gregorian calendar, without a clock.

use alloy_primitives::U256;

use crate::storage::Word;

/// Seconds of a day.
pub const DAY_SECONDS: u64 = 86_400;

/// The last day that is understood: 9999-12-31.
const LAST_DAY: u32 = 2_932_896;

/// A day from 1970-01-01 to 9999-12-31.
///
/// In interfaces a day is the number `YYYYMMDD`, which people can read in a wallet and an explorer;
/// 0 stands for 1970-01-01 in storage and for no day in an interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(u32);

impl Date {
    /// The day with this year, month and day of the month, if there is one.
    pub fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        let is_day = (1970..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        is_day.then(|| Self(days_before_year(year) + days_before_month(year, month) + day - 1))
    }

    /// The day that is written `YYYYMMDD`, if there is one.
    pub fn from_yyyymmdd(number: u32) -> Option<Self> {
        Self::new(number / 10_000, number / 100 % 100, number % 100)
    }

    /// The day at a time in seconds since the Unix epoch, where the sun is `minutes_east` ahead.
    /// What lies behind the last day is the last day.
    pub fn at(unix: u64, minutes_east: u32) -> Self {
        let days = unix.saturating_add(60 * u64::from(minutes_east)) / DAY_SECONDS;
        Self(u32::try_from(days).unwrap_or(LAST_DAY).min(LAST_DAY))
    }

    /// Year, month and day of the month.
    pub fn parts(self) -> (u32, u32, u32) {
        // A year has 365 or 366 days: the estimate is early by at most 16 years.
        let mut year = 1970 + self.0 / 366;
        while year < 9999 && days_before_year(year + 1) <= self.0 {
            year += 1;
        }
        let mut rest = self.0 - days_before_year(year);
        let mut month = 1;
        while rest >= days_in_month(year, month) {
            rest -= days_in_month(year, month);
            month += 1;
        }
        (year, month, rest + 1)
    }

    /// The number `YYYYMMDD`.
    pub fn yyyymmdd(self) -> u32 {
        let (year, month, day) = self.parts();
        10_000 * year + 100 * month + day
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> u32 {
        self.0
    }

    /// The day so many days later; the last day at most.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self(self.0.saturating_add(days).min(LAST_DAY))
    }

    /// The day so many days before; the first day at least.
    #[must_use]
    pub const fn minus_days(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// The same day of the month so many months later, or the last of that month where it is
    /// shorter; the last day at most.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        let (year, month, day) = self.parts();
        let total = u64::from(month - 1) + u64::from(months);
        let year = u64::from(year) + total / 12;
        let month = u32::try_from(total % 12).expect("below 12") + 1;
        let year = u32::try_from(year).unwrap_or(u32::MAX);
        if year > 9999 {
            return Self(LAST_DAY);
        }
        Self::new(year, month, day.min(days_in_month(year, month))).expect("the day was clipped")
    }

    /// Days from `earlier` to this one; 0 if it is not later.
    pub const fn days_since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// 0 for Monday to 6 for Sunday.
    pub const fn weekday(self) -> u32 {
        (self.0 + 3) % 7
    }

    /// Whether it is the last day of its month.
    pub fn is_month_end(self) -> bool {
        let (year, month, day) = self.parts();
        day == days_in_month(year, month)
    }

    /// The last day of its month.
    #[must_use]
    pub fn month_end(self) -> Self {
        let (year, month, _) = self.parts();
        Self::new(year, month, days_in_month(year, month)).expect("every month has a last day")
    }
}

impl Word for Date {
    const BYTES: usize = 4;
    const NAME: &'static str = "uint32";

    fn pack(self) -> U256 {
        U256::from(self.0)
    }

    fn unpack(bits: U256) -> Option<Self> {
        u32::try_from(bits).ok().filter(|days| *days <= LAST_DAY).map(Self)
    }
}

/// Whether a year has a 29th of February.
pub const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first day of a year from 1970.
const fn days_before_year(year: u32) -> u32 {
    let before = year - 1;
    // 477 leap years lie before 1970.
    365 * (year - 1970) + (before / 4 - before / 100 + before / 400) - 477
}

fn days_before_month(year: u32, month: u32) -> u32 {
    (1..month).map(|earlier| days_in_month(year, earlier)).sum()
}
