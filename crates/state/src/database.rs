//! The one place that says which store this is and how it is configured.

use std::num::{NonZeroU16, NonZeroU64, NonZeroUsize};

use commonware_cryptography::{
    Sha256,
    sha256::{self, Digest},
};
use commonware_glue::stateful::db::{DatabaseSet, Shared};
use commonware_parallel::Strategy;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_storage::{
    Context,
    journal::contiguous::variable::Config as JournalConfig,
    merkle::{Location, full, mmb},
    qmdb::{
        current::{VariableConfig, ordered::variable},
        sync::Target,
    },
    translator::EightCap,
};
use commonware_utils::{NZU16, NZU64, NZUsize, non_empty_range};
use qiao_types::{B256, StateCommitment};

use crate::value::StateValue;

/// The Merkle structure over the log of operations.
pub type Family = mmb::Family;
/// The store: ordered, so that absence can be proved; variable values, so that accounts, slots and
/// code live under one root.
pub type Database<E, S> =
    variable::Db<Family, E, Digest, StateValue, Sha256, EightCap, BITMAP_CHUNK_BYTES, S>;
/// The store as the engine shares it.
pub type Databases<E, S> = Shared<Database<E, S>>;
/// A batch of changes on top of some block, not yet sealed.
pub type Batch<E, S> = <Databases<E, S> as DatabaseSet<E>>::Unmerkleized;
/// A batch with its root computed.
pub type Sealed<E, S> = <Databases<E, S> as DatabaseSet<E>>::Merkleized;
/// What a peer needs to fetch the state and check it.
pub type SyncTarget = Target<Family, Digest>;
/// Keys and values carry their limits themselves.
type OperationCodec = ((), ());
/// The configuration that the engine hands to the store.
pub type StateConfig<S> = VariableConfig<EightCap, OperationCodec, S>;

/// How many bytes of the bitmap of activity go with one path.
pub(crate) const BITMAP_CHUNK_BYTES: usize = 32;
// Pruning removes whole blobs: of about a megabyte, and of four.
const OPERATIONS_PER_BLOB: NonZeroU64 = NZU64!(16_384);
const DIGESTS_PER_BLOB: NonZeroU64 = NZU64!(131_072);
const BUFFER: NonZeroUsize = NZUsize!(1 << 20);
/// Keys remembered while a store is opened, of about forty bytes each.
const INIT_CACHE_MIN: usize = 1 << 14;
const INIT_CACHE_MAX: usize = 1 << 23;

/// The page size of the cache that all stores of one node share.
pub const PAGE: NonZeroU16 = NZU16!(4_084);

/// Names the partitions under `prefix` and sizes the buffers.
pub fn database_config<S: Strategy>(
    prefix: &str,
    strategy: S,
    page_cache: CacheRef,
) -> StateConfig<S> {
    VariableConfig {
        merkle_config: full::Config {
            journal_partition: format!("{prefix}-state-digests"),
            metadata_partition: format!("{prefix}-state-peaks"),
            items_per_blob: DIGESTS_PER_BLOB,
            write_buffer: BUFFER,
            replay_buffer: BUFFER,
            strategy,
            page_cache: page_cache.clone(),
        },
        journal_config: JournalConfig {
            partition: format!("{prefix}-state-operations"),
            items_per_section: OPERATIONS_PER_BLOB,
            compression: None,
            codec_config: ((), ()),
            page_cache,
            write_buffer: BUFFER,
            replay_buffer: BUFFER,
        },
        grafted_metadata_partition: format!("{prefix}-state-grafted"),
        translator: EightCap,
        init_cache: NonZeroUsize::new(INIT_CACHE_MIN),
        init_buffer: BUFFER,
        init_concurrency: (),
    }
}

/// The configuration fitted to what the store holds: while it is opened, it remembers the key of every
/// operation in its log, and need not read one a second time from wherever it lies.
pub async fn config_for_opening<E: Context, S: Strategy>(
    context: &E,
    config: StateConfig<S>,
) -> StateConfig<S> {
    let blobs = operations_blobs(context, &config).await;
    let operations = blobs.saturating_mul(OPERATIONS_PER_BLOB.get() as usize);
    let remembered = operations.clamp(INIT_CACHE_MIN, INIT_CACHE_MAX);
    StateConfig { init_cache: NonZeroUsize::new(remembered), ..config }
}

/// How many files hold the operations of a store; 0 if there is none.
pub(crate) async fn operations_blobs<E: Context, S: Strategy>(
    context: &E,
    config: &StateConfig<S>,
) -> usize {
    // The journal's own name for its operations.
    let partition = format!("{}_data", config.journal_config.partition);
    context.scan(&partition).await.map_or(0, |blobs| blobs.len())
}

/// What a header says of a sealed batch.
pub fn commitment<E, S>(sealed: &Sealed<E, S>) -> StateCommitment
where
    E: Context + commonware_runtime::Spawner,
    S: Strategy,
{
    StateCommitment {
        root: to_b256(&sealed.root()),
        operations_root: to_b256(&sealed.ops_root()),
        operations_start: *sealed.sync_boundary(),
        operations_end: *sealed.bounds().tip.size,
    }
}

/// What the engine's store holds.
pub async fn held<E, S>(databases: &Databases<E, S>) -> StateCommitment
where
    E: Context + commonware_runtime::Spawner,
    S: Strategy,
{
    commitment_of(&*databases.read().await)
}

pub(crate) fn commitment_of<E, S>(database: &Database<E, S>) -> StateCommitment
where
    E: Context + commonware_runtime::Spawner,
    S: Strategy,
{
    StateCommitment {
        root: to_b256(&database.root()),
        operations_root: to_b256(&database.ops_root()),
        operations_start: *database.sync_boundary(),
        operations_end: *database.bounds().end,
    }
}

/// The engine's form of a commitment. The range of a valid commitment is never empty; an empty one
/// (only an attacker writes it) becomes the smallest range, which no batch reaches.
pub fn sync_target(commitment: &StateCommitment) -> SyncTarget {
    let start = Location::new(commitment.operations_start);
    let end = Location::new(commitment.operations_end.max(commitment.operations_start + 1));
    Target::new(to_digest(&commitment.operations_root), non_empty_range!(start, end))
}

pub(crate) fn to_b256(digest: &Digest) -> B256 {
    B256::from_slice(digest.as_ref())
}

pub(crate) fn to_digest(hash: &B256) -> sha256::Digest {
    sha256::Digest::from(hash.0)
}
