//! Interest: rates, day counts and the schedule of cash flows of a loan, without floats.
//!
//! A schedule follows the contract types of ACTUS (Algorithmic Contract Types Unified Standards), of
//! which three are understood: [`PrincipalAtMaturity`] (PAM), with interest at every date of a cycle,
//! capitalised or paid, fixed or reset, and the principal at the end; and [`AmortisingLoan`], where the
//! principal is paid back in equal parts with interest on what is left (LAM), or interest and principal
//! together in equal instalments (ANN).
//!
//! Of the reference contracts of ACTUS, 12 of 13 PAM, 11 of 16 LAM and 15 of 16 ANN have the same dates,
//! events, principals and, to the cent, amounts. The others have terms that are not understood here: a
//! negative rate, a purchase or a sale between, an index, interest on the principal of certain dates, a
//! maturity with a time of day.
//!
//! # Arithmetic
//! - Amounts are integers of the minor unit, rates integers of 10⁻¹⁶.
//! - Interest accrues as an exact fraction and is rounded once, when it is paid or capitalised: to the
//!   nearest minor unit, halves away from zero. Nothing is carried over, unless the contract is
//!   [`Carried::Fine`].
//! - Where dates are moved to working days, interest is counted between the moved dates. The maturity
//!   is not moved.
//!
//! # Limits
//! [`EVENTS_MAX`] events of a schedule; maturities up to 100 years; rates up to 1,000 per cent. Working
//! days are Monday to Friday; holidays of a place are not known. Days have no time of day.

mod amortising;
mod contract;
mod cycle;
mod day_count;
mod flow;
mod run;

#[cfg(test)]
mod tests;

pub use amortising::{AmortisingLoan, Repayment};
pub use contract::{EVENTS_MAX, PrincipalAtMaturity};
pub use cycle::{BusinessDays, Cycle, CycleUnit};
pub use day_count::{Accrual, DayCount, RATE_MAX, RATE_ONE, discount};
pub use flow::{CashFlow, CashFlowKind, ScheduleProblem};
pub use run::Carried;
