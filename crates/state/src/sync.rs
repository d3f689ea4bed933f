//! The state as peers send it to each other: operations of its log, each with its path to the root
//! over the log, which a final header states.
//!
//! The library's exchange reads operations without a configuration, and ours need one, although it is
//! empty. So operations travel as [`SentOperation`], and both ends of the exchange are wrapped.

use std::sync::Arc;

use bytes::BufMut;
use commonware_codec::{Buf, EncodeSize, Error, Read, Write};
use commonware_cryptography::sha256::Digest;
use commonware_glue::stateful::db::{
    AttachableResolver, Shared,
    p2p::{Mailbox, ResponseDropped},
};
use commonware_parallel::Strategy;
use commonware_runtime::Spawner;
use commonware_storage::{
    Context,
    qmdb::{
        any::ordered::variable::Operation,
        sync::{Feedback, Request, Response, Source, source},
    },
};
use commonware_utils::channel::{mpsc, oneshot};
use futures::{
    future::{Either, select},
    pin_mut,
};

use crate::{
    database::{Database, Databases, Family},
    value::{StateValue, VALUE_BYTES_MAX},
};

type LogOperation = Operation<Family, Digest, StateValue>;
type Received = Response<Family, LogOperation, Digest>;

/// The longest operation on the wire: a value, its key and the next one, tags and lengths.
pub const OPERATION_BYTES_MAX: usize = VALUE_BYTES_MAX + 128;

/// An operation of the log as it travels.
#[derive(Debug, Clone, PartialEq)]
pub struct SentOperation(LogOperation);

impl Write for SentOperation {
    fn write(&self, buf: &mut impl BufMut) {
        self.0.write(buf);
    }
}

impl EncodeSize for SentOperation {
    fn encode_size(&self) -> usize {
        self.0.encode_size()
    }
}

impl Read for SentOperation {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, Error> {
        LogOperation::read_cfg(buf, &((), ())).map(Self)
    }
}

/// The engine's store, as it is served to peers.
pub struct ServedState<E: Context + Spawner, S: Strategy>(pub(crate) Databases<E, S>);

impl<E: Context + Spawner, S: Strategy> Source for ServedState<E, S> {
    type Family = Family;
    type Digest = Digest;
    type Op = SentOperation;
    type Error = <Databases<E, S> as Source>::Error;

    async fn serve(&self, request: Request<Family>) -> source::Result<Self> {
        let (response, _) = self.0.serve(request).await?;
        Ok((mapped(response, SentOperation), None))
    }
}

/// What the exchange with the peers is asked through.
pub type StateExchange<E, S> = Mailbox<ServedState<E, S>, Family, SentOperation, Digest>;

/// The state of the peers, as the engine fetches it; and the way by which they get ours.
pub struct PeerStates<E: Context + Spawner, S: Strategy> {
    exchange: StateExchange<E, S>,
    context: Arc<E>,
}

impl<E: Context + Spawner, S: Strategy> PeerStates<E, S> {
    /// Fetches through this exchange.
    pub fn new(context: E, exchange: StateExchange<E, S>) -> Self {
        Self { exchange, context: Arc::new(context) }
    }
}

impl<E: Context + Spawner, S: Strategy> Clone for PeerStates<E, S> {
    fn clone(&self) -> Self {
        Self { exchange: self.exchange.clone(), context: self.context.clone() }
    }
}

impl<E: Context + Spawner, S: Strategy> Source for PeerStates<E, S> {
    type Family = Family;
    type Digest = Digest;
    type Op = LogOperation;
    type Error = ResponseDropped;

    async fn serve(&self, request: Request<Family>) -> source::Result<Self> {
        let (response, judged) = self.exchange.serve(request).await?;
        let feedback = judged.map(|judged| {
            let (verdict, given) = oneshot::channel();
            let (candidates, later) = mpsc::channel(1);
            let judging = judge(judged, given, candidates);
            self.context.child("verdict").spawn(move |_| judging);
            Feedback::new(verdict, later)
        });
        Ok((mapped(response, |sent| sent.0), feedback))
    }
}

impl<E: Context + Spawner, S: Strategy> AttachableResolver<Database<E, S>> for PeerStates<E, S> {
    async fn attach_database(&self, database: Databases<E, S>) {
        self.exchange.attach_database(Shared::new("served_state", ServedState(database)));
    }
}

type Verdict = oneshot::Sender<bool>;

/// Carries verdicts to the exchange and, after a bad one, the next candidate back. Whoever sent what
/// is rejected is shut out by the exchange.
async fn judge(
    mut judged: Feedback<Response<Family, SentOperation, Digest>>,
    mut verdict: oneshot::Receiver<bool>,
    candidates: mpsc::Sender<(Received, Verdict)>,
) {
    loop {
        match verdict.await {
            Ok(true) => return judged.accept(),
            Ok(false) => {}
            // Nobody waits for it any longer.
            Err(_) => return,
        }
        let (next, gone) = (judged.reject(), candidates.closed());
        pin_mut!(next, gone);
        let Either::Left((Some((response, feedback)), _)) = select(next, gone).await else {
            return;
        };
        let (sender, receiver) = oneshot::channel();
        if candidates.try_send((mapped(response, |sent| sent.0), sender)).is_err() {
            return;
        }
        (judged, verdict) = (feedback, receiver);
    }
}

fn mapped<A, B>(
    response: Response<Family, A, Digest>,
    map: impl Fn(A) -> B,
) -> Response<Family, B, Digest> {
    match response {
        Response::Operations { proof, operations } => {
            let operations = operations.into_iter().map(map).collect();
            Response::Operations { proof, operations }
        }
        Response::Boundary { proof, op, pinned_nodes } => {
            Response::Boundary { proof, op: map(op), pinned_nodes }
        }
    }
}
