//! Where `traceability` keeps what it knows.

use alloy_primitives::{Address, B256, U256};
use qiao_module_kit::{
    Context, Outcome, layout,
    storage::{Map, Value},
};

use super::types::{Entry, Speaker, SpeakerNames};
use crate::members::OrganisationId;

layout! { pub(super) fn layout();
    /// The number of the last speaker; they are numbered from 1.
    LAST_SPEAKER: Value<u32>;
    /// Speakers by party and account.
    SPEAKERS: Map<(OrganisationId, Address), Speaker>;
    /// What the number of a speaker stands for.
    SPEAKER_NAMES: Map<u32, SpeakerNames>;
    /// Events by their hash.
    ENTRIES: Map<B256, Entry>;
}

pub(super) fn speaker(
    context: &mut Context<'_>,
    party: OrganisationId,
    capturer: Address,
) -> Outcome<Speaker> {
    SPEAKERS.get(context, &(party, capturer))
}

pub(super) fn set_speaker(
    context: &mut Context<'_>,
    party: OrganisationId,
    capturer: Address,
    speaker: &Speaker,
) -> Outcome<()> {
    SPEAKERS.set(context, &(party, capturer), speaker)
}

/// The number of a speaker, given at its first capture.
pub(super) fn speaker_number(
    context: &mut Context<'_>,
    party: OrganisationId,
    capturer: Address,
    mut speaker: Speaker,
) -> Outcome<u32> {
    if speaker.number == 0 {
        speaker.number = LAST_SPEAKER.get(context)? + 1;
        LAST_SPEAKER.set(context, &speaker.number)?;
        SPEAKER_NAMES.set(context, &speaker.number, &SpeakerNames { party, capturer })?;
        set_speaker(context, party, capturer, &speaker)?;
    }
    Ok(speaker.number)
}

pub(super) fn speaker_names(context: &mut Context<'_>, number: u32) -> Outcome<SpeakerNames> {
    SPEAKER_NAMES.get(context, &number)
}

/// The slot of an event's record.
pub(super) fn entry_slot(event_hash: B256) -> U256 {
    ENTRIES.slot(&event_hash)
}

pub(super) fn entry(context: &mut Context<'_>, event_hash: B256) -> Outcome<Entry> {
    ENTRIES.get(context, &event_hash)
}

pub(super) fn set_entry(context: &mut Context<'_>, event_hash: B256, entry: &Entry) -> Outcome<()> {
    ENTRIES.set(context, &event_hash, entry)
}
