//! The stores below a validator: state, blocks, certificates.

use std::{num::NonZeroU64, sync::Arc};

use commonware_codec::varint::UInt;
use commonware_consensus::{
    Epochable as _,
    marshal::{self, core::Actor as MarshalActor, standard::Standard},
    simplex::types::Finalization,
    types::{Epoch, FixedEpocher, Height, ViewDelta},
};
use commonware_cryptography::{
    Digested, Digestible as _, certificate::Verifier as _, keccak256::Digest,
};
use commonware_parallel::Strategy;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_storage::{
    archive::{Archive as _, Identifier, prunable},
    metadata::{self, Metadata},
    translator::EightCap,
};
use commonware_utils::{NZU64, NZUsize, sequence::U64};
use qiao_execution::genesis_changes;
use qiao_state::{PAGE, StateConfig, config_for_opening, database_config, install_genesis};
use qiao_types::{StateChange, StateCommitment};

use super::{
    EngineConfig, EngineError, MAILBOX, PENDING_ACKNOWLEDGEMENTS, WholeGenesis, block_codec,
    earlier::{AllBlocks, Earlier},
    fetching::Plan,
    kept::Kept,
};
use crate::{
    block::{BlockCodec, ConsensusBlock},
    environment::Environment,
    orchestrator::{Marshal, epoch_after},
    scheme::{Committee, EpochSchemes, Scheme},
    senders::Senders,
};

/// The history that begins with a state which was fetched.
pub(super) struct Begun<E: Environment> {
    /// What is before.
    pub(super) earlier: Earlier<E>,
    /// The first block of the unbroken run that marshal has, if it has one yet.
    pub(super) lowest: Option<u64>,
}

/// What every part of the stack shares.
pub(super) struct Base<E: Environment, T: Strategy> {
    pub(super) committee: Committee,
    pub(super) schemes: EpochSchemes,
    pub(super) senders: Senders,
    pub(super) codec: BlockCodec,
    pub(super) cache: CacheRef,
    pub(super) epocher: FixedEpocher,
    pub(super) state_config: StateConfig<T>,
    /// The height of the last block that was processed; 0 while the state is fetched.
    last_processed: u64,
    /// The newest block whose state was complete at an earlier start, or when it had been fetched.
    completed: u64,
    /// Whether the state is being fetched.
    is_fetching: bool,
    /// What is known of the history of a validator that fetched its state.
    pub(super) begun: Option<Begun<E>>,
    /// What the state store holds at the start, where no block was processed yet.
    state: Option<StateCommitment>,
    pub(super) block_zero: ConsensusBlock,
}

impl<E: Environment, T: Strategy> Base<E, T> {
    /// Checks the genesis and puts its state into an empty store, unless the state is fetched.
    pub(super) async fn open<P, B>(
        context: &E,
        config: &EngineConfig<P, B, T>,
        plan: &Plan<E>,
    ) -> Result<Self, EngineError> {
        let genesis = &config.genesis;
        let committee = Committee::from_genesis(genesis)?;
        let senders = Senders::default();
        let cache = CacheRef::new(PAGE, config.cache_pages);
        let length = NonZeroU64::new(genesis.parameters.epoch_blocks.max(2)).unwrap_or(NZU64!(2));
        let state_config = database_config(&config.prefix, config.strategy.clone(), cache.clone());
        // The engine opens the state where the last processed block left it, and checks it. To open it before
        // as well would double the time of a start.
        let mut state = None;
        let is_fetching = plan.floor().is_some();
        // Of a state that was fetched, this may say less than that it is complete.
        let completed = plan.completed().map_or(0, Height::get);
        let last_processed =
            if is_fetching { 0 } else { processed(context, &config.prefix).await.max(completed) };
        if last_processed == 0 && !is_fetching {
            let child = context.child("genesis");
            let changes = || changes_of_genesis(&config.whole_genesis);
            let held = install_genesis(child, state_config.clone(), &genesis.state, changes);
            state = Some(held.await?);
        }
        let state_config = config_for_opening(context, state_config).await;
        Ok(Self {
            committee,
            schemes: EpochSchemes::new(config.keys.clone()),
            codec: block_codec(genesis, senders.clone(), Some(config.pool.clone())),
            senders,
            cache,
            epocher: FixedEpocher::new(length),
            state_config,
            last_processed,
            completed,
            is_fetching,
            begun: None,
            state,
            block_zero: ConsensusBlock::genesis(genesis),
        })
    }

    /// The height up to which state, receipts and blocks are there.
    pub(super) fn processed(&self, floor: &marshal::core::Floor) -> Height {
        let by_marshal = floor.processed().map_or(Height::zero(), |processed| processed.height());
        if self.is_fetching {
            Height::zero()
        } else {
            by_marshal.max(Height::new(self.last_processed))
        }
    }

    pub(super) fn block_zero_digested(&self) -> Digested<ConsensusBlock> {
        Digested::precomputed(self.block_zero.clone(), self.block_zero.digest())
    }
}

/// What the genesis file puts into the state.
pub(crate) fn changes_of_genesis(whole: &WholeGenesis) -> Result<Vec<StateChange>, EngineError> {
    let whole = whole().map_err(EngineError::GenesisUnreadable)?;
    Ok(genesis_changes(&whole)?)
}

/// Where marshal keeps the height of the last block that was processed.
const PROCESSED: U64 = U64::new(0xFF);

/// The last block that was processed, as far as that can be read. What it says is durable in state
/// and receipts.
pub(crate) async fn processed<E: Environment>(context: &E, prefix: &str) -> u64 {
    let partition = format!("{prefix}-marshal-application-metadata");
    let config = metadata::Config { partition, codec_config: () };
    let opened = Metadata::<E, U64, UInt<u64>>::init(context.child("processed"), config).await;
    opened.ok().and_then(|metadata| Some(metadata.get(&PROCESSED)?.0)).unwrap_or(0)
}

/// The archive of final blocks.
pub(crate) type Blocks<E> = prunable::Archive<EightCap, E, Digest, Arc<ConsensusBlock>>;

pub(super) type MarshalOf<E, T> = MarshalActor<
    E,
    Standard<ConsensusBlock>,
    EpochSchemes,
    Kept<prunable::Archive<EightCap, E, Digest, Finalization<Scheme, Digest>>>,
    AllBlocks<E>,
    FixedEpocher,
    T,
>;

/// Blocks of so many views behind the newest final one stay as they came, besides their place in the
/// archive.
const BLOCK_RETENTION: ViewDelta = ViewDelta::new(8);

/// Opens the archives of blocks and certificates, and the one marshal that orders them.
pub(super) async fn init_marshal<E: Environment, P, B, T: Strategy>(
    context: &E,
    config: &EngineConfig<P, B, T>,
    base: &mut Base<E, T>,
    start: marshal::Start<Scheme, Digest, Digested<ConsensusBlock>>,
) -> Result<(MarshalOf<E, T>, Marshal, marshal::core::Floor), EngineError> {
    let (scheme, _) = base.schemes.register(Epoch::zero(), &base.committee);
    let (prefix, cache) = (&config.prefix, &base.cache);
    let codec = scheme.certificate_codec_config();
    let certificates = archive(context, "certificates", prefix, cache.clone(), codec).await?;
    let codec = base.codec.clone();
    let blocks: Blocks<E> = archive(context, "blocks", prefix, cache.clone(), codec).await?;
    if let Some(state) = base.state.as_ref().filter(|state| state.root != config.genesis.state.root)
    {
        block_of(&blocks, state).await?;
    }
    let mut earlier = Earlier::default();
    if base.is_fetching || !is_whole(&blocks, base.completed).await? {
        let codec = base.codec.clone();
        earlier = Earlier::open(context, prefix, cache.clone(), codec).await?;
        let lowest = (!base.is_fetching).then(|| run_start(&blocks, base.last_processed));
        base.begun = Some(Begun { earlier: earlier.clone(), lowest });
    }
    if base.last_processed > 0 && block_at(&blocks, base.last_processed).await?.is_none() {
        let last = blocks.last_index().unwrap_or(0);
        let reason = format!("it ends at block {last}, but {} was processed", base.last_processed);
        return Err(EngineError::Store { store: "blocks", reason });
    }
    let fetched = match &start {
        marshal::Start::Floor(certificate) => certificate.epoch(),
        marshal::Start::Genesis(_) => Epoch::zero(),
    };
    let opened = MarshalActor::init(
        context.child("marshal"),
        Kept(certificates),
        AllBlocks { newer: blocks, earlier },
        marshal::Config {
            provider: base.schemes.clone(),
            epocher: base.epocher.clone(),
            start,
            partition_prefix: format!("{prefix}-marshal"),
            mailbox_size: MAILBOX,
            view_retention: BLOCK_RETENTION,
            prunable_items_per_section: NZU64!(8),
            page_cache: cache.clone(),
            replay_buffer: NZUsize!(1 << 20),
            key_write_buffer: NZUsize!(1 << 16),
            value_write_buffer: NZUsize!(1 << 20),
            block_codec_config: base.codec.clone(),
            max_repair: NZUsize!(32),
            max_pending_acks: PENDING_ACKNOWLEDGEMENTS,
            strategy: config.strategy.clone(),
        },
    )
    .await;
    // Marshal verifies certificates of every epoch whose blocks it may still deliver.
    let (epoch, _) = epoch_after(&base.epocher, base.processed(&opened.2));
    let epoch = epoch.max(fetched);
    for known in 0..=epoch.get() {
        base.schemes.register(Epoch::new(known), &base.committee);
    }
    Ok(opened)
}

pub(crate) async fn archive<E: Environment, V: commonware_codec::CodecShared>(
    context: &E,
    name: &'static str,
    prefix: &str,
    page_cache: CacheRef,
    codec_config: V::Cfg,
) -> Result<prunable::Archive<EightCap, E, Digest, V>, EngineError> {
    let config = prunable::Config {
        translator: EightCap,
        metadata_partition: format!("{prefix}-{name}-metadata"),
        key_partition: format!("{prefix}-{name}-key"),
        key_page_cache: page_cache,
        value_partition: format!("{prefix}-{name}-value"),
        compression: Some(3),
        codec_config,
        items_per_section: NZU64!(4_096),
        key_write_buffer: NZUsize!(1 << 16),
        value_write_buffer: NZUsize!(1 << 20),
        replay_buffer: NZUsize!(1 << 20),
    };
    prunable::Archive::init(context.child(name), config)
        .await
        .map_err(|error| EngineError::Store { store: name, reason: error.to_string() })
}

/// Whether an archive begins with the first block: then marshal has put the genesis into it. An archive
/// without it whose states are `completed` up to some block is that of a validator which fetched one.
pub(crate) async fn is_whole<E: Environment>(
    blocks: &Blocks<E>,
    completed: u64,
) -> Result<bool, EngineError> {
    Ok(completed == 0 || block_at(blocks, 0).await?.is_some())
}

/// Where the unbroken run of blocks begins that leads to a height. Of a state that was fetched in several
/// attempts, the archive has blocks from before that run as well.
pub(crate) fn run_start<E: Environment>(blocks: &Blocks<E>, height: u64) -> u64 {
    let mut ranges = blocks.ranges();
    ranges
        .find(|(first, last)| (*first..=*last).contains(&height))
        .map_or(height, |(first, _)| first)
}

/// The state is that of one of the last so many blocks of the archive.
const BEHIND_MAX: u64 = 64;

/// The block of the archive after which the state is this one. Without it the archive is damaged:
/// a block is durable before its state is.
pub(crate) async fn block_of<E: Environment>(
    blocks: &Blocks<E>,
    state: &StateCommitment,
) -> Result<Arc<ConsensusBlock>, EngineError> {
    let last = blocks.last_index().unwrap_or(0);
    for number in (last.saturating_sub(BEHIND_MAX).max(1)..=last).rev() {
        if let Some(block) = block_at(blocks, number).await?
            && is_after(&block, state)
        {
            return Ok(block);
        }
    }
    let reason = format!(
        "it ends at block {last}, and no block there has the state root `{}` of the state store",
        state.root
    );
    Err(EngineError::Store { store: "blocks", reason })
}

/// Whether a state is that after a block; what was pruned from its log does not matter.
pub(super) fn is_after(block: &ConsensusBlock, state: &StateCommitment) -> bool {
    let stated = block.commitment();
    stated.root == state.root && stated.operations_end == state.operations_end
}

/// The block of the archive at a height.
pub(crate) async fn block_at<E: Environment>(
    blocks: &Blocks<E>,
    number: u64,
) -> Result<Option<Arc<ConsensusBlock>>, EngineError> {
    let found = blocks.get(Identifier::Index(number)).await;
    found.map_err(|error| EngineError::Store { store: "blocks", reason: error.to_string() })
}

pub(super) async fn digest_at(
    marshal: &Marshal,
    height: Height,
    zero: Digest,
) -> Result<Digest, EngineError> {
    if height == Height::zero() {
        return Ok(zero);
    }
    let info = marshal.get_info(height).await;
    info.map(|(_, digest)| digest).ok_or_else(|| EngineError::Store {
        store: "blocks",
        reason: format!("block {height} is missing although later blocks were processed"),
    })
}
