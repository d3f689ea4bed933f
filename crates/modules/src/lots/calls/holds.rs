//! Holds: what is held back may not be passed on.

use alloy_primitives::B256;
use qiao_epcis::{Event, Identifier};
use qiao_module_kit::{Context, Outcome, ensure};

use super::{
    super::{
        ADDRESS,
        abi::ILots::*,
        rules::{self, HOLD_THINGS_MAX, NOTE_BYTES_MAX},
        storage,
        types::{self, Hold, HoldId, HoldKind, Place, REASONS, Standing, Thing, ThingKind},
        views,
    },
    Stop,
};
use crate::members::{self, Membership, OrganisationId, Role};

/// Holds things back for the caller's organisation, or everywhere.
///
/// # Errors
/// - `TooManyThings`, `InvalidThing`, `UnknownReason`: the call is malformed.
/// - `members`' `InvalidText`: the note is too long.
/// - `MayNotHold`, `NotProductOwner`: the caller may not.
pub(in super::super) fn hold_back(context: &mut Context<'_>, call: holdBackCall) -> Outcome<u64> {
    let caller = context.caller();
    let membership = members::active_member(context, caller)?;
    let membership = membership.filter(may_hold).ok_or(MayNotHold { caller })?;
    if !call.note.is_empty() {
        members::require_text("note", &call.note, NOTE_BYTES_MAX)?;
    }
    let is_reason = call.reason > 0 && usize::from(call.reason) < REASONS.len();
    ensure(is_reason, || UnknownReason { reason: call.reason })?;
    let things = things(&call.things)?;
    let kind = if !call.everywhere {
        HoldKind::Holder
    } else if membership.roles.has(Role::Regulator) {
        HoldKind::Regulator
    } else {
        require_all_owned(context, &things, membership.organisation)?;
        HoldKind::Owner
    };
    let hold = Hold {
        kind,
        reason: call.reason,
        is_released: false,
        is_recall: false,
        things: 0,
        since: context.block_time(),
        organisation: membership.organisation,
        by: caller,
        note: call.note,
    };
    place(context, hold, &things).map(HoldId::get)
}

/// Ends a hold.
///
/// # Errors
/// - `NoOpenHold`: there is none with this number.
/// - `MayNotRelease`: the caller may not.
/// - `members`' `InvalidText`: the note is too long.
pub(in super::super) fn release(context: &mut Context<'_>, call: releaseCall) -> Outcome<()> {
    let (caller, id) = (context.caller(), HoldId::new(call.id));
    if !call.note.is_empty() {
        members::require_text("note", &call.note, NOTE_BYTES_MAX)?;
    }
    let hold = storage::hold(context, id)?;
    ensure(hold.kind != HoldKind::None && !hold.is_released, || NoOpenHold { id: call.id })?;
    let may_release = match members::active_member(context, caller)? {
        Some(_) if hold.is_recall => false,
        Some(member) if hold.kind == HoldKind::Regulator => member.roles.has(Role::Regulator),
        Some(member) => member.organisation == hold.organisation && member.roles.has(Role::Admin),
        None => false,
    };
    ensure(may_release, || MayNotRelease { caller, id: call.id })?;
    lift(context, id, hold)?;
    context.emit(Released { hold: call.id, note: call.note, by: caller })
}

/// Refuses an event that passes on what is on hold.
pub(super) fn check(
    context: &mut Context<'_>,
    party: OrganisationId,
    event: &Event,
) -> Result<(), Stop> {
    for (index, item) in event.items().iter().enumerate() {
        if !rules::passes_on(event, item.role) {
            continue;
        }
        let key = types::key(item.id.as_str());
        let mut found = on(context, key, party)?;
        if found.is_none() && Thing::of(&item.id).is_none() {
            found = in_container(context, key, party)?;
        }
        if let Some(id) = found {
            let hold = storage::hold(context, id)?;
            let reason = REASONS.get(usize::from(hold.reason)).copied().unwrap_or_default();
            let rule = format!(
                "{} is on hold {} of organisation {} ({reason}): it is not shipped, packed, used \
                 or sold until released",
                item.id,
                id.get(),
                hold.organisation.get(),
            );
            return Err(rules::breach(event, index, "lots.on_hold", rule).into());
        }
    }
    Ok(())
}

/// The newest hold that keeps an organisation from passing on a thing.
pub(in super::super) fn on(
    context: &mut Context<'_>,
    thing: B256,
    organisation: OrganisationId,
) -> Outcome<Option<HoldId>> {
    for scope in [OrganisationId::NONE, organisation] {
        let standing = storage::standing(context, thing, scope)?;
        if standing.holds > 0 {
            return Ok(Some(standing.newest));
        }
    }
    Ok(None)
}

/// The hold on a lot in a container, as far as the books know what is in it.
fn in_container(
    context: &mut Context<'_>,
    container: B256,
    party: OrganisationId,
) -> Outcome<Option<HoldId>> {
    for lot in storage::contents(context, container)? {
        if storage::amount(context, lot, Place::packed(container))? > 0
            && let Some(hold) = on(context, lot, party)?
        {
            return Ok(Some(hold));
        }
    }
    Ok(None)
}

fn place(
    context: &mut Context<'_>,
    mut hold: Hold,
    things: &[(B256, Identifier)],
) -> Outcome<HoldId> {
    hold.things = u32::try_from(things.len()).expect("a hold has at most 1,000 things");
    let keys: Vec<B256> = things.iter().map(|(key, _)| *key).collect();
    let id = storage::add_hold(context, &hold, &keys)?;
    let scope = scope(&hold);
    for key in &keys {
        let standing = storage::standing(context, *key, scope)?;
        if standing.holds > 0 {
            storage::set_earlier_hold(context, id, *key, standing.newest)?;
        }
        let standing = Standing { holds: standing.holds + 1, newest: id };
        storage::set_standing(context, *key, scope, &standing)?;
    }
    let mut in_force = storage::in_force(context)?;
    in_force.holds += 1;
    storage::set_in_force(context, &in_force)?;
    context.emit(HeldBack {
        hold: id.get(),
        organisation: hold.organisation.get(),
        kind: hold.kind as u8,
        reason: hold.reason,
        note: hold.note,
        things: keys,
        by: hold.by,
    })?;
    Ok(id)
}

fn lift(context: &mut Context<'_>, id: HoldId, mut hold: Hold) -> Outcome<()> {
    let scope = scope(&hold);
    hold.is_released = true;
    storage::set_hold(context, id, &hold)?;
    for index in 0..u64::from(hold.things) {
        let Some(key) = storage::hold_thing(context, id, index)? else { break };
        let mut standing = storage::standing(context, key, scope)?;
        standing.holds = standing.holds.saturating_sub(1);
        // What was released is passed over once and for all.
        while standing.holds > 0 && storage::hold(context, standing.newest)?.is_released {
            standing.newest = storage::earlier_hold(context, standing.newest, key)?;
        }
        storage::set_standing(context, key, scope, &standing)?;
    }
    let mut in_force = storage::in_force(context)?;
    in_force.holds = in_force.holds.saturating_sub(1);
    storage::set_in_force(context, &in_force)
}

/// For whom a hold counts: under number 0 for all.
fn scope(hold: &Hold) -> OrganisationId {
    if hold.kind == HoldKind::Holder { hold.organisation } else { OrganisationId::NONE }
}

fn may_hold(member: &Membership) -> bool {
    [Role::Admin, Role::Capturer, Role::Regulator].iter().any(|role| member.roles.has(*role))
}

/// The things of a hold, each once, in the order of their keys.
fn things(texts: &[String]) -> Outcome<Vec<(B256, Identifier)>> {
    let count = texts.len() as u64;
    let is_count = (1..=HOLD_THINGS_MAX).contains(&texts.len());
    ensure(is_count, || TooManyThings { count, max: HOLD_THINGS_MAX as u64 })?;
    let mut things = Vec::new();
    for text in texts {
        let id = views::identifier(text)?;
        let is_product = Thing::of(&id).is_some_and(|thing| thing.kind == ThingKind::Product);
        ensure(id.is_gs1_key() && !is_product, || InvalidThing {
            id: text.clone(),
            rule: "a lot, a serial number, a logistic unit or an asset is held".to_owned(),
        })?;
        things.push((types::key(id.as_str()), id));
    }
    things.sort_unstable_by_key(|(key, _)| *key);
    things.dedup_by_key(|(key, _)| *key);
    Ok(things)
}

fn require_all_owned(
    context: &mut Context<'_>,
    things: &[(B256, Identifier)],
    organisation: OrganisationId,
) -> Outcome<()> {
    let in_force = storage::in_force(context)?;
    for (_, id) in things {
        let owner = views::owner(context, &in_force, id)?;
        ensure(owner == organisation, || NotProductOwner {
            caller: context.caller(),
            id: id.to_string(),
        })?;
    }
    Ok(())
}

/// What a recall holds back.
pub struct RecallHold<'a> {
    /// Who declares the recall.
    pub by: alloy_primitives::Address,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// With a regulator's authority.
    pub is_regulator: bool,
    /// Why, by number.
    pub reason: u8,
    /// What is held back.
    pub things: &'a [String],
}

/// For siblings: holds back, everywhere, what a recall calls back. Only the recall ends it.
///
/// # Errors
/// `TooManyThings`, `InvalidThing`, `UnknownReason`; `NotProductOwner`, where another owns a thing
/// and no regulator declares the recall.
pub fn hold_for_recall(context: &mut Context<'_>, recall: &RecallHold<'_>) -> Outcome<HoldId> {
    context.on(ADDRESS, |lots| {
        let reason = recall.reason;
        let is_reason = reason > 0 && usize::from(reason) < REASONS.len();
        ensure(is_reason, || UnknownReason { reason })?;
        let things = things(recall.things)?;
        if !recall.is_regulator {
            require_all_owned(lots, &things, recall.organisation)?;
        }
        let kind = if recall.is_regulator { HoldKind::Regulator } else { HoldKind::Owner };
        let hold = Hold {
            kind,
            reason,
            is_released: false,
            is_recall: true,
            things: 0,
            since: lots.block_time(),
            organisation: recall.organisation,
            by: recall.by,
            note: "recall".to_owned(),
        };
        place(lots, hold, &things)
    })
}

/// For siblings: ends the hold of a recall.
///
/// # Errors
/// `NoOpenHold`.
pub fn release_for_recall(
    context: &mut Context<'_>,
    id: HoldId,
    by: alloy_primitives::Address,
) -> Outcome<()> {
    context.on(ADDRESS, |lots| {
        let hold = storage::hold(lots, id)?;
        let is_open = hold.is_recall && !hold.is_released;
        ensure(is_open, || NoOpenHold { id: id.get() })?;
        lift(lots, id, hold)?;
        lots.emit(Released { hold: id.get(), note: "recall ended".to_owned(), by })
    })
}
