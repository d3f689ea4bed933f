//! The story adds up.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::{
    calendar::at,
    keys::{Key, Notation, with_check_digit},
};

const START_MS: i64 = 1_790_000_000_000;

fn events() -> Vec<(usize, Value)> {
    let mut all = Vec::new();
    for step in trade(START_MS).documents {
        let document: Value = serde_json::from_str(&step.document_json).unwrap();
        let list = document["epcisBody"]["eventList"].as_array().unwrap().clone();
        assert_eq!(list.len(), step.events);
        all.extend(list.into_iter().map(|event| (step.party_index, event)));
    }
    all
}

fn list<'a>(event: &'a Value, name: &str) -> &'a [Value] {
    event[name].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn the_same_start_tells_the_same_story() {
    assert_eq!(trade(START_MS), trade(START_MS));
    assert_ne!(trade(START_MS).documents, trade(START_MS + 86_400_000).documents);
}

#[test]
fn twelve_parties_of_which_four_validate_capture_about_two_hundred_events() {
    let trade = trade(START_MS);
    assert_eq!(trade.parties.len(), 12);
    assert_eq!(trade.parties.iter().filter(|party| party.runs_validator).count(), 4);
    assert!(trade.parties[..4].iter().all(|party| party.runs_validator));
    let authors: BTreeSet<_> = trade.documents.iter().map(|step| step.party_index).collect();
    assert_eq!(authors.len(), 12, "every party captures something");
    let count = events().len();
    assert!((190..=240).contains(&count), "{count} events");
}

#[test]
fn check_digits_are_right() {
    // Worked examples of the GS1 General Specifications.
    assert_eq!(with_check_digit("629104150021"), "6291041500213");
    assert_eq!(with_check_digit("37610425002123456"), "376104250021234569");
    for party in parties() {
        let gln = party.gln();
        assert_eq!(gln.len(), 13);
        assert_eq!(with_check_digit(&gln[..12]), gln);
        assert!(gln.starts_with("952"), "the prefix for examples");
    }
}

#[test]
fn documents_come_in_the_order_in_which_they_were_captured() {
    let trade = trade(START_MS);
    assert!(trade.documents.is_sorted_by_key(|step| step.captured_ms));
    let (first, last) = (trade.documents.first().unwrap(), trade.documents.last().unwrap());
    assert!(last.captured_ms - first.captured_ms < DAYS * 86_400_000);
}

#[test]
fn no_event_is_told_twice_except_the_one_declared_wrong() {
    let mut seen = BTreeSet::new();
    let mut declared = 0;
    for (_, mut event) in events() {
        if event.as_object_mut().unwrap().remove("errorDeclaration").is_some() {
            declared += 1;
            assert!(seen.contains(&event.to_string()), "what is declared wrong was told before");
        } else {
            assert!(seen.insert(event.to_string()), "told twice: {event}");
        }
    }
    assert_eq!(declared, 1);
}

/// Adds up what is made and what is used of each lot, per unit of measure.
#[test]
fn no_lot_gives_more_than_there_was_of_it() {
    let mut balance: BTreeMap<(String, bool), i64> = BTreeMap::new();
    for (_, event) in events() {
        let add = |balance: &mut BTreeMap<_, i64>, name: &str, sign: i64| {
            for element in list(&event, name) {
                let class = canonical(element["epcClass"].as_str().unwrap());
                let is_weight = element.get("uom").is_some();
                let quantity = element["quantity"].as_i64().unwrap_or(0);
                *balance.entry((class, is_weight)).or_default() += sign * quantity;
            }
        };
        add(&mut balance, "outputQuantityList", 1);
        add(&mut balance, "inputQuantityList", -1);
        match (event["type"].as_str(), event["action"].as_str(), event["bizStep"].as_str()) {
            (Some("ObjectEvent"), Some("ADD"), _) => add(&mut balance, "quantityList", 1),
            (Some("ObjectEvent"), Some("DELETE"), _) | (_, _, Some("retail_selling")) => {
                add(&mut balance, "quantityList", -1);
            }
            _ => {}
        }
        let left: Vec<_> = balance.iter().filter(|(_, left)| **left < 0).collect();
        assert!(left.is_empty(), "more is used than was made: {left:?} by {event}");
    }
    let weight_left: i64 = balance.iter().filter(|((_, w), _)| *w).map(|(_, left)| left).sum();
    assert_eq!(weight_left, 63 + 66 + 2 + 112 + 150, "trim, loin, belly and shoulder in store");
}

#[test]
fn weight_is_lost_but_never_gained_in_a_transformation() {
    for (_, event) in events() {
        let weigh = |name: &str| -> i64 {
            let elements = list(&event, name).iter();
            elements
                .filter(|element| element.get("uom").is_some())
                .map(|element| element["quantity"].as_i64().unwrap())
                .sum()
        };
        let (input, output) = (weigh("inputQuantityList"), weigh("outputQuantityList"));
        assert!(input == 0 || output <= input, "{event}");
    }
}

#[test]
fn what_is_packed_into_a_parent_is_what_comes_out_of_it() {
    let mut packed: BTreeMap<String, (Value, Value)> = BTreeMap::new();
    for (_, event) in events() {
        if event["type"] != "AggregationEvent" {
            continue;
        }
        let parent = event["parentID"].as_str().unwrap().to_owned();
        let content = (event["childEPCs"].clone(), event["childQuantityList"].clone());
        if event["action"] == "ADD" {
            assert!(packed.insert(parent, content).is_none(), "packed twice");
        } else {
            assert_eq!(packed.remove(&parent), Some(content));
        }
    }
    assert!(packed.is_empty(), "never unpacked: {packed:?}");
}

#[test]
fn every_place_and_product_has_a_name() {
    let labels = labels();
    for (_, event) in events() {
        for place in [&event["readPoint"]["id"], &event["bizLocation"]["id"]] {
            if let Some(place) = place.as_str().filter(|place| !place.starts_with("geo:")) {
                assert!(labels.contains_key(&canonical(place)), "{place} has no name");
            }
        }
        for name in ["quantityList", "inputQuantityList", "outputQuantityList"] {
            for element in list(&event, name) {
                let class = canonical(element["epcClass"].as_str().unwrap());
                let product = class.split("/10/").next().unwrap();
                assert!(labels.contains_key(product), "{class} has no name");
            }
        }
    }
}

#[test]
fn the_identifiers_to_try_occur() {
    let trade = trade(START_MS);
    let text: String = trade.documents.iter().map(|step| step.document_json.as_str()).collect();
    for id in [&trade.suspect_lot, &trade.shopper_pack, &trade.destroyed_pack, &trade.corrected_lot]
    {
        assert!(text.contains(id), "{id}");
    }
    for (id, why) in examples() {
        let named = events().iter().any(|(_, event)| names(event, &id));
        assert!(named, "{why}: {id}");
    }
    assert_eq!(trade.recalled_packs.len(), 40);
    assert!(trade.recalled_packs.contains(&trade.shopper_pack));
}

#[test]
fn moments_are_written_on_the_clock_of_the_story() {
    // 2026-02-28T20:00:00Z is 4 in the morning of 1 March there.
    let start_ms = 1_772_308_800_000;
    assert_eq!(at(0, 6, 5).written(start_ms), "2026-03-01T06:05:00.000+08:00");
    assert_eq!(at(0, 23, 59).plus(1).date(start_ms), "2026-03-02");
    assert_eq!(at(0, 12, 0).date(951_782_400_000), "2000-02-29");
}

#[test]
fn everything_has_happened_by_the_instant_asked_for() {
    let now_ms = 1_800_000_123_456;
    assert!(at(DAYS - 1, 23, 59).unix_ms(start_before(now_ms)) < now_ms);
}

#[test]
fn both_notations_name_the_same_thing() {
    let keys = [
        Key::Item(9_521_002, 56, "A1".into()),
        Key::Lot(9_521_002, 100_056, "M0318".into()),
        Key::Unit(9_521_003, 1_000_009_010),
        Key::Cage(9_521_009, 70, "CAGE11".into()),
        Key::Asset(9_521_008, "TRUCK7".into()),
        Key::Place(9_521_001, 2),
        Key::Party(9_521_001),
    ];
    for key in keys {
        assert_eq!(canonical(&key.uri(Notation::Urn)), key.canonical());
        assert_eq!(canonical(&key.uri(Notation::DigitalLink)), key.canonical());
    }
}

#[test]
fn every_document_is_valid_epcis() {
    let limits = qiao_epcis::Limits::default();
    let mut hashes = BTreeSet::new();
    for step in trade(START_MS).documents {
        let document = qiao_epcis::parse(step.document_json.as_bytes(), &limits);
        let document = document.unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(document.events.len(), step.events);
        hashes.extend(document.events.iter().map(qiao_epcis::Event::hash));
    }
    assert!(hashes.len() >= events().len() - 1, "at most the declared error shares a hash");
}

/// Whether any identifier in the event is this one.
fn names(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => {
            text == id || qiao_epcis::Identifier::parse(text).is_ok_and(|one| one.to_string() == id)
        }
        Value::Array(list) => list.iter().any(|one| names(one, id)),
        Value::Object(fields) => fields.values().any(|one| names(one, id)),
        _ => false,
    }
}

fn canonical(uri: &str) -> String {
    qiao_epcis::Identifier::parse(uri).unwrap().to_string()
}
