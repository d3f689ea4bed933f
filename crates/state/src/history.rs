//! What recent blocks overwrote, so that their states can still be read.

use std::{
    collections::{BTreeMap, HashMap},
    sync::RwLock,
};

use qiao_types::{Bytes, StateChange, StateKey, StateUnavailable};

/// The values that each of the last blocks replaced, newest last.
///
/// The store itself answers only for the newest state. A read at block `n` takes the store's value
/// and then the oldest value that a later block replaced.
#[derive(Debug)]
pub struct History {
    window: u64,
    replaced: RwLock<BTreeMap<u64, HashMap<StateKey, Option<Bytes>>>>,
}

impl History {
    /// Keeps the states of the last `window` blocks readable.
    pub fn new(window: u64) -> Self {
        Self { window, replaced: RwLock::default() }
    }

    /// Remembers what block `number` replaces. Called before the store applies the block.
    pub fn record(&self, number: u64, changes: &[StateChange]) {
        let before = changes.iter().map(|change| (change.key, change.before.clone())).collect();
        let mut replaced = self.replaced.write().expect("no holder of the lock panics");
        replaced.insert(number, before);
        while replaced.len() as u64 > self.window {
            replaced.pop_first();
        }
    }

    /// The oldest block whose state can be read when `head` is the newest.
    pub fn oldest(&self, head: u64) -> u64 {
        let replaced = self.replaced.read().expect("no holder of the lock panics");
        replaced.first_key_value().map_or(head, |(first, _)| first.saturating_sub(1).min(head))
    }

    /// Whether the state of `number` can be read when `head` is the newest.
    pub fn check(&self, number: u64, head: u64) -> Result<(), StateUnavailable> {
        if number > head {
            return Err(StateUnavailable::Unknown { number, head });
        }
        let oldest = self.oldest(head);
        if number < oldest {
            return Err(StateUnavailable::Pruned { number, oldest });
        }
        Ok(())
    }

    /// Turns values of the newest state into values at block `number`.
    pub fn rewind(&self, number: u64, keys: &[StateKey], values: &mut [Option<Bytes>]) {
        let replaced = self.replaced.read().expect("no holder of the lock panics");
        for (key, value) in keys.iter().zip(values.iter_mut()) {
            let later = replaced.range(number.saturating_add(1)..);
            if let Some(before) = later.map(|(_, block)| block.get(key)).find_map(|found| found) {
                *value = before.clone();
            }
        }
    }
}
