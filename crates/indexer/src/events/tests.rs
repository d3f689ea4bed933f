//! Captured events are found by every parameter, in every notation, page by page.

use std::path::Path;

use qiao_epcis::{EventHash, Limits};
use serde_json::json;

use super::*;
use crate::testing::*;
use crate::{Index, IndexError};

async fn index_of(events: &[Draft]) -> (Index, Vec<String>) {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let mut hashes = Vec::new();
    for chunk in events.chunks(3) {
        hashes.extend(chain.capture(1, chunk));
        index.apply(&chain.block()).await.unwrap();
    }
    (index, hashes)
}

/// Which of the hashes a query finds, by their position.
async fn find(index: &Index, hashes: &[String], parameters: &[(&str, &str)]) -> Vec<usize> {
    let query = EventQuery::parse(parameters.iter().copied()).unwrap();
    let page = index.events(&query).await.unwrap();
    assert_eq!(page.next, None, "one page is enough");
    let position = |hash: &String| hashes.iter().position(|known| known == hash).unwrap();
    page.items.iter().map(|event| position(&event.hash)).collect()
}

fn trade() -> Vec<Draft> {
    let (box_one, box_two, pallet, pork) = (item("1"), item("2"), unit(1), lot("P1"));
    vec![
        object(0, "ADD", &[&box_one, &box_two]).step("commissioning").place(1),
        aggregation(10, "ADD", &pallet, &[&box_one, &box_two]).step("packing").place(1),
        object(20, "OBSERVE", &[&pallet])
            .step("shipping")
            .with("disposition", json!("in_transit"))
            .with("readPoint", json!({ "id": place(1) }))
            .document("desadv", "urn:epcglobal:cbv:bt:9521000000008:D1")
            .with(
                "sourceList",
                json!([{ "type": "owning_party", "source": "urn:epc:id:pgln:9521000.00000" }]),
            )
            .with(
                "destinationList",
                json!([{ "type": "owning_party", "destination": "urn:epc:id:pgln:9521001.00000" }]),
            ),
        aggregation(30, "DELETE", &pallet, &[]).step("unpacking").place(2),
        transformation(40, &[&box_one], &[&format!("{pork}*12.50")])
            .step("creating_class_instance")
            .with("transformationID", json!("urn:epc:id:gdti:9521000.00001.T1"))
            .with("eventID", json!("urn:uuid:8b3f8a6e-0c5e-4b7e-9a36-000000000001")),
        transaction(50, "urn:epcglobal:cbv:bt:9521000000008:PO7", &[&format!("{pork}*5")]).place(2),
    ]
}

#[tokio::test]
async fn every_parameter_finds_its_events() {
    let (index, hashes) = index_of(&trade()).await;
    let (one, pallet, pork) = (item("1"), unit(1), lot("P1"));
    let day = |minute: i64| {
        jiff::Timestamp::from_millisecond(DAY_ONE_MS + minute * 60_000).unwrap().to_string()
    };
    let cases: Vec<(&str, String, Vec<usize>)> = vec![
        ("eventType", "ObjectEvent".into(), vec![0, 2]),
        ("eventType", "AggregationEvent|TransformationEvent".into(), vec![1, 3, 4]),
        ("eventType", "https://ns.example.com/epcis/MyEvent".into(), vec![]),
        ("eventType", "ObjectEvent|https://ns.example.com/epcis/MyEvent".into(), vec![0, 2]),
        ("eventType", "".into(), vec![0, 1, 2, 3, 4, 5]),
        ("GE_eventTime", day(30), vec![3, 4, 5]),
        ("LT_eventTime", day(10), vec![0]),
        ("GE_recordTime", "2023-11-14T22:13:22Z".into(), vec![3, 4, 5]),
        ("LT_recordTime", "2023-11-14T22:13:22Z".into(), vec![0, 1, 2]),
        ("EQ_action", "DELETE".into(), vec![3]),
        ("EQ_bizStep", "shipping|packing".into(), vec![1, 2]),
        ("EQ_bizStep", "urn:epcglobal:cbv:bizstep:shipping".into(), vec![2]),
        ("EQ_bizStep", "https://ref.gs1.org/cbv/BizStep-shipping".into(), vec![2]),
        ("EQ_disposition", "urn:epcglobal:cbv:disp:in_transit".into(), vec![2]),
        ("EQ_readPoint", place(1), vec![0, 1, 2]),
        ("EQ_bizLocation", "urn:epc:id:sgln:9521000.00002.0".into(), vec![3, 5]),
        ("EQ_bizTransaction", "urn:epcglobal:cbv:bt:9521000000008:D1".into(), vec![2]),
        ("EQ_bizTransaction_desadv", "urn:epcglobal:cbv:bt:9521000000008:D1".into(), vec![2]),
        ("EQ_bizTransaction_po", "urn:epcglobal:cbv:bt:9521000000008:D1".into(), vec![]),
        ("EQ_source_owning_party", "urn:epc:id:pgln:9521000.00000".into(), vec![2]),
        ("EQ_destination_owning_party", "urn:epc:id:pgln:9521001.00000".into(), vec![2]),
        ("EQ_destination_owning_party", "urn:epc:id:pgln:9521000.00000".into(), vec![]),
        ("EQ_transformationID", "urn:epc:id:gdti:9521000.00001.T1".into(), vec![4]),
        ("EQ_eventID", "urn:uuid:8b3f8a6e-0c5e-4b7e-9a36-000000000001".into(), vec![4]),
        ("EQ_eventID", hashes[1].clone(), vec![1]),
        ("MATCH_epc", one.clone(), vec![0, 1]),
        ("MATCH_epc", "urn:epc:id:sgtin:9521000.000010.1".into(), vec![0, 1]),
        ("MATCH_epc", pallet.clone(), vec![2]),
        ("MATCH_parentID", pallet.clone(), vec![1, 3]),
        ("MATCH_inputEPC", one.clone(), vec![4]),
        ("MATCH_outputEPC", one.clone(), vec![]),
        ("MATCH_anyEPC", one, vec![0, 1, 4]),
        ("MATCH_anyEPC", pallet, vec![1, 2, 3]),
        ("MATCH_epcClass", "urn:epc:class:lgtin:9521000.000020.P1".into(), vec![5]),
        ("MATCH_outputEPCClass", pork.clone(), vec![4]),
        ("MATCH_inputEPCClass", pork.clone(), vec![]),
        ("MATCH_anyEPCClass", pork.clone(), vec![4, 5]),
        ("MATCH_anyEPC", pork, vec![]),
    ];
    for (parameter, value, expected) in cases {
        let found = find(&index, &hashes, &[(parameter, &value)]).await;
        assert_eq!(found, expected, "{parameter}={value}");
        let ordered = [(parameter, value.as_str()), ("orderBy", "eventTime")];
        let reversed: Vec<usize> = expected.into_iter().rev().collect();
        assert_eq!(find(&index, &hashes, &ordered).await, reversed, "{parameter}={value} ordered");
    }
}

#[tokio::test]
async fn parameters_narrow_each_other() {
    let (index, hashes) = index_of(&trade()).await;
    let (one, day) = (item("1"), "2026-01-01T00:05:00Z");
    let both = [("MATCH_anyEPC", one.as_str()), ("GE_eventTime", day), ("EQ_action", "ADD")];
    assert_eq!(find(&index, &hashes, &both).await, [1]);
}

#[tokio::test]
async fn an_event_reads_back_as_it_was_captured() {
    let events = trade();
    let (index, hashes) = index_of(&events).await;
    let hash: EventHash = hashes[2].parse().unwrap();
    let event = index.event(&hash).await.unwrap().expect("it is there");
    assert_eq!(event.body, events[2].json());
    assert_eq!((event.kind.as_str(), event.action.as_deref()), ("ObjectEvent", Some("OBSERVE")));
    assert_eq!(event.event_time_ms, DAY_ONE_MS + 20 * 60_000);
    assert_eq!((event.party, event.place.block, event.event_position), (1, 1, 2));
    assert_eq!(event.record_time_ms, GENESIS_MS + 1_000);
    assert_eq!(index.transaction(event.transaction).await.unwrap(), Some(event.place));
    assert_eq!(index.block(1).await.unwrap().unwrap().events, 3);
    assert_eq!(index.event(&EventHash([0; 32])).await.unwrap(), None);
}

#[tokio::test]
async fn pages_follow_each_other_without_repeats_while_new_events_arrive() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let thing = item("9");
    let event = |nth: i64| object(nth / 4, "OBSERVE", &[&thing]).place(nth as u32);
    let hashes = chain.capture(1, &(0..23).map(event).collect::<Vec<_>>());
    index.apply(&chain.block()).await.unwrap();

    for parameters in [
        vec![("perPage", "5")],
        vec![("perPage", "5"), ("orderBy", "eventTime"), ("orderDirection", "ASC")],
        vec![("perPage", "5"), ("orderBy", "eventTime"), ("MATCH_epc", thing.as_str())],
        vec![("perPage", "5"), ("eventCountLimit", "12")],
    ] {
        let limited = parameters.iter().any(|(name, _)| *name == "eventCountLimit");
        let mut seen = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let paged = token.as_deref().map(|token| ("nextPageToken", token));
            let all = parameters.iter().copied().chain(paged);
            let query = EventQuery::parse(all).unwrap();
            let page = index.events(&query).await.unwrap();
            seen.extend(page.items.into_iter().map(|event| event.hash));
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), if limited { 12 } else { hashes.len() }, "{parameters:?}");
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{parameters:?}");
    }
}

#[tokio::test]
async fn a_token_of_another_query_is_refused() {
    let (index, _) = index_of(&trade()).await;
    let first = EventQuery::parse([("perPage", "2")]).unwrap();
    let token = index.events(&first).await.unwrap().next.unwrap();
    let other =
        EventQuery::parse([("EQ_action", "ADD"), ("nextPageToken", token.as_str())]).unwrap();
    assert!(matches!(index.events(&other).await, Err(IndexError::PageToken(_))));
    let forged = EventQuery::parse([("nextPageToken", "1_2_3")]).unwrap();
    assert!(matches!(index.events(&forged).await, Err(IndexError::PageToken(_))));
}

#[test]
fn a_malformed_parameter_is_named() {
    let wrong = [
        ("eventType", "Party"),
        ("GE_eventTime", "yesterday"),
        ("EQ_bizLocation", "urn:epc:id:sgln:x"),
        ("MATCH_epc", "not a uri"),
        ("perPage", "0"),
        ("orderBy", "price"),
        ("orderDirection", "up"),
        ("EQ_bizTransactions", "urn:x:1"),
        ("HAS_ATTR", "x"),
    ];
    for (name, value) in wrong {
        let problem = EventQuery::parse([(name, value)]).expect_err(name);
        assert_eq!(problem.parameter, name);
    }
    let many = vec!["urn:x:1"; 501].join("|");
    assert!(EventQuery::parse([("MATCH_epc", many.as_str())]).is_err());
}

#[tokio::test]
async fn an_event_captured_again_changes_nothing_and_a_failed_capture_leaves_nothing() {
    let (index, hashes) = index_of(&trade()).await;
    assert_eq!(find(&index, &hashes, &[]).await.len(), 6);

    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    chain.capture(1, &trade());
    chain.capture(1, &trade());
    index.apply(&chain.block()).await.unwrap();
    chain.capture(2, &trade());
    index.apply(&chain.block()).await.unwrap();
    let all = index.events(&EventQuery::default()).await.unwrap().items;
    assert_eq!(all.len(), 6);
    assert!(all.iter().all(|event| event.party == 1 && event.place.position == 0));
}

#[tokio::test]
async fn events_are_found_by_their_hashes_in_the_order_asked_for() {
    let events: Vec<Draft> =
        (0..70).map(|n| object(n, "OBSERVE", &[&item(&n.to_string())])).collect();
    let (index, hashes) = index_of(&events).await;
    let mut asked: Vec<EventHash> = hashes.iter().rev().map(|hash| hash.parse().unwrap()).collect();
    asked.insert(3, EventHash([7; 32]));
    let found = index.events_of(&asked).await.unwrap();
    let found: Vec<String> = found.into_iter().map(|event| event.hash).collect();
    assert_eq!(found, hashes.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(index.events_of(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn only_its_own_party_can_declare_an_event_wrong() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let events = trade();
    let hash: EventHash = chain.capture(1, &events)[0].parse().unwrap();
    index.apply(&chain.block()).await.unwrap();
    chain.capture(2, &[events[0].clone().declared_wrong(60)]);
    index.apply(&chain.block()).await.unwrap();
    assert_eq!(index.event(&hash).await.unwrap().unwrap().withdrawn, None);

    chain.capture(1, &[events[0].clone().declared_wrong(61)]);
    index.apply(&chain.block()).await.unwrap();
    let withdrawn = index.event(&hash).await.unwrap().unwrap().withdrawn.expect("declared wrong");
    assert_eq!(withdrawn.declared_ms, DAY_ONE_MS + 61 * 60_000);
    assert_eq!(withdrawn.reason.as_deref(), Some("incorrect_data"));
}

#[tokio::test]
async fn everything_in_the_published_examples_is_found_by_its_own_identifiers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/epcis");
    let Ok(files) = std::fs::read_dir(folder.join("capture")) else {
        eprintln!("SKIPPED: the fixtures are not at {}", folder.display());
        return;
    };
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let mut events = Vec::new();
    for file in files {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        events.extend(qiao_epcis::parse(&bytes, &Limits::DOCUMENT).unwrap().events);
    }
    let bodies: Vec<String> = events.iter().map(|event| event.to_json()).collect();
    chain.capture_bodies(1, &bodies);
    index.apply(&chain.block()).await.unwrap();
    for event in &events {
        assert!(index.event(&event.hash()).await.unwrap().is_some());
        for item in event.items() {
            let level = if item.id.is_class() { "MATCH_anyEPCClass" } else { "MATCH_anyEPC" };
            if !item.id.is_gs1_key() {
                continue;
            }
            let query = EventQuery::parse([(level, item.id.as_str()), ("perPage", "1000")]);
            let found = index.events(&query.unwrap()).await.unwrap().items;
            let hash = event.hash().to_string();
            assert!(found.iter().any(|found| found.hash == hash), "{} in {hash}", item.id);
        }
    }
}
