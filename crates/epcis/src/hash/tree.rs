//! The event as a tree of names and values, the same for JSON as for XML.

use crate::context::Prefixes;
use crate::json::{Json, Object};
use crate::vocabulary::{
    BIZ_STEP, BIZ_TRANSACTION_TYPE, COMPONENT, DISPOSITION, MEASUREMENT, SENSOR_ALERT,
    SOURCE_DESTINATION_TYPE, Term, Vocabulary,
};

/// A field: its full name, its value, the fields inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) children: Vec<Node>,
}

impl Node {
    /// Whether this is the second half of a type and a value, whose order is fixed.
    pub(super) fn is_pair_value(&self) -> bool {
        matches!(self.name.as_str(), "bizTransaction" | "source" | "destination")
    }
}

/// Fields that are comments and take no part in the hash.
const COMMENTS: &[&str] = &["rdfs:comment", "comment", "@context"];

/// The object that a field stands in, as far as it decides which words are standard there.
#[derive(Clone, Copy)]
enum Place {
    Event,
    PersistentDisposition,
    BizTransaction,
    Party,
    SensorElement,
    SensorReport,
    Other,
}

/// The tree of an event.
pub(super) fn children_of_event(event: &Object, prefixes: &Prefixes) -> Vec<Node> {
    children_of(event, prefixes, Place::Event)
}

fn children_of(object: &Object, prefixes: &Prefixes, place: Place) -> Vec<Node> {
    let mut children = Vec::with_capacity(object.len());
    for (key, value) in object.iter().filter(|(key, _)| !COMMENTS.contains(key)) {
        let name = full_name(key, prefixes);
        let inside = place.inside(key);
        let nodes = match value {
            Json::Array(items) => {
                items.iter().map(|item| node(&name, key, item, prefixes, place, inside)).collect()
            }
            Json::Null => continue,
            single => vec![node(&name, key, single, prefixes, place, inside)],
        };
        if nodes.is_empty() {
            continue;
        }
        add_field(&mut children, name, nodes);
    }
    children
}

/// Adds the elements of a field as XML would hold them: `epcList` contains elements `epc`, and so
/// on, while a repeated field without a list of its own is just repeated.
fn add_field(children: &mut Vec<Node>, name: String, mut nodes: Vec<Node>) {
    if name == "childEPCs" {
        nodes.iter_mut().for_each(|node| "epc".clone_into(&mut node.name));
        children.push(Node { name, value: String::new(), children: nodes });
        return;
    }
    let Some(element) = name.strip_suffix("List") else {
        children.extend(nodes);
        return;
    };
    let is_paired = matches!(element, "bizTransaction" | "source" | "destination");
    for node in &mut nodes {
        node.name = match element {
            _ if is_paired => String::new(),
            "inputEPC" | "outputEPC" => "epc".to_owned(),
            "quantity" | "childQuantity" | "inputQuantity" | "outputQuantity" => {
                "quantityElement".to_owned()
            }
            other => other.to_owned(),
        };
        if is_paired {
            // The type comes first, in whichever order the two were written.
            node.children.sort_by_key(Node::is_pair_value);
        }
    }
    children.push(Node { name, value: String::new(), children: nodes });
}

fn node(
    name: &str,
    key: &str,
    value: &Json,
    prefixes: &Prefixes,
    place: Place,
    inside: Place,
) -> Node {
    let (value, children) = match value {
        Json::Object(object) => (String::new(), children_of(object, prefixes, inside)),
        Json::Array(items) => {
            let nested = items.iter().map(|item| node("", "", item, prefixes, inside, inside));
            (String::new(), nested.collect())
        }
        Json::String(text) => (full_value(text, key, prefixes, place), Vec::new()),
        Json::Number(text) => (text.clone(), Vec::new()),
        Json::Bool(value) => (value.to_string(), Vec::new()),
        Json::Null => (String::new(), Vec::new()),
    };
    Node { name: name.to_owned(), value, children }
}

impl Place {
    /// The place that the object in a field is.
    fn inside(self, key: &str) -> Self {
        match (self, key) {
            (Self::Event, "persistentDisposition") => Self::PersistentDisposition,
            (Self::Event, "bizTransactionList") => Self::BizTransaction,
            (Self::Event, "sourceList" | "destinationList") => Self::Party,
            (Self::Event, "sensorElementList") => Self::SensorElement,
            (Self::SensorElement, "sensorReport") => Self::SensorReport,
            _ => Self::Other,
        }
    }

    fn vocabulary(self, key: &str) -> Option<&'static Vocabulary> {
        Some(match (self, key) {
            (Self::Event, "bizStep") => &BIZ_STEP,
            (Self::Event, "disposition") => &DISPOSITION,
            (Self::PersistentDisposition, "set" | "unset") => &DISPOSITION,
            (Self::BizTransaction, "type") => &BIZ_TRANSACTION_TYPE,
            (Self::Party, "type") => &SOURCE_DESTINATION_TYPE,
            (Self::SensorReport, "type") => &MEASUREMENT,
            (Self::SensorReport, "exception") => &SENSOR_ALERT,
            (Self::SensorReport, "component") => &COMPONENT,
            _ => return None,
        })
    }
}

/// `{namespace}name` for a prefixed field, the field itself otherwise.
fn full_name(key: &str, prefixes: &Prefixes) -> String {
    match prefixes.resolve(key) {
        Some((namespace, name)) => format!("{{{namespace}}}{name}"),
        None => key.to_owned(),
    }
}

/// A value with its prefix or standard word written out as a URI.
fn full_value(text: &str, key: &str, prefixes: &Prefixes, place: Place) -> String {
    let full = prefixes.expand(text);
    match place.vocabulary(key).map(|vocabulary| (vocabulary.web, vocabulary.term(&full))) {
        Some((web, Term::Word(word))) => format!("{web}{word}"),
        _ => full.into_owned(),
    }
}
