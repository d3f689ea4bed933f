//! The file of API keys: who may come in over REST, console and JSON-RPC.

use std::{fs, path::Path};

use qiao_api::door::{self, KeysError};
pub use qiao_api::door::{Entry, Holder, Rights};
use rand::Rng as _;

use crate::home::{self, HomeError};

/// The file in a member's home, unless the configuration names another.
pub const DEFAULT_FILE: &str = "api.keys";

/// The longest name of a key.
const NAME_CHARS_MAX: usize = 64;

/// Why the file of keys is not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The name cannot stand in the file.
    #[error("`{name}` cannot be the name of a key: {rule}")]
    Name {
        /// The name.
        name: String,
        /// What a name is.
        rule: String,
    },
    /// There is a key with the name.
    #[error("there is a key `{0}` already")]
    Taken(String),
    /// There is no key with the name.
    #[error("there is no key `{0}`")]
    Unknown(String),
    /// The file.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Writing the file.
    #[error(transparent)]
    File(#[from] HomeError),
}

impl AccessError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Name { .. } => "a short word for the system that holds it, such as `erp`".into(),
            Self::Taken(name) => format!("`qiao key remove {name}` takes it out"),
            Self::Unknown(_) => "`qiao key list` shows the names".into(),
            Self::Keys(_) => {
                "each line is a name, rights and a hash, as `qiao key add` writes".into()
            }
            Self::File(error) => error.hint(),
        }
    }
}

/// Makes a key, and answers with its text, which is kept nowhere.
///
/// One that is bound to an organisation opens its desk only, a partner's only what its profile shows.
pub fn add(
    file: &Path,
    name: &str,
    rights: &Rights,
    holder: Holder,
) -> Result<String, AccessError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(is_plain) {
        let rule = format!("1 to {NAME_CHARS_MAX} letters, digits and `-_.@`");
        return Err(AccessError::Name { name: name.into(), rule });
    }
    let mut entries = list(file)?;
    if entries.iter().any(|entry| entry.name == name) {
        return Err(AccessError::Taken(name.into()));
    }
    let mut secret = [0; 32];
    rand::rng().fill_bytes(&mut secret);
    let key = door::fresh_key(name, rights.clone(), holder, secret);
    entries.push(key.entry);
    write(file, &entries)?;
    Ok(key.text)
}

/// The keys of a file; none if there is no file.
pub fn list(file: &Path) -> Result<Vec<Entry>, AccessError> {
    Ok(door::entries(file)?)
}

/// Takes a key out.
pub fn remove(file: &Path, name: &str) -> Result<(), AccessError> {
    let mut entries = list(file)?;
    let before = entries.len();
    entries.retain(|entry| entry.name != name);
    if entries.len() == before {
        return Err(AccessError::Unknown(name.into()));
    }
    write(file, &entries)
}

/// Replaces the file as a whole: a running node never reads half of it.
fn write(file: &Path, entries: &[Entry]) -> Result<(), AccessError> {
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    // One that an interrupted command left behind.
    let _ = fs::remove_file(part);
    home::write_file(part, &door::print_entries(entries), 0o600)?;
    let moved = fs::rename(part, file);
    moved.map_err(|cause| home::inaccessible("key file", file)(cause).into())
}

#[cfg(test)]
mod tests;
