//! What changes recalls: authorize, load, decide, store, emit.

use alloy_primitives::{Address, B256, keccak256};
use qiao_epcis::{Amount, Dimension, Identifier};
use qiao_module_kit::{Context, Outcome, ensure};

use super::{
    abi::IRecall::{self, *},
    rules::{self, DEADLINE_SECONDS_MAX, DEADLINE_SECONDS_MIN, LINES_MAX, TEXT_BYTES_MAX},
    storage,
    types::{Fate, Line, Recall, RecallId},
};
use crate::{
    lots::{self, RecallHold},
    members::{self, Membership, OrganisationId, Role},
};

/// Calls things back and holds them everywhere.
///
/// # Errors
/// - `UnknownLevel`, `InvalidDeadline`, `NotIdentifier`; `members`' `InvalidText`: the call is
///   malformed; so `lots`' `InvalidThing`, `TooManyThings`, `UnknownReason`.
/// - `MayNotRecall`: the caller may not.
pub(super) fn declare(context: &mut Context<'_>, call: declareCall) -> Outcome<u64> {
    let caller = context.caller();
    ensure(rules::is_level(call.level), || UnknownLevel { level: call.level })?;
    let seconds = call.deadlineSeconds;
    let is_deadline = (DEADLINE_SECONDS_MIN..=DEADLINE_SECONDS_MAX).contains(&seconds);
    ensure(is_deadline, || InvalidDeadline { secondsGiven: seconds })?;
    members::require_text("text", &call.text, TEXT_BYTES_MAX)?;
    let first = call.things.first().cloned().unwrap_or_default();
    let refused = |thing: &str| MayNotRecall { caller, thing: thing.to_owned() };
    let member = acting(context, caller)?.ok_or_else(|| refused(&first))?;
    let is_regulator = member.roles.has(Role::Regulator);
    for thing in &call.things {
        let owner = lots::owner_of_thing(context, &identifier(thing)?)?;
        ensure(is_regulator || owner == member.organisation, || refused(thing))?;
    }
    let hold = lots::hold_for_recall(
        context,
        &RecallHold {
            by: caller,
            organisation: member.organisation,
            is_regulator,
            reason: call.reason,
            things: &call.things,
        },
    )?;
    let now = context.block_time();
    let recall = Recall {
        organisation: member.organisation,
        declared_at: now,
        deadline: now.saturating_add(seconds),
        ended_at: 0,
        by: caller,
        is_regulator,
        level: call.level,
        reason: call.reason,
        hold,
        notices: 0,
        acknowledged: 0,
        in_time: 0,
        lines: 0,
        answered: 0,
        scope: call.scope,
        text: call.text.clone(),
    };
    let id = storage::add_recall(context, &recall)?;
    context.emit(Declared {
        recall: id.get(),
        organisation: member.organisation.get(),
        level: call.level,
        reason: call.reason,
        things: call.things,
        text: call.text,
        deadline: recall.deadline,
        scope: call.scope,
        hold: hold.get(),
        by: caller,
    })?;
    Ok(id.get())
}

/// Tells an organisation which affected things it has.
///
/// # Errors
/// - `NoOpenRecall`, `UnknownParty`, `TooMuch`, `NotIdentifier`, `NotAmount`: it cannot be told.
/// - `NotDeclarer`: the caller may not.
pub(super) fn notify(context: &mut Context<'_>, call: notifyCall) -> Outcome<()> {
    let (id, mut recall) = open_recall(context, call.id)?;
    require_declarer(context, &recall, call.id)?;
    let party = OrganisationId::new(call.party);
    let is_known = !members::organisation_name(context, party)?.is_empty() && !party.is_none();
    ensure(is_known, || UnknownParty { party: call.party })?;
    require_lines(call.lines.len())?;
    let mut notice = storage::notice(context, id, party)?;
    if notice.sent_at == 0 {
        let max = rules::NOTICES_MAX;
        ensure(recall.notices < max, || TooMuch { what: "notices".to_owned(), max: max.into() })?;
        recall.notices += 1;
        notice.sent_at = context.block_time();
        storage::add_party(context, id, party)?;
    }
    for line in &call.lines {
        let amount = amount(&line.thing, &line.quantity, &line.unit)?;
        let thing = key(&line.thing)?;
        let dimension = amount.dimension.number();
        let found = storage::line_index(context, id, party, thing)?;
        let index = found.unwrap_or(notice.lines);
        let before = match found {
            Some(index) => storage::line(context, id, party, index)?,
            None => {
                let max = rules::NOTICE_LINES_MAX;
                let is_room = notice.lines < max;
                ensure(is_room, || TooMuch { what: "lines".to_owned(), max: max.into() })?;
                notice.lines += 1;
                recall.lines += 1;
                storage::set_line_index(context, id, party, thing, index)?;
                empty_line(thing, dimension)
            }
        };
        ensure(before.dimension == dimension, || NotAmount {
            thing: line.thing.clone(),
            rule: "the notice counts it in another dimension".to_owned(),
        })?;
        let after = Line { affected: amount.units, ..before.clone() };
        require_covered(&line.thing, &after)?;
        store_line(context, id, party, index, (&before, &after))?;
    }
    storage::set_notice(context, id, party, &notice)?;
    storage::set_recall(context, id, &recall)?;
    context.emit(Notified { recall: call.id, party: call.party, lines: call.lines })
}

/// Takes note of a recall.
///
/// # Errors
/// - `NoOpenRecall`, `AlreadyAcknowledged`: there is nothing to do.
/// - `NotNotified`: the caller's organisation has no notice, or the caller may not act for it.
pub(super) fn acknowledge(context: &mut Context<'_>, call: acknowledgeCall) -> Outcome<()> {
    let caller = context.caller();
    let (id, mut recall) = open_recall(context, call.id)?;
    let (party, mut notice) = own_notice(context, id)?;
    ensure(notice.acknowledged_at == 0, || AlreadyAcknowledged {
        recall: call.id,
        party: party.get(),
    })?;
    let now = context.block_time();
    let in_time = now <= recall.deadline.max(notice.sent_at);
    notice.acknowledged_at = now;
    notice.acknowledged_by = caller;
    recall.acknowledged += 1;
    recall.in_time += u32::from(in_time);
    storage::set_notice(context, id, party, &notice)?;
    storage::set_recall(context, id, &recall)?;
    context.emit(Acknowledged { recall: call.id, party: party.get(), by: caller, inTime: in_time })
}

/// Says what became of affected things.
///
/// # Errors
/// - `NoOpenRecall`, `TooMuch`, `NotInNotice`, `NotIdentifier`, `NotAmount`, `ExceedsNotice`: it
///   cannot be so.
/// - `NotNotified`: the caller's organisation has no notice, or the caller may not act for it.
pub(super) fn answer(context: &mut Context<'_>, call: answerCall) -> Outcome<()> {
    let (id, mut recall) = open_recall(context, call.id)?;
    let (party, mut notice) = own_notice(context, id)?;
    require_lines(call.outcomes.len())?;
    for outcome in &call.outcomes {
        let thing = key(&outcome.thing)?;
        let index = storage::line_index(context, id, party, thing)?;
        let index = index.ok_or_else(|| NotInNotice { thing: outcome.thing.clone() })?;
        let before = storage::line(context, id, party, index)?;
        let fate = fate(outcome, before.dimension)?;
        let after = Line {
            is_answered: true,
            held: fate.held,
            returned: fate.returned,
            destroyed: fate.destroyed,
            sold: fate.sold,
            ..before.clone()
        };
        require_covered(&outcome.thing, &after)?;
        let is_first = u32::from(!before.is_answered);
        recall.answered += is_first;
        notice.answered += is_first;
        store_line(context, id, party, index, (&before, &after))?;
    }
    storage::set_notice(context, id, party, &notice)?;
    storage::set_recall(context, id, &recall)?;
    let by = context.caller();
    context.emit(Answered { recall: call.id, party: party.get(), outcomes: call.outcomes, by })
}

/// Ends a recall and its hold.
///
/// # Errors
/// - `NoOpenRecall`: there is nothing to end; `members`' `InvalidText`: the text is too long.
/// - `NotDeclarer`: the caller may not.
pub(super) fn end(context: &mut Context<'_>, call: endCall) -> Outcome<()> {
    let caller = context.caller();
    let (id, mut recall) = open_recall(context, call.id)?;
    members::require_text("text", &call.text, TEXT_BYTES_MAX)?;
    let may_end = match members::active_member(context, caller)? {
        Some(member) if recall.is_regulator => member.roles.has(Role::Regulator),
        Some(member) => member.organisation == recall.organisation && member.roles.has(Role::Admin),
        None => false,
    };
    ensure(may_end, || NotDeclarer { caller, recall: call.id })?;
    recall.ended_at = context.block_time();
    storage::set_recall(context, id, &recall)?;
    lots::release_for_recall(context, recall.hold, caller)?;
    context.emit(Ended { recall: call.id, text: call.text, by: caller })
}

fn store_line(
    context: &mut Context<'_>,
    id: RecallId,
    party: OrganisationId,
    index: u32,
    (before, after): (&Line, &Line),
) -> Outcome<()> {
    let total = storage::total(context, id, after.dimension)?;
    let total = rules::moved(&total, before, after);
    storage::set_total(context, id, after.dimension, &total)?;
    storage::set_line(context, id, party, index, after)
}

fn empty_line(thing: B256, dimension: u8) -> Line {
    Line {
        thing,
        dimension,
        is_answered: false,
        affected: 0,
        held: 0,
        returned: 0,
        destroyed: 0,
        sold: 0,
    }
}

/// What is accounted for is at most what is affected.
fn require_covered(thing: &str, line: &Line) -> Outcome<()> {
    let fate = Fate {
        held: line.held,
        returned: line.returned,
        destroyed: line.destroyed,
        sold: line.sold,
    };
    let accounted = rules::accounted(&fate).unwrap_or(u128::MAX);
    ensure(accounted <= line.affected, || ExceedsNotice {
        thing: thing.to_owned(),
        affected: line.affected,
        accounted,
    })
}

fn require_lines(count: usize) -> Outcome<()> {
    ensure(count <= LINES_MAX, || TooMuch {
        what: "lines of one call".to_owned(),
        max: LINES_MAX as u64,
    })
}

/// The parts of an answer, each in the dimension of the notice; what is empty is nothing.
fn fate(outcome: &IRecall::Outcome, dimension: u8) -> Outcome<Fate> {
    let part = |text: &str| -> Outcome<u128> {
        if text.is_empty() {
            return Ok(0);
        }
        let amount = amount(&outcome.thing, text, &outcome.unit)?;
        ensure(amount.dimension.number() == dimension, || NotAmount {
            thing: outcome.thing.clone(),
            rule: "the notice counts it in another dimension".to_owned(),
        })?;
        Ok(amount.units)
    };
    Ok(Fate {
        held: part(&outcome.held)?,
        returned: part(&outcome.returned)?,
        destroyed: part(&outcome.destroyed)?,
        sold: part(&outcome.sold)?,
    })
}

fn amount(thing: &str, quantity: &str, unit: &str) -> Outcome<Amount> {
    Amount::read(quantity, Some(unit))
        .map_err(|error| NotAmount { thing: thing.to_owned(), rule: error.to_string() }.into())
}

fn identifier(text: &str) -> Outcome<Identifier> {
    Identifier::parse(text)
        .map_err(|error| NotIdentifier { thing: text.to_owned(), rule: error.to_string() }.into())
}

fn key(text: &str) -> Outcome<B256> {
    Ok(keccak256(identifier(text)?.as_str().as_bytes()))
}

fn open_recall(context: &mut Context<'_>, id: u64) -> Outcome<(RecallId, Recall)> {
    let key = RecallId::new(id);
    let recall = storage::recall(context, key)?;
    ensure(rules::is_open(&recall), || NoOpenRecall { recall: id })?;
    Ok((key, recall))
}

/// The caller, if it may act for its organisation in a recall.
fn acting(context: &mut Context<'_>, caller: Address) -> Outcome<Option<Membership>> {
    let member = members::active_member(context, caller)?;
    let roles = [Role::Admin, Role::Capturer, Role::Regulator];
    Ok(member.filter(|member| roles.iter().any(|role| member.roles.has(*role))))
}

fn require_declarer(context: &mut Context<'_>, recall: &Recall, id: u64) -> Outcome<()> {
    let caller = context.caller();
    let may = acting(context, caller)?.is_some_and(|member| {
        member.organisation == recall.organisation || member.roles.has(Role::Regulator)
    });
    ensure(may, || NotDeclarer { caller, recall: id })
}

fn own_notice(
    context: &mut Context<'_>,
    id: RecallId,
) -> Outcome<(OrganisationId, super::types::Notice)> {
    let caller = context.caller();
    let refused = || NotNotified { caller, recall: id.get() };
    let member = acting(context, caller)?.ok_or_else(refused)?;
    let notice = storage::notice(context, id, member.organisation)?;
    ensure(notice.sent_at != 0, refused)?;
    Ok((member.organisation, notice))
}

/// The unit in which people read amounts of a dimension.
pub(super) fn usual_unit(dimension: u8) -> String {
    let dimension = Dimension::from_number(dimension);
    dimension.and_then(Dimension::usual_unit).unwrap_or_default().to_owned()
}
