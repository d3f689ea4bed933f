//! Writes an interface as Solidity, with its documentation as natspec.

use std::fmt::Write as _;

use super::{Function, Interface, Item, Parameter, split_array};

/// Words that Solidity keeps for itself and that a name here may be all the same.
const RESERVED: [&str; 12] = [
    "after",
    "alias",
    "case",
    "default",
    "final",
    "in",
    "match",
    "null",
    "of",
    "partial",
    "reference",
    "var",
];

/// Columns of a line of documentation.
const WIDTH: usize = 96;

pub(super) fn write(interface: &Interface) -> String {
    let mut text = String::new();
    doc(&mut text, "", "@title", &interface.name);
    doc(&mut text, "", "@notice", &interface.doc);
    line(&mut text, &format!("interface {} {{", interface.name));
    for item in &interface.structs {
        remark(&mut text, &item.doc);
        line(&mut text, &format!("    struct {} {{", item.name));
        for field in &item.parameters {
            let name = unreserved(&field.name);
            line(&mut text, &format!("        {} {name};", field.kind));
        }
        line(&mut text, "    }\n");
    }
    for item in &interface.events {
        documented(&mut text, item);
        let list = parameters(interface, &item.parameters, None);
        line(&mut text, &format!("    event {}({list});\n", item.name));
    }
    for item in &interface.errors {
        documented(&mut text, item);
        let list = parameters(interface, &item.parameters, None);
        line(&mut text, &format!("    error {}({list});\n", item.name));
    }
    for function in &interface.functions {
        documented(&mut text, &function.item);
        line(&mut text, &format!("    {}\n", signature(interface, function)));
    }
    let end = text.trim_end().len();
    text.truncate(end);
    text.push_str("\n}\n");
    text
}

fn signature(interface: &Interface, function: &Function) -> String {
    let list = parameters(interface, &function.item.parameters, Some("calldata"));
    let mut text = format!("function {}({list}) external", function.item.name);
    if function.is_view {
        text.push_str(" view");
    }
    if !function.returns.is_empty() {
        let list = parameters(interface, &function.returns, Some("memory"));
        write!(text, " returns ({list})").expect("writing to a string does not fail");
    }
    text.push(';');
    text
}

/// Parameters as they stand in a signature; `location` is where values that are no words live.
fn parameters(interface: &Interface, list: &[Parameter], location: Option<&str>) -> String {
    let entries = list.iter().map(|one| {
        let mut words = vec![one.kind.clone()];
        if one.is_indexed {
            words.push("indexed".to_owned());
        }
        words.extend(location.filter(|_| is_reference(interface, one)).map(str::to_owned));
        match location {
            _ if one.name.is_empty() => {}
            Some(_) => words.push(unshadowing(interface, &one.name)),
            None => words.push(unreserved(&one.name)),
        }
        words.join(" ")
    });
    entries.collect::<Vec<_>>().join(", ")
}

fn is_reference(interface: &Interface, one: &Parameter) -> bool {
    let (base, suffix) = split_array(&one.kind);
    !suffix.is_empty() || matches!(base, "string" | "bytes") || interface.fields(base).is_some()
}

/// The name of a function's parameter, with a line below it where it would hide an item.
fn unshadowing(interface: &Interface, name: &str) -> String {
    let functions = interface.functions.iter().map(|function| &function.item);
    let items = interface.structs.iter().chain(&interface.events).chain(&interface.errors);
    if items.chain(functions).any(|item| item.name == name) {
        return format!("{name}_");
    }
    unreserved(name)
}

/// The name, with a line below it where it is a word of the language.
fn unreserved(name: &str) -> String {
    if RESERVED.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

fn documented(text: &mut String, item: &Item) {
    let (notice, remedy) = item.doc.split_once("Remedy:").unwrap_or((&item.doc, ""));
    doc(text, "    ", "@notice", notice);
    if !remedy.is_empty() {
        doc(text, "    ", "@dev", &format!("Remedy: {}", remedy.trim()));
    }
}

fn doc(text: &mut String, indent: &str, tag: &str, words: &str) {
    wrapped(text, &format!("{indent}///"), &format!("{tag} {words}"));
}

/// Solidity takes no natspec on a struct.
fn remark(text: &mut String, words: &str) {
    wrapped(text, "    //", words);
}

fn wrapped(text: &mut String, lead: &str, words: &str) {
    let mut current = lead.to_owned();
    for word in words.split_whitespace() {
        if current.len() > lead.len() && current.len() + 1 + word.len() > WIDTH {
            line(text, &current);
            current = lead.to_owned();
        }
        current.push(' ');
        current.push_str(word);
    }
    if current.len() > lead.len() {
        line(text, &current);
    }
}

fn line(text: &mut String, words: &str) {
    text.push_str(words);
    text.push('\n');
}
