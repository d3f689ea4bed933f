//! A leader's turn: it asks for a block only once there is something to put into one.
//!
//! The wait stands here, before the application, because whoever builds a block cannot take note of
//! a final one meanwhile: a leader that waited inside would learn last what it agreed to itself.
//!
//! The clock is asked here too, before the vote and never after it: validators whose clocks differ
//! must come to one verdict on a block that has a quorum (decision 12).

use std::{sync::Arc, time::Duration};

use commonware_consensus::{
    Automaton, CertifiableAutomaton, Handoff, marshal::core::DigestFallback, types::Round,
};
use commonware_cryptography::keccak256::Digest;
use commonware_macros::select;
use commonware_utils::channel::oneshot;
use qiao_types::B256;

use crate::{
    application::Services,
    block::ConsensusContext,
    environment::{Environment, now_ms},
    orchestrator::Marshal,
};

/// A block may be this far ahead of a validator's clock. A leader whose clock runs further ahead
/// gets no vote.
const CLOCK_DRIFT_MS_MAX: u64 = 10_000;

/// An automaton whose proposals wait for transactions or for the heartbeat, and that votes for no
/// block from the future.
pub struct Turn<E: Environment, A> {
    clock: Arc<E>,
    inner: A,
    marshal: Marshal,
    services: Arc<Services<E>>,
}

impl<E: Environment, A: Clone> Clone for Turn<E, A> {
    fn clone(&self) -> Self {
        Self {
            clock: self.clock.clone(),
            inner: self.inner.clone(),
            marshal: self.marshal.clone(),
            services: self.services.clone(),
        }
    }
}

impl<E: Environment, A> Turn<E, A> {
    /// Lets the proposals of `inner` wait for work, and its votes look at the clock.
    pub fn new(clock: E, inner: A, marshal: Marshal, services: Arc<Services<E>>) -> Self {
        Self { clock: Arc::new(clock), inner, marshal, services }
    }
}

impl<E, A> Automaton for Turn<E, A>
where
    E: Environment,
    A: Automaton<Context = ConsensusContext, Digest = Digest>,
{
    type Context = ConsensusContext;
    type Digest = Digest;

    async fn propose(&mut self, context: ConsensusContext) -> oneshot::Receiver<Digest> {
        let (mut response, receiver) = oneshot::channel();
        let (mut inner, services) = (self.inner.clone(), self.services.clone());
        self.clock.child("turn").spawn(move |clock| async move {
            let proposal = async {
                wait_for_work(&clock, &services, B256::from_slice(context.parent.1.as_ref())).await;
                inner.propose(context).await.await
            };
            // The engine drops its end when it gives the view up.
            let proposed = select! {
                _ = response.closed() => None,
                proposed = proposal => proposed.ok(),
            };
            if let Some(digest) = proposed {
                // Nobody waits any longer: nothing to do.
                let _ = response.send(digest);
            }
        });
        receiver
    }

    async fn verify(
        &mut self,
        context: ConsensusContext,
        payload: Digest,
    ) -> oneshot::Receiver<bool> {
        let (mut response, receiver) = oneshot::channel();
        let (mut inner, marshal) = (self.inner.clone(), self.marshal.clone());
        self.clock.child("clock_check").spawn(move |clock| async move {
            let verdict = async {
                let is_valid = inner.verify(context, payload).await.await.ok()?;
                Some(is_valid && is_of_now(&clock, &marshal, payload).await?)
            };
            // The engine drops its end when it gives the view up.
            let verdict = select! {
                _ = response.closed() => None,
                verdict = verdict => verdict,
            };
            if let Some(is_valid) = verdict {
                // Nobody waits any longer: nothing to do.
                let _ = response.send(is_valid);
            }
        });
        receiver
    }
}

impl<E, A> CertifiableAutomaton for Turn<E, A>
where
    E: Environment,
    A: CertifiableAutomaton<Context = ConsensusContext, Digest = Digest>,
{
    async fn prepare(&mut self, context: ConsensusContext) -> oneshot::Receiver<Handoff<Digest>> {
        self.inner.prepare(context).await
    }

    async fn certify(&mut self, round: Round, payload: Digest) -> oneshot::Receiver<bool> {
        self.inner.certify(round, payload).await
    }
}

/// Whether a block that is at hand was proposed before now, give or take what clocks may differ.
async fn is_of_now<E: Environment>(clock: &E, marshal: &Marshal, payload: Digest) -> Option<bool> {
    let found = marshal.subscribe_by_digest(payload, DigestFallback::Wait).await.ok()?;
    let block = found.inner();
    let (timestamp_ms, now) = (block.seal().timestamp_ms, now_ms(clock));
    let is_of_now = timestamp_ms <= now.saturating_add(CLOCK_DRIFT_MS_MAX);
    if !is_of_now {
        let number = block.block().number();
        tracing::warn!(
            number,
            timestamp_ms,
            now,
            "no vote for a block that is over ten seconds ahead of this clock"
        );
    }
    Some(is_of_now)
}

/// Returns when the pool holds a transaction that `parent` and its ancestors do not, or when the
/// heartbeat is due.
async fn wait_for_work<E: Environment>(clock: &E, services: &Services<E>, parent: B256) {
    // A parent that this node has not executed yet: building will execute it first.
    let Some(parent_ms) = services.timestamp_ms(&parent) else { return };
    let heartbeat = parent_ms.saturating_add(services.genesis.parameters.heartbeat_ms);
    let in_ancestors = services.executed.transactions_since(parent);
    let mut arrivals = services.pool.arrivals();
    loop {
        arrivals.borrow_and_update();
        let now = now_ms(clock);
        if now >= heartbeat || services.pool.has_ready(&in_ancestors) {
            return;
        }
        select! {
            _ = arrivals.changed() => {},
            _ = clock.sleep(Duration::from_millis(heartbeat - now)) => {},
        }
    }
}
