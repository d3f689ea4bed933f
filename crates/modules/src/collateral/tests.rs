//! Stories and invariants of `collateral`.

use alloy_primitives::{Address, B256, address};
use alloy_sol_types::{SolCall, SolError};
use proptest::prelude::*;
use qiao_module_kit::{conformance, testing::Sandbox, uniqueness::IUniqueness};

use super::{ADDRESS, ICollateral::*};
use crate::{
    MODULES,
    fixtures::trade_genesis,
    members::{self, IMembers},
};

const CUSTOMS: Address = address!("00000000000000000000000000000000000000a1");
const BANK: Address = address!("00000000000000000000000000000000000000a2");
const RIVAL: Address = address!("00000000000000000000000000000000000000a3");
const REGULATOR: Address = address!("00000000000000000000000000000000000000a4");
const STRANGER: Address = address!("00000000000000000000000000000000000000ff");
const PEOPLE: [Address; 5] = [CUSTOMS, BANK, RIVAL, REGULATOR, STRANGER];

const CUSTOMS_ID: u64 = 1;
const BANK_ID: u64 = 2;
const USD: u16 = 840;
const START: u64 = 1_800_000_000;
const UNTIL: u64 = START + 3_600;

/// Customs may register; everybody but the regulator signs.
fn chain() -> Sandbox {
    let mut chain = Sandbox::new(MODULES, &trade_genesis(&PEOPLE[..4]));
    for account in &PEOPLE[..3] {
        let call = IMembers::grantRoleCall { account: *account, role: 6 };
        chain.call(*account, members::ADDRESS, call).unwrap();
    }
    let call = licenseRegistrarCall { organisation: CUSTOMS_ID, licensed: true };
    accepts(&mut chain, REGULATOR, call);
    chain
}

/// With a declaration over 100.
fn chain_with_declaration() -> Sandbox {
    let mut chain = chain();
    let call = registerCall { asset: declaration(), value: 100, currency: USD };
    assert!(accepts(&mut chain, CUSTOMS, call));
    chain
}

fn key(number: &str) -> assetKeyCall {
    assetKeyCall { kind: "customs_declaration".to_owned(), identity: vec![number.to_owned()] }
}

fn declaration() -> B256 {
    let parts = [("identity", "531020270000123456")];
    qiao_module_kit::uniqueness::asset_key("CUSTOMSDECLARATION", &parts).unwrap()
}

fn reserve(amount: u64) -> reserveCall {
    reserveCall { asset: declaration(), amount, currency: USD, until: UNTIL }
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

fn left(chain: &mut Sandbox) -> u64 {
    accepts(chain, STRANGER, assetCall { key: declaration() }).left
}

/// Story: customs registers a declaration of 100; a bank finances 60 of it; another asks for 50, is
/// refused and learns that 40 are left; half of the loan is repaid.
#[test]
fn a_customs_declaration_is_financed_up_to_its_value() {
    let mut chain = chain();
    let asset = accepts(&mut chain, CUSTOMS, key("5310 2027 0000 123456"));
    assert_eq!(asset, declaration());
    accepts(&mut chain, CUSTOMS, registerCall { asset, value: 100, currency: USD });

    let claim = accepts(&mut chain, BANK, reserve(60));
    accepts(&mut chain, BANK, takeCall { claim });
    let over = IUniqueness::ExceedsBalance { asset, asked: 50, left: 40 };
    refuses(&mut chain, RIVAL, reserve(50), over);
    accepts(&mut chain, RIVAL, reserve(40));
    accepts(&mut chain, BANK, releaseCall { claim, amount: 30 });
    assert_eq!(left(&mut chain), 30);
    let shown = accepts(&mut chain, STRANGER, claimCall { id: claim });
    assert_eq!((shown.amount, shown.state), (30, 2));
}

#[test]
fn i2_only_registrars_say_what_an_asset_is_worth() {
    let mut chain = chain_with_declaration();
    let asset = declaration();
    let call = || registerCall { asset, value: 100, currency: USD };
    refuses(&mut chain, BANK, call(), NotRegistrarOfAssets { organisation: BANK_ID });
    assert!(!accepts(&mut chain, CUSTOMS, call()), "the same again is nothing new");
    let other = registerCall { value: 101, ..call() };
    refuses(&mut chain, CUSTOMS, other, IUniqueness::AssetDiffers { asset });
    let unknown = registerCall { currency: 1, ..call() };
    refuses(&mut chain, CUSTOMS, unknown, AssetCurrency { asset, currency: 1 });
    accepts(&mut chain, BANK, reserve(60));
    let low = IUniqueness::InvalidAssetValue { asset, value: 59, min: 60 };
    refuses(&mut chain, CUSTOMS, reviseCall { asset, value: 59 }, low);
    accepts(&mut chain, CUSTOMS, reviseCall { asset, value: 60 });
    assert_eq!(left(&mut chain), 0);
    let call = licenseRegistrarCall { organisation: BANK_ID, licensed: true };
    refuses(&mut chain, BANK, call, IMembers::NotRegulator { caller: BANK });
    let call = licenseRegistrarCall { organisation: CUSTOMS_ID, licensed: false };
    accepts(&mut chain, REGULATOR, call);
    assert!(!accepts(&mut chain, STRANGER, isRegistrarCall { organisation: CUSTOMS_ID }));
    let refused = NotRegistrarOfAssets { organisation: CUSTOMS_ID };
    refuses(&mut chain, CUSTOMS, reviseCall { asset, value: 90 }, refused);
}

#[test]
fn i2_a_registrar_does_not_change_what_another_registered() {
    let mut chain = chain_with_declaration();
    let asset = declaration();
    let call = licenseRegistrarCall { organisation: BANK_ID, licensed: true };
    accepts(&mut chain, REGULATOR, call);
    let foreign = || NotYourAsset { asset, organisation: BANK_ID };
    refuses(&mut chain, BANK, reviseCall { asset, value: 1_000 }, foreign());
    refuses(&mut chain, BANK, rekeyCall { asset, key: B256::repeat_byte(1) }, foreign());
    let unknown = IUniqueness::UnknownAsset { asset: B256::repeat_byte(1) };
    refuses(&mut chain, BANK, reviseCall { asset: B256::repeat_byte(1), value: 1 }, unknown);
}

/// Story: new evaluators are appointed; customs makes its declaration known by the new key, and what a
/// bank finances under the old key is gone under the new one.
#[test]
fn i6_an_asset_with_two_keys_is_financed_once() {
    let mut chain = chain_with_declaration();
    let (asset, key) = (declaration(), B256::repeat_byte(9));
    accepts(&mut chain, CUSTOMS, rekeyCall { asset, key });
    accepts(&mut chain, BANK, reserve(60));
    let over = IUniqueness::ExceedsBalance { asset, asked: 50, left: 40 };
    refuses(&mut chain, RIVAL, reserveCall { asset: key, ..reserve(50) }, over);
    accepts(&mut chain, RIVAL, reserveCall { asset: key, ..reserve(40) });
    assert_eq!(left(&mut chain), 0);
    assert_eq!(accepts(&mut chain, STRANGER, assetCall { key }).value, 100);
    // A key that is taken stays what it is, and a third one leads to the first.
    for taken in [asset, key, B256::ZERO] {
        let refused = KeyTaken { key: taken };
        refuses(&mut chain, CUSTOMS, rekeyCall { asset, key: taken }, refused);
    }
    let third = B256::repeat_byte(8);
    accepts(&mut chain, CUSTOMS, rekeyCall { asset: key, key: third });
    accepts(&mut chain, CUSTOMS, reviseCall { asset: third, value: 130 });
    assert_eq!(left(&mut chain), 30);
    // Nor is it registered again under a further key.
    let again = registerCall { asset: key, value: 130, currency: USD };
    assert!(!accepts(&mut chain, CUSTOMS, again));
}

fn evaluator(organisation: u64, key: u8) -> Evaluator {
    let url = "https://bank.example:8080".to_owned();
    Evaluator { organisation, publicKey: B256::repeat_byte(key), url }
}

#[test]
fn a_regulator_appoints_evaluators() {
    let mut chain = chain();
    let both = vec![evaluator(CUSTOMS_ID, 1), evaluator(BANK_ID, 2)];
    let call = || appointEvaluatorsCall { evaluators: both.clone() };
    refuses(&mut chain, BANK, call(), IMembers::NotRegulator { caller: BANK });
    assert_eq!(accepts(&mut chain, STRANGER, appointmentCall {}), 0);
    assert_eq!(accepts(&mut chain, REGULATOR, call()), 1);
    let other = appointEvaluatorsCall { evaluators: vec![evaluator(BANK_ID, 3)] };
    assert_eq!(accepts(&mut chain, REGULATOR, other), 2);
    assert_eq!(accepts(&mut chain, STRANGER, appointmentCall {}), 2);
    let told =
        |chain: &mut Sandbox, appointment| accepts(chain, STRANGER, evaluatorsCall { appointment });
    assert_eq!(told(&mut chain, 1), both, "those before are still told");
    assert_eq!(told(&mut chain, 2), [evaluator(BANK_ID, 3)]);
    assert_eq!(told(&mut chain, 3), []);
}

#[test]
fn evaluators_that_cannot_be_asked_are_refused() {
    let mut chain = chain();
    let with_url = |url: &str| vec![Evaluator { url: url.to_owned(), ..evaluator(BANK_ID, 1) }];
    let web = "must be a web address of at most 128 characters";
    let own = "must be the evaluator's own";
    let long = format!("https://{}", "x".repeat(128));
    for (evaluators, field, rule) in [
        (Vec::new(), "evaluators", "must be 1 to 8"),
        (vec![evaluator(BANK_ID, 1); 9], "evaluators", "must be 1 to 8"),
        (vec![evaluator(BANK_ID, 1), evaluator(CUSTOMS_ID, 1)], "publicKey", own),
        (vec![evaluator(BANK_ID, 0)], "publicKey", own),
        (with_url("ftp://bank.example"), "url", web),
        (with_url("https://bank.example/ x"), "url", web),
        (with_url(&long), "url", web),
        (vec![evaluator(99, 1)], "organisation", "must be an active organisation"),
    ] {
        let (field, rule) = (field.to_owned(), rule.to_owned());
        let refused = InvalidEvaluator { field, rule };
        refuses(&mut chain, REGULATOR, appointEvaluatorsCall { evaluators }, refused);
    }
}

#[test]
fn i3_only_who_reserved_a_part_uses_and_releases_it() {
    let mut chain = chain_with_declaration();
    let claim = accepts(&mut chain, BANK, reserve(60));
    let foreign = || IUniqueness::NotYourClaim { claim };
    refuses(&mut chain, RIVAL, takeCall { claim }, foreign());
    refuses(&mut chain, RIVAL, releaseCall { claim, amount: 1 }, foreign());
    let runs = IUniqueness::ReservationRuns { claim, until: UNTIL };
    refuses(&mut chain, STRANGER, expireCall { claim }, runs);
    chain.at_block(2, UNTIL + 1);
    let over = IUniqueness::ReservationExpired { claim, until: UNTIL };
    refuses(&mut chain, BANK, takeCall { claim }, over);
    accepts(&mut chain, STRANGER, expireCall { claim });
    assert_eq!(left(&mut chain), 100);
    let latest = UNTIL + 1 + 7 * 86_400;
    for until in [0, UNTIL, latest + 1] {
        let call = reserveCall { until, ..reserve(1) };
        refuses(&mut chain, BANK, call, InvalidReservationTime { until, latest });
    }
    let asset = declaration();
    let euro = reserveCall { currency: 978, until: latest, ..reserve(1) };
    refuses(&mut chain, BANK, euro, AssetCurrency { asset, currency: 978 });
    let unknown = reserveCall { asset: B256::ZERO, until: latest, ..reserve(1) };
    refuses(&mut chain, BANK, unknown, IUniqueness::UnknownAsset { asset: B256::ZERO });
}

/// What the rival sees is the same, whoever holds the rest.
#[test]
fn i4_nobody_learns_who_holds_the_rest() {
    let mut seen = Vec::new();
    for holder in [BANK, CUSTOMS] {
        let mut chain = chain_with_declaration();
        let claim = accepts(&mut chain, holder, reserve(60));
        let told = chain.last().logs.clone();
        let refusal = chain.call(RIVAL, ADDRESS, reserve(50)).unwrap_err();
        let shown = accepts(&mut chain, RIVAL, assetCall { key: declaration() });
        let claim = accepts(&mut chain, RIVAL, claimCall { id: claim });
        seen.push((told, refusal, shown, claim));
    }
    assert!(seen[0] == seen[1]);
}

#[test]
fn i5_two_spellings_of_an_identity_are_one_asset() {
    let mut chain = chain();
    for spelling in ["531020270000123456", "5310-2027-0000-123456", "531020270000123456"] {
        assert_eq!(accepts(&mut chain, STRANGER, key(spelling)), declaration());
    }
    assert_ne!(accepts(&mut chain, STRANGER, key("531020270000123457")), declaration());
    let nine = vec!["1".to_owned(); 9];
    for identity in [Vec::new(), nine] {
        let call = assetKeyCall { identity, ..key("") };
        let (field, rule) = ("identity".to_owned(), "must have a letter or a digit".to_owned());
        refuses(&mut chain, STRANGER, call, IUniqueness::InvalidIdentity { field, rule });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn i1_claims_never_exceed_the_value(
        attempts in proptest::collection::vec((0..3usize, 0..5u8, 1..12u64, 0..70u64), 1..60)
    ) {
        let mut chain = chain_with_declaration();
        let mut time = START;
        for (by, act, claim, amount) in attempts {
            let input = match act {
                0 | 1 => reserveCall { until: time + 1_000, ..reserve(amount) }.abi_encode(),
                2 => takeCall { claim }.abi_encode(),
                3 => releaseCall { claim, amount }.abi_encode(),
                _ => {
                    time += 10 * amount;
                    chain.at_block(1 + time, time);
                    expireCall { claim }.abi_encode()
                }
            };
            chain.send(PEOPLE[by], ADDRESS, input.into());
        }
        let mut claimed = 0;
        for id in 1..100 {
            let claim = accepts(&mut chain, STRANGER, claimCall { id });
            if claim.state == 1 || claim.state == 2 {
                claimed += claim.amount;
            }
        }
        prop_assert!(claimed <= 100);
        prop_assert_eq!(left(&mut chain), 100 - claimed);
    }
}

/// A hundred banks' worth of attempts in one block: what is granted never exceeds the value.
#[test]
fn i1_however_many_ask_at_once_the_value_is_granted_once() {
    let mut chain = chain_with_declaration();
    let mut granted = 0;
    for number in 0..100 {
        let bank = [BANK, RIVAL][number % 2];
        granted += u64::from(chain.call(bank, ADDRESS, reserve(7)).is_ok());
    }
    assert_eq!((granted, left(&mut chain)), (14, 2));
}

conformance! {
    module: super::super::MODULE,
    calls: ICollateralCalls, errors: ICollateralErrors, events: ICollateralEvents,
    chain: chain_with_declaration,
    people: &PEOPLE,
    gas: gas,
}

/// What the calls of the stories cost.
fn gas(chain: &mut Sandbox) -> Vec<(&'static str, u64)> {
    let mut calls = Vec::new();
    let mut pay = |name, sender, input: Vec<u8>| {
        let done = chain.send(sender, ADDRESS, input.into());
        assert!(!done.is_refused, "{name}");
        calls.push((name, done.gas_used));
    };
    let asset = B256::repeat_byte(7);
    pay("register", CUSTOMS, registerCall { asset, value: 5, currency: USD }.abi_encode());
    pay("reserve", BANK, reserve(60).abi_encode());
    let further = rekeyCall { asset, key: B256::repeat_byte(9) };
    pay("rekey", CUSTOMS, further.abi_encode());
    let evaluators = vec![evaluator(BANK_ID, 1), evaluator(CUSTOMS_ID, 2)];
    pay("appointEvaluators", REGULATOR, appointEvaluatorsCall { evaluators }.abi_encode());
    pay("take", BANK, takeCall { claim: 1 }.abi_encode());
    pay("release", BANK, releaseCall { claim: 1, amount: 60 }.abi_encode());
    pay("asset", STRANGER, assetCall { key: asset }.abi_encode());
    pay("assetKey", STRANGER, key("531020270000123456").abi_encode());
    calls
}
