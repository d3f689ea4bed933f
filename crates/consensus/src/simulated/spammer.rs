//! A validator that keeps to no protocol: it sends garbage, the largest messages there may be, and
//! what it heard from others, whole and damaged, on every channel.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use commonware_codec::Encode as _;
use commonware_p2p::{Receiver as _, Recipients, Sender as _, simulated};
use commonware_runtime::{Clock as _, deterministic};
use futures::FutureExt as _;
use rand::RngExt as _;

use crate::scheme::PublicKey;

type Pair = (simulated::Sender<PublicKey, deterministic::Context>, simulated::Receiver<PublicKey>);

const HEARD_MAX: usize = 64;
const TRANSACTIONS: usize = 5;

/// Sends for as long as its task runs.
pub(super) async fn spam(
    mut context: deterministic::Context,
    pairs: Vec<Pair>,
    peers: Vec<PublicKey>,
    message_bytes_max: usize,
) {
    let (mut senders, mut receivers): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let mut heard: VecDeque<Bytes> = VecDeque::new();
    loop {
        listen(&mut receivers, &mut heard);
        let channel = context.random_range(0..senders.len());
        let message = if channel == TRANSACTIONS && context.random_range(0..2) == 0 {
            batch(&mut context)
        } else {
            message(&mut context, &heard, message_bytes_max)
        };
        let to = match context.random_range(0..3) {
            0 => Recipients::All,
            _ => Recipients::One(peers[context.random_range(0..peers.len())].clone()),
        };
        senders[channel].send(to, message, context.random_range(0..2) == 0);
        let pause = Duration::from_millis(context.random_range(1..40));
        context.sleep(pause).await;
    }
}

/// Takes what has arrived, without waiting.
fn listen(receivers: &mut [simulated::Receiver<PublicKey>], heard: &mut VecDeque<Bytes>) {
    for receiver in receivers {
        while let Some(Ok((_, message))) = receiver.recv().now_or_never() {
            heard.push_back(Bytes::from(message));
            if heard.len() > HEARD_MAX {
                heard.pop_front();
            }
        }
    }
}

fn message(context: &mut deterministic::Context, heard: &VecDeque<Bytes>, max: usize) -> Bytes {
    let kind = context.random_range(0..20);
    if kind == 0 {
        return random(context, max.min(1 << 20));
    }
    if kind < 8 || heard.is_empty() {
        let length = context.random_range(0..2_000);
        return random(context, length);
    }
    let replayed = heard[context.random_range(0..heard.len())].clone();
    if kind < 14 || replayed.is_empty() {
        return replayed;
    }
    let mut damaged = replayed.to_vec();
    for _ in 0..context.random_range(1..4) {
        let at = context.random_range(0..damaged.len());
        damaged[at] ^= 1 << context.random_range(0..8);
    }
    if context.random_range(0..2) == 0 {
        damaged.truncate(context.random_range(0..=damaged.len()));
    }
    damaged.into()
}

/// Transactions that are none.
fn batch(context: &mut deterministic::Context) -> Bytes {
    let count = context.random_range(0..200);
    let transactions: Vec<Bytes> = (0..count)
        .map(|_| {
            let length = context.random_range(0..300);
            random(context, length)
        })
        .collect();
    transactions.encode()
}

fn random(context: &mut deterministic::Context, length: usize) -> Bytes {
    let mut bytes = vec![0; length];
    context.fill(&mut bytes[..]);
    bytes.into()
}
