//! Long requests and answers: how many of their bytes are held at one time.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use hyper::body::{Frame, SizeHint};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Bodies up to here are not counted: connections are bounded, and so are these.
pub const FREE_BYTES: usize = 64 * 1024;

/// Long bodies that are held at one time, together.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Semaphore>);

/// Bytes of the budget; dropping them gives them back.
#[derive(Debug)]
pub struct Share(#[expect(dead_code, reason = "held until it is dropped")] OwnedSemaphorePermit);

impl Budget {
    /// So many bytes at one time.
    pub fn new(bytes_max: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes_max.min(Semaphore::MAX_PERMITS))))
    }

    /// A share for so many bytes, if it is there.
    pub fn take(&self, bytes: usize) -> Option<Share> {
        let bytes = u32::try_from(bytes).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(bytes).ok().map(Share)
    }
}

/// Why a body was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed.
    #[error("the body is longer than {0} bytes")]
    TooLarge(usize),
    /// It did not arrive in time.
    #[error("the body did not arrive within {} s", .0.as_secs())]
    TooSlow(Duration),
    /// The connection ended.
    #[error("the body did not arrive whole: {0}")]
    Incomplete(String),
    /// Too many long bodies are held.
    #[error("the node holds too many long requests and answers; try again")]
    Busy,
}

impl BodyError {
    /// The HTTP status that says so.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Incomplete(_) => StatusCode::BAD_REQUEST,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A body that arrived whole, with its share of the budget.
#[derive(Debug, Default)]
pub struct Whole {
    /// The body.
    pub bytes: Bytes,
    /// Held for as long as the body is.
    pub shares: Vec<Share>,
}

/// Reads a whole body.
///
/// # Errors
/// It is too long, too slow, breaks off, or exceeds the budget.
pub async fn collect(
    body: Body,
    bytes_max: usize,
    time_max: Duration,
    budget: Option<&Budget>,
) -> Result<Whole, BodyError> {
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(BodyError::TooLarge(bytes_max));
    }
    let reading = timeout(time_max, read(body, bytes_max, budget));
    reading.await.unwrap_or(Err(BodyError::TooSlow(time_max)))
}

async fn read(body: Body, bytes_max: usize, budget: Option<&Budget>) -> Result<Whole, BodyError> {
    let mut parts = body.into_data_stream();
    let mut shares = Vec::new();
    let mut collected = BytesMut::new();
    let mut paid = FREE_BYTES;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| BodyError::Incomplete(error.to_string()))?;
        let length = collected.len() + part.len();
        if length > bytes_max {
            return Err(BodyError::TooLarge(bytes_max));
        }
        if let Some(budget) = budget
            && length > paid
        {
            let more = (length - paid).max(FREE_BYTES);
            shares.push(budget.take(more).ok_or(BodyError::Busy)?);
            paid += more;
        }
        collected.extend_from_slice(&part);
    }
    Ok(Whole { bytes: collected.freeze(), shares })
}

/// An answer that is too much at this moment.
#[derive(Debug)]
pub(super) struct TooMuch;

impl IntoResponse for TooMuch {
    fn into_response(self) -> Response {
        let retry = [(header::RETRY_AFTER, "1")];
        (StatusCode::SERVICE_UNAVAILABLE, retry, BodyError::Busy.to_string()).into_response()
    }
}

/// The answer, holding its share of the budget until it was sent or given up.
pub(super) fn held(response: Response, budget: &Budget) -> Result<Response, TooMuch> {
    let length = response.body().size_hint().lower();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length <= FREE_BYTES {
        return Ok(response);
    }
    let share = budget.take(length).ok_or(TooMuch)?;
    Ok(response.map(|inner| Body::new(Held { inner, rest: Bytes::new(), _share: share })))
}

/// A body with its share of the budget. It is given out in small parts, so that it is there until
/// nearly all of it is sent.
struct Held {
    inner: Body,
    rest: Bytes,
    _share: Share,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match std::task::ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                ended => return Poll::Ready(ended),
            }
        }
        let length = self.rest.len().min(FREE_BYTES);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, rest) = (self.inner.size_hint(), self.rest.len() as u64);
        let mut all = SizeHint::new();
        all.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            all.set_upper(upper + rest);
        }
        all
    }
}
