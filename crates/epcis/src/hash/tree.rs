//! The event as a tree of names and values, the same for JSON as for XML.

use crate::context::Prefixes;
use crate::json::{Json, Object};
use crate::vocabulary::{
    BIZ_STEP, BIZ_TRANSACTION_TYPE, COMPONENT, DISPOSITION, MEASUREMENT, SENSOR_ALERT,
    SOURCE_DESTINATION_TYPE, Term, Vocabulary,
};
use std::borrow::Cow;
use std::rc::Rc;

/// A field: its full name, its value, the fields inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node<'a> {
    pub(super) name: Rc<str>,
    pub(super) value: Cow<'a, str>,
    pub(super) children: Vec<Node<'a>>,
    /// Whether the fields inside are a type and what it is the type of, in this order.
    pub(super) is_pair: bool,
}

/// Fields that are comments and take no part in the hash.
const COMMENTS: &[&str] = &["rdfs:comment", "comment", "@context"];

/// The field that is the value of its object.
const TEXT: &str = "#text";

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
pub(super) fn children_of_event<'a>(event: &'a Object, prefixes: &Prefixes) -> Vec<Node<'a>> {
    children_of(event, prefixes, Place::Event)
}

fn children_of<'a>(object: &'a Object, prefixes: &Prefixes, place: Place) -> Vec<Node<'a>> {
    let mut children = Vec::with_capacity(object.len());
    for (key, value) in object.iter().filter(|(key, _)| !COMMENTS.contains(key)) {
        if key == TEXT && !matches!(value, Json::Object(_) | Json::Array(_)) {
            continue;
        }
        let elements = match value {
            Json::Array(items) => items.as_slice(),
            Json::Null => continue,
            single => std::slice::from_ref(single),
        };
        if elements.is_empty() {
            continue;
        }
        let inside = place.inside(key);
        let vocabulary = place.vocabulary(key);
        let nodes = |name: &Rc<str>| -> Vec<Node<'a>> {
            elements.iter().map(|item| node(name, item, prefixes, vocabulary, inside)).collect()
        };
        let is_paired = matches!(inside, Place::BizTransaction | Place::Party);
        add_field(&mut children, full_name(key, prefixes), is_paired, nodes);
    }
    children
}

/// The name of the elements in XML of a field that is a list.
pub(crate) fn list_element(name: &str) -> Option<&str> {
    match name {
        "childEPCs" | "epcList" | "inputEPCList" | "outputEPCList" => Some("epc"),
        "quantityList" | "childQuantityList" | "inputQuantityList" | "outputQuantityList" => {
            Some("quantityElement")
        }
        other => other.strip_suffix("List"),
    }
}

/// Adds the elements of a field as XML would hold them: `epcList` contains elements `epc`, and so
/// on, while a repeated field without a list of its own is just repeated.
fn add_field<'a>(
    children: &mut Vec<Node<'a>>,
    name: Rc<str>,
    is_paired: bool,
    nodes: impl FnOnce(&Rc<str>) -> Vec<Node<'a>>,
) {
    let element = match list_element(&name) {
        Some(_) if is_paired => "",
        Some(element) => element,
        None => return children.extend(nodes(&name)),
    };
    let mut nodes = nodes(&Rc::from(element));
    for node in nodes.iter_mut().filter(|_| is_paired) {
        // The type comes first, in whichever order the two were written.
        node.children.sort_by_key(|child| &*child.name != "type");
        node.is_pair = true;
    }
    children.push(Node { name, value: Cow::Borrowed(""), children: nodes, is_pair: false });
}

fn node<'a>(
    name: &Rc<str>,
    value: &'a Json,
    prefixes: &Prefixes,
    vocabulary: Option<&'static Vocabulary>,
    inside: Place,
) -> Node<'a> {
    let mut children = Vec::new();
    let value = match value {
        Json::String(text) => full_value(text, prefixes, vocabulary),
        Json::Number(_) | Json::Bool(_) | Json::Null => scalar(value, prefixes),
        Json::Object(object) => {
            children = children_of(object, prefixes, inside);
            // What an element holds besides its attributes, in the usual way to write XML as JSON.
            object.get(TEXT).map_or(Cow::Borrowed(""), |text| scalar(text, prefixes))
        }
        Json::Array(items) => {
            let nameless = Rc::from("");
            let nested = items.iter().map(|item| node(&nameless, item, prefixes, None, inside));
            children = nested.collect();
            Cow::Borrowed("")
        }
    };
    Node { name: name.clone(), value, children, is_pair: false }
}

/// The value of a field that holds one value; empty for others.
fn scalar<'a>(value: &'a Json, prefixes: &Prefixes) -> Cow<'a, str> {
    match value {
        Json::String(text) => full_value(text, prefixes, None),
        Json::Number(text) => Cow::Borrowed(text.as_str()),
        Json::Bool(true) => Cow::Borrowed("true"),
        Json::Bool(false) => Cow::Borrowed("false"),
        Json::Null | Json::Object(_) | Json::Array(_) => Cow::Borrowed(""),
    }
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
fn full_name(key: &str, prefixes: &Prefixes) -> Rc<str> {
    match prefixes.resolve(key) {
        Some((namespace, name)) => format!("{{{namespace}}}{name}").into(),
        None => key.into(),
    }
}

/// A value with its prefix or standard word written out as a URI.
fn full_value<'a>(
    text: &'a str,
    prefixes: &Prefixes,
    vocabulary: Option<&'static Vocabulary>,
) -> Cow<'a, str> {
    let full = prefixes.expand(text);
    match vocabulary.map(|vocabulary| (vocabulary.web, vocabulary.term(&full))) {
        Some((web, Term::Word(word))) => Cow::Owned(format!("{web}{word}")),
        _ => full,
    }
}
