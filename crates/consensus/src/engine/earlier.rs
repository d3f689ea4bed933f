//! Blocks from before a state that was fetched, beside those that came since.

use std::sync::Arc;

use commonware_consensus::{marshal::store, types::Height};
use commonware_cryptography::{Digestible as _, keccak256::Digest};
use commonware_runtime::{Handle, buffer::paged::CacheRef};
use commonware_storage::archive::{self, Archive as _, Identifier};
use tokio::sync::RwLock;

use super::{
    EngineError,
    stores::{Blocks, archive},
};
use crate::{
    block::{BlockCodec, ConsensusBlock},
    environment::Environment,
};

/// The name of the archive; everything that is made on the way to a whole history begins with it.
pub(crate) const EARLIER: &str = "earlier";

/// The archive of earlier blocks, filled from its end; shared by its clones. A node that has its
/// history from the beginning has none.
pub(crate) struct Earlier<E: Environment> {
    // Writing consumes and returns the archive.
    archive: Arc<RwLock<Option<Blocks<E>>>>,
}

impl<E: Environment> Clone for Earlier<E> {
    fn clone(&self) -> Self {
        Self { archive: self.archive.clone() }
    }
}

impl<E: Environment> Default for Earlier<E> {
    fn default() -> Self {
        Self { archive: Arc::default() }
    }
}

impl<E: Environment> Earlier<E> {
    /// Opens the archive under `prefix`.
    pub(crate) async fn open(
        context: &E,
        prefix: &str,
        cache: CacheRef,
        codec: BlockCodec,
    ) -> Result<Self, EngineError> {
        let opened = archive(context, EARLIER, prefix, cache, codec).await?;
        Ok(Self { archive: Arc::new(RwLock::new(Some(opened))) })
    }

    /// The first block of the unbroken run that ends just below a height; that height if there is none.
    pub(crate) async fn lowest_below(&self, height: u64) -> u64 {
        let archive = self.archive.read().await;
        let Some(archive) = archive.as_ref() else { return height };
        let mut ranges = archive.ranges();
        ranges.find(|(_, last)| last + 1 == height).map_or(height, |(first, _)| first)
    }

    pub(crate) async fn get(
        &self,
        id: Identifier<'_, Digest>,
    ) -> Result<Option<Arc<ConsensusBlock>>, archive::Error> {
        match self.archive.read().await.as_ref() {
            Some(archive) => archive.get(id).await,
            None => Ok(None),
        }
    }

    /// Adds a block; it is durable after the next [`Self::sync`].
    pub(crate) async fn put(&self, block: &Arc<ConsensusBlock>) -> Result<(), archive::Error> {
        let mut slot = self.archive.write().await;
        if let Some(archive) = slot.take() {
            let number = block.block().number();
            *slot = Some(archive.put(number, block.digest(), block).await?);
        }
        Ok(())
    }

    /// Makes what was added durable.
    pub(crate) async fn sync(&self) -> Result<(), archive::Error> {
        let mut slot = self.archive.write().await;
        if let Some(archive) = slot.take() {
            *slot = Some(archive.sync().await?);
        }
        Ok(())
    }
}

/// All final blocks, as marshal reads them: what is not among the newer ones may be among the earlier.
/// Nothing is ever taken away (`Kept`).
pub(super) struct AllBlocks<E: Environment> {
    pub(super) newer: Blocks<E>,
    pub(super) earlier: Earlier<E>,
}

impl<E: Environment> store::Blocks for AllBlocks<E> {
    type Block = Arc<ConsensusBlock>;
    type Error = archive::Error;

    async fn put(self, digest: Digest, block: &Self::Block) -> Result<Self, Self::Error> {
        let newer = store::Blocks::put(self.newer, digest, block).await?;
        Ok(Self { newer, ..self })
    }

    async fn sync(self) -> Result<Self, Self::Error> {
        let newer = store::Blocks::sync(self.newer).await?;
        Ok(Self { newer, ..self })
    }

    async fn start_sync(self) -> Result<(Self, Handle<()>), Self::Error> {
        let (newer, handle) = store::Blocks::start_sync(self.newer).await?;
        Ok((Self { newer, ..self }, handle))
    }

    async fn get(&self, id: Identifier<'_, Digest>) -> Result<Option<Self::Block>, Self::Error> {
        let (newer, earlier) = match id {
            Identifier::Index(number) => (Identifier::Index(number), Identifier::Index(number)),
            Identifier::Key(digest) => (Identifier::Key(digest), Identifier::Key(digest)),
        };
        match store::Blocks::get(&self.newer, newer).await? {
            Some(block) => Ok(Some(block)),
            None => self.earlier.get(earlier).await,
        }
    }

    async fn prune(self, _: Height) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn missing_items(&self, start: Height, max: usize) -> Vec<Height> {
        store::Blocks::missing_items(&self.newer, start, max)
    }

    fn next_gap(&self, value: Height) -> (Option<Height>, Option<Height>) {
        store::Blocks::next_gap(&self.newer, value)
    }

    fn last_index(&self) -> Option<Height> {
        store::Blocks::last_index(&self.newer)
    }
}
