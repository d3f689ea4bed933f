//! Documents and events written as XML, of version 2.0 or 1.2.

use super::BUSINESS_HEADER;
use super::markup::Markup;
use super::names::encoded;
use super::namespaces::{collect, is_xml_prefix};
use super::shape::{EVENT, Field, Place, Shape, VOCABULARY_LIST};
use crate::context::Prefixes;
use crate::decimal::plain_decimal;
use crate::document::Document;
use crate::event::{Event, EventKind};
use crate::hash::list_element;
use crate::json::{Json, Object};
use crate::vocabulary::{Term, Vocabulary};
use std::collections::BTreeMap;

/// A version of the XML format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XmlVersion {
    /// EPCIS 1.2. What it does not know is put into its `extension` elements, as GS1's own
    /// conversion does.
    V1_2,
    /// EPCIS 2.0.
    #[default]
    V2_0,
}

/// How standard words are written in XML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XmlWords {
    /// As a URN: `urn:epcglobal:cbv:bizstep:shipping`.
    #[default]
    Urn,
    /// As a web URI: `https://ref.gs1.org/cbv/BizStep-shipping`.
    WebUri,
}

/// The form of a document in XML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct XmlForm {
    /// The version.
    pub version: XmlVersion,
    /// The form of standard words; version 1.2 has URNs only.
    pub words: XmlWords,
}

impl Document {
    /// The document in XML. An event with a nested array, or a text with a control character, has
    /// no exact form in XML: the arrays are written as one, the character as U+FFFD.
    #[must_use]
    pub fn to_xml(&self, form: XmlForm) -> String {
        let is_query = self.frame.str("type") == Some("EPCISQueryDocument");
        let version = match form.version {
            XmlVersion::V1_2 => "1",
            XmlVersion::V2_0 => "2",
        };
        let (prefix, root, schema) = if is_query {
            ("epcisq", "EPCISQueryDocument", "epcis-query")
        } else {
            ("epcis", "EPCISDocument", "epcis")
        };
        let nothing = Json::Null;
        let context = self.frame.get("@context").unwrap_or(&nothing);
        let prefixes = Prefixes::default().with_context(context);
        let mut writer = Writer::new(&prefixes, form);
        let tag = format!("{prefix}:{root}");
        writer.out.declaration();
        writer.out.open(&tag);
        writer.out.attribute(
            &format!("xmlns:{prefix}"),
            &format!("urn:epcglobal:{schema}:xsd:{version}"),
        );
        let head = without_events(&self.frame);
        writer.declare_names(&head);
        let written = if form.version == XmlVersion::V1_2 { "1.2" } else { "2.0" };
        writer.out.attribute("schemaVersion", written);
        if let Some(date) = self.frame.str("creationDate") {
            writer.out.attribute("creationDate", date);
        }
        writer.out.attributes_end();
        writer.header(&self.frame);
        writer.body(&self.frame, is_query, &self.events);
        writer.out.close(&tag);
        writer.out.into_text()
    }
}

impl Event {
    /// The event by itself, as the root element of a document in XML.
    #[must_use]
    pub fn to_xml(&self, form: XmlForm) -> String {
        let mut writer = Writer::new(self.prefixes(), form);
        writer.out.declaration();
        let number = if form.version == XmlVersion::V1_2 { "1" } else { "2" };
        let namespace = format!("urn:epcglobal:epcis:xsd:{number}");
        writer.event(self, Some(&namespace));
        writer.out.into_text()
    }
}

/// What stands around the events, for the names in it.
fn without_events(frame: &Object) -> Object {
    let mut head = frame.clone();
    head.remove("@context");
    head
}

struct Writer<'a> {
    out: Markup,
    prefixes: &'a Prefixes,
    form: XmlForm,
    /// The prefix of each namespace that is declared.
    declared: BTreeMap<String, String>,
}

impl<'a> Writer<'a> {
    fn new(prefixes: &'a Prefixes, form: XmlForm) -> Self {
        Self { out: Markup::default(), prefixes, form, declared: BTreeMap::new() }
    }

    fn header(&mut self, frame: &Object) {
        let header = frame.get("epcisHeader").and_then(Json::as_object);
        let has_names = ["sender", "receiver", "instanceIdentifier"].map(|name| frame.str(name));
        let kept = header.is_some_and(|header| {
            header.iter().any(|(name, _)| name.ends_with(":StandardBusinessDocumentHeader"))
        });
        if header.is_none() && has_names.iter().all(Option::is_none) {
            return;
        }
        self.out.element("EPCISHeader");
        if !kept && has_names.iter().any(Option::is_some) {
            self.business_header(has_names);
        }
        if let Some(header) = header {
            for (name, value) in header.iter().filter(|(name, _)| *name != "epcisMasterData") {
                self.extension(name, value);
            }
            if let Some(master_data) = header.get("epcisMasterData").and_then(Json::as_object) {
                self.out.element("extension");
                self.out.element("EPCISMasterData");
                self.fields(master_data, &[VOCABULARY_LIST]);
                self.extensions(master_data, &[VOCABULARY_LIST], false);
                self.out.close("EPCISMasterData");
                self.out.close("extension");
            }
        }
        self.out.close("EPCISHeader");
    }

    /// The least that a business document header says.
    fn business_header(&mut self, [sender, receiver, instance]: [Option<&str>; 3]) {
        self.out.open("sbdh:StandardBusinessDocumentHeader");
        self.out.attribute("xmlns:sbdh", BUSINESS_HEADER);
        self.out.attributes_end();
        self.out.leaf("sbdh:HeaderVersion", "1.0");
        for (tag, text) in [("sbdh:Sender", sender), ("sbdh:Receiver", receiver)] {
            if let Some(text) = text {
                self.out.element(tag);
                self.out.leaf("sbdh:Identifier", text);
                self.out.close(tag);
            }
        }
        if let Some(instance) = instance {
            self.out.element("sbdh:DocumentIdentification");
            self.out.leaf("sbdh:InstanceIdentifier", instance);
            self.out.close("sbdh:DocumentIdentification");
        }
        self.out.close("sbdh:StandardBusinessDocumentHeader");
    }

    fn body(&mut self, frame: &Object, is_query: bool, events: &[Event]) {
        let body = frame.get("epcisBody").and_then(Json::as_object);
        self.out.element("EPCISBody");
        if is_query {
            let results = body.and_then(|body| body.get("queryResults")).and_then(Json::as_object);
            let text = |name: &str| results.and_then(|results| results.str(name));
            self.out.element("epcisq:QueryResults");
            self.out.leaf("queryName", text("queryName").unwrap_or("SimpleEventQuery"));
            if let Some(id) = text("subscriptionID") {
                self.out.leaf("subscriptionID", id);
            }
            self.out.element("resultsBody");
        }
        self.out.element("EventList");
        for event in events {
            let mut writer = Writer::new(event.prefixes(), self.form);
            writer.event(event, None);
            self.out.append(writer.out);
        }
        self.out.close("EventList");
        if is_query {
            self.out.close("resultsBody");
            self.out.close("epcisq:QueryResults");
        }
        self.out.close("EPCISBody");
    }

    /// An event. By itself it is in the standard's namespace.
    fn event(&mut self, event: &Event, namespace: Option<&str>) {
        let kind = event.kind();
        let name = kind.as_str();
        let tag = if namespace.is_some() { format!("epcis:{name}") } else { name.to_owned() };
        let wrappers = match (self.form.version, namespace, kind) {
            (XmlVersion::V1_2, None, EventKind::Transformation) => 1,
            (XmlVersion::V1_2, None, EventKind::Association) => 2,
            _ => 0,
        };
        (0..wrappers).for_each(|_| self.out.element("extension"));
        self.out.open(&tag);
        if let Some(namespace) = namespace {
            self.out.attribute("xmlns:epcis", namespace);
        }
        self.declare_names(event.json());
        self.out.attributes_end();
        match self.form.version {
            XmlVersion::V2_0 => self.fields_in(event.json(), &order_of(kind)),
            XmlVersion::V1_2 => self.fields_1_2(event.json(), kind),
        }
        for (name, value) in event.json().iter().filter(|(name, _)| is_extension(name, EVENT)) {
            if name != "type" {
                self.extension(name, value);
            }
        }
        self.out.close(&tag);
        (0..wrappers).for_each(|_| self.out.close("extension"));
    }

    /// The fields of an event where version 1.2 has them.
    fn fields_1_2(&mut self, event: &Object, kind: EventKind) {
        self.fields_in(event, &["eventTime", "recordTime", "eventTimeZoneOffset"]);
        let (base, newer_base) = (["eventID", "errorDeclaration"], ["certificationInfo"]);
        self.wrapped(event, "baseExtension", &base, &newer_base);
        let required = match kind {
            EventKind::Object | EventKind::Transaction => Some("epcList"),
            EventKind::Aggregation => Some("childEPCs"),
            EventKind::Transformation | EventKind::Association => None,
        };
        let first = 3 + base.len() + newer_base.len();
        let mut plain: Vec<&str> = order_of(kind).split_off(first);
        let mut added: Vec<&str> = Vec::new();
        let newer = ["sensorElementList", "persistentDisposition"];
        plain.retain(|name| !newer.contains(name));
        if required.is_some() {
            let later =
                ["quantityList", "childQuantityList", "sourceList", "destinationList", "ilmd"];
            added = plain.extract_if(.., |name| later.contains(name)).collect();
        }
        for name in plain {
            if required == Some(name) && event.get(name).is_none() {
                self.out.empty(name);
            }
            self.fields_in(event, &[name]);
        }
        if required.is_some() {
            self.wrapped(event, "extension", &added, &newer);
        } else {
            self.wrapped(event, "extension", &newer, &[]);
        }
    }

    /// Fields inside an element, and further ones one level deeper; nothing where there are none.
    fn wrapped(&mut self, event: &Object, tag: &str, names: &[&str], deeper: &[&str]) {
        let has = |names: &[&str]| names.iter().any(|name| event.get(name).is_some());
        if !has(names) && !has(deeper) {
            return;
        }
        self.out.element(tag);
        self.fields_in(event, names);
        self.wrapped(event, "extension", deeper, &[]);
        self.out.close(tag);
    }

    fn fields_in(&mut self, object: &Object, names: &[&str]) {
        for name in names {
            let field = EVENT.iter().find(|field| field.name == *name);
            let field = field.expect("the names are those of the table");
            self.fields(object, std::slice::from_ref(field));
        }
    }

    /// Fields that are elements, in the order of the table.
    fn fields(&mut self, object: &Object, shape: &[Field]) {
        for field in shape.iter().filter(|field| field.place != Place::Attribute) {
            let Some(value) = object.get(field.name) else { continue };
            match (value, field.place) {
                (Json::Array(items), Place::Elements | Place::OneOrMore) => {
                    items.iter().for_each(|item| self.value(field.xml, item, field.shape));
                }
                (value, _) => self.value(field.xml, value, field.shape),
            }
        }
    }

    fn value(&mut self, tag: &str, value: &Json, shape: Shape) {
        match (shape, value) {
            (Shape::List(name, item), Json::Array(items)) => {
                self.out.element(tag);
                items.iter().for_each(|entry| self.value(name, entry, *item));
                self.out.close(tag);
            }
            (Shape::Typed(name, vocabulary), Json::Object(object)) => {
                self.out.open(tag);
                if let Some(kind) = object.str("type") {
                    let word = self.word(kind, vocabulary);
                    self.out.attribute("type", &word);
                }
                self.out.attributes_end();
                self.out.text(&self.prefixes.expand(object.str(name).unwrap_or_default()));
                self.out.close(tag);
            }
            (Shape::Object(fields), Json::Object(object)) => self.object(tag, object, fields),
            (Shape::Described, Json::Object(object)) => {
                self.out.open(tag);
                self.out.attribute("id", object.str("id").unwrap_or_default());
                self.out.attributes_end();
                if let Some(inside) = object.get("attribute") {
                    self.inside(inside);
                }
                self.out.close(tag);
            }
            (_, Json::Null) => {}
            (shape, value) => {
                let text = self.scalar(value, shape);
                self.out.leaf(tag, &text);
            }
        }
    }

    fn object(&mut self, tag: &str, object: &Object, shape: &[Field]) {
        self.out.open(tag);
        for field in shape.iter().filter(|field| field.place == Place::Attribute) {
            if let Some(value) = object.get(field.name) {
                let text = self.scalar(value, field.shape);
                self.out.attribute(field.xml, &text);
            }
        }
        // Elements that have attributes only take extensions as attributes too.
        let has_attributes_only = shape.iter().all(|field| field.place == Place::Attribute);
        let as_attributes = has_attributes_only && !shape.is_empty();
        if as_attributes {
            for (name, value) in object.iter().filter(|(name, _)| is_extension(name, shape)) {
                if is_scalar(value) {
                    let text = self.scalar(value, Shape::Text);
                    let name = self.tag(name);
                    self.out.attribute(&name, &text);
                }
            }
        }
        self.out.attributes_end();
        self.fields(object, shape);
        self.extensions(object, shape, as_attributes);
        self.out.close(tag);
    }

    /// Fields that the table does not name.
    fn extensions(&mut self, object: &Object, shape: &[Field], without_scalars: bool) {
        for (name, value) in object.iter().filter(|(name, _)| is_extension(name, shape)) {
            if !(without_scalars && is_scalar(value)) {
                self.extension(name, value);
            }
        }
    }

    fn extension(&mut self, name: &str, value: &Json) {
        if *value == Json::Null {
            return;
        }
        let tag = self.tag(name);
        if let Some(item) = list_element(name) {
            let item = self.tag(item);
            self.list(&tag, &item, value);
            return;
        }
        match value {
            Json::Array(items) => items.iter().for_each(|item| self.anything(&tag, item)),
            single => self.anything(&tag, single),
        }
    }

    /// What the hash takes for a list: an element with an element for each entry.
    fn list(&mut self, tag: &str, item: &str, value: &Json) {
        let items = value.as_array().unwrap_or(std::slice::from_ref(value));
        if items.is_empty() {
            return;
        }
        self.out.element(tag);
        items.iter().for_each(|entry| self.anything(item, entry));
        self.out.close(tag);
    }

    fn anything(&mut self, tag: &str, value: &Json) {
        if let Json::Array(items) = value {
            items.iter().for_each(|item| self.anything(tag, item));
            return;
        }
        self.out.element(tag);
        self.inside(value);
        self.out.close(tag);
    }

    fn inside(&mut self, value: &Json) {
        match value {
            Json::Object(object) => {
                if let Some(text) = object.get("#text").filter(|text| is_scalar(text)) {
                    let text = self.scalar(text, Shape::Text);
                    self.out.text(&text);
                }
                for (name, value) in object.iter() {
                    if name != "#text" || !is_scalar(value) {
                        self.extension(name, value);
                    }
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.inside(item)),
            scalar => {
                let text = self.scalar(scalar, Shape::Text);
                self.out.text(&text);
            }
        }
    }

    fn scalar(&self, value: &Json, shape: Shape) -> String {
        match (shape, value) {
            (Shape::Word(vocabulary), Json::String(text)) => self.word(text, vocabulary),
            (_, Json::String(text)) => self.prefixes.expand(text).into_owned(),
            (Shape::Number, Json::Number(text)) => plain_decimal(text).unwrap_or(text.clone()),
            (_, Json::Number(text)) => text.clone(),
            (_, Json::Bool(value)) => value.to_string(),
            _ => String::new(),
        }
    }

    fn word(&self, text: &str, vocabulary: &Vocabulary) -> String {
        let text = self.prefixes.expand(text);
        let is_urn = self.form.version == XmlVersion::V1_2 || self.form.words == XmlWords::Urn;
        match vocabulary.term(&text) {
            Term::Word(word) => match vocabulary.urn.filter(|_| is_urn) {
                Some(urn) => format!("{urn}{word}"),
                None => format!("{}{word}", vocabulary.web),
            },
            _ => text.into_owned(),
        }
    }

    /// The tag of a field: with its prefix where its namespace is declared.
    fn tag(&self, name: &str) -> String {
        let Some((namespace, local)) = self.prefixes.resolve(name) else { return encoded(name) };
        match self.declared.get(namespace) {
            Some(prefix) if !local.is_empty() => format!("{prefix}:{}", encoded(local)),
            _ => encoded(name),
        }
    }

    /// Declares the namespaces of all names in an object.
    fn declare_names(&mut self, object: &Object) {
        let mut found = BTreeMap::new();
        collect(self.prefixes, object, &mut found);
        for (namespace, prefix) in found {
            let is_taken = |prefix: &str| self.declared.values().any(|taken| taken == prefix);
            let mut chosen = prefix.to_owned();
            let mut number = 0;
            while is_taken(&chosen) || !is_xml_prefix(&chosen) {
                number += 1;
                chosen = format!("ext{number}");
            }
            self.out.attribute(&format!("xmlns:{chosen}"), namespace);
            self.declared.insert(namespace.to_owned(), chosen);
        }
    }
}

/// The fields of a type of event in the order of the schema of 2.0.
fn order_of(kind: EventKind) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = EVENT.iter().map(|field| field.name).collect();
    let first_of_kind = 6;
    let (moved, before) = match kind {
        EventKind::Transaction => ("bizTransactionList", first_of_kind),
        EventKind::Association => ("childQuantityList", first_of_kind + 3),
        _ => return names,
    };
    names.retain(|name| *name != moved);
    names.insert(before, moved);
    names
}

fn is_extension(name: &str, shape: &[Field]) -> bool {
    name != "@context" && !shape.iter().any(|field| field.name == name)
}

fn is_scalar(value: &Json) -> bool {
    matches!(value, Json::String(_) | Json::Number(_) | Json::Bool(_))
}
