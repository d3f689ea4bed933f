//! One agreement engine per epoch.
//!
//! The validator set may change only where an epoch ends. One marshal orders the blocks of all
//! epochs; each epoch has its own engine on its own sub-channels, whose first parent is the last
//! block of the epoch before.

use commonware_actor::Feedback;
use commonware_consensus::{
    CertifiableAutomaton, Heightable as _, Relay, Reporter, Reporters,
    marshal::{self, Update, standard::Standard},
    simplex::{self, elector::RoundRobin, types::Activity},
    types::{Epoch, Epocher as _, FixedEpocher, Height},
};
use commonware_cryptography::{Digestible as _, Sha256, keccak256::Digest};
use commonware_macros::select;
use commonware_p2p::{
    Blocker, Receiver, Sender,
    utils::mux::{self, Builder as _, Muxer},
};
use commonware_parallel::Strategy;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_utils::{Acknowledgement, NZDuration, NZUsize, vec::NonEmptyVec};
use futures::{StreamExt as _, channel::mpsc};

use crate::{
    block::{ConsensusBlock, ConsensusContext},
    engine::Timing,
    environment::Environment,
    observer::{Observer, VoteWatch},
    scheme::{Committee, EpochSchemes, PublicKey, Scheme},
};

/// The mailbox of the one marshal.
pub type Marshal = marshal::core::Mailbox<Scheme, Standard<ConsensusBlock>>;

/// Forwards final blocks from marshal to the orchestrator.
pub struct FinalBlocks<A: Acknowledgement> {
    sender: mpsc::UnboundedSender<(Height, Digest, A)>,
}

impl<A: Acknowledgement> Clone for FinalBlocks<A> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone() }
    }
}

/// The receiving end of [`FinalBlocks`]. It holds at most marshal's window of unacknowledged
/// blocks.
pub type FinalBlocksReceiver<A> = mpsc::UnboundedReceiver<(Height, Digest, A)>;

/// Connects marshal and orchestrator.
pub fn final_blocks<A: Acknowledgement>() -> (FinalBlocks<A>, FinalBlocksReceiver<A>) {
    let (sender, receiver) = mpsc::unbounded();
    (FinalBlocks { sender }, receiver)
}

impl<A: Acknowledgement> Reporter for FinalBlocks<A> {
    type Activity = Update<ConsensusBlock, A>;

    fn report(&mut self, update: Self::Activity) -> Feedback {
        if let Update::Block(block, acknowledgement) = update {
            // A closed channel means that the node is stopping.
            let _ = self.sender.unbounded_send((block.height(), block.digest(), acknowledgement));
        }
        Feedback::Ok
    }
}

/// What the orchestrator needs to run an engine.
pub struct Config<A, R, B, T> {
    /// Names the partitions.
    pub prefix: String,
    /// Proposes, verifies and certifies.
    pub automaton: A,
    /// Sends blocks and hears of votes.
    pub relay: R,
    /// Blocks peers that break the protocol.
    pub blocker: B,
    /// Orders the blocks of all epochs.
    pub marshal: Marshal,
    /// The validators. The set does not change yet, so every epoch has the same.
    pub committee: Committee,
    /// The scheme of every epoch.
    pub schemes: EpochSchemes,
    /// Which height belongs to which epoch.
    pub epocher: FixedEpocher,
    /// The epoch to begin with, and the hash of the block before it.
    pub start: (Epoch, Digest),
    /// Time-outs.
    pub timing: Timing,
    /// Parallel work.
    pub strategy: T,
    /// Shared page cache.
    pub page_cache: CacheRef,
    /// Measures.
    pub observer: Observer,
}

/// Runs the engine of each epoch in turn until marshal stops.
pub async fn run<E, A, R, B, T, K, TX, RX>(
    context: E,
    config: Config<A, R, B, T>,
    mut final_blocks: FinalBlocksReceiver<K>,
    (votes, certificates, resolver): ((TX, RX), (TX, RX), (TX, RX)),
) where
    E: Environment,
    A: CertifiableAutomaton<Context = ConsensusContext, Digest = Digest>,
    R: Relay<Digest = Digest, PublicKey = PublicKey, Plan = simplex::Plan<PublicKey>>
        + Reporter<Activity = Activity<Scheme, Digest>>,
    B: Blocker<PublicKey = PublicKey>,
    T: Strategy,
    K: Acknowledgement,
    TX: Sender<PublicKey = PublicKey>,
    RX: Receiver<PublicKey = PublicKey>,
{
    let muxer = Muxer::builder(context.child("votes"), votes.0, votes.1);
    let (mux, mut votes, mut later_votes) = muxer.with_backup().build();
    mux.start();
    let muxer = Muxer::builder(context.child("certificates"), certificates.0, certificates.1);
    let (mux, mut certificates, mut later_certificates) = muxer.with_backup().build();
    mux.start();
    let (mux, mut resolver) = Muxer::new(context.child("resolver"), resolver.0, resolver.1);
    mux.start();

    let watch = VoteWatch::new(config.observer.clone(), context.child("watch"));
    let (mut epoch, mut floor) = config.start;
    loop {
        let (scheme, _) = config.schemes.register(epoch, &config.committee);
        config.observer.enter_epoch(epoch.get(), &config.committee.members());
        let child = context.child("engine").with_attribute("epoch", epoch);
        let engine_config = engine_config(&config, scheme.as_ref().clone(), epoch, floor, &watch);
        let engine = simplex::Engine::new(child, engine_config);
        let (Some(votes), Some(certificates), Some(resolver)) = (
            registered(votes.register(epoch.get()).await),
            registered(certificates.register(epoch.get()).await),
            registered(resolver.register(epoch.get()).await),
        ) else {
            return;
        };
        let running = engine.start(votes, certificates, resolver);
        let last = config.epocher.last(epoch).expect("the epocher covers every epoch");
        // Somebody is in a later epoch: ask for the block that ends ours.
        let hint = |message: Option<(u64, (PublicKey, _))>| {
            if let Some((_, (from, _))) = message.filter(|(theirs, _)| *theirs > epoch.get()) {
                config.marshal.hint_finalized(last, NonEmptyVec::new(from));
            }
        };
        loop {
            select! {
                message = later_votes.recv() => hint(message),
                message = later_certificates.recv() => hint(message),
                block = final_blocks.next() => {
                    let Some((height, digest, acknowledgement)) = block else {
                        return running.abort();
                    };
                    if height == last {
                        // The next epoch's scheme is known before marshal may go on to its blocks.
                        config.schemes.register(epoch.next(), &config.committee);
                        floor = digest;
                        break acknowledgement.acknowledge();
                    }
                    acknowledgement.acknowledge();
                },
            }
        }
        running.abort();
        epoch = epoch.next();
    }
}

/// The channel of an epoch, or `None` where the network is closed: another part of the node ended
/// then, which says why.
fn registered<C>(channel: Result<C, mux::Error>) -> Option<C> {
    match channel {
        Ok(channel) => Some(channel),
        Err(mux::Error::Closed) => None,
        Err(error) => panic!("each epoch registers once: {error}"),
    }
}

#[allow(clippy::type_complexity)]
fn engine_config<E, A, R, B, T>(
    config: &Config<A, R, B, T>,
    scheme: Scheme,
    epoch: Epoch,
    floor: Digest,
    watch: &VoteWatch<E>,
) -> simplex::Config<Scheme, RoundRobin<Sha256>, B, Digest, A, R, Reporters<R, VoteWatch<E>>, T>
where
    E: Environment,
    A: CertifiableAutomaton<Context = ConsensusContext, Digest = Digest>,
    R: Relay<Digest = Digest> + Reporter<Activity = Activity<Scheme, Digest>>,
    B: Blocker<PublicKey = PublicKey>,
    T: Strategy,
{
    let timing = config.timing;
    simplex::Config {
        scheme,
        elector: RoundRobin::<Sha256>::default(),
        blocker: config.blocker.clone(),
        automaton: config.automaton.clone(),
        relay: config.relay.clone(),
        reporter: Reporters::from((config.relay.clone(), watch.clone())),
        track_historical_votes: false,
        strategy: config.strategy.clone(),
        partition: format!("{}-agreement-{}", config.prefix, epoch.get()),
        mailbox_size: NZUsize!(1_024),
        epoch,
        floor: simplex::Floor::Genesis(floor),
        replay_buffer: NZUsize!(1 << 20),
        write_buffer: NZUsize!(1 << 20),
        page_cache: config.page_cache.clone(),
        leader_timeout: timing.leader,
        certification_timeout: timing.certification,
        timeout_retry: timing.retry,
        view_retention: timing.view_retention,
        skip: simplex::config::SkipPolicy::Enabled {
            timeout: timing.skip,
            budget: simplex::SkipBudget::Participants,
        },
        fetch_timeout: NZDuration!(timing.fetch),
        fetch_retry_delay: timing.fetch_retry,
        forward: simplex::config::ForwardPolicy::SilentVoters,
    }
}

/// The epoch in which the block after `processed` lies, and that epoch's first parent height.
pub fn epoch_after(epocher: &FixedEpocher, processed: Height) -> (Epoch, Height) {
    let info = epocher.containing(processed.next()).expect("the epocher covers every height");
    let first = info.first();
    let floor = first.previous().unwrap_or(Height::zero());
    (info.epoch(), floor)
}
