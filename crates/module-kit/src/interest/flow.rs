//! What a schedule consists of, and why terms make none.

use crate::calendar::Date;

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
    /// The instalment is computed anew (PRF).
    Fixing,
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
    pub(super) const fn order(self) -> u8 {
        match self {
            Self::Disbursement => 0,
            Self::Redemption => 1,
            Self::Capitalisation => 2,
            Self::Interest => 3,
            Self::Reset => 4,
            Self::Fixing => 5,
            Self::Maturity => 6,
        }
    }
}
