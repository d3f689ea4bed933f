//! API keys: a file with a line for each key, which holds its name, what it may do, and its hash.
//!
//! A key is 256 random bits, so that a plain hash tells nothing of it. The file is read again when
//! it changes; a key that was taken out opens nothing from then on.

use std::{
    collections::BTreeMap,
    fmt, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::{Duration, SystemTime},
};

use sha2::{Digest as _, Sha256};

use super::Tls;

/// What every key begins with, so that it is recognised where it should not be.
pub const KEY_PREFIX: &str = "qiao_";

/// Keys of one file.
const KEYS_MAX: usize = 10_000;

/// The files are looked at this often.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Ask: `GET`, calls and queries.
    Read,
    /// Capture events, send transactions.
    Write,
    /// Trace: `debug_*`, which costs the node far more than a question.
    Debug,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Debug];

    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Debug => "debug",
        }
    }
}

/// Several rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights(Vec<Right>);

impl Rights {
    /// Whether this right is among them.
    pub fn has(&self, right: Right) -> bool {
        self.0.contains(&right)
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(|right| right.word()).collect();
        formatter.write_str(&words.join(","))
    }
}

impl FromStr for Rights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rights = Vec::new();
        for word in text.split(',') {
            let right = Right::ALL.into_iter().find(|right| right.word() == word);
            rights.push(right.ok_or_else(|| {
                format!("a key may `read`, `write` and `debug`, several with commas, not `{word}`")
            })?);
        }
        rights.sort_unstable();
        rights.dedup();
        Ok(Self(rights))
    }
}

/// To whom a key belongs, which decides what it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// The node's own people.
    Own,
    /// An organisation: its desk, and nowhere else.
    Desk(u64),
    /// A partner: events, as far as the profile of this name shows them.
    Partner(String),
}

/// What the name of a profile begins with in the file.
const PARTNER: &str = "partner:";

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => Ok(()),
            Self::Desk(number) => write!(formatter, "{number}"),
            Self::Partner(profile) => write!(formatter, "{PARTNER}{profile}"),
        }
    }
}

/// The hash of a key.
pub(super) type KeyHash = [u8; 32];

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose key it is.
    pub name: String,
    /// What it may do.
    pub rights: Rights,
    /// To whom it belongs.
    pub holder: Holder,
    hash: KeyHash,
}

/// A key that was just made: its text is shown once and kept nowhere.
pub struct FreshKey {
    /// What a client sends.
    pub text: String,
    /// What the file holds of it.
    pub entry: Entry,
}

/// Why a file of keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read.
    #[error("key file `{}` cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A line is no key.
    #[error("key file `{}`, line {line}: {rule}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is expected.
        rule: String,
    },
}

/// The key with this secret: 32 bytes of the system's randomness.
pub fn fresh_key(name: &str, rights: Rights, holder: Holder, secret: [u8; 32]) -> FreshKey {
    let text = format!("{KEY_PREFIX}{}", alloy_primitives::hex::encode(secret));
    let entry = Entry { name: name.to_owned(), rights, holder, hash: hash(&text) };
    FreshKey { text, entry }
}

/// The entries of a file, in its order; none if there is no file.
///
/// # Errors
/// The file cannot be read, or a line is no entry.
pub fn entries(path: &Path) -> Result<Vec<Entry>, KeysError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(KeysError::Unreadable { path: path.to_path_buf(), cause }),
    };
    let mut found: Vec<Entry> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let refuse = |rule: String| KeysError::Malformed {
            path: path.to_path_buf(),
            line: number + 1,
            rule,
        };
        let entry = read_entry(line).map_err(refuse)?;
        if found.iter().any(|other| other.name == entry.name) {
            return Err(refuse(format!("the name `{}` is there twice", entry.name)));
        }
        if found.len() == KEYS_MAX {
            return Err(refuse(format!("there are more than {KEYS_MAX} keys")));
        }
        found.push(entry);
    }
    Ok(found)
}

/// The text of a file with these entries.
pub fn print_entries(entries: &[Entry]) -> String {
    let mut text = String::from(
        "# API keys: name, what it may do, SHA-256 of the key, and, where it opens the desk of one \
         organisation only, its number, or where it is a partner's, `partner:` and the name of its \
         profile. `qiao key` writes this file.\n",
    );
    for Entry { name, rights, holder, hash } in entries {
        let hash = alloy_primitives::hex::encode(hash);
        let line = format!("{name} {rights} {hash} {holder}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn read_entry(line: &str) -> Result<Entry, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ([name, rights, hash], holder) = match words[..] {
        [name, rights, hash] => ([name, rights, hash], Holder::Own),
        [name, rights, hash, holder] => ([name, rights, hash], read_holder(holder)?),
        _ => {
            let expected = "expected a name, rights, a hash and perhaps the number of an \
                            organisation or the profile of a partner, with spaces between";
            return Err(expected.to_owned());
        }
    };
    let mut bytes = [0; 32];
    alloy_primitives::hex::decode_to_slice(hash, &mut bytes)
        .map_err(|_| "the hash is 64 hexadecimal digits".to_owned())?;
    Ok(Entry { name: name.to_owned(), rights: rights.parse()?, holder, hash: bytes })
}

fn read_holder(text: &str) -> Result<Holder, String> {
    if let Some(profile) = text.strip_prefix(PARTNER).filter(|profile| !profile.is_empty()) {
        return Ok(Holder::Partner(profile.to_owned()));
    }
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Holder::Desk).ok_or_else(|| {
        format!("an organisation is a number, a partner `{PARTNER}PROFILE`, not `{text}`")
    })
}

fn hash(key: &str) -> KeyHash {
    Sha256::digest(key.as_bytes()).into()
}

/// The keys of a listener.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    current: RwLock<Current>,
}

#[derive(Debug)]
struct Current {
    keys: BTreeMap<KeyHash, Entry>,
    stamp: Option<(SystemTime, u64)>,
}

impl Keys {
    /// Reads a file of keys.
    ///
    /// # Errors
    /// It cannot be read, or a line is no entry. A file that is not there is not an empty one.
    pub fn open(path: &Path) -> Result<Arc<Self>, KeysError> {
        let unreadable = |cause| KeysError::Unreadable { path: path.to_path_buf(), cause };
        let stamp = stamp(path).map_err(unreadable)?;
        let current = Current { keys: by_hash(entries(path)?), stamp: Some(stamp) };
        Ok(Arc::new(Self { path: path.to_path_buf(), current: RwLock::new(current) }))
    }

    /// Reads the file again if it changed. A file that cannot be used is logged, and the keys stay
    /// what they were; one that is gone leaves no keys.
    pub fn refresh(&self) {
        let stamp = match stamp(&self.path) {
            Ok(stamp) => Some(stamp),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return tracing::error!(%error, "the keys stay what they were"),
        };
        if stamp == self.current.read().unwrap_or_else(PoisonError::into_inner).stamp {
            return;
        }
        match entries(&self.path) {
            Ok(entries) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                *current = Current { keys: by_hash(entries), stamp };
            }
            Err(error) => tracing::error!(%error, "the keys stay what they were"),
        }
    }

    /// What a key grants; `None` if it is not known.
    pub fn admit(self: &Arc<Self>, key: &str) -> Option<Granted> {
        let hash = hash(key);
        let granted = Granted { hash, keys: Arc::clone(self) };
        granted.find(|_| ()).map(|()| granted)
    }
}

/// Reads certificate and keys again when their files change, for as long as they are used.
pub(super) fn watch(keys: Option<&Arc<Keys>>, tls: Option<&Arc<Tls>>) {
    let (keys, tls) = (keys.map(Arc::downgrade), tls.map(Arc::downgrade));
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK_INTERVAL).await;
            let keys = keys.as_ref().and_then(Weak::upgrade);
            let tls = tls.as_ref().and_then(Weak::upgrade);
            if keys.is_none() && tls.is_none() {
                return;
            }
            if let Some(keys) = keys {
                keys.refresh();
            }
            if let Some(tls) = tls {
                tls.refresh();
            }
        }
    });
}

fn by_hash(entries: Vec<Entry>) -> BTreeMap<KeyHash, Entry> {
    entries.into_iter().map(|entry| (entry.hash, entry)).collect()
}

fn stamp(path: &Path) -> std::io::Result<(SystemTime, u64)> {
    let file = fs::metadata(path)?;
    Ok((file.modified()?, file.len()))
}

/// The key of a request: an extension of it. What it may do is looked up each time, so that a key
/// that was taken out ends at once, on an open WebSocket too.
#[derive(Debug, Clone)]
pub struct Granted {
    hash: KeyHash,
    keys: Arc<Keys>,
}

impl Granted {
    /// Whether the key may do this; `None` if it is no longer known.
    pub fn may(&self, right: Right) -> Option<bool> {
        self.find(|entry| entry.rights.has(right))
    }

    /// The organisation to whose desk alone the key leads; `None` for others. A key that is no longer known
    /// leads to nobody's.
    pub fn organisation(&self) -> Option<u64> {
        let desk = |entry: &Entry| match entry.holder {
            Holder::Desk(number) => Some(number),
            Holder::Own | Holder::Partner(_) => None,
        };
        self.find(desk).unwrap_or(Some(0))
    }

    /// The profile by which a partner's key sees events; `None` for others. A key that is no longer known
    /// sees by a profile that no node keeps.
    pub fn partner(&self) -> Option<String> {
        let profile = |entry: &Entry| match &entry.holder {
            Holder::Partner(profile) => Some(profile.clone()),
            Holder::Own | Holder::Desk(_) => None,
        };
        self.find(profile).unwrap_or_else(|| Some(String::new()))
    }

    fn find<T>(&self, ask: impl FnOnce(&Entry) -> T) -> Option<T> {
        let current = self.keys.current.read().unwrap_or_else(PoisonError::into_inner);
        current.keys.get(&self.hash).map(ask)
    }
}
