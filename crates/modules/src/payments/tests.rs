//! Stories and invariants of `payments`.

use alloy_primitives::{Address, B256, address};
use alloy_sol_types::{SolCall, SolError};
use proptest::prelude::*;
use qiao_module_kit::{conformance, testing::Sandbox};

use super::{ADDRESS, AccountState, IPayments::*, rules};
use crate::{
    MODULES,
    fixtures::trade_genesis,
    members::{self, IMembers},
    receivables::{self, IReceivables},
};

const MAKER: Address = address!("00000000000000000000000000000000000000a1");
const SUPPLIER: Address = address!("00000000000000000000000000000000000000a2");
const BANK: Address = address!("00000000000000000000000000000000000000a3");
const OTHER_BANK: Address = address!("00000000000000000000000000000000000000a4");
const GUARANTOR: Address = address!("00000000000000000000000000000000000000a5");
const REGULATOR: Address = address!("00000000000000000000000000000000000000a6");
const STRANGER: Address = address!("00000000000000000000000000000000000000ff");
const PEOPLE: [Address; 7] = [MAKER, SUPPLIER, BANK, OTHER_BANK, GUARANTOR, REGULATOR, STRANGER];

const MAKER_ID: u64 = 1;
const SUPPLIER_ID: u64 = 2;
const BANK_ID: u64 = 3;
const OTHER_BANK_ID: u64 = 4;
const GUARANTOR_ID: u64 = 5;

/// Accounts of the story: the maker's and the guarantor's at the other bank, the supplier's and the
/// bank's own at the bank.
const AT_MAKER: u64 = 1;
const AT_SUPPLIER: u64 = 2;
const AT_BANK: u64 = 3;
const AT_GUARANTOR: u64 = 4;
/// The supplier's account in another currency.
const IN_DOLLARS: u64 = 5;

const CNY: u16 = 156;
const USD: u16 = 840;
const DAY: u64 = 86_400;
const START: u64 = 1_800_000_000;

fn chain() -> Sandbox {
    let mut chain = Sandbox::new(MODULES, &trade_genesis(&PEOPLE[..6]));
    for account in &PEOPLE[..5] {
        let call = IMembers::grantRoleCall { account: *account, role: 6 };
        chain.call(*account, members::ADDRESS, call).unwrap();
    }
    for (bank, currency) in [(BANK_ID, CNY), (BANK_ID, USD), (OTHER_BANK_ID, CNY)] {
        accepts(&mut chain, REGULATOR, licenseBankCall { bank, currency, licensed: true });
    }
    for (bank, owner, currency) in [
        (OTHER_BANK, MAKER_ID, CNY),
        (BANK, SUPPLIER_ID, CNY),
        (BANK, BANK_ID, CNY),
        (OTHER_BANK, GUARANTOR_ID, CNY),
        (BANK, SUPPLIER_ID, USD),
    ] {
        accepts(&mut chain, bank, openAccountCall { owner, currency });
    }
    accepts(&mut chain, OTHER_BANK, deposit(AT_MAKER, 150_000));
    accepts(&mut chain, BANK, deposit(AT_BANK, 500_000));
    accepts(&mut chain, OTHER_BANK, deposit(AT_GUARANTOR, 100_000));
    let call = setCreditCall { debtor: OTHER_BANK_ID, currency: CNY, limit: 120_000 };
    accepts(&mut chain, BANK, call);
    chain
}

/// With a live voucher of 100,000 at the supplier, guaranteed.
fn chain_with_voucher() -> Sandbox {
    let mut chain = chain();
    let limit = IReceivables::setLimitCall { issuer: MAKER_ID, currency: CNY, limit: 1_000_000 };
    chain.call(REGULATOR, receivables::ADDRESS, limit).unwrap();
    let document = |number: &str, seed| IReceivables::Document {
        number: number.to_owned(),
        value: 100_000,
        hash: B256::repeat_byte(seed),
    };
    let issue = IReceivables::issueCall {
        terms: IReceivables::Terms {
            creditor: SUPPLIER_ID,
            amount: 100_000,
            currency: CNY,
            due: 20270630,
            recourse: true,
            interestBearer: 0,
            tenorReason: String::new(),
        },
        purchaseContract: document("PO-7", 1),
        invoice: document("INV-1", 2),
        delivery: document("D-1", 3),
    };
    assert_eq!(chain.call(MAKER, receivables::ADDRESS, issue).unwrap(), 1);
    let call = IReceivables::acceptCall { voucher: 1 };
    chain.call(SUPPLIER, receivables::ADDRESS, call).unwrap();
    let call = IReceivables::endorseCall { voucher: 1 };
    chain.call(GUARANTOR, receivables::ADDRESS, call).unwrap();
    chain
}

fn offer(chain: &mut Sandbox, position: u64, price: u64) {
    let call = IReceivables::offerSaleCall { position, buyer: BANK_ID, price };
    chain.call(SUPPLIER, receivables::ADDRESS, call).unwrap();
}

fn buy(uetr: u128) -> buyPartCall {
    let registration = "REG-1".to_owned();
    buyPartCall { uetr, position: 1, registration, payer: AT_BANK, payee: AT_SUPPLIER }
}

fn deposit(account: u64, amount: u64) -> depositCall {
    depositCall { account, amount, remittance: "cash".to_owned() }
}

fn withdraw(account: u64, amount: u64) -> withdrawCall {
    withdrawCall { account, amount, remittance: String::new() }
}

fn pay(uetr: u128, payer: u64, payee: u64, amount: u64) -> payCall {
    payCall { uetr, payer, payee, amount, remittance: "invoice 7".to_owned() }
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

fn balance(chain: &mut Sandbox, id: u64) -> u64 {
    accepts(chain, STRANGER, accountCall { id }).balance
}

fn holder(chain: &mut Sandbox, position: u64) -> u64 {
    let call = IReceivables::partCall { position };
    chain.call(STRANGER, receivables::ADDRESS, call).unwrap().holder
}

fn owed(chain: &mut Sandbox) -> u64 {
    let call = debtCall { creditor: BANK_ID, debtor: OTHER_BANK_ID, currency: CNY };
    accepts(chain, STRANGER, call).owed
}

/// Books of both banks balance, customers' money is the sum of the accounts, and what one owes the
/// other claims.
fn check_books(chain: &mut Sandbox) {
    let mut claims = 0;
    let mut debts = 0;
    for (bank, currency) in [(BANK_ID, CNY), (BANK_ID, USD), (OTHER_BANK_ID, CNY)] {
        let sheet = accepts(chain, STRANGER, sheetCall { bank, currency });
        let (assets, duties) = (
            u128::from(sheet.deposited) + u128::from(sheet.claims),
            u128::from(sheet.withdrawn) + u128::from(sheet.balances) + u128::from(sheet.debts),
        );
        assert_eq!(assets, duties, "I1 of bank {bank}");
        let mut sum = 0;
        for id in 1..20 {
            let account = accepts(chain, STRANGER, accountCall { id });
            if (account.bank, account.currency) == (bank, currency) {
                sum += account.balance;
            }
        }
        assert_eq!(sheet.balances, sum, "I2 of bank {bank}");
        if currency == CNY {
            claims += sheet.claims;
            debts += sheet.debts;
        }
    }
    let mut owed = 0;
    for (creditor, debtor) in [(BANK_ID, OTHER_BANK_ID), (OTHER_BANK_ID, BANK_ID)] {
        owed += accepts(chain, STRANGER, debtCall { creditor, debtor, currency: CNY }).owed;
    }
    assert_eq!((claims, debts), (owed, owed), "I3");
}

/// Story: the bank buys the supplier's part in one transaction; on the day the maker pays from its
/// account at another bank, and the banks settle.
#[test]
fn a_bank_buys_a_part_and_is_paid_on_the_day() {
    let mut chain = chain_with_voucher();
    offer(&mut chain, 1, 98_000);
    assert_eq!(accepts(&mut chain, BANK, buy(1)), 1);
    assert_eq!(holder(&mut chain, 1), BANK_ID);
    assert_eq!(balance(&mut chain, AT_SUPPLIER), 98_000);
    assert_eq!(balance(&mut chain, AT_BANK), 402_000);

    chain.at_block(9, START + 166 * DAY);
    let call =
        payPartCall { uetr: 2, position: 1, amount: 100_000, payer: AT_MAKER, payee: AT_BANK };
    accepts(&mut chain, MAKER, call);
    assert_eq!(balance(&mut chain, AT_BANK), 502_000);
    assert_eq!(owed(&mut chain), 100_000);
    let call = IReceivables::voucherCall { id: 1 };
    assert_eq!(chain.call(STRANGER, receivables::ADDRESS, call).unwrap().repaid, 100_000);

    let call = acknowledgeSettlementCall { debtor: OTHER_BANK_ID, currency: CNY, amount: 100_000 };
    accepts(&mut chain, BANK, call);
    assert_eq!(owed(&mut chain), 0);
    accepts(&mut chain, SUPPLIER, withdraw(AT_SUPPLIER, 98_000));
    check_books(&mut chain);
}

/// Story: nobody pays on the day; the seller pays the bank back, then the guarantor pays the seller.
#[test]
fn recourse_and_guarantee_are_paid_against_the_part() {
    let mut chain = chain_with_voucher();
    offer(&mut chain, 1, 98_000);
    let financing = accepts(&mut chain, BANK, buy(1));
    chain.at_block(9, START + 170 * DAY);
    let overdue = IReceivables::markOverdueCall { voucher: 1 };
    chain.call(STRANGER, receivables::ADDRESS, overdue).unwrap();

    accepts(&mut chain, BANK, pay(2, AT_BANK, AT_SUPPLIER, 2_000));
    let call = payRecourseCall { uetr: 3, financing, payer: AT_SUPPLIER, payee: AT_BANK };
    accepts(&mut chain, SUPPLIER, call);
    assert_eq!((holder(&mut chain, 1), balance(&mut chain, AT_SUPPLIER)), (SUPPLIER_ID, 0));

    let call = payGuaranteeCall { uetr: 4, position: 1, payer: AT_GUARANTOR, payee: AT_SUPPLIER };
    accepts(&mut chain, GUARANTOR, call);
    assert_eq!(holder(&mut chain, 1), GUARANTOR_ID);
    assert_eq!(balance(&mut chain, AT_SUPPLIER), 100_000);
    check_books(&mut chain);
}

#[test]
fn i3_a_bank_owes_another_within_its_limit() {
    let mut chain = chain();
    accepts(&mut chain, MAKER, pay(1, AT_MAKER, AT_SUPPLIER, 100_000));
    let (creditor, debtor) = (BANK_ID, OTHER_BANK_ID);
    let over = CreditExceeded { creditor, debtor, asked: 20_001, left: 20_000 };
    refuses(&mut chain, MAKER, pay(2, AT_MAKER, AT_SUPPLIER, 20_001), over);
    // The other way nobody granted anything.
    let none = CreditExceeded { creditor: OTHER_BANK_ID, debtor: BANK_ID, asked: 1, left: 0 };
    refuses(&mut chain, SUPPLIER, pay(2, AT_SUPPLIER, AT_MAKER, 1), none);
    let call = setCreditCall { debtor: BANK_ID, currency: CNY, limit: 30_000 };
    accepts(&mut chain, OTHER_BANK, call);
    accepts(&mut chain, SUPPLIER, pay(2, AT_SUPPLIER, AT_MAKER, 30_000));
    accepts(&mut chain, BANK, netCall { bank: OTHER_BANK_ID, currency: CNY });
    assert_eq!(owed(&mut chain), 70_000);
    let nothing = NotOwed { creditor: BANK_ID, debtor: OTHER_BANK_ID, asked: 0, owed: 0 };
    refuses(&mut chain, BANK, netCall { bank: OTHER_BANK_ID, currency: CNY }, nothing);
    let call = acknowledgeSettlementCall { debtor, currency: CNY, amount: 70_001 };
    let too_much = NotOwed { creditor, debtor, asked: 70_001, owed: 70_000 };
    refuses(&mut chain, BANK, call, too_much);
    check_books(&mut chain);
}

#[test]
fn i4_only_its_owner_moves_money_and_never_more_than_there_is() {
    let mut chain = chain();
    let not_owner = NotAccountOwner { account: AT_BANK, organisation: SUPPLIER_ID };
    refuses(&mut chain, SUPPLIER, pay(1, AT_BANK, AT_SUPPLIER, 1), not_owner.clone());
    refuses(&mut chain, SUPPLIER, withdraw(AT_BANK, 1), not_owner);
    let (asked, available) = (150_001, 150_000);
    let poor = || InsufficientFunds { account: AT_MAKER, asked, available };
    refuses(&mut chain, MAKER, pay(1, AT_MAKER, AT_GUARANTOR, asked), poor());
    refuses(&mut chain, MAKER, withdraw(AT_MAKER, asked), poor());
    let not_bank = NotAccountBank { account: AT_MAKER, organisation: BANK_ID };
    refuses(&mut chain, BANK, deposit(AT_MAKER, 1), not_bank.clone());
    let call = blockAccountCall { account: AT_MAKER, reason: "court order".to_owned() };
    refuses(&mut chain, BANK, call.clone(), not_bank);
    accepts(&mut chain, OTHER_BANK, call);
    let blocked = WrongAccountState { account: AT_MAKER, state: AccountState::Blocked as u8 };
    refuses(&mut chain, MAKER, pay(1, AT_MAKER, AT_GUARANTOR, 1), blocked.clone());
    refuses(&mut chain, MAKER, withdraw(AT_MAKER, 1), blocked);
    // What comes in comes in.
    accepts(&mut chain, GUARANTOR, pay(1, AT_GUARANTOR, AT_MAKER, 1));
    accepts(&mut chain, OTHER_BANK, unblockAccountCall { account: AT_MAKER });
    accepts(&mut chain, MAKER, pay(2, AT_MAKER, AT_GUARANTOR, 150_001));
    accepts(&mut chain, MAKER, closeAccountCall { account: AT_MAKER });
    let closed = WrongAccountState { account: AT_MAKER, state: AccountState::Closed as u8 };
    refuses(&mut chain, GUARANTOR, pay(3, AT_GUARANTOR, AT_MAKER, 1), closed);
    let full = AccountNotEmpty { account: AT_BANK, balance: 500_000 };
    refuses(&mut chain, BANK, closeAccountCall { account: AT_BANK }, full);
}

#[test]
fn i5_a_uetr_stands_for_one_payment() {
    let mut chain = chain();
    let uetr = 0x97ed4827_7b6f_4491_a06f_b548d5a7512du128;
    accepts(&mut chain, MAKER, pay(uetr, AT_MAKER, AT_GUARANTOR, 7));
    refuses(&mut chain, MAKER, pay(uetr, AT_MAKER, AT_GUARANTOR, 7), UetrUsed { uetr });
    let shown = accepts(&mut chain, STRANGER, paymentCall { uetr });
    assert_eq!((shown.payer, shown.payee, shown.amount), (AT_MAKER, AT_GUARANTOR, 7));
    assert_eq!(shown.time, START);
    for (call, field, rule) in [
        (pay(0, AT_MAKER, AT_GUARANTOR, 7), "uetr", "must not be 0"),
        (pay(1, AT_MAKER, AT_GUARANTOR, 0), "amount", "must be positive"),
        (pay(1, AT_MAKER, AT_MAKER, 7), "payee", "must be another account than the payer"),
        (
            payCall { remittance: "x".repeat(141), ..pay(1, AT_MAKER, AT_GUARANTOR, 7) },
            "remittance",
            "must have at most 140 bytes without control characters",
        ),
    ] {
        let (field, rule) = (field.to_owned(), rule.to_owned());
        refuses(&mut chain, MAKER, call, InvalidPayment { field, rule });
    }
    let unknown = UnknownAccount { account: 99 };
    refuses(&mut chain, MAKER, pay(1, AT_MAKER, 99, 7), unknown);
}

/// A message of a bank outside of the chain that comes twice is paid once.
#[test]
fn i5_a_payment_from_outside_arrives_once() {
    let mut chain = chain();
    let remittance = "EREF+INV-7+SVWZ+March".to_owned();
    let call = || receivePaymentCall {
        uetr: 5,
        account: AT_BANK,
        amount: 70,
        remittance: remittance.clone(),
    };
    let bank = accepts(&mut chain, STRANGER, accountCall { id: AT_BANK });
    let foreign = NotAccountBank { account: AT_BANK, organisation: MAKER_ID };
    refuses(&mut chain, MAKER, call(), foreign);
    accepts(&mut chain, BANK, call());
    let arrived =
        PaymentArrived { uetr: 5, account: AT_BANK, amount: 70, remittance: remittance.clone() };
    assert_eq!(chain.events::<PaymentArrived>(), [arrived]);
    refuses(&mut chain, BANK, call(), UetrUsed { uetr: 5 });
    refuses(&mut chain, MAKER, pay(5, AT_MAKER, AT_GUARANTOR, 7), UetrUsed { uetr: 5 });
    let shown = accepts(&mut chain, STRANGER, paymentCall { uetr: 5 });
    assert_eq!((shown.payer, shown.payee, shown.amount), (0, AT_BANK, 70));
    let now = accepts(&mut chain, STRANGER, accountCall { id: AT_BANK });
    assert_eq!(now.balance, bank.balance + 70);
}

#[test]
fn i6_part_and_price_move_together_or_not_at_all() {
    let mut chain = chain_with_voucher();
    offer(&mut chain, 1, 98_000);
    let wrong = WrongPayee { account: AT_GUARANTOR, payee: SUPPLIER_ID };
    refuses(&mut chain, BANK, buyPartCall { payee: AT_GUARANTOR, ..buy(1) }, wrong);
    let (account, currency, expected) = (IN_DOLLARS, USD, CNY);
    let dollars = CurrencyDiffers { account, currency, expected };
    refuses(&mut chain, BANK, buyPartCall { payee: IN_DOLLARS, ..buy(1) }, dollars);
    // The payer's account holds dollars too.
    accepts(&mut chain, BANK, openAccountCall { owner: BANK_ID, currency: USD });
    accepts(&mut chain, BANK, deposit(6, 100_000));
    let (account, currency, expected) = (AT_SUPPLIER, CNY, USD);
    let dollars = CurrencyDiffers { account, currency, expected };
    refuses(&mut chain, BANK, buyPartCall { payer: 6, ..buy(1) }, dollars);
    accepts(&mut chain, BANK, withdraw(AT_BANK, 402_001));
    let poor = InsufficientFunds { account: AT_BANK, asked: 98_000, available: 97_999 };
    refuses(&mut chain, BANK, buy(1), poor);
    assert_eq!((holder(&mut chain, 1), balance(&mut chain, AT_SUPPLIER)), (SUPPLIER_ID, 0));
    let role = "buyer".to_owned();
    let foreign = IReceivables::NotInRole { organisation: OTHER_BANK_ID, role };
    refuses(&mut chain, OTHER_BANK, buy(1), foreign);
    accepts(&mut chain, BANK, deposit(AT_BANK, 1));
    accepts(&mut chain, BANK, buy(1));
    let sold = IReceivables::NoSale { position: 1 };
    refuses(&mut chain, BANK, buy(2), sold);
    let late = IReceivables::WrongVoucherState { voucher: 1, state: 2 };
    let call = payGuaranteeCall { uetr: 4, position: 1, payer: AT_GUARANTOR, payee: AT_BANK };
    refuses(&mut chain, GUARANTOR, call, late);
    check_books(&mut chain);
}

#[test]
fn i7_only_a_licensed_bank_issues_money() {
    let mut chain = chain();
    let call = || openAccountCall { owner: MAKER_ID, currency: CNY };
    refuses(&mut chain, SUPPLIER, call(), NotLicensed { bank: SUPPLIER_ID, currency: CNY });
    let licence = |licensed| licenseBankCall { bank: OTHER_BANK_ID, currency: CNY, licensed };
    let not_regulator = IMembers::NotRegulator { caller: BANK };
    refuses(&mut chain, BANK, licence(true), not_regulator);
    accepts(&mut chain, REGULATOR, licence(false));
    let unlicensed = || NotLicensed { bank: OTHER_BANK_ID, currency: CNY };
    refuses(&mut chain, OTHER_BANK, call(), unlicensed());
    refuses(&mut chain, OTHER_BANK, deposit(AT_MAKER, 1), unlicensed());
    // Its customers still reach their money.
    accepts(&mut chain, MAKER, withdraw(AT_MAKER, 150_000));
    let owner = openAccountCall { owner: 99, currency: CNY };
    refuses(&mut chain, BANK, owner, InvalidOwner { organisation: 99 });
    let rule = "must be the number of a currency of ISO 4217 that is known here".to_owned();
    let unknown = InvalidPayment { field: "currency".to_owned(), rule };
    refuses(&mut chain, BANK, openAccountCall { owner: MAKER_ID, currency: 1 }, unknown);
    let call = accountsOfCall { owner: SUPPLIER_ID, from: 0, count: 9 };
    assert_eq!(accepts(&mut chain, STRANGER, call), [AT_SUPPLIER, IN_DOLLARS]);
}

#[test]
fn a_total_never_wraps() {
    let mut chain = chain();
    let rule = "the balance would exceed 64 bits".to_owned();
    let wraps = InvalidPayment { field: "amount".to_owned(), rule };
    refuses(&mut chain, BANK, deposit(AT_BANK, u64::MAX), wraps);
    let rule = "a total of the bank's books would exceed 64 bits".to_owned();
    let wraps = InvalidPayment { field: "amount".to_owned(), rule };
    refuses(&mut chain, BANK, deposit(AT_SUPPLIER, u64::MAX), wraps);
}

/// One thing that somebody tries: who, what, on which accounts, how much.
type Attempt = (usize, u8, u64, u64, u64);

fn try_it(chain: &mut Sandbox, uetr: u128, (by, act, one, other, amount): Attempt) {
    let input = match act {
        0 => deposit(one, amount).abi_encode(),
        1 => withdraw(one, amount).abi_encode(),
        2 => setCreditCall { debtor: one, currency: CNY, limit: 10 * amount }.abi_encode(),
        3 => acknowledgeSettlementCall { debtor: one, currency: CNY, amount }.abi_encode(),
        4 => netCall { bank: one, currency: CNY }.abi_encode(),
        _ => pay(uetr, one, other, amount).abi_encode(),
    };
    chain.send(PEOPLE[by], ADDRESS, input.into());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn i1_i2_books_balance_after_any_sequence_of_calls(
        attempts in proptest::collection::vec((0..5usize, 0..10u8, 1..6u64, 1..6u64, 0..90_000u64), 1..80)
    ) {
        let mut chain = chain();
        for (number, attempt) in (1..).zip(attempts) {
            try_it(&mut chain, number, attempt);
        }
        check_books(&mut chain);
    }
}

#[test]
fn i1_every_posting_keeps_the_books_balanced() {
    use super::{rules::Posting::*, types::Sheet};
    let start = Sheet {
        deposited: 100,
        claims: 50,
        withdrawn: 20,
        balances: 90,
        debts: 40,
        is_licensed: true,
    };
    for posting in [Deposit, Withdrawal, Outgoing, Incoming, DebtSettled, ClaimSettled, Netted] {
        let mut sheet = start.clone();
        rules::post(&mut sheet, posting, 7).unwrap();
        assert_ne!(sheet, start);
        let right = sheet.withdrawn + sheet.balances + sheet.debts;
        assert_eq!(sheet.deposited + sheet.claims, right, "{posting:?}");
    }
}

#[test]
fn i2_customers_money_is_the_sum_of_their_accounts() {
    let mut chain = chain();
    accepts(&mut chain, MAKER, pay(1, AT_MAKER, AT_SUPPLIER, 100));
    accepts(&mut chain, SUPPLIER, withdraw(AT_SUPPLIER, 40));
    check_books(&mut chain);
    let sheet = accepts(&mut chain, STRANGER, sheetCall { bank: BANK_ID, currency: CNY });
    assert_eq!((sheet.balances, sheet.claims, sheet.withdrawn), (500_060, 100, 40));
}

conformance! {
    module: super::super::MODULE,
    calls: IPaymentsCalls, errors: IPaymentsErrors, events: IPaymentsEvents,
    chain: chain_with_voucher,
    people: &PEOPLE,
    gas: gas,
    transitions: (rules::TRANSITIONS, AccountState::ALL),
}

/// What the calls of the stories cost.
fn gas(chain: &mut Sandbox) -> Vec<(&'static str, u64)> {
    offer(chain, 1, 98_000);
    let mut calls = Vec::new();
    let mut pay_for = |name, sender, input: Vec<u8>| {
        let done = chain.send(sender, ADDRESS, input.into());
        assert!(!done.is_refused, "{name}");
        calls.push((name, done.gas_used));
    };
    let open = openAccountCall { owner: MAKER_ID, currency: CNY };
    pay_for("openAccount", BANK, open.abi_encode());
    pay_for("deposit", BANK, deposit(6, 1_000).abi_encode());
    let remittance = String::new();
    let call = receivePaymentCall { uetr: 6, account: 6, amount: 1, remittance };
    pay_for("receivePayment", BANK, call.abi_encode());
    pay_for("withdraw", MAKER, withdraw(6, 100).abi_encode());
    pay_for("pay within a bank", MAKER, pay(7, 6, AT_SUPPLIER, 100).abi_encode());
    pay_for("pay between banks", MAKER, pay(8, AT_MAKER, AT_SUPPLIER, 100).abi_encode());
    pay_for("buyPart", BANK, buy(9).abi_encode());
    let call =
        payPartCall { uetr: 10, position: 1, amount: 1_000, payer: AT_MAKER, payee: AT_BANK };
    pay_for("payPart", MAKER, call.abi_encode());
    pay_for("account", STRANGER, accountCall { id: 1 }.abi_encode());
    pay_for("payment", STRANGER, paymentCall { uetr: 9 }.abi_encode());
    calls
}
