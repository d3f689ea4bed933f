//! Receipts of final blocks, kept by height.

use std::sync::Arc;

use bytes::Bytes;
use commonware_codec::RangeCfg;
use commonware_cryptography::keccak256::Digest;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_storage::{
    archive::{Archive as _, Identifier, prunable},
    translator::EightCap,
};
use commonware_utils::{NZU64, NZUsize};
use qiao_types::{B256, ExecutedReceipt};
use tokio::sync::RwLock;

use crate::{block::to_digest, environment::Environment};

type Store<E> = prunable::Archive<EightCap, E, Digest, Bytes>;

/// The store failed or holds damaged bytes.
#[derive(Debug, Clone, thiserror::Error)]
#[error("receipts store failed: {0}")]
pub struct ReceiptsFailure(String);

/// Receipts by height; durable before the block is acknowledged.
pub struct Receipts<E: Environment> {
    // Writing consumes and returns the store; `None` only while a write runs or after one failed.
    store: Arc<RwLock<Option<Store<E>>>>,
}

impl<E: Environment> Clone for Receipts<E> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone() }
    }
}

/// Receipts of one block, encoded: a block of many small logs stays far below this.
const RECEIPTS_BYTES_MAX: usize = 256 * 1024 * 1024;

impl<E: Environment> Receipts<E> {
    /// Opens the store under `prefix`.
    pub async fn open(
        context: E,
        prefix: &str,
        page_cache: CacheRef,
    ) -> Result<Self, ReceiptsFailure> {
        let config = prunable::Config {
            translator: EightCap,
            metadata_partition: format!("{prefix}-receipts-metadata"),
            key_partition: format!("{prefix}-receipts-key"),
            key_page_cache: page_cache,
            value_partition: format!("{prefix}-receipts-value"),
            compression: Some(3),
            codec_config: RangeCfg::new(0..=RECEIPTS_BYTES_MAX),
            items_per_section: NZU64!(4_096),
            key_write_buffer: NZUsize!(1 << 16),
            value_write_buffer: NZUsize!(1 << 20),
            replay_buffer: NZUsize!(1 << 20),
        };
        let store = Store::init(context, config).await.map_err(failure)?;
        Ok(Self { store: Arc::new(RwLock::new(Some(store))) })
    }

    /// Stores the receipts of a block and returns once they are on disk. Storing a height again
    /// changes nothing.
    pub async fn put(
        &self,
        number: u64,
        hash: B256,
        receipts: &[ExecutedReceipt],
    ) -> Result<(), ReceiptsFailure> {
        let encoded = Bytes::from(ExecutedReceipt::encode_all(receipts));
        let mut slot = self.store.write().await;
        let store = slot.take().ok_or_else(|| failure("an earlier write failed"))?;
        *slot = Some(store.put_sync(number, to_digest(&hash), &encoded).await.map_err(failure)?);
        Ok(())
    }

    /// The heights of which there are receipts, in unbroken runs.
    pub async fn ranges(&self) -> Result<Vec<(u64, u64)>, ReceiptsFailure> {
        let slot = self.store.read().await;
        let store = slot.as_ref().ok_or_else(|| failure("an earlier write failed"))?;
        Ok(store.ranges().collect())
    }

    /// The receipts of the block at a height.
    pub async fn get(&self, number: u64) -> Result<Option<Vec<ExecutedReceipt>>, ReceiptsFailure> {
        let slot = self.store.read().await;
        let store = slot.as_ref().ok_or_else(|| failure("an earlier write failed"))?;
        let Some(encoded) = store.get(Identifier::Index(number)).await.map_err(failure)? else {
            return Ok(None);
        };
        ExecutedReceipt::decode_all(&encoded).map(Some).map_err(failure)
    }
}

fn failure(error: impl std::fmt::Display) -> ReceiptsFailure {
    ReceiptsFailure(error.to_string())
}
