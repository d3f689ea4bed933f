//! Who is active and who may deploy, remembered until the record of the members changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use qiao_execution::Membership;
use qiao_types::Address;
use tokio::sync::watch;

/// Answers of the `members` module about the newest final state; shared by its clones.
///
/// Asking the module takes a run on the EVM; an account's answer changes only with the storage of
/// the module, which few blocks touch.
#[derive(Clone, Default)]
pub struct Memberships {
    known: Arc<Mutex<Known>>,
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Known {
    edition: Edition,
    by_account: HashMap<Address, Membership>,
}

/// Which state of the members' record an answer belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Edition(u64);

const ACCOUNTS_MAX: usize = 65_536;

impl Memberships {
    /// The edition to read the state for. Take it before looking at the newest state.
    pub fn edition(&self) -> Edition {
        self.lock().edition
    }

    /// What is known of an account.
    pub fn get(&self, account: &Address) -> Option<Membership> {
        self.lock().by_account.get(account).copied()
    }

    /// Remembers an answer, unless the record has changed since its edition was taken.
    pub fn remember(&self, edition: Edition, account: Address, membership: Membership) {
        let mut known = self.lock();
        if known.edition != edition {
            return;
        }
        if known.by_account.len() >= ACCOUNTS_MAX {
            known.by_account.clear();
        }
        known.by_account.insert(account, membership);
    }

    /// The record of the members has changed, and the state that says so is announced.
    pub fn forget(&self) {
        let mut known = self.lock();
        known.edition.0 += 1;
        known.by_account.clear();
        self.changes.send_replace(known.edition.0);
    }

    /// Changes whenever the record of the members has changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("no holder of the lock panics")
    }
}
