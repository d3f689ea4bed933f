//! Ethereum's JSON-RPC over HTTP and WebSocket: what ethers, viem, Foundry, Hardhat and their like
//! need to read, call, estimate, simulate, send, wait, watch and trace.

mod debug;
pub mod errors;
mod eth;
mod net;
mod pending;
mod qiao;
mod subscriptions;
mod turns;
mod txpool;
mod web3;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jsonrpsee::{
    Methods, RpcModule,
    core::middleware::RpcServiceBuilder,
    server::{
        BatchRequestConfig, IdProvider, PingConfig, ServerConfig, ServerConfigBuilder, StopHandle,
        stop_channel,
    },
    types::SubscriptionId,
};
use serde_json::json;

use self::turns::Turns;
use crate::{
    Chain,
    door::{
        self, Budget, Door, Kind, Server,
        body::{BodyError, collect},
    },
};

/// What one client may ask of the JSON-RPC listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest request. A transaction of 2 MiB takes 4 MiB of hexadecimal.
    pub body_bytes_max: u32,
    /// The longest answer.
    pub answer_bytes_max: u32,
    /// Requests in one batch.
    pub batch_max: u32,
    /// A request must arrive within this time.
    pub body_time_max: Duration,
    /// Requests served at one time; more are answered with HTTP 429.
    pub requests_max: u32,
    /// WebSocket connections open at one time; more are answered with HTTP 429.
    pub sockets_max: u32,
    /// Subscriptions of one connection.
    pub subscriptions_max: u32,
    /// Messages that wait for one slow connection before it is dropped.
    pub socket_messages_max: u32,
    /// Blocks that one query for logs may span.
    pub log_blocks_max: u64,
    /// Logs that one query may find.
    pub logs_max: u32,
    /// Filters installed at one time.
    pub filters_max: usize,
    /// A filter that nobody asks for so long is removed.
    pub filter_idle_seconds_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 8 * 1024 * 1024,
            answer_bytes_max: 32 * 1024 * 1024,
            batch_max: 1_000,
            body_time_max: Duration::from_secs(30),
            requests_max: 400,
            sockets_max: 200,
            subscriptions_max: 256,
            socket_messages_max: 256,
            log_blocks_max: 100_000,
            logs_max: 10_000,
            filters_max: 1_000,
            filter_idle_seconds_max: 300,
        }
    }
}

/// A connection that answers no ping is dropped after twice this time.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// Listens on an address and serves until [`Server::stop`].
///
/// # Errors
/// The address cannot be listened on.
pub async fn serve(
    chain: Arc<dyn Chain>,
    address: SocketAddr,
    limits: Limits,
    door: impl Into<Door>,
) -> io::Result<Server> {
    let methods = methods(chain, &limits);
    serve_methods(methods, address, &limits, door).await
}

/// Serves methods of the caller's choice: [`methods`] with more added to them.
///
/// # Errors
/// The address cannot be listened on.
pub async fn serve_methods(
    methods: RpcModule<()>,
    address: SocketAddr,
    limits: &Limits,
    door: impl Into<Door>,
) -> io::Result<Server> {
    door::serve(address, router(methods, limits), door.into(), Kind::Rpc).await
}

/// The methods behind one route, without the checks of [`door::serve`].
pub fn router(methods: RpcModule<()>, limits: &Limits) -> Router {
    let methods: Methods = methods.into();
    let requests = common(limits).http_only().max_connections(limits.requests_max);
    let sockets = common(limits)
        .ws_only()
        .max_connections(limits.sockets_max)
        .max_subscriptions_per_connection(limits.subscriptions_max)
        .set_message_buffer_capacity(limits.socket_messages_max)
        .set_id_provider(HexadecimalIds::default())
        .enable_ws_ping(
            PingConfig::new()
                .ping_interval(PING_INTERVAL)
                .inactive_limit(2 * PING_INTERVAL)
                .max_failures(2),
        );
    let service = |config: ServerConfig, turns: Turns| {
        let builder = jsonrpsee::server::Server::builder().set_config(config);
        builder.set_rpc_middleware(RpcServiceBuilder::new().layer(turns)).to_service_builder()
    };
    let requests = service(requests.build(), Turns::OfRequests);
    let sockets = service(sockets.build(), Turns::OfSockets);
    let (bytes_max, time_max) = (limits.body_bytes_max as usize, limits.body_time_max);
    let (stop, running) = stop_channel();
    let running = Arc::new(running);
    Router::new().fallback(move |request: Request| {
        let is_socket = request.headers().contains_key(header::UPGRADE);
        let builder = if is_socket { &sockets } else { &requests };
        let service = builder.clone().build(methods.clone(), StopHandle::clone(&stop));
        let running = Arc::clone(&running);
        async move {
            let (parts, body) = request.into_parts();
            let budget = parts.extensions.get::<Budget>();
            match collect(body, bytes_max, time_max, budget).await {
                Ok(whole) => {
                    let request = Request::from_parts(parts, Body::from(whole.bytes));
                    let response = answer(service, request, running).await;
                    drop(whole.shares);
                    response
                }
                Err(error) => unread(&error),
            }
        }
    })
}

fn common(limits: &Limits) -> ServerConfigBuilder {
    ServerConfig::builder()
        .max_request_body_size(limits.body_bytes_max)
        .max_response_body_size(limits.answer_bytes_max)
        .set_batch_request_config(BatchRequestConfig::Limit(limits.batch_max))
}

/// Numbers subscriptions as geth does: viem, for one, takes no other ids than hexadecimal text.
#[derive(Debug, Default)]
struct HexadecimalIds(AtomicU64);

impl IdProvider for HexadecimalIds {
    fn next_id(&self) -> SubscriptionId<'static> {
        let id = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        SubscriptionId::Str(format!("{id:#x}").into())
    }
}

/// Answers one HTTP request. `_running` keeps the stop channel open: closing it would end the
/// service.
async fn answer<S, R>(mut service: S, request: Request, _running: Arc<R>) -> Response
where
    S: tower::Service<Request, Response = jsonrpsee::server::HttpResponse>,
    S::Error: std::fmt::Display,
{
    match service.call(request).await {
        Ok(response) => response.into_response(),
        Err(error) => {
            tracing::debug!(%error, "json-rpc request failed");
            StatusCode::BAD_REQUEST.into_response()
        }
    }
}

/// A request whose body was not read.
fn unread(refused: &BodyError) -> Response {
    let error = errors::error(errors::LIMIT, refused);
    let body = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    (refused.status(), [(header::CONNECTION, "close")], Json(body)).into_response()
}

/// Every method of a node, by namespace.
pub fn methods(chain: Arc<dyn Chain>, limits: &Limits) -> RpcModule<()> {
    let mut all = RpcModule::new(());
    let parts: [Methods; 10] = [
        web3::methods(Arc::clone(&chain)),
        net::methods(Arc::clone(&chain)),
        txpool::methods(Arc::clone(&chain)),
        debug::methods(Arc::clone(&chain)),
        qiao::methods(Arc::clone(&chain)),
        subscriptions::methods(Arc::clone(&chain), limits),
        eth::methods(Arc::clone(&chain), limits),
        eth::node_methods(Arc::clone(&chain)),
        eth::simulation_methods(Arc::clone(&chain)),
        eth::filter_methods(chain, limits),
    ];
    for part in parts {
        all.merge(part).expect("method names are distinct");
    }
    all
}
