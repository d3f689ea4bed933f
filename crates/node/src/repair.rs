//! The stores of a stopped node examined; what is damaged is put aside, to be made again.
//!
//! Nothing is mended in place and nothing is deleted: damaged stores, and what was made from them, go
//! to a folder beside the data. The next start makes them again: state, receipts and index from the
//! node's own blocks, the blocks themselves from the other validators.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use qiao_consensus::{examine, is_held_by_others};
use qiao_indexer::Index;
use serde::Serialize;

use crate::{
    config::Config,
    home::{self, CHAIN_DATA, DataFolder, HomeError, inaccessible},
    status::now_ms,
};

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct RepairOptions {
    /// Only look; change nothing.
    pub is_check: bool,
    /// Put the journal of this validator's votes aside too.
    pub forgets_votes: bool,
    /// Vote at once although the votes are forgotten.
    pub votes_at_once: bool,
    /// Fetch the state from the other validators, and make up for the history later.
    pub fetches_state: bool,
}

/// What was found in one store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreReport {
    /// Its name.
    pub store: &'static str,
    /// Entries that were read and are what they should be.
    pub entries: Option<u64>,
    /// What is wrong with it.
    pub damage: Option<String>,
}

/// What was found and done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// By store.
    pub stores: Vec<StoreReport>,
    /// Whether there was no data at all although this validator has run before.
    pub was_lost: bool,
    /// Whether the blocks come from the other validators again.
    pub needs_peers: bool,
    /// What was put aside, and where to.
    pub put_aside: Vec<PathBuf>,
    /// Whether the validator listens until its old votes cannot matter.
    pub listens_first: bool,
    /// Whether the next start fetches the state of the others.
    pub fetches_state: bool,
}

/// A node cannot be repaired.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// The home of the member.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// There is nobody to fetch from.
    #[error("the blocks are damaged, and the network has no other validator that holds them")]
    Alone,
    /// There is nobody to fetch the state from.
    #[error("the network has no other validator to fetch the state from")]
    NobodyHasState,
}

impl RepairError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Home(error) => error.hint(),
            Self::Alone => "put back a copy of `data/` from a backup".into(),
            Self::NobodyHasState => "leave `--fetch-state` out".into(),
        }
    }
}

impl Repair {
    /// Whether nothing was wrong.
    pub fn is_sound(&self) -> bool {
        !self.was_lost && self.stores.iter().all(|store| store.damage.is_none())
    }
}

/// Examines the stores of a stopped node and puts aside what is damaged.
pub fn repair(config: &Config, options: RepairOptions) -> Result<Repair, RepairError> {
    let genesis = home::read_genesis(&config.genesis)?;
    let held = DataFolder::open(&config.data_dir, &genesis)?;
    if options.fetches_state && genesis.validators.len() < 2 {
        return Err(RepairError::NobodyHasState);
    }
    let chain = held.path().join(CHAIN_DATA);
    if !chain.is_dir() {
        return lost(config, &held, options);
    }
    let found = examine(&chain, &genesis);
    let mut stores: Vec<StoreReport> = found
        .findings
        .iter()
        .map(|finding| StoreReport {
            store: finding.store.name(),
            entries: Some(finding.entries),
            damage: finding.damage.clone(),
        })
        .collect();
    let index = index_file(config);
    let damage = index.as_deref().and_then(|_| damage_of_index(config));
    let is_index_given_up = damage.is_some() || !found.is_sound() || options.fetches_state;
    stores.push(StoreReport { store: "index", entries: None, damage });
    let mut repair = Repair {
        stores,
        was_lost: false,
        needs_peers: found.needs_peers(),
        put_aside: Vec::new(),
        listens_first: options.forgets_votes && !options.votes_at_once,
        fetches_state: false,
    };
    if options.is_check {
        return Ok(repair);
    }
    if repair.needs_peers && genesis.validators.len() < 2 {
        return Err(RepairError::Alone);
    }
    let is_vote = |name: &str| name.contains("-agreement-") || name.contains("-listening-");
    let mut given_up: Vec<PathBuf> = folders(&chain)?
        .into_iter()
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_unwanted = options.fetches_state && is_held_by_others(&name);
            is_unwanted || found.gives_up(&name) || options.forgets_votes && is_vote(&name)
        })
        .collect();
    if is_index_given_up && let Some(file) = index {
        let beside = |end: &str| PathBuf::from(format!("{}{end}", file.display()));
        given_up.extend(["", "-wal", "-shm"].map(beside).into_iter().filter(|path| path.exists()));
    }
    // The votes are forgotten before they are gone: a crash in between only costs time.
    note_votes(&held, options)?;
    held.fetch_state(options.fetches_state)?;
    repair.fetches_state = options.fetches_state;
    repair.put_aside = put_aside(held.path(), given_up)?;
    Ok(repair)
}

/// There is no data: everything is fetched again, and the votes are forgotten.
fn lost(config: &Config, held: &DataFolder, options: RepairOptions) -> Result<Repair, RepairError> {
    let has_voted = home::has_voted(&config.validator_key_file) || options.forgets_votes;
    let mut repair = Repair {
        stores: Vec::new(),
        was_lost: has_voted,
        needs_peers: has_voted,
        put_aside: Vec::new(),
        listens_first: has_voted && !options.votes_at_once,
        fetches_state: false,
    };
    if options.is_check {
        return Ok(repair);
    }
    held.fetch_state(options.fetches_state)?;
    repair.fetches_state = options.fetches_state;
    if !has_voted {
        return Ok(repair);
    }
    let options = RepairOptions { forgets_votes: true, ..options };
    note_votes(held, options)?;
    // An index of blocks that are not here is of no use.
    let index = index_file(config).filter(|file| file.exists());
    repair.put_aside = put_aside(held.path(), index.into_iter().collect())?;
    held.begin_anew()?;
    Ok(repair)
}

fn note_votes(held: &DataFolder, options: RepairOptions) -> Result<(), HomeError> {
    match (options.forgets_votes, options.votes_at_once) {
        (_, true) => held.remember_votes(),
        (true, false) => held.forget_votes(now_ms()),
        (false, false) => Ok(()),
    }
}

/// The file of the index, if it is one.
fn index_file(config: &Config) -> Option<PathBuf> {
    let url = config.index_url();
    let file = url.strip_prefix("sqlite:")?.trim_start_matches("//").to_string();
    (!file.contains(":memory:")).then(|| PathBuf::from(file)).filter(|file| file.exists())
}

/// What SQLite finds wrong with the index.
fn damage_of_index(config: &Config) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return Some(error.to_string()),
    };
    runtime.block_on(async {
        match Index::open(&config.index_url()).await {
            Ok(index) => index.damage().await,
            Err(error) => Some(error.to_string()),
        }
    })
}

fn folders(path: &Path) -> Result<Vec<PathBuf>, HomeError> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(path)? {
            folders.push(entry?.path());
        }
        folders.sort();
        Ok(folders)
    };
    list().map_err(inaccessible("data folder", path))
}

/// Moves files and folders to a new folder below `data`; says where they are now.
fn put_aside(data: &Path, given_up: Vec<PathBuf>) -> Result<Vec<PathBuf>, HomeError> {
    if given_up.is_empty() {
        return Ok(given_up);
    }
    let aside = data.join(format!("damaged-{}", now_ms()));
    fs::create_dir_all(&aside).map_err(inaccessible("folder", &aside))?;
    let mut moved = Vec::new();
    for path in given_up {
        let to = aside.join(path.file_name().unwrap_or_default());
        match fs::rename(&path, &to) {
            Ok(()) => moved.push(to),
            // The journal of the index goes by itself when its last reader ends.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(inaccessible("store", &path)(error)),
        }
    }
    Ok(moved)
}
