//! Calls, events and refusals of the modules in their own words.
//!
//! Every module carries the text of its interface. What is shown here is read from that text, so a
//! new module is readable in the console without a line about it here.

mod interface;
mod values;

use alloy_primitives::{Address, B256};
use qiao_modules::MODULES;

pub(crate) use interface::{Entry, Interface};
pub(crate) use values::Value;

/// A module with its interface.
pub(crate) struct Module {
    pub(crate) name: &'static str,
    address: Address,
    interface: Interface,
}

/// The modules of the chain, and the refusals that they share.
pub(crate) struct Decoder {
    modules: Vec<Module>,
    shared: Interface,
}

/// A call, event or refusal with its values.
pub(crate) struct Decoded<'a> {
    /// The module; none for a refusal that any module may give.
    pub(crate) module: Option<&'static str>,
    pub(crate) entry: &'a Entry,
    /// A value per parameter.
    pub(crate) values: Vec<Value>,
}

/// What Solidity's `require` and `revert` give.
const STANDARD: &str = "
    /// The contract refused.
    error Error(string reason);
    /// The contract's code met a state that it excludes.
    error Panic(uint256 code);
";

/// Refusals that every module may give.
const FRAME: &str = "
    /// A call that may only read tried to change something.
    error StaticCall();
    /// Ether was sent with the call; modules hold none.
    /// Remedy: send the call with value 0.
    error NotPayable();
    /// The module was reached by a delegated call.
    /// Remedy: call it directly.
    error DirectCallOnly();
    /// The module has no function with this selector.
    error UnknownFunction(bytes4 selector);
    /// The arguments are not the canonical encoding of this function's parameters.
    error MalformedArguments(bytes4 selector);
";

impl Decoder {
    pub(crate) fn new() -> Self {
        let modules = MODULES
            .iter()
            .map(|module| Module {
                name: module.name,
                address: module.address,
                interface: Interface::read(module.source),
            })
            .collect();
        Self { modules, shared: Interface::read(&format!("{STANDARD}{FRAME}")) }
    }

    /// The name of the module at an address.
    pub(crate) fn module(&self, address: Address) -> Option<&Module> {
        self.modules.iter().find(|module| module.address == address)
    }

    /// A call of a module.
    pub(crate) fn call(&self, to: Address, input: &[u8]) -> Option<Decoded<'_>> {
        let module = self.module(to)?;
        let (selector, arguments) = input.split_first_chunk::<4>()?;
        let entry = module.interface.function(*selector)?;
        let values = values::decode(&entry.kinds(), arguments)?;
        Some(Decoded { module: Some(module.name), entry, values })
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
        let entry = module.interface.event(*signature)?;
        let plain: Vec<&str> =
            entry.parameters.iter().filter(|p| !p.is_indexed).map(kind).collect();
        let mut plain = values::decode(&plain, data)?.into_iter();
        let mut indexed = indexed.iter();
        let mut values = Vec::with_capacity(entry.parameters.len());
        for parameter in &entry.parameters {
            values.push(if parameter.is_indexed {
                values::decode_topic(&parameter.kind, *indexed.next()?)
            } else {
                plain.next()?
            });
        }
        Some(Decoded { module: Some(module.name), entry, values })
    }

    /// Why a call was refused.
    pub(crate) fn refusal(&self, to: Option<Address>, output: &[u8]) -> Option<Decoded<'_>> {
        let (selector, arguments) = output.split_first_chunk::<4>()?;
        let called = to.and_then(|to| self.module(to));
        let others = self.modules.iter().filter(|module| Some(module.address) != to);
        for module in called.into_iter().chain(others) {
            if let Some(entry) = module.interface.error(*selector) {
                let values = values::decode(&entry.kinds(), arguments)?;
                return Some(Decoded { module: Some(module.name), entry, values });
            }
        }
        let entry = self.shared.error(*selector)?;
        let values = values::decode(&entry.kinds(), arguments)?;
        Some(Decoded { module: None, entry, values })
    }
}

fn kind(parameter: &interface::Parameter) -> &str {
    &parameter.kind
}

impl Decoded<'_> {
    /// The stable text code of a refusal: `members.not_admin`.
    pub(crate) fn code(&self) -> String {
        format!("{}.{}", self.module.unwrap_or("call"), snake_case(&self.entry.name))
    }
}

/// `NotAdmin` as `not_admin`.
fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (i, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// `registerOrganisation` as `Register organisation`.
pub(crate) fn spelled(name: &str) -> String {
    let words = snake_case(name).replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
