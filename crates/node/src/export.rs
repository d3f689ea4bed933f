//! The whole state of a network in a file, so that a new network can begin where it ended.
//!
//! A stopped node writes it: first a line of JSON that says what it is and proves it, then a line
//! per entry of the state. Whoever begins a network from it checks everything again.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use alloy_primitives::{Signature, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use qiao_consensus::{FinalityError, FinalityVerifier, Stopped, StoppedError, read_stopped};
use qiao_execution::genesis_changes;
use qiao_state::commit_genesis;
use qiao_types::{Address, B256, Block, Bytes, Genesis, ImportedState, StateCommitment, StateKey};
use serde::{Deserialize, Serialize};

use crate::{
    config::{CONFIG_FILE, Config},
    home::{
        self, ACCOUNT_KEY_FILE, CHAIN_DATA, DataFolder, GENESIS_FILE, HomeError, VALIDATOR_KEY_FILE,
    },
    sharing,
};

/// The form of the file.
const FORMAT: u32 = 1;
const DOMAIN: &str = "qiao export";

/// The first line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of the file.
    pub qiao_export: u32,
    /// The fingerprint of the network's genesis.
    pub chain: B256,
    /// The height of the state.
    pub number: u64,
    /// The hash of the block.
    pub hash: B256,
    /// When it was proposed.
    pub timestamp_ms: u64,
    /// What its header commits to of the state.
    pub state: StateCommitment,
    /// Headers from that block to the one that the certificate is about, RLP.
    pub headers: Vec<Bytes>,
    /// The finality certificate of the last of them.
    pub certificate: Bytes,
    /// How many entries follow.
    pub entries: u64,
    /// Keccak-256 over all of them: key, length (4 bytes, big endian), value.
    pub entries_hash: B256,
    /// The root that the entries have in a network that begins with them.
    pub entries_root: B256,
    /// The genesis of the network.
    pub genesis: Genesis,
    /// The account of the member that wrote the file.
    pub exporter: Address,
    /// Its signature over all of the above; empty where it is computed.
    pub signature: Bytes,
}

/// A file cannot be written, or is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The home of the member.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Its stores.
    #[error("the stopped node cannot be read: {0}")]
    Stopped(#[from] StoppedError),
    /// The file cannot be read or written.
    #[error("export `{}`: {cause}", path.display())]
    Inaccessible {
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file is no export, or a damaged one.
    #[error("export `{}` is damaged: {reason}", path.display())]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The certificate does not prove the block.
    #[error("export is not proved: {0}")]
    NotFinal(#[from] FinalityError),
    /// A member's own store says something else.
    #[error("export differs from this member's own state at height {number}")]
    Differs {
        /// The height of both.
        number: u64,
    },
}

impl ExportError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Home(error) => error.hint(),
            Self::Stopped(StoppedError::Empty) => {
                "the node has to run until a block is final; then stop it and export".into()
            }
            Self::Stopped(_) => {
                "start the node, let it catch up, stop it (SIGTERM), and export again; or export at \
                 another member"
                    .into()
            }
            Self::Inaccessible { .. } => "the file must not exist, its folder must".into(),
            Self::Damaged { .. } | Self::NotFinal(_) => {
                "get the file again from the member that wrote it".into()
            }
            Self::Differs { .. } => {
                "do not begin a network with it; compare the members' state roots first".into()
            }
        }
    }
}

/// Writes the state of the stopped node in a home to a new file.
pub fn export(config: &Config, out: &Path) -> Result<Manifest, ExportError> {
    let genesis = home::read_genesis(&config.genesis)?;
    let account = home::read_account(&config.account_key_file)?;
    let stopped = read_home(config, &genesis)?;
    let mut manifest = Manifest {
        qiao_export: FORMAT,
        chain: genesis.fingerprint(),
        number: stopped.number,
        hash: stopped.hash,
        timestamp_ms: stopped.timestamp_ms,
        state: stopped.state.clone(),
        headers: stopped.headers.clone(),
        certificate: stopped.certificate.clone(),
        entries: stopped.entries.len() as u64,
        entries_hash: hash_of(&stopped.entries),
        entries_root: B256::ZERO,
        genesis,
        exporter: account.address(),
        signature: Bytes::new(),
    };
    let damaged = |reason: String| ExportError::Damaged { path: out.to_path_buf(), reason };
    manifest.entries_root = continued(&manifest, &stopped.entries).map_err(damaged)?.state.root;
    manifest.signature = sign(&manifest, &account);
    write(out, &manifest, &stopped.entries)
        .map_err(|cause| ExportError::Inaccessible { path: out.to_path_buf(), cause })?;
    Ok(manifest)
}

fn read_home(config: &Config, genesis: &Genesis) -> Result<Stopped, ExportError> {
    let held = DataFolder::open(&config.data_dir, genesis)?;
    Ok(read_stopped(&held.path().join(CHAIN_DATA), genesis)?)
}

fn write(path: &Path, manifest: &Manifest, entries: &BTreeMap<StateKey, Bytes>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create_new(path)?);
    serde_json::to_writer(&mut file, manifest)?;
    writeln!(file)?;
    for (key, value) in entries {
        writeln!(file, "{} {value}", key.0)?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// What a new home was made of.
#[derive(Debug, Clone)]
pub struct Continued {
    /// The first line of the file.
    pub manifest: Manifest,
    /// The genesis of the new network; the same for every member.
    pub genesis: Genesis,
    /// Whether the entries are those of this member's own store; `false` if it stopped at another
    /// height.
    pub is_own_state: bool,
}

/// Begins a network with an exported state: a new home with the keys and settings of an old one.
pub fn init_from_export(file: &Path, old: &Path, out: &Path) -> Result<Continued, ExportError> {
    let (manifest, entries) = read(file)?;
    let (config, _) = Config::load(old, &|_| None, &BTreeMap::new())
        .map_err(|error| damaged(file, format!("its home cannot be used: {error}")))?;
    let own = home::read_genesis(&config.genesis)?;
    if own.fingerprint() != manifest.chain {
        return Err(damaged(file, "it is of another network than the home".into()));
    }
    let is_own_state = is_own(&config, &own, &manifest, &entries)?;
    let genesis = continued(&manifest, &entries).map_err(|reason| damaged(file, reason))?;
    let json = serde_json::to_string_pretty(&genesis).expect("genesis has only string keys");
    home::require_empty(out)?;
    let copy = |name: &str| {
        let from = old.join(name);
        std::fs::read_to_string(&from).map_err(|cause| HomeError::Inaccessible {
            what: "file",
            path: from,
            cause,
        })
    };
    std::fs::create_dir_all(out).map_err(|cause| HomeError::Inaccessible {
        what: "home folder",
        path: out.to_path_buf(),
        cause,
    })?;
    home::write_file(&out.join(CONFIG_FILE), &copy(CONFIG_FILE)?, 0o644)?;
    home::write_file(&out.join(GENESIS_FILE), &json, 0o644)?;
    let own_keys = [
        (VALIDATOR_KEY_FILE, &config.validator_key_file),
        (ACCOUNT_KEY_FILE, &config.account_key_file),
    ];
    // The keys that members announced go over with the state.
    let sharing_key = config.sharing_key_file.iter().map(|file| (sharing::DEFAULT_FILE, file));
    for (name, key) in own_keys.into_iter().chain(sharing_key) {
        let secret = home::read_secret(key)?;
        home::write_file(&out.join(name), &format!("{secret}\n"), 0o600)?;
    }
    Ok(Continued { manifest, genesis, is_own_state })
}

/// Compares the file with the member's own store, if that stopped at the same height.
fn is_own(
    config: &Config,
    genesis: &Genesis,
    manifest: &Manifest,
    entries: &BTreeMap<StateKey, Bytes>,
) -> Result<bool, ExportError> {
    let own = match read_home(config, genesis) {
        Ok(own) => own,
        // A member without data of its own has to believe the signature.
        Err(ExportError::Stopped(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    if own.number != manifest.number {
        return Ok(false);
    }
    if own.hash != manifest.hash || own.entries != *entries {
        return Err(ExportError::Differs { number: own.number });
    }
    Ok(true)
}

/// Reads a file and checks all that it says of itself.
pub fn read(path: &Path) -> Result<(Manifest, BTreeMap<StateKey, Bytes>), ExportError> {
    let inaccessible = |cause| ExportError::Inaccessible { path: path.to_path_buf(), cause };
    let mut lines = BufReader::new(File::open(path).map_err(inaccessible)?).lines();
    let first = lines.next().transpose().map_err(inaccessible)?.unwrap_or_default();
    let manifest: Manifest = serde_json::from_str(&first)
        .map_err(|error| damaged(path, format!("its first line is no manifest: {error}")))?;
    if manifest.qiao_export != FORMAT {
        return Err(damaged(path, format!("form {} is not known", manifest.qiao_export)));
    }
    let mut entries = BTreeMap::new();
    for (number, line) in lines.enumerate() {
        let line = line.map_err(inaccessible)?;
        let entry = entry(&line)
            .ok_or_else(|| damaged(path, format!("line {} is no entry", number + 2)))?;
        entries.insert(entry.0, entry.1);
    }
    check(&manifest, &entries, path)?;
    Ok((manifest, entries))
}

fn entry(line: &str) -> Option<(StateKey, Bytes)> {
    let (key, value) = line.split_once(' ')?;
    Some((StateKey(key.parse().ok()?), value.parse().ok()?))
}

fn check(
    manifest: &Manifest,
    entries: &BTreeMap<StateKey, Bytes>,
    path: &Path,
) -> Result<(), ExportError> {
    let ensure = |holds: bool, reason: &str| {
        if holds { Ok(()) } else { Err(damaged(path, reason.into())) }
    };
    ensure(entries.len() as u64 == manifest.entries, "entries are missing or too many")?;
    ensure(hash_of(entries) == manifest.entries_hash, "entries were changed")?;
    ensure(manifest.genesis.fingerprint() == manifest.chain, "its genesis was changed")?;
    let is_member = manifest.genesis.validators.iter().any(|one| one.account == manifest.exporter);
    ensure(is_member, "it is not signed by a member of the network")?;
    let signer = Signature::try_from(manifest.signature.as_ref())
        .ok()
        .and_then(|signature| signature.recover_address_from_prehash(&digest(manifest)).ok());
    ensure(signer == Some(manifest.exporter), "its signature is not the exporter's")?;
    let last = check_headers(manifest).map_err(|reason| damaged(path, reason.into()))?;
    FinalityVerifier::new(&manifest.genesis)
        .map_err(|error| damaged(path, error.to_string()))?
        .verify(last, &manifest.certificate)?;
    let genesis = continued(manifest, entries).map_err(|reason| damaged(path, reason))?;
    ensure(genesis.state.root == manifest.entries_root, "entries have another root")
}

/// The headers lead from the exported block to the certified one, whose hash is returned.
fn check_headers(manifest: &Manifest) -> Result<B256, &'static str> {
    let mut parent: Option<B256> = None;
    for bytes in &manifest.headers {
        let header = Block::decode_header(bytes).map_err(|_| "a header does not decode")?;
        match parent {
            Some(parent) if header.parent_hash != parent => return Err("its headers do not link"),
            Some(_) => {}
            None => {
                let is_the_block = keccak256(bytes) == manifest.hash
                    && header.number == manifest.number
                    && header.state_root == manifest.state.root;
                if !is_the_block {
                    return Err("its first header is of another block");
                }
            }
        }
        parent = Some(keccak256(bytes));
    }
    parent.ok_or("it has no header")
}

/// The genesis of the network that goes on from here. It follows from the file alone, so that every
/// member gets the same.
fn continued(manifest: &Manifest, entries: &BTreeMap<StateKey, Bytes>) -> Result<Genesis, String> {
    let imported = ImportedState {
        chain: manifest.chain,
        number: manifest.number,
        hash: manifest.hash,
        state_root: manifest.state.root,
        entries: entries.iter().map(|(key, value)| (key.0, value.clone())).collect(),
    };
    let mut genesis = Genesis {
        timestamp_ms: manifest.timestamp_ms,
        imported: Some(imported),
        ..manifest.genesis.clone()
    };
    let changes = genesis_changes(&genesis).map_err(|error| error.to_string())?;
    genesis.state = commit_genesis(changes).map_err(|error| error.to_string())?;
    Ok(genesis)
}

fn hash_of(entries: &BTreeMap<StateKey, Bytes>) -> B256 {
    let mut hasher = alloy_primitives::Keccak256::new();
    for (key, value) in entries {
        hasher.update(key.0);
        hasher.update((value.len() as u32).to_be_bytes());
        hasher.update(value);
    }
    hasher.finalize()
}

fn digest(manifest: &Manifest) -> B256 {
    let unsigned = Manifest { signature: Bytes::new(), ..manifest.clone() };
    let json = serde_json::to_vec(&unsigned).expect("a manifest has only string keys");
    keccak256([DOMAIN.as_bytes(), &json].concat())
}

fn sign(manifest: &Manifest, account: &PrivateKeySigner) -> Bytes {
    let signature = account.sign_hash_sync(&digest(manifest)).expect("a key in memory signs");
    Bytes::from(signature.as_bytes().to_vec())
}

fn damaged(path: &Path, reason: String) -> ExportError {
    ExportError::Damaged { path: path.to_path_buf(), reason }
}
