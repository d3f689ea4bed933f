//! Stories and invariants of `traceability`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, Bytes, address, keccak256};
use alloy_sol_types::{SolCall, SolError};
use proptest::prelude::*;
use qiao_epcis::{Event, Limits};
use qiao_module_kit::{conformance, testing::Sandbox};
use qiao_types::{Genesis, GenesisMember, GenesisOrganisation, RoleName};

use super::{ADDRESS, EVENT_BYTES_MAX, EVENTS_MAX, ITraceability::*, event_gas};
use crate::{
    MODULES, fixtures,
    lots::{self, ILots},
    members::{self, IMembers},
};

const FARM_ADMIN: Address = address!("00000000000000000000000000000000000000a1");
const FARM_CLERK: Address = address!("00000000000000000000000000000000000000a2");
const CARRIER_ADMIN: Address = address!("00000000000000000000000000000000000000b1");
const DRIVER: Address = address!("00000000000000000000000000000000000000b2");
const REGULATOR: Address = address!("00000000000000000000000000000000000000c1");
const STRANGER: Address = address!("00000000000000000000000000000000000000ff");

const FARM: u64 = 1;
const CARRIER: u64 = 2;

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
    let (admin, capturer) = (&[RoleName::Admin][..], &[RoleName::Capturer][..]);
    let regulator = &[RoleName::Admin, RoleName::Regulator][..];
    Genesis {
        organisations: vec![
            organisation(FARM, "Green Farm", &[(FARM_ADMIN, admin), (FARM_CLERK, capturer)]),
            organisation(CARRIER, "Cold Carrier", &[(CARRIER_ADMIN, admin), (DRIVER, capturer)]),
            organisation(3, "Market Authority", &[(REGULATOR, regulator)]),
        ],
        ..fixtures::genesis()
    }
}

fn chain() -> Sandbox {
    Sandbox::new(MODULES, &genesis())
}

/// A box is seen; its serial number makes the event unlike every other.
fn seen(serial: u64) -> Bytes {
    let body = format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type":"ObjectEvent","eventTime":"2026-04-04T20:33:31.116Z","eventTimeZoneOffset":"+00:00",
        "epcList":["urn:epc:id:sgtin:0614141.107346.{serial}"],"action":"OBSERVE",
        "bizStep":"receiving","disposition":"in_progress",
        "readPoint":{{"id":"urn:epc:id:sgln:0012345.11111.400"}}}}"#
    );
    body.into_bytes().into()
}

/// The same happening, written with Digital Links, other white space and other order.
fn seen_in_other_words(serial: u64) -> Bytes {
    let body = format!(
        r#"{{"type":"ObjectEvent","action":"OBSERVE","eventTime":"2026-04-04T22:33:31.116+02:00",
        "@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "eventTimeZoneOffset":"+00:00","readPoint":{{"id":"https://id.gs1.org/414/0012345111112/254/400"}},
        "disposition":"https://ref.gs1.org/cbv/Disp-in_progress",
        "epcList":["https://example.org/01/10614141073464/21/{serial}"],"bizStep":"receiving"}}"#
    );
    body.into_bytes().into()
}

fn capture(party: u64, events: &[Bytes]) -> captureCall {
    captureCall { party, events: events.to_vec() }
}

#[track_caller]
fn captures(chain: &mut Sandbox, sender: Address, party: u64, events: &[Bytes]) -> captureReturn {
    match chain.call(sender, ADDRESS, capture(party, events)) {
        Ok(answer) => answer,
        Err(refused) => panic!("refused: {refused:?}"),
    }
}

#[track_caller]
fn refuses<C: SolCall, E: SolError>(chain: &mut Sandbox, sender: Address, call: C, error: E) {
    chain.refuses(sender, ADDRESS, call, error);
}

fn freeze(chain: &mut Sandbox, account: Address) {
    let call = IMembers::freezeAccountCall { account, reason: "inquiry".to_owned() };
    chain.call(REGULATOR, members::ADDRESS, call).unwrap();
}

fn freeze_organisation(chain: &mut Sandbox, organisation: u64) {
    let call = IMembers::freezeOrganisationCall { organisation, reason: "inquiry".to_owned() };
    chain.call(REGULATOR, members::ADDRESS, call).unwrap();
}

fn may_speak_for(chain: &mut Sandbox, capturer: Address, party: u64) -> bool {
    chain.call(STRANGER, ADDRESS, maySpeakForCall { capturer, party }).unwrap()
}

fn record(chain: &mut Sandbox, event_hash: B256) -> EventRecord {
    chain.call(STRANGER, ADDRESS, recordCall { eventHash: event_hash }).unwrap()
}

/// Story: the farm's clerk captures that a box was seen; anybody who holds a copy of the event
/// finds who said so and when, and a copy that was altered is not found.
#[test]
fn a_box_of_pork_is_captured_and_found_again() {
    let mut chain = chain();
    chain.at_block(77, 1_900_000_000);
    let answer = captures(&mut chain, FARM_CLERK, FARM, &[seen(1), seen(2)]);
    assert_eq!((answer.eventHashes.len(), answer.captured), (2, 2));
    assert_eq!(chain.events::<Captured>().len(), 2);

    let copy = Event::parse(&seen_in_other_words(2), &Limits::EVENT).unwrap();
    let found = record(&mut chain, copy.hash().0.into());
    let expected = EventRecord {
        party: FARM,
        capturer: FARM_CLERK,
        capturedAt: 1_900_000_000,
        blockNumber: 77,
        position: 1,
    };
    assert_eq!(found, expected);

    let altered = Event::parse(&seen(3), &Limits::EVENT).unwrap();
    assert_eq!(record(&mut chain, altered.hash().0.into()).party, 0);
}

/// Story: the farm lets the carrier's driver capture for it, and later ends that.
#[test]
fn a_carrier_captures_for_the_farm_as_long_as_the_farm_wants() {
    let mut chain = chain();
    let refused = || NotAuthorised { capturer: DRIVER, party: FARM };
    refuses(&mut chain, DRIVER, capture(FARM, &[seen(1)]), refused());

    chain.call(FARM_ADMIN, ADDRESS, authoriseCall { capturer: DRIVER }).unwrap();
    let authorised = CapturerAuthorised { party: FARM, capturer: DRIVER };
    assert_eq!(chain.events::<CapturerAuthorised>(), [authorised]);
    let hash = captures(&mut chain, DRIVER, FARM, &[seen(1)]).eventHashes[0];
    let found = record(&mut chain, hash);
    assert_eq!((found.party, found.capturer), (FARM, DRIVER));

    chain.call(FARM_ADMIN, ADDRESS, revokeCall { capturer: DRIVER }).unwrap();
    refuses(&mut chain, DRIVER, capture(FARM, &[seen(2)]), refused());
    // For its own organisation the driver goes on, and what was captured stays.
    captures(&mut chain, DRIVER, CARRIER, &[seen(2)]);
    assert_eq!(record(&mut chain, hash).party, FARM);
}

#[test]
fn i1_the_key_is_the_event_hash_id() {
    let mut chain = chain();
    let hash = captures(&mut chain, FARM_CLERK, FARM, &[seen(1)]).eventHashes[0];
    let event = Event::parse(&seen(1), &Limits::EVENT).unwrap();
    assert_eq!(hash, B256::from(event.hash().0));
}

#[test]
fn i2_capturing_again_changes_nothing_and_says_so() {
    let mut chain = chain();
    captures(&mut chain, FARM_CLERK, FARM, &[seen(1)]);
    captures(&mut chain, DRIVER, CARRIER, &[seen(9)]);
    let before = chain.storage(ADDRESS);
    for sender in [FARM_CLERK, DRIVER] {
        let party = if sender == DRIVER { CARRIER } else { FARM };
        let answer = captures(&mut chain, sender, party, &[seen(1), seen_in_other_words(1)]);
        assert_eq!((answer.captured, answer.eventHashes[0]), (0, answer.eventHashes[1]));
        assert!(chain.last().logs.is_empty());
        assert_eq!(chain.storage(ADDRESS), before);
    }
    let answer = captures(&mut chain, FARM_CLERK, FARM, &[seen(2), seen(1), seen(2)]);
    assert_eq!((answer.eventHashes.len(), answer.captured), (3, 1), "twice in one list is once");
    assert_eq!(chain.events::<Captured>()[0].position, 0);
}

#[test]
fn i3_only_who_may_speak_for_a_party_captures_for_it() {
    let mut chain = chain();
    for (capturer, party) in
        [(FARM_CLERK, FARM), (FARM_CLERK, CARRIER), (DRIVER, CARRIER), (DRIVER, FARM)]
    {
        let is_own = (capturer == FARM_CLERK) == (party == FARM);
        assert_eq!(may_speak_for(&mut chain, capturer, party), is_own);
    }
    for (capturer, party) in
        [(STRANGER, FARM), (FARM_ADMIN, FARM), (DRIVER, FARM), (FARM_CLERK, 0), (FARM_CLERK, 9)]
    {
        let refused = NotAuthorised { capturer, party };
        refuses(&mut chain, capturer, capture(party, &[seen(1)]), refused);
        assert!(!may_speak_for(&mut chain, capturer, party));
    }
}

#[test]
fn i3_only_an_admin_delegates_and_only_to_members_of_others() {
    let mut chain = chain();
    let call = |capturer| authoriseCall { capturer };
    refuses(&mut chain, FARM_CLERK, call(DRIVER), IMembers::NotAdmin { caller: FARM_CLERK });
    refuses(&mut chain, STRANGER, call(DRIVER), IMembers::NotMember { account: STRANGER });
    refuses(&mut chain, FARM_ADMIN, call(STRANGER), IMembers::NotMember { account: STRANGER });
    refuses(&mut chain, FARM_ADMIN, call(FARM_CLERK), OwnAccount { capturer: FARM_CLERK });
    let refused = NotAuthorised { capturer: DRIVER, party: FARM };
    refuses(&mut chain, FARM_ADMIN, revokeCall { capturer: DRIVER }, refused);
    chain.call(FARM_ADMIN, ADDRESS, call(DRIVER)).unwrap();
    let again = AlreadyAuthorised { capturer: DRIVER, party: FARM };
    refuses(&mut chain, FARM_ADMIN, call(DRIVER), again);
}

#[test]
fn i4_a_call_captures_all_its_events_or_none() {
    let mut chain = chain();
    let wrong = Bytes::from(
        String::from_utf8(seen(2).to_vec()).unwrap().replace("OBSERVE", "WATCH").into_bytes(),
    );
    let refused = chain.call(FARM_CLERK, ADDRESS, capture(FARM, &[seen(1), wrong])).unwrap_err();
    let error = EventRefused::abi_decode(&refused.0).unwrap();
    assert_eq!((error.position, error.field.as_str()), (1, "action"));
    assert!(error.code.starts_with("epcis."), "{}", error.code);
    assert!(chain.storage(ADDRESS).is_empty());
}

#[test]
fn i5_a_contract_cannot_capture() {
    let mut chain = chain();
    let forwarder = address!("00000000000000000000000000000000000000cc");
    chain.install(forwarder, fixtures::forwarder(ADDRESS));
    let input = capture(FARM, &[seen(1)]).abi_encode();
    let done = chain.send(FARM_CLERK, forwarder, input.into());
    assert_eq!(done.output, Bytes::from(NotTopLevel {}.abi_encode()));
}

#[test]
fn i6_the_frozen_capture_nothing() {
    let mut chain = chain();
    chain.call(FARM_ADMIN, ADDRESS, authoriseCall { capturer: DRIVER }).unwrap();
    freeze(&mut chain, FARM_CLERK);
    let refused = NotAuthorised { capturer: FARM_CLERK, party: FARM };
    refuses(&mut chain, FARM_CLERK, capture(FARM, &[seen(1)]), refused);
    assert!(may_speak_for(&mut chain, DRIVER, FARM));
    freeze_organisation(&mut chain, FARM);
    let refused = NotAuthorised { capturer: DRIVER, party: FARM };
    refuses(&mut chain, DRIVER, capture(FARM, &[seen(1)]), refused);
    assert!(may_speak_for(&mut chain, DRIVER, CARRIER));
}

#[test]
fn i7_logged_identifiers_are_canonical_sorted_and_distinct() {
    let mut chain = chain();
    let body = String::from_utf8(seen(1).to_vec()).unwrap().replace(
        r#""epcList":["#,
        r#""epcList":["https://example.org/01/10614141073464/21/1","urn:epc:id:sgtin:0614141.107346.7","#,
    );
    captures(&mut chain, FARM_CLERK, FARM, &[body.into_bytes().into()]);
    let mut expected = [
        keccak256("https://id.gs1.org/01/10614141073464/21/1"),
        keccak256("https://id.gs1.org/01/10614141073464/21/7"),
    ];
    expected.sort_unstable();
    assert_eq!(chain.events::<Captured>()[0].identifiers, expected);
}

/// Puts the product of [`seen`] under a rule by which every serial number is given out first.
fn chain_with_books() -> Sandbox {
    let mut chain = chain();
    let call = ILots::setRulesCall {
        gtin: "10614141073464".to_owned(),
        balanced: true,
        unit: String::new(),
        content: String::new(),
        yieldBasisPoints: 0,
        cloneSeconds: 0,
    };
    chain.call(REGULATOR, lots::ADDRESS, call).unwrap();
    let call = ILots::setMakerCall {
        gtin: "10614141073464".to_owned(),
        organisation: FARM,
        allowed: true,
    };
    chain.call(REGULATOR, lots::ADDRESS, call).unwrap();
    chain.at_block(9, 1_900_000_000);
    chain
}

/// A box is given its serial number, is sold, or the sale is declared wrong.
fn told(serial: u64, action: &str, step: &str, declaration: &str) -> Bytes {
    let text = String::from_utf8(seen(serial).to_vec()).unwrap();
    let text = text.replace("OBSERVE", action).replace("receiving", step);
    text.replace(r#""action""#, &format!(r#"{declaration}"action""#)).into_bytes().into()
}

#[test]
fn i8_an_event_that_breaks_a_rule_of_lots_is_refused_with_its_code() {
    let mut chain = chain_with_books();
    let sale = told(1, "OBSERVE", "retail_selling", "");
    let list = [seen(1), sale.clone()];
    let refused = chain.call(FARM_CLERK, ADDRESS, capture(FARM, &list)).unwrap_err();
    let error = EventRefused::abi_decode(&refused.0).unwrap();
    assert_eq!((error.position, error.code.as_str()), (1, "lots.serial_unknown"));
    assert_eq!(error.field, "epcList[0]");
    assert!(chain.storage(ADDRESS).is_empty(), "nothing of the list stays");
    captures(&mut chain, FARM_CLERK, FARM, &[told(1, "ADD", "commissioning", ""), sale]);
}

#[test]
fn i9_a_party_undoes_what_its_own_event_did() {
    let mut chain = chain_with_books();
    let made = told(1, "ADD", "commissioning", "");
    let sale = |declaration: &str| told(1, "OBSERVE", "retail_selling", declaration);
    captures(&mut chain, FARM_CLERK, FARM, &[made, sale("")]);
    let wrong = r#""errorDeclaration":{"declarationTime":"2026-04-05T00:00:00Z"},"#;
    let id = "https://id.gs1.org/01/10614141073464/21/1".to_owned();
    let mut sold = |sender, party| {
        let answer = captures(&mut chain, sender, party, &[sale(wrong)]);
        assert_eq!(answer.captured, 0);
        let call = ILots::serialCall { id: id.clone() };
        chain.call(STRANGER, lots::ADDRESS, call).unwrap() == 2
    };
    assert!(sold(DRIVER, CARRIER), "another party says so");
    assert!(!sold(FARM_CLERK, FARM));
}

#[test]
fn bounds_on_events_and_bytes_are_kept() {
    let mut chain = chain();
    let many: Vec<Bytes> = vec![Bytes::new(); EVENTS_MAX + 1];
    let refused = TooManyEvents { count: 1_001, max: 1_000 };
    refuses(&mut chain, FARM_CLERK, capture(FARM, &many), refused);

    let mut long = seen(1).to_vec();
    long.resize(EVENT_BYTES_MAX, b' ');
    captures(&mut chain, FARM_CLERK, FARM, &[long.clone().into()]);
    long.push(b' ');
    let refused = chain.call(FARM_CLERK, ADDRESS, capture(FARM, &[long.into()])).unwrap_err();
    let error = EventRefused::abi_decode(&refused.0).unwrap();
    assert_eq!(error.position, 0);

    let serials: Vec<String> =
        (0..1_025).map(|n| format!(r#""urn:epc:id:sgtin:0614141.107346.{n}""#)).collect();
    let body = String::from_utf8(seen(1).to_vec())
        .unwrap()
        .replace(r#""urn:epc:id:sgtin:0614141.107346.1""#, &serials.join(","));
    let body = Bytes::from(body.into_bytes());
    let refused = chain.call(FARM_CLERK, ADDRESS, capture(FARM, &[body])).unwrap_err();
    let error = EventRefused::abi_decode(&refused.0).unwrap();
    assert_eq!(error.code, "traceability.too_many_identifiers");
}

#[test]
fn a_thousand_events_fit_well_into_a_block() {
    let mut chain = chain();
    let events: Vec<Bytes> = (0..1_000)
        .map(|serial| {
            let mut event = seen(serial).to_vec();
            event.resize(1_000, b' ');
            event.into()
        })
        .collect();
    let answer = captures(&mut chain, FARM_CLERK, FARM, &events);
    assert_eq!(answer.captured, 1_000);
    let gas = chain.last().gas_used;
    assert!(gas < 100_000_000, "{gas} gas");
    // One slot per event, and four for the first capture of this speaker.
    assert_eq!(chain.storage(ADDRESS).len(), 1_000 + 3);
}

#[test]
fn parsing_is_paid_before_it_is_done() {
    let mut chain = chain();
    let garbage = vec![0; 60_000];
    let input = Bytes::from(capture(FARM, &[garbage.into()]).abi_encode());
    let done = chain.send(FARM_CLERK, ADDRESS, input.clone());
    assert!(done.is_refused && done.gas_used > event_gas(&[0; 60_000]));
    assert!(chain.send_with_gas(FARM_CLERK, ADDRESS, input, done.gas_used - 1).is_none());
}

#[test]
fn dense_events_pay_for_their_values() {
    assert_eq!(event_gas(b""), 3_000);
    assert_eq!(event_gas(b"abc"), 3_000 + 3 * 16);
    assert_eq!(event_gas(br#"{"a":[1,2]}"#), 3_000 + 11 * 16 + 4 * 500);
}

/// The published documents, as capture sends them: each event on its own, in compact JSON.
#[test]
fn the_published_documents_are_captured_event_by_event() {
    let Some(fixtures) = fixtures() else {
        eprintln!("SKIPPED: `../shared/fixtures` is absent");
        return;
    };
    let folders = ["epcis/events", "epcis/capture", "fsma204", "event-hash"];
    let files = folders.iter().flat_map(|folder| json_files(&fixtures.join(folder)));
    let mut chain = chain();
    let (mut documents, mut events) = (0, 0);
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let Ok(document) = qiao_epcis::parse(&bytes, &Limits::DOCUMENT) else { continue };
        let bodies: Vec<Bytes> =
            document.events.iter().map(|event| event.to_json().into_bytes().into()).collect();
        let hashes: Vec<B256> = document.events.iter().map(|event| event.hash().0.into()).collect();
        let answer = captures(&mut chain, FARM_CLERK, FARM, &bodies);
        assert_eq!(answer.eventHashes, hashes, "{}", file.display());
        documents += 1;
        events += bodies.len();
    }
    assert!(documents >= 50 && events > documents, "{documents} documents, {events} events");
}

/// Beside the workspace, or beside the folder of its worktrees.
fn fixtures() -> Option<PathBuf> {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(3);
    folders.find_map(|folder| Some(folder.join("shared/fixtures")).filter(|path| path.is_dir()))
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(json_files(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension.to_string_lossy().starts_with("json"))
        {
            files.push(path);
        }
    }
    files.sort();
    files
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_make_a_capture_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut chain = chain();
        let refused = chain.call(FARM_CLERK, ADDRESS, capture(FARM, &[body.into()]));
        prop_assert!(refused.is_err());
    }

    #[test]
    fn a_changed_byte_is_refused_or_another_event_or_the_same(
        at in 0usize..400, byte in any::<u8>()
    ) {
        let mut chain = chain();
        let original = captures(&mut chain, FARM_CLERK, FARM, &[seen(1)]).eventHashes[0];
        let mut body = seen(1).to_vec();
        let at = at % body.len();
        body[at] = byte;
        if let Ok(answer) = chain.call(FARM_CLERK, ADDRESS, capture(FARM, &[body.into()])) {
            prop_assert_eq!(answer.captured == 0, answer.eventHashes[0] == original);
        }
    }
}

const PEOPLE: [Address; 6] = [FARM_ADMIN, FARM_CLERK, CARRIER_ADMIN, DRIVER, REGULATOR, STRANGER];

conformance! {
    module: super::super::MODULE,
    calls: ITraceabilityCalls, errors: ITraceabilityErrors, events: ITraceabilityEvents,
    chain: chain,
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
    let list = |serials: std::ops::Range<u64>| -> Vec<Bytes> { serials.map(seen).collect() };
    pay("capture 1, first of the speaker", FARM_CLERK, capture(FARM, &list(0..1)).abi_encode());
    pay("capture 1", FARM_CLERK, capture(FARM, &list(1..2)).abi_encode());
    pay("capture 1 again", FARM_CLERK, capture(FARM, &list(1..2)).abi_encode());
    pay("capture 100", FARM_CLERK, capture(FARM, &list(100..200)).abi_encode());
    pay("capture 1,000", FARM_CLERK, capture(FARM, &list(1_000..2_000)).abi_encode());
    pay("authorise", FARM_ADMIN, authoriseCall { capturer: DRIVER }.abi_encode());
    pay("revoke", FARM_ADMIN, revokeCall { capturer: DRIVER }.abi_encode());
    pay("record", STRANGER, recordCall { eventHash: B256::ZERO }.abi_encode());
    let call = maySpeakForCall { capturer: DRIVER, party: FARM };
    pay("maySpeakFor", STRANGER, call.abi_encode());
    calls
}
