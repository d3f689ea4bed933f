//! Events as the stories tell them.

use std::fmt::Write as _;

use qiao_epcis::check_digit;

/// Half a kilogram of minced pork, in the books by mass.
pub(super) const MINCE: &str = "09521001000017";
/// A numbered bottle.
pub(super) const BOTTLE: &str = "09521001000024";
/// Pork in bulk, in the books only where a test says so.
pub(super) const PORK: &str = "09521001000031";
/// A product without rules.
pub(super) const FREE: &str = "09521001000048";
/// Carcasses, in the books by mass.
pub(super) const CARCASS: &str = "09521004000014";

pub(super) fn lot(gtin: &str, lot: &str) -> String {
    format!("https://id.gs1.org/01/{gtin}/10/{lot}")
}

pub(super) fn serial(gtin: &str, serial: &str) -> String {
    format!("https://id.gs1.org/01/{gtin}/21/{serial}")
}

pub(super) fn sscc(number: u32) -> String {
    with_check_digit(format!("19521001{number:09}"))
}

pub(super) fn gln(prefix: &str) -> String {
    with_check_digit(format!("{prefix}00001"))
}

/// A case of the packer.
pub(super) fn box_id(number: u32) -> String {
    format!("https://id.gs1.org/00/{}", sscc(number))
}

fn with_check_digit(digits: String) -> String {
    let check = check_digit(&digits).expect("digits");
    format!("{digits}{check}")
}

/// An event.
#[derive(Clone, Default)]
pub(super) struct Say {
    kind: &'static str,
    action: &'static str,
    step: String,
    disposition: Option<&'static str>,
    parent: Option<String>,
    transformation: Option<String>,
    /// List and entry.
    things: Vec<(&'static str, String)>,
    destination: Option<String>,
    place: Option<String>,
    time: u64,
    is_withdrawn: bool,
}

impl Say {
    pub(super) fn object(action: &'static str, step: &str) -> Self {
        Self { kind: "ObjectEvent", action, step: step.to_owned(), ..Self::default() }
    }

    pub(super) fn aggregation(action: &'static str, parent: &str) -> Self {
        let step = if action == "ADD" { "packing" } else { "unpacking" };
        Self {
            kind: "AggregationEvent",
            action,
            step: step.to_owned(),
            parent: Some(parent.to_owned()),
            ..Self::default()
        }
    }

    pub(super) fn transformation() -> Self {
        Self { kind: "TransformationEvent", step: "commissioning".to_owned(), ..Self::default() }
    }

    pub(super) fn named(mut self, transformation: &str) -> Self {
        self.transformation = Some(transformation.to_owned());
        self
    }

    fn amount(mut self, list: &'static str, id: &str, quantity: &str, unit: &str) -> Self {
        let unit = if unit.is_empty() { String::new() } else { format!(r#","uom":"{unit}""#) };
        self.things.push((list, format!(r#"{{"epcClass":"{id}","quantity":{quantity}{unit}}}"#)));
        self
    }

    pub(super) fn lot(self, id: &str, quantity: &str, unit: &str) -> Self {
        let is_child = self.kind == "AggregationEvent";
        let list = if is_child { "childQuantityList" } else { "quantityList" };
        self.amount(list, id, quantity, unit)
    }

    pub(super) fn lot_without_quantity(mut self, id: &str) -> Self {
        self.things.push(("quantityList", format!(r#"{{"epcClass":"{id}"}}"#)));
        self
    }

    pub(super) fn item(mut self, id: &str) -> Self {
        let is_child = self.kind == "AggregationEvent";
        self.things.push((if is_child { "childEPCs" } else { "epcList" }, format!("\"{id}\"")));
        self
    }

    pub(super) fn uses(self, id: &str, quantity: &str, unit: &str) -> Self {
        self.amount("inputQuantityList", id, quantity, unit)
    }

    pub(super) fn uses_item(mut self, id: &str) -> Self {
        self.things.push(("inputEPCList", format!("\"{id}\"")));
        self
    }

    pub(super) fn makes(self, id: &str, quantity: &str, unit: &str) -> Self {
        self.amount("outputQuantityList", id, quantity, unit)
    }

    pub(super) fn makes_item(mut self, id: &str) -> Self {
        self.things.push(("outputEPCList", format!("\"{id}\"")));
        self
    }

    pub(super) fn with(mut self, disposition: &'static str) -> Self {
        self.disposition = Some(disposition);
        self
    }

    /// Names a place of the organisation with this prefix as destination.
    pub(super) fn towards(mut self, prefix: &str) -> Self {
        self.destination = Some(format!("https://id.gs1.org/414/{}", gln(prefix)));
        self
    }

    pub(super) fn seen_in(mut self, place: &str) -> Self {
        self.place = Some(format!("urn:example:place:{place}"));
        self
    }

    /// At this second of the day.
    pub(super) fn at(mut self, second: u64) -> Self {
        self.time = second;
        self
    }

    /// The same event, declared wrong.
    pub(super) fn withdrawn(&self) -> Self {
        Self { is_withdrawn: true, ..self.clone() }
    }

    pub(super) fn json(&self) -> String {
        let (hour, minute, second) = (self.time / 3_600, self.time / 60 % 60, self.time % 60);
        let mut text = format!(
            r#"{{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type":"{}","eventTime":"2026-04-{:02}T{:02}:{minute:02}:{second:02}Z",
            "eventTimeZoneOffset":"+00:00","bizStep":"{}""#,
            self.kind,
            4 + hour / 24,
            hour % 24,
            self.step
        );
        let mut field = |name: &str, value: String| {
            write!(text, r#","{name}":{value}"#).expect("writing to a text");
        };
        if !self.action.is_empty() {
            field("action", format!("\"{}\"", self.action));
        }
        if let Some(word) = self.disposition {
            field("disposition", format!("\"{word}\""));
        }
        if let Some(parent) = &self.parent {
            field("parentID", format!("\"{parent}\""));
        }
        if let Some(id) = &self.transformation {
            field("transformationID", format!("\"urn:example:run:{id}\""));
        }
        let mut lists: Vec<&str> = self.things.iter().map(|(list, _)| *list).collect();
        lists.sort_unstable();
        lists.dedup();
        for list in lists {
            let things = self.things.iter().filter(|(other, _)| *other == list);
            let things: Vec<&str> = things.map(|(_, thing)| thing.as_str()).collect();
            field(list, format!("[{}]", things.join(",")));
        }
        if let Some(destination) = &self.destination {
            let entry = format!(r#"[{{"type":"location","destination":"{destination}"}}]"#);
            field("destinationList", entry);
        }
        if let Some(place) = &self.place {
            field("readPoint", format!(r#"{{"id":"{place}"}}"#));
        }
        if self.is_withdrawn {
            let time = r#"{"declarationTime":"2026-04-05T00:00:00Z","reason":"incorrect_data"}"#;
            field("errorDeclaration", time.to_owned());
        }
        text.push('}');
        text
    }
}

#[test]
fn the_gtins_of_the_stories_have_right_check_digits() {
    for gtin in [MINCE, BOTTLE, PORK, FREE, CARCASS] {
        assert_eq!(check_digit(&gtin[..13]), gtin.chars().last(), "{gtin}");
    }
}
