//! Day counts, rounding, and the reference contracts of ACTUS.

use std::{fs, path::Path};

use serde_json::{Map, Value};

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

/// Cases of the set with a term that is not understood here, each with its reason.
const LEFT_OUT: [(&str, &str); 1] = [("pam25", "it matures at 23:59:59; days have no time here")];

/// Of LAM: interest is on the principal that is left, and whatever is paid back is whole cents.
const LINEAR_LEFT_OUT: [(&str, &str); 6] = [
    ("lam03", "it is bought and sold between"),
    ("lam13", "its rate is negative"),
    ("lam17", "interest is on the principal of certain dates"),
    ("lam21", "it is bought and sold between"),
    ("lam25", "it is scaled by an index"),
    ("lam31", "a sixth of 10,000 is no whole number of cents"),
];

/// The reference contracts of type PAM: every date, kind, amount and principal, to the cent.
#[test]
fn the_reference_contracts_of_actus_have_these_cash_flows() {
    let schedule = |case: &Value| actus_terms(case, None).schedule();
    check_set("pam", &LEFT_OUT, 12, schedule);
}

/// The reference contracts of type LAM, likewise.
#[test]
fn the_reference_contracts_that_are_paid_back_in_parts_have_these_cash_flows() {
    check_set("lam", &LINEAR_LEFT_OUT, 10, |case| actus_linear(case).schedule());
}

fn actus_linear(case: &Value) -> LinearAmortiser {
    let terms = &case["terms"];
    let first_redemption = actus_day(&terms["cycleAnchorDateOfPrincipalRedemption"]);
    let redemptions = actus_cycle(terms, "cycleOfPrincipalRedemption");
    let principal = u64::try_from(cents(&terms["notionalPrincipal"])).unwrap();
    let given = &terms["nextPrincipalRedemptionPayment"];
    let told = (!given.is_null()).then(|| u64::try_from(cents(given)).unwrap());
    let end =
        told.and_then(|part| LinearAmortiser::end(first_redemption, redemptions, principal, part));
    let loan = actus_terms(case, end);
    let redemption = told.unwrap_or_else(|| {
        let dates = (0..).map(|steps| redemptions.date(first_redemption, steps));
        let parts = 1 + dates.take_while(|date| *date < loan.ends).count() as u64;
        principal / parts
    });
    LinearAmortiser { loan, redemption, first_redemption, redemptions }
}

#[test]
fn a_loan_in_parts_ends_when_the_last_is_due() {
    let month =
        Cycle { every: 1, unit: CycleUnit::Months, has_long_stub: false, keeps_month_end: false };
    let end = |principal, part| LinearAmortiser::end(date(20270201), month, principal, part);
    assert_eq!(end(500, 100), Some(date(20270601)));
    assert_eq!(end(501, 100), Some(date(20270701)));
    assert_eq!(end(1, 100), Some(date(20270201)));
    assert_eq!(end(1, 0), None);
    let linear = LinearAmortiser {
        loan: PrincipalAtMaturity { cycle: Some(month), ..terms() },
        redemption: 0,
        first_redemption: date(20270201),
        redemptions: month,
    };
    assert_eq!(linear.schedule(), Err(ScheduleProblem::InvalidPrincipal));
    let linear = LinearAmortiser { redemption: 25_000, ..linear };
    let flows = linear.schedule().unwrap();
    let back: u64 = flows
        .iter()
        .filter(|flow| matches!(flow.kind, CashFlowKind::Redemption | CashFlowKind::Maturity))
        .map(|flow| flow.amount)
        .sum();
    assert_eq!((back, flows.last().unwrap().principal), (300_000, 0));
}

fn check_set(
    name: &str,
    left_out: &[(&str, &str)],
    least: usize,
    schedule: impl Fn(&Value) -> Result<Vec<CashFlow>, ScheduleProblem>,
) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../../../shared/fixtures/actus/actus-tests-{name}.json"));
    let Ok(text) = fs::read_to_string(&path) else {
        println!("SKIPPED: `{}` is not there", path.display());
        return;
    };
    let cases: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let (mut contracts, mut events) = (0, 0);
    for (name, case) in &cases {
        if left_out.iter().any(|(left_out, _)| left_out == name) {
            continue;
        }
        events += check_case(name, case, schedule(case).unwrap());
        contracts += 1;
    }
    assert_eq!(contracts + left_out.len(), cases.len());
    assert!(contracts >= least, "only {contracts} contracts");
    println!("{contracts} contracts, {events} events to the cent");
}

fn check_case(name: &str, case: &Value, flows: Vec<CashFlow>) -> usize {
    let results = case["results"].as_array().unwrap();
    assert_eq!(flows.len(), results.len(), "events of {name}");
    let sign = if case["terms"]["contractRole"] == "RPL" { -1 } else { 1 };
    for (flow, expected) in flows.iter().zip(results) {
        let kind = match flow.kind {
            CashFlowKind::Disbursement => "IED",
            CashFlowKind::Capitalisation => "IPCI",
            CashFlowKind::Interest => "IP",
            CashFlowKind::Reset => "RR",
            CashFlowKind::Maturity => "MD",
            CashFlowKind::Redemption => "PR",
        };
        let direction = if flow.kind == CashFlowKind::Disbursement { -sign } else { sign };
        let amount = direction * i64::try_from(flow.amount).unwrap();
        let principal = sign * i64::try_from(flow.principal).unwrap();
        let day = flow.date.yyyymmdd();
        assert_eq!(actus_day(&expected["eventDate"]).yyyymmdd(), day, "{name}");
        assert_eq!(expected["eventType"], kind, "{name} on {day}");
        assert_eq!(cents(&expected["payoff"]), amount, "{name} {kind} on {day}");
        assert_eq!(cents(&expected["notionalPrincipal"]), principal, "{name} {kind} on {day}");
        // The set prints some rates with eleven right decimals.
        let told = rate(&expected["nominalInterestRate"]);
        assert_eq!(told / 100_000, flow.rate / 100_000, "{name} {kind} on {day}");
    }
    flows.len()
}

fn actus_terms(case: &Value, end: Option<Date>) -> PrincipalAtMaturity {
    let terms = &case["terms"];
    let text = |name: &str| terms[name].as_str().unwrap_or_default();
    let spread = if text("rateSpread").is_empty() { 0 } else { rate(&terms["rateSpread"]) };
    let observed = case["dataObserved"].as_object().unwrap();
    let mut resets = Vec::new();
    if let Some(market) = observed.get(text("marketObjectCodeOfRateReset")) {
        for point in market["data"].as_array().unwrap() {
            resets.push((actus_day(&point["timestamp"]), rate(&point["value"]) + spread));
        }
    }
    let starts = actus_day(&terms["initialExchangeDate"]);
    let until = (!terms["capitalizationEndDate"].is_null())
        .then(|| actus_day(&terms["capitalizationEndDate"]));
    PrincipalAtMaturity {
        status: actus_day(&terms["statusDate"]),
        principal: u64::try_from(cents(&terms["notionalPrincipal"])).unwrap(),
        discount: u64::try_from(-cents_or_none(&terms["premiumDiscountAtIED"])).unwrap(),
        starts,
        ends: match &terms["maturityDate"] {
            Value::Null => end.unwrap(),
            told => actus_day(told),
        },
        rate: rate(&terms["nominalInterestRate"]),
        day_count: match text("dayCountConvention") {
            "A365" => DayCount::Actual365,
            "30E360" => DayCount::Thirty360,
            "AA" => DayCount::ActualActual,
            other => panic!("day count `{other}`"),
        },
        first_interest: actus_day(&terms["cycleAnchorDateOfInterestPayment"]),
        cycle: Some(actus_cycle(terms, "cycleOfInterestPayment")),
        business_days: match text("businessDayConvention") {
            "" => BusinessDays::None,
            "SCF" => BusinessDays::Following,
            "SCMF" => BusinessDays::ModifiedFollowing,
            "SCMP" => BusinessDays::ModifiedPreceding,
            other => panic!("business day convention `{other}`"),
        },
        capitalises_until: until,
        resets,
    }
}

fn actus_cycle(terms: &Value, name: &str) -> Cycle {
    let (count, stub) = terms[name].as_str().unwrap()[1..].split_once('L').unwrap();
    let (every, unit) = count.split_at(count.len() - 1);
    let every: u32 = every.parse().unwrap();
    let (every, unit) = match unit {
        "D" => (every, CycleUnit::Days),
        "W" => (7 * every, CycleUnit::Days),
        "M" => (every, CycleUnit::Months),
        "Y" => (12 * every, CycleUnit::Months),
        other => panic!("cycle of `{other}`"),
    };
    let keeps_month_end = terms["endOfMonthConvention"] == "EOM";
    Cycle { every, unit, has_long_stub: stub == "0", keeps_month_end }
}

fn actus_day(value: &Value) -> Date {
    let text: String = value.as_str().unwrap()[..10].split('-').collect();
    date(text.parse().unwrap())
}

/// A number of the set, in cents: to the nearest, halves away from zero.
fn cents(value: &Value) -> i64 {
    let scaled = decimal(value, 12);
    let half = 5 * 10i128.pow(9) * scaled.signum();
    i64::try_from((scaled + half) / 10i128.pow(10)).unwrap()
}

fn cents_or_none(value: &Value) -> i64 {
    if value.is_null() { 0 } else { cents(value) }
}

fn rate(value: &Value) -> u64 {
    u64::try_from(decimal(value, 16)).unwrap()
}

/// A decimal number as an integer with so many decimals; what lies behind them is cut.
fn decimal(value: &Value, decimals: usize) -> i128 {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = text.trim();
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String =
        fraction.chars().chain("0".repeat(decimals).chars()).take(decimals).collect();
    sign * format!("{whole}{digits}").parse::<i128>().unwrap()
}
