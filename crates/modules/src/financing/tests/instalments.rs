//! Loans that are paid back in parts.

use super::*;

/// 5 equal parts or instalments before the end, monthly from 2027-02-15.
fn chain_with_parts(repayment: LoanRepayment) -> Sandbox {
    let mut chain = chain();
    let pledge = IReceivables::pledgeCall { position: 1, pledgee: BANK_ID };
    chain.call(SUPPLIER, receivables::ADDRESS, pledge).unwrap();
    let terms = LoanTerms { interestMonths: 1, repayment: repayment as u8, ..super::loan_terms() };
    assert_eq!(accepts(&mut chain, SUPPLIER, askLoanCall { terms }), 1);
    chain
}

/// What is to be paid on each day, the disbursement left out.
fn payments(chain: &mut Sandbox) -> Vec<(u32, u64)> {
    let told = accepts(chain, STRANGER, scheduleCall { loan: 1 });
    let mut days: Vec<(u32, u64)> = Vec::new();
    for (date, amount) in told.dates.into_iter().zip(told.amounts).skip(1) {
        match days.last_mut() {
            Some((last, sum)) if *last == date => *sum += amount,
            _ => days.push((date, amount)),
        }
    }
    days
}

fn at_day(chain: &mut Sandbox, number: u64, day: u32) {
    let today = Date::from_yyyymmdd(day).unwrap();
    let days = today.days_since(Date::from_yyyymmdd(20270115).unwrap());
    chain.at_block(number, START + u64::from(days) * DAY);
}

/// Story: a supplier borrows 90,000.00 and pays it back out of its monthly sales.
#[test]
fn i8_a_loan_in_instalments_is_paid_back_on_its_last_day_to_the_cent() {
    for (repayment, expected) in [
        (LoanRepayment::EqualParts, [1_546_500, 1_535_000, 1_531_000, 1_522_500, 1_515_500]),
        (LoanRepayment::EqualInstalments, [1_526_401; 5]),
    ] {
        let mut chain = chain_with_parts(repayment);
        accepts(&mut chain, BANK, disburse(1));
        let days = payments(&mut chain);
        let dates: Vec<u32> = days.iter().map(|(day, _)| *day).collect();
        assert_eq!(dates, [20270215, 20270315, 20270415, 20270515, 20270615, 20270714]);
        let first: Vec<u64> = days.iter().map(|(_, amount)| *amount).take(5).collect();
        assert_eq!(first, expected, "{repayment:?}");
        for (number, (day, amount)) in (2..).zip(days) {
            at_day(&mut chain, number, day);
            accepts(&mut chain, SUPPLIER, repay(u128::from(number), amount));
        }
        assert_eq!(owed(&mut chain), (0, 0));
        let told = accepts(&mut chain, STRANGER, loanCall { id: 1 });
        assert_eq!(told.state, LoanState::Repaid as u8);
        assert_eq!((part(&mut chain).state, part(&mut chain).holder), (1, SUPPLIER_ID));
    }
}

#[test]
fn a_part_that_is_late_puts_the_loan_in_default_if_the_bank_says_so() {
    let mut chain = chain_with_parts(LoanRepayment::EqualParts);
    accepts(&mut chain, BANK, disburse(1));
    let late = |chain: &mut Sandbox| accepts(chain, STRANGER, lateCall { loan: 1 });
    at_day(&mut chain, 2, 20270215);
    assert_eq!(late(&mut chain), 0, "it is due today, and not late");
    let early = LoanNotDue { loan: 1, maturity: 20270714 };
    refuses(&mut chain, BANK, markDefaultedCall { loan: 1 }, early.clone());
    // The supplier pays less than the first part: the interest, and half of the principal.
    let (interest, _) = owed(&mut chain);
    accepts(&mut chain, SUPPLIER, repay(2, interest + 750_000));
    at_day(&mut chain, 3, 20270216);
    assert_eq!(late(&mut chain), 750_000);
    accepts(&mut chain, BANK, markDefaultedCall { loan: 1 });
    assert_eq!(chain.events::<LoanDefaulted>()[0].owed, 8_250_000 + 1_375);
}

#[test]
fn a_loan_that_is_paid_in_advance_is_not_late() {
    let mut chain = chain_with_parts(LoanRepayment::EqualInstalments);
    accepts(&mut chain, BANK, disburse(1));
    accepts(&mut chain, SUPPLIER, repay(2, 3_000_000));
    at_day(&mut chain, 2, 20270316);
    assert_eq!(accepts(&mut chain, STRANGER, lateCall { loan: 1 }), 0);
    at_day(&mut chain, 3, 20270416);
    assert!(accepts(&mut chain, STRANGER, lateCall { loan: 1 }) > 0);
}

#[test]
fn a_loan_in_parts_needs_a_rhythm() {
    let mut chain = chain_with_loan();
    for (terms, field, rule) in [
        (
            LoanTerms { interestMonths: 0, repayment: 1, ..super::loan_terms() },
            "interestMonths",
            "must be from 1 to 12 where the loan is paid back in parts",
        ),
        (LoanTerms { repayment: 3, ..super::loan_terms() }, "repayment", "must be from 0 to 2"),
    ] {
        let (field, rule) = (field.to_owned(), rule.to_owned());
        refuses(&mut chain, SUPPLIER, askLoanCall { terms }, InvalidFinancing { field, rule });
    }
}
