//! The fixed order of fields, and concatenation by it.

use super::tree::Node;
use crate::decimal::canonical_decimal;
use crate::identifier::canonical_key;
use crate::time::{format_timestamp, parse_timestamp};

/// Field names in the order in which they are concatenated, each with the order of its own fields.
pub(super) type Order = &'static [(&'static str, Nested)];

/// The order inside a field.
pub(super) struct Nested(Order);

const LEAF: Nested = Nested(&[]);
const EPCS: Nested = Nested(&[("epc", LEAF)]);
const QUANTITIES: Nested = Nested(&[(
    "quantityElement",
    Nested(&[("epcClass", LEAF), ("quantity", LEAF), ("uom", LEAF)]),
)]);
const PLACE: Nested = Nested(&[("id", LEAF)]);

/// The order of an event's fields. Lists of business transactions, sources and destinations are not
/// in it on purpose: in the published generator they follow with the rest.
pub(super) const EVENT: Order = &[
    ("eventTime", LEAF),
    ("eventTimeZoneOffset", LEAF),
    ("certificationInfo", LEAF),
    ("parentID", LEAF),
    ("epcList", EPCS),
    ("inputEPCList", EPCS),
    ("childEPCs", EPCS),
    ("quantityList", QUANTITIES),
    ("childQuantityList", QUANTITIES),
    ("inputQuantityList", QUANTITIES),
    ("outputEPCList", EPCS),
    ("outputQuantityList", QUANTITIES),
    ("action", LEAF),
    ("transformationID", LEAF),
    ("bizStep", LEAF),
    ("disposition", LEAF),
    ("persistentDisposition", Nested(&[("set", LEAF), ("unset", LEAF)])),
    ("readPoint", PLACE),
    ("bizLocation", PLACE),
    ("sensorElementList", Nested(&[("sensorElement", SENSOR_ELEMENT)])),
];

const SENSOR_ELEMENT: Nested = Nested(&[
    (
        "sensorMetadata",
        Nested(&[
            ("time", LEAF),
            ("startTime", LEAF),
            ("endTime", LEAF),
            ("deviceID", LEAF),
            ("deviceMetadata", LEAF),
            ("rawData", LEAF),
            ("dataProcessingMethod", LEAF),
            ("bizRules", LEAF),
        ]),
    ),
    (
        "sensorReport",
        Nested(&[
            ("type", LEAF),
            ("exception", LEAF),
            ("deviceID", LEAF),
            ("deviceMetadata", LEAF),
            ("rawData", LEAF),
            ("dataProcessingMethod", LEAF),
            ("time", LEAF),
            ("microorganism", LEAF),
            ("chemicalSubstance", LEAF),
            ("value", LEAF),
            ("component", LEAF),
            ("stringValue", LEAF),
            ("booleanValue", LEAF),
            ("hexBinaryValue", LEAF),
            ("uriValue", LEAF),
            ("minValue", LEAF),
            ("maxValue", LEAF),
            ("meanValue", LEAF),
            ("sDev", LEAF),
            ("percRank", LEAF),
            ("percValue", LEAF),
            ("uom", LEAF),
            ("coordinateReferenceSystem", LEAF),
        ]),
    ),
]);

/// Fields of an event that take no part in its hash.
pub(super) const LEFT_OUT: &[&str] = &["recordTime", "eventID", "type", "errorDeclaration"];

/// Concatenates fields in their order and takes them out of the tree. What has further fields of
/// its own stays, so that [`unordered`] finds those that the order does not name.
pub(super) fn ordered(children: &mut Vec<Node>, order: Order) -> String {
    let extensions = take_extensions(children);
    let mut text = String::new();
    for (name, nested) in order {
        let mut values = Vec::new();
        for child in children.iter_mut().filter(|child| child.name == *name) {
            let value = ordered_child(child, nested.0);
            if !value.is_empty() {
                values.push(value);
            }
        }
        children.retain(|child| child.name != *name || !child.children.is_empty());
        values.sort_unstable();
        values.iter().for_each(|value| text.push_str(value));
    }
    text.push_str(&unordered(&extensions));
    text
}

/// Concatenates fields that have no fixed order, sorted.
pub(super) fn unordered(children: &[Node]) -> String {
    let write = |child: &Node| {
        let value = canonical_value(child.value.trim());
        let equals = if child.value.trim().is_empty() { "" } else { "=" };
        format!("{}{equals}{value}{}", child.name, unordered(&child.children))
    };
    let mut values: Vec<String> = children.iter().map(write).collect();
    if !children.iter().any(Node::is_pair_value) {
        values.sort_unstable();
    }
    values.concat()
}

fn ordered_child(child: &mut Node, order: Order) -> String {
    let inner = if order.is_empty() { String::new() } else { ordered(&mut child.children, order) };
    let trimmed = child.value.trim();
    let value = if is_time(&child.name) {
        parse_timestamp(trimmed).map_or_else(|| trimmed.to_owned(), format_timestamp)
    } else {
        canonical_value(trimmed)
    };
    match (value.is_empty(), inner.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("{}{inner}", child.name),
        (false, _) => format!("{}={value}{inner}", child.name),
    }
}

fn is_time(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("time") && !name.contains("offset")
}

/// Takes the extension fields out of the tree, so that they follow the fields of their own parent.
/// At the level of the event they stay: there they come last of all. The conditions are those of
/// the published generator, which looks at namespaces that end with a slash, and recognises the
/// event by its fields.
fn take_extensions(children: &mut Vec<Node>) -> Vec<Node> {
    let is_event = |child: &Node| child.name.contains("eventTime") || child.name.contains("action");
    if children.len() <= 1 || children.iter().any(is_event) {
        return Vec::new();
    }
    children.extract_if(.., |child| child.name.contains('{') && child.name.contains("/}")).collect()
}

/// The canonical form of a value: a standard word as a web URI, a number without needless digits,
/// a GS1 key as its canonical Digital Link.
fn canonical_value(text: &str) -> String {
    for (urn, web) in STANDARD_URNS {
        if let Some(word) = text.strip_prefix(urn) {
            return format!("{web}{word}");
        }
    }
    canonical_decimal(text).or_else(|| canonical_key(text)).unwrap_or_else(|| text.to_owned())
}

const STANDARD_URNS: &[(&str, &str)] = &[
    ("urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-"),
    ("urn:epcglobal:cbv:disp:", "https://ref.gs1.org/cbv/Disp-"),
    ("urn:epcglobal:cbv:btt:", "https://ref.gs1.org/cbv/BTT-"),
    ("urn:epcglobal:cbv:sdt:", "https://ref.gs1.org/cbv/SDT-"),
    ("urn:epcglobal:cbv:er:", "https://ref.gs1.org/cbv/ER-"),
];
