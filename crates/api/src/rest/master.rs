//! Master data: what captured documents say of places and products besides their events.
//!
//! It belongs to the node, like named queries, and is no part of the chain: events are facts that all
//! members agree on, master data is one member's notes on places. It answers the parameters `HASATTR_…`,
//! `EQATTR_…` and `WD_…`, which are rewritten to the identifiers that they amount to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::PathBuf,
    sync::{PoisonError, RwLock},
};

use axum::http::StatusCode;
use qiao_epcis::{Identifier, Json, Object};
use serde::{Deserialize, Serialize};

use super::{events::Parameters, problem::Problem};

/// Elements that a node keeps; a document that brings more is refused.
const ELEMENTS_MAX: usize = 100_000;

/// Attributes, and children, of one element.
const ATTRIBUTES_MAX: usize = 256;

/// Bytes of one attribute's value, as text.
const VALUE_BYTES_MAX: usize = 4 * 1024;

/// Identifiers that one parameter may amount to.
const FOUND_MAX: usize = 450;

const FILE: &str = "master-data.json";

/// The fields whose attributes can be asked for, and the parameter that asks for the field itself.
const FIELDS: [(&str, &str); 7] = [
    ("bizLocation", "EQ_bizLocation"),
    ("readPoint", "EQ_readPoint"),
    ("source", "EQ_source"),
    ("destination", "EQ_destination"),
    ("bizTransaction", "EQ_bizTransaction"),
    ("epcClass", "MATCH_anyEPCClass"),
    ("epc", "MATCH_anyEPC"),
];

/// A value that no event has: asks for nothing.
const NOTHING: &str = "urn:qiao:nothing";

/// What is known of a place or a product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Element {
    /// Values by the attribute's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, String>,
    /// What lies within it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    children: BTreeSet<String>,
}

type Elements = BTreeMap<String, Element>;

/// The master data of a node.
#[derive(Debug)]
pub(super) struct MasterData {
    path: Option<PathBuf>,
    elements: RwLock<Elements>,
}

impl MasterData {
    /// That of a data folder; in memory only where there is no folder.
    pub(super) fn open(folder: Option<PathBuf>) -> Self {
        let path = folder.map(|folder| folder.join(FILE));
        let read = path.as_ref().and_then(|path| fs::read(path).ok());
        let elements = read.and_then(|bytes| match serde_json::from_slice(&bytes) {
            Ok(elements) => Some(elements),
            Err(error) => {
                tracing::warn!(%error, "the file of master data cannot be read; none is known");
                None
            }
        });
        Self { path, elements: RwLock::new(elements.unwrap_or_default()) }
    }

    /// Takes over what stands in the header of a document. An attribute that is known gets its new value.
    pub(super) fn keep(&self, frame: &Object) -> Result<(), Box<Problem>> {
        let told = told(frame)?;
        if told.is_empty() {
            return Ok(());
        }
        let mut elements = self.elements.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = elements.clone();
        for (id, element) in told {
            let known = changed.entry(id).or_default();
            known.attributes.extend(element.attributes);
            known.children.extend(element.children);
            if known.attributes.len() > ATTRIBUTES_MAX || known.children.len() > ATTRIBUTES_MAX {
                return Err(too_much(format!(
                    "an element has at most {ATTRIBUTES_MAX} attributes"
                )));
            }
        }
        if changed.len() > ELEMENTS_MAX {
            return Err(too_much(format!("a node keeps at most {ELEMENTS_MAX} elements")));
        }
        if let Some(path) = &self.path {
            write(path, &changed).map_err(super::failed)?;
        }
        *elements = changed;
        Ok(())
    }

    /// The parameters with those that ask for master data replaced by what they amount to.
    pub(super) fn resolve(&self, parameters: Parameters) -> Result<Parameters, Box<Problem>> {
        if !parameters.iter().any(|(name, _)| asks(name)) {
            return Ok(parameters);
        }
        let elements = self.elements.read().unwrap_or_else(PoisonError::into_inner);
        parameters.into_iter().map(|(name, value)| resolved(&elements, name, value)).collect()
    }
}

/// Whether a parameter asks for master data.
fn asks(name: &str) -> bool {
    ["HASATTR_", "EQATTR_", "WD_"].iter().any(|prefix| name.starts_with(prefix))
}

fn resolved(
    elements: &Elements,
    name: String,
    value: String,
) -> Result<(String, String), Box<Problem>> {
    if let Some(field) = name.strip_prefix("WD_") {
        let Some(asked) = parameter_of(field) else { return Ok((name, value)) };
        let found = within(elements, value.split('|').map(canonical));
        return joined(asked, found);
    }
    if let Some(field) = name.strip_prefix("HASATTR_") {
        let Some(asked) = parameter_of(field) else { return Ok((name, value)) };
        let wanted: Vec<&str> = value.split('|').map(str::trim).collect();
        let has =
            |element: &Element| wanted.iter().any(|name| element.attributes.contains_key(*name));
        return joined(asked, matching(elements, has));
    }
    let rest = name.strip_prefix("EQATTR_").unwrap_or_default();
    let field = rest.split_once('_').and_then(|(field, rest)| Some((parameter_of(field)?, rest)));
    // Nothing is known of other fields: the index finds nothing for them.
    let Some((asked, attribute)) = field else { return Ok((name, value)) };
    let wanted: Vec<&str> = value.split('|').map(str::trim).collect();
    let has = |element: &Element| {
        element.attributes.get(attribute).is_some_and(|value| wanted.contains(&value.as_str()))
    };
    joined(asked, matching(elements, has))
}

fn parameter_of(field: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(known, _)| *known == field).map(|(_, parameter)| *parameter)
}

fn matching(elements: &Elements, has: impl Fn(&Element) -> bool) -> BTreeSet<String> {
    elements.iter().filter(|(_, element)| has(element)).map(|(id, _)| id.clone()).collect()
}

/// These and everything that lies within them.
fn within(elements: &Elements, places: impl Iterator<Item = String>) -> BTreeSet<String> {
    let mut pending: Vec<String> = places.collect();
    let mut found = BTreeSet::new();
    while let Some(place) = pending.pop() {
        if let Some(element) = elements.get(&place) {
            pending
                .extend(element.children.iter().filter(|child| !found.contains(*child)).cloned());
        }
        found.insert(place);
    }
    found
}

fn joined(parameter: &str, found: BTreeSet<String>) -> Result<(String, String), Box<Problem>> {
    if found.len() > FOUND_MAX {
        let detail = format!("more than {FOUND_MAX} places or products have this; ask for fewer");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "epcis.query_too_large", detail)
            .kind("epcisException:QueryTooLargeException", "query result too large"));
    }
    let texts: Vec<String> = found.into_iter().map(|id| id.replace('|', "%7C")).collect();
    let value = if texts.is_empty() { NOTHING.to_owned() } else { texts.join("|") };
    Ok((parameter.to_owned(), value))
}

/// Whether a document brings master data: then it needs no events.
pub(super) fn is_in(frame: &Object) -> bool {
    told(frame).map_or(true, |told| !told.is_empty())
}

/// What the header of a document tells.
fn told(frame: &Object) -> Result<Elements, Box<Problem>> {
    let header = frame.get("epcisHeader").and_then(Json::as_object);
    let data = header.and_then(|header| header.get("epcisMasterData")).and_then(Json::as_object);
    let vocabularies = data.map(|data| data.array("vocabularyList")).unwrap_or_default();
    let mut elements = Elements::new();
    for vocabulary in vocabularies.iter().filter_map(Json::as_object) {
        for told in vocabulary.array("vocabularyElementList").iter().filter_map(Json::as_object) {
            let Some(id) = told.str("id") else { continue };
            let element = elements.entry(canonical(id)).or_default();
            for attribute in told.array("attributes").iter().filter_map(Json::as_object) {
                let Some(name) = attribute.str("id") else { continue };
                let value = match attribute.get("attribute") {
                    Some(Json::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                    None => String::new(),
                };
                if value.len() > VALUE_BYTES_MAX {
                    let rule = format!("an attribute has at most {VALUE_BYTES_MAX} bytes");
                    return Err(too_much(rule));
                }
                element.attributes.insert(name.to_owned(), value);
            }
            let children = told.array("children").iter().filter_map(Json::as_str);
            element.children.extend(children.map(canonical));
        }
    }
    Ok(elements)
}

/// The form in which the index has identifiers.
fn canonical(id: &str) -> String {
    let id = id.trim();
    Identifier::parse(id).map_or_else(|_| id.to_owned(), |known| known.as_str().to_owned())
}

fn write(path: &PathBuf, elements: &Elements) -> io::Result<()> {
    let next = path.with_extension("new");
    fs::write(&next, serde_json::to_vec(elements)?)?;
    fs::File::open(&next)?.sync_all()?;
    fs::rename(next, path)
}

fn too_much(rule: String) -> Box<Problem> {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "epcis.limit_master_data", rule)
}
