//! Events for tests, told in a line each.

use serde_json::{Value, json};

/// 2026-01-01T00:00:00Z.
pub(crate) const DAY_ONE_MS: i64 = 1_767_225_600_000;

/// An event in the making; times are minutes since the first day began.
#[derive(Debug, Clone)]
pub(crate) struct Draft(Value);

/// A numbered item.
pub(crate) fn item(serial: &str) -> String {
    format!("https://id.gs1.org/01/{}/21/{serial}", checked("0952100000010"))
}

/// A lot.
pub(crate) fn lot(lot: &str) -> String {
    format!("https://id.gs1.org/01/{}/10/{lot}", checked("0952100000020"))
}

/// A product, of no particular lot.
pub(crate) fn product() -> String {
    format!("https://id.gs1.org/01/{}", checked("0952100000020"))
}

/// A case, a pallet, a container.
pub(crate) fn unit(number: u64) -> String {
    format!("https://id.gs1.org/00/{}", checked(&format!("09521000{number:09}")))
}

/// A place.
pub(crate) fn place(location: u32) -> String {
    format!("https://id.gs1.org/414/{}", checked(&format!("9521000{location:05}")))
}

fn checked(digits: &str) -> String {
    let digit = qiao_epcis::check_digit(digits).expect("digits");
    format!("{digits}{digit}")
}

fn draft(kind: &str, minute: i64, action: Option<&str>) -> Draft {
    let time = jiff::Timestamp::from_millisecond(DAY_ONE_MS + minute * 60_000)
        .expect("a time of this century");
    let mut event = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": kind,
        "eventTime": time.to_string(),
        "eventTimeZoneOffset": "+00:00",
    });
    if let Some(action) = action {
        event["action"] = json!(action);
    }
    Draft(event)
}

/// An object event.
pub(crate) fn object(minute: i64, action: &str, things: &[&str]) -> Draft {
    draft("ObjectEvent", minute, Some(action)).things("epcList", "quantityList", things)
}

/// An aggregation event; no children means all.
pub(crate) fn aggregation(minute: i64, action: &str, parent: &str, children: &[&str]) -> Draft {
    draft("AggregationEvent", minute, Some(action)).with("parentID", json!(parent)).things(
        "childEPCs",
        "childQuantityList",
        children,
    )
}

/// An association event; no children means all.
pub(crate) fn association(minute: i64, action: &str, parent: &str, children: &[&str]) -> Draft {
    draft("AssociationEvent", minute, Some(action)).with("parentID", json!(parent)).things(
        "childEPCs",
        "childQuantityList",
        children,
    )
}

/// A transaction event about these things.
pub(crate) fn transaction(minute: i64, order: &str, things: &[&str]) -> Draft {
    draft("TransactionEvent", minute, Some("ADD")).document("po", order).things(
        "epcList",
        "quantityList",
        things,
    )
}

/// A transformation event.
pub(crate) fn transformation(minute: i64, inputs: &[&str], outputs: &[&str]) -> Draft {
    draft("TransformationEvent", minute, None)
        .things("inputEPCList", "inputQuantityList", inputs)
        .things("outputEPCList", "outputQuantityList", outputs)
}

impl Draft {
    /// Sets a field.
    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        self.0[field] = value;
        self
    }

    /// Sets the business step.
    pub(crate) fn step(self, step: &str) -> Self {
        self.with("bizStep", json!(step))
    }

    /// Sets where the things are afterwards.
    pub(crate) fn place(self, location: u32) -> Self {
        let id = place(location);
        self.with("bizLocation", json!({ "id": id })).with("readPoint", json!({ "id": id }))
    }

    /// Adds a document.
    pub(crate) fn document(mut self, kind: &str, id: &str) -> Self {
        let entry = json!({ "type": kind, "bizTransaction": id });
        match self.0["bizTransactionList"].as_array_mut() {
            Some(list) => list.push(entry),
            None => self.0["bizTransactionList"] = json!([entry]),
        }
        self
    }

    /// Declares an event with this content wrong.
    pub(crate) fn declared_wrong(self, minute: i64) -> Self {
        let time = jiff::Timestamp::from_millisecond(DAY_ONE_MS + minute * 60_000).expect("a time");
        let declaration =
            json!({ "declarationTime": time.to_string(), "reason": "incorrect_data" });
        self.with("errorDeclaration", declaration)
    }

    /// The event as JSON.
    pub(crate) fn json(&self) -> String {
        self.0.to_string()
    }

    /// Lots (and whatever is written `thing*quantity`) go into the second list, others into the
    /// first.
    fn things(mut self, instances: &str, classes: &str, things: &[&str]) -> Self {
        let mut single = Vec::new();
        let mut several = Vec::new();
        for thing in things {
            match thing.split_once('*') {
                Some((id, quantity)) => {
                    let quantity: serde_json::Number = quantity.parse().expect("a number");
                    several.push(json!({ "epcClass": id, "quantity": quantity, "uom": "KGM" }));
                }
                None if thing.contains("/10/") => several.push(json!({ "epcClass": thing })),
                None => single.push(json!(thing)),
            }
        }
        if !single.is_empty() {
            self.0[instances] = json!(single);
        }
        if !several.is_empty() {
            self.0[classes] = json!(several);
        }
        self
    }
}
