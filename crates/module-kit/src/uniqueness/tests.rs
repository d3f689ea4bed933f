//! Properties of the uniqueness ledger and of the normal form of identities.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use proptest::prelude::*;

use super::*;
use crate::{Halt, Outcome, position::Party, testing::Scratch};

const LEDGER: Ledger = Ledger::at(5);
const DECLARATION: &[(&str, &str)] = &[("number", "5301 2026 0000 123456")];

fn party(number: u64) -> Party {
    Party::new(number)
}

fn refused<T: std::fmt::Debug>(outcome: Outcome<T>, error: impl Into<Halt>) {
    assert_eq!(outcome.unwrap_err(), error.into());
}

/// Story: a customs declaration of 100 is financed for 60; the second bank asks for 50 and learns
/// that 40 are left, and nothing else.
#[test]
fn a_declaration_is_financed_up_to_its_value_and_no_further() {
    let mut scratch = Scratch::default();
    let outcome = scratch.run(|context| {
        let key = asset_key("customs_declaration", DECLARATION)?;
        assert!(LEDGER.register(context, key, 100, 156)?);
        let first = LEDGER.reserve(context, key, party(1), 60, 0)?;
        LEDGER.consume(context, party(1), first)?;
        // The second bank spells the number in its own way.
        let same = asset_key("customs_declaration", &[("number", "5301-2026-0000-123456")])?;
        assert!(!LEDGER.register(context, same, 100, 156)?);
        let second = LEDGER.reserve(context, same, party(2), 50, 0);
        refused(second, IUniqueness::ExceedsBalance { asset: key, asked: 50, left: 40 });
        LEDGER.reserve(context, same, party(2), 40, 0)?;
        // The loan is repaid in part: so much is available again.
        LEDGER.release(context, party(1), first, 25)?;
        assert_eq!(LEDGER.asset(context, key)?.left(), 25);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn u3_only_its_party_uses_or_releases_a_claim_until_it_runs_out() {
    let mut scratch = Scratch { time: 1_000, ..Scratch::default() };
    let key = asset_key("invoice", &[("seller", "7"), ("number", "A-1")]).unwrap();
    let id = scratch.run(|context| {
        LEDGER.register(context, key, 10, 1)?;
        LEDGER.reserve(context, key, party(1), 10, 2_000)
    });
    let id = id.unwrap();
    let foreign = || IUniqueness::NotYourClaim { claim: id.get() };
    refused(scratch.run(|context| LEDGER.consume(context, party(2), id)), foreign());
    refused(scratch.run(|context| LEDGER.release(context, party(2), id, 1)), foreign());
    let runs = IUniqueness::ReservationRuns { claim: id.get(), until: 2_000 };
    refused(scratch.run(|context| LEDGER.expire(context, id)), runs);
    scratch.time = 2_001;
    let over = IUniqueness::ReservationExpired { claim: id.get(), until: 2_000 };
    refused(scratch.run(|context| LEDGER.consume(context, party(1), id)), over);
    scratch.run(|context| LEDGER.expire(context, id)).unwrap();
    assert_eq!(scratch.run(|context| LEDGER.asset(context, key)).unwrap().left(), 10);
}

#[test]
fn an_asset_keeps_the_value_with_which_it_was_registered() {
    let mut scratch = Scratch::default();
    let outcome = scratch.run(|context| {
        let key = B256::repeat_byte(7);
        refused(
            LEDGER.reserve(context, key, party(1), 1, 0),
            IUniqueness::UnknownAsset { asset: key },
        );
        LEDGER.register(context, key, 100, 1)?;
        refused(LEDGER.register(context, key, 101, 1), IUniqueness::AssetDiffers { asset: key });
        refused(LEDGER.register(context, key, 100, 2), IUniqueness::AssetDiffers { asset: key });
        let id = LEDGER.reserve(context, key, party(1), 60, 0)?;
        LEDGER.consume(context, party(1), id)?;
        let low = IUniqueness::InvalidAssetValue { asset: key, value: 59, min: 60 };
        refused(LEDGER.revise(context, key, 59), low);
        LEDGER.revise(context, key, 60)?;
        assert_eq!(LEDGER.asset(context, key)?.left(), 0);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn u4_spellings_of_one_identity_have_one_key() {
    let key = |number: &str| asset_key("invoice", &[("seller", "Green Farm"), ("number", number)]);
    let expected = key("INV-2026/001 A").unwrap();
    for spelling in ["inv2026001a", " INV 2026-001.a ", "INV-2026/001A", "INV\u{3000}2026001a"] {
        assert_eq!(key(spelling).unwrap(), expected, "{spelling}");
    }
    for other in ["INV-2026/001 B", "INV-2026/01 A", "NV-2026/001 A", "發票2026001a"] {
        assert_ne!(key(other).unwrap(), expected, "{other}");
    }
    // Parts do not run into each other, and kinds are apart.
    let pair = |a, b| asset_key("invoice", &[("seller", a), ("number", b)]).unwrap();
    assert_ne!(pair("AB", "C"), pair("A", "BC"));
    assert_ne!(
        asset_key("parcel", DECLARATION).unwrap(),
        asset_key("chattel", DECLARATION).unwrap()
    );
}

#[test]
fn identities_that_cannot_be_compared_are_refused() {
    for (text, rule) in [
        ("", "must have a letter or a digit"),
        (" - ", "must have a letter or a digit"),
        // A Cyrillic letter that looks like a Latin one.
        ("А-1", "has a character that is neither Latin nor Chinese"),
        ("A\u{0}1", "has a character that is neither Latin nor Chinese"),
        (&"x".repeat(129), "must have at most 128 bytes"),
    ] {
        let (field, rule) = ("number".to_owned(), rule.to_owned());
        refused(normal_form("number", text), IUniqueness::InvalidIdentity { field, rule });
    }
}

#[test]
fn u4_kinds_name_what_identifies_an_asset() {
    let key = |kind: &str, texts: &[&str]| Kind::named(kind).unwrap().key(texts);
    for (kind, texts, spelled) in [
        ("invoice", vec!["DE 123.456.789", "RE-2026/001"], vec!["de123456789", " re 2026 001"]),
        ("customs_declaration", vec!["26DE5301A1B2C3D4E5"], vec!["26 de 5301 a1b2 c3d4 e5"]),
        ("land_parcel", vec!["CN", "杭州 西湖", "0012-7"], vec!["cn", "杭州西湖", "0012/7"]),
        ("vehicle", vec!["WVWZZZ1JZXW000001"], vec!["wvw zzz 1jz xw 000001"]),
        ("chattel", vec!["Komatsu", "PC200-8 12345"], vec!["KOMATSU", "pc200.8.12345"]),
    ] {
        assert_eq!(key(kind, &texts).unwrap(), key(kind, &spelled).unwrap(), "{kind}");
    }
    // The same texts are another asset where they mean something else.
    assert_ne!(key("invoice", &["A", "1"]).unwrap(), key("chattel", &["A", "1"]).unwrap());
    assert_eq!(Kind::named("token"), None);
    let refuse = |field: &str, rule: &str| IUniqueness::InvalidIdentity {
        field: field.to_owned(),
        rule: rule.to_owned(),
    };
    refused(key("invoice", &["A"]), refuse("identity", "must have 2 parts"));
    let short = refuse("vin", "must have 17 letters and digits, not 3");
    refused(key("vehicle", &["A-1 2"]), short);
    let empty = refuse("number", "must have a letter or a digit");
    refused(key("invoice", &["A", " - "]), empty);
}

/// Every world of one asset worth three and two parties, as far as six acts lead: each state is visited
/// once, and every act is tried in it.
#[test]
fn u1_to_u5_hold_in_every_small_world() {
    let key = B256::repeat_byte(1);
    let mut acts = vec![Act::Wait { seconds: 1 }];
    acts.extend((2..=4).map(|value| Act::Revise { key: 0, value }));
    for by in 1..=2 {
        for amount in 1..=3 {
            acts.extend([0, 1].map(|until| Act::Reserve { key: 0, by, amount, until }));
            acts.extend((1..=3).map(|id| Act::Release { by, id, amount }));
        }
        acts.extend((1..=3).map(|id| Act::Consume { by, id }));
    }
    acts.extend((1..=3).map(|id| Act::Expire { id }));
    let mut start = Scratch::default();
    start.run(|context| LEDGER.register(context, key, 3, 1)).unwrap();
    start.writes = 0;
    let mut seen = std::collections::BTreeSet::from([start.clone()]);
    let mut edge = vec![start];
    for _ in 0..6 {
        let mut next = Vec::new();
        for world in edge {
            for act in &acts {
                let mut after = world.clone();
                let outcome = perform(&mut after, act);
                if let Err(halt) = outcome {
                    assert!(matches!(halt, Halt::Refused(_)), "{halt:?}");
                    assert!(after == world, "U5: {act:?}");
                    continue;
                }
                after.writes = 0;
                check_small_world(&mut after, key);
                if seen.insert(after.clone()) {
                    next.push(after);
                }
            }
        }
        edge = next;
    }
    assert!(seen.len() > 5_000, "only {} states", seen.len());
    println!("{} states, {} acts in each", seen.len(), acts.len());
}

/// At most four claims are looked at: further ones have the same code.
fn perform(scratch: &mut Scratch, act: &Act) -> Outcome<()> {
    let key = B256::repeat_byte(1);
    match *act {
        Act::Wait { seconds } => {
            scratch.time = (scratch.time + seconds).min(2);
            Ok(())
        }
        Act::Register { value, .. } => {
            scratch.run(|context| LEDGER.register(context, key, value, 1).map(drop))
        }
        Act::Revise { value, .. } => scratch.run(|context| LEDGER.revise(context, key, value)),
        Act::Reserve { by, amount, until, .. } => scratch.run(|context| {
            let id = LEDGER.reserve(context, key, party(by), amount, until)?;
            assert!(id.get() <= 6);
            Ok(())
        }),
        Act::Consume { by, id } => {
            scratch.run(|context| LEDGER.consume(context, party(by), ClaimId::new(id)))
        }
        Act::Release { by, id, amount } => {
            scratch.run(|context| LEDGER.release(context, party(by), ClaimId::new(id), amount))
        }
        Act::Expire { id } => scratch.run(|context| LEDGER.expire(context, ClaimId::new(id))),
    }
}

fn check_small_world(scratch: &mut Scratch, key: B256) {
    let (mut used, mut reserved) = (0, 0);
    for id in 1..=6 {
        let claim = scratch.run(|context| LEDGER.claim(context, ClaimId::new(id))).unwrap();
        match claim.state {
            ClaimState::Used => used += claim.amount,
            ClaimState::Reserved => reserved += claim.amount,
            ClaimState::None | ClaimState::Released => assert_eq!(claim.amount, 0),
        }
    }
    let asset = scratch.run(|context| LEDGER.asset(context, key)).unwrap();
    assert_eq!((asset.used, asset.reserved), (used, reserved), "U2");
    assert!(used + reserved <= asset.value, "U1");
}

#[derive(Debug, Clone)]
enum Act {
    Register { key: u8, value: u64 },
    Revise { key: u8, value: u64 },
    Reserve { key: u8, by: u64, amount: u64, until: u64 },
    Consume { by: u64, id: u64 },
    Release { by: u64, id: u64, amount: u64 },
    Expire { id: u64 },
    Wait { seconds: u64 },
}

fn act() -> impl Strategy<Value = Act> {
    let (key, by, id) = (0..2u8, 1..3u64, 0..6u64);
    prop_oneof![
        (key.clone(), 0..40u64).prop_map(|(key, value)| Act::Register { key, value }),
        (key.clone(), 0..40u64).prop_map(|(key, value)| Act::Revise { key, value }),
        (key, by.clone(), 0..20u64, 0..50u64).prop_map(|(key, by, amount, until)| Act::Reserve {
            key,
            by,
            amount,
            until
        }),
        (by.clone(), id.clone()).prop_map(|(by, id)| Act::Consume { by, id }),
        (by, id.clone(), 0..20u64).prop_map(|(by, id, amount)| Act::Release { by, id, amount }),
        id.prop_map(|id| Act::Expire { id }),
        (0..20u64).prop_map(|seconds| Act::Wait { seconds }),
    ]
}

proptest! {
    #[test]
    fn u1_u2_and_u5_hold_after_any_sequence_of_acts(
        acts in proptest::collection::vec(act(), 1..80)
    ) {
        let mut scratch = Scratch::default();
        let key = |number: u8| B256::repeat_byte(number + 1);
        for act in acts {
            let writes = scratch.writes;
            if let Act::Wait { seconds } = act {
                scratch.time += seconds;
                continue;
            }
            let outcome = scratch.run(|context| match act {
                Act::Register { key: k, value } => {
                    LEDGER.register(context, key(k), value, 1).map(drop)
                }
                Act::Revise { key: k, value } => LEDGER.revise(context, key(k), value),
                Act::Reserve { key: k, by, amount, until } => {
                    LEDGER.reserve(context, key(k), party(by), amount, until).map(drop)
                }
                Act::Consume { by, id } => LEDGER.consume(context, party(by), ClaimId::new(id)),
                Act::Release { by, id, amount } => {
                    LEDGER.release(context, party(by), ClaimId::new(id), amount)
                }
                Act::Expire { id } => LEDGER.expire(context, ClaimId::new(id)),
                Act::Wait { .. } => Ok(()),
            });
            match outcome {
                Ok(()) => {}
                Err(Halt::Refused(_)) => prop_assert_eq!(scratch.writes, writes, "U5"),
                Err(other) => panic!("{other:?}"),
            }
            let mut sums: BTreeMap<B256, (u64, u64)> = BTreeMap::new();
            for id in 1..100 {
                let claim = scratch.run(|context| LEDGER.claim(context, ClaimId::new(id))).unwrap();
                let (used, reserved) = sums.entry(claim.asset).or_default();
                match claim.state {
                    ClaimState::Used => *used += claim.amount,
                    ClaimState::Reserved => *reserved += claim.amount,
                    ClaimState::None | ClaimState::Released => {}
                }
            }
            for number in 0..2 {
                let asset = scratch.run(|context| LEDGER.asset(context, key(number))).unwrap();
                let sum = sums.get(&key(number)).copied().unwrap_or_default();
                prop_assert_eq!((asset.used, asset.reserved), sum, "U2");
                prop_assert!(asset.used + asset.reserved <= asset.value, "U1");
            }
        }
    }

    #[test]
    fn the_normal_form_is_normal(text in "[ -~]{0,40}") {
        if let Ok(normal) = normal_form("number", &text) {
            prop_assert_eq!(normal_form("number", &normal).unwrap(), normal.clone());
            prop_assert!(normal.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
        }
    }
}
