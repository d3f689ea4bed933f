//! Verified sources: what people said a contract was compiled from, after it was compared with the
//! chain's code.
//!
//! Nothing on the chain depends on them, and they cannot be derived from it: they are kept beside the
//! index, in a folder of their own, one file per contract, its summary in the first line.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use alloy_primitives::{Address, B256, Bytes, keccak256};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    abi::{Abi, AbiError},
    compare::{Compiled, Match, Mismatch, Place, compare},
};

/// Contracts whose source a node keeps.
pub const SOURCES_MAX: usize = 2_000;

/// Bytes of one contract's source, settings and ABI together.
const SOURCE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Files that one contract may be made of.
const FILES_MAX: usize = 1_000;

/// Bytes of the names in a source: of contract, compiler and files.
const NAME_BYTES_MAX: usize = 512;

/// What somebody says a contract was compiled from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Verifying {
    /// The contract with its file: `contracts/Token.sol:Token`.
    pub contract: String,
    /// The compiler's full version: `0.8.30+commit.73712a01`.
    pub compiler: String,
    /// The compiler's settings.
    pub settings: Value,
    /// The source files by their paths.
    pub sources: BTreeMap<String, String>,
    /// The JSON ABI.
    pub abi: Value,
    /// The runtime code that the compiler made, with zeros where libraries are linked in.
    #[schema(value_type = String)]
    pub runtime_bytecode: Bytes,
    /// Where immutables and libraries stand in it.
    #[serde(default)]
    pub places: Vec<Place>,
}

/// The source of a contract, as the node keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// How well it matches.
    #[serde(rename = "match")]
    pub matches: Match,
    /// The code for which it was verified: an upgrade leaves it behind.
    #[schema(value_type = String)]
    pub code_hash: B256,
    /// The contract with its file.
    pub contract: String,
    /// The compiler's full version.
    pub compiler: String,
    /// The compiler's settings.
    pub settings: Value,
    /// The source files by their paths.
    pub sources: BTreeMap<String, String>,
    /// The JSON ABI.
    pub abi: Value,
}

/// What is known of a source without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Summary {
    contract: String,
    code_hash: B256,
    matches: Match,
}

/// A source is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Compiled code and chain differ.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The ABI is none.
    #[error(transparent)]
    Abi(#[from] AbiError),
    /// It is too large or has no content.
    #[error("{0}")]
    Shape(String),
    /// The node keeps no more.
    #[error("this node keeps the sources of {SOURCES_MAX} contracts, and has as many")]
    Full,
    /// The disk.
    #[error("the source cannot be kept: {0}")]
    Disk(#[from] io::Error),
}

impl Refused {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Mismatch(_) => "contracts.source_mismatch",
            Self::Abi(_) => "contracts.abi",
            Self::Shape(_) => "contracts.source_shape",
            Self::Full => "contracts.sources_full",
            Self::Disk(_) => "node.failure",
        }
    }
}

/// The sources that a node keeps.
#[derive(Debug)]
pub struct Sources {
    place: Storage,
    known: Mutex<BTreeMap<Address, Summary>>,
}

#[derive(Debug)]
enum Storage {
    Folder(PathBuf),
    Memory(Mutex<BTreeMap<Address, Arc<Verified>>>),
}

impl Sources {
    /// Sources that are forgotten when the process ends.
    pub fn in_memory() -> Self {
        Self { place: Storage::Memory(Mutex::default()), known: Mutex::default() }
    }

    /// The sources in a folder, which is made if it is missing. A file that is not understood is left
    /// where it is and said to the log.
    ///
    /// # Errors
    /// The folder cannot be read or made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut known = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let is_source = path.extension().is_some_and(|extension| extension == "json");
            let (Ok(address), true) = (name.parse::<Address>(), is_source) else { continue };
            match read_summary(&path) {
                Ok(summary) => {
                    known.insert(address, summary);
                }
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "a source is not understood");
                }
            }
        }
        Ok(Self { place: Storage::Folder(folder.to_owned()), known: Mutex::new(known) })
    }

    /// The contract, as its source calls it, for which there is a source of this code.
    pub fn name(&self, address: Address, code_hash: B256) -> Option<String> {
        let known = hold(&self.known);
        let summary = known.get(&address).filter(|summary| summary.code_hash == code_hash)?;
        Some(summary.contract.clone())
    }

    /// Every contract that has a source, with the name in it.
    pub fn names(&self) -> Vec<(Address, String)> {
        let known = hold(&self.known);
        known.iter().map(|(address, summary)| (*address, summary.contract.clone())).collect()
    }

    /// The source of a contract with this code. Reads a file.
    pub fn get(&self, address: Address, code_hash: B256) -> Option<Arc<Verified>> {
        self.name(address, code_hash)?;
        match &self.place {
            Storage::Memory(kept) => hold(kept).get(&address).cloned(),
            Storage::Folder(folder) => match read(&file(folder, address)) {
                Ok(verified) => Some(Arc::new(verified)),
                Err(error) => {
                    tracing::warn!(%address, %error, "a source cannot be read");
                    None
                }
            },
        }
    }

    /// Compares a source with the code on the chain and keeps it; an earlier one gives way. Writes a
    /// file.
    ///
    /// # Errors
    /// The source does not match, is malformed or too large, or cannot be written.
    pub fn put(
        &self,
        address: Address,
        code: &[u8],
        given: Verifying,
    ) -> Result<Arc<Verified>, Refused> {
        check(&given)?;
        let compiled = Compiled { code: given.runtime_bytecode.to_vec(), places: given.places };
        let matches = compare(&compiled, code)?;
        let code_hash = keccak256(code);
        let verified = Arc::new(Verified {
            matches,
            code_hash,
            contract: given.contract,
            compiler: given.compiler,
            settings: given.settings,
            sources: given.sources,
            abi: given.abi,
        });
        let summary = Summary { contract: verified.contract.clone(), code_hash, matches };
        let mut known = hold(&self.known);
        if known.len() >= SOURCES_MAX && !known.contains_key(&address) {
            return Err(Refused::Full);
        }
        match &self.place {
            Storage::Memory(kept) => {
                hold(kept).insert(address, Arc::clone(&verified));
            }
            Storage::Folder(folder) => write(&file(folder, address), &summary, &verified)?,
        }
        known.insert(address, summary);
        Ok(verified)
    }
}

fn check(given: &Verifying) -> Result<(), Refused> {
    let shape = |reason: &str| Err(Refused::Shape(reason.to_owned()));
    if given.sources.is_empty() || given.sources.len() > FILES_MAX {
        return Err(Refused::Shape(format!("a source has 1 to {FILES_MAX} files")));
    }
    let names = given.sources.keys().chain([&given.contract, &given.compiler]);
    for name in names {
        let is_text = !name.is_empty() && !name.chars().any(char::is_control);
        if !is_text || name.len() > NAME_BYTES_MAX {
            return shape("contract, compiler and files have names of 1 to 512 bytes of text");
        }
    }
    if !given.settings.is_object() {
        return shape("`settings` is an object");
    }
    let texts: usize = given.sources.values().map(String::len).sum();
    let rest = given.settings.to_string().len() + given.abi.to_string().len();
    if texts + rest > SOURCE_BYTES_MAX {
        return Err(Refused::Shape(format!(
            "source, settings and ABI have more than {SOURCE_BYTES_MAX} bytes together"
        )));
    }
    Abi::read(&given.abi)?;
    Ok(())
}

fn file(folder: &Path, address: Address) -> PathBuf {
    folder.join(format!("{address:#x}.json"))
}

fn read_summary(path: &Path) -> io::Result<Summary> {
    let mut line = String::new();
    BufReader::new(fs::File::open(path)?).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

fn read(path: &Path) -> io::Result<Verified> {
    let text = fs::read_to_string(path)?;
    let (_, rest) = text.split_once('\n').unwrap_or_default();
    Ok(serde_json::from_str(rest)?)
}

/// Writes beside the file and puts it in place in one step.
fn write(path: &Path, summary: &Summary, verified: &Verified) -> io::Result<()> {
    let text =
        format!("{}\n{}\n", serde_json::to_string(summary)?, serde_json::to_string(verified)?);
    let fresh = path.with_extension("new");
    fs::write(&fresh, text)?;
    fs::File::open(&fresh)?.sync_all()?;
    fs::rename(fresh, path)
}

fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().expect("nobody panics while holding it")
}
