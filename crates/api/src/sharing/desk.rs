//! The keys with which a node opens what was sealed for its organisation.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::SystemTime,
};

use qiao_sharing::Keyring;

use crate::{Chain, capture::organisation_of};

/// When a file was changed, and its length.
type Stamp = Option<(SystemTime, u64)>;

/// The sharing keys of a node, from a file that is read again when it changes.
#[derive(Debug)]
pub struct SharingDesk {
    path: Option<PathBuf>,
    keys: RwLock<(Stamp, Arc<Keyring>)>,
    organisation: OnceLock<u64>,
}

impl SharingDesk {
    /// With these keys, as the file has them.
    pub fn new(path: &Path, keys: Keyring) -> Self {
        let keys = RwLock::new((stamp(path), Arc::new(keys)));
        Self { path: Some(path.to_owned()), keys, organisation: OnceLock::new() }
    }

    /// With keys that are in no file.
    pub fn in_memory(keys: Keyring) -> Self {
        Self {
            path: None,
            keys: RwLock::new((None, Arc::new(keys))),
            organisation: OnceLock::new(),
        }
    }

    /// The keys. A file that cannot be used is logged, and they stay what they were.
    pub fn keys(&self) -> Arc<Keyring> {
        let Some(path) = &self.path else { return self.current() };
        let now = stamp(path);
        if now == self.keys.read().unwrap_or_else(PoisonError::into_inner).0 {
            return self.current();
        }
        let read = fs::read_to_string(path).map_err(|error| error.to_string());
        let read = read.and_then(|text| Keyring::parse(&text).map_err(|error| error.to_string()));
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.0 = now;
        match read {
            Ok(fresh) => keys.1 = Arc::new(fresh),
            Err(error) => {
                tracing::error!(error, path = %path.display(), "the sharing keys stay what they were");
            }
        }
        Arc::clone(&keys.1)
    }

    /// The organisation of the node's account, which opens what was sealed for it; `None` where it has
    /// none. An account never changes its organisation.
    pub async fn organisation(&self, chain: &dyn Chain) -> Option<u64> {
        if let Some(known) = self.organisation.get() {
            return Some(*known);
        }
        let account = chain.signer()?.address();
        let found = organisation_of(chain, account).await.ok()?;
        Some(*self.organisation.get_or_init(|| found))
    }

    fn current(&self) -> Arc<Keyring> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner).1)
    }
}

fn stamp(path: &Path) -> Stamp {
    let file = fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}
