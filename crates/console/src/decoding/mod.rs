//! Calls, events and refusals of the modules in their own words.
//!
//! Every module carries the text of its interface. What is shown here is read from that text, so a
//! new module is readable in the console without a line about it here.

mod values;

use alloy_primitives::{Address, B256, U256};
use qiao_module_kit::{Interface, Item, Parameter, Refusals};
use qiao_modules::MODULES;

pub(crate) use values::Value;

/// The selector of what Solidity's `require` gives: `Error(string)`.
const ERROR_WITH_REASON: [u8; 4] = [0x08, 0xc3, 0x79, 0xa0];

/// A module with its interface.
pub(crate) struct Module {
    pub(crate) name: &'static str,
    address: Address,
    interface: Interface,
}

/// The modules of the chain and their refusals.
pub(crate) struct Decoder {
    modules: Vec<Module>,
    refusals: Refusals,
}

/// A call or an event with its values.
pub(crate) struct Decoded<'a> {
    pub(crate) module: &'static str,
    pub(crate) name: &'a str,
    /// What the interface says about it.
    pub(crate) about: String,
    /// Parameters with their values.
    pub(crate) values: Vec<(&'a str, Value)>,
}

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Why {
    pub(crate) cause: String,
    pub(crate) remedy: String,
    pub(crate) code: Option<String>,
    pub(crate) arguments: Vec<(String, String)>,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        let read = |module: &qiao_module_kit::Module| Module {
            name: module.name,
            address: module.address,
            interface: Interface::read(module.source).expect("conformance reads every interface"),
        };
        Self { modules: MODULES.iter().map(read).collect(), refusals: Refusals::of(MODULES) }
    }

    /// The module at an address.
    pub(crate) fn module(&self, address: Address) -> Option<&Module> {
        self.modules.iter().find(|module| module.address == address)
    }

    /// A call of a module.
    pub(crate) fn call(&self, to: Address, input: &[u8]) -> Option<Decoded<'_>> {
        let module = self.module(to)?;
        let (selector, arguments) = input.split_first_chunk::<4>()?;
        let functions = &module.interface.functions;
        let is_named = |item: &&Item| module.interface.selector(item) == *selector;
        let item = functions.iter().map(|function| &function.item).find(is_named)?;
        let kinds: Vec<&str> = item.parameters.iter().map(kind).collect();
        Some(module.decoded(item, values::decode(&kinds, arguments)?))
    }

    /// An event of a module.
    pub(crate) fn event(
        &self,
        address: Address,
        topics: &[B256],
        data: &[u8],
    ) -> Option<Decoded<'_>> {
        let module = self.module(address)?;
        let (signature, indexed) = topics.split_first()?;
        let mut events = module.interface.events.iter();
        let item = events.find(|item| module.interface.topic(item) == *signature)?;
        let plain: Vec<&str> =
            item.parameters.iter().filter(|one| !one.is_indexed).map(kind).collect();
        let mut plain = values::decode(&plain, data)?.into_iter();
        let mut indexed = indexed.iter();
        let mut values = Vec::with_capacity(item.parameters.len());
        for parameter in &item.parameters {
            values.push(if parameter.is_indexed {
                values::decode_topic(&parameter.kind, *indexed.next()?)
            } else {
                plain.next()?
            });
        }
        Some(module.decoded(item, values))
    }

    /// Why a call was refused, as far as its output says.
    pub(crate) fn why(&self, output: &[u8]) -> Option<Why> {
        if let Some(refusal) = self.refusals.find(output) {
            return Some(Why {
                cause: refusal.cause.clone(),
                remedy: refusal.remedy.clone(),
                code: Some(refusal.code.clone()),
                arguments: refusal.arguments(output),
            });
        }
        let reason = output.strip_prefix(&ERROR_WITH_REASON)?;
        match values::decode(&["string"], reason)?.pop()? {
            Value::Text(cause) => {
                Some(Why { cause, remedy: String::new(), code: None, arguments: Vec::new() })
            }
            _ => None,
        }
    }
}

fn kind(parameter: &Parameter) -> &str {
    &parameter.kind
}

impl Module {
    fn decoded<'a>(&'a self, item: &'a Item, values: Vec<Value>) -> Decoded<'a> {
        let names = item.parameters.iter().map(|parameter| parameter.name.as_str());
        Decoded {
            module: self.name,
            name: &item.name,
            about: item.doc.split_whitespace().collect::<Vec<_>>().join(" "),
            values: names.zip(values).collect(),
        }
    }
}

/// The name of a role of `members` by its number.
pub(crate) fn role_name(role: U256) -> String {
    let names = ["admin", "validator", "capturer", "regulator", "deployer", "signer"];
    let index = usize::try_from(role).ok().and_then(|role| role.checked_sub(1));
    index.and_then(|i| names.get(i)).map_or_else(|| role.to_string(), |name| (*name).to_owned())
}

/// `registerOrganisation` as `Register organisation`, `retail_selling` as `Retail selling`.
pub(crate) fn spelled(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter == '_' {
            out.push(' ');
        } else if out.is_empty() {
            out.push(letter.to_ascii_uppercase());
        } else {
            if letter.is_ascii_uppercase() {
                out.push(' ');
            }
            out.push(letter.to_ascii_lowercase());
        }
    }
    out
}
