//! The machine of one validator: the deterministic runtime with a clock and a disk of its own.

use std::{
    convert::Infallible,
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use commonware_runtime::{
    BlobVersion, Clock, Error, Handle, Metrics, Name, Spawner, Storage, Supervisor, deterministic,
    signal::Signal, telemetry::metrics,
};
use governor::clock::{Clock as GovernorClock, ReasonablyRealtime};
use rand_core::{TryCryptoRng, TryRng};

use super::disk::{self, Disk, DiskBlob};

/// What a machine keeps through its falls.
#[derive(Default)]
pub(super) struct Hardware {
    /// By how much its wall clock is off.
    pub(super) skew_ms: AtomicI64,
    /// Its disk.
    pub(super) disk: Arc<Disk>,
}

/// A machine on which a validator runs.
pub struct Machine {
    inner: deterministic::Context,
    hardware: Arc<Hardware>,
}

impl Machine {
    pub(super) fn new(inner: deterministic::Context, hardware: Arc<Hardware>) -> Self {
        Self { inner, hardware }
    }

    fn skew_ms(&self) -> i64 {
        self.hardware.skew_ms.load(Ordering::Relaxed)
    }
}

/// A time so many milliseconds later, or earlier if negative.
fn shifted(time: SystemTime, by_ms: i64) -> SystemTime {
    let distance = Duration::from_millis(by_ms.unsigned_abs());
    let moved = if by_ms < 0 { time.checked_sub(distance) } else { time.checked_add(distance) };
    moved.unwrap_or(time)
}

impl Supervisor for Machine {
    fn name(&self) -> Name {
        self.inner.name()
    }

    fn child(&self, label: &'static str) -> Self {
        Self { inner: self.inner.child(label), hardware: self.hardware.clone() }
    }

    fn with_attribute(self, key: &'static str, value: impl std::fmt::Display) -> Self {
        Self { inner: self.inner.with_attribute(key, value), hardware: self.hardware }
    }
}

impl Spawner for Machine {
    fn shared(self, blocking: bool) -> Self {
        Self { inner: self.inner.shared(blocking), hardware: self.hardware }
    }

    fn dedicated(self) -> Self {
        Self { inner: self.inner.dedicated(), hardware: self.hardware }
    }

    fn spawn<F, Fut, T>(self, f: F) -> Handle<T>
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let hardware = self.hardware;
        self.inner.spawn(move |inner| f(Self { inner, hardware }))
    }

    async fn stop(self, value: i32, timeout: Option<Duration>) -> Result<(), Error> {
        self.inner.stop(value, timeout).await
    }

    fn stopped(&self) -> Signal {
        self.inner.stopped()
    }
}

impl Metrics for Machine {
    fn register<N: Into<String>, H: Into<String>, M: metrics::Metric>(
        &self,
        name: N,
        help: H,
        metric: M,
    ) -> metrics::Registered<M> {
        self.inner.register(name, help, metric)
    }

    fn encode(&self) -> String {
        self.inner.encode()
    }
}

impl Clock for Machine {
    fn current(&self) -> SystemTime {
        shifted(self.inner.current(), self.skew_ms())
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.inner.sleep(duration)
    }

    fn sleep_until(
        &self,
        deadline: SystemTime,
    ) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.inner.sleep_until(shifted(deadline, -self.skew_ms()))
    }
}

impl GovernorClock for Machine {
    type Instant = SystemTime;

    fn now(&self) -> SystemTime {
        self.current()
    }
}

impl ReasonablyRealtime for Machine {}

impl TryRng for Machine {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.inner.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.inner.try_next_u64()
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        self.inner.try_fill_bytes(destination)
    }
}

impl TryCryptoRng for Machine {}

impl Storage for Machine {
    type Blob = DiskBlob;

    async fn open_versioned(
        &self,
        partition: &str,
        name: &[u8],
        versions: RangeInclusive<BlobVersion>,
    ) -> Result<(DiskBlob, u64, BlobVersion), Error> {
        disk::open(&self.hardware.disk, &self.inner, partition, name, versions).await
    }

    async fn remove(&self, partition: &str, name: Option<&[u8]>) -> Result<(), Error> {
        disk::remove(&self.hardware.disk, &self.inner, partition, name).await
    }

    async fn scan(&self, partition: &str) -> Result<Vec<Vec<u8>>, Error> {
        self.inner.scan(partition).await
    }
}
