//! Stories and invariants of `recall`.

use alloy_primitives::{Address, B256, Bytes, address};
use alloy_sol_types::{SolCall, SolError};
use proptest::prelude::*;
use qiao_module_kit::{conformance, testing::Sandbox};
use qiao_types::{Genesis, GenesisMember, GenesisOrganisation, RoleName};

use super::{ADDRESS, IRecall::*};
use crate::{
    MODULES, fixtures,
    lots::{self, ILots},
    members,
    traceability::{self, ITraceability},
};

const PACKER: Address = address!("00000000000000000000000000000000000000a1");
const PACKER_CLERK: Address = address!("00000000000000000000000000000000000000a2");
const STORE: Address = address!("00000000000000000000000000000000000000b1");
const KITCHEN: Address = address!("00000000000000000000000000000000000000d1");
const REGULATOR: Address = address!("00000000000000000000000000000000000000c1");
const STRANGER: Address = address!("00000000000000000000000000000000000000ff");

const STORES: u64 = 2;
const KITCHENS: u64 = 4;
const LOT: &str = "https://id.gs1.org/01/09521001000017/10/M0318";
const CASE: &str = "https://id.gs1.org/00/195210010000000014";
const DAY: u64 = 86_400;
const NOW: u64 = 1_800_000_100;
const KG: u128 = 1_000_000_000_000;

fn genesis() -> Genesis {
    let organisation = |id, name: &str, accounts: &[(Address, &[RoleName])]| GenesisOrganisation {
        id,
        name: name.to_owned(),
        gln: None,
        accounts: accounts
            .iter()
            .map(|(address, roles)| GenesisMember { address: *address, roles: roles.to_vec() })
            .collect(),
    };
    let both = &[RoleName::Admin, RoleName::Capturer][..];
    let capturer = &[RoleName::Capturer][..];
    let regulator = &[RoleName::Admin, RoleName::Regulator][..];
    Genesis {
        organisations: vec![
            organisation(1, "Red Packer", &[(PACKER, both), (PACKER_CLERK, capturer)]),
            organisation(STORES, "Corner Store", &[(STORE, both)]),
            organisation(3, "Market Authority", &[(REGULATOR, regulator)]),
            organisation(KITCHENS, "School Kitchen", &[(KITCHEN, both)]),
        ],
        ..fixtures::genesis()
    }
}

fn chain() -> Sandbox {
    let mut chain = Sandbox::new(MODULES, &genesis());
    let prefix = "9521001".to_owned();
    let call = ILots::registerPrefixCall { prefix, organisation: 1 };
    chain.call(REGULATOR, lots::ADDRESS, call).unwrap();
    chain.at_block(10, NOW);
    chain
}

fn declaration() -> declareCall {
    declareCall {
        things: vec![LOT.to_owned()],
        level: 1,
        reason: 3,
        text: "salmonella in pack 41".to_owned(),
        deadlineSeconds: DAY,
        scope: B256::repeat_byte(7),
    }
}

fn line(thing: &str, quantity: &str) -> Affected {
    let unit = if thing == LOT { "KGM" } else { "" };
    Affected { thing: thing.to_owned(), quantity: quantity.to_owned(), unit: unit.to_owned() }
}

fn notice_to(party: u64, lines: &[Affected]) -> notifyCall {
    notifyCall { id: 1, party, lines: lines.to_vec() }
}

/// Held, returned, destroyed and sold, in kilograms.
fn answer_of(parts: [&str; 4]) -> answerCall {
    let [held, returned, destroyed, sold] = parts.map(str::to_owned);
    let (thing, unit) = (LOT.to_owned(), "KGM".to_owned());
    let outcome = Outcome { thing, unit, held, returned, destroyed, sold };
    answerCall { id: 1, outcomes: vec![outcome] }
}

#[track_caller]
fn calls<C: SolCall>(chain: &mut Sandbox, sender: Address, call: C) -> C::Return {
    match chain.call(sender, ADDRESS, call) {
        Ok(returned) => returned,
        Err(refused) => panic!("`{}` was refused: {refused:?}", C::SIGNATURE),
    }
}

fn found(chain: &mut Sandbox) -> Recall {
    calls(chain, STRANGER, recallCall { id: 1 })
}

/// A sandbox in which the lot is called back and the store has a notice of ten kilograms.
fn recalled() -> Sandbox {
    let mut chain = chain();
    assert_eq!(calls(&mut chain, PACKER_CLERK, declaration()), 1);
    calls(&mut chain, PACKER_CLERK, notice_to(STORES, &[line(LOT, "10")]));
    chain
}

/// Whether the store can ship the lot.
fn ships(chain: &mut Sandbox, second: u64) -> bool {
    let event = format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type":"ObjectEvent","eventTime":"2026-04-04T20:33:{second:02}Z",
        "eventTimeZoneOffset":"+00:00","action":"OBSERVE","bizStep":"shipping",
        "quantityList":[{{"epcClass":"{LOT}","quantity":1,"uom":"KGM"}}]}}"#
    );
    let events = vec![Bytes::from(event.into_bytes())];
    let call = ITraceability::captureCall { party: STORES, events };
    chain.call(STORE, traceability::ADDRESS, call).is_ok()
}

/// Story: a laboratory finds salmonella. The packer calls the lot back; the store and a school
/// kitchen are told what they have; the store acknowledges in time, the kitchen does not, and both
/// say in the end what became of it.
#[test]
fn salmonella_in_the_mince() {
    let mut chain = recalled();
    assert!(!ships(&mut chain, 1), "the lot is stopped at once");
    calls(&mut chain, PACKER, notice_to(KITCHENS, &[line(LOT, "4"), line(CASE, "1")]));

    chain.at_block(11, NOW + 3_600);
    calls(&mut chain, STORE, acknowledgeCall { id: 1 });
    calls(&mut chain, STORE, answer_of(["3", "", "", "6.5"]));
    chain.at_block(99, NOW + 2 * DAY);
    calls(&mut chain, KITCHEN, acknowledgeCall { id: 1 });
    assert!(!chain.events::<Acknowledged>()[0].inTime);
    calls(&mut chain, KITCHEN, answer_of(["", "1", "3", ""]));
    // The store destroys what it held, and says so: the later answer counts.
    calls(&mut chain, STORE, answer_of(["0", "0", "3", "6.5"]));

    let recall = found(&mut chain);
    assert_eq!((recall.notices, recall.acknowledged, recall.inTime), (2, 2, 1));
    assert_eq!((recall.lines, recall.answered), (3, 2));
    assert_eq!((recall.organisation, recall.regulator, recall.level), (1, false, 1));
    let totals = calls(&mut chain, STRANGER, totalsCall { id: 1 });
    assert_eq!(totals.len(), 2);
    assert_eq!((totals[0].unit.as_str(), totals[0].affected), ("", 1));
    let mince = &totals[1];
    assert_eq!((mince.unit.as_str(), mince.affected, mince.sold), ("KGM", 14 * KG, 13 * KG / 2));
    assert_eq!((mince.held, mince.returned, mince.destroyed), (0, KG, 6 * KG));

    calls(&mut chain, PACKER, endCall { id: 1, text: "all accounted for".to_owned() });
    assert!(ships(&mut chain, 2), "the hold ends with the recall");
}

#[test]
fn i1_only_the_owner_of_everything_or_a_regulator_declares() {
    let mut chain = chain();
    let refused = |caller, thing: &str| MayNotRecall { caller, thing: thing.to_owned() };
    for caller in [STORE, KITCHEN, STRANGER] {
        chain.refuses(caller, ADDRESS, declaration(), refused(caller, LOT));
    }
    let foreign = "https://id.gs1.org/01/10614141073464/10/X";
    let both = declareCall { things: vec![LOT.to_owned(), foreign.to_owned()], ..declaration() };
    chain.refuses(PACKER, ADDRESS, both.clone(), refused(PACKER, foreign));
    assert_eq!(calls(&mut chain, REGULATOR, both), 1);
    assert!(found(&mut chain).regulator);
    // What a regulator called back, its owner does not set free.
    let end = endCall { id: 1, text: "harmless".to_owned() };
    chain.refuses(PACKER, ADDRESS, end.clone(), NotDeclarer { caller: PACKER, recall: 1 });
    calls(&mut chain, REGULATOR, end);
}

#[test]
fn i2_the_things_are_on_hold_while_the_recall_is_open() {
    let mut chain = recalled();
    let hold = found(&mut chain).hold;
    let on = ILots::holdOnCall { id: LOT.to_owned(), organisation: STORES };
    assert_eq!(chain.call(STRANGER, lots::ADDRESS, on.clone()).unwrap(), hold);
    // Not even the owner releases the hold without ending the recall.
    let release = ILots::releaseCall { id: hold, note: String::new() };
    let refused = ILots::MayNotRelease { caller: PACKER, id: hold };
    chain.refuses(PACKER, lots::ADDRESS, release, refused);
    calls(&mut chain, PACKER, endCall { id: 1, text: "done".to_owned() });
    assert_eq!(chain.call(STRANGER, lots::ADDRESS, on).unwrap(), 0);
}

#[test]
fn i3_who_may_tell_and_who_may_answer() {
    let mut chain = recalled();
    let tell = notice_to(KITCHENS, &[line(LOT, "4")]);
    let refused = NotDeclarer { caller: STORE, recall: 1 };
    chain.refuses(STORE, ADDRESS, tell.clone(), refused);
    let refused = |caller| NotNotified { caller, recall: 1 };
    for caller in [KITCHEN, PACKER, STRANGER] {
        chain.refuses(caller, ADDRESS, acknowledgeCall { id: 1 }, refused(caller));
        chain.refuses(caller, ADDRESS, answer_of(["1", "", "", ""]), refused(caller));
    }
    calls(&mut chain, REGULATOR, tell);
    calls(&mut chain, KITCHEN, acknowledgeCall { id: 1 });
    let unknown = UnknownParty { party: 9 };
    chain.refuses(PACKER, ADDRESS, notice_to(9, &[]), unknown);
}

#[test]
fn i4_a_notice_is_acknowledged_once_and_late_is_late() {
    let mut chain = recalled();
    chain.at_block(11, NOW + DAY);
    calls(&mut chain, STORE, acknowledgeCall { id: 1 });
    assert!(chain.events::<Acknowledged>()[0].inTime, "the last second is in time");
    let again = AlreadyAcknowledged { recall: 1, party: STORES };
    chain.refuses(STORE, ADDRESS, acknowledgeCall { id: 1 }, again);
    let notice = calls(&mut chain, STRANGER, noticeCall { id: 1, party: STORES });
    assert_eq!((notice.acknowledgedAt, notice.acknowledgedBy), (NOW + DAY, STORE));
}

#[test]
fn i5_no_more_is_accounted_for_than_was_affected() {
    let mut chain = recalled();
    let exceeds = |affected: u128, accounted: u128| ExceedsNotice {
        thing: LOT.to_owned(),
        affected: affected * KG,
        accounted: accounted * KG,
    };
    chain.refuses(STORE, ADDRESS, answer_of(["5", "3", "2", "1"]), exceeds(10, 11));
    calls(&mut chain, STORE, answer_of(["5", "3", "2", ""]));
    // The declarer corrects what it told; not below what was found.
    chain.refuses(PACKER, ADDRESS, notice_to(STORES, &[line(LOT, "9")]), exceeds(9, 10));
    calls(&mut chain, PACKER, notice_to(STORES, &[line(LOT, "12")]));
    let recall = found(&mut chain);
    assert_eq!((recall.notices, recall.lines, recall.answered), (1, 1, 1));
    let lines = linesCall { id: 1, party: STORES, from: 0, count: 10 };
    let lines = calls(&mut chain, STRANGER, lines);
    assert_eq!((lines.len(), lines[0].affected, lines[0].held), (1, 12 * KG, 5 * KG));
}

#[test]
fn i7_nothing_of_an_ended_recall_changes() {
    let mut chain = recalled();
    let end = endCall { id: 1, text: "done".to_owned() };
    let refused = NotDeclarer { caller: PACKER_CLERK, recall: 1 };
    chain.refuses(PACKER_CLERK, ADDRESS, end.clone(), refused);
    calls(&mut chain, PACKER, end.clone());
    let over = || NoOpenRecall { recall: 1 };
    chain.refuses(PACKER, ADDRESS, end, over());
    chain.refuses(PACKER, ADDRESS, notice_to(STORES, &[]), over());
    chain.refuses(STORE, ADDRESS, acknowledgeCall { id: 1 }, over());
    chain.refuses(STORE, ADDRESS, answer_of(["1", "", "", ""]), over());
    chain.refuses(STORE, ADDRESS, acknowledgeCall { id: 2 }, NoOpenRecall { recall: 2 });
}

#[test]
fn what_is_malformed_is_refused_by_name() {
    let mut chain = recalled();
    let declare = |change: fn(&mut declareCall)| {
        let mut call = declaration();
        change(&mut call);
        call
    };
    chain.refuses(PACKER, ADDRESS, declare(|c| c.level = 4), UnknownLevel { level: 4 });
    let call = declare(|c| c.deadlineSeconds = 60);
    chain.refuses(PACKER, ADDRESS, call, InvalidDeadline { secondsGiven: 60 });
    let call = declare(|c| c.reason = 0);
    chain.refuses(PACKER, ADDRESS, call, ILots::UnknownReason { reason: 0 });
    let call = declare(|c| c.things.clear());
    chain.refuses(PACKER, ADDRESS, call, ILots::TooManyThings { count: 0, max: 1_000 });
    let refused = chain.call(PACKER, ADDRESS, declare(|c| c.text.clear())).unwrap_err();
    assert!(members::IMembers::InvalidText::abi_decode(&refused.0).is_ok());

    let told = |thing: &str, quantity: &str, unit: &str| {
        let unit = unit.to_owned();
        notice_to(STORES, &[Affected { unit, ..line(thing, quantity) }])
    };
    let refused = chain.call(PACKER, ADDRESS, told("no URI", "1", "")).unwrap_err();
    assert!(NotIdentifier::abi_decode(&refused.0).is_ok());
    for (quantity, unit) in [("half", ""), ("1", "LTR"), ("-1", "KGM")] {
        let refused = chain.call(PACKER, ADDRESS, told(LOT, quantity, unit)).unwrap_err();
        assert!(NotAmount::abi_decode(&refused.0).is_ok(), "{quantity} {unit}");
    }
    let many = vec![line(LOT, "1"); 201];
    let error = TooMuch { what: "lines of one call".to_owned(), max: 200 };
    chain.refuses(PACKER, ADDRESS, notice_to(STORES, &many), error);
    let outcome = Outcome { thing: CASE.to_owned(), ..answer_of([""; 4]).outcomes.remove(0) };
    let call = answerCall { id: 1, outcomes: vec![outcome] };
    chain.refuses(STORE, ADDRESS, call, NotInNotice { thing: CASE.to_owned() });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn i6_the_totals_are_the_sums_of_the_lines(
        steps in proptest::collection::vec((0u8..2, 0u8..3, 0u32..20, [0u32..8, 0..8, 0..8, 0..8]), 1..20)
    ) {
        let mut chain = recalled();
        calls(&mut chain, PACKER, notice_to(KITCHENS, &[]));
        for (party, lot, affected, parts) in steps {
            let (party, sender) = if party == 0 { (STORES, STORE) } else { (KITCHENS, KITCHEN) };
            let thing = format!("https://id.gs1.org/01/09521001000017/10/{lot}");
            let told = Affected { unit: "KGM".to_owned(), ..line(&thing, &affected.to_string()) };
            let _ = chain.call(PACKER, ADDRESS, notice_to(party, &[told]));
            let mut call = answer_of([""; 4]);
            let parts = parts.map(|part| part.to_string());
            let [held, returned, destroyed, sold] = parts;
            let unit = "KGM".to_owned();
            call.outcomes = vec![Outcome { thing, unit, held, returned, destroyed, sold }];
            let _ = chain.call(sender, ADDRESS, call);
        }
        let mut sums = [0u128; 5];
        let mut answered = 0;
        for party in [STORES, KITCHENS] {
            for line in calls(&mut chain, STRANGER, linesCall { id: 1, party, from: 0, count: 100 }) {
                let parts = [line.affected, line.held, line.returned, line.destroyed, line.sold];
                sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
                answered += u32::from(line.answered);
                prop_assert!(parts[1..].iter().sum::<u128>() <= line.affected);
            }
        }
        prop_assert_eq!(found(&mut chain).answered, answered);
        let totals = calls(&mut chain, STRANGER, totalsCall { id: 1 });
        let total = totals.first().map(|total| {
            [total.affected, total.held, total.returned, total.destroyed, total.sold]
        });
        prop_assert_eq!(total.unwrap_or_default(), sums);
    }
}

const PEOPLE: [Address; 6] = [PACKER, PACKER_CLERK, STORE, KITCHEN, REGULATOR, STRANGER];

conformance! {
    module: super::super::MODULE,
    calls: IRecallCalls, errors: IRecallErrors, events: IRecallEvents,
    chain: chain,
    people: &PEOPLE,
    gas: gas,
}

/// What the calls of the story cost.
fn gas(chain: &mut Sandbox) -> Vec<(&'static str, u64)> {
    let mut calls = Vec::new();
    let mut pay = |name, sender, input: Vec<u8>| {
        let done = chain.send(sender, ADDRESS, input.into());
        assert!(!done.is_refused, "{name}");
        calls.push((name, done.gas_used));
    };
    pay("declare", PACKER, declaration().abi_encode());
    pay("notify, one line", PACKER, notice_to(STORES, &[line(LOT, "10")]).abi_encode());
    pay("acknowledge", STORE, acknowledgeCall { id: 1 }.abi_encode());
    pay("answer, one line", STORE, answer_of(["1", "2", "3", "4"]).abi_encode());
    pay("recall", STRANGER, recallCall { id: 1 }.abi_encode());
    pay("totals", STRANGER, totalsCall { id: 1 }.abi_encode());
    pay("end", PACKER, endCall { id: 1, text: "done".to_owned() }.abi_encode());
    calls
}
