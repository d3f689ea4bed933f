//! Stories and invariants of `financing`.

mod fees;
mod instalments;

use alloy_primitives::{Address, B256, address};
use alloy_sol_types::{SolCall, SolError};
use proptest::prelude::*;
use qiao_module_kit::{
    calendar::Date,
    conformance,
    interest::{DayCount, RATE_ONE},
    testing::Sandbox,
};

use super::{ADDRESS, FeeService, IFinancing::*, LoanRepayment, LoanState, RequestState, rules};
use crate::{
    MODULES,
    fixtures::trade_genesis,
    members::{self, IMembers},
    payments::{self, IPayments},
    receivables::{self, IReceivables},
};

const MAKER: Address = address!("00000000000000000000000000000000000000a1");
const SUPPLIER: Address = address!("00000000000000000000000000000000000000a2");
const BANK: Address = address!("00000000000000000000000000000000000000a3");
const RIVAL: Address = address!("00000000000000000000000000000000000000a4");
const REGULATOR: Address = address!("00000000000000000000000000000000000000a5");
const STRANGER: Address = address!("00000000000000000000000000000000000000ff");
const PEOPLE: [Address; 6] = [MAKER, SUPPLIER, BANK, RIVAL, REGULATOR, STRANGER];

const MAKER_ID: u64 = 1;
const SUPPLIER_ID: u64 = 2;
const BANK_ID: u64 = 3;
const RIVAL_ID: u64 = 4;

/// Accounts at the bank: the supplier's and the bank's own.
const AT_SUPPLIER: u64 = 1;
const AT_BANK: u64 = 2;

const CNY: u16 = 156;
const DAY: u64 = 86_400;
/// 2027-01-15, 16:00 in Beijing.
const START: u64 = 1_800_000_000;
const BIDS: u64 = START + 3_600;
const REVEALS: u64 = START + 7_200;
/// 6 per cent.
const RATE: u64 = RATE_ONE / 100 * 6;

/// A live voucher of 10,000,000 (100,000.00) at the supplier, two banks with lines, money.
fn chain() -> Sandbox {
    let mut chain = Sandbox::new(MODULES, &trade_genesis(&PEOPLE[..5]));
    for account in &PEOPLE[..4] {
        let call = IMembers::grantRoleCall { account: *account, role: 6 };
        chain.call(*account, members::ADDRESS, call).unwrap();
    }
    issue(&mut chain);
    let pay = payments::ADDRESS;
    let call = IPayments::licenseBankCall { bank: BANK_ID, currency: CNY, licensed: true };
    chain.call(REGULATOR, pay, call).unwrap();
    for owner in [SUPPLIER_ID, BANK_ID] {
        chain.call(BANK, pay, IPayments::openAccountCall { owner, currency: CNY }).unwrap();
    }
    for (account, amount) in [(AT_SUPPLIER, 1_000_000), (AT_BANK, 50_000_000)] {
        let remittance = String::new();
        chain.call(BANK, pay, IPayments::depositCall { account, amount, remittance }).unwrap();
    }
    for bank in [BANK, RIVAL] {
        accepts(&mut chain, bank, line(12_000_000));
    }
    chain
}

fn issue(chain: &mut Sandbox) {
    let at = receivables::ADDRESS;
    let limit = IReceivables::setLimitCall { issuer: MAKER_ID, currency: CNY, limit: u64::MAX };
    chain.call(REGULATOR, at, limit).unwrap();
    let document = |number: &str, seed| IReceivables::Document {
        number: number.to_owned(),
        value: 10_000_000,
        hash: B256::repeat_byte(seed),
    };
    let issue = IReceivables::issueCall {
        terms: IReceivables::Terms {
            creditor: SUPPLIER_ID,
            amount: 10_000_000,
            currency: CNY,
            due: 20270714,
            recourse: true,
            interestBearer: 0,
            tenorReason: String::new(),
        },
        purchaseContract: document("PO-7", 1),
        invoice: document("INV-1", 2),
        delivery: document("D-1", 3),
    };
    chain.call(MAKER, at, issue).unwrap();
    chain.call(SUPPLIER, at, IReceivables::acceptCall { voucher: 1 }).unwrap();
}

/// With a request for sealed bids: number 1.
fn chain_with_request() -> Sandbox {
    let mut chain = chain();
    assert_eq!(accepts(&mut chain, SUPPLIER, ask(true)), 1);
    chain
}

/// With a loan of 90,000.00 at 6 per cent over 360, asked for: number 1.
fn chain_with_loan() -> Sandbox {
    let mut chain = chain();
    let pledge = IReceivables::pledgeCall { position: 1, pledgee: BANK_ID };
    chain.call(SUPPLIER, receivables::ADDRESS, pledge).unwrap();
    assert_eq!(accepts(&mut chain, SUPPLIER, askLoanCall { terms: loan_terms() }), 1);
    chain
}

fn line(limit: u64) -> setLineCall {
    setLineCall { issuer: MAKER_ID, currency: CNY, limit }
}

fn ask(is_sealed: bool) -> askCall {
    let reveals = if is_sealed { REVEALS } else { BIDS };
    askCall { position: 1, isSealed: is_sealed, bidsUntil: BIDS, revealsUntil: reveals }
}

fn commit(bank: u64, price: u64) -> commitCall {
    commitCall { request: 1, commitment: rules::commitment(1, bank, price, salt()) }
}

fn reveal(price: u64) -> revealCall {
    revealCall { request: 1, price, salt: salt() }
}

fn salt() -> B256 {
    B256::repeat_byte(9)
}

fn loan_terms() -> LoanTerms {
    LoanTerms {
        position: 1,
        bank: BANK_ID,
        principal: 9_000_000,
        rate: RATE,
        dayCount: DayCount::Actual360 as u8,
        interestMonths: 3,
        maturity: 20270714,
        repayment: LoanRepayment::AtMaturity as u8,
    }
}

fn disburse(uetr: u128) -> disburseCall {
    disburseCall { loan: 1, uetr, payer: AT_BANK, payee: AT_SUPPLIER }
}

fn repay(uetr: u128, amount: u64) -> repayCall {
    repayCall { loan: 1, amount, uetr, payer: AT_SUPPLIER, payee: AT_BANK }
}

#[track_caller]
fn accepts<C: SolCall>(chain: &mut Sandbox, sender: Address, call: C) -> C::Return {
    match chain.call(sender, ADDRESS, call) {
        Ok(answer) => answer,
        Err(refused) => panic!("`{}` was refused: {refused:?}", C::SIGNATURE),
    }
}

#[track_caller]
fn refuses<C: SolCall, E: SolError>(chain: &mut Sandbox, sender: Address, call: C, error: E) {
    chain.refuses(sender, ADDRESS, call, error);
}

fn part(chain: &mut Sandbox) -> IReceivables::Part {
    let call = IReceivables::partCall { position: 1 };
    chain.call(STRANGER, receivables::ADDRESS, call).unwrap()
}

fn balance(chain: &mut Sandbox, id: u64) -> u64 {
    chain.call(STRANGER, payments::ADDRESS, IPayments::accountCall { id }).unwrap().balance
}

fn drawn(chain: &mut Sandbox, bank: u64) -> u64 {
    accepts(chain, STRANGER, lineCall { bank, issuer: MAKER_ID, currency: CNY }).drawn
}

fn owed(chain: &mut Sandbox) -> (u64, u64) {
    let owed = accepts(chain, STRANGER, owedCall { loan: 1 });
    (owed.interest, owed.principal)
}

/// Story: two banks bid without seeing each other; the better pays within the same minute, and is
/// repaid on the day, which frees its line.
#[test]
fn the_best_of_two_sealed_bids_buys_the_part() {
    let mut chain = chain_with_request();
    accepts(&mut chain, RIVAL, commit(RIVAL_ID, 9_700_000));
    accepts(&mut chain, BANK, commit(BANK_ID, 9_750_000));
    let shown = accepts(&mut chain, STRANGER, requestCall { id: 1 });
    assert_eq!((shown.bids, shown.bestBank, shown.bestPrice), (2, 0, 0));
    chain.at_block(2, BIDS + 1);
    accepts(&mut chain, BANK, reveal(9_750_000));
    accepts(&mut chain, RIVAL, reveal(9_700_000));
    chain.at_block(3, REVEALS + 1);
    accepts(&mut chain, SUPPLIER, awardCall { request: 1 });
    assert_eq!((drawn(&mut chain, BANK_ID), drawn(&mut chain, RIVAL_ID)), (10_000_000, 0));

    let buy = IPayments::buyPartCall {
        uetr: 1,
        position: 1,
        registration: "REG-1".to_owned(),
        payer: AT_BANK,
        payee: AT_SUPPLIER,
    };
    chain.call(BANK, payments::ADDRESS, buy).unwrap();
    assert_eq!((part(&mut chain).holder, balance(&mut chain, AT_SUPPLIER)), (BANK_ID, 10_750_000));

    let paid = IReceivables::acknowledgeCall { position: 1, amount: 4_000_000 };
    chain.call(BANK, receivables::ADDRESS, paid).unwrap();
    accepts(&mut chain, STRANGER, releaseLineCall { request: 1 });
    assert_eq!(drawn(&mut chain, BANK_ID), 6_000_000);
    let paid = IReceivables::acknowledgeCall { position: 1, amount: 6_000_000 };
    chain.call(BANK, receivables::ADDRESS, paid).unwrap();
    accepts(&mut chain, STRANGER, releaseLineCall { request: 1 });
    accepts(&mut chain, STRANGER, releaseLineCall { request: 1 });
    assert_eq!(drawn(&mut chain, BANK_ID), 0);
}

/// Story: the bank lends against the pledged part; the supplier pays a part after three months and
/// the rest on the day, and has its part back.
#[test]
fn a_loan_is_paid_out_and_back_against_a_pledge() {
    let mut chain = chain_with_loan();
    accepts(&mut chain, BANK, disburse(1));
    assert_eq!(balance(&mut chain, AT_SUPPLIER), 10_000_000);
    // 90 days at 6 per cent over 360: 1.5 per cent of 90,000.00.
    chain.at_block(2, START + 90 * DAY);
    assert_eq!(owed(&mut chain), (135_000, 9_000_000));
    accepts(&mut chain, SUPPLIER, repay(2, 4_635_000));
    assert_eq!(
        chain.events::<LoanRepaid>(),
        [LoanRepaid { loan: 1, uetr: 2, interest: 135_000, principal: 4_500_000, left: 4_500_000 }]
    );
    chain.at_block(3, START + 180 * DAY);
    assert_eq!(owed(&mut chain), (67_500, 4_500_000));
    accepts(&mut chain, SUPPLIER, repay(3, 4_567_500));
    assert_eq!(accepts(&mut chain, STRANGER, loanCall { id: 1 }).state, LoanState::Repaid as u8);
    assert_eq!(part(&mut chain).state, 1);
    assert_eq!(owed(&mut chain), (0, 0));
}

#[test]
fn i1_awards_stay_within_the_line() {
    let mut chain = chain();
    accepts(&mut chain, BANK, line(9_999_999));
    accepts(&mut chain, SUPPLIER, ask(false));
    let (asked, left) = (10_000_000, 9_999_999);
    let over = || LineExceeded { bank: BANK_ID, issuer: MAKER_ID, asked, left };
    let call = || quoteCall { request: 1, price: 9_000_000 };
    refuses(&mut chain, BANK, call(), over());
    accepts(&mut chain, BANK, line(10_000_000));
    accepts(&mut chain, BANK, call());
    // A line that was lowered meanwhile is not drawn.
    accepts(&mut chain, BANK, line(9_999_999));
    chain.at_block(2, BIDS + 1);
    refuses(&mut chain, SUPPLIER, awardCall { request: 1 }, over());
    accepts(&mut chain, SUPPLIER, lapseCall { request: 1 });
    let lapsed = WrongRequestState { request: 1, state: RequestState::Lapsed as u8 };
    refuses(&mut chain, SUPPLIER, awardCall { request: 1 }, lapsed);
}

#[test]
fn i2_the_best_bid_wins_and_of_equal_ones_the_earliest() {
    let mut chain = chain();
    accepts(&mut chain, SUPPLIER, ask(false));
    let quote = |price| quoteCall { request: 1, price };
    accepts(&mut chain, RIVAL, quote(9_000_000));
    accepts(&mut chain, BANK, quote(9_000_000));
    let best = |chain: &mut Sandbox| {
        let shown = accepts(chain, STRANGER, requestCall { id: 1 });
        (shown.bestBank, shown.bestPrice)
    };
    assert_eq!(best(&mut chain), (RIVAL_ID, 9_000_000));
    let lower = || WrongBid { request: 1, bank: RIVAL_ID };
    refuses(&mut chain, RIVAL, quote(9_000_000), lower());
    accepts(&mut chain, BANK, quote(9_000_001));
    assert_eq!(best(&mut chain), (BANK_ID, 9_000_001));
    let rule = "must be positive and at most the amount of the part".to_owned();
    let invalid = InvalidFinancing { field: "price".to_owned(), rule };
    refuses(&mut chain, RIVAL, quote(10_000_001), invalid);
    let own = WrongBid { request: 1, bank: SUPPLIER_ID };
    refuses(&mut chain, SUPPLIER, quote(1), own);
    let early = NotNow { request: 1, bidsUntil: BIDS, revealsUntil: BIDS };
    refuses(&mut chain, SUPPLIER, awardCall { request: 1 }, early.clone());
    chain.at_block(2, BIDS + 1);
    refuses(&mut chain, RIVAL, quote(9_999_999), early);
    let rule = "must be the caller's own request".to_owned();
    refuses(&mut chain, BANK, awardCall { request: 1 }, UnfitPart { position: 1, rule });
    accepts(&mut chain, SUPPLIER, awardCall { request: 1 });
    assert_eq!(part(&mut chain).beneficiary, BANK_ID);
}

#[test]
fn i3_a_sealed_bid_is_the_one_that_was_committed_to() {
    let mut chain = chain_with_request();
    let kind = WrongBidKind { request: 1, isSealed: true };
    refuses(&mut chain, BANK, quoteCall { request: 1, price: 1 }, kind);
    accepts(&mut chain, BANK, commit(BANK_ID, 9_500_000));
    let again = WrongBid { request: 1, bank: BANK_ID };
    refuses(&mut chain, BANK, commit(BANK_ID, 9_600_000), again.clone());
    // The rival repeats the bank's hash, which is of no use to it.
    accepts(&mut chain, RIVAL, commit(BANK_ID, 9_500_000));
    let early = NotNow { request: 1, bidsUntil: BIDS, revealsUntil: REVEALS };
    refuses(&mut chain, BANK, reveal(9_500_000), early.clone());
    chain.at_block(2, BIDS + 1);
    refuses(&mut chain, BANK, commit(BANK_ID, 9_600_000), early.clone());
    refuses(&mut chain, BANK, reveal(9_600_000), again);
    refuses(&mut chain, RIVAL, reveal(9_500_000), WrongBid { request: 1, bank: RIVAL_ID });
    accepts(&mut chain, BANK, reveal(9_500_000));
    refuses(&mut chain, BANK, reveal(9_500_000), WrongBid { request: 1, bank: BANK_ID });
    refuses(&mut chain, SUPPLIER, awardCall { request: 1 }, early);
    let call = commitmentOfCall { request: 1, bank: BANK_ID, price: 9_500_000, salt: salt() };
    let shown = accepts(&mut chain, STRANGER, call);
    assert_eq!(shown, commit(BANK_ID, 9_500_000).commitment);
}

#[test]
fn a_request_needs_a_part_in_hand_and_phases_in_order() {
    let mut chain = chain();
    for (bids, reveals, sealed, field) in [
        (START, REVEALS, true, "bidsUntil"),
        (START + 31 * DAY, START + 32 * DAY, true, "bidsUntil"),
        (BIDS, BIDS, true, "revealsUntil"),
        (BIDS, REVEALS, false, "revealsUntil"),
    ] {
        let call =
            askCall { position: 1, isSealed: sealed, bidsUntil: bids, revealsUntil: reveals };
        let rule = if field == "bidsUntil" {
            "must lie in the next thirty days"
        } else {
            "must lie within thirty days behind `bidsUntil`, and equal it where bids are open"
        };
        let (field, rule) = (field.to_owned(), rule.to_owned());
        refuses(&mut chain, SUPPLIER, call, InvalidFinancing { field, rule });
    }
    let rule = "must be held freely by the caller, of a live voucher".to_owned();
    let unfit = UnfitPart { position: 1, rule };
    refuses(&mut chain, BANK, ask(true), unfit.clone());
    accepts(&mut chain, SUPPLIER, ask(false));
    chain.at_block(2, BIDS + 1);
    refuses(&mut chain, SUPPLIER, awardCall { request: 1 }, NoBids { request: 1 });
    let pledge = IReceivables::pledgeCall { position: 1, pledgee: BANK_ID };
    chain.call(SUPPLIER, receivables::ADDRESS, pledge).unwrap();
    let later = askCall { bidsUntil: REVEALS, revealsUntil: REVEALS, ..ask(false) };
    refuses(&mut chain, SUPPLIER, later, unfit);
}

#[test]
fn i4_payments_go_to_interest_first_and_never_exceed_the_debt() {
    let mut chain = chain_with_loan();
    accepts(&mut chain, BANK, disburse(1));
    chain.at_block(2, START + 90 * DAY);
    accepts(&mut chain, SUPPLIER, repay(2, 100_000));
    assert_eq!(owed(&mut chain), (35_000, 9_000_000));
    accepts(&mut chain, SUPPLIER, repay(3, 35_001));
    assert_eq!(owed(&mut chain), (0, 8_999_999));
    let over = ExceedsDebt { loan: 1, amount: 9_000_000, owed: 8_999_999 };
    refuses(&mut chain, SUPPLIER, repay(4, 9_000_000), over);
    let role = "borrower".to_owned();
    let foreign = NotLoanParty { loan: 1, organisation: BANK_ID, role };
    refuses(&mut chain, BANK, repay(4, 1), foreign);
}

#[test]
fn i5_a_loan_is_paid_out_once_against_its_pledge() {
    let mut chain = chain_with_loan();
    let rule = "must be pledged by the borrower to the bank, of a live voucher".to_owned();
    let unpledged = || UnfitPart { position: 1, rule: rule.clone() };
    let elsewhere = LoanTerms { bank: RIVAL_ID, ..loan_terms() };
    refuses(&mut chain, SUPPLIER, askLoanCall { terms: elsewhere }, unpledged());
    let role = "bank".to_owned();
    let foreign = NotLoanParty { loan: 1, organisation: RIVAL_ID, role };
    refuses(&mut chain, RIVAL, disburse(1), foreign);
    // A second loan on the same pledge is asked for, and is not paid out beside the first.
    accepts(&mut chain, SUPPLIER, askLoanCall { terms: loan_terms() });
    accepts(&mut chain, BANK, disburse(1));
    let again = WrongLoanState { loan: 1, state: LoanState::Running as u8 };
    refuses(&mut chain, BANK, disburse(2), again);
    let second = disburseCall { loan: 2, ..disburse(2) };
    let rule = "must not secure another loan".to_owned();
    refuses(&mut chain, BANK, second.clone(), UnfitPart { position: 1, rule });
    accepts(&mut chain, BANK, refuseLoanCall { loan: 2 });
    refuses(&mut chain, BANK, second, WrongLoanState { loan: 2, state: 4 });
    // Without the pledge nothing is paid out.
    let mut chain = chain_with_loan();
    let release = IReceivables::releasePledgeCall { position: 1 };
    chain.call(BANK, receivables::ADDRESS, release).unwrap();
    refuses(&mut chain, BANK, disburse(1), unpledged());
}

#[test]
fn terms_of_a_loan_keep_to_their_rules() {
    let mut chain = chain_with_loan();
    for (terms, field, rule) in [
        (
            LoanTerms { principal: 10_000_001, ..loan_terms() },
            "principal",
            "must be positive and at most what is owed on the part",
        ),
        (
            LoanTerms { rate: 10 * RATE_ONE + 1, ..loan_terms() },
            "rate",
            "must be at most 1,000 per cent",
        ),
        (LoanTerms { dayCount: 4, ..loan_terms() }, "dayCount", "must be from 0 to 3"),
        (LoanTerms { interestMonths: 13, ..loan_terms() }, "interestMonths", "must be at most 12"),
        (
            LoanTerms { maturity: 20270715, ..loan_terms() },
            "maturity",
            "must lie in the future, and not behind the day of the voucher",
        ),
        (
            LoanTerms { maturity: 20270231, ..loan_terms() },
            "maturity",
            "must be a day, written YYYYMMDD",
        ),
    ] {
        let (field, rule) = (field.to_owned(), rule.to_owned());
        refuses(&mut chain, SUPPLIER, askLoanCall { terms }, InvalidFinancing { field, rule });
    }
}

#[test]
fn i6_the_last_payment_releases_the_pledge_even_after_default() {
    let mut chain = chain_with_loan();
    accepts(&mut chain, BANK, disburse(1));
    let early = LoanNotDue { loan: 1, maturity: 20270714 };
    refuses(&mut chain, BANK, markDefaultedCall { loan: 1 }, early);
    chain.at_block(2, START + 190 * DAY);
    accepts(&mut chain, BANK, markDefaultedCall { loan: 1 });
    let (interest, principal) = owed(&mut chain);
    accepts(&mut chain, SUPPLIER, repay(2, interest + principal - 1));
    assert_eq!(part(&mut chain).state, 3);
    accepts(&mut chain, SUPPLIER, repay(3, 1));
    assert_eq!((part(&mut chain).state, part(&mut chain).holder), (1, SUPPLIER_ID));
}

#[test]
fn i7_a_loan_costs_what_its_schedule_says() {
    let mut chain = chain_with_loan();
    let agreed = accepts(&mut chain, STRANGER, scheduleCall { loan: 1 });
    accepts(&mut chain, BANK, disburse(1));
    let shown = accepts(&mut chain, STRANGER, scheduleCall { loan: 1 });
    assert_eq!((&agreed.dates, &agreed.amounts), (&shown.dates, &shown.amounts));
    assert_eq!(shown.dates, [20270115, 20270415, 20270714, 20270714]);
    assert_eq!(shown.kinds, [0, 2, 2, 4]);
    assert_eq!(shown.amounts, [9_000_000, 135_000, 135_000, 9_000_000]);
    chain.at_block(2, START + 180 * DAY);
    assert_eq!(owed(&mut chain), (270_000, 9_000_000));
    // And a discount of the same rate over the same days costs the supplier the same.
    let chain = &mut chain_with_request();
    let call = discountedPriceCall { position: 1, rate: RATE, dayCount: 1 };
    assert_eq!(accepts(chain, STRANGER, call), 10_000_000 - 300_000);
    let none = WrongLoanState { loan: 9, state: 0 };
    refuses(chain, STRANGER, scheduleCall { loan: 9 }, none);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn i4_however_a_loan_is_paid_the_sum_is_principal_and_interest(
        steps in proptest::collection::vec((0..40u64, 0..3_000_000u64), 1..12)
    ) {
        let mut chain = chain_with_loan();
        accepts(&mut chain, BANK, disburse(1));
        let (mut days, mut paid) = (0, 0);
        let (mut to_interest, mut to_principal) = (0, 0);
        for (number, (wait, amount)) in (2..).zip(steps) {
            days += wait;
            chain.at_block(number, START + days * DAY);
            let before = owed(&mut chain);
            if chain.call(SUPPLIER, ADDRESS, repay(u128::from(number), amount)).is_ok() {
                let told = chain.events::<LoanRepaid>();
                prop_assert_eq!(told[0].interest, amount.min(before.0));
                to_interest += told[0].interest;
                to_principal += told[0].principal;
                paid += amount;
            }
        }
        prop_assert_eq!(paid, to_interest + to_principal);
        let left = accepts(&mut chain, STRANGER, loanCall { id: 1 });
        prop_assert_eq!(left.principal + to_principal, 9_000_000);
    }
}

conformance! {
    module: super::super::MODULE,
    calls: IFinancingCalls, errors: IFinancingErrors, events: IFinancingEvents,
    chain: chain_with_request,
    people: &PEOPLE,
    gas: gas,
    transitions: (rules::TRANSITIONS, RequestState::ALL),
}

/// What the calls of the stories cost.
fn gas(chain: &mut Sandbox) -> Vec<(&'static str, u64)> {
    let mut calls = Vec::new();
    let mut pay = |chain: &mut Sandbox, name, sender, input: Vec<u8>| {
        let done = chain.send(sender, ADDRESS, input.into());
        assert!(!done.is_refused, "{name}");
        calls.push((name, done.gas_used));
    };
    pay(chain, "setLine", BANK, line(12_000_000).abi_encode());
    pay(chain, "ask", SUPPLIER, ask(true).abi_encode());
    pay(chain, "commit", BANK, commit(BANK_ID, 9_500_000).abi_encode());
    chain.at_block(2, BIDS + 1);
    pay(chain, "reveal", BANK, reveal(9_500_000).abi_encode());
    chain.at_block(3, REVEALS + 1);
    pay(chain, "award", SUPPLIER, awardCall { request: 1 }.abi_encode());
    pay(chain, "releaseLine", BANK, releaseLineCall { request: 1 }.abi_encode());
    let mut chain = chain_with_loan();
    pay(&mut chain, "askLoan", SUPPLIER, askLoanCall { terms: loan_terms() }.abi_encode());
    pay(&mut chain, "disburse", BANK, disburse(1).abi_encode());
    pay(&mut chain, "repay", SUPPLIER, repay(2, 100_000).abi_encode());
    pay(&mut chain, "owed", STRANGER, owedCall { loan: 1 }.abi_encode());
    pay(&mut chain, "schedule", STRANGER, scheduleCall { loan: 1 }.abi_encode());
    let mut chain = fees::chain_with_tariffs();
    let published = fees::tariff(FeeService::Registration, 500, 0).abi_encode();
    pay(&mut chain, "setTariff", BANK, published);
    pay(&mut chain, "payFee", SUPPLIER, fees::bank_fee(7).abi_encode());
    let limit = setFeeLimitCall { pack: 1, isSet: true, basisPoints: 50 };
    pay(&mut chain, "setFeeLimit", REGULATOR, limit.abi_encode());
    calls
}
