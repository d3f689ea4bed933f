//! The interfaces of contracts, as far as a verified source or a module gives them.

use std::{collections::BTreeMap, sync::Arc};

use qiao_api::contracts::{Abi, AbiValue, Told, contract_state};
use qiao_module_kit::Interface;
use qiao_modules::MODULES;
use qiao_types::{Address, B256};
use tokio::task;

use crate::{
    console::{Console, Trouble},
    decoding::Value,
};

/// Contracts whose interfaces are looked for on one page.
const LOOKED_UP_MAX: usize = 64;

/// A contract that can be spoken to.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// What its source or its owner calls it.
    pub(crate) name: String,
    /// Its interface.
    pub(crate) abi: Abi,
}

/// The interfaces of the contracts that a page names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interfaces(BTreeMap<Address, Known>);

impl Interfaces {
    /// Looks the contracts up; most addresses have none.
    pub(crate) async fn of(
        console: &Console,
        addresses: impl IntoIterator<Item = Address>,
    ) -> Result<Self, Trouble> {
        let mut known = BTreeMap::new();
        let mut seen = Vec::new();
        for address in addresses {
            if seen.contains(&address) || seen.len() == LOOKED_UP_MAX {
                continue;
            }
            seen.push(address);
            if let Some(found) = interface_of(console, address).await? {
                known.insert(address, found);
            }
        }
        Ok(Self(known))
    }

    pub(crate) fn get(&self, address: Address) -> Option<&Known> {
        self.0.get(&address)
    }

    /// A call of one of these contracts.
    pub(crate) fn call(&self, to: Address, input: &[u8]) -> Option<(&str, Told)> {
        let known = self.0.get(&to)?;
        Some((&known.name, known.abi.call(input)?))
    }

    /// An event of one of these contracts.
    pub(crate) fn event(
        &self,
        emitter: Address,
        topics: &[B256],
        data: &[u8],
    ) -> Option<(&str, Told)> {
        let known = self.0.get(&emitter)?;
        Some((&known.name, known.abi.event(topics, data)?))
    }

    /// An error, which may be that of any contract on the way.
    pub(crate) fn error(&self, output: &[u8]) -> Option<Told> {
        self.0.values().find_map(|known| known.abi.error(output))
    }
}

/// The interface of a module, or of the source that was verified for a contract's code.
pub(crate) async fn interface_of(
    console: &Console,
    address: Address,
) -> Result<Option<Known>, Trouble> {
    if let Some(module) = MODULES.iter().find(|module| module.address == address) {
        let interface = Interface::read(module.source).expect("conformance reads every interface");
        let json = serde_json::from_str(&interface.to_json()).expect("the kit writes JSON");
        let abi = Abi::read(&json).map_err(|error| Trouble::Failed(error.to_string()))?;
        return Ok(Some(Known { name: module.name.to_owned(), abi }));
    }
    let has_source = |sources: &qiao_api::contracts::Sources| {
        sources.names().iter().any(|(one, _)| *one == address)
    };
    if !console.chain.sources().is_some_and(has_source) {
        return Ok(None);
    }
    let Some(state) = contract_state(&*console.chain, address).await? else { return Ok(None) };
    let chain = Arc::clone(&console.chain);
    let reading = task::spawn_blocking(move || chain.sources()?.get(address, state.code_hash));
    let source = reading.await.map_err(|error| Trouble::Failed(error.to_string()))?;
    let Some(source) = source else { return Ok(None) };
    let name = source.contract.rsplit(':').next().unwrap_or_default().to_owned();
    let name = state.name.unwrap_or(name);
    Ok(Abi::read(&source.abi).ok().map(|abi| Known { name, abi }))
}

impl From<AbiValue> for Value {
    fn from(value: AbiValue) -> Self {
        match value {
            AbiValue::Number(number) => Self::Words(number),
            AbiValue::Truth(truth) => Self::Truth(truth),
            AbiValue::Account(account) => Self::Account(account),
            AbiValue::Bytes(bytes) if bytes.len() == 32 => Self::Hash(B256::from_slice(&bytes)),
            AbiValue::Bytes(bytes) => Self::Bytes(bytes),
            AbiValue::Text(text) => Self::Text(text),
            AbiValue::List(items) => Self::List(items.into_iter().map(Self::from).collect()),
            AbiValue::Record(fields) => {
                let fields = fields.into_iter().map(|(name, value)| (name, Self::from(value)));
                Self::Record(fields.collect())
            }
        }
    }
}
