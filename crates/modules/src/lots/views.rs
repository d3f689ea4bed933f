//! What can be asked of `lots`.

use qiao_epcis::{Amount, Identifier};
use qiao_module_kit::{Context, Outcome, page};

use super::{
    ADDRESS,
    abi::ILots::{self, *},
    calls,
    rules::{self, PREFIX_DIGITS},
    storage,
    types::{self, Bucket, Gtin, HoldId, HoldKind, InForce, Place, Thing, ThingKind},
};
use crate::members::OrganisationId;

/// The organisation to which the company prefix of an identifier is registered.
pub(super) fn owner_of(context: &mut Context<'_>, call: ownerOfCall) -> Outcome<u64> {
    let id = identifier(&call.id)?;
    let in_force = storage::in_force(context)?;
    Ok(owner(context, &in_force, &id)?.get())
}

/// The rules of a product; all zero and empty where it has none.
pub(super) fn rules_of(context: &mut Context<'_>, call: rulesOfCall) -> Outcome<ILots::Rules> {
    let gtin = rules::gtin(&call.gtin).ok_or(InvalidGtin { gtin: call.gtin })?;
    let rules = storage::rules(context, gtin)?;
    let dimension = rules.dimension.0;
    let content = Amount { dimension, units: rules.content };
    Ok(ILots::Rules {
        balanced: rules.is_balanced,
        unit: dimension.usual_unit().unwrap_or_default().to_owned(),
        content: if rules.content == 0 { String::new() } else { content.decimal() },
        yieldBasisPoints: rules.yield_basis_points,
        cloneSeconds: rules.clone_seconds,
        since: rules.since_block,
    })
}

/// Whether an organisation may make a product.
pub(super) fn may_make(context: &mut Context<'_>, call: mayMakeCall) -> Outcome<bool> {
    let gtin = rules::gtin(&call.gtin).ok_or(InvalidGtin { gtin: call.gtin })?;
    is_maker(context, gtin, OrganisationId::new(call.organisation))
}

/// What became of a lot.
pub(super) fn lot(context: &mut Context<'_>, call: lotCall) -> Outcome<ILots::Lot> {
    let id = identifier(&call.id)?;
    let thing = require_lot(&id)?;
    let dimension = storage::rules(context, thing.gtin)?.dimension.0;
    let key = types::key(id.as_str());
    let mut amount = |bucket| storage::amount(context, key, Place::one(bucket));
    Ok(ILots::Lot {
        made: amount(Bucket::Made)?,
        used: amount(Bucket::Used)?,
        sold: amount(Bucket::Sold)?,
        destroyed: amount(Bucket::Destroyed)?,
        openTransit: storage::amount(context, key, Place::numbered(Bucket::Transit, 0))?,
        unit: dimension.usual_unit().unwrap_or_default().to_owned(),
    })
}

/// How much of a lot an organisation holds outside of containers.
pub(super) fn held_by(context: &mut Context<'_>, call: heldByCall) -> Outcome<u128> {
    let id = identifier(&call.id)?;
    let place = Place::numbered(Bucket::Held, call.organisation);
    storage::amount(context, types::key(id.as_str()), place)
}

/// How much of a lot is on its way to an organisation.
pub(super) fn in_transit_to(context: &mut Context<'_>, call: inTransitToCall) -> Outcome<u128> {
    let id = identifier(&call.id)?;
    let place = Place::numbered(Bucket::Transit, call.organisation);
    storage::amount(context, types::key(id.as_str()), place)
}

/// How much of a lot is in a container.
pub(super) fn packed_in(context: &mut Context<'_>, call: packedInCall) -> Outcome<u128> {
    let (id, container) = (identifier(&call.id)?, identifier(&call.container)?);
    let place = Place::packed(types::key(container.as_str()));
    storage::amount(context, types::key(id.as_str()), place)
}

/// What became of a serial number.
pub(super) fn serial(context: &mut Context<'_>, call: serialCall) -> Outcome<u8> {
    let id = identifier(&call.id)?;
    Ok(storage::serial(context, types::key(id.as_str()))? as u8)
}

/// A hold by number; all zero where there is none.
pub(super) fn hold(context: &mut Context<'_>, call: holdCall) -> Outcome<ILots::Hold> {
    let hold = storage::hold(context, HoldId::new(call.id))?;
    let id = if hold.kind == HoldKind::None { 0 } else { call.id };
    Ok(ILots::Hold {
        id,
        kind: hold.kind as u8,
        organisation: hold.organisation.get(),
        by: hold.by,
        reason: hold.reason,
        released: hold.is_released,
        since: hold.since,
        things: hold.things,
        note: hold.note,
    })
}

/// How many holds there were.
pub(super) fn hold_count(context: &mut Context<'_>, _: holdCountCall) -> Outcome<u64> {
    Ok(storage::last_hold(context)?.get())
}

/// The things of a hold, by their hashes.
pub(super) fn hold_things(
    context: &mut Context<'_>,
    call: holdThingsCall,
) -> Outcome<Vec<alloy_primitives::B256>> {
    let id = HoldId::new(call.id);
    page(context, call.from, call.count, |context, index| storage::hold_thing(context, id, index))
}

/// The newest hold that keeps an organisation from passing on a thing.
pub(super) fn hold_on(context: &mut Context<'_>, call: holdOnCall) -> Outcome<u64> {
    let id = identifier(&call.id)?;
    let organisation = OrganisationId::new(call.organisation);
    let hold = calls::standing_hold(context, types::key(id.as_str()), organisation)?;
    Ok(hold.map_or(0, HoldId::get))
}

/// For siblings: the organisation to which the company prefix of an identifier is registered; none
/// where nobody's is.
///
/// # Errors
/// None but `OutOfGas` and `Fatal`.
pub fn owner_of_thing(context: &mut Context<'_>, id: &Identifier) -> Outcome<OrganisationId> {
    context.on(ADDRESS, |lots| {
        let in_force = storage::in_force(lots)?;
        owner(lots, &in_force, id)
    })
}

/// Reads an identifier.
///
/// # Errors
/// `InvalidThing` says what is wrong with it.
pub(super) fn identifier(text: &str) -> Outcome<Identifier> {
    Identifier::parse(text)
        .map_err(|error| InvalidThing { id: text.to_owned(), rule: error.to_string() }.into())
}

/// The organisation to which the company prefix of an identifier is registered.
pub(super) fn owner(
    context: &mut Context<'_>,
    in_force: &InForce,
    id: &Identifier,
) -> Outcome<OrganisationId> {
    let Some(digits) = rules::company_digits(id) else { return Ok(OrganisationId::NONE) };
    for length in PREFIX_DIGITS.take_while(|length| *length <= digits.len()) {
        if in_force.prefix_lengths & (1 << length) == 0 {
            continue;
        }
        let owner = storage::prefix(context, rules::prefix_key(&digits[..length]))?;
        if !owner.is_none() {
            return Ok(owner);
        }
    }
    Ok(OrganisationId::NONE)
}

/// The owner of a place, party or thing in an event; none where it is no identifier.
pub(super) fn owner_of_text(
    context: &mut Context<'_>,
    in_force: &InForce,
    text: &str,
) -> Outcome<OrganisationId> {
    match Identifier::parse(text) {
        Ok(id) => owner(context, in_force, &id),
        Err(_) => Ok(OrganisationId::NONE),
    }
}

/// Whether an organisation owns a product, or was allowed to make it.
pub(super) fn is_maker(
    context: &mut Context<'_>,
    gtin: Gtin,
    organisation: OrganisationId,
) -> Outcome<bool> {
    if storage::is_maker(context, gtin, organisation)? {
        return Ok(true);
    }
    let in_force = storage::in_force(context)?;
    let owner = owner(context, &in_force, &identifier(&gtin.uri())?)?;
    Ok(owner == organisation && !owner.is_none())
}

fn require_lot(id: &Identifier) -> Outcome<Thing> {
    let thing = Thing::of(id).filter(|thing| thing.kind == ThingKind::Lot);
    thing.ok_or_else(|| {
        InvalidThing { id: id.to_string(), rule: "a lot was asked for".to_owned() }.into()
    })
}
