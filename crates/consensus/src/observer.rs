//! What this node sees of the others, and how fast blocks become final. Nothing here decides.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use commonware_actor::Feedback;
use commonware_consensus::{
    Reporter,
    simplex::types::{Activity, Attributable as _},
};
use commonware_cryptography::keccak256::Digest;
use commonware_utils::ordered::Set;
use qiao_types::B256;

use crate::{
    block::ConsensusBlock,
    environment::{Environment, now_ms},
    scheme::{PublicKey, Scheme},
};

const SAMPLES: usize = 512;

/// Shared measures; cheap to clone.
#[derive(Clone, Default)]
pub struct Observer {
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    epoch: u64,
    view: u64,
    members: Vec<B256>,
    last_vote_ms: BTreeMap<B256, u64>,
    last_proposed: BTreeMap<B256, u64>,
    peers: BTreeMap<B256, PeerNote>,
    blocks: VecDeque<BlockSample>,
}

struct BlockSample {
    timestamp_ms: u64,
    finality_ms: u64,
    transactions: u64,
}

/// What a peer said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerNote {
    /// Its software version.
    pub version: String,
    /// Its newest final block.
    pub height: u64,
    /// When this arrived, by this node's clock.
    pub heard_ms: u64,
}

/// A snapshot of the measures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observation {
    /// The running epoch.
    pub epoch: u64,
    /// The newest view in which a vote or certificate was seen.
    pub view: u64,
    /// When each validator last voted, by this node's clock.
    pub last_vote_ms: BTreeMap<B256, u64>,
    /// The newest final block of each validator.
    pub last_proposed: BTreeMap<B256, u64>,
    /// What peers said of themselves.
    pub peers: BTreeMap<B256, PeerNote>,
    /// From proposal to finality at this node, over recent blocks, in order of time.
    pub finality_ms: Vec<u64>,
    /// Mean distance of recent blocks.
    pub block_interval_ms: u64,
    /// Transactions in the blocks of the last ten seconds.
    pub recent_transactions: u64,
}

impl Observer {
    /// A new epoch has begun with these members.
    pub fn enter_epoch(&self, epoch: u64, members: &Set<PublicKey>) {
        let mut seen = self.lock();
        seen.epoch = epoch;
        seen.members = members.iter().map(identity).collect();
    }

    /// A block became final here.
    pub fn finalized(&self, block: &ConsensusBlock, now_ms: u64) {
        let seal = block.seal();
        let mut seen = self.lock();
        let proposer = identity(&seal.context.leader);
        seen.last_proposed.insert(proposer, block.block().number());
        seen.blocks.push_back(BlockSample {
            timestamp_ms: seal.timestamp_ms,
            finality_ms: now_ms.saturating_sub(seal.timestamp_ms),
            transactions: block.block().transactions.len() as u64,
        });
        while seen.blocks.len() > SAMPLES {
            seen.blocks.pop_front();
        }
    }

    /// A peer introduced itself.
    pub fn heard(&self, peer: &PublicKey, note: PeerNote) {
        self.lock().peers.insert(identity(peer), note);
    }

    /// The measures as they stand.
    pub fn snapshot(&self, now_ms: u64) -> Observation {
        let seen = self.lock();
        let first = seen.blocks.front().map_or(0, |sample| sample.timestamp_ms);
        let last = seen.blocks.back().map_or(0, |sample| sample.timestamp_ms);
        let gaps = seen.blocks.len().saturating_sub(1).max(1) as u64;
        let recent = seen.blocks.iter().rev();
        Observation {
            epoch: seen.epoch,
            view: seen.view,
            last_vote_ms: seen.last_vote_ms.clone(),
            last_proposed: seen.last_proposed.clone(),
            peers: seen.peers.clone(),
            finality_ms: seen.blocks.iter().map(|sample| sample.finality_ms).collect(),
            block_interval_ms: last.saturating_sub(first) / gaps,
            recent_transactions: recent
                .take_while(|sample| sample.timestamp_ms + 10_000 > now_ms)
                .map(|sample| sample.transactions)
                .sum(),
        }
    }

    fn voted(&self, signer: usize, epoch: u64, view: u64, now_ms: u64) {
        let mut seen = self.lock();
        if seen.epoch != epoch {
            return;
        }
        seen.view = seen.view.max(view);
        if let Some(member) = seen.members.get(signer).copied() {
            seen.last_vote_ms.insert(member, now_ms);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no holder of the lock panics")
    }
}

/// Follows the votes that the engine reports.
pub struct VoteWatch<E: Environment> {
    observer: Observer,
    clock: Arc<E>,
}

impl<E: Environment> Clone for VoteWatch<E> {
    fn clone(&self) -> Self {
        Self { observer: self.observer.clone(), clock: self.clock.clone() }
    }
}

impl<E: Environment> VoteWatch<E> {
    /// Notes votes in `observer`.
    pub fn new(observer: Observer, clock: E) -> Self {
        Self { observer, clock: Arc::new(clock) }
    }
}

impl<E: Environment> Reporter for VoteWatch<E> {
    type Activity = Activity<Scheme, Digest>;

    fn report(&mut self, activity: Self::Activity) -> Feedback {
        let (signer, round) = match &activity {
            Activity::Notarize(vote) => (vote.signer(), vote.proposal.round),
            Activity::Nullify(vote) => (vote.signer(), vote.round),
            Activity::Finalize(vote) => (vote.signer(), vote.proposal.round),
            _ => return Feedback::Ok,
        };
        let now = now_ms(self.clock.as_ref());
        let index = usize::from(signer);
        self.observer.voted(index, round.epoch().get(), round.view().get(), now);
        Feedback::Ok
    }
}

fn identity(key: &PublicKey) -> B256 {
    B256::from_slice(key.as_ref())
}
