//! From revert data back to words: every refusal of every module with its stable code.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, hex};

use crate::{
    interface::{Interface, Parameter},
    module::Module,
    position, uniqueness,
};

/// A typed error of a module, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable text code: `members.not_admin`.
    pub code: String,
    /// The error's signature: `NotAdmin(address)`.
    pub signature: String,
    /// What the refusal means.
    pub cause: String,
    /// What the caller can do about it.
    pub remedy: String,
    parameters: Vec<Parameter>,
}

/// The refusals of a table of modules, of the frame around all modules and of the pieces that modules
/// share, by selector.
#[derive(Debug, Clone, Default)]
pub struct Refusals {
    by_selector: BTreeMap<[u8; 4], Refusal>,
}

/// The interfaces whose refusals any module may give, by the name that stands in their codes.
pub const SHARED: [(&str, &str); 3] = [
    ("module", include_str!("abi.rs")),
    ("position", position::SOURCE),
    ("uniqueness", uniqueness::SOURCE),
];

impl Refusals {
    /// Reads the errors of every module. An error that two modules share belongs to the first.
    ///
    /// # Panics
    /// If an interface cannot be read; the conformance checks of the module would have failed.
    pub fn of(table: &[Module]) -> Self {
        let mut refusals = Self::default();
        for (name, source) in SHARED {
            refusals.add(name, source);
        }
        for module in table {
            refusals.add(module.name, module.source);
        }
        refusals
    }

    /// The refusal that revert data stands for.
    pub fn find(&self, revert_data: &[u8]) -> Option<&Refusal> {
        self.by_selector.get(revert_data.first_chunk::<4>()?)
    }

    /// Every refusal, by selector.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8; 4], &Refusal)> {
        self.by_selector.iter()
    }

    fn add(&mut self, module: &str, source: &str) {
        let interface = Interface::read(source).expect("conformance reads every interface");
        for error in &interface.errors {
            let (cause, remedy) = error.doc.split_once("Remedy:").unwrap_or((&error.doc, ""));
            let refusal = Refusal {
                code: format!("{module}.{}", snake_case(&error.name)),
                signature: interface.signature(error),
                cause: one_line(cause),
                remedy: one_line(remedy),
                parameters: error.parameters.clone(),
            };
            self.by_selector.entry(interface.selector(error)).or_insert(refusal);
        }
    }
}

impl Refusal {
    /// The arguments of the error by name, for people; those that are not understood are left out.
    pub fn arguments(&self, revert_data: &[u8]) -> Vec<(String, String)> {
        let words = revert_data.get(4..).unwrap_or_default();
        let values = self.parameters.iter().enumerate().filter_map(|(index, parameter)| {
            let word = words.get(32 * index..32 * (index + 1))?;
            Some((parameter.name.clone(), value(&parameter.kind, word, words)?))
        });
        values.collect()
    }
}

/// One argument, whose word in the head is `word`.
fn value(kind: &str, word: &[u8], words: &[u8]) -> Option<String> {
    let word = B256::from_slice(word);
    match kind {
        "address" => Some(Address::from_word(word).to_string()),
        "bool" => Some((word[31] != 0).to_string()),
        "string" => {
            let offset = usize::try_from(U256::from_be_bytes(word.0)).ok()?;
            let tail = words.get(offset..)?;
            let length = usize::try_from(U256::from_be_slice(tail.get(..32)?)).ok()?;
            let end = length.checked_add(32)?;
            String::from_utf8(tail.get(32..end)?.to_vec()).ok()
        }
        kind if kind.starts_with("uint") => Some(U256::from_be_bytes(word.0).to_string()),
        kind => {
            let bytes: usize = kind.strip_prefix("bytes")?.parse().ok()?;
            Some(hex::encode_prefixed(word.get(..bytes)?))
        }
    }
}

fn one_line(text: &str) -> String {
    let text: Vec<&str> = text.split_whitespace().collect();
    text.join(" ")
}

/// `NotAdmin` is `not_admin`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
