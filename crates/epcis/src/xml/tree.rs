//! XML as a tree of elements with their namespaces, within limits.

use crate::limits::Limits;
use crate::problem::Problem;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use std::collections::BTreeMap;

/// Attributes of one element, and prefixes in force at one place.
const ATTRIBUTES_MAX: usize = 128;

/// A level of XML may become two of JSON, an array and the object in it.
const DEPTH_SHARE: usize = 2;

/// A namespace by its number in the tree; 0 is none.
pub(super) type Namespace = usize;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) namespace: Namespace,
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Element>,
    /// All text directly inside.
    pub(super) text: String,
}

/// An attribute that is not a declaration of a namespace.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) namespace: Namespace,
    pub(super) name: String,
    pub(super) value: String,
}

/// A document: its root and the namespaces that it names.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Element,
    /// Each namespace with the prefix that it first had; the first is none.
    namespaces: Vec<(String, String)>,
}

impl Tree {
    /// The URI of a namespace; empty for none.
    pub(super) fn uri(&self, namespace: Namespace) -> &str {
        &self.namespaces[namespace].0
    }

    /// The prefix that a namespace first had; empty where it was the default.
    pub(super) fn prefix(&self, namespace: Namespace) -> &str {
        &self.namespaces[namespace].1
    }

    /// Whether names of this namespace are the standard's own.
    pub(super) fn is_standard(&self, namespace: Namespace) -> bool {
        namespace == 0 || super::NAMESPACES.contains(&self.uri(namespace))
    }
}

/// Reads a document.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Tree, Problem> {
    if bytes.len() > limits.document_bytes_max {
        let (most, has) = (limits.document_bytes_max, bytes.len());
        let rule = format!("a document has at most {most} bytes, this one has {has}");
        return Err(problem("epcis.limit_bytes", "", rule));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| problem("epcis.xml_syntax", "", "a document is UTF-8 text"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut builder = Builder::new(limits);
    loop {
        let event = reader.read_event().map_err(|error| {
            let place = place(text, reader.error_position());
            builder.problem("epcis.xml_syntax", format!("{error} ({place})"))
        })?;
        match event {
            Event::Start(start) => builder.start(&start)?,
            Event::End(_) => builder.end()?,
            Event::Text(part) => {
                let part = part.decode().map_err(|_| builder.not_utf8())?;
                builder.text(&lines(&part))?;
            }
            Event::CData(part) => {
                let part = part.decode().map_err(|_| builder.not_utf8())?;
                builder.text(&lines(&part))?;
            }
            Event::GeneralRef(reference) => builder.reference(&reference)?,
            // A name alone declares nothing; published examples have `<!DOCTYPE project>`.
            Event::DocType(name) if name.iter().all(|byte| is_plain(*byte)) => {}
            Event::DocType(_) => {
                let rule = "a document type declares nothing: no entities, no elements, no file";
                return Err(builder.problem("epcis.xml_document_type", rule));
            }
            Event::Decl(declaration) => builder.declaration(&declaration)?,
            Event::Eof => return builder.finish(),
            Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
        }
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.')
}

fn place(text: &str, position: u64) -> String {
    let at = usize::try_from(position).unwrap_or(usize::MAX).min(text.len());
    let before = &text.as_bytes()[..at];
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let line_from = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    format!("line {line}, column {}", 1 + at - line_from)
}

/// Line ends as XML 1.0 wants them read (§2.11).
fn lines(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
}

fn problem(code: &'static str, field: &str, rule: impl Into<String>) -> Problem {
    Problem { event: None, field: field.to_owned(), code, rule: rule.into() }
}

struct Builder<'a> {
    limits: &'a Limits,
    open: Vec<Element>,
    root: Option<Element>,
    /// Elements and attributes so far.
    values: usize,
    namespaces: Vec<(String, String)>,
    numbers: BTreeMap<String, Namespace>,
    /// Prefixes in force, and how many there were before each open element.
    scope: Vec<(String, Namespace)>,
    scope_from: Vec<usize>,
}

impl<'a> Builder<'a> {
    fn new(limits: &'a Limits) -> Self {
        let xml = ("http://www.w3.org/XML/1998/namespace".to_owned(), "xml".to_owned());
        let mut builder = Self {
            limits,
            open: Vec::new(),
            root: None,
            values: 0,
            namespaces: vec![(String::new(), String::new())],
            numbers: BTreeMap::from([(String::new(), 0)]),
            scope: Vec::new(),
            scope_from: Vec::new(),
        };
        let number = builder.number(&xml.0, &xml.1);
        builder.scope.push((xml.1, number));
        builder
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Problem> {
        if self.root.is_some() {
            return Err(self.problem("epcis.xml_syntax", "nothing may follow the document"));
        }
        let depth_max = self.limits.depth_max.min(128) / DEPTH_SHARE;
        if self.open.len() >= depth_max {
            let rule = format!("elements nest at most {depth_max} deep");
            return Err(self.problem("epcis.limit_depth", rule));
        }
        self.count()?;
        if let Some(parent) = self.open.last()
            && parent.children.len() >= self.limits.list_length_max
        {
            let rule = format!("an element has at most {} elements", self.limits.list_length_max);
            return Err(self.problem("epcis.limit_list", rule));
        }
        self.scope_from.push(self.scope.len());
        let mut written = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| {
                self.problem("epcis.xml_syntax", format!("an attribute is malformed: {error}"))
            })?;
            if written.len() >= ATTRIBUTES_MAX {
                let rule = format!("an element has at most {ATTRIBUTES_MAX} attributes");
                return Err(self.problem("epcis.limit_list", rule));
            }
            let key = self.utf8(attribute.key.as_ref())?.to_owned();
            let value = self.value(&attribute.value)?;
            match key.strip_prefix("xmlns:").or_else(|| (key == "xmlns").then_some("")) {
                Some(prefix) => self.declare(prefix, &value)?,
                None => written.push((key, value)),
            }
        }
        let (namespace, name) = self.resolve(self.utf8(start.name().as_ref())?, true)?;
        let mut attributes = Vec::with_capacity(written.len());
        for (key, value) in written {
            self.count()?;
            let (namespace, name) = self.resolve(&key, false)?;
            attributes.push(Attribute { namespace, name, value });
        }
        self.open.push(Element { namespace, name, attributes, ..Element::default() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let from = self.scope_from.pop();
        let Some(done) = self.open.pop() else {
            return Err(self.problem("epcis.xml_syntax", "an element ends that did not begin"));
        };
        self.scope.truncate(from.unwrap_or_default());
        match self.open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => self.root = Some(done),
        }
        Ok(())
    }

    fn text(&mut self, part: &str) -> Result<(), Problem> {
        let is_space = part.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
        if self.open.is_empty() && !is_space {
            return Err(self.problem("epcis.xml_syntax", "a text stands outside all elements"));
        }
        if part.chars().any(is_forbidden) {
            return Err(self.problem("epcis.xml_syntax", "a text has a character that XML forbids"));
        }
        let most = self.limits.string_bytes_max;
        let Some(element) = self.open.last_mut() else { return Ok(()) };
        // Space between elements is not kept, so that it does not count.
        if is_space && element.text.is_empty() && part.contains('\n') {
            return Ok(());
        }
        if element.text.len() + part.len() > most {
            return Err(
                self.problem("epcis.limit_string", format!("a text has at most {most} bytes"))
            );
        }
        element.text.push_str(part);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Problem> {
        let letter = match reference.resolve_char_ref() {
            Ok(Some(letter)) => Some(letter),
            Ok(None) => match reference.decode().ok().as_deref() {
                Some("amp") => Some('&'),
                Some("lt") => Some('<'),
                Some("gt") => Some('>'),
                Some("apos") => Some('\''),
                Some("quot") => Some('"'),
                _ => None,
            },
            Err(_) => None,
        };
        match letter {
            Some(letter) => self.text(letter.encode_utf8(&mut [0; 4])),
            None => Err(self.problem("epcis.xml_syntax", ENTITY_RULE)),
        }
    }

    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), Problem> {
        let Some(Ok(encoding)) = declaration.encoding() else { return Ok(()) };
        if encoding.eq_ignore_ascii_case(b"utf-8") || encoding.eq_ignore_ascii_case(b"us-ascii") {
            return Ok(());
        }
        Err(self.problem("epcis.xml_syntax", "a document is encoded in UTF-8"))
    }

    fn finish(mut self) -> Result<Tree, Problem> {
        match self.root.take() {
            Some(root) if self.open.is_empty() => Ok(Tree { root, namespaces: self.namespaces }),
            _ => Err(self.problem("epcis.xml_syntax", "the document ends too early")),
        }
    }

    fn declare(&mut self, prefix: &str, uri: &str) -> Result<(), Problem> {
        if self.scope.len() >= ATTRIBUTES_MAX {
            let rule = format!("at most {ATTRIBUTES_MAX} prefixes are in force at one place");
            return Err(self.problem("epcis.limit_prefixes", rule));
        }
        let number = self.number(uri, prefix);
        self.scope.push((prefix.to_owned(), number));
        Ok(())
    }

    fn number(&mut self, uri: &str, prefix: &str) -> Namespace {
        if let Some(number) = self.numbers.get(uri) {
            return *number;
        }
        let number = self.namespaces.len();
        self.namespaces.push((uri.to_owned(), prefix.to_owned()));
        self.numbers.insert(uri.to_owned(), number);
        number
    }

    /// Namespace and local name. An attribute without a prefix has no namespace.
    fn resolve(&self, written: &str, is_element: bool) -> Result<(Namespace, String), Problem> {
        let (prefix, name) = written.split_once(':').unwrap_or(("", written));
        if !is_name(name) {
            return Err(self.problem("epcis.xml_syntax", "a name is malformed"));
        }
        let found = self.scope.iter().rev().find(|(known, _)| known == prefix);
        let namespace = match found {
            Some((_, number)) if is_element || !prefix.is_empty() => *number,
            _ if prefix.is_empty() => 0,
            _ => {
                let rule = format!("the prefix `{prefix}` is not declared");
                return Err(self.problem("epcis.undeclared_prefix", rule));
            }
        };
        Ok((namespace, name.to_owned()))
    }

    fn value(&self, raw: &[u8]) -> Result<String, Problem> {
        let text = self.utf8(raw)?;
        let spaces = lines(text).replace(['\n', '\t'], " ");
        let value = unescape(&spaces).map_err(|_| self.problem("epcis.xml_syntax", ENTITY_RULE))?;
        if text.contains('<') || value.chars().any(is_forbidden) {
            let rule = "an attribute has a character that XML forbids";
            return Err(self.problem("epcis.xml_syntax", rule));
        }
        if value.len() > self.limits.string_bytes_max {
            let rule = format!("a text has at most {} bytes", self.limits.string_bytes_max);
            return Err(self.problem("epcis.limit_string", rule));
        }
        Ok(value.into_owned())
    }

    fn count(&mut self) -> Result<(), Problem> {
        if self.values == self.limits.values_max {
            let rule = format!("a document has at most {} values", self.limits.values_max);
            return Err(self.problem("epcis.limit_values", rule));
        }
        self.values += 1;
        Ok(())
    }

    fn utf8<'b>(&self, bytes: &'b [u8]) -> Result<&'b str, Problem> {
        std::str::from_utf8(bytes).map_err(|_| self.not_utf8())
    }

    fn not_utf8(&self) -> Problem {
        self.problem("epcis.xml_syntax", "a document is UTF-8 text")
    }

    fn problem(&self, code: &'static str, rule: impl Into<String>) -> Problem {
        let names: Vec<&str> = self.open.iter().map(|element| element.name.as_str()).collect();
        problem(code, crate::uri::excerpt(&names.join("/")), rule)
    }
}

const ENTITY_RULE: &str =
    "only `&amp;`, `&lt;`, `&gt;`, `&apos;`, `&quot;` and numbers of characters are read";

/// Whether XML has no way to write this character.
pub(super) fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether the text may be a local name (Namespaces in XML 1.0, NCName).
fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(is_name_start)
        && text.chars().all(|c| is_name_start(c) || is_name_part(c))
}

/// Whether a name may begin with this character.
pub(super) fn is_name_start(character: char) -> bool {
    matches!(character, 'A'..='Z' | 'a'..='z' | '_'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// Whether a name may go on with this character, besides those that it may begin with.
pub(super) fn is_name_part(character: char) -> bool {
    matches!(character, '-' | '.' | '0'..='9' | '\u{b7}'
        | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
