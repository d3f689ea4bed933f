//! Elements become fields: by the table of shapes, and by what they hold where it names none.

use super::SCHEMA_INSTANCE;
use super::names::Prefixing;
use super::shape::{Field, Place, Shape};
use super::tree::{Attribute, Element, Tree};
use crate::context::Prefixes;
use crate::decimal::plain_decimal;
use crate::hash::list_element;
use crate::json::{Json, Object};
use crate::limits::Limits;
use crate::uri::excerpt;
use crate::validate::Check;
use crate::vocabulary::{Term, Vocabulary};

/// Elements that version 1.2 put around what it added, and that say nothing themselves.
const WRAPPERS: &[&str] = &["extension", "baseExtension"];

/// Reads the elements of one event, or of the frame of a document.
pub(super) struct Fields<'a, 'c, 'l> {
    pub(super) tree: &'a Tree,
    pub(super) prefixing: Prefixing<'a>,
    pub(super) check: &'c mut Check<'l>,
    pub(super) limits: &'c Limits,
    /// An element that is read elsewhere.
    pub(super) without: Option<&'a Element>,
}

/// Fields of which each may have come several times.
#[derive(Default)]
struct Gathered(Vec<(String, Vec<Json>)>);

impl Gathered {
    fn add(&mut self, name: String, value: Json) -> bool {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => {
                values.push(value);
                false
            }
            None => {
                self.0.push((name, vec![value]));
                true
            }
        }
    }

    fn into_object(self, is_always_list: impl Fn(&str) -> bool) -> Object {
        let mut object = Object::default();
        for (name, mut values) in self.0 {
            let value = if values.len() == 1 && !is_always_list(&name) {
                values.pop().expect("there is one")
            } else {
                Json::Array(values)
            };
            object.push(name, value);
        }
        object
    }
}

impl<'a> Fields<'a, '_, '_> {
    /// The fields of an element.
    pub(super) fn object(&mut self, element: &'a Element, shape: &'static [Field]) -> Object {
        let mut gathered = Gathered::default();
        self.stray_text(element);
        for attribute in &element.attributes {
            if self.tree.uri(attribute.namespace) == SCHEMA_INSTANCE {
                continue;
            }
            let found = shape.iter().find(|field| {
                field.place == Place::Attribute
                    && attribute.namespace == 0
                    && field.xml == attribute.name
            });
            let (name, value) = match found {
                Some(field) => {
                    let value = self.scalar(&attribute.value, field);
                    (field.name.to_owned(), value)
                }
                None => self.extension_attribute(attribute),
            };
            gathered.add(name, value);
        }
        self.children(element, shape, &mut gathered);
        gathered.into_object(|name| {
            shape.iter().any(|field| field.name == name && field.place == Place::Elements)
        })
    }

    fn children(&mut self, element: &'a Element, shape: &'static [Field], gathered: &mut Gathered) {
        for child in &element.children {
            let is_standard = self.tree.is_standard(child.namespace);
            if self.without.is_some_and(|without| std::ptr::eq(without, child)) {
                continue;
            }
            if is_standard && WRAPPERS.contains(&child.name.as_str()) {
                self.stray_text(child);
                self.children(child, shape, gathered);
                continue;
            }
            let found = shape.iter().find(|field| {
                is_standard && field.place != Place::Attribute && field.xml == child.name
            });
            match found {
                Some(_) if self.is_nil(child) => {}
                Some(field) => self.field(child, field, gathered),
                None => {
                    let namespace = if is_standard { 0 } else { child.namespace };
                    let name = self.prefixing.name(namespace, &child.name);
                    let value = self.extension(child);
                    gathered.add(name, value);
                }
            }
        }
    }

    /// Whether the element says that it says nothing.
    fn is_nil(&self, element: &Element) -> bool {
        element.attributes.iter().any(|attribute| {
            attribute.name == "nil"
                && matches!(attribute.value.trim(), "true" | "1")
                && self.tree.uri(attribute.namespace) == SCHEMA_INSTANCE
        })
    }

    fn field(&mut self, element: &'a Element, field: &'static Field, gathered: &mut Gathered) {
        let length = self.check.enter(field.name);
        let value = self.value(element, field.shape);
        let is_first = gathered.add(field.name.to_owned(), value);
        if !is_first && field.place == Place::Element {
            let rule = format!("`{}` appears once, it appears again", field.xml);
            self.check.problem("epcis.xml_repeated_element", rule);
        }
        self.check.leave(length);
    }

    fn value(&mut self, element: &'a Element, shape: Shape) -> Json {
        match shape {
            Shape::Text | Shape::Number | Shape::Boolean | Shape::Word(_) => {
                self.leaf(element, &[]);
                self.text_as(element.text.trim(), shape)
            }
            Shape::List(name, item) => self.list(element, name, *item),
            Shape::Typed(name, vocabulary) => self.typed(element, name, vocabulary),
            Shape::Object(fields) => Json::Object(self.object(element, fields)),
            Shape::Described => self.described(element),
        }
    }

    fn list(&mut self, element: &'a Element, name: &str, item: Shape) -> Json {
        self.stray_text(element);
        let mut items = Vec::with_capacity(element.children.len());
        for child in &element.children {
            if self.tree.is_standard(child.namespace) && child.name == name {
                let length = self.check.enter_index(items.len());
                let value = self.value(child, item);
                items.push(value);
                self.check.leave(length);
            } else {
                let rule = format!(
                    "the list has elements `{name}` only, `{}` is another",
                    excerpt(&child.name)
                );
                self.check.problem("epcis.unknown_field", rule);
            }
        }
        Json::Array(items)
    }

    fn typed(&mut self, element: &'a Element, name: &str, vocabulary: &'static Vocabulary) -> Json {
        self.leaf(element, &["type"]);
        let mut object = Object::default();
        let kind = element.attributes.iter().find(|a| a.namespace == 0 && a.name == "type");
        if let Some(kind) = kind {
            object.push("type".to_owned(), word(&kind.value, vocabulary));
        }
        object.push(name.to_owned(), Json::String(element.text.trim().to_owned()));
        Json::Object(object)
    }

    /// An attribute of master data. What is inside may be anything.
    fn described(&mut self, element: &'a Element) -> Json {
        let mut object = Object::default();
        let id = element.attributes.iter().find(|a| a.namespace == 0 && a.name == "id");
        if let Some(id) = id {
            object.push("id".to_owned(), Json::String(id.value.clone()));
        }
        let others = element.attributes.iter().filter(|a| a.namespace != 0 || a.name != "id");
        let value = self.anything(element, others);
        object.push("attribute".to_owned(), value);
        Json::Object(object)
    }

    /// An element that no standard names: a text, a list of its like-named elements, or an object.
    pub(super) fn extension(&mut self, element: &'a Element) -> Json {
        self.anything(element, element.attributes.iter())
    }

    fn anything(
        &mut self,
        element: &'a Element,
        attributes: impl Iterator<Item = &'a Attribute>,
    ) -> Json {
        let mut gathered = Gathered::default();
        for attribute in attributes {
            let (name, value) = self.extension_attribute(attribute);
            gathered.add(name, value);
        }
        if gathered.0.is_empty() && element.children.is_empty() {
            return Json::String(element.text.clone());
        }
        let text = element.text.trim();
        if gathered.0.is_empty() && text.is_empty() && is_list(element) {
            let items = element.children.iter().map(|child| self.extension(child));
            return Json::Array(items.collect());
        }
        if !text.is_empty() {
            gathered.add("#text".to_owned(), Json::String(text.to_owned()));
        }
        for child in &element.children {
            let name = self.prefixing.name(child.namespace, &child.name);
            let value = self.extension(child);
            gathered.add(name, value);
        }
        Json::Object(gathered.into_object(|_| false))
    }

    fn extension_attribute(&mut self, attribute: &'a Attribute) -> (String, Json) {
        let name = self.prefixing.name(attribute.namespace, &attribute.name);
        (name, Json::String(attribute.value.clone()))
    }

    fn scalar(&mut self, text: &str, field: &'static Field) -> Json {
        let length = self.check.enter(field.name);
        let value = self.text_as(text, field.shape);
        self.check.leave(length);
        value
    }

    fn text_as(&mut self, text: &str, shape: Shape) -> Json {
        match shape {
            Shape::Number => self.number(text),
            Shape::Word(vocabulary) => word(text, vocabulary),
            Shape::Boolean => match text.trim() {
                "true" | "1" => Json::Bool(true),
                "false" | "0" => Json::Bool(false),
                other => Json::String(other.to_owned()),
            },
            _ => Json::String(text.to_owned()),
        }
    }

    /// A number as JSON writes it. What is none stays a text, so that the rules refuse it.
    fn number(&mut self, text: &str) -> Json {
        let text = text.trim();
        let read = |text: &str| match Json::parse(text.as_bytes(), self.limits) {
            Ok(number @ Json::Number(_)) => Ok(number),
            Ok(_) => Err(None),
            Err(error) => Err((error.code == "epcis.limit_number").then_some(error)),
        };
        let other = || Json::String(text.to_owned());
        match read(text) {
            Ok(number) => number,
            Err(Some(error)) => {
                self.check.problem(error.code, error.rule);
                other()
            }
            Err(None) => {
                plain_decimal(text).and_then(|plain| read(&plain).ok()).unwrap_or_else(other)
            }
        }
    }

    /// Checks that an element holds a text and nothing else.
    fn leaf(&mut self, element: &Element, attributes: &[&str]) {
        for attribute in &element.attributes {
            let is_known = attribute.namespace == 0 && attributes.contains(&&*attribute.name);
            if !is_known && self.tree.uri(attribute.namespace) != SCHEMA_INSTANCE {
                let rule = format!("`{}` is not an attribute here", excerpt(&attribute.name));
                self.check.problem("epcis.unknown_field", rule);
            }
        }
        if let Some(child) = element.children.first() {
            let rule = format!("a text was expected, not `{}`", excerpt(&child.name));
            self.check.problem("epcis.wrong_type", rule);
        }
    }

    fn stray_text(&mut self, element: &Element) {
        if !element.text.trim().is_empty() {
            let rule = format!("elements were expected, not `{}`", excerpt(element.text.trim()));
            self.check.problem("epcis.wrong_type", rule);
        }
    }
}

/// Whether an element `fooList` has elements `foo` and nothing else: an array in JSON.
fn is_list(element: &Element) -> bool {
    let item = match element.namespace {
        0 => list_element(&element.name),
        _ => element.name.strip_suffix("List"),
    };
    let Some(item) = item.filter(|item| !item.is_empty()) else { return false };
    let is_item = |child: &Element| child.namespace == element.namespace && child.name == item;
    !element.children.is_empty() && element.children.iter().all(|c| is_item(c) && !is_list(c))
}

/// A standard word by itself, or the URI as it is.
fn word(text: &str, vocabulary: &'static Vocabulary) -> Json {
    let text = text.trim();
    let expanded = Prefixes::default().expand(text).into_owned();
    match vocabulary.term(&expanded) {
        Term::Word(word) => Json::String(word.to_owned()),
        _ => Json::String(text.to_owned()),
    }
}
