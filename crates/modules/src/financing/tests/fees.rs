//! What providers charge: published before, agreed to, within the rules of the pack.

use super::*;

/// The account of the rival, which here is a platform.
const AT_RIVAL: u64 = 3;
/// The account of the maker.
const AT_MAKER: u64 = 4;

const CITED: &str = "Yinfa [2025] No. 77, in force since 2025-06-15";
/// 20.00 and 0.15 per cent of 100,000.00.
const BANK_FEE: u64 = 2_000 + 15_000;
const PLATFORM_FEE: u64 = 5_000;

/// The bank charges for financings and the platform for its service; both were published a block ago.
pub(super) fn chain_with_tariffs() -> Sandbox {
    let mut chain = chain();
    for owner in [RIVAL_ID, MAKER_ID] {
        let call = IPayments::openAccountCall { owner, currency: CNY };
        chain.call(BANK, payments::ADDRESS, call).unwrap();
    }
    let (account, amount, remittance) = (AT_MAKER, 1_000_000, String::new());
    let call = IPayments::depositCall { account, amount, remittance };
    chain.call(BANK, payments::ADDRESS, call).unwrap();
    accepts(&mut chain, BANK, tariff(FeeService::Financing, 2_000, 15));
    accepts(&mut chain, RIVAL, tariff(FeeService::Information, PLATFORM_FEE, 0));
    chain.at_block(2, START);
    chain
}

pub(super) fn tariff(service: FeeService, flat: u64, basis_points: u32) -> setTariffCall {
    setTariffCall { currency: CNY, service: service as u8, flat, basisPoints: basis_points }
}

/// The supplier pays the bank for the financing of its part.
pub(super) fn bank_fee(uetr: u128) -> payFeeCall {
    payFeeCall {
        position: 1,
        provider: BANK_ID,
        service: FeeService::Financing as u8,
        amount: BANK_FEE,
        uetr,
        payer: AT_SUPPLIER,
        payee: AT_BANK,
    }
}

/// The supplier pays the platform.
fn platform_fee(uetr: u128) -> payFeeCall {
    payFeeCall {
        provider: RIVAL_ID,
        service: FeeService::Information as u8,
        amount: PLATFORM_FEE,
        payee: AT_RIVAL,
        ..bank_fee(uetr)
    }
}

fn unpublished(provider: u64, service: FeeService) -> FeeNotPublished {
    FeeNotPublished {
        pack: "cn-2025-77".to_owned(),
        provider,
        currency: CNY,
        service: service as u8,
        rule: format!("{CITED}: who charges makes items and standards public beforehand"),
    }
}

fn differs(agreed: u64, published: u64) -> FeeDiffers {
    let rule = "a payer agrees to each fee, and pays nothing beyond what was published";
    let (pack, rule) = ("cn-2025-77".to_owned(), format!("{CITED}: {rule}"));
    FeeDiffers { pack, position: 1, agreed, published, rule }
}

fn over(asked: u64, left: u64) -> FeeOverLimit {
    let rule = "the fees of a part stay within the limit that the regulator set";
    let (pack, rule) = ("cn-2025-77".to_owned(), format!("{CITED}: {rule}"));
    FeeOverLimit { pack, position: 1, asked, left, rule }
}

/// A second voucher of 100,000.00, under the pack in force: number 2.
fn issue_second(chain: &mut Sandbox, bearer: u8) {
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
            interestBearer: bearer,
            tenorReason: String::new(),
        },
        purchaseContract: document("PO-8", 4),
        invoice: document("INV-2", 5),
        delivery: document("D-2", 6),
    };
    let at = receivables::ADDRESS;
    assert_eq!(chain.call(MAKER, at, issue).unwrap(), 2);
    chain.call(SUPPLIER, at, IReceivables::acceptCall { voucher: 2 }).unwrap();
}

/// Story: bank and platform say beforehand what they charge; the supplier reads what its part would cost,
/// agrees by naming it, and the money moves at once.
#[test]
fn a_supplier_pays_what_was_published_and_nothing_else() {
    let mut chain = chain_with_tariffs();
    let service = FeeService::Financing as u8;
    let told = feeOfCall { position: 1, provider: BANK_ID, service };
    assert_eq!(accepts(&mut chain, STRANGER, told), BANK_FEE);
    let published = tariffCall { provider: BANK_ID, currency: CNY, service };
    let published = accepts(&mut chain, STRANGER, published);
    assert_eq!((published.flat, published.basisPoints, published.block), (2_000, 15, 1));
    let before = (balance(&mut chain, AT_SUPPLIER), balance(&mut chain, AT_BANK));
    accepts(&mut chain, SUPPLIER, bank_fee(7));
    assert_eq!(
        chain.events::<FeePaid>(),
        [FeePaid {
            position: 1,
            provider: BANK_ID,
            payer: SUPPLIER_ID,
            holder: SUPPLIER_ID,
            service,
            amount: BANK_FEE,
            uetr: 7,
        }]
    );
    let after = (balance(&mut chain, AT_SUPPLIER), balance(&mut chain, AT_BANK));
    assert_eq!(after, (before.0 - BANK_FEE, before.1 + BANK_FEE));
    let paid =
        accepts(&mut chain, STRANGER, feePaidCall { position: 1, holder: SUPPLIER_ID, service });
    assert_eq!(paid, Fee { provider: BANK_ID, payer: SUPPLIER_ID, amount: BANK_FEE });
    accepts(&mut chain, SUPPLIER, platform_fee(8));
    assert_eq!(balance(&mut chain, AT_RIVAL), PLATFORM_FEE);
}

#[test]
fn i9_nobody_pays_beyond_what_was_published_or_twice() {
    let mut chain = chain_with_tariffs();
    for agreed in [BANK_FEE - 1, BANK_FEE + 1] {
        let call = payFeeCall { amount: agreed, ..bank_fee(7) };
        refuses(&mut chain, SUPPLIER, call, differs(agreed, BANK_FEE));
    }
    let service = FeeService::Guarantee;
    let call = payFeeCall { service: service as u8, ..bank_fee(7) };
    refuses(&mut chain, SUPPLIER, call, unpublished(BANK_ID, service));
    // To the account of another, the money does not go.
    let call = payFeeCall { payee: AT_RIVAL, ..bank_fee(7) };
    let elsewhere = IPayments::WrongPayee { account: AT_RIVAL, payee: BANK_ID };
    refuses(&mut chain, SUPPLIER, call, elsewhere);
    accepts(&mut chain, SUPPLIER, bank_fee(7));
    let holder = SUPPLIER_ID;
    let again = FeePaidBefore { position: 1, holder, service: FeeService::Financing as u8 };
    refuses(&mut chain, SUPPLIER, bank_fee(8), again);
    // What is free is not paid.
    accepts(&mut chain, RIVAL, tariff(FeeService::Information, 0, 0));
    chain.at_block(3, START);
    let rule = "must be positive: the service is free".to_owned();
    let free = InvalidFinancing { field: "amount".to_owned(), rule };
    refuses(&mut chain, SUPPLIER, payFeeCall { amount: 0, ..platform_fee(8) }, free);
}

#[test]
fn i9_who_bears_the_cost_pays_the_fees() {
    let mut chain = chain_with_tariffs();
    for (by, id) in [(MAKER, MAKER_ID), (BANK, BANK_ID)] {
        let not = NotFeeBearer { position: 1, organisation: id, bearer: SUPPLIER_ID };
        refuses(&mut chain, by, bank_fee(7), not);
    }
    issue_second(&mut chain, 1);
    let call = payFeeCall { position: 2, ..bank_fee(7) };
    let not = NotFeeBearer { position: 2, organisation: SUPPLIER_ID, bearer: MAKER_ID };
    refuses(&mut chain, SUPPLIER, call.clone(), not);
    accepts(&mut chain, MAKER, payFeeCall { payer: AT_MAKER, ..call });
    assert_eq!(balance(&mut chain, AT_MAKER), 1_000_000 - BANK_FEE);
    // Nobody pays itself, and nothing is paid for a part that a regulator froze.
    let own = InvalidFinancing {
        field: "provider".to_owned(),
        rule: "must be another than who pays".to_owned(),
    };
    refuses(&mut chain, SUPPLIER, payFeeCall { provider: SUPPLIER_ID, ..bank_fee(8) }, own);
    let freeze = IReceivables::freezePartCall { position: 1, reason: "order".to_owned() };
    chain.call(REGULATOR, receivables::ADDRESS, freeze).unwrap();
    let rule = "must be live, of a live voucher, and not frozen".to_owned();
    refuses(&mut chain, SUPPLIER, bank_fee(8), UnfitPart { position: 1, rule });
}

#[test]
fn i10_a_fee_is_public_in_an_earlier_block() {
    let mut chain = chain_with_tariffs();
    accepts(&mut chain, BANK, tariff(FeeService::Financing, 3_000, 15));
    let raised = BANK_FEE + 1_000;
    let call = payFeeCall { amount: raised, ..bank_fee(7) };
    refuses(&mut chain, SUPPLIER, call.clone(), unpublished(BANK_ID, FeeService::Financing));
    chain.at_block(3, START);
    // Who agreed to the old tariff has not agreed to the new one.
    refuses(&mut chain, SUPPLIER, bank_fee(7), differs(BANK_FEE, raised));
    accepts(&mut chain, SUPPLIER, call);
}

#[test]
fn i10_an_issuer_takes_nothing_for_its_own_vouchers() {
    let mut chain = chain_with_tariffs();
    accepts(&mut chain, MAKER, tariff(FeeService::Information, 100, 0));
    chain.at_block(3, START);
    let to_maker = |position| payFeeCall {
        position,
        provider: MAKER_ID,
        amount: 100,
        payee: AT_MAKER,
        ..platform_fee(7)
    };
    let rule = "an issuer takes no fee from its suppliers for confirming what it owes";
    let forbidden = FeeByIssuer {
        pack: "cn-2025-77".to_owned(),
        position: 1,
        issuer: MAKER_ID,
        rule: format!("{CITED}: {rule}"),
    };
    refuses(&mut chain, SUPPLIER, to_maker(1), forbidden);
    // Where the parties' contract is the only law, it may say so, and at once.
    let adopt = IReceivables::adoptPackCall { pack: 0 };
    chain.call(REGULATOR, receivables::ADDRESS, adopt).unwrap();
    issue_second(&mut chain, 0);
    accepts(&mut chain, MAKER, tariff(FeeService::Information, 100, 0));
    accepts(&mut chain, SUPPLIER, to_maker(2));
}

#[test]
fn i10_the_fees_of_a_part_stay_within_the_limit() {
    let mut chain = chain_with_tariffs();
    let limit = |is_set, basis_points| setFeeLimitCall {
        pack: 1,
        isSet: is_set,
        basisPoints: basis_points,
    };
    refuses(&mut chain, BANK, limit(true, 10), IMembers::NotRegulator { caller: BANK });
    let unknown = IReceivables::UnknownPack { pack: 2 };
    refuses(&mut chain, REGULATOR, setFeeLimitCall { pack: 2, ..limit(true, 10) }, unknown);
    accepts(&mut chain, REGULATOR, limit(true, 10));
    refuses(&mut chain, SUPPLIER, bank_fee(7), over(BANK_FEE, 10_000));
    accepts(&mut chain, REGULATOR, limit(true, 20));
    accepts(&mut chain, SUPPLIER, bank_fee(7));
    // The fees of all providers count together.
    refuses(&mut chain, SUPPLIER, platform_fee(8), over(PLATFORM_FEE, 20_000 - BANK_FEE));
    let told = accepts(&mut chain, STRANGER, feeLimitCall { pack: 1 });
    assert_eq!((told.isSet, told.basisPoints), (true, 20));
    accepts(&mut chain, REGULATOR, limit(false, 0));
    accepts(&mut chain, SUPPLIER, platform_fee(8));
}

#[test]
fn tariffs_keep_to_their_rules() {
    let mut chain = chain();
    for (call, field, rule) in [
        (
            setTariffCall { service: 4, ..tariff(FeeService::Financing, 1, 1) },
            "service",
            "must be from 0 to 3",
        ),
        (tariff(FeeService::Financing, 1, 10_001), "basisPoints", "must be at most 10,000"),
        (
            setTariffCall { currency: 1, ..tariff(FeeService::Financing, 1, 1) },
            "currency",
            "must be the number of a currency of ISO 4217 that is known here",
        ),
    ] {
        let (field, rule) = (field.to_owned(), rule.to_owned());
        refuses(&mut chain, BANK, call, InvalidFinancing { field, rule });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn i9_whatever_is_tried_no_fee_exceeds_its_tariff_and_no_money_is_made_or_lost(
        steps in proptest::collection::vec(
            (0..4u8, 0..30_000u64, 0..300u32, 0..3u64, proptest::bool::ANY), 1..16,
        )
    ) {
        let mut chain = chain_with_tariffs();
        let mut paid = 0;
        for (number, (service, flat, basis_points, differs, waits)) in (3..).zip(steps) {
            let call = setTariffCall { currency: CNY, service, flat, basisPoints: basis_points };
            accepts(&mut chain, BANK, call);
            if waits {
                chain.at_block(number, START);
            }
            let published = flat + 10_000_000 * u64::from(basis_points) / 10_000;
            let agreed = (published + differs).saturating_sub(1);
            let before = [AT_SUPPLIER, AT_BANK].map(|account| balance(&mut chain, account));
            let call = payFeeCall { service, amount: agreed, ..bank_fee(u128::from(number)) };
            let is_paid = chain.call(SUPPLIER, ADDRESS, call).is_ok();
            let after = [AT_SUPPLIER, AT_BANK].map(|account| balance(&mut chain, account));
            let moved = if is_paid { published } else { 0 };
            prop_assert_eq!(after, [before[0] - moved, before[1] + moved]);
            prop_assert!(!is_paid || (waits && agreed == published && published > 0));
            paid += moved;
        }
        let told: u64 = FeeService::ALL
            .iter()
            .map(|service| feePaidCall { position: 1, holder: SUPPLIER_ID, service: *service as u8 })
            .map(|call| accepts(&mut chain, STRANGER, call).amount)
            .sum();
        prop_assert_eq!(told, paid);
    }
}
