//! The reference contracts of ACTUS, where they are at hand.

use std::{fs, path::Path};

use serde_json::{Map, Value};

use super::{super::*, date};
use crate::calendar::Date;

/// Cases of the set with a term that is not understood here, each with its reason.
const LEFT_OUT: [(&str, &str); 1] = [("pam25", "it matures at 23:59:59; days have no time here")];

/// Of LAM: interest is on the principal that is left.
const LINEAR_LEFT_OUT: [(&str, &str); 5] = [
    ("lam03", "it is bought and sold between"),
    ("lam13", "its rate is negative"),
    ("lam17", "interest is on the principal of certain dates"),
    ("lam21", "it is bought and sold between"),
    ("lam25", "it is scaled by an index"),
];

/// Of ANN.
const ANNUITY_LEFT_OUT: [(&str, &str); 1] = [("ann19", "it is sold before its end")];

/// The reference contracts of type PAM: every date, kind, amount and principal, to the cent.
#[test]
fn the_reference_contracts_of_actus_have_these_cash_flows() {
    check_set("pam", &LEFT_OUT, 12, |case| actus_terms(case, None).schedule());
}

/// The reference contracts of type LAM, likewise.
#[test]
fn the_reference_contracts_that_are_paid_back_in_parts_have_these_cash_flows() {
    check_set("lam", &LINEAR_LEFT_OUT, 11, |case| {
        actus_amortising(case, Repayment::EqualParts).schedule()
    });
}

/// The reference contracts of type ANN, likewise.
#[test]
fn the_reference_contracts_that_are_paid_back_in_instalments_have_these_cash_flows() {
    check_set("ann", &ANNUITY_LEFT_OUT, 15, |case| {
        let mut flows = actus_amortising(case, Repayment::EqualInstalments).schedule()?;
        if !case["terms"]["nextPrincipalRedemptionPayment"].is_null() {
            // Nothing is computed where the set gives the instalment.
            flows.retain(|flow| flow.kind != CashFlowKind::Fixing);
        }
        Ok(flows)
    });
}

fn actus_amortising(case: &Value, repayment: fn(Option<u64>) -> Repayment) -> AmortisingLoan {
    let terms = &case["terms"];
    let first_redemption = actus_day(&terms["cycleAnchorDateOfPrincipalRedemption"]);
    let redemptions = actus_cycle(terms, "cycleOfPrincipalRedemption");
    let given = &terms["nextPrincipalRedemptionPayment"];
    let given = (!given.is_null()).then(|| (given, u64::try_from(cents(given)).unwrap()));
    let end = ["maturityDate", "amortizationDate"].iter().find(|name| !terms[**name].is_null());
    let end = end.map_or_else(
        || {
            let loan = actus_terms(case, Some(Date::from_yyyymmdd(99991231).unwrap()));
            let told = repayment(given.map(|(_, part)| part));
            AmortisingLoan::end(&loan, told, first_redemption, redemptions).unwrap()
        },
        |name| actus_day(&terms[*name]),
    );
    // Instalments that the set gives with more decimals than cents are those that leave nothing at the end.
    let told = given.filter(|(text, part)| decimal(text, 12) == i128::from(*part) * 10i128.pow(10));
    AmortisingLoan {
        loan: actus_terms(case, Some(end)),
        repayment: repayment(told.map(|(_, part)| part)),
        first_redemption,
        redemptions,
        carried: Carried::Fine,
    }
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
            CashFlowKind::Fixing => "PRF",
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
    // In tenths: the set has 1.0 and 1.5.
    let multiplier = match &terms["rateMultiplier"] {
        Value::Null => 10,
        told => u64::try_from(decimal(told, 1)).unwrap(),
    };
    let observed = case["dataObserved"].as_object().unwrap();
    let mut resets = Vec::new();
    if let Some(market) = observed.get(text("marketObjectCodeOfRateReset")) {
        for point in market["data"].as_array().unwrap() {
            let observed = rate(&point["value"]) * multiplier / 10;
            resets.push((actus_day(&point["timestamp"]), observed + spread));
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
        ends: end.unwrap_or_else(|| actus_day(&terms["maturityDate"])),
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
