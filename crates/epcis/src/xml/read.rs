//! Documents in XML.

use super::BUSINESS_HEADER;
use super::fields::Fields;
use super::names::Prefixing;
use super::path::xml_path;
use super::shape::{DOCUMENT, EVENT};
use super::tree::{self, Element, Tree};
use crate::context::Prefixes;
use crate::document::{Document, check_event};
use crate::event::{Event, EventKind};
use crate::json::{Json, Object};
use crate::limits::Limits;
use crate::problem::Problem;
use crate::uri::excerpt;
use crate::validate::{self, Check};
use std::sync::Arc;

/// Reads and validates a document in XML: an `EPCISDocument` or `EPCISQueryDocument` of version
/// 1.2 or 2.0, or one event by itself.
///
/// # Errors
/// Everything that is wrong, in the order of the document, up to the limit. Fields are named by the
/// path of their elements.
pub fn parse_xml(bytes: &[u8], limits: &Limits) -> Result<Document, Vec<Problem>> {
    let tree = tree::read(bytes, limits).map_err(|problem| vec![problem])?;
    let mut check = Check::new(limits);
    let document = match tree.root.name.as_str() {
        name if !tree.is_standard(tree.root.namespace) => {
            let rule = format!("`{}` is not in a namespace of EPCIS", excerpt(name));
            check.problem("epcis.xml_unknown_document", rule);
            Document::default()
        }
        "EPCISDocument" | "EPCISQueryDocument" => document(&tree, &mut check, limits),
        name if EventKind::from_name(name).is_some() => {
            let event = event(&tree, &tree.root, &mut check, limits);
            Document { events: event.into_iter().collect(), ..Document::default() }
        }
        name => {
            let rule = format!(
                "`{}` is neither `EPCISDocument` nor `EPCISQueryDocument` nor an event",
                excerpt(name)
            );
            check.problem("epcis.xml_unknown_document", rule);
            Document::default()
        }
    };
    let named = |mut problems: Vec<Problem>| {
        let is_query = tree.root.name == "EPCISQueryDocument";
        for problem in &mut problems {
            problem.field = xml_path(&problem.field, problem.event.is_some(), is_query);
        }
        problems
    };
    match check.finish() {
        Ok(refused) => Ok(Document { refused: named(refused), ..document }),
        Err(problems) => Err(named(problems)),
    }
}

fn document(tree: &Tree, check: &mut Check<'_>, limits: &Limits) -> Document {
    let root = &tree.root;
    let body = child(tree, root, "EPCISBody");
    let is_query = root.name == "EPCISQueryDocument";
    let holder = if is_query {
        let results = body.and_then(|body| child(tree, body, "QueryResults"));
        results.and_then(|results| child(tree, results, "resultsBody"))
    } else {
        body
    };
    let list = holder.and_then(|holder| child(tree, holder, "EventList"));
    let frame = frame(tree, check, limits, list);
    let context = frame.get("@context").unwrap_or(&Json::Null);
    check.set_prefixes(&Arc::new(Prefixes::default().with_context(context)));
    validate::document(check, &frame);
    let mut entries = Vec::new();
    if let Some(list) = list {
        gather_events(tree, list, &mut entries);
    }
    if entries.len() > limits.events_max {
        let (count, most) = (entries.len(), limits.events_max);
        let rule = format!("a document has at most {most} events, not {count}");
        check.problem("epcis.limit_events", rule);
        return Document::default();
    }
    let mut events = Vec::with_capacity(entries.len());
    for (index, entry) in entries.into_iter().enumerate() {
        if check.is_full() {
            break;
        }
        check.enter_event(index, "eventList");
        events.extend(event(tree, entry, check, limits));
        check.leave_event();
    }
    Document { events, frame, refused: Vec::new() }
}

/// The document without its events, as JSON names its fields.
fn frame(tree: &Tree, check: &mut Check<'_>, limits: &Limits, list: Option<&Element>) -> Object {
    let root = &tree.root;
    // The events choose their own prefixes.
    let prefixing = Prefixing::new(tree, root, list);
    let mut fields = Fields { tree, prefixing, check, limits, without: list };
    let mut frame = fields.object(root, DOCUMENT);
    frame.push("type".to_owned(), Json::String(root.name.clone()));
    frame.push("@context".to_owned(), fields.prefixing.context());
    for (name, path) in [
        ("sender", ["Sender", "Identifier"]),
        ("receiver", ["Receiver", "Identifier"]),
        ("instanceIdentifier", ["DocumentIdentification", "InstanceIdentifier"]),
    ] {
        if let Some(text) = business_header(tree, root, path) {
            frame.push(name.to_owned(), Json::String(text));
        }
    }
    // A document without a list of events has none; the rules want the list to be there.
    if let (Some(_), Some(Json::Object(body))) = (list, frame.get_mut("epcisBody")) {
        let holder = match body.get_mut("queryResults") {
            Some(Json::Object(results)) => match results.get_mut("resultsBody") {
                Some(Json::Object(results_body)) => results_body,
                _ => return frame,
            },
            _ => body,
        };
        holder.push("eventList".to_owned(), Json::Array(Vec::new()));
    }
    frame
}

fn business_header(tree: &Tree, root: &Element, path: [&str; 2]) -> Option<String> {
    let header = child(tree, root, "EPCISHeader")?;
    let of_header = |element: &Element| tree.uri(element.namespace) == BUSINESS_HEADER;
    let mut found = header
        .children
        .iter()
        .find(|element| of_header(element) && element.name == "StandardBusinessDocumentHeader")?;
    for name in path {
        found = found.children.iter().find(|element| of_header(element) && element.name == name)?;
    }
    let text = found.text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The events of a list, also those that version 1.2 put into an `extension`.
fn gather_events<'a>(tree: &Tree, list: &'a Element, entries: &mut Vec<&'a Element>) {
    for element in &list.children {
        if tree.is_standard(element.namespace) && element.name == "extension" {
            gather_events(tree, element, entries);
        } else {
            entries.push(element);
        }
    }
}

/// Reads one event. None where it has a problem.
fn event(tree: &Tree, element: &Element, check: &mut Check<'_>, limits: &Limits) -> Option<Event> {
    let before = check.count();
    let prefixing = Prefixing::new(tree, element, None);
    let mut fields = Fields { tree, prefixing, check, limits, without: None };
    let read = fields.object(element, EVENT);
    let mut object = Object::default();
    object.push("@context".to_owned(), fields.prefixing.context());
    let name = if tree.is_standard(element.namespace) { element.name.as_str() } else { "" };
    object.push("type".to_owned(), Json::String(name.to_owned()));
    for (name, value) in read {
        if object.get(&name).is_some() {
            check.at(&name, |check| {
                check.problem("epcis.unknown_field", "the name has another meaning in JSON-LD");
            });
            continue;
        }
        object.push(name, value);
    }
    let mut json = Json::Object(object);
    json.drop_comments();
    let Json::Object(object) = json else { return None };
    let event = check_event(check, object, &Arc::<Prefixes>::default(), true);
    event.filter(|_| check.count() == before)
}

fn child<'a>(tree: &Tree, element: &'a Element, name: &str) -> Option<&'a Element> {
    let is_wanted = |child: &&Element| tree.is_standard(child.namespace) && child.name == name;
    element.children.iter().find(is_wanted)
}
