//! Stories and invariants of `receivables`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, address};
use alloy_sol_types::{SolCall, SolError};
use proptest::prelude::*;
use qiao_module_kit::{
    IModule::PageTooLong,
    conformance,
    position::IPosition,
    testing::Sandbox,
    uniqueness::{IUniqueness, asset_key},
};

use super::{ADDRESS, IReceivables::*, VoucherState, rules};
use crate::{
    MODULES,
    fixtures::trade_genesis,
    members::{self, IMembers},
};

const MAKER: Address = address!("00000000000000000000000000000000000000a1");
const FIRST: Address = address!("00000000000000000000000000000000000000a2");
const SECOND: Address = address!("00000000000000000000000000000000000000a3");
const BANK: Address = address!("00000000000000000000000000000000000000a4");
const RIVAL: Address = address!("00000000000000000000000000000000000000a5");
const GUARANTOR: Address = address!("00000000000000000000000000000000000000a6");
const REGULATOR: Address = address!("00000000000000000000000000000000000000a7");
const STRANGER: Address = address!("00000000000000000000000000000000000000ff");

const MAKER_ID: u64 = 1;
const FIRST_ID: u64 = 2;
const SECOND_ID: u64 = 3;
const BANK_ID: u64 = 4;
const RIVAL_ID: u64 = 5;
const GUARANTOR_ID: u64 = 6;

const PEOPLE: [Address; 8] = [MAKER, FIRST, SECOND, BANK, RIVAL, GUARANTOR, REGULATOR, STRANGER];
const CNY: u16 = 156;
const DAY: u64 = 86_400;
/// The first block: 2027-01-15, 16:00 in Beijing.
const START: u64 = 1_800_000_000;
const DUE: u32 = 20270630;
const AFTER_DUE: u64 = START + 170 * DAY;

/// Seven organisations, everybody a signer, the maker with a limit of one million.
fn chain() -> Sandbox {
    let mut chain = Sandbox::new(MODULES, &trade_genesis(&PEOPLE[..7]));
    for account in &PEOPLE[..6] {
        let call = IMembers::grantRoleCall { account: *account, role: 6 };
        chain.call(*account, members::ADDRESS, call).unwrap();
    }
    let call = setLimitCall { issuer: MAKER_ID, currency: CNY, limit: 1_000_000 };
    chain.call(REGULATOR, ADDRESS, call).unwrap();
    chain
}

/// With a live voucher of 100,000 at the first supplier: number 1.
fn chain_with_voucher() -> Sandbox {
    let mut chain = chain();
    assert_eq!(accepts(&mut chain, MAKER, issue(100_000, "INV-1")), 1);
    accepts(&mut chain, FIRST, acceptCall { voucher: 1 });
    chain
}

/// With a voucher whose day has passed.
fn chain_with_overdue_voucher() -> Sandbox {
    let mut chain = chain_with_voucher();
    accepts(&mut chain, GUARANTOR, endorseCall { voucher: 1 });
    chain.at_block(9, AFTER_DUE);
    accepts(&mut chain, STRANGER, markOverdueCall { voucher: 1 });
    chain
}

fn document(number: &str, value: u64, seed: u8) -> Document {
    Document { number: number.to_owned(), value, hash: B256::repeat_byte(seed) }
}

fn terms(amount: u64) -> Terms {
    Terms {
        creditor: FIRST_ID,
        amount,
        currency: CNY,
        due: DUE,
        recourse: true,
        interestBearer: 0,
        tenorReason: String::new(),
    }
}

/// Against a contract of 500,000 and an invoice and a delivery of 100,000.
fn issue(amount: u64, invoice: &str) -> issueCall {
    issueCall {
        terms: terms(amount),
        purchaseContract: document("PO-7", 500_000, 1),
        invoice: document(invoice, 100_000, 2),
        delivery: document(&format!("D-{invoice}"), 100_000, 3),
    }
}

fn pass(position: u64, to: u64, amount: u64) -> passCall {
    passCall { position, to, amount }
}

fn offer(position: u64, buyer: u64, price: u64) -> offerSaleCall {
    offerSaleCall { position, buyer, price }
}

fn accept_sale(position: u64) -> acceptSaleCall {
    acceptSaleCall { position, registration: "REG-2027-0001".to_owned() }
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

fn part(chain: &mut Sandbox, position: u64) -> Part {
    accepts(chain, STRANGER, partCall { position })
}

fn voucher(chain: &mut Sandbox, id: u64) -> Voucher {
    accepts(chain, STRANGER, voucherCall { id })
}

/// The maker's (outstanding, overdue vouchers).
fn owed(chain: &mut Sandbox) -> (u64, u32) {
    let call = exposureCall { issuer: MAKER_ID, currency: CNY };
    let exposure = accepts(chain, STRANGER, call);
    (exposure.outstanding, exposure.overdueVouchers)
}

/// Story: the maker confirms a debt of 100,000; the first supplier pays 30,000 of its own debt with
/// it; the second supplier sells its part to the bank on the same day; on the day the maker pays.
#[test]
fn a_supplier_of_the_second_tier_turns_its_debt_into_money() {
    let mut chain = chain();
    let id = accepts(&mut chain, MAKER, issue(100_000, "INV-1"));
    assert_eq!(voucher(&mut chain, id).state, VoucherState::Offered as u8);
    accepts(&mut chain, FIRST, acceptCall { voucher: id });
    accepts(&mut chain, GUARANTOR, endorseCall { voucher: id });

    let part_of_second = accepts(&mut chain, FIRST, pass(id, SECOND_ID, 30_000));
    assert_eq!(accepts(&mut chain, STRANGER, lineageCall { position: part_of_second }), [id, 2]);

    // The bank pays 29,500 outside of the chain; the supplier delivers when it has the money.
    accepts(&mut chain, SECOND, offer(part_of_second, BANK_ID, 29_500));
    accepts(&mut chain, BANK, accept_sale(part_of_second));
    let call = completeSaleCall { position: part_of_second };
    let financing = accepts(&mut chain, SECOND, call);
    let shown = accepts(&mut chain, STRANGER, financingCall { id: financing });
    assert_eq!((shown.seller, shown.buyer), (SECOND_ID, BANK_ID));
    assert_eq!((shown.amount, shown.price, shown.day), (30_000, 29_500, 20270115));
    assert_eq!((shown.registration.as_str(), shown.recourse), ("REG-2027-0001", true));

    // On the day everybody is paid.
    chain.at_block(9, START + 166 * DAY);
    accepts(&mut chain, BANK, acknowledgeCall { position: part_of_second, amount: 30_000 });
    accepts(&mut chain, FIRST, acknowledgeCall { position: id, amount: 70_000 });
    assert_eq!(chain.events::<VoucherClosed>(), [VoucherClosed { voucher: id }]);
    let shown = voucher(&mut chain, id);
    assert_eq!(
        (shown.state, shown.repaid, shown.liveParts),
        (VoucherState::Closed as u8, 100_000, 0)
    );
    assert_eq!(owed(&mut chain), (0, 0));
}

/// Story: the supplier takes the same invoice to two banks; the second is refused.
#[test]
fn one_invoice_is_not_financed_at_two_banks() {
    let mut chain = chain_with_voucher();
    accepts(&mut chain, FIRST, offer(1, BANK_ID, 98_000));
    let locked = IPosition::WrongPositionState { position: 1, state: 2 };
    refuses(&mut chain, FIRST, offer(1, RIVAL_ID, 99_000), locked);
    accepts(&mut chain, BANK, accept_sale(1));
    accepts(&mut chain, FIRST, completeSaleCall { position: 1 });
    let sold = IPosition::NotHolder { position: 1, party: FIRST_ID };
    refuses(&mut chain, FIRST, offer(1, RIVAL_ID, 99_000), sold);
    // Nor does another voucher against the invoice come to be, however its number is spelled.
    let asset = invoice_key("INV-1");
    let used = IUniqueness::ExceedsBalance { asset, asked: 1, left: 0 };
    let again = issueCall { delivery: document("D-2", 100_000, 4), ..issue(1, " inv 1") };
    refuses(&mut chain, MAKER, again, used);
}

fn invoice_key(number: &str) -> B256 {
    asset_key("invoice", &[("seller", "2"), ("buyer", "1"), ("number", number)]).unwrap()
}

#[test]
fn i2_vouchers_never_use_more_than_the_documents_prove() {
    let mut chain = chain_with_voucher();
    let rule = "must prove at least the amount of the voucher".to_owned();
    let failed = MatchFailed { document: "invoice".to_owned(), rule };
    refuses(&mut chain, MAKER, issue(100_001, "INV-2"), failed);
    for (call, document, rule) in [
        (
            issueCall { invoice: document("INV-2", 600_000, 2), ..issue(1, "") },
            "invoice",
            "must not exceed the contract",
        ),
        (
            issueCall { delivery: document("D", 100_001, 3), ..issue(1, "INV-2") },
            "delivery",
            "must not exceed the invoice",
        ),
        (
            issueCall { delivery: document("D", 1, 2), ..issue(1, "INV-2") },
            "contract",
            "must be another file than invoice and delivery",
        ),
        (
            issueCall { purchaseContract: document("PO-7", 500_000, 0), ..issue(1, "INV-2") },
            "contract",
            "must have the hash of its file",
        ),
    ] {
        let (document, rule) = (document.to_owned(), rule.to_owned());
        refuses(&mut chain, MAKER, call, MatchFailed { document, rule });
    }
    // Another value for a known invoice is another document.
    let call = issueCall { invoice: document("INV-1", 100_002, 2), ..issue(1, "INV-1") };
    refuses(&mut chain, MAKER, call, IUniqueness::AssetDiffers { asset: invoice_key("INV-1") });
    // Five invoices use up the contract; a declined voucher gives its share back.
    for number in ["INV-2", "INV-3", "INV-4", "INV-5"] {
        accepts(&mut chain, MAKER, issue(100_000, number));
    }
    let key = [("seller", "2"), ("buyer", "1"), ("number", "PO-7")];
    let asset = asset_key("purchase_contract", &key).unwrap();
    let used = || IUniqueness::ExceedsBalance { asset, asked: 100_000, left: 0 };
    refuses(&mut chain, MAKER, issue(100_000, "INV-6"), used());
    accepts(&mut chain, FIRST, declineCall { voucher: 5 });
    let balance =
        invoiceBalanceCall { seller: FIRST_ID, buyer: MAKER_ID, number: "INV-5".to_owned() };
    let balance = accepts(&mut chain, STRANGER, balance);
    assert_eq!((balance.value, balance.left), (100_000, 100_000));
    accepts(&mut chain, MAKER, issue(100_000, "INV-6"));
    refuses(&mut chain, MAKER, issue(100_000, "INV-7"), used());
}

#[test]
fn i3_each_call_is_for_its_party_only() {
    let mut chain = chain_with_voucher();
    accepts(&mut chain, MAKER, issue(50_000, "INV-2"));
    let not_in_role = |organisation, role: &str| NotInRole { organisation, role: role.to_owned() };
    refuses(&mut chain, SECOND, acceptCall { voucher: 2 }, not_in_role(SECOND_ID, "creditor"));
    refuses(&mut chain, MAKER, acceptCall { voucher: 2 }, not_in_role(MAKER_ID, "creditor"));
    let call = declineCall { voucher: 2 };
    refuses(&mut chain, BANK, call, not_in_role(BANK_ID, "creditor or issuer"));
    let not_holder = |party| IPosition::NotHolder { position: 1, party };
    refuses(&mut chain, SECOND, splitCall { position: 1, amount: 1 }, not_holder(SECOND_ID));
    refuses(&mut chain, SECOND, pass(1, BANK_ID, 100_000), not_holder(SECOND_ID));
    refuses(&mut chain, MAKER, offer(1, BANK_ID, 1), not_holder(MAKER_ID));
    let call = acknowledgeCall { position: 1, amount: 1 };
    refuses(&mut chain, MAKER, call, not_in_role(MAKER_ID, "payee"));
    accepts(&mut chain, FIRST, offer(1, BANK_ID, 90_000));
    refuses(&mut chain, RIVAL, accept_sale(1), not_in_role(RIVAL_ID, "buyer"));
    accepts(&mut chain, BANK, accept_sale(1));
    let call = completeSaleCall { position: 1 };
    refuses(&mut chain, BANK, call, not_in_role(BANK_ID, "seller"));
    // A signer speaks; an admin without the role, a stranger and a regulator do not.
    let stranger = IMembers::NotMember { account: STRANGER };
    refuses(&mut chain, STRANGER, issue(1, "INV-3"), stranger);
    let not_signer = IMembers::NotSigner { caller: REGULATOR };
    refuses(&mut chain, REGULATOR, issue(1, "INV-3"), not_signer);
    let not_regulator = || IMembers::NotRegulator { caller: MAKER };
    let call = setLimitCall { issuer: MAKER_ID, currency: CNY, limit: u64::MAX };
    refuses(&mut chain, MAKER, call, not_regulator());
    refuses(&mut chain, MAKER, adoptPackCall { pack: 0 }, not_regulator());
    let call = unfreezePartCall { position: 1 };
    refuses(&mut chain, MAKER, call, not_regulator());
}

#[test]
fn i4_the_tenor_is_six_months_a_year_with_a_reason_and_never_more() {
    let mut chain = chain();
    let call = |due, reason: &str| issueCall {
        terms: Terms { due, tenorReason: reason.to_owned(), ..terms(1_000) },
        ..issue(1_000, "INV-1")
    };
    let pack = || "cn-2025-77".to_owned();
    let rule = || {
        "Yinfa [2025] 77: the payment term of a receivables voucher is in principle within 6 \
         months and at most 1 year"
            .to_owned()
    };
    // Today is 2027-01-15 in Beijing.
    let long = TenorNeedsReason { pack: pack(), due: 20270716, usual: 20270715, rule: rule() };
    refuses(&mut chain, MAKER, call(20270716, ""), long);
    let too_long = TenorTooLong { pack: pack(), due: 20280116, latest: 20280115, rule: rule() };
    refuses(&mut chain, MAKER, call(20280116, "shipbuilding"), too_long);
    for (due, rule) in [
        (20270115, "must lie in the future"),
        (20270230, "must be a day, written YYYYMMDD"),
        (0, "must be a day, written YYYYMMDD"),
    ] {
        let invalid = InvalidTerm { field: "due".to_owned(), rule: rule.to_owned() };
        refuses(&mut chain, MAKER, call(due, ""), invalid);
    }
    accepts(&mut chain, MAKER, call(20270715, ""));
    accepts(&mut chain, MAKER, call(20280115, "shipbuilding pays on launch"));
}

#[test]
fn i4_an_issuer_keeps_to_its_limit_and_pays_before_it_issues() {
    let mut chain = chain();
    let pack = || "cn-2025-77".to_owned();
    let rule = "Yinfa [2025] 77: vouchers are issued within the limit of the issuer".to_owned();
    let call = setLimitCall { issuer: MAKER_ID, currency: CNY, limit: 150_000 };
    accepts(&mut chain, REGULATOR, call);
    accepts(&mut chain, MAKER, issue(100_000, "INV-1"));
    let (issuer, asked, left) = (MAKER_ID, 50_001, 50_000);
    let over = IssuerOverLimit { pack: pack(), issuer, asked, left, rule };
    refuses(&mut chain, MAKER, issue(50_001, "INV-2"), over);

    let mut chain = chain_with_overdue_voucher();
    let rule = "Yinfa [2025] 77: who has overdue vouchers is not served with new ones".to_owned();
    let late = || IssuerOverdue { pack: pack(), issuer, vouchers: 1, rule: rule.clone() };
    let call = || issueCall { terms: Terms { due: 20270930, ..terms(1) }, ..issue(1, "INV-2") };
    refuses(&mut chain, MAKER, call(), late());
    accepts(&mut chain, FIRST, acknowledgeCall { position: 1, amount: 99_999 });
    refuses(&mut chain, MAKER, call(), late());
    accepts(&mut chain, FIRST, acknowledgeCall { position: 1, amount: 1 });
    accepts(&mut chain, MAKER, call());
    assert_eq!(accepts(&mut chain, STRANGER, overdueCall { from: 0, count: 100 }), [0]);
}

#[test]
fn i4_a_financing_is_registered() {
    let mut chain = chain_with_voucher();
    accepts(&mut chain, FIRST, offer(1, BANK_ID, 90_000));
    let missing = RegistrationMissing {
        pack: "cn-2025-77".to_owned(),
        position: 1,
        rule: "Yinfa [2025] 77: a financing is registered in the unified registration system for \
               movable property financing of the Credit Reference Centre"
            .to_owned(),
    };
    let call = acceptSaleCall { position: 1, registration: String::new() };
    refuses(&mut chain, BANK, call, missing);
    let rule = "must have at most 64 letters, digits and `-`".to_owned();
    let invalid = InvalidTerm { field: "registration".to_owned(), rule };
    let call = acceptSaleCall { position: 1, registration: "REG 1".to_owned() };
    refuses(&mut chain, BANK, call, invalid);
    accepts(&mut chain, BANK, accept_sale(1));
}

#[test]
fn i4_the_file_for_the_registry_says_who_sold_what_to_whom() {
    let mut chain = chain_with_voucher();
    let call = || registrationFileCall { position: 1 };
    refuses(&mut chain, BANK, call(), NoSale { position: 1 });
    accepts(&mut chain, FIRST, offer(1, BANK_ID, 97_500));
    let file = accepts(&mut chain, BANK, call());
    let lines: Vec<&str> = file.split("\r\n").collect();
    let [columns, values, ""] = lines[..] else { panic!("two lines, not `{file}`") };
    assert_eq!(columns.split(',').count(), values.split("\",\"").count());
    let expected = "\"Organisation 2\",\"Organisation 4\",\"Organisation 1\",\"\",\"1\",\"1\",\
                    \"CNY\",\"1000.00\",\"975.00\",\"20270115\",\"20270630\",\"有\",";
    assert!(values.starts_with(expected), "{values}");
    assert!(values.contains(&B256::repeat_byte(2).to_string()), "{values}");
    assert!(values.ends_with("金额CNY 1000.00,付款日20270630\""), "{values}");
}

#[test]
fn i4_another_pack_has_other_rules() {
    let mut chain = chain();
    refuses(&mut chain, REGULATOR, adoptPackCall { pack: 2 }, UnknownPack { pack: 2 });
    accepts(&mut chain, REGULATOR, adoptPackCall { pack: 0 });
    assert_eq!(accepts(&mut chain, STRANGER, packInForceCall {}), 0);
    let long = Terms { due: 20370101, creditor: MAKER_ID, ..terms(1_000) };
    // The second supplier has no limit, and needs none.
    let call = issueCall { terms: long, ..issue(1_000, "INV-1") };
    let id = accepts(&mut chain, SECOND, call);
    accepts(&mut chain, MAKER, acceptCall { voucher: id });
    accepts(&mut chain, MAKER, offer(id, BANK_ID, 900));
    let call = acceptSaleCall { position: id, registration: String::new() };
    accepts(&mut chain, BANK, call);
    for number in 0..2 {
        let shown = accepts(&mut chain, STRANGER, packCall { id: number });
        assert_eq!(shown.name, rules::PACKS[usize::from(number)].name);
    }
}

#[test]
fn i5_what_is_promised_pledged_or_sold_is_so_once() {
    let mut chain = chain_with_voucher();
    let state = |state| IPosition::WrongPositionState { position: 1, state };
    accepts(&mut chain, FIRST, pledgeCall { position: 1, pledgee: BANK_ID });
    refuses(&mut chain, FIRST, pledgeCall { position: 1, pledgee: RIVAL_ID }, state(3));
    refuses(&mut chain, FIRST, offer(1, RIVAL_ID, 1), state(3));
    refuses(&mut chain, FIRST, pass(1, SECOND_ID, 10), state(3));
    // The pledgee cannot take it before the day, nor pass for the buyer of a sale.
    let early = NotDue { voucher: 1, due: DUE };
    refuses(&mut chain, BANK, enforcePledgeCall { position: 1 }, early);
    refuses(&mut chain, BANK, endSaleCall { position: 1 }, NoSale { position: 1 });
    accepts(&mut chain, BANK, releasePledgeCall { position: 1 });
    accepts(&mut chain, FIRST, offer(1, BANK_ID, 90_000));
    refuses(&mut chain, FIRST, pledgeCall { position: 1, pledgee: RIVAL_ID }, state(2));
    let sale = WrongSaleState { position: 1, accepted: false };
    refuses(&mut chain, BANK, enforcePledgeCall { position: 1 }, sale.clone());
    refuses(&mut chain, FIRST, completeSaleCall { position: 1 }, sale);
    // Before it is accepted the seller withdraws; afterwards only the buyer ends it.
    accepts(&mut chain, FIRST, endSaleCall { position: 1 });
    accepts(&mut chain, FIRST, offer(1, BANK_ID, 90_000));
    accepts(&mut chain, BANK, accept_sale(1));
    let accepted = WrongSaleState { position: 1, accepted: true };
    refuses(&mut chain, FIRST, endSaleCall { position: 1 }, accepted);
    accepts(&mut chain, BANK, endSaleCall { position: 1 });
    assert_eq!(part(&mut chain, 1).state, 1);
    // A buyer that accepted and never paid does not keep the part from being paid on its day.
    accepts(&mut chain, FIRST, offer(1, BANK_ID, 90_000));
    accepts(&mut chain, BANK, accept_sale(1));
    chain.at_block(9, AFTER_DUE);
    accepts(&mut chain, FIRST, endSaleCall { position: 1 });
    accepts(&mut chain, FIRST, acknowledgeCall { position: 1, amount: 100_000 });
}

#[test]
fn a_pledgee_is_paid_first_and_enforces_after_the_day() {
    let mut chain = chain_with_voucher();
    accepts(&mut chain, FIRST, pledgeCall { position: 1, pledgee: BANK_ID });
    let call = || acknowledgeCall { position: 1, amount: 40_000 };
    let role = "payee".to_owned();
    refuses(&mut chain, FIRST, call(), NotInRole { organisation: FIRST_ID, role });
    accepts(&mut chain, BANK, call());
    chain.at_block(9, AFTER_DUE);
    accepts(&mut chain, BANK, enforcePledgeCall { position: 1 });
    let shown = part(&mut chain, 1);
    assert_eq!((shown.holder, shown.amount, shown.state), (BANK_ID, 60_000, 1));
}

#[test]
fn i7_parts_of_an_overdue_voucher_stay_where_they_are() {
    let mut chain = chain_with_overdue_voucher();
    let overdue = || WrongVoucherState { voucher: 1, state: VoucherState::Overdue as u8 };
    refuses(&mut chain, FIRST, pass(1, SECOND_ID, 10), overdue());
    refuses(&mut chain, FIRST, splitCall { position: 1, amount: 10 }, overdue());
    refuses(&mut chain, FIRST, pledgeCall { position: 1, pledgee: BANK_ID }, overdue());
    refuses(&mut chain, FIRST, offer(1, BANK_ID, 10), overdue());
    refuses(&mut chain, RIVAL, endorseCall { voucher: 1 }, overdue());
    refuses(&mut chain, STRANGER, markOverdueCall { voucher: 1 }, overdue());
}

#[test]
fn a_voucher_is_not_overdue_on_its_day() {
    let mut chain = chain_with_voucher();
    // 23:00 in Beijing on the day, and an hour and a half later.
    let last_hour = START + 166 * DAY + 7 * 3_600;
    chain.at_block(8, last_hour);
    let early = NotDue { voucher: 1, due: DUE };
    refuses(&mut chain, STRANGER, markOverdueCall { voucher: 1 }, early);
    let reason = "given up".to_owned();
    let live = WrongVoucherState { voucher: 1, state: VoucherState::Live as u8 };
    refuses(&mut chain, FIRST, writeOffCall { position: 1, reason }, live);
    chain.at_block(9, last_hour + 5_400);
    accepts(&mut chain, STRANGER, markOverdueCall { voucher: 1 });
}

#[test]
fn i8_a_frozen_part_does_not_change() {
    let mut chain = chain_with_voucher();
    let reason = "court order 12".to_owned();
    accepts(&mut chain, REGULATOR, freezePartCall { position: 1, reason });
    let frozen = || IPosition::PositionFrozen { position: 1 };
    refuses(&mut chain, FIRST, pass(1, SECOND_ID, 10), frozen());
    refuses(&mut chain, FIRST, offer(1, BANK_ID, 10), frozen());
    refuses(&mut chain, FIRST, acknowledgeCall { position: 1, amount: 10 }, frozen());
    accepts(&mut chain, REGULATOR, unfreezePartCall { position: 1 });
    accepts(&mut chain, FIRST, pass(1, SECOND_ID, 10));
}

#[test]
fn i9_without_recourse_nothing_is_returned() {
    let mut chain = chain();
    let without = Terms { recourse: false, ..terms(1_000) };
    let call = issueCall { terms: without, ..issue(1_000, "INV-1") };
    accepts(&mut chain, MAKER, call);
    accepts(&mut chain, FIRST, acceptCall { voucher: 1 });
    accepts(&mut chain, FIRST, offer(1, BANK_ID, 900));
    accepts(&mut chain, BANK, accept_sale(1));
    let financing = accepts(&mut chain, FIRST, completeSaleCall { position: 1 });
    refuses(&mut chain, BANK, buyBackCall { financing }, NoRecourse { financing });
    refuses(&mut chain, BANK, buyBackCall { financing: 9 }, NoOpenFinancing { financing: 9 });
}

#[test]
fn a_guarantor_endorses_once_and_is_not_the_issuer() {
    let mut chain = chain_with_voucher();
    let role = || "guarantor".to_owned();
    let own = InvalidParty { organisation: MAKER_ID, role: role() };
    refuses(&mut chain, MAKER, endorseCall { voucher: 1 }, own);
    accepts(&mut chain, GUARANTOR, endorseCall { voucher: 1 });
    let taken = AlreadyEndorsed { voucher: 1, guarantor: GUARANTOR_ID };
    refuses(&mut chain, RIVAL, endorseCall { voucher: 1 }, taken);
    refuses(&mut chain, RIVAL, endorseCall { voucher: 8 }, UnknownVoucher { voucher: 8 });
}

#[test]
fn lists_come_in_pages() {
    let mut chain = chain_with_voucher();
    for _ in 0..5 {
        accepts(&mut chain, FIRST, pass(1, SECOND_ID, 10));
    }
    let parts = |from, count| partsOfCall { position: 1, from, count };
    assert_eq!(accepts(&mut chain, STRANGER, parts(0, 3)), [2, 3, 4]);
    assert_eq!(accepts(&mut chain, STRANGER, parts(3, 100)), [5, 6]);
    assert_eq!(accepts(&mut chain, STRANGER, parts(u64::MAX, 100)), [0u64; 0]);
    let too_long = PageTooLong { asked: 101, max: 100 };
    refuses(&mut chain, STRANGER, parts(0, 101), too_long);
    accepts(&mut chain, SECOND, pass(3, FIRST_ID, 10));
    let call = holdingsCall { organisation: SECOND_ID, from: 0, count: 100 };
    assert_eq!(accepts(&mut chain, STRANGER, call), [2, 0, 4, 5, 6]);
    let call = vouchersOfCall { issuer: MAKER_ID, from: 0, count: 10 };
    assert_eq!(accepts(&mut chain, STRANGER, call), [1]);
    let shown = accepts(&mut chain, STRANGER, evidenceCall { voucher: 1 });
    assert_eq!(shown.invoice, B256::repeat_byte(2));
    let call = holdingsCountCall { organisation: SECOND_ID };
    assert_eq!(accepts(&mut chain, STRANGER, call), 5);
}

/// One thing that one of the people tries.
#[derive(Debug, Clone)]
enum Attempt {
    Issue { amount: u64, invoice: u8 },
    Answer { by: usize, voucher: u64, is_accepted: bool },
    Split { by: usize, position: u64, amount: u64 },
    Merge { by: usize, into: u64, other: u64 },
    Pass { by: usize, position: u64, to: u64, amount: u64 },
    Pledge { by: usize, position: u64, to: u64 },
    Release { by: usize, position: u64 },
    Offer { by: usize, position: u64, to: u64 },
    Sell { by: usize, position: u64 },
    Acknowledge { by: usize, position: u64, amount: u64 },
    WriteOff { by: usize, position: u64 },
    Freeze { position: u64, is_frozen: bool },
    Overdue { voucher: u64 },
    Wait { days: u64 },
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let (by, position, to) = (0..6usize, 1..9u64, 1..7u64);
    let amount = 0..60_000u64;
    prop_oneof![
        2 => (amount.clone(), 0..4u8).prop_map(|(amount, invoice)| Attempt::Issue { amount, invoice }),
        2 => (1..3usize, 1..5u64, any::<bool>())
            .prop_map(|(by, voucher, is_accepted)| Attempt::Answer { by, voucher, is_accepted }),
        2 => (by.clone(), position.clone(), amount.clone())
            .prop_map(|(by, position, amount)| Attempt::Split { by, position, amount }),
        1 => (by.clone(), position.clone(), 1..9u64)
            .prop_map(|(by, into, other)| Attempt::Merge { by, into, other }),
        4 => (by.clone(), position.clone(), to.clone(), amount.clone())
            .prop_map(|(by, position, to, amount)| Attempt::Pass { by, position, to, amount }),
        1 => (by.clone(), position.clone(), to.clone())
            .prop_map(|(by, position, to)| Attempt::Pledge { by, position, to }),
        1 => (by.clone(), position.clone()).prop_map(|(by, position)| Attempt::Release { by, position }),
        2 => (by.clone(), position.clone(), to)
            .prop_map(|(by, position, to)| Attempt::Offer { by, position, to }),
        2 => (by.clone(), position.clone()).prop_map(|(by, position)| Attempt::Sell { by, position }),
        2 => (by.clone(), position.clone(), amount)
            .prop_map(|(by, position, amount)| Attempt::Acknowledge { by, position, amount }),
        1 => (by, position.clone()).prop_map(|(by, position)| Attempt::WriteOff { by, position }),
        1 => (position, any::<bool>())
            .prop_map(|(position, is_frozen)| Attempt::Freeze { position, is_frozen }),
        1 => (1..5u64).prop_map(|voucher| Attempt::Overdue { voucher }),
        1 => (0..60u64).prop_map(|days| Attempt::Wait { days }),
    ]
}

fn try_it(chain: &mut Sandbox, time: &mut u64, attempt: &Attempt) {
    let reason = "test".to_owned();
    let (by, input) = match *attempt {
        Attempt::Issue { amount, invoice } => {
            (0, issue(amount, &format!("INV-{invoice}")).abi_encode())
        }
        Attempt::Answer { by, voucher, is_accepted: true } => {
            (by, acceptCall { voucher }.abi_encode())
        }
        Attempt::Answer { by, voucher, .. } => (by, declineCall { voucher }.abi_encode()),
        Attempt::Split { by, position, amount } => {
            (by, splitCall { position, amount }.abi_encode())
        }
        Attempt::Merge { by, into, other } => (by, mergeCall { into, other }.abi_encode()),
        Attempt::Pass { by, position, to, amount } => (by, pass(position, to, amount).abi_encode()),
        Attempt::Pledge { by, position, to } => {
            (by, pledgeCall { position, pledgee: to }.abi_encode())
        }
        Attempt::Release { by, position } => (by, releasePledgeCall { position }.abi_encode()),
        Attempt::Offer { by, position, to } => (by, offer(position, to, 1).abi_encode()),
        Attempt::Sell { by, position } => {
            chain.send(PEOPLE[by], ADDRESS, accept_sale(position).abi_encode().into());
            (by, completeSaleCall { position }.abi_encode())
        }
        Attempt::Acknowledge { by, position, amount } => {
            (by, acknowledgeCall { position, amount }.abi_encode())
        }
        Attempt::WriteOff { by, position } => (by, writeOffCall { position, reason }.abi_encode()),
        Attempt::Freeze { position, is_frozen: true } => {
            (6, freezePartCall { position, reason }.abi_encode())
        }
        Attempt::Freeze { position, .. } => (6, unfreezePartCall { position }.abi_encode()),
        Attempt::Overdue { voucher } => (7, markOverdueCall { voucher }.abi_encode()),
        Attempt::Wait { days } => {
            *time += days * DAY;
            chain.at_block(1 + *time / DAY, *time);
            return;
        }
    };
    chain.send(PEOPLE[by], ADDRESS, input.into());
}

/// Runs what was tried on a chain with a live voucher.
fn chain_after(attempts: &[Attempt]) -> Sandbox {
    let (mut chain, mut time) = (chain(), START);
    accepts(&mut chain, MAKER, issue(50_000, "INV-0"));
    accepts(&mut chain, FIRST, acceptCall { voucher: 1 });
    for attempt in attempts {
        try_it(&mut chain, &mut time, attempt);
    }
    chain
}

/// What the parts of each voucher hold together.
fn held(chain: &mut Sandbox) -> BTreeMap<u64, u64> {
    let mut held: BTreeMap<u64, u64> = BTreeMap::new();
    for position in 1..200 {
        let Ok(part) = chain.call(STRANGER, ADDRESS, partCall { position }) else { break };
        *held.entry(part.voucher).or_default() += part.amount;
        let way = accepts(chain, STRANGER, lineageCall { position });
        assert_eq!(way[0], part.voucher, "every part leads back to its voucher");
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn i1_parts_hold_what_is_owed_after_any_sequence_of_calls(
        attempts in proptest::collection::vec(attempt(), 1..80)
    ) {
        let mut chain = chain_after(&attempts);
        for (id, held) in held(&mut chain) {
            let shown = voucher(&mut chain, id);
            let is_void = shown.state == VoucherState::Void as u8;
            let expected = shown.amount - shown.repaid - shown.writtenOff;
            prop_assert_eq!(held, if is_void { 0 } else { expected });
        }
    }

    #[test]
    fn i6_an_issuer_owes_the_sum_of_its_vouchers_after_any_sequence_of_calls(
        attempts in proptest::collection::vec(attempt(), 1..80)
    ) {
        let mut chain = chain_after(&attempts);
        let sum: u64 = held(&mut chain).values().sum();
        prop_assert_eq!(owed(&mut chain).0, sum);
    }
}

conformance! {
    module: super::super::MODULE,
    calls: IReceivablesCalls, errors: IReceivablesErrors, events: IReceivablesEvents,
    chain: chain_with_voucher,
    people: &PEOPLE,
    gas: gas,
    transitions: (rules::TRANSITIONS, VoucherState::ALL),
}

/// What the calls of the stories cost.
fn gas(chain: &mut Sandbox) -> Vec<(&'static str, u64)> {
    let mut calls = Vec::new();
    let mut pay = |name, sender, input: Vec<u8>| {
        let done = chain.send(sender, ADDRESS, input.into());
        assert!(!done.is_refused, "{name}");
        calls.push((name, done.gas_used));
    };
    pay("issue", MAKER, issue(100_000, "INV-2").abi_encode());
    pay("accept", FIRST, acceptCall { voucher: 2 }.abi_encode());
    pay("endorse", GUARANTOR, endorseCall { voucher: 2 }.abi_encode());
    pay("split", FIRST, splitCall { position: 2, amount: 40_000 }.abi_encode());
    pay("merge", FIRST, mergeCall { into: 2, other: 3 }.abi_encode());
    pay("pass a part", FIRST, pass(2, SECOND_ID, 40_000).abi_encode());
    pay("pass all", SECOND, pass(4, RIVAL_ID, 40_000).abi_encode());
    pay("pledge", RIVAL, pledgeCall { position: 4, pledgee: BANK_ID }.abi_encode());
    pay("releasePledge", BANK, releasePledgeCall { position: 4 }.abi_encode());
    pay("offerSale", RIVAL, offer(4, BANK_ID, 39_000).abi_encode());
    pay("acceptSale", BANK, accept_sale(4).abi_encode());
    pay("completeSale", RIVAL, completeSaleCall { position: 4 }.abi_encode());
    pay("acknowledge", BANK, acknowledgeCall { position: 4, amount: 40_000 }.abi_encode());
    pay("issue again", MAKER, issue(1_000, "INV-3").abi_encode());
    pay("decline", MAKER, declineCall { voucher: 5 }.abi_encode());
    pay("voucher", STRANGER, voucherCall { id: 2 }.abi_encode());
    pay("part", STRANGER, partCall { position: 2 }.abi_encode());
    pay("lineage", STRANGER, lineageCall { position: 4 }.abi_encode());
    calls
}
