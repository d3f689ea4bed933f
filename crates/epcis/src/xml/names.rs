//! Names of extensions: namespace and local name in XML, prefix and name in JSON-LD.

use super::tree::{Element, Namespace, Tree, is_name_part, is_name_start};
use crate::context::{EPCIS_CONTEXT, RESERVED, standard, standard_prefix};
use crate::json::{Json, Object};
use std::collections::BTreeSet;

/// A prefix that is longer is replaced.
const PREFIX_BYTES_MAX: usize = 32;

/// Chooses the prefixes for one event.
///
/// In JSON-LD a prefix that a document declares counts in values too: `"farm:x"` stands for a URI.
/// In XML it counts in names only. A prefix that some value begins with is therefore not taken, or
/// the value would change its meaning on the way.
#[derive(Debug)]
pub(super) struct Prefixing<'a> {
    tree: &'a Tree,
    /// What stands before the first colon of a value or of a name without namespace.
    heads: BTreeSet<&'a str>,
    chosen: Vec<(Namespace, String)>,
}

impl<'a> Prefixing<'a> {
    /// For everything inside an element but for one element inside it.
    pub(super) fn new(tree: &'a Tree, element: &'a Element, without: Option<&Element>) -> Self {
        let mut heads = BTreeSet::new();
        collect(&mut heads, element, without);
        Self { tree, heads, chosen: Vec::new() }
    }

    /// The name in JSON.
    pub(super) fn name(&mut self, namespace: Namespace, local: &str) -> String {
        let local = decoded(local);
        if namespace == 0 {
            return local;
        }
        if let Some((_, prefix)) = self.chosen.iter().find(|(known, _)| *known == namespace) {
            return format!("{prefix}:{local}");
        }
        let prefix = self.choose(namespace);
        let name = format!("{prefix}:{local}");
        self.chosen.push((namespace, prefix));
        name
    }

    /// A `@context` that declares what was chosen.
    pub(super) fn context(&self) -> Json {
        let mut entries = vec![Json::String(EPCIS_CONTEXT.to_owned())];
        let mut declared = Object::default();
        for (namespace, prefix) in &self.chosen {
            let uri = self.tree.uri(*namespace);
            if standard(prefix) != Some(uri) {
                declared.push(prefix.clone(), Json::String(uri.to_owned()));
            }
        }
        if !declared.is_empty() {
            entries.push(Json::Object(declared));
        }
        Json::Array(entries)
    }

    fn choose(&self, namespace: Namespace) -> String {
        let (uri, written) = (self.tree.uri(namespace), self.tree.prefix(namespace));
        if let Some(standard) = standard_prefix(uri) {
            return standard.to_owned();
        }
        let mut candidate = written.to_owned();
        let mut number = 0;
        while !self.is_free(&candidate) {
            number += 1;
            candidate = format!("ext{number}");
        }
        candidate
    }

    fn is_free(&self, prefix: &str) -> bool {
        let is_well_formed = prefix.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && prefix.len() <= PREFIX_BYTES_MAX
            && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        is_well_formed
            && !RESERVED.contains(&prefix)
            && !matches!(prefix, "cbv" | "epcis" | "gs1")
            && !self.heads.contains(prefix)
            && !self.chosen.iter().any(|(_, taken)| taken == prefix)
    }
}

fn collect<'a>(heads: &mut BTreeSet<&'a str>, element: &'a Element, without: Option<&Element>) {
    if without.is_some_and(|without| std::ptr::eq(without, element)) {
        return;
    }
    let values = element.attributes.iter().map(|attribute| attribute.value.as_str());
    for value in values.chain([element.text.as_str()]) {
        // Both forms, since space around a value is sometimes dropped.
        heads.extend(value.split_once(':').map(|(head, _)| head));
        heads.extend(value.trim().split_once(':').map(|(head, _)| head));
    }
    if element.namespace == 0 && element.name.contains("_x003A_") {
        heads.extend(element.name.split_once("_x003A_").map(|(head, _)| head));
    }
    element.children.iter().for_each(|child| collect(heads, child, without));
}

/// The name that stands for any text: what XML does not allow in a name is written `_x0040_`.
pub(crate) fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, character) in name.char_indices() {
        let is_escape = character == '_' && escape_at(&name[at..]).is_some();
        let is_allowed = is_name_start(character) || at > 0 && is_name_part(character);
        if is_allowed && !is_escape {
            out.push(character);
        } else {
            out.push_str(&format!("_x{:04X}_", u32::from(character)));
        }
    }
    out
}

/// The text that [`encoded`] was given.
pub(crate) fn decoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match escape_at(rest) {
            Some((character, length)) => {
                out.push(character);
                rest = &rest[length..];
            }
            None => {
                out.push_str("_x");
                rest = &rest[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character that an escape at the beginning of a text stands for, and the escape's length.
fn escape_at(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix("_x")?;
    let end = rest.find('_')?;
    let digits = rest.get(..end)?;
    let is_hexadecimal = digits.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    if !(4..=6).contains(&digits.len()) || !is_hexadecimal {
        return None;
    }
    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    Some((character, digits.len() + 3))
}
