//! The decisions of `traceability`, without state.

use qiao_epcis::{Event, Limits, Problem};

use super::types::{Accepted, Speaker};
use crate::members::{Membership, OrganisationId, Role};

/// Events of one transaction.
pub const EVENTS_MAX: usize = 1_000;
/// Bytes of one event.
pub const EVENT_BYTES_MAX: usize = 64 * 1024;
/// Different identifiers of things in one event.
pub const IDENTIFIERS_MAX: usize = 1_024;
/// Bytes of each text in a refusal; the sender's own text may be quoted in it.
pub const REFUSAL_TEXT_BYTES_MAX: usize = 512;

/// Gas for each event: the fixed part of reading, checking and hashing, as much as the EVM asks for
/// recovering a signature.
pub const EVENT_GAS: u64 = 3_000;
/// Gas for each byte of an event, as much as the EVM asks for a byte of calldata that is not zero.
pub const EVENT_BYTE_GAS: u64 = 16;
/// Gas for each `,`, `:`, `[` and `{` in an event. Each may begin a value, and values, not bytes, are
/// what takes time: a list of 10,000 short numbers costs fifty times as much as a text of its size.
///
/// With it the worst events that we could think of pay at least as much for their time as a
/// signature recovery does; 1,000 usual events of 1 kB pay about 35 million gas, a thirtieth of a
/// block.
pub const EVENT_VALUE_GAS: u64 = 500;

/// What a validator reads of one event; everything above is refused, not truncated.
const LIMITS: Limits = Limits { document_bytes_max: EVENT_BYTES_MAX, ..Limits::EVENT };

/// Gas for reading, checking and hashing an event; known before any of it is done.
pub fn event_gas(body: &[u8]) -> u64 {
    let values = body.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count();
    EVENT_GAS + EVENT_BYTE_GAS * body.len() as u64 + EVENT_VALUE_GAS * values as u64
}

/// Reads an event, checks it by the rules of EPCIS and CBV and names it by its content.
pub(super) fn accept(bytes: &[u8]) -> Result<Accepted, Problem> {
    let event = Event::parse(bytes, &LIMITS)
        .map_err(|problems| problems.into_iter().next().expect("a refused event has a problem"))?;
    let accepted = Accepted::of(event);
    if accepted.identifiers.len() > IDENTIFIERS_MAX {
        return Err(Problem {
            event: None,
            field: String::new(),
            code: "traceability.too_many_identifiers",
            rule: format!("an event names at most {IDENTIFIERS_MAX} different things"),
        });
    }
    Ok(accepted)
}

/// Whether an active account may capture for a party.
pub(super) fn may_speak(membership: &Membership, party: OrganisationId, speaker: &Speaker) -> bool {
    if membership.organisation == party {
        membership.roles.has(Role::Capturer)
    } else {
        speaker.is_delegate
    }
}

/// The beginning of a text, cut between characters.
pub(super) fn shortened(text: &str) -> String {
    if text.len() <= REFUSAL_TEXT_BYTES_MAX {
        return text.to_owned();
    }
    let mut end = REFUSAL_TEXT_BYTES_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}
