//! What changes the record of events: authorize, load, decide, store, emit.

use alloy_primitives::Address;
use qiao_epcis::Event;
use qiao_module_kit::{Context, Halt, Outcome, ensure};

use super::{
    abi::ITraceability::*,
    rules, storage,
    types::{Accepted, Entry, Speaker},
    views,
};
use crate::{
    lots,
    members::{self, OrganisationId},
};

/// Records events under their Event Hash IDs.
///
/// # Errors
/// - `NotTopLevel`: the call is not the transaction itself.
/// - `NotAuthorised`: the caller may not speak for the party.
/// - `TooManyEvents`, `EventRefused`: the list, or an event in it, breaks a rule of EPCIS, of this
///   module or of `lots`.
pub(super) fn capture(context: &mut Context<'_>, call: captureCall) -> Outcome<captureReturn> {
    ensure(context.is_top_level(), || NotTopLevel {})?;
    ensure(call.events.len() <= rules::EVENTS_MAX, || TooManyEvents {
        count: call.events.len() as u64,
        max: rules::EVENTS_MAX as u64,
    })?;
    let (party, capturer) = (OrganisationId::new(call.party), context.caller());
    let (may_speak, speaker) = views::speaker_for(context, capturer, party)?;
    ensure(may_speak, || NotAuthorised { capturer, party: call.party })?;
    let number = storage::speaker_number(context, party, capturer, speaker)?;
    let has_rules = lots::is_in_use(context)?;

    let mut event_hashes = Vec::new();
    let mut captured = 0;
    for (position, body) in (0u32..).zip(&call.events) {
        context.charge(rules::event_gas(body))?;
        let accepted = rules::accept(body).map_err(|problem| refusal(position, &problem))?;
        event_hashes.push(accepted.hash);
        let entry = storage::entry(context, accepted.hash)?;
        if entry.speaker == 0 {
            record(context, number, position, &accepted)?;
            if has_rules {
                let checked = lots::apply(context, party, &accepted.event)?;
                checked.map_err(|breach| broken(position, &breach))?;
            }
            captured += 1;
            announce(context, party, position, accepted)?;
        } else if has_rules && accepted.event.corrects().is_some() {
            withdraw(context, party, position, (&entry, &accepted.event))?;
        }
    }
    Ok(captureReturn { eventHashes: event_hashes, captured })
}

/// Lets an account of another organisation capture for the caller's.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotAdmin`: the caller may not, or the account is unknown.
/// - `OwnAccount`: the account belongs to the party.
/// - `AlreadyAuthorised`: there is nothing to do.
pub(super) fn authorise(context: &mut Context<'_>, call: authoriseCall) -> Outcome<()> {
    let capturer = call.capturer;
    let (party, speaker) = delegation(context, capturer)?;
    let home = members::require_member(context, capturer)?.organisation;
    ensure(home != party, || OwnAccount { capturer })?;
    ensure(!speaker.is_delegate, || AlreadyAuthorised { capturer, party: party.get() })?;
    storage::set_speaker(context, party, capturer, &Speaker { is_delegate: true, ..speaker })?;
    context.emit(CapturerAuthorised { party: party.get(), capturer })
}

/// Takes back the right to capture for the caller's organisation.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotAdmin`: the caller may not.
/// - `NotAuthorised`: there is nothing to take back.
pub(super) fn revoke(context: &mut Context<'_>, call: revokeCall) -> Outcome<()> {
    let capturer = call.capturer;
    let (party, speaker) = delegation(context, capturer)?;
    ensure(speaker.is_delegate, || NotAuthorised { capturer, party: party.get() })?;
    storage::set_speaker(context, party, capturer, &Speaker { is_delegate: false, ..speaker })?;
    context.emit(CapturerRevoked { party: party.get(), capturer })
}

/// The party that the caller administers, and what it said of an account.
fn delegation(context: &mut Context<'_>, capturer: Address) -> Outcome<(OrganisationId, Speaker)> {
    let party = members::require_admin(context, context.caller())?;
    Ok((party, storage::speaker(context, party, capturer)?))
}

/// Keeps the entry of an event.
fn record(
    context: &mut Context<'_>,
    speaker: u32,
    position: u32,
    accepted: &Accepted,
) -> Outcome<()> {
    let (captured_at, block_number) = (context.block_time(), context.block_number());
    let entry = Entry { speaker, captured_at, block_number, position };
    storage::set_entry(context, accepted.hash, &entry)
}

/// Undoes what an event did to the books. Only who captured it declares it wrong; of others the
/// declaration stays a text.
fn withdraw(
    context: &mut Context<'_>,
    party: OrganisationId,
    position: u32,
    (entry, event): (&Entry, &Event),
) -> Outcome<()> {
    if storage::speaker_names(context, entry.speaker)?.party != party {
        return Ok(());
    }
    let undone = lots::undo(context, party, event, entry.block_number)?;
    undone.map_err(|breach| broken(position, &breach))
}

fn announce(
    context: &mut Context<'_>,
    party: OrganisationId,
    position: u32,
    accepted: Accepted,
) -> Outcome<()> {
    context.emit(Captured {
        eventHash: accepted.hash,
        party: party.get(),
        capturer: context.caller(),
        position,
        identifiers: accepted.identifiers,
    })
}

fn refusal(position: u32, problem: &qiao_epcis::Problem) -> Halt {
    EventRefused {
        position: u64::from(position),
        code: problem.code.to_owned(),
        field: rules::shortened(&problem.field),
        rule: rules::shortened(&problem.rule),
    }
    .into()
}

fn broken(position: u32, breach: &lots::Breach) -> Halt {
    EventRefused {
        position: u64::from(position),
        code: breach.code.to_owned(),
        field: breach.field.clone(),
        rule: rules::shortened(&breach.rule),
    }
    .into()
}
