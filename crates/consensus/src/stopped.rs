//! The stores of a node that does not run: its last final block, the proof of it, its whole state.

use std::{collections::BTreeMap, path::Path};

use commonware_codec::Encode as _;
use commonware_consensus::simplex::types::Finalization;
use commonware_cryptography::{certificate::Verifier as _, keccak256::Digest};
use commonware_parallel::Sequential;
use commonware_runtime::{Runner as _, Supervisor as _, buffer::paged::CacheRef, tokio};
use commonware_storage::{
    archive::{Archive as _, Identifier, prunable},
    translator::EightCap,
};
use commonware_utils::NZUsize;
use futures::future::BoxFuture;
use qiao_state::{GenesisStateError, PAGE, Replica, database_config};
use qiao_types::{B256, Block, Bytes, Genesis, StateCommitment, StateKey};

use crate::{
    block::BlockCodec,
    engine::{EngineError, archive, block_at, block_codec, block_of},
    finality::{FinalityError, FinalityVerifier},
    keys::ValidatorKeys,
    runner::STORE_PREFIX,
    scheme::{Committee, CommitteeError, Scheme},
    senders::Senders,
};

/// What a stopped node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The height of the state.
    pub number: u64,
    /// The hash of its block.
    pub hash: B256,
    /// When it was proposed.
    pub timestamp_ms: u64,
    /// What its header commits to of the state.
    pub state: StateCommitment,
    /// Headers from that block to the one that the certificate is about, RLP: usually one.
    pub headers: Vec<Bytes>,
    /// Proof that the last of the headers, and so all of them, are final.
    pub certificate: Bytes,
    /// Every entry of the state.
    pub entries: BTreeMap<StateKey, Bytes>,
}

/// A stopped node's stores cannot be read, or do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum StoppedError {
    /// The genesis file names no valid committee.
    #[error(transparent)]
    Committee(#[from] CommitteeError),
    /// An archive.
    #[error(transparent)]
    Store(#[from] EngineError),
    /// The state.
    #[error(transparent)]
    State(#[from] GenesisStateError),
    /// No block was ever made final here.
    #[error("the data folder holds no final block")]
    Empty,
    /// No certificate is there for the block or one above it.
    #[error("there is no finality certificate for block {number} or a later one")]
    NoCertificate {
        /// The height of the state.
        number: u64,
    },
    /// The proof does not hold.
    #[error("block {number}: {cause}")]
    NotFinal {
        /// The height that the certificate is about.
        number: u64,
        /// Why not.
        cause: FinalityError,
    },
}

/// Reads the stores below a node's `data_dir`. The caller holds the folder, so that no node runs.
pub fn read_stopped(data_dir: &Path, genesis: &Genesis) -> Result<Stopped, StoppedError> {
    let runtime =
        tokio::Config::new().with_storage_directory(data_dir.to_path_buf()).with_worker_threads(1);
    tokio::Runner::new(runtime).start(|context| {
        let reading: BoxFuture<'_, _> = Box::pin(read(context, genesis));
        reading
    })
}

type Certificates =
    prunable::Archive<EightCap, tokio::Context, Digest, Finalization<Scheme, Digest>>;
type Blocks = crate::engine::Blocks<tokio::Context>;

async fn read(context: tokio::Context, genesis: &Genesis) -> Result<Stopped, StoppedError> {
    let cache = CacheRef::new(PAGE, NZUsize!(4_096));
    let committee = Committee::from_genesis(genesis)?;
    let (scheme, _) = committee.scheme(&ValidatorKeys::generate(rand::rng()));
    let codec = scheme.certificate_codec_config();
    let certificates: Certificates =
        archive(&context, "certificates", STORE_PREFIX, cache.clone(), codec).await?;
    let codec: BlockCodec = block_codec(genesis, Senders::default(), None);
    let blocks: Blocks = archive(&context, "blocks", STORE_PREFIX, cache.clone(), codec).await?;
    let config = database_config(STORE_PREFIX, Sequential, cache);
    let replica = Replica::open(context.child("state"), config).await?;

    let state = replica.commitment()?;
    if state.root == genesis.state.root {
        return Err(StoppedError::Empty);
    }
    let block = block_of(&blocks, &state).await?;
    let number = block.block().number();
    let (headers, certificate) = proof(&blocks, &certificates, number, genesis).await?;
    let mut entries = BTreeMap::new();
    replica
        .visit(|key, value| {
            entries.insert(key, value);
            Ok(())
        })
        .await?;
    Ok(Stopped {
        number,
        hash: block.hash(),
        timestamp_ms: block.seal().timestamp_ms,
        state,
        headers,
        certificate,
        entries,
    })
}

/// The first certificate at or above a height, and the headers up to it.
async fn proof(
    blocks: &Blocks,
    certificates: &Certificates,
    number: u64,
    genesis: &Genesis,
) -> Result<(Vec<Bytes>, Bytes), StoppedError> {
    let mut headers = Vec::new();
    for height in number.. {
        let Some(block) = block_at(blocks, height).await? else { break };
        headers.push(Bytes::from(Block::encode_header(&block.block().header)));
        let found = certificates.get(Identifier::Index(height)).await;
        let found = found.map_err(|error| EngineError::Store {
            store: "certificates",
            reason: error.to_string(),
        })?;
        let Some(certificate) = found else { continue };
        let certificate = Bytes::from(certificate.encode().to_vec());
        FinalityVerifier::new(genesis)?
            .verify(block.hash(), &certificate)
            .map_err(|cause| StoppedError::NotFinal { number: height, cause })?;
        return Ok((headers, certificate));
    }
    Err(StoppedError::NoCertificate { number })
}
