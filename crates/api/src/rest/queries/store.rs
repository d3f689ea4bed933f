//! What is kept of queries and subscriptions, in memory and in a file.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::schedule::Schedule;

/// Queries that a node keeps.
pub(super) const QUERIES_MAX: usize = 1_000;

/// Subscriptions that a node serves.
pub(super) const SUBSCRIPTIONS_MAX: usize = 100;

const FILE: &str = "queries.json";

/// A named query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct NamedQuery {
    /// Its name.
    pub(super) name: String,
    /// Its parameters, as they were given.
    #[schema(value_type = Object)]
    pub(super) query: Map<String, Value>,
    /// When it was created.
    pub(super) created_at: String,
}

/// A subscription to a named query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct Subscription {
    /// Its number, unique at this node.
    #[serde(rename = "subscriptionID")]
    pub(super) id: String,
    /// Where matching events are posted to.
    pub(super) dest: String,
    /// The key of the signatures; told to nobody again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) signature_token: Option<String>,
    /// Whether events are reported as soon as they are final.
    pub(super) stream: bool,
    /// When events are reported, if not at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) schedule: Option<Schedule>,
    /// Whether a report is sent also if nothing matches.
    #[serde(default)]
    pub(super) report_if_empty: bool,
    /// From which time of recording on events are reported.
    pub(super) initial_record_time: String,
    /// Up to which time of recording events were reported.
    pub(super) min_record_time: String,
    /// When it was created.
    pub(super) created_at: String,
    /// When the destination last took a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_notified_at: Option<String>,
    /// The profile of the partner that the reports are for; the node's own people if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) partner: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Kept {
    /// Subscriptions that ever were.
    counted: u64,
    queries: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    query: NamedQuery,
    subscriptions: Vec<Subscription>,
}

/// Why something was not kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    /// The name is taken.
    #[error("a query named `{0}` exists")]
    Exists(String),
    /// There is no such query, or no such subscription of it.
    #[error("`{0}` does not exist")]
    Unknown(String),
    /// The bound is reached.
    #[error("a node keeps at most {QUERIES_MAX} queries and {SUBSCRIPTIONS_MAX} subscriptions")]
    Full,
    /// The file could not be written.
    #[error("queries could not be written: {0}")]
    File(#[from] io::Error),
}

/// The queries of a node.
#[derive(Debug)]
pub(in crate::rest) struct Queries {
    path: Option<PathBuf>,
    kept: Mutex<Kept>,
}

impl Queries {
    /// Those in a data folder; in memory only where there is no folder.
    pub(in crate::rest) fn open(folder: Option<PathBuf>) -> Self {
        let path = folder.map(|folder| folder.join(FILE));
        let read = path.as_ref().and_then(|path| fs::read(path).ok());
        let kept = read.and_then(|bytes| match serde_json::from_slice(&bytes) {
            Ok(kept) => Some(kept),
            Err(error) => {
                tracing::warn!(%error, "the file of named queries cannot be read; none are served");
                None
            }
        });
        Self { path, kept: Mutex::new(kept.unwrap_or_default()) }
    }

    pub(super) fn create(&self, query: NamedQuery) -> Result<(), StoreError> {
        self.change(|kept| {
            if kept.queries.contains_key(&query.name) {
                return Err(StoreError::Exists(query.name));
            }
            if kept.queries.len() >= QUERIES_MAX {
                return Err(StoreError::Full);
            }
            let name = query.name.clone();
            kept.queries.insert(name, Entry { query, subscriptions: Vec::new() });
            Ok(())
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<NamedQuery> {
        self.lock().queries.get(name).map(|entry| entry.query.clone())
    }

    /// Queries after a name, in the order of their names.
    pub(super) fn list(&self, after: &str, limit: usize) -> Vec<NamedQuery> {
        let kept = self.lock();
        let later = kept.queries.values().filter(|entry| entry.query.name.as_str() > after);
        later.take(limit).map(|entry| entry.query.clone()).collect()
    }

    /// Forgets a query and its subscriptions.
    pub(super) fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.change(|kept| {
            let removed = kept.queries.remove(name);
            removed.map(|_| ()).ok_or_else(|| StoreError::Unknown(name.to_owned()))
        })
    }

    /// Adds a subscription, which is given its number here.
    pub(super) fn subscribe(
        &self,
        name: &str,
        mut subscription: Subscription,
    ) -> Result<Subscription, StoreError> {
        self.change(|kept| {
            let count: usize = kept.queries.values().map(|entry| entry.subscriptions.len()).sum();
            if count >= SUBSCRIPTIONS_MAX {
                return Err(StoreError::Full);
            }
            kept.counted += 1;
            subscription.id = kept.counted.to_string();
            let entry = kept.queries.get_mut(name);
            let entry = entry.ok_or_else(|| StoreError::Unknown(name.to_owned()))?;
            entry.subscriptions.push(subscription.clone());
            Ok(subscription)
        })
    }

    pub(super) fn subscriptions(&self, name: &str) -> Option<Vec<Subscription>> {
        self.lock().queries.get(name).map(|entry| entry.subscriptions.clone())
    }

    pub(super) fn unsubscribe(&self, name: &str, id: &str) -> Result<(), StoreError> {
        self.change(|kept| {
            let unknown = || StoreError::Unknown(id.to_owned());
            let entry = kept.queries.get_mut(name).ok_or_else(unknown)?;
            let at = entry.subscriptions.iter().position(|known| known.id == id);
            entry.subscriptions.remove(at.ok_or_else(unknown)?);
            Ok(())
        })
    }

    /// Every subscription with its query.
    pub(super) fn all(&self) -> Vec<(NamedQuery, Subscription)> {
        let kept = self.lock();
        let pairs = kept.queries.values().flat_map(|entry| {
            entry.subscriptions.iter().map(|one| (entry.query.clone(), one.clone()))
        });
        pairs.collect()
    }

    /// Notes that events up to a time were reported.
    pub(super) fn reported(
        &self,
        name: &str,
        id: &str,
        min_record_time: &str,
        notified_at: Option<&str>,
    ) -> Result<(), StoreError> {
        self.change(|kept| {
            let entry = kept.queries.get_mut(name);
            let found = entry.and_then(|e| e.subscriptions.iter_mut().find(|s| s.id == id));
            if let Some(found) = found {
                min_record_time.clone_into(&mut found.min_record_time);
                if let Some(at) = notified_at {
                    found.last_notified_at = Some(at.to_owned());
                }
            }
            Ok(())
        })
    }

    /// Changes what is kept, in the file first.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Kept) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut kept = self.lock();
        let mut next = kept.clone();
        let result = change(&mut next)?;
        if let Some(path) = &self.path {
            let text = serde_json::to_vec_pretty(&next).map_err(io::Error::from)?;
            let fresh = path.with_extension("new");
            // The keys of signatures are in it: nobody else reads it.
            let _ = fs::remove_file(&fresh);
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true).mode(0o600).open(&fresh)?.write_all(&text)?;
            fs::rename(&fresh, path)?;
        }
        *kept = next;
        Ok(result)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
