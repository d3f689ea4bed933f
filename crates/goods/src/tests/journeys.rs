//! The journey that everybody may read.

use super::{line, recorded, trade};
use crate::journey::{Journey, Names, Standing, readings};

const LOT: &str = "https://id.gs1.org/01/09521002000368/10/M0318";

fn pack() -> String {
    qiao_sample::trade(1_767_225_600_000).shopper_pack
}

#[test]
fn a_shopper_reads_where_a_pack_was_and_that_it_is_recalled() {
    let pack = pack();
    let journey = Journey::of(&pack, &line(&[&pack, LOT]), &trade(), Names::Told);
    let steps: Vec<&str> = journey.steps.iter().filter_map(|s| s.biz_step.as_deref()).collect();
    for step in ["creating_class_instance", "commissioning", "packing", "retail_selling"] {
        assert!(steps.contains(&step), "{step} in {steps:?}");
    }
    let Standing::Alarm { disposition, party, .. } = &journey.standing else { panic!("no alarm") };
    assert_eq!(disposition, "recalled");
    assert_eq!(party.as_deref(), Some("Yunhe Market Supervision"));
    assert!(journey.facts.iter().any(|fact| fact.name == "lotNumber" && fact.value == "M0318"));
    assert!(journey.facts.iter().any(|fact| fact.name == "bestBeforeDate"));
    assert!(journey.certificates.iter().any(|one| one.kind == "testres"));
}

#[test]
fn a_journey_tells_no_business_between_parties() {
    let pack = pack();
    let journey = Journey::of(&pack, &line(&[&pack, LOT]), &trade(), Names::Told);
    let text = serde_json::to_string(&journey).unwrap();
    for secret in ["PO-77120", "INV-20931", "DA-RG", "WB-RG", "prodorder", "quantity", "KGM"] {
        assert!(!text.contains(secret), "the journey tells `{secret}`");
    }
    let other_packs = text.matches("/21/M0318-").count();
    let own = text.matches("/21/M0318-007").count();
    assert_eq!(other_packs, own, "serial numbers of other packs are told");
}

#[test]
fn names_can_be_kept_to_oneself() {
    let pack = pack();
    let journey = Journey::of(&pack, &line(&[&pack, LOT]), &trade(), Names::Hidden);
    let text = serde_json::to_string(&journey).unwrap();
    for name in ["Lantern", "Red Gate", "Yunhe", "414/", "testres"] {
        assert!(!text.contains(name), "the journey tells `{name}`");
    }
    assert!(!journey.standing.is_clear() && !journey.steps.is_empty());
}

#[test]
fn a_hold_ends_when_the_lot_is_released_and_a_recall_never() {
    let say = |minute: u32, step: &str, disposition: &str| {
        recorded(&format!(
            r#"{{"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "ObjectEvent", "action": "OBSERVE", "eventTime": "2026-03-01T10:{minute:02}:00Z",
            "eventTimeZoneOffset": "+00:00", "bizStep": "{step}", "disposition": "{disposition}",
            "quantityList": [{{"epcClass": "{LOT}"}}]}}"#
        ))
    };
    let standing = |events: &[_]| Journey::of(LOT, &line(&[LOT]), events, Names::Told).standing;
    let held = say(1, "holding", "non_sellable_other");
    let released = say(2, "inspecting", "conformant");
    let recalled = say(3, "holding", "recalled");
    let late = say(4, "inspecting", "conformant");
    assert!(matches!(standing(std::slice::from_ref(&held)), Standing::Held { .. }));
    assert!(standing(&[held.clone(), released.clone()]).is_clear());
    let all = [held, released, recalled, late];
    assert!(
        matches!(standing(&all), Standing::Alarm { disposition, .. } if disposition == "recalled")
    );
}

#[test]
fn temperatures_are_read_in_every_usual_unit() {
    let event = recorded(
        r#"{"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "ObjectEvent", "action": "OBSERVE", "eventTime": "2026-03-01T10:00:00Z",
        "eventTimeZoneOffset": "+00:00", "epcList": ["https://id.gs1.org/00/095210020000510085"],
        "sensorElementList": [
          {"sensorMetadata": {"time": "2026-03-01T09:00:00Z"}, "sensorReport": [
            {"type": "Temperature", "value": 2.5, "uom": "CEL"},
            {"type": "RelativeHumidity", "value": 12, "uom": "A93"}]},
          {"sensorReport": [{"type": "Temperature", "value": 36, "uom": "FAH"},
            {"type": "gs1:Temperature", "minValue": 273.15, "uom": "KEL"}]}]}"#
            .replace("095210020000510085", "195210020000051008")
            .as_str(),
    );
    let found: Vec<i64> = readings(&event.event).iter().map(|one| one.milli_celsius).collect();
    assert_eq!(found, [2_500, 2_222, 0]);
}
