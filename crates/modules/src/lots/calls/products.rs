//! Who owns products, and the rules that their owners set.

use qiao_epcis::{Amount, Dimension, Identifier};
use qiao_module_kit::{Context, Outcome, ensure};

use super::super::{
    abi::ILots::*,
    rules::{self, CLONE_SECONDS_MAX, PREFIX_DIGITS, YIELD_MAX},
    storage,
    types::{self, Bucket, DimensionWord, Gtin, Place, Rules, Serial, Thing, ThingKind},
    views,
};
use crate::members::{self, OrganisationId, Role};

/// Says to whom a GS1 company prefix belongs.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotRegulator`: the caller may not.
/// - `NoOrganisation`, `InvalidPrefix`, `PrefixOverlaps`: it cannot be so.
pub(in super::super) fn register_prefix(
    context: &mut Context<'_>,
    call: registerPrefixCall,
) -> Outcome<()> {
    let caller = context.caller();
    members::require_regulator(context, caller)?;
    let organisation = OrganisationId::new(call.organisation);
    require_organisation(context, organisation)?;
    let prefix = call.prefix;
    ensure(rules::is_prefix(&prefix), || InvalidPrefix { prefix: prefix.clone() })?;
    let key = rules::prefix_key(&prefix);
    let overlaps = || PrefixOverlaps { prefix: prefix.clone() };
    ensure(!storage::is_branch(context, key)?, overlaps)?;
    for length in *PREFIX_DIGITS.start()..prefix.len() {
        let shorter = rules::prefix_key(&prefix[..length]);
        ensure(storage::prefix(context, shorter)?.is_none(), overlaps)?;
        storage::set_branch(context, shorter)?;
    }
    storage::set_prefix(context, key, organisation)?;
    let mut in_force = storage::in_force(context)?;
    in_force.prefix_lengths |= 1 << prefix.len();
    storage::set_in_force(context, &in_force)?;
    context.emit(PrefixRegistered { prefix, organisation: call.organisation, by: caller })
}

/// Sets the rules of a product.
///
/// # Errors
/// - `InvalidGtin`, `InvalidRule`: the call is malformed.
/// - `NotProductOwner`: the caller may not.
/// - `RuleStands`: what the books rest on stays.
pub(in super::super) fn set_rules(context: &mut Context<'_>, call: setRulesCall) -> Outcome<()> {
    let gtin = require_gtin(&call.gtin)?;
    require_owner(context, &gtin.uri())?;
    let before = storage::rules(context, gtin)?;
    let (dimension, content) = measures(&call.unit, &call.content)?;
    let is_in_bounds = call.yieldBasisPoints <= YIELD_MAX && call.cloneSeconds <= CLONE_SECONDS_MAX;
    ensure(is_in_bounds, || InvalidRule {
        field: "yieldBasisPoints, cloneSeconds".to_owned(),
        rule: format!("at most {YIELD_MAX} basis points and {CLONE_SECONDS_MAX} seconds"),
    })?;
    let is_entered = before.is_balanced;
    let after = Rules {
        since_block: if is_entered { before.since_block } else { context.block_number() + 1 },
        is_balanced: call.balanced,
        dimension: DimensionWord(dimension),
        yield_basis_points: call.yieldBasisPoints,
        clone_seconds: call.cloneSeconds,
        content,
    };
    ensure(rules::keeps_books(&before, &after), || RuleStands { gtin: call.gtin.clone() })?;
    storage::set_rules(context, gtin, &after)?;
    if before.since_block == 0 {
        let mut in_force = storage::in_force(context)?;
        in_force.products += 1;
        storage::set_in_force(context, &in_force)?;
    }
    context.emit(ProductRuled {
        gtin: gtin.get(),
        balanced: call.balanced,
        unit: call.unit,
        content: call.content,
        yieldBasisPoints: call.yieldBasisPoints,
        cloneSeconds: call.cloneSeconds,
        by: context.caller(),
    })
}

/// Lets an organisation make a product, or no longer.
///
/// # Errors
/// - `InvalidGtin`, `NoOrganisation`: the call is malformed.
/// - `NotProductOwner`: the caller may not.
pub(in super::super) fn set_maker(context: &mut Context<'_>, call: setMakerCall) -> Outcome<()> {
    let gtin = require_gtin(&call.gtin)?;
    require_owner(context, &gtin.uri())?;
    let organisation = OrganisationId::new(call.organisation);
    require_organisation(context, organisation)?;
    storage::set_maker(context, gtin, organisation, call.allowed)?;
    context.emit(MakerSet {
        gtin: gtin.get(),
        organisation: call.organisation,
        allowed: call.allowed,
    })
}

/// Puts stock from before the rule on the books of its holder.
///
/// # Errors
/// - `InvalidThing`, `NoOrganisation`, `InvalidQuantity`: the call is malformed.
/// - `NotProductOwner`: the caller may not.
/// - `NotBalanced`, `SerialKnown`: there is nothing to admit.
pub(in super::super) fn admit(context: &mut Context<'_>, call: admitCall) -> Outcome<()> {
    let id = views::identifier(&call.id)?;
    require_owner(context, id.as_str())?;
    let holder = OrganisationId::new(call.holder);
    require_organisation(context, holder)?;
    let thing = Thing::of(&id).filter(|thing| thing.kind != ThingKind::Product);
    let thing = thing.ok_or_else(|| InvalidThing {
        id: call.id.clone(),
        rule: "a lot or a serial number is admitted".to_owned(),
    })?;
    let rules = storage::rules(context, thing.gtin)?;
    let is_in_books = rules.is_balanced && rules.hold_in(context.block_number());
    ensure(is_in_books, || NotBalanced { id: call.id.clone() })?;
    let unit = Some(call.unit.as_str());
    let invalid = |rule| InvalidQuantity { quantity: call.quantity.clone(), rule };
    let units = rules::units(&rules, Some(&call.quantity), unit);
    let units = units.map_err(|(_, rule)| invalid(rule))?;
    let key = types::key(id.as_str());
    if thing.kind == ThingKind::Serial {
        let is_one = units == rules.content.max(1);
        ensure(is_one, || invalid("a serial number is one piece".to_owned()))?;
        let is_new = storage::serial(context, key)? == Serial::Unknown;
        ensure(is_new, || SerialKnown { id: call.id.clone() })?;
        storage::set_serial(context, key, Serial::Live)?;
    } else {
        let made = storage::amount(context, key, Place::one(Bucket::Made))?;
        let made = made.checked_add(units).filter(|made| *made <= rules::AMOUNT_MAX);
        let made = made.ok_or_else(|| invalid("there would be too much of the lot".to_owned()))?;
        storage::set_amount(context, key, Place::one(Bucket::Made), made)?;
        let place = Place::numbered(Bucket::Held, call.holder);
        let held = storage::amount(context, key, place)?;
        storage::set_amount(context, key, place, held + units)?;
    }
    let amount = Amount { dimension: rules.dimension.0, units }.to_string();
    let by = context.caller();
    context.emit(Admitted { thing: key, id: id.into(), holder: call.holder, amount, by })
}

/// The dimension of a unit, and a content in smallest units.
fn measures(unit: &str, content: &str) -> Outcome<(Dimension, u128)> {
    let invalid =
        |field: &str, rule: &str| InvalidRule { field: field.to_owned(), rule: rule.to_owned() };
    let dimension = Dimension::of_unit(unit).ok_or_else(|| {
        invalid("unit", "a code of UN/ECE Recommendation 20 that is exact, or empty for pieces")
    })?;
    if content.is_empty() {
        return Ok((dimension, 0));
    }
    ensure(dimension != Dimension::Count, || invalid("content", "pieces have no content"))?;
    let amount = Amount::read(content, Some(unit))
        .map_err(|error| invalid("content", &error.to_string()))?;
    ensure(amount.units > 0, || invalid("content", "more than zero, or empty"))?;
    Ok((dimension, amount.units))
}

fn require_gtin(text: &str) -> Outcome<Gtin> {
    rules::gtin(text).ok_or_else(|| InvalidGtin { gtin: text.to_owned() }.into())
}

fn require_organisation(context: &mut Context<'_>, id: OrganisationId) -> Outcome<()> {
    let name = members::organisation_name(context, id)?;
    ensure(!id.is_none() && !name.is_empty(), || NoOrganisation { organisation: id.get() })
}

/// Refuses unless the caller is a regulator, or an admin of the product's owner.
fn require_owner(context: &mut Context<'_>, id: &str) -> Outcome<()> {
    let caller = context.caller();
    let refused = || NotProductOwner { caller, id: id.to_owned() };
    let member = members::active_member(context, caller)?.ok_or_else(refused)?;
    if member.roles.has(Role::Regulator) {
        return Ok(());
    }
    let in_force = storage::in_force(context)?;
    let id: Identifier = views::identifier(id)?;
    let owner = views::owner(context, &in_force, &id)?;
    ensure(member.roles.has(Role::Admin) && member.organisation == owner, refused)
}
