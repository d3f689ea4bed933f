//! The door of a listener: who comes in, how many, for how long, and with what right.
//!
//! A listener of a node may be reached by everybody. Whoever sends nothing, sends slowly, takes
//! nothing or comes ten thousand times uses up a bounded share of connections, time and memory, and
//! the others go on being served. With [`Keys`], nothing is answered without one.

pub mod body;
pub(crate) mod check;
mod connection;
mod keys;
mod places;
mod tls;

#[cfg(test)]
mod tests;

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use qiao_goods::journey::Names;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use tower::Service as _;

pub use self::{
    body::Budget,
    check::Kind,
    connection::Handle,
    keys::{
        Entry, FreshKey, Granted, Holder, KEY_PREFIX, Keys, KeysError, Right, Rights, entries,
        fresh_key, print_entries,
    },
    tls::{Tls, TlsError},
};
use self::{connection::Connection, places::Places};
use crate::{Guard, guard};

/// What the clients of one listener may use up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at one time, WebSockets included. A further one takes the place of that
    /// which has waited longest without a request; where none waits it is closed.
    pub connections_max: usize,
    /// Connections of one address (of one `/64` network with IPv6), likewise.
    pub address_connections_max: usize,
    /// The TLS handshake may take no longer.
    pub handshake_max: Duration,
    /// The head of a request may take no longer from the end of the request before, or from the
    /// start of the connection.
    pub head_max: Duration,
    /// The longest head of a request.
    pub head_bytes_max: usize,
    /// A connection on which nothing moves for so long is dropped. A request may take no longer.
    pub idle_max: Duration,
    /// A client that in so long takes less than 64 KiB of what waits for it is dropped.
    pub stall_max: Duration,
    /// Bytes of long requests and answers that are held at one time; more are answered with 503.
    pub held_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 400,
            address_connections_max: 100,
            handshake_max: Duration::from_secs(10),
            head_max: Duration::from_secs(30),
            head_bytes_max: 64 * 1024,
            idle_max: Duration::from_secs(300),
            stall_max: Duration::from_secs(30),
            held_bytes_max: 256 * 1024 * 1024,
        }
    }
}

/// What stands between a listener and its routes.
#[derive(Debug, Clone, Default)]
pub struct Door {
    /// Hosts and origins.
    pub guard: Guard,
    /// The keys without which nothing is answered; `None` where everybody may come in.
    pub keys: Option<Arc<Keys>>,
    /// The certificate with which connections are encrypted; `None` for plain HTTP.
    pub tls: Option<Arc<Tls>>,
    /// Whose names the journeys of goods tell to those without a key, at the paths of their Digital Links;
    /// `None` where these paths ask for a key as all others do.
    pub public: Option<Names>,
    /// What clients may use up.
    pub limits: Limits,
}

impl From<Guard> for Door {
    fn from(guard: Guard) -> Self {
        Self { guard, ..Self::default() }
    }
}

/// What a listener has turned away since it was opened.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections that were closed at once, because no place could be made.
    pub refused: AtomicUsize,
    /// Connections that waited without a request and made place for another.
    pub displaced: AtomicUsize,
    /// Connections that were dropped because too little moved.
    pub stalled: AtomicUsize,
}

/// A running listener. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    counters: Arc<Counters>,
    places: Arc<Places>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Where it listens; tells the port when it was asked for port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that are open.
    pub fn connections(&self) -> usize {
        self.places.taken()
    }

    /// What was turned away.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Stops taking requests and waits for those under way.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = (&mut self.task).await;
    }
}

/// Listens on an address and serves until [`Server::stop`].
///
/// # Errors
/// The address cannot be listened on.
pub async fn serve(
    address: SocketAddr,
    routes: Router,
    door: Door,
    kind: Kind,
) -> io::Result<Server> {
    let listener = listen(address)?;
    let address = listener.local_addr()?;
    keys::watch(door.keys.as_ref(), door.tls.as_ref());
    let routes = match &door.keys {
        Some(keys) => {
            let rules = check::Rules { kind, is_secure: door.tls.is_some(), public: door.public };
            check::require(routes, Arc::clone(keys), rules)
        }
        None => routes,
    };
    let (stop, stopped) = oneshot::channel();
    let counters = Arc::new(Counters::default());
    let places = Arc::new(Places::new(&door.limits, Arc::clone(&counters)));
    let hall = Hall {
        routes: guard::protect(routes, door.guard),
        places: Arc::clone(&places),
        budget: Budget::new(door.limits.held_bytes_max),
        counters: Arc::clone(&counters),
        tls: door.tls,
        limits: door.limits,
    };
    let task = tokio::spawn(hall.receive(listener, stopped));
    Ok(Server { address, counters, places, stop: Some(stop), task })
}

/// What the system holds of an answer that a client does not take.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;

/// Connections that the system holds until they are accepted.
const BACKLOG: u32 = 1024;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    // Accepted connections inherit it.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// After a failure to accept, such as too many open files, it is tried again after this time.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What is behind a door.
#[derive(Clone)]
struct Hall {
    routes: Router,
    places: Arc<Places>,
    budget: Budget,
    counters: Arc<Counters>,
    tls: Option<Arc<Tls>>,
    limits: Limits,
}

impl Hall {
    async fn receive(self, listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
        let (stop, stopping) = watch::channel(false);
        let mut conversations = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                Some(_) = conversations.join_next() => continue,
                _ = &mut stopped => break,
            };
            match accepted {
                Ok((stream, address)) => {
                    let Some(handle) = self.places.take(address.ip()) else { continue };
                    let conversation = self.clone().converse(stream, handle, stopping.clone());
                    conversations.spawn(conversation);
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection cannot be accepted");
                    self.places.make_room();
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        stop.send_replace(true);
        while conversations.join_next().await.is_some() {}
    }

    async fn converse(self, stream: TcpStream, handle: Handle, stopping: watch::Receiver<bool>) {
        // Otherwise the last part of a long answer would wait until the client acknowledges the
        // part before. A connection that is gone already says so later.
        let _ = stream.set_nodelay(true);
        let stream = Connection::new(stream, handle.clone(), &self.limits, &self.counters);
        let tls = self.tls.as_ref().map(|tls| tls.acceptor());
        match tls {
            None => self.talk(stream, handle, stopping).await,
            Some(acceptor) => {
                let accepting = timeout(self.limits.handshake_max, acceptor.accept(stream));
                if let Ok(Ok(stream)) = accepting.await {
                    self.talk(stream, handle, stopping).await;
                }
            }
        }
    }

    async fn talk<S>(self, stream: S, handle: Handle, mut stopping: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_max)
            .max_buf_size(self.limits.head_bytes_max);
        let service = service_fn({
            let (hall, handle) = (self, handle.clone());
            move |request| hall.clone().answer(handle.clone(), request)
        });
        let serving = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut serving = std::pin::pin!(serving);
        loop {
            tokio::select! {
                served = serving.as_mut() => {
                    if let Err(error) = served {
                        tracing::trace!(%error, "a connection ended");
                    }
                    return;
                }
                () = handle.displaced() => return,
                Ok(()) = stopping.changed() => serving.as_mut().graceful_shutdown(),
            }
        }
    }

    fn answer(
        self,
        handle: Handle,
        request: hyper::Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(handle.clone());
        request.extensions_mut().insert(self.budget.clone());
        let mut routes = self.routes;
        async move {
            let _busy = handle.busy();
            let response = match routes.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                handle.upgraded();
            }
            Ok(body::held(response, &self.budget).unwrap_or_else(|busy| busy.into_response()))
        }
    }
}

/// Whether only this one connection failed.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Adds one.
fn count(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::Relaxed);
}
