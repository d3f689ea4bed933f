//! One event in the making, and the story as a pile of documents.

use serde_json::{Map, Value, json};

use crate::{
    CaptureStep,
    calendar::{Moment, ZONE},
    keys::{Key, Notation},
    parties,
};

const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// What happens to the things that an event names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Add,
    Observe,
    Delete,
}

/// A quantity of a lot.
#[derive(Debug, Clone)]
pub(crate) struct Amount {
    key: Key,
    quantity: Option<u32>,
    kilograms: bool,
}

/// So many kilograms of a lot.
pub(crate) fn kilograms(key: Key, quantity: u32) -> Amount {
    Amount { key, quantity: Some(quantity), kilograms: true }
}

/// So many pieces of a lot.
pub(crate) fn pieces(key: Key, quantity: u32) -> Amount {
    Amount { key, quantity: Some(quantity), kilograms: false }
}

/// All of a lot, however much that is.
pub(crate) fn whole(key: Key) -> Amount {
    Amount { key, quantity: None, kilograms: false }
}

/// An event in the making.
pub(crate) struct Draft {
    notation: Notation,
    start_ms: i64,
    moment: Moment,
    fields: Map<String, Value>,
}

/// The desk of one party: every event it writes has its notation.
pub(crate) struct Desk {
    party_index: usize,
    start_ms: i64,
}

impl Desk {
    pub(crate) fn new(party_index: usize, start_ms: i64) -> Self {
        Self { party_index, start_ms }
    }

    fn draft(&self, kind: &str, moment: Moment, action: Option<Action>) -> Draft {
        let mut fields = Map::new();
        fields.insert("type".into(), json!(kind));
        fields.insert("eventTime".into(), json!(moment.written(self.start_ms)));
        fields.insert("eventTimeZoneOffset".into(), json!(ZONE));
        if let Some(action) = action {
            let word = match action {
                Action::Add => "ADD",
                Action::Observe => "OBSERVE",
                Action::Delete => "DELETE",
            };
            fields.insert("action".into(), json!(word));
        }
        let notation = parties::ALL[self.party_index].notation();
        Draft { notation, start_ms: self.start_ms, moment, fields }
    }

    /// Something is made, seen or gone.
    pub(crate) fn object(&self, moment: Moment, action: Action) -> Draft {
        self.draft("ObjectEvent", moment, Some(action))
    }

    /// Things are packed into a parent, or taken out of it.
    pub(crate) fn aggregation(&self, moment: Moment, action: Action, parent: &Key) -> Draft {
        let draft = self.draft("AggregationEvent", moment, Some(action));
        let parent = parent.uri(draft.notation);
        draft.field("parentID", json!(parent))
    }

    /// Things become other things.
    pub(crate) fn transformation(&self, moment: Moment) -> Draft {
        self.draft("TransformationEvent", moment, None)
    }

    /// Things belong to a business document.
    pub(crate) fn transaction(&self, moment: Moment) -> Draft {
        self.draft("TransactionEvent", moment, Some(Action::Add))
    }

    /// A thing is fixed to another.
    pub(crate) fn association(&self, moment: Moment, parent: &Key) -> Draft {
        let draft = self.draft("AssociationEvent", moment, Some(Action::Add));
        let parent = parent.uri(draft.notation);
        draft.field("parentID", json!(parent))
    }
}

impl Draft {
    fn field(mut self, name: &str, value: Value) -> Self {
        self.fields.insert(name.to_owned(), value);
        self
    }

    fn push(mut self, list: &str, value: Value) -> Self {
        let entry = self.fields.entry(list).or_insert_with(|| json!([]));
        entry.as_array_mut().expect("lists are made as arrays").push(value);
        self
    }

    fn keys(self, list: &str, keys: &[Key]) -> Self {
        keys.iter().fold(self, |draft, key| {
            assert!(!key.is_class(), "{key:?} is a class, not a thing");
            let uri = key.uri(draft.notation);
            draft.push(list, json!(uri))
        })
    }

    fn amounts(self, list: &str, amounts: &[Amount]) -> Self {
        amounts.iter().fold(self, |draft, amount| {
            assert!(amount.key.is_class(), "{:?} is a thing, not a class", amount.key);
            let mut element = json!({ "epcClass": amount.key.uri(draft.notation) });
            if let Some(quantity) = amount.quantity {
                element["quantity"] = json!(quantity);
            }
            if amount.kilograms {
                element["uom"] = json!("KGM");
            }
            draft.push(list, element)
        })
    }

    /// The business step and the state in which things are afterwards (CBV words).
    pub(crate) fn step(self, step: &str, disposition: &str) -> Self {
        self.field("bizStep", json!(step)).field("disposition", json!(disposition))
    }

    /// Where it was seen.
    pub(crate) fn read_at(self, place: &Key) -> Self {
        let uri = place.uri(self.notation);
        self.field("readPoint", json!({ "id": uri }))
    }

    /// Where it was seen, and where things are afterwards.
    pub(crate) fn place(self, place: &Key) -> Self {
        let uri = place.uri(self.notation);
        self.field("readPoint", json!({ "id": uri })).field("bizLocation", json!({ "id": uri }))
    }

    /// Where it was seen, on the road.
    pub(crate) fn on_the_road(self, coordinates: &str) -> Self {
        self.field("readPoint", json!({ "id": coordinates }))
    }

    pub(crate) fn things(self, keys: &[Key]) -> Self {
        self.keys("epcList", keys)
    }

    pub(crate) fn lots(self, amounts: &[Amount]) -> Self {
        self.amounts("quantityList", amounts)
    }

    pub(crate) fn children(self, keys: &[Key]) -> Self {
        self.keys("childEPCs", keys)
    }

    pub(crate) fn child_lots(self, amounts: &[Amount]) -> Self {
        self.amounts("childQuantityList", amounts)
    }

    pub(crate) fn inputs(self, keys: &[Key]) -> Self {
        self.keys("inputEPCList", keys)
    }

    pub(crate) fn input_lots(self, amounts: &[Amount]) -> Self {
        self.amounts("inputQuantityList", amounts)
    }

    pub(crate) fn outputs(self, keys: &[Key]) -> Self {
        self.keys("outputEPCList", keys)
    }

    pub(crate) fn output_lots(self, amounts: &[Amount]) -> Self {
        self.amounts("outputQuantityList", amounts)
    }

    /// A business document: its CBV type and its number with the party that issued it.
    pub(crate) fn document(self, kind: &str, issuer: usize, number: &str) -> Self {
        let gln = parties::ALL[issuer].gln();
        let id = format!("urn:epcglobal:cbv:bt:{gln}:{number}");
        self.push("bizTransactionList", json!({ "type": kind, "bizTransaction": id }))
    }

    /// Who hands over and who takes over.
    pub(crate) fn handover(self, from: usize, to: usize) -> Self {
        let from = Key::Party(parties::ALL[from].company_prefix).uri(self.notation);
        let to = Key::Party(parties::ALL[to].company_prefix).uri(self.notation);
        self.push("sourceList", json!({ "type": "owning_party", "source": from }))
            .push("destinationList", json!({ "type": "owning_party", "destination": to }))
    }

    /// A temperature in tenths of a degree Celsius, measured by an instrument.
    pub(crate) fn temperature(self, instrument: &Key, minutes_before: i64, tenths: i32) -> Self {
        let device = instrument.uri(self.notation);
        let time = self.moment.plus(-minutes_before).written(self.start_ms);
        let value = f64::from(tenths) / 10.0;
        self.push(
            "sensorElementList",
            json!({
                "sensorMetadata": { "time": time, "deviceID": device },
                "sensorReport": [{ "type": "Temperature", "value": value, "uom": "CEL" }],
            }),
        )
    }

    /// Master data of a lot or item that is made here (CBV attribute name).
    pub(crate) fn made_with(mut self, attribute: &str, value: &str) -> Self {
        let entry = self.fields.entry("ilmd").or_insert_with(|| json!({}));
        entry[format!("cbvmda:{attribute}")] = json!(value);
        self
    }

    /// The best-before date, some days after the event.
    pub(crate) fn best_before(self, days: i64) -> Self {
        let date = self.moment.plus(days * 24 * 60).date(self.start_ms);
        self.made_with("bestBeforeDate", &date)
    }

    /// Gives the event an identifier of its own, for a later correction to name.
    pub(crate) fn named(self, uuid: &str) -> Self {
        self.field("eventID", json!(format!("urn:uuid:{uuid}")))
    }

    /// Declares the event wrong; another replaces it.
    pub(crate) fn declared_wrong(self, declared: Moment, corrected_by: &str) -> Self {
        let time = declared.written(self.start_ms);
        let corrective = format!("urn:uuid:{corrected_by}");
        self.field(
            "errorDeclaration",
            json!({
                "declarationTime": time,
                "reason": "incorrect_data",
                "correctiveEventIDs": [corrective],
            }),
        )
    }
}

/// What all parties have captured so far.
pub(crate) struct Story {
    pub(crate) start_ms: i64,
    steps: Vec<CaptureStep>,
}

impl Story {
    pub(crate) fn new(start_ms: i64) -> Self {
        Self { start_ms, steps: Vec::new() }
    }

    pub(crate) fn desk(&self, party_index: usize) -> Desk {
        Desk::new(party_index, self.start_ms)
    }

    /// One party captures one document with these events.
    pub(crate) fn capture(&mut self, party_index: usize, events: Vec<Draft>) {
        let last = events.iter().map(|event| event.moment).max();
        let last = last.expect("a document has an event");
        self.capture_at(party_index, last, events);
    }

    /// The same, some time after the events happened.
    pub(crate) fn capture_at(&mut self, party_index: usize, moment: Moment, events: Vec<Draft>) {
        let count = events.len();
        let list: Vec<Value> =
            events.into_iter().map(|event| Value::Object(event.fields)).collect();
        let document = json!({
            "@context": [CONTEXT, { "cbvmda": "urn:epcglobal:cbv:mda:" }],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": moment.plus(1).written(self.start_ms),
            "epcisBody": { "eventList": list },
        });
        self.steps.push(CaptureStep {
            party_index,
            captured_ms: moment.unix_ms(self.start_ms),
            events: count,
            document_json: document.to_string(),
        });
    }

    /// All documents in the order in which they were captured.
    pub(crate) fn finish(mut self) -> Vec<CaptureStep> {
        self.steps.sort_by_key(|step| step.captured_ms);
        self.steps
    }
}
