//! Conditions on bodies, each finding its events and no others.

use serde_json::json;

use crate::testing::*;
use crate::{EventQuery, Index, PageRequest, Resource};

async fn index_of(events: &[Draft]) -> (Index, Vec<String>) {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let hashes = chain.capture(1, events);
    index.apply(&chain.block()).await.unwrap();
    (index, hashes)
}

async fn find(index: &Index, hashes: &[String], parameters: &[(&str, &str)]) -> Vec<usize> {
    let query = EventQuery::parse(parameters.iter().copied()).unwrap();
    let page = index.events(&query).await.unwrap();
    let position = |hash: &String| hashes.iter().position(|known| known == hash).unwrap();
    page.items.iter().map(|event| position(&event.hash)).collect()
}

fn context() -> serde_json::Value {
    json!([
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        { "farm": "https://farm.example/" }
    ])
}

/// 0: extensions and ilmd, 1: sensors, 2: a quantity and a persistent disposition, 3: declared wrong.
fn events() -> Vec<Draft> {
    vec![
        object(0, "ADD", &[&item("1")])
            .with("@context", context())
            .with("ilmd", json!({ "farm:breed": "Duroc", "farm:age": { "farm:days": 180 } }))
            .with("farm:note", json!({ "farm:deep": ["x", "y"] }))
            .with("farm:weight", json!(12.5))
            .with("readPoint", json!({ "id": place(1), "farm:gate": "north" })),
        object(10, "OBSERVE", &[&item("1")]).with(
            "sensorElementList",
            json!([{
                "sensorMetadata": {
                    "startTime": "2026-01-01T00:00:00Z", "endTime": "2026-01-01T00:10:00Z",
                    "deviceID": "urn:epc:id:giai:4000001.111"
                },
                "sensorReport": [
                    { "type": "Temperature", "value": 4.5, "uom": "CEL" },
                    { "type": "gs1:RelativeHumidity", "minValue": 40, "maxValue": 60, "uom": "A93",
                      "stringValue": "wet", "booleanValue": true }
                ]
            }]),
        ),
        object(20, "OBSERVE", &[&format!("{}*25.50", lot("A"))])
            .with("persistentDisposition", json!({ "set": ["recalled"], "unset": ["urn:x:own"] })),
        object(30, "OBSERVE", &[&item("2")]).declared_wrong(40).step("shipping"),
    ]
}

#[tokio::test]
async fn every_condition_finds_its_events() {
    let (index, hashes) = index_of(&events()).await;
    for (name, value, found) in [
        ("EQ_ILMD_farm:breed", "Duroc", vec![0]),
        ("EQ_ILMD_https://farm.example/breed", "Angus|Duroc", vec![0]),
        ("EQ_ILMD_farm:breed", "Angus", vec![]),
        ("EQ_farm:breed", "Duroc", vec![]),
        ("EXISTS_ILMD_farm:breed", "", vec![0]),
        ("EQ_ILMD_farm:days", "180", vec![]),
        ("EQ_INNER_ILMD_farm:days", "180.0", vec![0]),
        ("EXISTS_INNER_farm:deep", "", vec![0]),
        ("EQ_INNER_farm:deep", "y", vec![0]),
        ("GT_farm:weight", "12.4", vec![0]),
        ("LE_farm:weight", "12.4", vec![]),
        ("EQ_readPoint_farm:gate", "north", vec![0]),
        ("EQ_type", "Temperature", vec![1]),
        ("EQ_type", "https://gs1.org/voc/RelativeHumidity", vec![1]),
        ("GE_value", "4.5", vec![1]),
        ("GT_value", "4.5", vec![]),
        ("GT_value_CEL", "4", vec![1]),
        ("GT_value_FAH", "4", vec![]),
        ("LT_minValue_A93", "41", vec![1]),
        ("GE_maxValue", "61", vec![]),
        ("EQ_deviceID", "https://id.gs1.org/8004/4000001111", vec![1]),
        ("EQ_stringValue", "wet", vec![1]),
        ("EQ_booleanValue", "true", vec![1]),
        ("EQ_booleanValue", "false", vec![]),
        ("GE_startTime", "2026-01-01T00:00:00Z", vec![1]),
        ("LT_endTime", "2026-01-01T00:10:00Z", vec![]),
        ("EQ_quantity", "25.5", vec![2]),
        ("GT_quantity", "25.5", vec![]),
        ("EQ_persistentDisposition_set", "urn:epcglobal:cbv:disp:recalled", vec![2]),
        ("EQ_persistentDisposition_unset", "recalled|urn:x:own", vec![2]),
        ("EXISTS_errorDeclaration", "true", vec![3]),
        ("EQ_errorReason", "incorrect_data", vec![3]),
        ("EQ_errorReason", "did_not_occur", vec![]),
        ("GE_errorDeclarationTime", "2026-01-01T00:40:00Z", vec![3]),
        ("LT_errorDeclarationTime", "2026-01-01T00:40:00Z", vec![]),
        ("WD_readPoint", &place(1), vec![0]),
        ("HASATTR_bizLocation", "x", vec![]),
    ] {
        assert_eq!(find(&index, &hashes, &[(name, value)]).await, found, "{name}={value}");
    }
    let both = [("EQ_type", "Temperature"), ("EQ_ILMD_farm:breed", "Duroc")];
    assert_eq!(find(&index, &hashes, &both).await, Vec::<usize>::new());
}

#[tokio::test]
async fn what_is_no_condition_is_refused() {
    for (name, value) in [
        ("EQ_colour", "red"),
        ("GT_value", "warm"),
        ("GE_startTime", "yesterday"),
        ("EXISTS_value", ""),
        ("GT_type", "Temperature"),
        ("EQ_booleanValue", "yes"),
        ("LT_", "1"),
    ] {
        let error = EventQuery::parse([(name, value)]).unwrap_err();
        assert_eq!(error.parameter, name);
    }
}

#[tokio::test]
async fn pages_of_filtered_events_lead_through_all_of_them() {
    let drafts: Vec<Draft> = (0..30)
        .map(|minute| {
            object(minute, "OBSERVE", &[&item(&minute.to_string())])
                .with("@context", context())
                .with("farm:half", json!(minute % 2))
        })
        .collect();
    let (index, _) = index_of(&drafts).await;
    let query = EventQuery::parse([("EQ_farm:half", "1"), ("perPage", "4")]).unwrap();
    let (mut found, mut pages, mut next) = (0, 0, None);
    loop {
        let query = next.take().map_or(query.clone(), |token: String| query.clone().after(&token));
        let page = index.events(&query).await.unwrap();
        (found, pages) = (found + page.items.len(), pages + 1);
        match page.next {
            Some(token) => next = Some(token),
            None => break,
        }
    }
    assert_eq!((found, pages), (15, 4));
}

#[tokio::test]
async fn resources_are_named_once() {
    let (index, _) = index_of(&events()).await;
    let all = |resource| {
        let index = index.clone();
        async move { index.resources(resource, &PageRequest::first(100)).await.unwrap().items }
    };
    assert_eq!(all(Resource::Epcs).await, [item("1"), item("2")]);
    assert_eq!(all(Resource::BizSteps).await, ["shipping"]);
    assert_eq!(all(Resource::ReadPoints).await, [place(1)]);
    assert_eq!(all(Resource::BizLocations).await, Vec::<String>::new());
    assert!(index.has_resource(Resource::Epcs, &item("2")).await.unwrap());
    assert!(!index.has_resource(Resource::Epcs, &lot("A")).await.unwrap());
    let first = index.resources(Resource::Epcs, &PageRequest::first(1)).await.unwrap();
    let token = first.next.unwrap();
    let second = index.resources(Resource::Epcs, &PageRequest::after(token, 1)).await.unwrap();
    assert_eq!((second.items, second.next), (vec![item("2")], None));
}
