//! Dividing events into transactions.

use alloy_primitives::Bytes;
use alloy_sol_types::SolCall as _;

use qiao_modules::traceability::{EVENT_BYTES_MAX, EVENTS_MAX, ITraceability};

use super::CaptureError;

/// Calldata of one transaction, a little below what pool and block take.
pub const CALLDATA_BYTES_MAX: usize = 1_500_000;

/// Selector, party, and the offset and length of the list.
const CALL_BYTES: usize = 4 + 3 * 32;

/// The events of one transaction.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// The position of the first event in the document.
    pub first: usize,
    /// The events as they go into the calldata.
    pub events: Vec<Bytes>,
    /// The gas limit, once it is known.
    pub gas: u64,
}

/// Divides events, in their order, into chunks within the limits.
///
/// # Errors
/// One event alone is too long.
pub fn divide(events: Vec<Bytes>) -> Result<Vec<Chunk>, CaptureError> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut bytes = CALLDATA_BYTES_MAX;
    for (position, event) in events.into_iter().enumerate() {
        if event.len() > EVENT_BYTES_MAX {
            return Err(CaptureError::EventTooLarge { event: position, bytes: event.len() });
        }
        let added = encoded_bytes(&event);
        match chunks.last_mut() {
            Some(chunk)
                if chunk.events.len() < EVENTS_MAX && bytes + added <= CALLDATA_BYTES_MAX =>
            {
                chunk.events.push(event);
                bytes += added;
            }
            _ => {
                chunks.push(Chunk { first: position, events: vec![event], gas: 0 });
                bytes = CALL_BYTES + added;
            }
        }
    }
    Ok(chunks)
}

/// Offset, length, and the bytes padded to whole words.
fn encoded_bytes(event: &Bytes) -> usize {
    64 + event.len().div_ceil(32) * 32
}

impl Chunk {
    /// The call that captures the chunk for a party.
    pub fn calldata(&self, party: u64) -> Bytes {
        let call = ITraceability::captureCall { party, events: self.events.clone() };
        call.abi_encode().into()
    }

    /// The bytes of its events.
    pub fn bytes(&self) -> usize {
        self.events.iter().map(|event| event.len()).sum()
    }

    /// Two chunks of half the events. There are at least two events.
    pub fn halve(mut self) -> (Self, Self) {
        let middle = self.events.len() / 2;
        let events = self.events.split_off(middle);
        let second = Self { first: self.first + middle, events, gas: 0 };
        (self, second)
    }
}
