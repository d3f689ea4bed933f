//! Interest: rates, day counts and the schedule of cash flows of a loan, without floats.
//!
//! A schedule follows the contract types of ACTUS (Algorithmic Contract Types Unified Standards), of
//! which two are understood: [`PrincipalAtMaturity`] (PAM), with interest at every date of a cycle,
//! capitalised or paid, fixed or reset, and the principal at the end; and [`LinearAmortiser`] (LAM), where
//! the principal is paid back in equal parts and interest is counted on what is left.
//!
//! # Arithmetic
//! - Amounts are integers of the minor unit, rates integers of 10⁻¹⁶.
//! - Interest accrues as an exact fraction and is rounded once, when it is paid or capitalised: to the
//!   nearest minor unit, halves away from zero. Nothing is carried over.
//! - Where dates are moved to working days, interest is counted between the moved dates. The maturity
//!   is not moved.
//!
//! # Limits
//! [`EVENTS_MAX`] events of a schedule; maturities up to 100 years; rates up to 1,000 per cent. Working
//! days are Monday to Friday; holidays of a place are not known. Days have no time of day.

mod day_count;
mod schedule;

#[cfg(test)]
mod tests;

pub use day_count::{Accrual, DayCount, RATE_MAX, RATE_ONE, discount};
pub use schedule::{
    BusinessDays, CashFlow, CashFlowKind, Cycle, CycleUnit, EVENTS_MAX, LinearAmortiser,
    PrincipalAtMaturity, ScheduleProblem,
};
