//! The page of the reference that is made from a module's sources.

use std::{fs, path::Path};

use super::snapshot;
use crate::interface::{Function, Interface, Item};

/// Compares `docs/modules/<name>.md` with what the sources say, or writes it.
#[track_caller]
pub(crate) fn check(docs: &Path, name: &str, sources: &Path, address: &str) {
    let page = fs::read_to_string(sources.join("mod.rs")).expect("a module has a `mod.rs`");
    let abi = fs::read_to_string(sources.join("abi.rs")).expect("a module has an `abi.rs`");
    let interface = Interface::read(&abi).expect("the reader understands the interface");
    let text = text(name, address, &page, &interface);
    snapshot::check(docs, &format!("{name}.md"), &text);
}

fn text(name: &str, address: &str, page: &str, interface: &Interface) -> String {
    let mut text = format!("# `{name}`\n\n");
    if !address.is_empty() {
        text.push_str(&format!("Address `{address}`, interface `{}`.\n\n", interface.name));
    }
    let docs = page.lines().map_while(|line| line.strip_prefix("//!"));
    for line in docs.map(|line| line.strip_prefix(' ').unwrap_or(line)) {
        // Headings go one level down; links of rustdoc lead nowhere here.
        let mark = if line.starts_with("# ") { "#" } else { "" };
        text.push_str(&format!("{mark}{}\n", line.replace("[`", "`").replace("`]", "`")));
    }
    let (views, calls): (Vec<&Function>, Vec<&Function>) =
        interface.functions.iter().partition(|function| function.is_view);
    functions(&mut text, "Calls", &calls);
    functions(&mut text, "Views", &views);
    items(&mut text, "Records", &interface.structs);
    items(&mut text, "Events", &interface.events);
    refusals(&mut text, name, interface);
    text
}

fn functions(text: &mut String, heading: &str, functions: &[&Function]) {
    if functions.is_empty() {
        return;
    }
    text.push_str(&format!("\n## {heading}\n\n"));
    for function in functions {
        let returns: Vec<String> = function
            .returns
            .iter()
            .map(|one| format!("{} {}", one.kind, one.name).trim().to_owned())
            .collect();
        let returns = returns.join(", ");
        let arrow = if returns.is_empty() { "" } else { " → " };
        let (name, doc) = (signature(&function.item), one_line(&function.item.doc));
        text.push_str(&format!("- `{name}`{arrow}{returns}: {doc}\n"));
    }
}

fn items(text: &mut String, heading: &str, items: &[Item]) {
    if items.is_empty() {
        return;
    }
    text.push_str(&format!("\n## {heading}\n\n"));
    for item in items {
        text.push_str(&format!("- `{}`: {}\n", signature(item), one_line(&item.doc)));
    }
}

fn refusals(text: &mut String, name: &str, interface: &Interface) {
    if interface.errors.is_empty() {
        return;
    }
    text.push_str("\n## Refusals\n\n| code | cause | remedy |\n|---|---|---|\n");
    for error in &interface.errors {
        let (cause, remedy) = error.doc.split_once("Remedy:").unwrap_or((&error.doc, ""));
        let code = crate::refusal::snake_case(&error.name);
        let (cause, remedy) = (one_line(cause), one_line(remedy));
        text.push_str(&format!("| `{name}.{code}` | {cause} | {remedy} |\n"));
    }
}

/// `name(kind one, kind two)`.
fn signature(item: &Item) -> String {
    let parameters: Vec<String> =
        item.parameters.iter().map(|one| format!("{} {}", one.kind, one.name)).collect();
    format!("{}({})", item.name, parameters.join(", "))
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
