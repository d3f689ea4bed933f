//! XML as a tree of elements, with a bound on everything.

use quick_xml::{
    Reader,
    escape::escape,
    events::{BytesRef, BytesStart, Event},
};

use crate::problem::Problem;

const DOCUMENT_BYTES_MAX: usize = 10 * 1024 * 1024;
const DEPTH_MAX: usize = 32;
const ELEMENTS_MAX: usize = 200_000;
const TEXT_BYTES_MAX: usize = 2_048;

/// An element by its local name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    pub(crate) fn leaf(name: &str, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::new(name) }
    }

    pub(crate) fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    pub(crate) fn with_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// An element and the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    pub(crate) element: &'a Element,
    pub(crate) path: String,
}

impl<'a> Node<'a> {
    pub(crate) fn root(element: &'a Element) -> Self {
        Self { element, path: element.name.clone() }
    }

    /// The first element on a path of names.
    pub(crate) fn find(&self, path: &str) -> Option<Self> {
        let mut node = self.clone();
        for name in path.split('/') {
            node = node.all(name).next()?;
        }
        Some(node)
    }

    /// The first element on a path of names, which must be there.
    pub(crate) fn need(&self, path: &str) -> Result<Self, Problem> {
        let missing = || {
            let path = format!("{}/{path}", self.path);
            Problem::new("iso20022.missing", &path, "must be there")
        };
        self.find(path).ok_or_else(missing)
    }

    /// Every child of a name; one of several has its number in its path, from 1, as XPath counts.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = Self> + use<'a> {
        let (path, name) = (format!("{}/{name}", self.path), name.to_owned());
        let children = self.element.children.iter().filter(move |child| child.name == name);
        let is_single = children.clone().nth(1).is_none();
        children.enumerate().map(move |(nth, element)| {
            let place = if is_single { String::new() } else { format!("[{}]", nth + 1) };
            Self { path: format!("{path}{place}"), element }
        })
    }

    /// The text, which is neither empty nor longer than this many characters.
    pub(crate) fn text(&self, characters_max: usize) -> Result<String, Problem> {
        let text = self.element.text.trim();
        let count = text.chars().count();
        if count == 0 || count > characters_max {
            let rule = format!("must have 1 to {characters_max} characters");
            return Err(Problem::malformed(&self.path, rule));
        }
        Ok(text.to_owned())
    }
}

/// Reads a document: the name of the message in its namespace, and the element of the message.
pub(crate) fn read(bytes: &[u8], message: &str) -> Result<Element, Problem> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        let rule = "must have at most 10 MiB";
        return Err(Problem::new("iso20022.too_large", "", rule));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::malformed("", "must be encoded in UTF-8"))?;
    let document = parse(text.trim_start_matches('\u{feff}'))?;
    let prefix = format!("urn:iso:std:iso:20022:tech:xsd:{message}.001.");
    let is_message = document.attributes.iter().any(|(name, value)| {
        (name == "xmlns" || name.starts_with("xmlns:")) && value.starts_with(&prefix)
    });
    if document.name != "Document" || !is_message {
        let rule = format!("must be a `Document` in the namespace of `{message}.001`");
        return Err(Problem::new("iso20022.other_message", &document.name, rule));
    }
    let mut children = document.children.into_iter();
    children.next().ok_or_else(|| Problem::new("iso20022.missing", "Document", "is empty"))
}

fn parse(text: &str) -> Result<Element, Problem> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut elements = 0;
    let mut root = None;
    loop {
        let event = reader.read_event().map_err(|error| {
            let rule = format!("is no well-formed XML: {error}");
            Problem::malformed("", rule)
        })?;
        match event {
            Event::Start(start) => {
                elements += 1;
                if root.is_some() {
                    return Err(Problem::malformed("", "must have one root element"));
                }
                if open.len() >= DEPTH_MAX || elements > ELEMENTS_MAX {
                    let rule = "must have at most 200,000 elements, 32 deep";
                    return Err(Problem::new("iso20022.too_large", &path(&open), rule));
                }
                open.push(element(&start, &open)?);
            }
            Event::End(_) => {
                let done = open.pop().ok_or_else(|| Problem::malformed("", "ends too early"))?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => root = Some(done),
                }
            }
            Event::Text(text) => append(&mut open, &text.decode().map_err(|_| not_utf8())?)?,
            Event::CData(text) => append(&mut open, &text.decode().map_err(|_| not_utf8())?)?,
            Event::GeneralRef(reference) => {
                let letter = resolve(&reference)
                    .ok_or_else(|| Problem::malformed(&path(&open), "has an unknown entity"))?;
                append(&mut open, letter.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => {
                let rule = "must have no document type declaration";
                return Err(Problem::new("iso20022.document_type", "", rule));
            }
            Event::Eof => {
                return root.ok_or_else(|| Problem::malformed(&path(&open), "ends too early"));
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>, open: &[Element]) -> Result<Element, Problem> {
    let name = utf8(start.local_name().as_ref())?;
    let mut element = Element::new(&name);
    for attribute in start.attributes() {
        let malformed =
            || Problem::malformed(&format!("{}/{name}", path(open)), "has a wrong attribute");
        let attribute = attribute.map_err(|_| malformed())?;
        let value = attribute.unescape_value().map_err(|_| malformed())?;
        if value.len() > TEXT_BYTES_MAX || element.attributes.len() >= DEPTH_MAX {
            return Err(malformed());
        }
        let key = utf8(attribute.key.as_ref())?;
        element.attributes.push((key, value.into_owned()));
    }
    Ok(element)
}

fn append(open: &mut [Element], text: &str) -> Result<(), Problem> {
    let path = path(open);
    let Some(element) = open.last_mut() else {
        let is_space = text.trim().is_empty();
        return if is_space { Ok(()) } else { Err(Problem::malformed("", "has text outside")) };
    };
    // Space between elements is not kept, so that it cannot fill the bound.
    if element.text.is_empty() && text.trim().is_empty() {
        return Ok(());
    }
    if element.text.len() + text.len() > TEXT_BYTES_MAX {
        return Err(Problem::new("iso20022.too_large", &path, "must have at most 2,048 bytes"));
    }
    element.text.push_str(text);
    Ok(())
}

fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    if let Some(letter) = reference.resolve_char_ref().ok()? {
        return Some(letter);
    }
    match reference.decode().ok()?.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

fn path(open: &[Element]) -> String {
    let names: Vec<&str> = open.iter().map(|element| element.name.as_str()).collect();
    names.join("/")
}

fn utf8(bytes: &[u8]) -> Result<String, Problem> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| not_utf8())
}

fn not_utf8() -> Problem {
    Problem::malformed("", "must be encoded in UTF-8")
}

/// Writes a document in the namespace of a message with its version.
pub(crate) fn write(message: &str, content: &Element) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{message}\">\n"
    );
    write_element(&mut text, content, 1);
    text.push_str("</Document>\n");
    text
}

/// Elements are nested as deep as the messages of this crate are.
fn write_element(text: &mut String, element: &Element, depth: usize) {
    let indent = "  ".repeat(depth);
    text.push_str(&format!("{indent}<{}", element.name));
    for (name, value) in &element.attributes {
        text.push_str(&format!(" {name}=\"{}\"", escape(value)));
    }
    if element.children.is_empty() {
        text.push_str(&format!(">{}</{}>\n", escape(&element.text), element.name));
        return;
    }
    text.push_str(">\n");
    for child in &element.children {
        write_element(text, child, depth + 1);
    }
    text.push_str(&format!("{indent}</{}>\n", element.name));
}
