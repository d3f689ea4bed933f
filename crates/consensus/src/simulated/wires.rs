//! What a validator's messages meet between it and the others: honest wires, and dishonest ones.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use commonware_p2p::{
    Message, Receiver, Recipients,
    simulated::{self, Oracle, SplitForwarder, SplitOrigin, SplitSender},
};
use commonware_runtime::{Clock as _, IoBuf, Quota, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::{NZU32, channel::mpsc};
use rand::RngExt as _;

use crate::{
    engine::{CHANNELS, Channels},
    scheme::PublicKey,
};

/// The numbers of the channels on which whole blocks travel.
const BACKFILL: u64 = 3;
const BROADCAST: u64 = 4;

/// Whether a validator gives out the blocks that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Withholding {
    /// It does.
    #[default]
    Nothing,
    /// It proposes and votes, but nobody gets its blocks.
    Everything,
    /// One peer alone gets its blocks.
    AllButOne(usize),
}

/// How messages arrive at a validator, beyond what the wires themselves do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disorder {
    /// Out of a hundred messages, so many arrive twice.
    pub twice_percent: u8,
    /// Out of a hundred messages, so many are overtaken by later ones.
    pub late_percent: u8,
    /// By how much they are late, at most.
    pub late_ms_max: u64,
}

/// The peers that each of two copies of one validator talks to.
pub(super) type Sides = [Vec<PublicKey>; 2];

#[derive(Default)]
struct Rules {
    withholding: Option<Option<PublicKey>>,
    disorder: Disorder,
    sides: Option<Sides>,
}

/// The wires of one validator; they outlive its falls.
#[derive(Default)]
pub(super) struct Wires {
    rules: Mutex<Rules>,
}

impl Wires {
    pub(super) fn withhold(&self, what: Withholding, members: &[PublicKey]) {
        self.lock().withholding = match what {
            Withholding::Nothing => None,
            Withholding::Everything => Some(None),
            Withholding::AllButOne(peer) => Some(Some(members[peer].clone())),
        };
    }

    pub(super) fn disturb(&self, disorder: Disorder) {
        self.lock().disorder = disorder;
    }

    pub(super) fn split(&self, sides: Option<Sides>) {
        self.lock().sides = sides;
    }

    /// To whom a message really goes.
    fn route(
        &self,
        channel: u64,
        origin: SplitOrigin,
        recipients: &Recipients<PublicKey>,
    ) -> Option<Recipients<PublicKey>> {
        let rules = self.lock();
        if let Some(exception) = rules.withholding.as_ref().filter(|_| carries_blocks(channel)) {
            let peer = exception.clone()?;
            return is_among(&peer, recipients).then_some(Recipients::One(peer));
        }
        let Some(sides) = &rules.sides else { return Some(recipients.clone()) };
        let side = match origin {
            SplitOrigin::Primary => &sides[0],
            SplitOrigin::Secondary => &sides[1],
        };
        let heard: Vec<_> =
            side.iter().filter(|peer| is_among(peer, recipients)).cloned().collect();
        (!heard.is_empty()).then_some(Recipients::Some(heard))
    }

    /// Whether a copy hears this peer.
    fn hears(&self, origin: SplitOrigin, peer: &PublicKey) -> bool {
        let rules = self.lock();
        let side = match origin {
            SplitOrigin::Primary => 0,
            SplitOrigin::Secondary => 1,
        };
        rules.sides.as_ref().is_none_or(|sides| sides[side].contains(peer))
    }

    fn disorder(&self) -> Disorder {
        self.lock().disorder
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().expect("no holder of the lock panics")
    }
}

fn carries_blocks(channel: u64) -> bool {
    channel == BROADCAST || channel == BACKFILL
}

fn is_among(peer: &PublicKey, recipients: &Recipients<PublicKey>) -> bool {
    match recipients {
        Recipients::All => true,
        Recipients::Some(some) => some.contains(peer),
        Recipients::One(one) => one == peer,
    }
}

/// The receiving end of a channel, behind the disorder.
#[derive(Debug)]
pub(super) struct Inbox {
    messages: mpsc::UnboundedReceiver<Message<PublicKey>>,
    capacity: NonZeroUsize,
}

/// The validator is gone.
#[derive(Debug, thiserror::Error)]
#[error("the wire was taken down")]
pub(super) struct TakenDown;

impl Receiver for Inbox {
    type Error = TakenDown;
    type PublicKey = PublicKey;

    async fn recv(&mut self) -> Result<Message<PublicKey>, TakenDown> {
        self.messages.recv().await.ok_or(TakenDown)
    }

    fn capacity(&self) -> NonZeroUsize {
        self.capacity
    }
}

type Raw = (simulated::Sender<PublicKey, deterministic::Context>, simulated::Receiver<PublicKey>);

/// The channels of a validator as the network gives them, in the order of their numbers.
pub(super) async fn raw_channels(
    oracle: &Oracle<PublicKey, deterministic::Context>,
    member: &PublicKey,
) -> Vec<Raw> {
    let control = oracle.control(member.clone());
    let quota = Quota::per_second(NZU32!(4_096));
    let mut registered = Vec::new();
    for channel in 0..CHANNELS {
        let pair = control.register(channel, quota).await;
        registered.push(pair.expect("the simulated network runs"));
    }
    registered
}

type Outgoing<F> = SplitSender<PublicKey, deterministic::Context, F>;

fn forwarder(wires: &Arc<Wires>, channel: u64) -> impl SplitForwarder<PublicKey> + use<> {
    let wires = wires.clone();
    move |origin: SplitOrigin, recipients: &Recipients<PublicKey>, _: &IoBuf| {
        wires.route(channel, origin, recipients)
    }
}

/// The channels of a validator and of its twin, which sends and receives under the same identity.
/// The tasks that carry the messages are children of `context` and fall with it.
pub(super) fn channels(
    context: &deterministic::Context,
    wires: &Arc<Wires>,
    raw: Vec<Raw>,
) -> [Channels<Outgoing<impl SplitForwarder<PublicKey> + use<>>, Inbox>; 2] {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (channel, (sender, receiver)) in (0..).zip(raw) {
        let (primary, secondary) = sender.split_with(forwarder(wires, channel));
        let capacity = receiver.capacity();
        let (to_first, messages) = mpsc::unbounded_channel();
        first.push((primary, Inbox { messages, capacity }));
        let (to_second, messages) = mpsc::unbounded_channel();
        second.push((secondary, Inbox { messages, capacity }));
        let wires = wires.clone();
        let carrier = context.child("carrier").with_attribute("channel", channel);
        carrier.spawn(move |context| carry(context, wires, receiver, [to_first, to_second]));
    }
    [named(first), named(second)]
}

fn named<TX, RX>(pairs: Vec<(TX, RX)>) -> Channels<TX, RX> {
    let mut pairs = pairs.into_iter();
    let mut next = || pairs.next().expect("one pair for each channel");
    Channels {
        votes: next(),
        certificates: next(),
        resolver: next(),
        backfill: next(),
        broadcast: next(),
        transactions: next(),
        introductions: next(),
        state: next(),
        newest: next(),
    }
}

type Delivery = mpsc::UnboundedSender<Message<PublicKey>>;

/// Hands messages over, some twice and some late.
async fn carry(
    mut context: deterministic::Context,
    wires: Arc<Wires>,
    mut receiver: simulated::Receiver<PublicKey>,
    [first, second]: [Delivery; 2],
) {
    while let Ok(message) = receiver.recv().await {
        let disorder = wires.disorder();
        let copies = if chance(&mut context, disorder.twice_percent) { 2 } else { 1 };
        for _ in 0..copies {
            let targets: Vec<Delivery> =
                [(SplitOrigin::Primary, &first), (SplitOrigin::Secondary, &second)]
                    .into_iter()
                    .filter(|(origin, _)| wires.hears(*origin, &message.0))
                    .map(|(_, delivery)| delivery.clone())
                    .collect();
            let message = message.clone();
            if !chance(&mut context, disorder.late_percent) || disorder.late_ms_max == 0 {
                deliver(&targets, message);
                continue;
            }
            let delay = Duration::from_millis(context.random_range(1..=disorder.late_ms_max));
            context.child("late").spawn(move |clock| async move {
                clock.sleep(delay).await;
                deliver(&targets, message);
            });
        }
    }
}

fn deliver(targets: &[Delivery], message: Message<PublicKey>) {
    for target in targets {
        // Nobody listens where there is no twin.
        let _ = target.send(message.clone());
    }
}

fn chance(context: &mut deterministic::Context, percent: u8) -> bool {
    percent > 0 && context.random_range(0..100) < percent
}
