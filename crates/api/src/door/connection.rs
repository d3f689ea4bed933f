//! One connection: it ends when too little moves, be it that the other side sends nothing or that
//! it takes nothing.

use std::{
    fmt, io,
    pin::Pin,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures::task::AtomicWaker;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::Notify,
    time::{Instant, Sleep, sleep},
};

use super::{Counters, Limits, count, places::Place};

/// A client that takes less than this in [`Limits::stall_max`] of what waits for it is dropped.
const STALL_BYTES: usize = 64 * 1024;

/// Calls of one WebSocket that are under way; the next is not read before one of them ends.
const CALLS_MAX: usize = 256;

/// Bytes of answers that wait for one WebSocket; the next call is not read before it took them.
const OWED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The beginning of the clock of [`Shared::moved`].
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What is known of a connection outside of it.
#[derive(Debug)]
pub(super) struct Shared {
    requests: AtomicUsize,
    is_socket: AtomicBool,
    moved_ms: AtomicU64,
    is_closed: AtomicBool,
    displaced: Notify,
    /// Of a WebSocket: its calls, the bytes of answers that wait for it, of it and of all.
    calls: AtomicUsize,
    owed: AtomicUsize,
    owed_by_all: Arc<AtomicUsize>,
    /// Who waits to read on.
    reader: AtomicWaker,
    /// Who waits to execute a call.
    taken: Notify,
}

impl Shared {
    pub(super) fn new(owed_by_all: Arc<AtomicUsize>) -> Self {
        let shared = Self {
            requests: AtomicUsize::new(0),
            is_socket: AtomicBool::new(false),
            moved_ms: AtomicU64::new(0),
            is_closed: AtomicBool::new(false),
            displaced: Notify::new(),
            calls: AtomicUsize::new(0),
            owed: AtomicUsize::new(0),
            owed_by_all,
            reader: AtomicWaker::new(),
            taken: Notify::new(),
        };
        shared.touch();
        shared
    }

    /// Whether no request is under way. A WebSocket does not count as waiting.
    pub(super) fn is_waiting(&self) -> bool {
        self.requests.load(Ordering::Relaxed) == 0 && !self.is_socket.load(Ordering::Relaxed)
    }

    /// When something moved last, in an order that only serves to compare.
    pub(super) fn moved(&self) -> u64 {
        self.moved_ms.load(Ordering::Relaxed)
    }

    /// Closes the connection at once.
    pub(super) fn displace(&self) {
        self.end();
        self.displaced.notify_one();
    }

    /// What cannot be written to is not read either.
    fn end(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.reader.wake();
    }

    /// Whether a WebSocket has enough under way for now.
    fn is_behind(&self) -> bool {
        self.calls.load(Ordering::Relaxed) >= CALLS_MAX
            || self.owed.load(Ordering::Relaxed) >= OWED_BYTES_MAX
    }

    /// So many bytes were taken.
    fn pay(&self, bytes: usize) {
        let paid = |owed: usize| owed.checked_sub(bytes.min(owed));
        let owed = self.owed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, paid);
        let paid = owed.unwrap_or_default().min(bytes);
        if paid > 0 {
            self.owed_by_all.fetch_sub(paid, Ordering::Relaxed);
            self.taken.notify_waiters();
        }
        self.reader.wake();
    }

    fn touch(&self) {
        let now = START.elapsed().as_millis();
        self.moved_ms.store(u64::try_from(now).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.owed_by_all.fetch_sub(*self.owed.get_mut(), Ordering::Relaxed);
    }
}

/// A connection as its requests see it: an extension of each request.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
    _place: Arc<Place>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Handle").field(&self.shared).finish()
    }
}

impl Handle {
    pub(super) fn new(shared: Arc<Shared>, place: Arc<Place>) -> Self {
        Self { shared, _place: place }
    }

    /// Ends the connection when it is next read or written.
    pub fn close(&self) {
        self.shared.displace();
    }

    /// A connection with a request under way makes no place for others.
    pub(super) fn busy(&self) -> Busy {
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(&self.shared))
    }

    /// Counts a call of a WebSocket until it is dropped; when many are under way, the WebSocket is not
    /// read.
    pub(crate) fn call(&self) -> Call {
        self.shared.calls.fetch_add(1, Ordering::Relaxed);
        Call(Arc::clone(&self.shared))
    }

    /// Waits until a WebSocket took what waits for it.
    pub(crate) async fn caught_up(&self) {
        loop {
            let taken = self.shared.taken.notified();
            if self.shared.owed.load(Ordering::Relaxed) < OWED_BYTES_MAX {
                return;
            }
            taken.await;
        }
    }

    /// Bytes of answers that wait for all WebSockets of the listener.
    pub(crate) fn owed_by_all(&self) -> usize {
        self.shared.owed_by_all.load(Ordering::Relaxed)
    }

    /// An answer of so many bytes waits for the WebSocket.
    pub(crate) fn owe(&self, bytes: usize) {
        self.shared.owed.fetch_add(bytes, Ordering::Relaxed);
        self.shared.owed_by_all.fetch_add(bytes, Ordering::Relaxed);
    }

    /// From now on the connection is a WebSocket.
    pub(super) fn upgraded(&self) {
        self.shared.is_socket.store(true, Ordering::Relaxed);
    }

    pub(super) async fn displaced(&self) {
        self.shared.displaced.notified().await;
    }
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Busy(Arc<Shared>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A call of a WebSocket under way.
#[derive(Debug)]
pub(crate) struct Call(Arc<Shared>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
        self.0.reader.wake();
    }
}

/// A TCP connection that is dropped when too little moves.
pub(super) struct Connection {
    stream: TcpStream,
    handle: Handle,
    counters: Arc<Counters>,
    idle: Pin<Box<Sleep>>,
    idle_max: Duration,
    /// While something waits to be taken: until when, and what was taken since.
    stall: Pin<Box<Sleep>>,
    stall_max: Duration,
    taken: Option<usize>,
}

impl Connection {
    pub(super) fn new(
        stream: TcpStream,
        handle: Handle,
        limits: &Limits,
        counters: &Arc<Counters>,
    ) -> Self {
        Self {
            stream,
            handle,
            counters: Arc::clone(counters),
            idle: Box::pin(sleep(limits.idle_max)),
            idle_max: limits.idle_max,
            stall: Box::pin(sleep(limits.stall_max)),
            stall_max: limits.stall_max,
            taken: None,
        }
    }

    /// Passes on what moved, and otherwise waits for as long as it may.
    fn timed<T>(
        &mut self,
        moved: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if self.handle.shared.is_closed.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if moved.is_ready() {
            self.handle.shared.touch();
            self.idle.as_mut().reset(Instant::now() + self.idle_max);
            return moved;
        }
        match self.idle.as_mut().poll(context) {
            Poll::Ready(()) => self.too_slow(),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Whether a WebSocket must first take what waits for it, or get answers, before it is read on.
    fn is_paused(&self, context: &Context<'_>) -> bool {
        let shared = &self.handle.shared;
        if !shared.is_socket.load(Ordering::Relaxed) {
            return false;
        }
        shared.reader.register(context.waker());
        self.taken.is_some() || shared.is_behind()
    }

    /// Watches over what waits to be taken: a slow reader must not hold an answer for long.
    fn written(
        &mut self,
        offered: usize,
        moved: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match &moved {
            Poll::Ready(Ok(bytes)) => self.handle.shared.pay(*bytes),
            Poll::Ready(Err(_)) => self.handle.shared.end(),
            Poll::Pending => {}
        }
        match (&moved, self.taken) {
            (Poll::Ready(Ok(bytes)), Some(taken)) => {
                let taken = taken.saturating_add(*bytes);
                let is_waiting = *bytes < offered && taken < STALL_BYTES;
                self.taken = is_waiting.then_some(taken);
            }
            (Poll::Pending, None) => {
                self.stall.as_mut().reset(Instant::now() + self.stall_max);
                self.taken = Some(0);
            }
            (Poll::Ready(_), _) | (Poll::Pending, Some(_)) => {}
        }
        if moved.is_pending() && self.stall.as_mut().poll(context).is_ready() {
            return self.too_slow();
        }
        self.timed(moved, context)
    }

    fn too_slow<T>(&self) -> Poll<io::Result<T>> {
        count(&self.counters.stalled);
        self.handle.shared.end();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_paused(context) {
            return self.timed(Poll::Pending, context);
        }
        let moved = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.timed(moved, context)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(bytes.len(), moved, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(slices.iter().map(|slice| slice.len()).sum(), moved, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
