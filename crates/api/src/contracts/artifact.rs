//! What compilers' tools write about a contract: the artifacts of Foundry and Hardhat.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, hex};
use serde_json::Value;

use super::compare::Place;

/// Bytes of a library's address.
const ADDRESS_BYTES: usize = 20;

/// A contract that can be created.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// Its name, where the artifact says it.
    pub name: Option<String>,
    /// Its JSON ABI.
    pub abi: Value,
    /// The code that creates it in hexadecimal; not quite, where libraries are to be linked in.
    code: String,
    /// Where which library is linked in.
    libraries: Vec<(String, Place)>,
}

/// A file is no artifact, or lacks something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArtifactError {
    /// A field is missing.
    #[error("it has no `{0}`: is it an artifact of Foundry or Hardhat?")]
    Field(&'static str),
    /// It cannot be created.
    #[error("it has no code: an interface or an abstract contract")]
    Abstract,
    /// A library's address is missing.
    #[error("it needs the library `{0}`")]
    Library(String),
    /// The code is damaged.
    #[error("its code is not hexadecimal")]
    Code,
}

impl Artifact {
    /// Reads an artifact.
    ///
    /// # Errors
    /// It is none, or has no code.
    pub fn read(value: &Value) -> Result<Self, ArtifactError> {
        let abi =
            value.get("abi").filter(|abi| abi.is_array()).ok_or(ArtifactError::Field("abi"))?;
        let bytecode = value.get("bytecode").ok_or(ArtifactError::Field("bytecode"))?;
        let code = bytecode.as_str().or_else(|| bytecode.get("object")?.as_str());
        let code = code.ok_or(ArtifactError::Field("bytecode"))?;
        let code = code.strip_prefix("0x").unwrap_or(code);
        if code.is_empty() {
            return Err(ArtifactError::Abstract);
        }
        let links = bytecode.get("linkReferences").or_else(|| value.get("linkReferences"));
        let mut libraries = Vec::new();
        for names in links.and_then(Value::as_object).into_iter().flat_map(|files| files.values()) {
            for (name, places) in names.as_object().into_iter().flatten() {
                let places = places.as_array().into_iter().flatten();
                libraries.extend(places.filter_map(|one| Some((name.clone(), place(one)?))));
            }
        }
        let name = value.get("contractName").and_then(Value::as_str);
        Ok(Self {
            name: name.map(str::to_owned),
            abi: abi.clone(),
            code: code.to_owned(),
            libraries,
        })
    }

    /// The code that creates the contract, with its libraries linked in.
    ///
    /// # Errors
    /// A library's address is missing, or the code is damaged.
    pub fn linked(&self, addresses: &BTreeMap<String, Address>) -> Result<Bytes, ArtifactError> {
        let mut code = self.code.clone().into_bytes();
        for (name, place) in &self.libraries {
            let missing = || ArtifactError::Library(name.clone());
            let address = addresses.get(name).ok_or_else(missing)?;
            let start = place.start.checked_mul(2).ok_or(ArtifactError::Code)?;
            let end = start.checked_add(2 * ADDRESS_BYTES).ok_or(ArtifactError::Code)?;
            let hole = code.get_mut(start..end).ok_or(ArtifactError::Code)?;
            hole.copy_from_slice(hex::encode(address).as_bytes());
        }
        hex::decode(code).map(Bytes::from).map_err(|_| ArtifactError::Code)
    }
}

fn place(one: &Value) -> Option<Place> {
    let number = |name: &str| usize::try_from(one.get(name)?.as_u64()?).ok();
    Some(Place { start: number("start")?, length: number("length")? })
}
