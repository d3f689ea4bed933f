//! Reads the `sol!` block of an `abi.rs`.

use super::{Function, Interface, Item, Parameter};

/// The text of an interface is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("interface is not understood: {0}")]
pub struct InterfaceError(String);

type Read<T> = Result<T, InterfaceError>;

/// Words that say where a parameter lives; the ABI does not know them.
const LOCATIONS: [&str; 3] = ["memory", "calldata", "storage"];

pub(super) fn read(source: &str) -> Read<Interface> {
    let (_, block) = source.split_once("sol! {").ok_or_else(|| error("no `sol!` block"))?;
    let mut reader = Reader { rest: block };
    let doc = reader.doc();
    let name = reader.until('{')?.trim();
    let name = name.strip_prefix("interface ").ok_or_else(|| error("no `interface`"))?;
    let mut interface = Interface { name: name.trim().to_owned(), doc, ..Interface::default() };
    loop {
        let doc = reader.doc();
        if reader.rest.starts_with('}') {
            return Ok(interface);
        }
        read_item(&mut reader, &mut interface, doc)?;
    }
}

fn read_item(reader: &mut Reader<'_>, interface: &mut Interface, doc: String) -> Read<()> {
    let (keyword, rest) =
        reader.rest.split_once(' ').ok_or_else(|| error("the interface does not end"))?;
    reader.rest = rest;
    match keyword {
        "struct" => {
            let name = reader.until('{')?.trim().to_owned();
            let body = reader.until('}')?;
            let fields = body.split(';').filter(|field| !field.trim().is_empty());
            let parameters = fields.map(parameter).collect::<Read<_>>()?;
            interface.structs.push(Item { name, doc, parameters });
        }
        "event" => interface.events.push(signature(reader.until(';')?, doc)?.0),
        "error" => interface.errors.push(signature(reader.until(';')?, doc)?.0),
        "function" => {
            let (item, tail) = signature(reader.until(';')?, doc)?;
            let (modifiers, returns) = tail.split_once("returns").unwrap_or((tail, ""));
            let returns = returns.trim().trim_start_matches('(').trim_end_matches(')');
            let is_view = modifiers.split_whitespace().any(|word| word == "view" || word == "pure");
            interface.functions.push(Function { item, returns: list(returns)?, is_view });
        }
        other => return Err(error(&format!("`{other}` begins no item"))),
    }
    Ok(())
}

/// `name(parameters) tail`.
fn signature(text: &str, doc: String) -> Read<(Item, &str)> {
    let (name, rest) = text.split_once('(').ok_or_else(|| error(&format!("`{text}`")))?;
    let (parameters, tail) = rest.split_once(')').ok_or_else(|| error(&format!("`{text}`")))?;
    let item = Item { name: name.trim().to_owned(), doc, parameters: list(parameters)? };
    Ok((item, tail))
}

fn list(text: &str) -> Read<Vec<Parameter>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(parameter).collect()
}

fn parameter(text: &str) -> Read<Parameter> {
    let mut words = text.split_whitespace().filter(|word| !LOCATIONS.contains(word)).peekable();
    let kind = words.next().ok_or_else(|| error("a parameter without a type"))?.to_owned();
    let is_indexed = words.next_if_eq(&"indexed").is_some();
    let name = words.next().unwrap_or_default().to_owned();
    match words.next() {
        None => Ok(Parameter { kind, name, is_indexed }),
        Some(_) => Err(error(&format!("parameter `{}`", text.trim()))),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The documentation before the next item, without attributes and plain comments.
    fn doc(&mut self) -> String {
        let mut lines = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            let (line, after) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            if let Some(text) = line.strip_prefix("///") {
                lines.push(text.trim());
            } else if !line.starts_with("#[") && !line.starts_with("//") {
                return lines.join("\n");
            }
            self.rest = after;
        }
    }

    fn until(&mut self, end: char) -> Read<&'a str> {
        let (before, after) =
            self.rest.split_once(end).ok_or_else(|| error(&format!("no `{end}`")))?;
        self.rest = after;
        Ok(before)
    }
}

fn error(what: &str) -> InterfaceError {
    InterfaceError(what.to_owned())
}
