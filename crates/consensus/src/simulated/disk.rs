//! A disk as it behaves when the power fails, and when it is full.
//!
//! What was written and not yet synced when a machine falls may be lost, kept, or torn: any part of
//! it may have reached the disk. The runtime's own storage loses all of it, which is one of the
//! allowed outcomes only; here each write has its own fate, drawn from the seed.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use bytes::Buf as _;
use commonware_runtime::{
    Blob as _, BlobVersion, Clock as _, Error, Handle, IoBufs, IoBufsMut, ReadOptions, Storage,
    WriteOptions, deterministic,
};
use rand::RngExt as _;

/// What happens to a file while nobody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// One bit is another.
    Flip,
    /// The end is gone.
    Cut,
}

/// The disk of one machine; it outlives the machine's falls.
#[derive(Default)]
pub(super) struct Disk {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    files: BTreeMap<File, Unsynced>,
    /// Everything that was ever opened and not removed.
    known: BTreeMap<File, RangeInclusive<BlobVersion>>,
    /// Bytes that may still be written; `None` while the disk is large enough.
    free: Option<u64>,
    was_full: bool,
    /// Operations until the machine falls in the middle of one.
    countdown: Option<u64>,
    has_fallen: bool,
    operations: u64,
}

type File = (String, Vec<u8>);

struct Unsynced {
    versions: RangeInclusive<BlobVersion>,
    writes: Vec<(u64, IoBufs)>,
}

impl Disk {
    /// From now on so many bytes can be written; `None` lifts the limit.
    pub(super) fn set_free(&self, bytes: Option<u64>) {
        let mut state = self.lock();
        state.free = bytes;
        state.was_full = false;
    }

    /// Whether a write was refused because the disk is full.
    pub(super) fn was_full(&self) -> bool {
        self.lock().was_full
    }

    /// The machine falls in the middle of the operation with this number, counted from now.
    pub(super) fn fall_after(&self, operations: u64) {
        self.lock().countdown = Some(operations);
    }

    /// Whether the fall that [`Self::fall_after`] announced has come.
    pub(super) fn has_fallen(&self) -> bool {
        self.lock().has_fallen
    }

    /// Writes and syncs so far.
    pub(super) fn operations(&self) -> u64 {
        self.lock().operations
    }

    /// Decides what became of every unsynced write of a machine that has fallen.
    pub(super) async fn settle(&self, context: &mut deterministic::Context) {
        let files = {
            let mut state = self.lock();
            state.countdown = None;
            state.has_fallen = false;
            std::mem::take(&mut state.files)
        };
        for ((partition, name), unsynced) in files {
            let kept: Vec<_> = unsynced
                .writes
                .into_iter()
                .flat_map(|(offset, bytes)| torn(context, offset, bytes))
                .collect();
            if kept.is_empty() {
                continue;
            }
            // A file that was removed in the meantime stays removed.
            let known = context.scan(&partition).await.unwrap_or_default();
            if !known.contains(&name) {
                continue;
            }
            let blob = reopened(context, &partition, &name, unsynced.versions).await;
            for (offset, bytes) in kept {
                let written = blob.write_at(offset, bytes, WriteOptions::SYNC).await;
                written.expect("the memory below takes every write");
            }
        }
    }

    fn opened(&self, file: &File, versions: RangeInclusive<BlobVersion>) {
        let mut state = self.lock();
        state.known.insert(file.clone(), versions.clone());
        state.files.insert(file.clone(), Unsynced { versions, writes: Vec::new() });
    }

    fn removed(&self, partition: &str, name: Option<&[u8]>) {
        let is_kept = |(folder, file): &File| {
            folder != partition || name.is_some_and(|name| name != file.as_slice())
        };
        let mut state = self.lock();
        state.files.retain(|file, _| is_kept(file));
        state.known.retain(|file, _| is_kept(file));
    }

    /// The folders on this disk.
    pub(super) fn partitions(&self) -> BTreeSet<String> {
        self.lock().known.keys().map(|(partition, _)| partition.clone()).collect()
    }

    /// Damages the newest file of a folder of a machine that stands still; whether there was
    /// something to damage.
    pub(super) async fn damage(
        &self,
        context: &mut deterministic::Context,
        partition: &str,
        how: Damage,
    ) -> bool {
        let known = self.lock().known.clone();
        let newest = known.into_iter().rfind(|((folder, _), _)| folder == partition);
        let Some(((_, name), versions)) = newest else { return false };
        let opened = context.open_versioned(partition, &name, versions).await;
        let Ok((blob, length, _)) = opened else { return false };
        if length == 0 {
            return false;
        }
        let at = context.random_range(0..length);
        match how {
            Damage::Flip => {
                let read = blob.read_at(at, 1, ReadOptions::default()).await;
                let byte = read.expect("it lies within the file").coalesce().as_ref()[0];
                let bit = 1 << context.random_range(0..8);
                let written = blob.write_at(at, vec![byte ^ bit], WriteOptions::SYNC).await;
                written.expect("the memory below takes every write");
            }
            Damage::Cut => {
                blob.resize(at).await.expect("the memory below is as long as one likes");
                blob.sync().await.expect("the memory below takes every write");
            }
        }
        true
    }

    fn written(&self, file: &File, offset: u64, bytes: IoBufs, is_synced: bool) {
        let mut state = self.lock();
        let Some(unsynced) = state.files.get_mut(file) else { return };
        let end = offset + bytes.remaining() as u64;
        if is_synced {
            // What lies below a synced write can no longer appear over it.
            unsynced.writes.retain(|(at, old)| *at >= end || at + old.remaining() as u64 <= offset);
        } else {
            unsynced.writes.push((offset, bytes));
        }
    }

    fn shortened(&self, file: &File, length: u64) {
        if let Some(unsynced) = self.lock().files.get_mut(file) {
            unsynced.writes.retain(|(at, bytes)| at + bytes.remaining() as u64 <= length);
        }
    }

    fn synced(&self, file: &File) {
        if let Some(unsynced) = self.lock().files.get_mut(file) {
            unsynced.writes.clear();
        }
    }

    /// Counts an operation of a running machine; `false` if it falls now or has fallen.
    fn count(&self) -> bool {
        let mut state = self.lock();
        state.operations += 1;
        match &mut state.countdown {
            Some(0) => state.has_fallen = true,
            Some(left) => *left -= 1,
            None => {}
        }
        !state.has_fallen
    }

    fn take(&self, bytes: u64) -> Result<(), Error> {
        let mut state = self.lock();
        let Some(free) = state.free else { return Ok(()) };
        match free.checked_sub(bytes) {
            Some(left) => {
                state.free = Some(left);
                Ok(())
            }
            None => {
                state.free = Some(0);
                state.was_full = true;
                Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into())
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the lock panics")
    }
}

/// A file of a machine that fell, as soon as its last task has let go of it.
async fn reopened(
    context: &deterministic::Context,
    partition: &str,
    name: &[u8],
    versions: RangeInclusive<BlobVersion>,
) -> <deterministic::Context as Storage>::Blob {
    for _ in 0..1_000 {
        match context.open_versioned(partition, name, versions.clone()).await {
            Ok((blob, ..)) => return blob,
            Err(Error::BlobAlreadyOpen(..)) => context.sleep(Duration::from_millis(1)).await,
            Err(error) => panic!("a file of a machine that fell does not open: {error}"),
        }
    }
    panic!("a task of a machine that fell holds `{partition}`");
}

/// The parts of an unsynced write that reached the disk.
fn torn(context: &mut deterministic::Context, offset: u64, bytes: IoBufs) -> Vec<(u64, Vec<u8>)> {
    let mut bytes = bytes;
    let bytes = bytes.copy_to_bytes(bytes.remaining());
    match context.random_range(0..4) {
        0 => vec![(offset, bytes.to_vec())],
        1 => {
            let kept = context.random_range(0..=bytes.len());
            if kept == 0 { Vec::new() } else { vec![(offset, bytes[..kept].to_vec())] }
        }
        2 => {
            let mut pieces = Vec::new();
            let mut at = 0;
            while at < bytes.len() {
                let end = (at + context.random_range(1..=512)).min(bytes.len());
                if context.random_range(0..2) == 0 {
                    pieces.push((offset + at as u64, bytes[at..end].to_vec()));
                }
                at = end;
            }
            pieces
        }
        _ => Vec::new(),
    }
}

/// A file on such a disk.
pub struct DiskBlob {
    inner: <deterministic::Context as Storage>::Blob,
    disk: std::sync::Arc<Disk>,
    file: File,
}

pub(super) async fn open(
    disk: &std::sync::Arc<Disk>,
    context: &deterministic::Context,
    partition: &str,
    name: &[u8],
    versions: RangeInclusive<BlobVersion>,
) -> Result<(DiskBlob, u64, BlobVersion), Error> {
    disk.alive().await;
    let opened = context.open_versioned(partition, name, versions.clone()).await?;
    let (inner, size, version) = opened;
    let file = (partition.to_string(), name.to_vec());
    disk.opened(&file, versions);
    Ok((DiskBlob { inner, disk: disk.clone(), file }, size, version))
}

pub(super) async fn remove(
    disk: &Disk,
    context: &deterministic::Context,
    partition: &str,
    name: Option<&[u8]>,
) -> Result<(), Error> {
    disk.alive().await;
    context.remove(partition, name).await?;
    disk.removed(partition, name);
    Ok(())
}

impl Disk {
    /// Returns at once while the machine runs, and never after it fell.
    async fn alive(&self) {
        if !self.count() {
            std::future::pending::<()>().await;
        }
    }
}

impl commonware_runtime::Blob for DiskBlob {
    async fn read_at_buf(
        &self,
        offset: u64,
        len: usize,
        bufs: impl Into<IoBufsMut> + Send,
        options: ReadOptions,
    ) -> Result<IoBufsMut, Error> {
        self.inner.read_at_buf(offset, len, bufs.into(), options).await
    }

    async fn read_at(
        &self,
        offset: u64,
        len: usize,
        options: ReadOptions,
    ) -> Result<IoBufsMut, Error> {
        self.inner.read_at(offset, len, options).await
    }

    async fn write_at(
        &self,
        offset: u64,
        bufs: impl Into<IoBufs> + Send,
        options: WriteOptions,
    ) -> Result<(), Error> {
        let bufs = bufs.into();
        self.disk.take(bufs.remaining() as u64)?;
        let is_synced = options.contains(WriteOptions::SYNC);
        if is_synced {
            self.disk.alive().await;
        }
        let copy = bufs.clone();
        self.inner.write_at(offset, bufs, options).await?;
        self.disk.written(&self.file, offset, copy, is_synced);
        if !is_synced {
            self.disk.alive().await;
        }
        Ok(())
    }

    async fn resize(&self, len: u64) -> Result<(), Error> {
        self.disk.alive().await;
        self.inner.resize(len).await?;
        self.disk.shortened(&self.file, len);
        Ok(())
    }

    async fn sync(&self) -> Result<(), Error> {
        self.disk.alive().await;
        self.inner.sync().await?;
        self.disk.synced(&self.file);
        Ok(())
    }

    async fn start_sync(&self) -> Handle<()> {
        self.disk.alive().await;
        let handle = self.inner.start_sync().await;
        self.disk.synced(&self.file);
        handle
    }
}
