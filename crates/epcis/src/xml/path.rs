//! The path of an element for the path of a field: `EPCISBody/EventList/*[2]/bizStep`.

use super::shape::{DOCUMENT, EVENT, Field, Place, Shape};
use std::fmt::Write;

/// The path in XML of a field that has this path in JSON.
pub(super) fn xml_path(path: &str, is_event: bool, is_query: bool) -> String {
    let mut out = String::new();
    let mut shape = Shape::Object(if is_event { EVENT } else { DOCUMENT });
    let mut rest = path;
    if let Some(inside) = path.strip_prefix("eventList[").filter(|_| is_event) {
        let (index, after) = inside.split_once(']').unwrap_or((inside, ""));
        let list = if is_query {
            "EPCISBody/QueryResults/resultsBody/EventList"
        } else {
            "EPCISBody/EventList"
        };
        write!(out, "{list}/*[{}]", counted(index)).expect("a string takes it");
        rest = after;
    }
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        match (shape, rest.strip_prefix('[')) {
            (Shape::List(name, item), Some(inside)) => {
                let (index, after) = inside.split_once(']').unwrap_or((inside, ""));
                write!(out, "/{name}[{}]", counted(index)).expect("a string takes it");
                (shape, rest) = (*item, after);
            }
            (Shape::List(..), None) => return joined(out, rest),
            (_, Some(inside)) => {
                let (index, after) = inside.split_once(']').unwrap_or((inside, ""));
                write!(out, "[{}]", counted(index)).expect("a string takes it");
                rest = after;
            }
            (Shape::Typed(..), None) => {
                // The identifier is the text of the element itself.
                return if rest == "type" { joined(out, "@type") } else { out };
            }
            (Shape::Object(fields), None) => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let Some(field) = fields.iter().find(|field| field.name == &rest[..end]) else {
                    return joined(out, rest);
                };
                out = joined(out, &step(field));
                (shape, rest) = (field.shape, &rest[end..]);
            }
            (_, None) => return joined(out, rest),
        }
    }
    out
}

fn step(field: &Field) -> String {
    match field.place {
        Place::Attribute => format!("@{}", field.xml),
        _ => field.xml.to_owned(),
    }
}

fn joined(mut path: String, step: &str) -> String {
    if !path.is_empty() && !step.is_empty() {
        path.push('/');
    }
    path.push_str(step);
    path
}

/// XML counts from one.
fn counted(index: &str) -> usize {
    index.parse::<usize>().map_or(0, |index| index + 1)
}
