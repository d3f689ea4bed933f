//! A module's interface as data, read from the text of its `abi.rs`.
//!
//! The `sol!` block is the only place where an interface is written. The compiler makes types of
//! it; this reader makes of the same text what has no type: names, documentation, the JSON ABI and
//! the register of refusals. It knows only what our interfaces use, and the conformance checks
//! compare its selectors with the compiler's.

mod json;
mod reader;
mod solidity;

use alloy_primitives::{B256, keccak256};

pub use reader::InterfaceError;

/// An interface with its documentation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interface {
    /// Its name: `IMembers`.
    pub name: String,
    /// What it is for.
    pub doc: String,
    /// The records in its parameters.
    pub structs: Vec<Item>,
    /// Its functions.
    pub functions: Vec<Function>,
    /// Its events.
    pub events: Vec<Item>,
    /// Its errors.
    pub errors: Vec<Item>,
}

/// A struct, an event or an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub doc: String,
    /// Its fields or parameters.
    pub parameters: Vec<Parameter>,
}

/// A function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// Name, documentation and parameters.
    pub item: Item,
    /// What it returns.
    pub returns: Vec<Parameter>,
    /// Whether it only reads.
    pub is_view: bool,
}

/// One parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameter {
    /// Its Solidity type as written: `uint64`, `bytes[]`, `Organisation`.
    pub kind: String,
    /// Its name; empty where it has none.
    pub name: String,
    /// Whether it is a topic of an event.
    pub is_indexed: bool,
}

impl Interface {
    /// Reads the first interface in the text of an `abi.rs`.
    ///
    /// # Errors
    /// What the reader does not understand, in words.
    pub fn read(source: &str) -> Result<Self, InterfaceError> {
        reader::read(source)
    }

    /// The signature in canonical types, in which a struct is a tuple.
    pub fn signature(&self, item: &Item) -> String {
        format!("{}({})", item.name, self.canonical_list(&item.parameters))
    }

    /// The first four bytes of the signature's hash: of a function or an error.
    pub fn selector(&self, item: &Item) -> [u8; 4] {
        let hash = self.topic(item);
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// The hash of the signature: the first topic of an event.
    pub fn topic(&self, item: &Item) -> B256 {
        keccak256(self.signature(item))
    }

    /// The JSON ABI, in the order functions, events, errors.
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// The interface as Solidity, with its documentation as natspec, without licence and version.
    /// A name that Solidity would take for something else gets a line below it.
    pub fn to_solidity(&self) -> String {
        solidity::write(self)
    }

    fn canonical_list(&self, parameters: &[Parameter]) -> String {
        let kinds: Vec<String> = parameters.iter().map(|one| self.canonical(&one.kind)).collect();
        kinds.join(",")
    }

    fn canonical(&self, kind: &str) -> String {
        let (base, suffix) = split_array(kind);
        match self.fields(base) {
            Some(fields) => format!("({}){suffix}", self.canonical_list(fields)),
            None => kind.to_owned(),
        }
    }

    /// The fields of a struct of this interface.
    pub(crate) fn fields(&self, name: &str) -> Option<&[Parameter]> {
        let found = self.structs.iter().find(|item| item.name == name);
        found.map(|item| item.parameters.as_slice())
    }
}

/// `Organisation[]` is `Organisation` and `[]`.
fn split_array(kind: &str) -> (&str, &str) {
    kind.split_at(kind.find('[').unwrap_or(kind.len()))
}
