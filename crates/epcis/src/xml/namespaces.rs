//! The namespaces that an event's names need, and the prefixes that XML takes.

use super::names::encoded;
use crate::context::Prefixes;
use crate::json::{Json, Object};
use std::collections::BTreeMap;

/// Whether a prefix may be declared in XML, and is not one of the document's own.
pub(super) fn is_xml_prefix(prefix: &str) -> bool {
    encoded(prefix) == prefix
        && !prefix.is_empty()
        && !prefix.to_ascii_lowercase().starts_with("xml")
        && !matches!(prefix, "epcis" | "epcisq" | "sbdh")
}

/// The namespaces of names, each with its first prefix.
pub(super) fn collect<'a>(
    prefixes: &'a Prefixes,
    object: &'a Object,
    found: &mut BTreeMap<&'a str, &'a str>,
) {
    for (name, value) in object.iter() {
        if let (Some((namespace, _)), Some((prefix, _))) =
            (prefixes.resolve(name), name.split_once(':'))
            && !namespace.is_empty()
        {
            found.entry(namespace).or_insert(prefix);
        }
        collect_value(prefixes, value, found);
    }
}

fn collect_value<'a>(
    prefixes: &'a Prefixes,
    value: &'a Json,
    found: &mut BTreeMap<&'a str, &'a str>,
) {
    match value {
        Json::Object(object) => collect(prefixes, object, found),
        Json::Array(items) => {
            items.iter().for_each(|item| collect_value(prefixes, item, found));
        }
        _ => {}
    }
}
