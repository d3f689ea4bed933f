//! Reads functions, events and errors, with what is said about them, from an interface's text.

use alloy_primitives::{B256, keccak256};

/// What a module can be asked, tells and refuses.
#[derive(Debug, Default)]
pub(crate) struct Interface {
    functions: Vec<Entry>,
    events: Vec<Entry>,
    errors: Vec<Entry>,
}

/// A function, event or error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// What the text says about it.
    pub(crate) about: String,
    /// What the text says to do about it.
    pub(crate) remedy: Option<String>,
    pub(crate) parameters: Vec<Parameter>,
    hash: B256,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) is_indexed: bool,
}

impl Interface {
    /// Reads the text of a `sol!` block. What is not understood is passed over.
    pub(crate) fn read(text: &str) -> Self {
        let mut interface = Self::default();
        let mut notes: Vec<&str> = Vec::new();
        let mut statement = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(note) = line.strip_prefix("///") {
                notes.push(note.trim());
                continue;
            }
            if line.starts_with("#[") || line.starts_with("//") {
                continue;
            }
            statement.push_str(line);
            statement.push(' ');
            if line.ends_with(';') {
                interface.add(&statement, &notes);
            }
            if line.ends_with([';', '{', '}']) || line.is_empty() {
                statement.clear();
                notes.clear();
            }
        }
        interface
    }

    fn add(&mut self, statement: &str, notes: &[&str]) {
        let Some((word, rest)) = statement.trim().split_once(' ') else { return };
        let list = match word {
            "function" => &mut self.functions,
            "event" => &mut self.events,
            "error" => &mut self.errors,
            _ => return,
        };
        list.extend(Entry::read(rest, notes));
    }

    pub(crate) fn function(&self, selector: [u8; 4]) -> Option<&Entry> {
        self.functions.iter().find(|entry| entry.hash[..4] == selector)
    }

    pub(crate) fn event(&self, signature: B256) -> Option<&Entry> {
        self.events.iter().find(|entry| entry.hash == signature)
    }

    pub(crate) fn error(&self, selector: [u8; 4]) -> Option<&Entry> {
        self.errors.iter().find(|entry| entry.hash[..4] == selector)
    }
}

impl Entry {
    fn read(text: &str, notes: &[&str]) -> Option<Self> {
        let (name, rest) = text.split_once('(')?;
        let (list, _) = rest.split_once(')')?;
        let parameters: Vec<Parameter> =
            list.split(',').map(str::trim).filter(|text| !text.is_empty()).map(parameter).collect();
        let kinds: Vec<&str> = parameters.iter().map(|p| p.kind.as_str()).collect();
        let hash = keccak256(format!("{}({})", name.trim(), kinds.join(",")));
        let is_remedy = |note: &&&str| note.starts_with("Remedy:");
        let remedy_at = notes.iter().position(|note| is_remedy(&note)).unwrap_or(notes.len());
        let (about, remedy) = notes.split_at(remedy_at);
        let remedy = remedy.join(" ").trim_start_matches("Remedy:").trim().to_owned();
        Some(Self {
            name: name.trim().to_owned(),
            about: about.join(" "),
            remedy: (!remedy.is_empty()).then_some(remedy),
            parameters,
            hash,
        })
    }

    /// The types of the parameters.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        self.parameters.iter().map(|parameter| parameter.kind.as_str()).collect()
    }
}

fn parameter(text: &str) -> Parameter {
    let mut words = text.split_whitespace();
    let kind = words.next().unwrap_or_default().to_owned();
    let rest: Vec<&str> = words.collect();
    let is_indexed = rest.contains(&"indexed");
    let name = rest.last().filter(|word| **word != "indexed").copied().unwrap_or_default();
    Parameter { kind, name: name.to_owned(), is_indexed }
}
