//! The home folder of a member: what lies where, who may read it, and what makes a node refuse it.
//!
//! ```text
//! qiao.toml       configuration
//! genesis.json    the common genesis
//! validator.key   network and vote keys, mode 0600
//! desks/          accounts of organisations without a node, if the configuration names it, mode 0600
//! account.key     the member's Ethereum account, mode 0600
//! sharing.key     keys that open what was sealed for the member, mode 0600
//! validator.voted there once this validator has run: its data is not to be lost without notice
//! data/           blocks, state, index; `chain` names the network, `lock` the process
//! ```

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use alloy_signer_local::PrivateKeySigner;
use qiao_types::Genesis;

use crate::config::{self, CONFIG_FILE};
use crate::sharing;

/// The genesis file in a home.
pub const GENESIS_FILE: &str = "genesis.json";
/// The validator's keys in a home.
pub const VALIDATOR_KEY_FILE: &str = "validator.key";
/// The member's account in a home.
pub const ACCOUNT_KEY_FILE: &str = "account.key";
/// The file in the data folder that names the chain.
const CHAIN_FILE: &str = "chain";
/// The folder in the data folder with the stores of the chain.
pub const CHAIN_DATA: &str = "chain-data";
/// The file in the data folder that says since when this validator does not know how it voted.
const FORGOTTEN_FILE: &str = "votes-forgotten";
/// The file in the data folder that has a state fetched where there is none.
const FETCHING_FILE: &str = "fetch-state";
/// The file in the data folder that the running process holds locked.
pub const LOCK_FILE: &str = "lock";
/// Bytes that a key file may have.
const KEY_FILE_BYTES_MAX: u64 = 64 * 1024;

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// A file or folder cannot be read or written.
    #[error("{what} `{}`: {cause}", path.display())]
    Inaccessible {
        /// What it is, for a person.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Others can read a secret.
    #[error("key file `{}` can be read by other users (mode {mode:03o})", path.display())]
    KeyExposed {
        /// The key file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A key file does not hold a key.
    #[error("key file `{}` holds no {what}", path.display())]
    KeyMalformed {
        /// What was expected.
        what: &'static str,
        /// The key file.
        path: PathBuf,
    },
    /// The genesis file is not one.
    #[error("genesis `{}` cannot be understood: {cause}", path.display())]
    GenesisMalformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The genesis is one in which this validator does not appear, or whose state does not add up.
    #[error("genesis `{}` is the wrong one: {reason}", path.display())]
    GenesisWrong {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The data folder belongs to another chain.
    #[error(
        "data folder `{}` belongs to another chain (genesis {found}, expected {expected})",
        path.display()
    )]
    OtherChain {
        /// The data folder.
        path: PathBuf,
        /// The fingerprint in the folder, shortened.
        found: String,
        /// The fingerprint of the genesis, shortened.
        expected: String,
    },
    /// There is no data although the validator has run.
    #[error("the data of this validator is gone from `{}`, but it has run before", path.display())]
    DataLost {
        /// The data folder.
        path: PathBuf,
    },
    /// Another process uses the data folder.
    #[error("data folder `{}` is in use by another process{holder}", path.display())]
    InUse {
        /// The data folder.
        path: PathBuf,
        /// ` (process 123)`, if it said so.
        holder: String,
    },
    /// Something listens there already.
    #[error("port {} for `{key}` is in use ({address})", address.port())]
    PortInUse {
        /// The configuration key.
        key: &'static str,
        /// The address.
        address: SocketAddr,
    },
    /// The folder for a new network is not empty.
    #[error("folder `{}` is not empty", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
}

impl HomeError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Inaccessible { .. } => {
                "the user who starts the node must own its home folder; `qiao init` writes one"
                    .into()
            }
            Self::KeyExposed { path, .. } => format!("`chmod 600 {}`", path.display()),
            Self::KeyMalformed { .. } => "restore the key file from your backup".into(),
            Self::GenesisMalformed { .. } | Self::GenesisWrong { .. } => {
                "every member uses the same `genesis.json`, as `qiao init` wrote it".into()
            }
            Self::OtherChain { .. } => {
                "point `data_dir` to a new folder, or put back the genesis that belongs to it"
                    .into()
            }
            Self::DataLost { .. } => {
                "put the data folder back; if it is lost, `qiao repair --home DIR` lets the node fetch \
                 everything from the others"
                    .into()
            }
            Self::InUse { .. } => "stop the other node, or give this one its own `data_dir`".into(),
            Self::PortInUse { key, .. } => {
                format!("stop what listens there, or set another `{key}` in `qiao.toml`")
            }
            Self::NotEmpty { .. } => "name a new folder with `--out`".into(),
        }
    }
}

/// What `init` writes into the home of one member.
#[derive(Debug, Clone)]
pub struct MemberFiles {
    /// The validator's name.
    pub name: String,
    /// The configuration keys that differ from their defaults, as they stand in the file.
    pub settings: BTreeMap<&'static str, String>,
    /// The common genesis, as JSON.
    pub genesis: String,
    /// The validator's keys, in their file format.
    pub validator_key: String,
    /// The member's Ethereum account.
    pub account: PrivateKeySigner,
    /// The keys that open what is sealed for the member, in their file format.
    pub sharing_key: String,
}

impl MemberFiles {
    /// Writes the home; keys can be read by their owner only.
    pub fn write(&self, home: &Path) -> Result<(), HomeError> {
        create_folder("home folder", home)?;
        let mut settings = self.settings.clone();
        settings.insert("name", config::quoted(&self.name));
        settings.insert("sharing_key_file", config::quoted(sharing::DEFAULT_FILE));
        write_file(&home.join(CONFIG_FILE), &config::annotated(&settings), 0o644)?;
        write_file(&home.join(GENESIS_FILE), &self.genesis, 0o644)?;
        write_file(&home.join(VALIDATOR_KEY_FILE), &self.validator_key, 0o600)?;
        write_file(&home.join(sharing::DEFAULT_FILE), &self.sharing_key, 0o600)?;
        let account = format!("{:#x}\n", self.account.to_bytes());
        write_file(&home.join(ACCOUNT_KEY_FILE), &account, 0o600)
    }
}

/// Refuses a folder that holds something; creates it if it is not there.
pub fn require_empty(folder: &Path) -> Result<(), HomeError> {
    create_folder("folder", folder)?;
    let mut entries = fs::read_dir(folder).map_err(inaccessible("folder", folder))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(HomeError::NotEmpty { path: folder.to_path_buf() }),
    }
}

/// Writes a new file with these permissions, durably; refuses to replace one.
pub fn write_file(path: &Path, content: &str, mode: u32) -> Result<(), HomeError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let write = || -> io::Result<()> {
        let mut file = options.open(path)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()
    };
    write().map_err(inaccessible("file", path))
}

/// Reads a key file that only its owner can read.
pub fn read_secret(path: &Path) -> Result<String, HomeError> {
    let mut file = File::open(path).map_err(inaccessible("key file", path))?;
    let metadata = file.metadata().map_err(inaccessible("key file", path))?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            return Err(HomeError::KeyExposed { path: path.to_path_buf(), mode });
        }
    }
    if metadata.len() > KEY_FILE_BYTES_MAX {
        return Err(HomeError::KeyMalformed { what: "key", path: path.to_path_buf() });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(inaccessible("key file", path))?;
    Ok(text.trim().to_string())
}

/// Reads the accounts of a folder of key files, by name.
pub fn read_accounts(folder: &Path) -> Result<Vec<PrivateKeySigner>, HomeError> {
    let entries = fs::read_dir(folder).map_err(inaccessible("folder of desk keys", folder))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(inaccessible("folder of desk keys", folder))?.path();
        if path.extension().is_some_and(|extension| extension == "key") {
            files.push(path);
        }
    }
    files.sort();
    files.iter().map(|file| read_account(file)).collect()
}

/// Reads the member's account.
pub fn read_account(path: &Path) -> Result<PrivateKeySigner, HomeError> {
    read_secret(path)?.parse().map_err(|_| HomeError::KeyMalformed {
        what: "account key (64 hex digits)",
        path: path.to_path_buf(),
    })
}

/// Reads the genesis file.
pub fn read_genesis(path: &Path) -> Result<Genesis, HomeError> {
    read_genesis_by(path, |text| serde_json::from_str(text))
}

/// Reads what a node with a state needs of the genesis file: all but its accounts.
pub fn read_genesis_header(path: &Path) -> Result<Genesis, HomeError> {
    read_genesis_by(path, Genesis::header_from_json)
}

fn read_genesis_by(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<Genesis, serde_json::Error>,
) -> Result<Genesis, HomeError> {
    let text = fs::read_to_string(path).map_err(inaccessible("genesis", path))?;
    parse(&text).map_err(|cause| HomeError::GenesisMalformed {
        path: path.to_path_buf(),
        cause: cause.to_string(),
    })
}

/// The data folder, held by this process until dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Creates or opens the data folder, locks it, and checks that it belongs to this chain.
    pub fn open(path: &Path, genesis: &Genesis) -> Result<Self, HomeError> {
        create_folder("data folder", path)?;
        let lock = lock(path)?;
        let expected = format!("{:#x}", genesis.fingerprint());
        let chain = path.join(CHAIN_FILE);
        match fs::read_to_string(&chain) {
            Ok(found) if found.trim() == expected => {}
            Ok(found) => {
                return Err(HomeError::OtherChain {
                    path: path.to_path_buf(),
                    found: shortened(found.trim()),
                    expected: shortened(&expected),
                });
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                write_file(&chain, &format!("{expected}\n"), 0o644)?;
            }
            Err(cause) => return Err(inaccessible("data folder", path)(cause)),
        }
        Ok(Self { path: path.to_path_buf(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses a folder without stores of a validator that has run; otherwise notes that it has, so
    /// that the loss of the folder is noticed. A validator without its data has forgotten its votes.
    pub fn require_votes(&self, validator_key: &Path) -> Result<(), HomeError> {
        let is_there = self.path.join(CHAIN_DATA).is_dir();
        let voted = voted_file(validator_key);
        match (is_there, voted.exists()) {
            (false, true) => Err(HomeError::DataLost { path: self.path.clone() }),
            (_, true) => Ok(()),
            (_, false) => {
                // Keys may lie where nothing can be written; then a loss is not noticed.
                if let Err(error) = write_file(&voted, "", 0o644) {
                    tracing::warn!(%error, "a loss of the data folder will not be noticed");
                }
                Ok(())
            }
        }
    }

    /// Makes the folder of the stores, empty.
    pub fn begin_anew(&self) -> Result<(), HomeError> {
        create_folder("data folder", &self.path.join(CHAIN_DATA))
    }

    /// Since when this validator does not know how it voted.
    pub fn votes_forgotten_ms(&self) -> Result<Option<u64>, HomeError> {
        let path = self.path.join(FORGOTTEN_FILE);
        let malformed = || io::Error::new(io::ErrorKind::InvalidData, "it holds no time");
        match fs::read_to_string(&path) {
            Ok(text) => match text.trim().parse() {
                Ok(forgotten_ms) => Ok(Some(forgotten_ms)),
                Err(_) => Err(inaccessible("file", &path)(malformed())),
            },
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(inaccessible("file", &path)(cause)),
        }
    }

    /// Notes that this validator does not know how it voted before now.
    pub fn forget_votes(&self, now_ms: u64) -> Result<(), HomeError> {
        self.remember_votes()?;
        write_file(&self.path.join(FORGOTTEN_FILE), &format!("{now_ms}\n"), 0o644)
    }

    /// Takes that note away.
    pub fn remember_votes(&self) -> Result<(), HomeError> {
        self.remove(FORGOTTEN_FILE)
    }

    /// Whether the state is fetched from the other validators if there is none.
    pub fn fetches_state(&self) -> bool {
        self.path.join(FETCHING_FILE).exists()
    }

    /// Notes whether it is.
    pub fn fetch_state(&self, is_wanted: bool) -> Result<(), HomeError> {
        self.remove(FETCHING_FILE)?;
        if is_wanted { write_file(&self.path.join(FETCHING_FILE), "", 0o644) } else { Ok(()) }
    }

    fn remove(&self, name: &str) -> Result<(), HomeError> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(inaccessible("file", &path)(cause))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the validator with this key file has run.
pub fn has_voted(validator_key: &Path) -> bool {
    voted_file(validator_key).exists()
}

fn voted_file(validator_key: &Path) -> PathBuf {
    validator_key.with_extension("voted")
}

/// Refuses an address on which something listens already.
pub fn require_free(key: &'static str, address: SocketAddr) -> Result<(), HomeError> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(_) => Err(HomeError::PortInUse { key, address }),
    }
}

/// Locks the folder; the lock falls when the process ends, however it ends.
fn lock(path: &Path) -> Result<File, HomeError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let name = path.join(LOCK_FILE);
    let mut file = options.open(&name).map_err(inaccessible("data folder", path))?;
    match file.try_lock() {
        Ok(()) => {
            let note = |file: &mut File| -> io::Result<()> {
                file.set_len(0)?;
                write!(file, "{}", std::process::id())
            };
            note(&mut file).map_err(inaccessible("data folder", path))?;
            Ok(file)
        }
        Err(fs::TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(&name).unwrap_or_default();
            let holder = match holder.trim() {
                "" => String::new(),
                process => format!(" (process {process})"),
            };
            Err(HomeError::InUse { path: path.to_path_buf(), holder })
        }
        Err(fs::TryLockError::Error(cause)) => Err(inaccessible("data folder", path)(cause)),
    }
}

fn create_folder(what: &'static str, path: &Path) -> Result<(), HomeError> {
    fs::create_dir_all(path).map_err(inaccessible(what, path))
}

pub(crate) fn inaccessible(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> HomeError {
    let path = path.to_path_buf();
    move |cause| HomeError::Inaccessible { what, path, cause }
}

/// The first digits, which tell networks apart well enough for a person.
fn shortened(fingerprint: &str) -> String {
    fingerprint.chars().take(10).collect()
}
