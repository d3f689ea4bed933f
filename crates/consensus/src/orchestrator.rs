//! One agreement engine per epoch.
//!
//! The validator set may change only where an epoch ends. One marshal orders the blocks of all
//! epochs; each epoch has its own engine on its own sub-channels, whose first parent is the last
//! block of the epoch before.

use std::time::Duration;

use commonware_actor::Feedback;
use commonware_consensus::{
    CertifiableAutomaton, Epochable as _, Heightable as _, Relay, Reporter, Reporters,
    marshal::{self, Update, standard::Standard},
    simplex::{
        self,
        elector::RoundRobin,
        types::{Activity, Finalization},
    },
    types::{Epoch, Epocher as _, FixedEpocher, Height},
};
use commonware_cryptography::{Digestible as _, Sha256, keccak256::Digest};
use commonware_macros::select;
use commonware_p2p::{
    Blocker, Receiver, Sender,
    utils::mux::{self, Builder as _, MuxHandle, Muxer, SubReceiver, SubSender},
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
    silence::Silence,
};

/// The mailbox of the one marshal.
pub type Marshal = marshal::core::Mailbox<Scheme, Standard<ConsensusBlock>>;

/// Forwards final blocks from marshal to the orchestrator.
pub struct FinalBlocks<A: Acknowledgement> {
    sender: mpsc::UnboundedSender<(FinalBlock, A)>,
}

impl<A: Acknowledgement> Clone for FinalBlocks<A> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone() }
    }
}

/// The receiving end of [`FinalBlocks`]. It holds at most marshal's window of unacknowledged
/// blocks.
pub type FinalBlocksReceiver<A> = mpsc::UnboundedReceiver<(FinalBlock, A)>;

/// What the orchestrator needs to know of a final block.
#[derive(Debug, Clone, Copy)]
pub struct FinalBlock {
    height: Height,
    digest: Digest,
    timestamp_ms: u64,
}

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
            let (height, digest) = (block.height(), block.digest());
            let timestamp_ms = block.inner().seal().timestamp_ms;
            let final_block = FinalBlock { height, digest, timestamp_ms };
            let _ = self.sender.unbounded_send((final_block, acknowledgement));
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
    /// Set if this validator forgot its votes.
    pub silence: Option<Silence>,
    /// Time-outs.
    pub timing: Timing,
    /// Parallel work.
    pub strategy: T,
    /// Shared page cache.
    pub page_cache: CacheRef,
    /// Measures.
    pub observer: Observer,
}

/// Where an engine begins.
#[derive(Clone)]
pub struct Start {
    /// In this epoch.
    pub epoch: Epoch,
    /// After this.
    pub floor: simplex::Floor<Scheme, Digest>,
    /// Whether this validator takes part, or only listens because it forgot its votes.
    pub is_voting: bool,
}

impl Start {
    /// After a final block, whichever it is.
    pub fn after(finalization: Finalization<Scheme, Digest>, silence: Option<Silence>) -> Self {
        let epoch = finalization.epoch();
        let is_voting = silence.is_none();
        Self { epoch, floor: simplex::Floor::Finalized(finalization), is_voting }
    }
}

/// The channels of an engine that ended are free after a while.
const RELEASE: Duration = Duration::from_millis(5);

/// Runs one engine after another until marshal stops.
pub async fn run<E, A, R, B, T, K, TX, RX>(
    context: E,
    config: Config<A, R, B, T>,
    mut start: Start,
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
    let (mux, votes, mut later_votes) = muxer.with_backup().build();
    mux.start();
    let muxer = Muxer::builder(context.child("certificates"), certificates.0, certificates.1);
    let (mux, certificates, mut later_certificates) = muxer.with_backup().build();
    mux.start();
    let (mux, resolver) = Muxer::new(context.child("resolver"), resolver.0, resolver.1);
    mux.start();
    let mut handles = [votes, certificates, resolver];

    let watch = VoteWatch::new(config.observer.clone(), context.child("watch"));
    let succession = Succession::of(&config);
    loop {
        let epoch = start.epoch;
        config.schemes.register(epoch, &config.committee);
        config.observer.enter_epoch(epoch.get(), &config.committee.members());
        let child = context
            .child("engine")
            .with_attribute("epoch", epoch)
            .with_attribute("voting", start.is_voting);
        let engine = simplex::Engine::new(child, engine_config(&config, start.clone(), &watch));
        let Some([votes, certificates, resolver]) = channels(&context, &mut handles, epoch).await
        else {
            return;
        };
        let running = engine.start(votes, certificates, resolver);
        let last = config.epocher.last(epoch).expect("the epocher covers every epoch");
        // Somebody is in a later epoch: ask for the block that ends ours.
        let hint = |message: Option<(u64, (PublicKey, _))>| {
            if let Some((_, (from, _))) =
                message.as_ref().filter(|(theirs, _)| *theirs > epoch.get())
            {
                config.marshal.hint_finalized(last, NonEmptyVec::new(from.clone()));
            }
            message.is_some()
        };
        // A channel that is closed says that the node is stopping.
        start = loop {
            select! {
                message = later_votes.recv() => if !hint(message) { return running.abort() },
                message = later_certificates.recv() => if !hint(message) { return running.abort() },
                block = final_blocks.next() => {
                    let Some((block, acknowledgement)) = block else { return running.abort() };
                    let next = succession.after(&start, block).await;
                    acknowledgement.acknowledge();
                    if let Some(next) = next { break next; }
                },
            }
        };
        running.abort();
    }
}

type SubChannel<TX> = (SubSender<TX>, SubReceiver<PublicKey>);

/// The channels of an epoch, as soon as the tasks of the engine before have let go of them; `None`
/// where the network is closed: another part of the node ended then, which says why.
async fn channels<TX: Sender<PublicKey = PublicKey>>(
    clock: &impl Environment,
    handles: &mut [MuxHandle<TX>; 3],
    epoch: Epoch,
) -> Option<[SubChannel<TX>; 3]> {
    loop {
        let [votes, certificates, resolver] = handles;
        let registered = (
            votes.register(epoch.get()).await,
            certificates.register(epoch.get()).await,
            resolver.register(epoch.get()).await,
        );
        match registered {
            (Ok(votes), Ok(certificates), Ok(resolver)) => {
                return Some([votes, certificates, resolver]);
            }
            (Err(mux::Error::Closed), ..)
            | (_, Err(mux::Error::Closed), _)
            | (.., Err(mux::Error::Closed)) => return None,
            registered => drop(registered),
        }
        clock.sleep(RELEASE).await;
    }
}

/// Decides where one engine ends and the next begins.
struct Succession {
    marshal: Marshal,
    committee: Committee,
    schemes: EpochSchemes,
    epocher: FixedEpocher,
    silence: Option<Silence>,
}

impl Succession {
    fn of<A, R, B, T>(config: &Config<A, R, B, T>) -> Self {
        Self {
            marshal: config.marshal.clone(),
            committee: config.committee.clone(),
            schemes: config.schemes.clone(),
            epocher: config.epocher.clone(),
            silence: config.silence,
        }
    }

    /// Where the next engine begins, if the running one ends with this final block: the epoch is
    /// over, or a validator that forgot its votes may vote again.
    async fn after(&self, running: &Start, block: FinalBlock) -> Option<Start> {
        let (epoch, is_over) = (running.epoch, self.is_over(block.timestamp_ms));
        if block.height == self.epocher.last(epoch).expect("the epocher covers every epoch") {
            // The next epoch's scheme is known before marshal may go on to its blocks.
            self.schemes.register(epoch.next(), &self.committee);
            return Some(Start {
                epoch: epoch.next(),
                floor: simplex::Floor::Genesis(block.digest),
                is_voting: running.is_voting || is_over,
            });
        }
        if running.is_voting || !is_over {
            return None;
        }
        // A block that is final through its successor alone has none: the next one will.
        let finalization = self.marshal.get_finalization(block.height).await?;
        tracing::info!(number = block.height.get(), "its old votes cannot matter: it votes again");
        Some(Start { epoch, floor: simplex::Floor::Finalized(finalization), is_voting: true })
    }

    /// Whether a validator votes again after a final block of this time.
    fn is_over(&self, timestamp_ms: u64) -> bool {
        self.silence.is_none_or(|silence| silence.ends_with(timestamp_ms))
    }
}

#[allow(clippy::type_complexity)]
fn engine_config<E, A, R, B, T>(
    config: &Config<A, R, B, T>,
    Start { epoch, floor, is_voting }: Start,
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
    // What it hears while it only listens is no record of its votes.
    let (scheme, journal) = if is_voting {
        let (scheme, _) = config.schemes.register(epoch, &config.committee);
        (scheme.as_ref().clone(), "agreement")
    } else {
        (config.committee.listener(), "listening")
    };
    simplex::Config {
        scheme,
        elector: RoundRobin::<Sha256>::default(),
        blocker: config.blocker.clone(),
        automaton: config.automaton.clone(),
        relay: config.relay.clone(),
        reporter: Reporters::from((config.relay.clone(), watch.clone())),
        track_historical_votes: false,
        strategy: config.strategy.clone(),
        partition: format!("{}-{journal}-{}", config.prefix, epoch.get()),
        mailbox_size: NZUsize!(1_024),
        epoch,
        floor,
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
