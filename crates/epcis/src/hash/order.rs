//! The fixed order of fields, and concatenation by it.

use super::tree::Node;
use crate::decimal::canonical_decimal;
use crate::identifier::canonical_key;
use crate::time::{format_timestamp, parse_timestamp};
use std::borrow::Cow;

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
pub(super) fn ordered(out: &mut String, children: &mut Vec<Node<'_>>, order: Order) {
    let extensions = take_extensions(children);
    for (name, nested) in order {
        if !children.iter().any(|child| &*child.name == *name) {
            continue;
        }
        let named = children.iter_mut().filter(|child| &*child.name == *name);
        write_sorted(out, named, true, |out, child| ordered_child(out, child, nested.0));
        children.retain(|child| &*child.name != *name || !child.children.is_empty());
    }
    unordered(out, &extensions, true);
}

/// Concatenates fields that the order does not name.
pub(super) fn unordered(out: &mut String, children: &[Node<'_>], is_sorted: bool) {
    write_sorted(out, children.iter(), is_sorted, |out, child| {
        out.push_str(&child.name);
        let value = child.value.trim();
        if !value.is_empty() {
            out.push('=');
            out.push_str(&canonical_value(value));
        }
        unordered(out, &child.children, !child.is_pair);
    });
}

/// Writes items one after the other, sorted by what was written for each.
fn write_sorted<T>(
    out: &mut String,
    items: impl Iterator<Item = T>,
    is_sorted: bool,
    mut write: impl FnMut(&mut String, T),
) {
    let from = out.len();
    let mut ends = Vec::new();
    for item in items {
        write(out, item);
        ends.push(out.len());
    }
    if ends.len() < 2 || !is_sorted {
        return;
    }
    let written = out.split_off(from);
    let mut pieces = Vec::with_capacity(ends.len());
    let mut start = 0;
    for end in ends {
        pieces.push(&written[start..end - from]);
        start = end - from;
    }
    pieces.sort_unstable();
    pieces.iter().for_each(|piece| out.push_str(piece));
}

/// Writes a field, or nothing where it has neither a value nor fields of its own.
fn ordered_child(out: &mut String, child: &mut Node<'_>, order: Order) {
    let start = out.len();
    out.push_str(&child.name);
    let value = child.value.trim();
    if !value.is_empty() {
        out.push('=');
        let time = if is_time(&child.name) { parse_timestamp(value) } else { None };
        match time {
            Some(ms) => out.push_str(&format_timestamp(ms)),
            None => out.push_str(&canonical_value(value)),
        }
    }
    let after_value = out.len();
    if !order.is_empty() {
        ordered(out, &mut child.children, order);
    }
    if value.is_empty() && out.len() == after_value {
        out.truncate(start);
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
fn take_extensions<'a>(children: &mut Vec<Node<'a>>) -> Vec<Node<'a>> {
    let is_event =
        |child: &Node<'_>| child.name.contains("eventTime") || child.name.contains("action");
    if children.len() <= 1 || children.iter().any(is_event) {
        return Vec::new();
    }
    children.extract_if(.., |child| child.name.contains('{') && child.name.contains("/}")).collect()
}

/// The canonical form of a value: a standard word as a web URI, a number without needless digits,
/// a GS1 key as its canonical Digital Link.
fn canonical_value(text: &str) -> Cow<'_, str> {
    for (urn, web) in STANDARD_URNS {
        if let Some(word) = text.strip_prefix(urn) {
            return Cow::Owned(format!("{web}{word}"));
        }
    }
    let number = canonical_decimal(text);
    number.or_else(|| canonical_key(text).map(Cow::Owned)).unwrap_or(Cow::Borrowed(text))
}

const STANDARD_URNS: &[(&str, &str)] = &[
    ("urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-"),
    ("urn:epcglobal:cbv:disp:", "https://ref.gs1.org/cbv/Disp-"),
    ("urn:epcglobal:cbv:btt:", "https://ref.gs1.org/cbv/BTT-"),
    ("urn:epcglobal:cbv:sdt:", "https://ref.gs1.org/cbv/SDT-"),
    ("urn:epcglobal:cbv:er:", "https://ref.gs1.org/cbv/ER-"),
];
