//! What money costs a year.

use super::{fees::cost_of_loan, loans::Flow, words};

fn flow(day_number: u32, kind: &'static str, amount: u64) -> Flow {
    Flow { day: words::day(day_number), kind, amount, day_number }
}

#[test]
fn a_year_costs_interest_and_fees_over_the_money_at_hand() {
    // 5 per cent of 100,000.00 for 365 days.
    let plain = [
        flow(20270101, "disbursement", 10_000_000),
        flow(20280101, "interest", 500_000),
        flow(20280101, "maturity", 10_000_000),
    ];
    assert_eq!(cost_of_loan(&plain, 0), Some(500));
    // With 1,000.00 at its beginning: 6,000.00 for 99,000.00.
    assert_eq!(cost_of_loan(&plain, 100_000), Some(606));
}

#[test]
fn what_was_paid_back_is_not_at_hand() {
    // Half is paid back in the middle: 75,000.00 are at hand on average (181 and 184 days).
    let parts = [
        flow(20270101, "disbursement", 10_000_000),
        flow(20270701, "interest", 250_000),
        flow(20270701, "principal", 5_000_000),
        flow(20280101, "interest", 125_000),
        flow(20280101, "maturity", 5_000_000),
    ];
    assert_eq!(cost_of_loan(&parts, 0), Some(501));
    assert!(cost_of_loan(&parts, 100_000) > Some(501 + 133), "fees weigh on what is at hand");
}

#[test]
fn what_lasts_no_day_has_no_yearly_cost() {
    assert_eq!(words::yearly_cost(100, 0), None);
    assert_eq!(cost_of_loan(&[], 0), None);
    let eaten = [flow(20270101, "disbursement", 100), flow(20280101, "maturity", 100)];
    assert_eq!(cost_of_loan(&eaten, 100), None, "the fees took all of it");
}

#[test]
fn per_cent_are_read_as_they_are_written() {
    for (text, number) in [("0.15", 15), ("0.5", 50), ("2", 200), ("100", 10_000), ("0", 0)] {
        assert_eq!(words::read_per_cent("percent", text).unwrap(), number, "{text}");
    }
    for text in ["", "-1", "0.155", "100.01", "1,5", "a"] {
        assert!(words::read_per_cent("percent", text).is_err(), "{text}");
    }
    assert_eq!(words::per_cent(1_005), "10.05");
}
