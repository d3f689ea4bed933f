//! The part of JSON-LD that EPCIS documents use: prefixes declared in `@context`.

use crate::json::{Json, Object};
use std::borrow::Cow;

/// The context that gives the standard's own words their meaning.
pub(crate) const EPCIS_CONTEXT: &str =
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// Prefixes that the standard's context declares.
const STANDARD: &[(&str, &str)] = &[
    ("cbv", "https://ref.gs1.org/cbv/"),
    ("cbvmda", "urn:epcglobal:cbv:mda:"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("epcis", "https://ref.gs1.org/epcis/"),
    ("gs1", "https://gs1.org/voc/"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// Prefixes that one context may declare, and that one event may have in force.
pub(crate) const PREFIXES_MAX: usize = 64;

/// The longest namespace of a prefix. A value of three bytes stands for that much in the canonical
/// form, so a long namespace would multiply the work of hashing.
pub(crate) const NAMESPACE_BYTES_MAX: usize = 256;

/// Schemes of identifiers. Declared as a prefix, they would change the meaning of every identifier.
pub(crate) const RESERVED: &[&str] = &["http", "https", "urn"];

/// The prefixes that are in force for an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefixes {
    /// Prefix and namespace, sorted.
    declared: Vec<(String, String)>,
}

impl Prefixes {
    /// These prefixes with those of a further `@context`, which win over them.
    pub(crate) fn with_context(&self, context: &Json) -> Self {
        let mut result = self.clone();
        match context {
            Json::Array(entries) => entries.iter().for_each(|entry| result.add(entry)),
            entry => result.add(entry),
        }
        result
    }

    /// The namespace of a prefix.
    pub(crate) fn namespace(&self, prefix: &str) -> Option<&str> {
        match self.position(prefix) {
            Ok(at) => Some(&self.declared[at].1),
            Err(_) => standard(prefix),
        }
    }

    /// Splits `prefix:name` into namespace and name where the prefix is known.
    pub(crate) fn resolve<'a>(&self, text: &'a str) -> Option<(&str, &'a str)> {
        let (prefix, name) = text.split_once(':')?;
        if name.starts_with("//") || RESERVED.contains(&prefix) {
            return None;
        }
        Some((self.namespace(prefix)?, name))
    }

    /// A value with its prefix written out.
    pub(crate) fn expand<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.resolve(text) {
            Some((namespace, name)) => Cow::Owned(format!("{namespace}{name}")),
            None => Cow::Borrowed(text),
        }
    }

    /// The prefixes that `object` uses and that the standard's context does not declare so.
    pub(crate) fn used_by<'a>(&'a self, object: &Object) -> Vec<(&'a str, &'a str)> {
        if self.declared.is_empty() {
            return Vec::new();
        }
        let mut is_used = vec![false; self.declared.len()];
        self.mark_object(object, &mut is_used);
        let declared = self.declared.iter().zip(is_used).filter(|(_, is_used)| *is_used);
        declared
            .map(|((prefix, uri), _)| (prefix.as_str(), uri.as_str()))
            .filter(|(prefix, uri)| standard(prefix) != Some(uri))
            .collect()
    }

    fn add(&mut self, entry: &Json) {
        let Some(object) = entry.as_object() else { return };
        for (prefix, value) in object.iter() {
            let Some(uri) = namespace_of(value) else { continue };
            if prefix.starts_with('@') || uri.len() > NAMESPACE_BYTES_MAX {
                continue;
            }
            match self.position(prefix) {
                Ok(at) => uri.clone_into(&mut self.declared[at].1),
                Err(_) if self.declared.len() == PREFIXES_MAX => {}
                Err(at) => self.declared.insert(at, (prefix.to_owned(), uri.to_owned())),
            }
        }
    }

    fn position(&self, prefix: &str) -> Result<usize, usize> {
        self.declared.binary_search_by(|(name, _)| name.as_str().cmp(prefix))
    }

    fn mark_object(&self, object: &Object, is_used: &mut [bool]) {
        for (name, value) in object.iter() {
            self.mark_text(name, is_used);
            self.mark_value(value, is_used);
        }
    }

    fn mark_value(&self, value: &Json, is_used: &mut [bool]) {
        match value {
            Json::String(text) => self.mark_text(text, is_used),
            Json::Array(items) => items.iter().for_each(|item| self.mark_value(item, is_used)),
            Json::Object(object) => self.mark_object(object, is_used),
            _ => {}
        }
    }

    fn mark_text(&self, text: &str, is_used: &mut [bool]) {
        let Some((prefix, _)) = text.split_once(':') else { return };
        if let Ok(at) = self.position(prefix) {
            is_used[at] = true;
        }
    }
}

/// The namespace that a context gives a prefix, in either of the two ways to write it.
pub(crate) fn namespace_of(value: &Json) -> Option<&str> {
    value.as_str().or_else(|| value.as_object()?.str("@id"))
}

/// Whether a context gives one of the prefixes of the standard's own words another namespace, which
/// would change the meaning of `cbv:BizStep-shipping`.
pub(crate) fn is_redefined(prefix: &str, value: &Json) -> bool {
    let is_own = matches!(prefix, "cbv" | "epcis" | "gs1");
    is_own && namespace_of(value) != standard(prefix)
}

/// The prefix under which the standard's context knows a namespace.
pub(crate) fn standard_prefix(uri: &str) -> Option<&'static str> {
    STANDARD.iter().find(|(_, known)| *known == uri).map(|(prefix, _)| *prefix)
}

/// The namespace that the standard's context gives a prefix.
pub(crate) fn standard(prefix: &str) -> Option<&'static str> {
    STANDARD.iter().find(|(name, _)| *name == prefix).map(|(_, uri)| *uri)
}
