//! What can be asked of `traceability`.

use alloy_primitives::Address;
use qiao_module_kit::{Context, Outcome};

use super::{
    abi::ITraceability::{EventRecord, maySpeakForCall, recordCall},
    rules, storage,
    types::Speaker,
};
use crate::members::{self, OrganisationId};

/// Who captured an event, for whom and when; all zero where nobody did.
pub(super) fn record(context: &mut Context<'_>, call: recordCall) -> Outcome<EventRecord> {
    let entry = storage::entry(context, call.eventHash)?;
    let names = storage::speaker_names(context, entry.speaker)?;
    Ok(EventRecord {
        party: names.party.get(),
        capturer: names.capturer,
        capturedAt: entry.captured_at,
        blockNumber: entry.block_number,
        position: entry.position,
    })
}

/// Whether an account may capture for a party.
pub(super) fn may_speak_for(context: &mut Context<'_>, call: maySpeakForCall) -> Outcome<bool> {
    let party = OrganisationId::new(call.party);
    Ok(speaker_for(context, call.capturer, party)?.0)
}

/// Whether an account may capture for a party, and what is kept of the two.
pub(super) fn speaker_for(
    context: &mut Context<'_>,
    capturer: Address,
    party: OrganisationId,
) -> Outcome<(bool, Speaker)> {
    let speaker = storage::speaker(context, party, capturer)?;
    let is_party_active = members::is_organisation_active(context, party)?;
    let may_speak = match members::active_member(context, capturer)? {
        Some(membership) => is_party_active && rules::may_speak(&membership, party, &speaker),
        None => false,
    };
    Ok((may_speak, speaker))
}
