//! Where `lots` keeps what it knows.

use alloy_primitives::B256;
use qiao_module_kit::{
    Context, Outcome, layout,
    storage::{Lists, Map, Value},
};

use super::types::{Entry, Gtin, Hold, HoldId, InForce, Place, Rules, Serial, Sighting, Standing};
use crate::members::OrganisationId;

layout! { pub(super) fn layout();
    /// What is in use at all.
    IN_FORCE: Value<InForce>;
    /// Whose a company prefix is, by its digits behind a 1.
    PREFIXES: Map<u64, OrganisationId>;
    /// Beginnings of registered company prefixes, by their digits behind a 1.
    BRANCHES: Map<u64, bool>;
    /// Products by GTIN.
    RULES: Map<Gtin, Rules>;
    /// Who besides its owner may make a product.
    MAKERS: Map<(Gtin, OrganisationId), bool>;
    /// The books: how much of a thing is where.
    AMOUNTS: Map<(B256, Place), u128>;
    /// How many transfers an event made; 0 once they were undone.
    JOURNAL_LENGTHS: Map<B256, u32>;
    /// The transfers of an event.
    JOURNAL: Map<(B256, u32), Entry>;
    /// The lot of a transfer that the event does not name.
    JOURNAL_LOTS: Map<(B256, u32), B256>;
    /// How many lots the list of a container has.
    CONTENT_LENGTHS: Map<B256, u32>;
    /// The lots that were put into a container since it was empty; some may be out again.
    CONTENTS: Map<(B256, u32), B256>;
    /// What became of serial numbers.
    SERIALS: Map<B256, Serial>;
    /// Where serial numbers were seen last.
    SIGHTINGS: Map<B256, Sighting>;
    /// The number of the last hold.
    LAST_HOLD: Value<HoldId>;
    /// Holds by number.
    HOLDS: Map<HoldId, Hold>;
    /// What is on hold, by hold.
    HOLD_THINGS: Lists<HoldId, B256>;
    /// The open holds on a thing: for one organisation, or for all under number 0.
    STANDINGS: Map<(B256, OrganisationId), Standing>;
    /// The hold on a thing before this one.
    EARLIER_HOLDS: Map<(HoldId, B256), HoldId>;
}

pub(super) fn in_force(context: &mut Context<'_>) -> Outcome<InForce> {
    IN_FORCE.get(context)
}

pub(super) fn set_in_force(context: &mut Context<'_>, in_force: &InForce) -> Outcome<()> {
    IN_FORCE.set(context, in_force)
}

pub(super) fn prefix(context: &mut Context<'_>, key: u64) -> Outcome<OrganisationId> {
    PREFIXES.get(context, &key)
}

pub(super) fn set_prefix(
    context: &mut Context<'_>,
    key: u64,
    organisation: OrganisationId,
) -> Outcome<()> {
    PREFIXES.set(context, &key, &organisation)
}

pub(super) fn is_branch(context: &mut Context<'_>, key: u64) -> Outcome<bool> {
    BRANCHES.get(context, &key)
}

pub(super) fn set_branch(context: &mut Context<'_>, key: u64) -> Outcome<()> {
    BRANCHES.set(context, &key, &true)
}

pub(super) fn rules(context: &mut Context<'_>, gtin: Gtin) -> Outcome<Rules> {
    RULES.get(context, &gtin)
}

pub(super) fn set_rules(context: &mut Context<'_>, gtin: Gtin, rules: &Rules) -> Outcome<()> {
    RULES.set(context, &gtin, rules)
}

pub(super) fn is_maker(
    context: &mut Context<'_>,
    gtin: Gtin,
    organisation: OrganisationId,
) -> Outcome<bool> {
    MAKERS.get(context, &(gtin, organisation))
}

pub(super) fn set_maker(
    context: &mut Context<'_>,
    gtin: Gtin,
    organisation: OrganisationId,
    is_allowed: bool,
) -> Outcome<()> {
    MAKERS.set(context, &(gtin, organisation), &is_allowed)
}

pub(super) fn amount(context: &mut Context<'_>, thing: B256, place: Place) -> Outcome<u128> {
    AMOUNTS.get(context, &(thing, place))
}

pub(super) fn set_amount(
    context: &mut Context<'_>,
    thing: B256,
    place: Place,
    amount: u128,
) -> Outcome<()> {
    AMOUNTS.set(context, &(thing, place), &amount)
}

/// Adds a transfer to the journal of an event; `lot` where the event does not name it.
pub(super) fn push_entry(
    context: &mut Context<'_>,
    event: B256,
    entry: &Entry,
    lot: Option<B256>,
) -> Outcome<()> {
    let index = JOURNAL_LENGTHS.get(context, &event)?;
    JOURNAL.set(context, &(event, index), entry)?;
    if let Some(lot) = lot {
        JOURNAL_LOTS.set(context, &(event, index), &lot)?;
    }
    JOURNAL_LENGTHS.set(context, &event, &(index + 1))
}

/// Takes the last transfer out of the journal of an event.
pub(super) fn pop_entry(context: &mut Context<'_>, event: B256) -> Outcome<Option<(Entry, B256)>> {
    let Some(index) = JOURNAL_LENGTHS.get(context, &event)?.checked_sub(1) else {
        return Ok(None);
    };
    let entry = JOURNAL.get(context, &(event, index))?;
    let lot = match entry.item {
        Entry::LISTED => JOURNAL_LOTS.get(context, &(event, index))?,
        _ => B256::ZERO,
    };
    JOURNAL_LENGTHS.set(context, &event, &index)?;
    Ok(Some((entry, lot)))
}

/// The lots on the list of a container.
pub(super) fn contents(context: &mut Context<'_>, container: B256) -> Outcome<Vec<B256>> {
    let length = CONTENT_LENGTHS.get(context, &container)?;
    (0..length).map(|index| CONTENTS.get(context, &(container, index))).collect()
}

pub(super) fn push_content(
    context: &mut Context<'_>,
    container: B256,
    length: u32,
    lot: B256,
) -> Outcome<()> {
    CONTENTS.set(context, &(container, length), &lot)?;
    CONTENT_LENGTHS.set(context, &container, &(length + 1))
}

pub(super) fn content_length(context: &mut Context<'_>, container: B256) -> Outcome<u32> {
    CONTENT_LENGTHS.get(context, &container)
}

pub(super) fn set_contents(
    context: &mut Context<'_>,
    container: B256,
    lots: &[B256],
) -> Outcome<()> {
    for (index, lot) in (0..).zip(lots) {
        CONTENTS.set(context, &(container, index), lot)?;
    }
    let length = u32::try_from(lots.len()).expect("a list of contents is short");
    CONTENT_LENGTHS.set(context, &container, &length)
}

pub(super) fn serial(context: &mut Context<'_>, serial: B256) -> Outcome<Serial> {
    SERIALS.get(context, &serial)
}

pub(super) fn set_serial(context: &mut Context<'_>, serial: B256, state: Serial) -> Outcome<()> {
    SERIALS.set(context, &serial, &state)
}

pub(super) fn sighting(context: &mut Context<'_>, serial: B256) -> Outcome<Sighting> {
    SIGHTINGS.get(context, &serial)
}

pub(super) fn set_sighting(
    context: &mut Context<'_>,
    serial: B256,
    sighting: &Sighting,
) -> Outcome<()> {
    SIGHTINGS.set(context, &serial, sighting)
}

pub(super) fn add_hold(context: &mut Context<'_>, hold: &Hold, things: &[B256]) -> Outcome<HoldId> {
    let id = HoldId::new(LAST_HOLD.get(context)?.get() + 1);
    LAST_HOLD.set(context, &id)?;
    HOLDS.set(context, &id, hold)?;
    for thing in things {
        HOLD_THINGS.push(context, &id, *thing)?;
    }
    Ok(id)
}

pub(super) fn hold(context: &mut Context<'_>, id: HoldId) -> Outcome<Hold> {
    HOLDS.get(context, &id)
}

pub(super) fn set_hold(context: &mut Context<'_>, id: HoldId, hold: &Hold) -> Outcome<()> {
    HOLDS.set(context, &id, hold)
}

pub(super) fn last_hold(context: &mut Context<'_>) -> Outcome<HoldId> {
    LAST_HOLD.get(context)
}

pub(super) fn hold_thing(
    context: &mut Context<'_>,
    id: HoldId,
    index: u64,
) -> Outcome<Option<B256>> {
    HOLD_THINGS.get(context, &id, index)
}

pub(super) fn standing(
    context: &mut Context<'_>,
    thing: B256,
    organisation: OrganisationId,
) -> Outcome<Standing> {
    STANDINGS.get(context, &(thing, organisation))
}

pub(super) fn set_standing(
    context: &mut Context<'_>,
    thing: B256,
    organisation: OrganisationId,
    standing: &Standing,
) -> Outcome<()> {
    STANDINGS.set(context, &(thing, organisation), standing)
}

pub(super) fn earlier_hold(
    context: &mut Context<'_>,
    hold: HoldId,
    thing: B256,
) -> Outcome<HoldId> {
    EARLIER_HOLDS.get(context, &(hold, thing))
}

pub(super) fn set_earlier_hold(
    context: &mut Context<'_>,
    hold: HoldId,
    thing: B256,
    earlier: HoldId,
) -> Outcome<()> {
    EARLIER_HOLDS.set(context, &(hold, thing), &earlier)
}
