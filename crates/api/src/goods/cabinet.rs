//! What a node keeps for its people and the chain does not: links of products, their names, mappings of
//! partners' files, and attached documents by their hash.
//!
//! It is a folder in the data folder, with one small JSON file for each entry, written whole or not at
//! all. Nothing on the chain depends on it, and it cannot be derived from the chain: back it up.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Attachments;

/// Entries of one drawer at most.
const ENTRIES_MAX: usize = 20_000;

/// Bytes of an entry at most.
const ENTRY_BYTES_MAX: usize = 256 * 1024;

/// Bytes of the name of an entry at most.
const NAME_BYTES_MAX: usize = 512;

/// What entries are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drawer {
    /// Links of things, by the path of their Digital Link.
    Links,
    /// Products, by their GTIN.
    Products,
    /// Places and parties, by their GLN.
    Places,
    /// How a partner's columns are read, by a name.
    Mappings,
    /// What partners see, by the name of a profile.
    Partners,
}

/// Why something is not kept.
#[derive(Debug, thiserror::Error)]
pub enum CabinetError {
    /// There are too many.
    #[error("a node keeps at most {ENTRIES_MAX} entries of this kind")]
    Full,
    /// It is too large.
    #[error("an entry has at most {ENTRY_BYTES_MAX} bytes and its name {NAME_BYTES_MAX}")]
    TooLarge,
    /// The disk.
    #[error("the entry cannot be kept: {0}")]
    Disk(#[from] io::Error),
}

impl CabinetError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Full => "cabinet.full",
            Self::TooLarge => "cabinet.too_large",
            Self::Disk(_) => "node.failure",
        }
    }
}

/// The cabinet of a node.
#[derive(Debug)]
pub struct Cabinet {
    folder: Option<PathBuf>,
    entries: Mutex<BTreeMap<(Drawer, String), Value>>,
    attachments: Attachments,
}

/// An entry as its file has it.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    value: Value,
}

impl Drawer {
    const ALL: [Self; 5] =
        [Self::Links, Self::Products, Self::Places, Self::Mappings, Self::Partners];

    fn folder(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Products => "products",
            Self::Places => "places",
            Self::Mappings => "mappings",
            Self::Partners => "partners",
        }
    }
}

impl Cabinet {
    /// A cabinet that is forgotten when the process ends.
    pub fn in_memory() -> Self {
        Self { folder: None, entries: Mutex::default(), attachments: Attachments::in_memory() }
    }

    /// The cabinet in a folder, which is made if it is missing. A file that is not understood is left
    /// where it is and said to the log.
    ///
    /// # Errors
    /// The folder cannot be read or made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let mut entries = BTreeMap::new();
        for drawer in Drawer::ALL {
            let folder = folder.join(drawer.folder());
            fs::create_dir_all(&folder)?;
            for file in fs::read_dir(&folder)? {
                let path = file?.path();
                if path.extension().is_none_or(|extension| extension != "json") {
                    continue;
                }
                match serde_json::from_slice::<Entry>(&fs::read(&path)?) {
                    Ok(entry) => _ = entries.insert((drawer, entry.name), entry.value),
                    Err(error) => {
                        tracing::warn!(%error, path = %path.display(), "an entry cannot be read");
                    }
                }
            }
        }
        let attachments = Attachments::open(&folder.join("attachments"))?;
        Ok(Self { folder: Some(folder.to_owned()), entries: Mutex::new(entries), attachments })
    }

    /// The documents that belong to events.
    pub fn attachments(&self) -> &Attachments {
        &self.attachments
    }

    /// An entry. One of another shape, from another version of this program, counts as none.
    pub fn get<T: DeserializeOwned>(&self, drawer: Drawer, name: &str) -> Option<T> {
        let value = self.lock().get(&(drawer, name.to_owned())).cloned()?;
        serde_json::from_value(value).ok()
    }

    /// The names of the entries of a drawer, in order.
    pub fn names(&self, drawer: Drawer) -> Vec<String> {
        let entries = self.lock();
        let own = entries.keys().filter(|(known, _)| *known == drawer);
        own.map(|(_, name)| name.clone()).collect()
    }

    /// Keeps an entry in place of what had its name.
    ///
    /// # Errors
    /// It is too large, there are too many, or the disk refuses.
    pub fn put<T: Serialize>(
        &self,
        drawer: Drawer,
        name: &str,
        value: &T,
    ) -> Result<(), CabinetError> {
        let value = serde_json::to_value(value).map_err(io::Error::other)?;
        let entry = Entry { name: name.to_owned(), value };
        let bytes = serde_json::to_vec(&entry).map_err(io::Error::other)?;
        if bytes.len() > ENTRY_BYTES_MAX || name.len() > NAME_BYTES_MAX {
            return Err(CabinetError::TooLarge);
        }
        let mut entries = self.lock();
        let key = (drawer, name.to_owned());
        let count = entries.keys().filter(|(known, _)| *known == drawer).count();
        if count >= ENTRIES_MAX && !entries.contains_key(&key) {
            return Err(CabinetError::Full);
        }
        if let Some(path) = self.path(drawer, name) {
            write_whole(&path, &bytes)?;
        }
        entries.insert(key, entry.value);
        Ok(())
    }

    /// Takes an entry out; tells whether there was one.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn remove(&self, drawer: Drawer, name: &str) -> Result<bool, CabinetError> {
        let mut entries = self.lock();
        let key = (drawer, name.to_owned());
        if !entries.contains_key(&key) {
            return Ok(false);
        }
        if let Some(path) = self.path(drawer, name) {
            fs::remove_file(path)?;
        }
        entries.remove(&key);
        Ok(true)
    }

    /// A name may hold anything, so the file has its hash.
    fn path(&self, drawer: Drawer, name: &str) -> Option<PathBuf> {
        let hash = alloy_primitives::hex::encode(Sha256::digest(name.as_bytes()));
        Some(self.folder.as_ref()?.join(drawer.folder()).join(format!("{hash}.json")))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(Drawer, String), Value>> {
        // The map is changed in one step, so that a panic elsewhere leaves it whole.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a file beside its place and moves it there.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = fs::File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}
