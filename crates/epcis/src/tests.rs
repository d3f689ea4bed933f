//! Tests of what this crate promises.

mod corpus;
mod examples;
mod identifiers;
mod properties;
mod quantities;
mod reading;
mod reference;
mod rules;
mod xml;

use crate::{Event, Limits, Problem};

/// A valid event of our own, with a bit of everything.
const EVENT: &str = r#"{
    "@context": [
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {"farm": "https://farm.example/terms/"}, {"unused": "https://unused.example/"}
    ],
    "type": "ObjectEvent",
    "eventTime": "2026-03-04T11:00:30.5+01:00",
    "eventTimeZoneOffset": "+01:00",
    "action": "ADD",
    "bizStep": "commissioning",
    "disposition": "active",
    "epcList": ["urn:epc:id:sscc:4012345.0000000333", "urn:epc:id:sscc:4012345.0000000111"],
    "quantityList": [
        {"epcClass": "urn:epc:class:lgtin:4012345.012345.Lot987", "quantity": 25.50, "uom": "KGM"}
    ],
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00011.987"},
    "bizLocation": {"id": "https://example.com/414/4012345000115"},
    "bizTransactionList": [{"type": "po", "bizTransaction": "urn:example:po:1"}],
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4000001.00000"}],
    "destinationList": [{"type": "location", "destination": "urn:epc:id:sgln:4012345.00005.0"}],
    "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4.0, "uom": "CEL"}]}],
    "ilmd": {"farm:breed": "Duroc", "farm:weights": [12.50, 3]},
    "farm:note": {"inner": true}
}"#;

fn event(text: &str) -> Event {
    Event::parse(text.as_bytes(), &Limits::EVENT).unwrap_or_else(|p| panic!("{p:#?}\n{text}"))
}

/// [`EVENT`] with one text replaced.
fn changed(from: &str, to: &str) -> String {
    assert!(EVENT.contains(from), "`{from}` is in the event");
    EVENT.replace(from, to)
}

fn problems(text: &str) -> Vec<Problem> {
    Event::parse(text.as_bytes(), &Limits::DOCUMENT).expect_err(text)
}

/// Field and code of the only problem.
fn problem(text: &str) -> (String, &'static str) {
    let problems = problems(text);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    (problems[0].field.clone(), problems[0].code)
}
