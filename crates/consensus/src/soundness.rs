//! Whether the stores of a node that does not run are sound, and which of them to begin anew.
//!
//! Blocks are the source of everything: state and receipts follow from them, and they themselves are
//! fetched from the other validators, each with its certificate. So no store is ever mended in place:
//! what is damaged is put aside with all that was made from it, and made again at the next start.

use std::{path::Path, sync::Arc};

use commonware_codec::Encode as _;
use commonware_consensus::{simplex::types::Finalization, types::Height};
use commonware_cryptography::{certificate::Verifier as _, keccak256::Digest};
use commonware_parallel::Sequential;
use commonware_runtime::{Runner as _, buffer::paged::CacheRef, tokio};
use commonware_storage::{
    archive::{Archive as _, Identifier, prunable},
    translator::EightCap,
};
use commonware_utils::NZUsize;
use futures::future::BoxFuture;
use qiao_state::{PAGE, Replica, database_config, verify_entry};
use qiao_types::{B256, Block, Bytes, Genesis, StateCommitment, StateKey};

use crate::{
    block::{BlockCodec, ConsensusBlock},
    engine::{
        Blocks, EARLIER, Earlier, EngineError, Plan, archive, block_at, block_codec, block_of,
        is_whole, processed, run_start,
    },
    environment::Environment,
    finality::FinalityVerifier,
    history::{MissingBlocks, missing_blocks},
    receipts::Receipts,
    runner::STORE_PREFIX,
    scheme::Committee,
    senders::Senders,
};

/// A store of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Store {
    /// Final blocks.
    Blocks,
    /// Their finality certificates.
    Certificates,
    /// The state.
    State,
    /// Receipts of the transactions.
    Receipts,
}

impl Store {
    /// Its name in messages and in the names of its folders.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Certificates => "certificates",
            Self::State => "state",
            Self::Receipts => "receipts",
        }
    }
}

/// What was found in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub store: Store,
    /// Entries that were read and are what they should be.
    pub entries: u64,
    /// What is wrong with it.
    pub damage: Option<String>,
}

/// What was found in all stores of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Soundness {
    /// By store, in their order.
    pub findings: Vec<Finding>,
}

impl Soundness {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.damage.is_none())
    }

    /// Whether the blocks have to come from other validators again.
    pub fn needs_peers(&self) -> bool {
        self.is_damaged(Store::Blocks) || self.is_damaged(Store::Certificates)
    }

    /// Whether the store with this folder, or partition, has to be begun anew.
    pub fn gives_up(&self, partition: &str) -> bool {
        self.gives_up_below(STORE_PREFIX, partition)
    }

    pub(crate) fn gives_up_below(&self, prefix: &str, partition: &str) -> bool {
        // Votes are never given up here: they cannot be made again.
        let names: &[&str] = match (self.is_sound(), self.needs_peers()) {
            (true, _) => return false,
            (false, true) => &FETCHED,
            (false, false) => &[],
        };
        names.iter().chain(&MADE).any(|name| belongs_to(prefix, partition, name))
    }

    fn is_damaged(&self, store: Store) -> bool {
        self.findings.iter().any(|finding| finding.store == store && finding.damage.is_some())
    }
}

fn belongs_to(prefix: &str, partition: &str, name: &str) -> bool {
    partition.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(name))
}

/// The folders of what is made from blocks, and of what is there until it is.
const MADE: [&str; 5] = ["-state-", "-receipts-", "-marshal-", "-earlier-", "state_sync_metadata"];
/// The folders of blocks and their certificates.
const FETCHED: [&str; 2] = ["-blocks-", "-certificates-"];

/// Whether a folder holds what the other validators have as well: all but the votes.
pub fn is_held_by_others(folder: &str) -> bool {
    MADE.iter().chain(&FETCHED).any(|name| belongs_to(STORE_PREFIX, folder, name))
}

/// Reads everything in the stores below a node's `data_dir`. The caller holds the folder, so that no
/// node runs. A library may panic over damaged bytes; the caller takes that for damage of what
/// [`Soundness`] would have told.
pub fn examine(data_dir: &Path, genesis: &Genesis) -> Soundness {
    let runtime = || {
        let directory = data_dir.to_path_buf();
        tokio::Config::new().with_storage_directory(directory).with_worker_threads(1)
    };
    let of_state = std::panic::catch_unwind(|| {
        tokio::Runner::new(runtime())
            .start(|context| -> BoxFuture<'_, _> { Box::pin(examine_state(context, STORE_PREFIX)) })
    });
    let of_state = of_state.unwrap_or_else(|panic| (failed(Store::State, panic.as_ref()), None));
    let state = of_state.1.clone();
    let of_chain = std::panic::catch_unwind(|| {
        tokio::Runner::new(runtime()).start(|context| -> BoxFuture<'_, _> {
            Box::pin(examine_chain(context, STORE_PREFIX, genesis, state))
        })
    });
    let of_chain = of_chain.unwrap_or_else(|panic| vec![failed(Store::Blocks, panic.as_ref())]);
    together(of_state.0, of_chain)
}

/// The same below any prefix, on any runtime.
pub(crate) async fn examine_on<E: Environment>(
    context: E,
    prefix: &str,
    genesis: &Genesis,
) -> Soundness {
    let (of_state, state) = examine_state(context.child("state"), prefix).await;
    let of_chain = examine_chain(context, prefix, genesis, state).await;
    together(of_state, of_chain)
}

fn together(of_state: Finding, of_chain: Vec<Finding>) -> Soundness {
    let mut findings = of_chain;
    // Without a block that fits, a state is of no use, however readable it is.
    match findings.iter_mut().find(|finding| finding.store == Store::State) {
        Some(known) if of_state.damage.is_some() => *known = of_state,
        Some(known) => known.entries = of_state.entries,
        None => findings.push(of_state),
    }
    findings.sort_by_key(|finding| finding.store);
    Soundness { findings }
}

fn failed(store: Store, panic: &(dyn std::any::Any + Send)) -> Finding {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    Finding { store, entries: 0, damage: Some(text.unwrap_or("it cannot be read").to_string()) }
}

/// Entries whose paths are asked for at a time.
const PATHS: usize = 256;

/// Proves every entry of the state against its root.
async fn examine_state<E: Environment>(
    context: E,
    prefix: &str,
) -> (Finding, Option<StateCommitment>) {
    let mut finding = Finding { store: Store::State, entries: 0, damage: None };
    let cache = CacheRef::new(PAGE, NZUsize!(4_096));
    let config = database_config(prefix, Sequential, cache);
    let outcome = async {
        let plan = Plan::init(context.child("plan"), prefix).await;
        if plan.floor().is_some() {
            // It is being fetched: nobody relies on it before its root is that of a final header.
            return Ok(None);
        }
        let replica = Replica::open(context.child("replica"), config)
            .await
            .map_err(|error| error.to_string())?;
        if replica.is_new() {
            return Ok(None);
        }
        let state = replica.commitment().map_err(|error| error.to_string())?;
        let mut entries: Vec<(StateKey, Bytes)> = Vec::new();
        let listed = replica.visit(|key, value| {
            entries.push((key, value));
            Ok(())
        });
        listed.await.map_err(|error| error.to_string())?;
        for some in entries.chunks(PATHS) {
            let keys: Vec<StateKey> = some.iter().map(|(key, _)| *key).collect();
            let proved = replica.prove(&keys).await.map_err(|error| error.to_string())?;
            for ((key, value), entry) in some.iter().zip(&proved.entries) {
                verify_entry(state.root, *key, Some(value), &entry.path)
                    .map_err(|error| format!("entry `{}`: {error}", key.0))?;
            }
            finding.entries += some.len() as u64;
        }
        Ok::<_, String>(Some(state))
    };
    match outcome.await {
        Ok(state) => (finding, state),
        Err(damage) => (Finding { damage: Some(damage), ..finding }, None),
    }
}

type Certificates<E> =
    prunable::Archive<EightCap, E, Digest, Finalization<crate::scheme::Scheme, Digest>>;

/// Reads blocks, certificates and receipts from the first to the last.
async fn examine_chain<E: Environment>(
    context: E,
    prefix: &str,
    genesis: &Genesis,
    state: Option<StateCommitment>,
) -> Vec<Finding> {
    let cache = CacheRef::new(PAGE, NZUsize!(4_096));
    let new = |store| Finding { store, entries: 0, damage: None };
    let [mut of_blocks, mut of_certificates] = [Store::Blocks, Store::Certificates].map(new);
    let [mut of_state, mut of_receipts] = [Store::State, Store::Receipts].map(new);
    let codec: BlockCodec = block_codec(genesis, Senders::default(), None);
    let blocks: Result<Blocks<E>, _> =
        archive(&context, "blocks", prefix, cache.clone(), codec).await;
    match blocks {
        Err(error) => of_blocks.damage = Some(error.to_string()),
        Ok(blocks) => {
            let plan = Plan::init(context.child("plan"), prefix).await;
            // Of a state that is being fetched nothing was processed yet.
            let is_fetching = plan.floor().is_some();
            let processed = if is_fetching { 0 } else { processed(&context, prefix).await };
            let height = match state.filter(|state| state.root != genesis.state.root) {
                None => 0,
                Some(state) => match block_of(&blocks, &state).await {
                    Ok(block) => block.block().number(),
                    // A block is durable before its state is.
                    Err(error) => {
                        of_blocks.damage = Some(error.to_string());
                        processed
                    }
                },
            };
            if height < processed {
                let damage = format!("it ends at block {height}, but {processed} was processed");
                of_state.damage = Some(damage);
            }
            let receipts = Receipts::open(context.child("receipts"), prefix, cache.clone()).await;
            let receipts = receipts.map_err(|error| error.to_string());
            let stores = (&blocks, &receipts);
            match Extent::of(&context, prefix, genesis, &plan, stores, processed).await {
                Ok(extent) => {
                    walk(&blocks, &receipts, extent, (&mut of_blocks, &mut of_receipts)).await;
                }
                Err(error) => of_blocks.damage = Some(error.to_string()),
            }
            let certified = certificates(&context, prefix, genesis, cache, &blocks).await;
            match certified {
                Ok(entries) => of_certificates.entries = entries,
                Err(damage) => of_certificates.damage = Some(damage),
            }
        }
    }
    vec![of_blocks, of_certificates, of_state, of_receipts]
}

/// What there should be of the chain.
struct Extent<E: Environment> {
    /// Blocks from before a state that was fetched.
    earlier: Earlier<E>,
    /// The first block.
    first: u64,
    /// The hash that it names as its parent's, if that is known.
    parent: Option<B256>,
    /// Blocks that were not executed yet.
    missing: Option<MissingBlocks>,
    /// The last block that was processed.
    processed: u64,
}

impl<E: Environment> Extent<E> {
    async fn of(
        context: &E,
        prefix: &str,
        genesis: &Genesis,
        plan: &Plan<E>,
        (blocks, receipts): (&Blocks<E>, &Result<Receipts<E>, String>),
        processed: u64,
    ) -> Result<Self, EngineError> {
        let zero = ConsensusBlock::genesis(genesis).hash();
        let completed = plan.completed().map_or(0, Height::get);
        let earlier = Earlier::default();
        let mut extent = Self { earlier, first: 1, parent: Some(zero), missing: None, processed };
        if plan.floor().is_some() {
            // Of what came before a state that is being fetched nothing is looked at again.
            return Ok(Self { first: u64::MAX, ..extent });
        }
        if is_whole(blocks, completed).await? {
            return Ok(extent);
        }
        let cache = CacheRef::new(PAGE, NZUsize!(4_096));
        let codec: BlockCodec = block_codec(genesis, Senders::default(), None);
        extent.earlier = Earlier::open(context, prefix, cache, codec).await?;
        let newer = run_start(blocks, processed.max(completed));
        extent.first = extent.earlier.lowest_below(newer).await;
        extent.parent = extent.parent.filter(|_| extent.first == 1);
        if let Ok(receipts) = receipts {
            extent.missing = missing_blocks(receipts, processed).await?;
        }
        Ok(extent)
    }

    async fn block(
        &self,
        newer: &Blocks<E>,
        number: u64,
    ) -> Result<Option<Arc<ConsensusBlock>>, EngineError> {
        if let Some(block) = block_at(newer, number).await? {
            return Ok(Some(block));
        }
        let found = self.earlier.get(Identifier::Index(number)).await;
        found.map_err(|error| EngineError::Store { store: EARLIER, reason: error.to_string() })
    }

    fn is_executed(&self, number: u64) -> bool {
        let is_missing = self.missing.as_ref().is_some_and(|missing| missing.contains(&number));
        number <= self.processed && !is_missing
    }
}

/// Each block links to the one before, and its receipts are those of its header.
async fn walk<E: Environment>(
    blocks: &Blocks<E>,
    receipts: &Result<Receipts<E>, String>,
    extent: Extent<E>,
    (of_blocks, of_receipts): (&mut Finding, &mut Finding),
) {
    let mut parent = extent.parent;
    let processed = extent.processed;
    let is_short = blocks.last_index().unwrap_or(0) < processed;
    if is_short && of_blocks.damage.is_none() {
        of_blocks.damage = Some(format!("it ends before block {processed}, which was processed"));
    }
    for number in extent.first..=blocks.last_index().unwrap_or(0) {
        let block = match extent.block(blocks, number).await {
            Ok(Some(block)) => block,
            Ok(None) => {
                of_blocks.damage = Some(format!("block {number} is missing"));
                return;
            }
            Err(error) => {
                of_blocks.damage = Some(format!("block {number}: {error}"));
                return;
            }
        };
        let header = &block.block().header;
        if parent.is_some_and(|parent| parent != header.parent_hash) {
            of_blocks.damage = Some(format!("block {number} does not follow block {}", number - 1));
            return;
        }
        parent = Some(block.hash());
        of_blocks.entries += 1;
        if of_receipts.damage.is_some() {
            continue;
        }
        let found = match receipts {
            Ok(receipts) => receipts.get(number).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.clone()),
        };
        match found {
            // A block is stored before it is executed, and its state may be durable before them.
            Ok(None) if !extent.is_executed(number) => {}
            Ok(None) => of_receipts.damage = Some(format!("those of block {number} are missing")),
            Ok(Some(found)) if Block::receipts_root(&found).0 == header.receipts_root => {
                of_receipts.entries += 1;
            }
            Ok(Some(_)) => of_receipts.damage = Some(format!("those of block {number} are others")),
            Err(error) => of_receipts.damage = Some(error),
        }
    }
}

/// Every certificate is about the block at its height, and the newest is signed by a quorum: with it
/// all blocks before are final.
async fn certificates<E: Environment>(
    context: &E,
    prefix: &str,
    genesis: &Genesis,
    cache: CacheRef,
    blocks: &Blocks<E>,
) -> Result<u64, String> {
    let committee = Committee::from_genesis(genesis).map_err(|error| error.to_string())?;
    let codec = committee.listener().certificate_codec_config();
    let store: Result<Certificates<E>, _> =
        archive(context, "certificates", prefix, cache, codec).await;
    let store = store.map_err(|error| error.to_string())?;
    let mut newest = None;
    let mut entries = 0;
    let heights: Vec<u64> = store.ranges().flat_map(|(first, last)| first..=last).collect();
    for height in heights {
        let found = store.get(Identifier::Index(height)).await;
        let found = found.map_err(|error| format!("that of block {height}: {error}"))?;
        let Some(found) = found else { continue };
        let block = block_at(blocks, height).await.ok().flatten();
        // Blocks that cannot be read are told of elsewhere.
        let Some(block) = block else { continue };
        if B256::from_slice(&found.proposal.payload) != block.hash() {
            return Err(format!("that of block {height} is about another block"));
        }
        entries += 1;
        newest = Some((block.hash(), found));
    }
    if let Some((hash, found)) = newest {
        let verifier = FinalityVerifier::new(genesis).map_err(|error| error.to_string())?;
        let encoded = Bytes::from(found.encode().to_vec());
        verifier.verify(hash, &encoded).map_err(|error| error.to_string())?;
    }
    Ok(entries)
}
