//! Faults of the validators' machines, and what an operator does about them.

use std::{sync::atomic::Ordering, time::Duration};

use commonware_runtime::{Clock as _, Spawner as _, Storage as _, Supervisor as _};

use qiao_types::B256;

use super::{Cluster, Damage, machine::Machine, prefix};
use crate::soundness::{Soundness, examine_on};

impl Cluster {
    /// Stops a validator at once, as a power failure would: of what its disk had not synced, any
    /// part may be there when it starts again.
    pub async fn crash(&mut self, index: usize) {
        let Some(validator) = self.running[index].take() else { return };
        validator.root.abort();
        drop(validator);
        // The tasks let go of their files when they are next looked at.
        self.context.sleep(Duration::from_millis(20)).await;
        self.hardware[index].disk.settle(&mut self.context).await;
        self.twins[index].disk.settle(&mut self.context).await;
    }

    /// Announces that the machine of a validator falls in the middle of a later write or sync.
    pub fn fall_after(&self, index: usize, operations: u64) {
        self.hardware[index].disk.fall_after(operations);
    }

    /// Whether an announced fall has come; [`Self::crash`] completes it.
    pub fn has_fallen(&self, index: usize) -> bool {
        self.hardware[index].disk.has_fallen()
    }

    /// Writes and syncs of a validator so far.
    pub fn disk_operations(&self, index: usize) -> u64 {
        self.hardware[index].disk.operations()
    }

    /// Leaves so many bytes of room on a validator's disk; `None` makes room for everything.
    pub fn set_free_disk(&self, index: usize, bytes: Option<u64>) {
        self.hardware[index].disk.set_free(bytes);
    }

    /// Whether a write of the validator found no room.
    pub fn is_disk_full(&self, index: usize) -> bool {
        self.hardware[index].disk.was_full()
    }

    /// Sets a validator's wall clock off by so many milliseconds.
    pub fn set_clock(&self, index: usize, skew_ms: i64) {
        self.hardware[index].skew_ms.store(skew_ms, Ordering::Relaxed);
    }

    /// The folders on the disk of a validator.
    pub fn partitions(&self, index: usize) -> Vec<String> {
        self.hardware[index].disk.partitions().into_iter().collect()
    }

    /// Damages a file in a folder of a validator that does not run; whether there was one.
    pub async fn damage(&mut self, index: usize, partition: &str, how: Damage) -> bool {
        self.hardware[index].disk.clone().damage(&mut self.context, partition, how).await
    }

    /// Reads all stores of a validator that does not run, as `qiao repair` does; `None` if a library
    /// gave up over what it found.
    pub async fn examine(&mut self, index: usize) -> Option<Soundness> {
        self.starts += 1;
        let (hardware, genesis) = (self.hardware[index].clone(), self.genesis.clone());
        let context = self.context.child("examination").with_attribute("start", self.starts);
        let examination = context.spawn(move |context| async move {
            let machine = Machine::new(context.child("stack"), hardware);
            examine_on(machine, &prefix(index), &genesis).await
        });
        let found = examination.await.ok();
        self.context.sleep(Duration::from_millis(20)).await;
        self.hardware[index].disk.settle(&mut self.context).await;
        found
    }

    /// Takes the stores away that have to be begun anew; `None` takes all of them, with the votes.
    pub async fn give_up(&mut self, index: usize, found: Option<&Soundness>) {
        if found.is_none() {
            self.forgotten_ms[index] = Some(self.now_ms_of(index));
        }
        self.fetching[index] = false;
        let machine = Machine::new(self.context.child("operator"), self.hardware[index].clone());
        for partition in self.partitions(index) {
            if found.is_none_or(|found| found.gives_up_below(&prefix(index), &partition)) {
                machine.remove(&partition, None).await.expect("it is there");
            }
        }
    }

    /// From its next start on, a validator without a state fetches it from its peers.
    pub fn fetch_state(&mut self, index: usize) {
        self.fetching[index] = true;
    }

    /// When a validator last heard a vote of another; 0 if never.
    pub fn last_vote_ms(&self, listener: usize, voter: usize) -> u64 {
        let voter = B256::from_slice(self.members[voter].as_ref());
        let seen = self.engine(listener).observer.snapshot(self.now_ms());
        seen.last_vote_ms.get(&voter).copied().unwrap_or(0)
    }

    /// Blocks that a validator has executed and that are not final: all of them are in its memory.
    pub fn executed_blocks(&self, index: usize) -> usize {
        self.engine(index).executed.count()
    }

    /// Milliseconds on a validator's own clock.
    fn now_ms_of(&self, index: usize) -> u64 {
        let skew_ms = self.hardware[index].skew_ms.load(Ordering::Relaxed);
        self.now_ms().saturating_add_signed(skew_ms)
    }
}
