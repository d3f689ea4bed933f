//! `txpool_*`: what waits in the pool.

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, U64};
use jsonrpsee::{Methods, core::RpcResult, proc_macros::rpc};
use qiao_mempool::Listed;
use qiao_types::SignedTransaction;
use serde::Serialize;

use super::eth::view::{self, RpcTransaction};
use crate::Chain;

/// Transactions that one answer lists; the pool may hold more.
const LISTED_MAX: usize = 10_000;

/// How many transactions wait.
#[derive(Debug, Clone, Serialize)]
pub struct Counts {
    /// Transactions that the next block could hold.
    pending: U64,
    /// Transactions that wait for an earlier nonce.
    queued: U64,
}

/// Transactions of one sender by nonce.
type Nonces<T> = BTreeMap<String, T>;

/// What waits.
#[derive(Debug, Clone, Serialize)]
pub struct Content<T> {
    /// Transactions that the next block could hold.
    pending: T,
    /// Transactions that wait for an earlier nonce.
    queued: T,
}

/// What waits, by sender in the spelling with a checksum, as geth writes it.
type BySender<T> = Content<BTreeMap<String, Nonces<T>>>;

#[rpc(server, namespace = "txpool")]
trait TxPool {
    #[method(name = "status")]
    fn status(&self) -> RpcResult<Counts>;

    #[method(name = "content")]
    fn content(&self) -> RpcResult<BySender<RpcTransaction>>;

    #[method(name = "contentFrom")]
    fn content_from(&self, sender: Address) -> RpcResult<Content<Nonces<RpcTransaction>>>;

    #[method(name = "inspect")]
    fn inspect(&self) -> RpcResult<BySender<String>>;
}

struct TxPool(Arc<dyn Chain>);

/// The methods of this namespace.
pub(super) fn methods(chain: Arc<dyn Chain>) -> Methods {
    TxPool(chain).into_rpc().into()
}

impl TxPoolServer for TxPool {
    fn status(&self) -> RpcResult<Counts> {
        let pool = self.0.status().pool;
        Ok(Counts { pending: U64::from(pool.ready), queued: U64::from(pool.queued) })
    }

    fn content(&self) -> RpcResult<BySender<RpcTransaction>> {
        Ok(by_sender(&self.0.waiting(None, LISTED_MAX), view::pooled))
    }

    fn content_from(&self, sender: Address) -> RpcResult<Content<Nonces<RpcTransaction>>> {
        let mut content = Content { pending: Nonces::new(), queued: Nonces::new() };
        for listed in self.0.waiting(Some(sender), LISTED_MAX) {
            let part = if listed.is_ready { &mut content.pending } else { &mut content.queued };
            let transaction = listed.transaction;
            part.insert(transaction.nonce().to_string(), view::pooled(&transaction));
        }
        Ok(content)
    }

    fn inspect(&self) -> RpcResult<BySender<String>> {
        Ok(by_sender(&self.0.waiting(None, LISTED_MAX), |transaction| {
            let envelope = transaction.envelope();
            let to = envelope.to().map_or("contract creation".to_owned(), |to| to.to_string());
            let (value, gas) = (envelope.value(), envelope.gas_limit());
            let price = envelope.max_fee_per_gas();
            format!("{to}: {value} wei + {gas} gas × {price} wei")
        }))
    }
}

fn by_sender<T>(listed: &[Listed], show: impl Fn(&SignedTransaction) -> T) -> BySender<T> {
    let mut content = Content { pending: BTreeMap::new(), queued: BTreeMap::new() };
    for one in listed {
        let part = if one.is_ready { &mut content.pending } else { &mut content.queued };
        let nonces: &mut Nonces<T> = part.entry(one.transaction.sender().to_string()).or_default();
        nonces.insert(one.transaction.nonce().to_string(), show(&one.transaction));
    }
    content
}
