//! `eth_subscribe` over WebSocket: new blocks, their logs, and what newly waits.
//!
//! Every block is told once and in order: a subscription is a height, and the blocks are read when
//! the client has taken the ones before. A client that does not read is dropped.

use std::{sync::Arc, time::Duration};

use alloy_rpc_types_eth::{
    Filter,
    pubsub::{Params, SubscriptionKind},
};
use jsonrpsee::{
    Methods, PendingSubscriptionSink, SubscriptionMessage, SubscriptionSink,
    core::{SubscriptionResult, async_trait},
    proc_macros::rpc,
};
use serde::Serialize;
use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch,
};

use super::{
    Limits,
    errors::{INVALID_PARAMS, error},
    eth::{logs, view},
    pending::{Batch, Feed},
};
use crate::{Chain, chain::Head};

/// A client that takes nothing for so long is dropped.
const PATIENCE: Duration = Duration::from_secs(10);

#[rpc(server, namespace = "eth")]
trait EthSubscriptions {
    #[subscription(
        name = "subscribe" => "subscription",
        unsubscribe = "unsubscribe",
        item = serde_json::Value
    )]
    async fn subscribe(&self, kind: SubscriptionKind, params: Option<Params>)
    -> SubscriptionResult;
}

struct EthSubscriptions {
    chain: Arc<dyn Chain>,
    limits: Limits,
    pending: Feed,
}

/// Why a subscription ends.
struct Ended;

/// The subscriptions.
pub(super) fn methods(chain: Arc<dyn Chain>, limits: &Limits) -> Methods {
    let pending = Feed::new(Arc::clone(&chain));
    EthSubscriptions { chain, limits: limits.clone(), pending }.into_rpc().into()
}

#[async_trait]
impl EthSubscriptionsServer for EthSubscriptions {
    async fn subscribe(
        &self,
        waiting: PendingSubscriptionSink,
        kind: SubscriptionKind,
        params: Option<Params>,
    ) -> SubscriptionResult {
        let chain = Arc::clone(&self.chain);
        // What comes after the answer is told: it is listened to before.
        let heads = chain.heads();
        let next = heads.borrow().number.saturating_add(1);
        let heads = (heads, next);
        match (kind, params.unwrap_or_default()) {
            (SubscriptionKind::NewHeads, _) => {
                let sink = waiting.accept().await?;
                tokio::spawn(follow(chain, heads, self.limits.clone(), None, sink));
            }
            (SubscriptionKind::Logs, Params::None) => {
                let sink = waiting.accept().await?;
                let filter = Some(Box::default());
                tokio::spawn(follow(chain, heads, self.limits.clone(), filter, sink));
            }
            (SubscriptionKind::Logs, Params::Logs(filter)) => {
                let sink = waiting.accept().await?;
                tokio::spawn(follow(chain, heads, self.limits.clone(), Some(filter), sink));
            }
            (SubscriptionKind::NewPendingTransactions, Params::None | Params::Bool(false)) => {
                let (batches, sink) = (self.pending.listen(), waiting.accept().await?);
                tokio::spawn(tell_pending(chain, batches, false, sink));
            }
            (SubscriptionKind::NewPendingTransactions, Params::Bool(true)) => {
                let (batches, sink) = (self.pending.listen(), waiting.accept().await?);
                tokio::spawn(tell_pending(chain, batches, true, sink));
            }
            (SubscriptionKind::Syncing, _) => {
                // What is served is always final and complete: there is one thing to say.
                let sink = waiting.accept().await?;
                tokio::spawn(async move {
                    if tell(&sink, &false).await.is_ok() {
                        sink.closed().await;
                    }
                });
            }
            _ => {
                let message = "subscriptions are newHeads, logs with a filter, \
                               newPendingTransactions and syncing";
                waiting.reject(error(INVALID_PARAMS, message)).await;
            }
        }
        Ok(())
    }
}

/// Tells the header of each block after the one that was the newest when it was asked for, or its logs
/// that match a filter.
async fn follow(
    chain: Arc<dyn Chain>,
    (mut heads, mut next): (watch::Receiver<Head>, u64),
    limits: Limits,
    filter: Option<Box<Filter>>,
    sink: SubscriptionSink,
) {
    loop {
        let changed = tokio::select! {
            changed = heads.changed() => changed,
            () = sink.closed() => return,
        };
        if changed.is_err() {
            return;
        }
        let head = heads.borrow_and_update().number;
        // Only a developer's chain goes back; it is followed from where it is then.
        next = next.min(head);
        while next <= head {
            let told = match &filter {
                None => tell_header(&*chain, next, &sink).await,
                Some(filter) => tell_logs(&*chain, &limits, filter, next, &sink).await,
            };
            if told.is_err() {
                return;
            }
            next += 1;
        }
    }
}

async fn tell_header(chain: &dyn Chain, number: u64, sink: &SubscriptionSink) -> Result<(), Ended> {
    let Ok(Some(block)) = chain.block_by_number(number).await else { return Err(Ended) };
    tell(sink, &view::block(&block, false).header).await
}

async fn tell_logs(
    chain: &dyn Chain,
    limits: &Limits,
    filter: &Filter,
    number: u64,
    sink: &SubscriptionSink,
) -> Result<(), Ended> {
    let found = logs::between(chain, limits, filter, number, number).await;
    for log in found.map_err(|_| Ended)? {
        tell(sink, &log).await?;
    }
    Ok(())
}

/// Tells hashes, or whole transactions as far as they still wait.
async fn tell_pending(
    chain: Arc<dyn Chain>,
    mut batches: broadcast::Receiver<Batch>,
    is_full: bool,
    sink: SubscriptionSink,
) {
    loop {
        let batch = tokio::select! {
            batch = batches.recv() => batch,
            () = sink.closed() => return,
        };
        let batch = match batch {
            Ok(batch) => batch,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        for hash in batch.iter() {
            let told = if !is_full {
                tell(&sink, hash).await
            } else if let Some(transaction) = chain.pooled(*hash) {
                tell(&sink, &view::pooled(&transaction)).await
            } else if let Ok(Some((block, position))) = chain.transaction(*hash).await {
                tell(&sink, &view::transaction(&block, position)).await
            } else {
                Ok(())
            };
            if told.is_err() {
                return;
            }
        }
    }
}

async fn tell(sink: &SubscriptionSink, item: &impl Serialize) -> Result<(), Ended> {
    let text = serde_json::value::to_raw_value(item).map_err(|_| Ended)?;
    sink.send_timeout(SubscriptionMessage::from(text), PATIENCE).await.map_err(|_| Ended)
}
