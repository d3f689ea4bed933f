//! Writes the JSON ABI of an interface.

use std::fmt::Write as _;

use super::{Interface, Item, Parameter, split_array};

pub(super) fn write(interface: &Interface) -> String {
    let functions = interface.functions.iter().map(|function| {
        let item = &function.item;
        let inputs = parameters(interface, &item.parameters, false);
        let outputs = parameters(interface, &function.returns, false);
        let mutability = if function.is_view { "view" } else { "nonpayable" };
        format!(
            r#"{{"type":"function","name":"{}","inputs":{inputs},"outputs":{outputs},"stateMutability":"{mutability}"}}"#,
            item.name
        )
    });
    let events = interface.events.iter().map(|item| {
        let inputs = parameters(interface, &item.parameters, true);
        format!(r#"{{"type":"event","name":"{}","inputs":{inputs},"anonymous":false}}"#, item.name)
    });
    let errors = interface.errors.iter().map(|item: &Item| {
        let inputs = parameters(interface, &item.parameters, false);
        format!(r#"{{"type":"error","name":"{}","inputs":{inputs}}}"#, item.name)
    });
    let lines: Vec<String> = functions.chain(events).chain(errors).collect();
    format!("[\n  {}\n]\n", lines.join(",\n  "))
}

fn parameters(interface: &Interface, list: &[Parameter], is_event: bool) -> String {
    let entries: Vec<String> = list.iter().map(|one| parameter(interface, one, is_event)).collect();
    format!("[{}]", entries.join(","))
}

fn parameter(interface: &Interface, one: &Parameter, is_event: bool) -> String {
    let (base, suffix) = split_array(&one.kind);
    let fields = interface.fields(base);
    let kind = if fields.is_some() { format!("tuple{suffix}") } else { one.kind.clone() };
    let mut text = format!(r#"{{"name":"{}","type":"{kind}""#, one.name);
    if let Some(fields) = fields {
        let name = &interface.name;
        let components = parameters(interface, fields, false);
        write!(text, r#","internalType":"struct {name}.{base}{suffix}","components":{components}"#)
            .expect("writing to a string does not fail");
    }
    if is_event {
        write!(text, r#","indexed":{}"#, one.is_indexed)
            .expect("writing to a string does not fail");
    }
    text.push('}');
    text
}
