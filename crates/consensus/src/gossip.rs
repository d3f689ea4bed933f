//! Transactions and introductions between the validators.
//!
//! Every validator is connected to every other, so one hop reaches all: whoever receives a
//! transaction from a client sends it to everybody, receivers do not pass it on. Sends are lossy;
//! the origin repeats what is still waiting.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use commonware_codec::{Decode as _, Encode as _, RangeCfg};
use commonware_macros::select;
use commonware_p2p::{Receiver, Recipients, Sender};
use qiao_mempool::Pool;
use qiao_types::{B256, SignedTransaction, TRANSACTION_BYTES_MAX};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::{
    admission::Admission,
    application::Head,
    environment::{Environment, now_ms},
    observer::{Observer, PeerNote},
    scheme::PublicKey,
};

/// A message holds transactions up to about this many bytes, or one larger transaction.
const BATCH_BYTES: usize = 128 * 1024;
const BATCH_TRANSACTIONS_MAX: usize = 4_096;
/// The longest message: one transaction of the largest size and its framing.
pub const MESSAGE_BYTES_MAX: usize = TRANSACTION_BYTES_MAX + BATCH_BYTES;
/// Messages leave at most this often: each costs every receiver several wake-ups, whatever it
/// holds. The first after a pause leaves at once.
const PACE: Duration = Duration::from_millis(8);
const REPEAT: Duration = Duration::from_secs(2);
const REPEATED_MAX: usize = 16_384;
const INTRODUCTION: Duration = Duration::from_secs(3);
const INTRODUCTION_BYTES_MAX: usize = 1_024;
/// Own transactions that wait to be sent; a caller waits beyond.
const OUTBOX: usize = 65_536;

/// Hands transactions that this node accepted to the network.
#[derive(Clone)]
pub struct Outbox {
    sender: mpsc::Sender<Arc<SignedTransaction>>,
}

impl Outbox {
    /// Announces a transaction to the other validators.
    pub async fn announce(&self, transaction: Arc<SignedTransaction>) {
        // A closed channel means that the node is stopping.
        let _ = self.sender.send(transaction).await;
    }
}

/// The receiving end of an [`Outbox`].
pub type Outgoing = mpsc::Receiver<Arc<SignedTransaction>>;

/// A bounded queue of own transactions.
pub fn outbox() -> (Outbox, Outgoing) {
    let (sender, receiver) = mpsc::channel(OUTBOX);
    (Outbox { sender }, receiver)
}

/// Receives the others' transactions.
pub async fn receive_transactions(
    admission: Admission,
    mut receiver: impl Receiver<PublicKey = PublicKey>,
) {
    while let Ok((peer, message)) = receiver.recv().await {
        let Some(batch) = decode_transactions(Bytes::from(message)) else {
            tracing::warn!(%peer, "a peer sent transactions that do not decode");
            continue;
        };
        admission.admit_encoded(batch.into_iter().map(Into::into).collect()).await;
    }
}

/// The encoded transactions of a message; `None` if it is none.
pub fn decode_transactions(message: Bytes) -> Option<Vec<Bytes>> {
    let limits =
        (RangeCfg::new(0..=BATCH_TRANSACTIONS_MAX), RangeCfg::new(0..=TRANSACTION_BYTES_MAX));
    Vec::<Bytes>::decode_cfg(message, &limits).ok()
}

/// Sends own transactions, and repeats those that are still waiting.
pub async fn send_transactions<E: Environment>(
    clock: E,
    pool: Arc<Pool>,
    mut outgoing: Outgoing,
    mut sender: impl Sender<PublicKey = PublicKey>,
) {
    let mut waiting: VecDeque<(u64, B256)> = VecDeque::new();
    let mut next = None;
    let mut sent_at = clock.current();
    loop {
        if next.is_none() {
            select! {
                received = outgoing.recv() => {
                    let Some(transaction) = received else { return };
                    next = Some(transaction);
                    let since = clock.current().duration_since(sent_at).unwrap_or_default();
                    if let Some(early) = PACE.checked_sub(since) {
                        clock.sleep(early).await;
                    }
                },
                _ = clock.sleep(REPEAT) => {},
            }
        }
        let now = now_ms(&clock);
        if let Some(first) = next.take() {
            let (batch, rest) = collect_batch(first, &mut outgoing);
            next = rest;
            waiting.extend(batch.iter().map(|transaction| (now, transaction.hash())));
            send_batch(&mut sender, &batch);
            sent_at = clock.current();
        }
        repeat_waiting(&pool, &mut waiting, now, &mut sender);
    }
}

/// Takes what is there, up to the size of a message.
fn collect_batch(
    first: Arc<SignedTransaction>,
    outgoing: &mut Outgoing,
) -> (Vec<Arc<SignedTransaction>>, Option<Arc<SignedTransaction>>) {
    let mut bytes = first.encoded().len();
    let mut batch = vec![first];
    while batch.len() < BATCH_TRANSACTIONS_MAX {
        let Ok(transaction) = outgoing.try_recv() else { break };
        bytes += transaction.encoded().len();
        if bytes > BATCH_BYTES {
            return (batch, Some(transaction));
        }
        batch.push(transaction);
    }
    (batch, None)
}

fn repeat_waiting(
    pool: &Pool,
    waiting: &mut VecDeque<(u64, B256)>,
    now: u64,
    sender: &mut impl Sender<PublicKey = PublicKey>,
) {
    while waiting.len() > REPEATED_MAX {
        waiting.pop_front();
    }
    let repeat_ms = REPEAT.as_millis() as u64;
    let mut batch = Vec::new();
    let mut bytes = 0;
    while let Some((_, hash)) = waiting.front().filter(|(sent, _)| sent + repeat_ms <= now) {
        if let Some(transaction) = pool.get(hash) {
            bytes += transaction.encoded().len();
            batch.push(transaction);
            waiting.push_back((now, *hash));
        }
        waiting.pop_front();
        if bytes > BATCH_BYTES || batch.len() == BATCH_TRANSACTIONS_MAX {
            send_batch(sender, &batch);
            batch.clear();
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        send_batch(sender, &batch);
    }
}

fn send_batch(sender: &mut impl Sender<PublicKey = PublicKey>, batch: &[Arc<SignedTransaction>]) {
    let encoded: Vec<Bytes> =
        batch.iter().map(|transaction| transaction.encoded().0.clone()).collect();
    sender.send(Recipients::All, encoded.encode(), false);
}

#[derive(Serialize, Deserialize)]
struct Introduction {
    version: String,
    height: u64,
}

/// Tells the others which version runs here and how far it is, every few seconds.
pub async fn introduce<E: Environment>(
    clock: E,
    version: String,
    heads: tokio::sync::watch::Receiver<Head>,
    mut sender: impl Sender<PublicKey = PublicKey>,
) {
    loop {
        let introduction = Introduction { version: version.clone(), height: heads.borrow().number };
        let json = serde_json::to_vec(&introduction).expect("strings and numbers are JSON");
        sender.send(Recipients::All, Bytes::from(json), false);
        clock.sleep(INTRODUCTION).await;
    }
}

/// Notes what the others tell of themselves.
pub async fn receive_introductions<E: Environment>(
    clock: E,
    observer: Observer,
    mut receiver: impl Receiver<PublicKey = PublicKey>,
) {
    while let Ok((peer, message)) = receiver.recv().await {
        let Some((version, height)) = decode_introduction(&Bytes::from(message)) else { continue };
        observer.heard(&peer, PeerNote { version, height, heard_ms: now_ms(&clock) });
    }
}

/// Version and height in an introduction; `None` if the message is none.
pub fn decode_introduction(message: &[u8]) -> Option<(String, u64)> {
    if message.len() > INTRODUCTION_BYTES_MAX {
        return None;
    }
    let introduction: Introduction = serde_json::from_slice(message).ok()?;
    Some((introduction.version, introduction.height))
}
