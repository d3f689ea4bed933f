//! Day counts, rounding and terms; the reference contracts of ACTUS.

mod actus;

use super::*;
use crate::calendar::Date;

fn date(number: u32) -> Date {
    Date::from_yyyymmdd(number).unwrap()
}

#[test]
fn parts_of_a_year_are_counted_as_the_conventions_say() {
    for (convention, from, to, parts, of) in [
        (DayCount::Actual365, 20280101, 20290101, 366, 365),
        (DayCount::Actual360, 20270101, 20270201, 31, 360),
        (DayCount::Thirty360, 20270131, 20270228, 28, 360),
        (DayCount::Thirty360, 20270228, 20270331, 32, 360),
        (DayCount::Thirty360, 20270115, 20280115, 360, 360),
        (DayCount::ActualActual, 20270101, 20280101, 365 * 366, 365 * 366),
        (DayCount::ActualActual, 20280101, 20290101, 365 * 366, 365 * 366),
        // Two days of a leap year, and eight of the next.
        (DayCount::ActualActual, 20281230, 20290109, 2 * 365 + 8 * 366, 365 * 366),
        (DayCount::Actual365, 20270201, 20270101, 0, 365),
    ] {
        assert_eq!(convention.parts(date(from), date(to)), parts, "{convention:?} {from} {to}");
        assert_eq!(convention.denominator(), of);
    }
}

#[test]
fn interest_is_rounded_once_and_halves_go_up() {
    let mut accrual = Accrual::new(DayCount::Actual360);
    // 0.25 a day: four days make one, two days a half.
    accrual.add(90, RATE_ONE, date(20270101), date(20270103));
    assert_eq!(accrual.rounded(), 1);
    accrual.add(90, RATE_ONE, date(20270103), date(20270104));
    assert_eq!(accrual.rounded(), 1);
    accrual.add(90, RATE_ONE, date(20270104), date(20270107));
    assert_eq!(accrual.take(), 2, "1.5 is rounded up, not 1 + 1");
    assert_eq!(accrual.take(), 0);
    accrual.add(u64::MAX, RATE_MAX, date(19700101), date(20700101));
    assert_eq!(accrual.take(), u64::MAX);
}

#[test]
fn a_part_is_bought_at_its_discount() {
    // 100,000.00 at 6 per cent for 181 days over 360 costs 3,016.67.
    let price =
        |rate| discount(10_000_000, rate, DayCount::Actual360, date(20270101), date(20270701));
    assert_eq!(price(RATE_ONE / 100 * 6), 10_000_000 - 301_667);
    assert_eq!(price(0), 10_000_000);
    assert_eq!(price(RATE_MAX), 0);
}

#[test]
fn weekends_move_as_the_conventions_say() {
    use BusinessDays::*;
    // 2027-01-30 is a Saturday, 2027-08-01 a Sunday.
    for (convention, saturday, sunday) in [
        (None, 20270130, 20270801),
        (Following, 20270201, 20270802),
        (ModifiedFollowing, 20270129, 20270802),
        (Preceding, 20270129, 20270730),
        (ModifiedPreceding, 20270129, 20270802),
    ] {
        assert_eq!(convention.shift(date(20270130)), date(saturday), "{convention:?}");
        assert_eq!(convention.shift(date(20270801)), date(sunday), "{convention:?}");
        assert_eq!(convention.shift(date(20270129)), date(20270129), "{convention:?}");
    }
}

fn terms() -> PrincipalAtMaturity {
    PrincipalAtMaturity {
        status: date(20261231),
        principal: 300_000,
        discount: 0,
        starts: date(20270101),
        ends: date(20280101),
        rate: RATE_ONE / 10,
        day_count: DayCount::Actual365,
        first_interest: date(20270101),
        cycle: None,
        business_days: BusinessDays::None,
        capitalises_until: None,
        resets: Vec::new(),
    }
}

#[test]
fn terms_that_make_no_schedule_are_refused() {
    let day =
        Cycle { every: 1, unit: CycleUnit::Days, has_long_stub: false, keeps_month_end: false };
    for (terms, problem) in [
        (PrincipalAtMaturity { ends: date(20270101), ..terms() }, ScheduleProblem::EndsBeforeStart),
        (PrincipalAtMaturity { ends: date(21270102), ..terms() }, ScheduleProblem::TooLong),
        (PrincipalAtMaturity { rate: RATE_MAX + 1, ..terms() }, ScheduleProblem::RateTooHigh),
        (PrincipalAtMaturity { discount: 300_000, ..terms() }, ScheduleProblem::InvalidPrincipal),
        (
            PrincipalAtMaturity { cycle: Some(Cycle { every: 0, ..day }), ..terms() },
            ScheduleProblem::EmptyCycle,
        ),
        (
            PrincipalAtMaturity { cycle: Some(day), ends: date(20300101), ..terms() },
            ScheduleProblem::TooManyEvents,
        ),
    ] {
        assert_eq!(terms.schedule(), Err(problem));
    }
    let flows = terms().schedule().unwrap();
    let amounts: Vec<_> = flows.iter().map(|flow| (flow.kind, flow.amount)).collect();
    let (disbursement, interest, maturity) =
        (CashFlowKind::Disbursement, CashFlowKind::Interest, CashFlowKind::Maturity);
    assert_eq!(amounts, [(disbursement, 300_000), (interest, 30_000), (maturity, 300_000)]);
}

const MONTHLY: Cycle =
    Cycle { every: 1, unit: CycleUnit::Months, has_long_stub: false, keeps_month_end: false };

fn in_parts(repayment: Repayment) -> AmortisingLoan {
    AmortisingLoan {
        loan: PrincipalAtMaturity {
            cycle: Some(MONTHLY),
            first_interest: date(20270201),
            ..terms()
        },
        repayment,
        first_redemption: date(20270201),
        redemptions: MONTHLY,
        carried: Carried::Whole,
    }
}

/// What is paid back of the principal on each date.
fn redeemed(flows: &[CashFlow]) -> Vec<u64> {
    let is_redemption = |kind| matches!(kind, CashFlowKind::Redemption | CashFlowKind::Maturity);
    flows.iter().filter(|flow| is_redemption(flow.kind)).map(|flow| flow.amount).collect()
}

#[test]
fn a_loan_in_parts_ends_when_the_last_is_due() {
    let end = |principal, repayment| {
        let loan = PrincipalAtMaturity { principal, ..terms() };
        AmortisingLoan::end(&loan, repayment, date(20270201), MONTHLY)
    };
    let parts = |principal, part| end(principal, Repayment::EqualParts(Some(part)));
    assert_eq!(parts(500, 100), Some(date(20270601)));
    assert_eq!(parts(501, 100), Some(date(20270701)));
    assert_eq!(parts(1, 100), Some(date(20270201)));
    assert_eq!(parts(1, 0), None);
    assert_eq!(end(1, Repayment::EqualParts(None)), None);
    // Of 102,548, the interest of January is 2,548: three instalments pay back 300,000.
    let instalments = |told| end(300_000, Repayment::EqualInstalments(Some(told)));
    assert_eq!(instalments(102_548), Some(date(20270401)));
    assert_eq!(instalments(102_547), Some(date(20270501)));
    assert_eq!(instalments(2_548), None, "no principal is paid back with the interest alone");
}

#[test]
fn parts_that_are_paid_back_add_up_to_what_was_lent() {
    let nothing = in_parts(Repayment::EqualParts(Some(0))).schedule();
    assert_eq!(nothing, Err(ScheduleProblem::InvalidPrincipal));
    for repayment in [
        Repayment::EqualParts(Some(25_000)),
        Repayment::EqualParts(Some(7)),
        Repayment::EqualParts(Some(400_000)),
        Repayment::EqualParts(None),
        Repayment::EqualInstalments(None),
        Repayment::EqualInstalments(Some(1)),
        Repayment::EqualInstalments(Some(400_000)),
    ] {
        let flows = in_parts(repayment).schedule().unwrap();
        assert_eq!(redeemed(&flows).iter().sum::<u64>(), 300_000, "{repayment:?}");
        assert_eq!(flows.last().unwrap().principal, 0, "{repayment:?}");
    }
}

#[test]
fn every_instalment_is_the_same_but_the_last() {
    let flows = in_parts(Repayment::EqualInstalments(None)).schedule().unwrap();
    let interest = flows.iter().filter(|flow| flow.kind == CashFlowKind::Interest);
    let paid: Vec<u64> =
        redeemed(&flows).iter().zip(interest).map(|(part, flow)| part + flow.amount).collect();
    // 3,000.00 at 10 per cent over twelve months.
    assert_eq!(paid[..11], [26_369; 11]);
    assert!(paid[11].abs_diff(26_369) <= 12, "the last pays what rounding left: {}", paid[11]);
}

#[test]
fn equal_parts_without_an_amount_are_as_many_as_there_are_dates() {
    let flows = in_parts(Repayment::EqualParts(None)).schedule().unwrap();
    assert_eq!(redeemed(&flows), [25_000; 12]);
}
