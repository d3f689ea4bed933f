//! Before each call: whether its key may make it, and, on a WebSocket, whose turn it is.
//!
//! A WebSocket may carry any number of calls at one time. Few of them are executed together, and
//! none while the client has not taken the answers before.

use std::sync::Arc;

use jsonrpsee::{
    MethodResponse,
    core::middleware::{Batch, BatchEntry, BatchEntryErr, Notification, Request},
    server::middleware::rpc::RpcServiceT,
    types::{ErrorObjectOwned, Extensions},
};
use tokio::sync::Semaphore;

use super::errors::{self, LIMIT, error};
use crate::door::{Granted, Handle, Right, body::BodyError, check};

/// Calls, or batches, of one WebSocket that are executed at one time.
const CALLS_MAX: usize = 8;

/// Bytes of answers that may wait for all WebSockets together; then calls are refused.
const OWED_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Wraps the service of each HTTP request and of each WebSocket.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turns {
    /// One call or batch at a time.
    OfRequests,
    /// Many.
    OfSockets,
}

impl<S> tower::Layer<S> for Turns {
    type Service = InTurn<S>;

    fn layer(&self, service: S) -> InTurn<S> {
        let calls = match self {
            Self::OfRequests => None,
            Self::OfSockets => Some(Arc::new(Semaphore::new(CALLS_MAX))),
        };
        InTurn { service, calls }
    }
}

/// A service that asks for rights first.
#[derive(Debug, Clone)]
pub(super) struct InTurn<S> {
    service: S,
    calls: Option<Arc<Semaphore>>,
}

impl<S> RpcServiceT for InTurn<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            BatchResponse = MethodResponse,
            NotificationResponse = MethodResponse,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    type MethodResponse = MethodResponse;
    type BatchResponse = MethodResponse;
    type NotificationResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let Self { service, calls } = self.clone();
        async move {
            if let Err(refused) = permitted(request.extensions(), &request.method) {
                return MethodResponse::error(request.id, refused);
            }
            let handle = request.extensions().get::<Handle>().cloned();
            let (Some(calls), Some(handle)) = (calls, handle) else {
                return service.call(request).await;
            };
            let id = request.id.clone().into_owned();
            let made = in_turn(&calls, &handle, service.call(request)).await;
            made.unwrap_or_else(|busy| MethodResponse::error(id, busy))
        }
    }

    fn batch<'a>(&self, mut batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let Self { service, calls } = self.clone();
        async move {
            for entry in batch.iter_mut() {
                let refused = match entry {
                    Ok(BatchEntry::Call(call)) => permitted(call.extensions(), &call.method)
                        .err()
                        .map(|refused| BatchEntryErr::new(call.id.clone(), refused)),
                    Ok(BatchEntry::Notification(_)) | Err(_) => None,
                };
                if let Some(refused) = refused {
                    *entry = Err(refused);
                }
            }
            let handle = batch.extensions().get::<Handle>().cloned();
            let (Some(calls), Some(handle)) = (calls, handle) else {
                return service.batch(batch).await;
            };
            let made = in_turn(&calls, &handle, service.batch(batch)).await;
            made.unwrap_or_else(|busy| MethodResponse::error(jsonrpsee::types::Id::Null, busy))
        }
    }

    fn notification<'a>(
        &self,
        notification: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        self.service.notification(notification)
    }
}

/// Executes the call of a WebSocket when it is its turn.
async fn in_turn(
    calls: &Semaphore,
    handle: &Handle,
    call: impl Future<Output = MethodResponse>,
) -> Result<MethodResponse, ErrorObjectOwned> {
    let _counted = handle.call();
    let _turn = calls.acquire().await.expect("the semaphore is never closed");
    handle.caught_up().await;
    if handle.owed_by_all() >= OWED_BYTES_MAX {
        return Err(error(LIMIT, BodyError::Busy));
    }
    let response = call.await;
    handle.owe(response.as_json().get().len());
    Ok(response)
}

/// Whether the key of a request may call a method. Without keys everybody may.
fn permitted(extensions: &Extensions, method: &str) -> Result<(), ErrorObjectOwned> {
    let Some(granted) = extensions.get::<Granted>() else { return Ok(()) };
    let right = right(method);
    match granted.may(right) {
        Some(true) => Ok(()),
        Some(false) => {
            let message = format!("`{method}`: {}", check::not_permitted(right));
            Err(errors::unauthorised("key.not_permitted", message))
        }
        None => Err(errors::unauthorised("key.unknown", "this key is not known here any more")),
    }
}

/// The right that a method needs. What is not known to only read is taken to write.
fn right(method: &str) -> Right {
    if method.starts_with("debug_") {
        return Right::Debug;
    }
    let is_asking = ["eth_", "net_", "web3_", "txpool_", "qiao_"]
        .iter()
        .any(|namespace| method.starts_with(namespace));
    let is_sending = ["eth_send", "eth_sign"].iter().any(|verb| method.starts_with(verb));
    if is_asking && !is_sending { Right::Read } else { Right::Write }
}
