//! What an event does to the books, and undoing it.

use alloy_primitives::{B256, keccak256};
use qiao_epcis::{Amount, Dimension, Event, EventKind, Item, ItemRole};
use qiao_module_kit::{Context, Halt, Outcome};

use super::{
    super::{
        ADDRESS,
        rules::{self, AMOUNT_MAX, CONTENTS_MAX, Motion},
        storage,
        types::{self, Breach, Bucket, Entry, InForce, Place, Rules, Thing, ThingKind},
        views,
    },
    Stop, holds, sightings,
};
use crate::members::OrganisationId;

/// An event on its way into the books.
pub(super) struct Posting<'a> {
    pub(super) event: &'a Event,
    pub(super) hash: B256,
    pub(super) party: OrganisationId,
    pub(super) in_force: InForce,
    pub(super) has_serials: bool,
}

/// Why an amount cannot move.
pub(super) enum Unmoved {
    /// There is less of it.
    Short(u128),
    /// There would be too much.
    TooMuch,
}

/// For siblings: whether any product has rules or anything is on hold; one slot.
///
/// # Errors
/// None but `OutOfGas` and `Fatal`.
pub fn is_in_use(context: &mut Context<'_>) -> Outcome<bool> {
    context.on(ADDRESS, |lots| {
        let in_force = storage::in_force(lots)?;
        Ok(in_force.products > 0 || in_force.holds > 0)
    })
}

/// For siblings: checks an event that a party captures against holds and books, writes it into the
/// books and looks for serial numbers in two places. The breach, if it breaks a rule; the caller
/// then refuses, so that nothing of it stays.
///
/// # Errors
/// None but `OutOfGas` and `Fatal`.
pub fn apply(
    context: &mut Context<'_>,
    party: OrganisationId,
    event: &Event,
) -> Outcome<Result<(), Breach>> {
    context.on(ADDRESS, |lots| {
        let in_force = storage::in_force(lots)?;
        let mut posting =
            Posting { event, hash: event.hash().0.into(), party, in_force, has_serials: false };
        settled(posting.post(lots))
    })
}

pub(super) fn settled(result: Result<(), Stop>) -> Outcome<Result<(), Breach>> {
    match result {
        Ok(()) => Ok(Ok(())),
        Err(Stop::Breach(breach)) => Ok(Err(breach)),
        Err(Stop::Halt(halt)) => Err(halt),
    }
}

impl Posting<'_> {
    fn post(&mut self, context: &mut Context<'_>) -> Result<(), Stop> {
        if self.in_force.holds > 0 {
            holds::check(context, self.party, self.event)?;
        }
        if self.in_force.products == 0 {
            return Ok(());
        }
        if self.event.kind() == EventKind::Transformation {
            self.post_transformation(context)?;
        } else if rules::empties_container(self.event) {
            self.empty_container(context)?;
        } else {
            for index in 0..self.event.items().len() {
                self.post_item(context, index)?;
            }
        }
        sightings::look(context, self.party, self.event)
    }

    /// Writes one thing of the event into the books. Its amount, if it is in the books.
    fn post_item(
        &mut self,
        context: &mut Context<'_>,
        index: usize,
    ) -> Result<Option<(Rules, u128)>, Stop> {
        let item = &self.event.items()[index];
        let motion = rules::motion(self.event, item.role);
        let (Some(motion), Some(thing)) = (motion, Thing::of(&item.id)) else { return Ok(None) };
        let rules = storage::rules(context, thing.gtin)?;
        if !rules.is_balanced || !rules.hold_in(context.block_number()) {
            return Ok(None);
        }
        if motion == Motion::Make && !views::is_maker(context, thing.gtin, self.party)? {
            let rule = format!(
                "organisation {} may not make product {}",
                self.party.get(),
                thing.gtin.digits()
            );
            return Err(self.breach(index, "lots.not_maker", rule));
        }
        let units = match thing.kind {
            ThingKind::Product => {
                let rule = format!("amounts of product {} name their lot", thing.gtin.digits());
                return Err(self.breach(index, "lots.lot_required", rule));
            }
            ThingKind::Serial => {
                let has_content = rules.dimension.0 == Dimension::Count || rules.content > 0;
                if !has_content {
                    let rule = "serial numbers need a product with a fixed content".to_owned();
                    return Err(self.breach(index, "lots.unit_mismatch", rule));
                }
                self.post_serial(context, index, motion)?;
                rules.content.max(1)
            }
            ThingKind::Lot => {
                let units = rules::units(&rules, item.quantity.as_deref(), item.uom.as_deref());
                let units = units.map_err(|(code, rule)| self.breach(index, code, rule))?;
                if units > 0 {
                    self.post_lot(context, index, motion, (&rules, units))?;
                }
                units
            }
        };
        Ok(Some((rules, units)))
    }

    fn post_serial(
        &mut self,
        context: &mut Context<'_>,
        index: usize,
        motion: Motion,
    ) -> Result<(), Stop> {
        let id = self.event.items()[index].id.as_str();
        let key = types::key(id);
        let state = storage::serial(context, key)?;
        let next = rules::next_serial(state, motion).map_err(|code| {
            let words = match code {
                "lots.serial_taken" => "was given out before",
                "lots.serial_unknown" => "was never given out",
                _ => "was sold, used or destroyed before",
            };
            self.breach(index, code, format!("serial number {id} {words}"))
        })?;
        if next != state {
            storage::set_serial(context, key, next)?;
            if !self.has_serials {
                self.has_serials = true;
                self.note(context, &Entry::SERIALS, None)?;
            }
        }
        Ok(())
    }

    fn post_lot(
        &self,
        context: &mut Context<'_>,
        index: usize,
        motion: Motion,
        (rules, units): (&Rules, u128),
    ) -> Result<(), Stop> {
        let item = &self.event.items()[index];
        let lot = types::key(item.id.as_str());
        let is_known =
            motion == Motion::Make || storage::amount(context, lot, Place::one(Bucket::Made))? > 0;
        if !is_known {
            let rule = format!("nobody made lot {}", item.id);
            return Err(self.breach(index, "lots.unknown_lot", rule));
        }
        let (from, to, number) = match motion {
            Motion::Make => (Bucket::Made, Bucket::Held, 0),
            Motion::Use => (Bucket::Held, Bucket::Used, 0),
            Motion::Sell => (Bucket::Held, Bucket::Sold, 0),
            Motion::Destroy => (Bucket::Held, Bucket::Destroyed, 0),
            Motion::Pack => (Bucket::Held, Bucket::Packed, 0),
            Motion::Unpack => (Bucket::Packed, Bucket::Held, 0),
            Motion::Ship => (Bucket::Held, Bucket::Transit, self.destination(context)?),
            Motion::VoidShip => (Bucket::Transit, Bucket::Held, self.destination(context)?),
            Motion::Receive | Motion::Return => {
                let (from, number) = self.received_from(context, lot, motion, units)?;
                (from, Bucket::Held, number)
            }
        };
        if to == Bucket::Packed {
            self.remember_content(context, lot)?;
        }
        self.transfer(context, lot, (from, to, number), units)?.map_err(|unmoved| {
            let asked = told(rules, units);
            let rule = match unmoved {
                Unmoved::TooMuch => format!("there would be too much of lot {}", item.id),
                Unmoved::Short(available) => format!(
                    "{} of lot {} are {}, {asked} were to leave",
                    told(rules, available),
                    item.id,
                    rules::bucket_words(from)
                ),
            };
            self.breach(index, "lots.exceeds_balance", rule)
        })?;
        let item = u32::try_from(index).expect("an event has at most 1,024 things");
        self.note(context, &Entry { from, to, item, number, amount: units }, None)?;
        Ok(())
    }

    /// What came in covers what goes out: within the event, or over all events of one transformation.
    fn post_transformation(&mut self, context: &mut Context<'_>) -> Result<(), Stop> {
        let mut inputs = [0u128; Dimension::ALL.len()];
        let mut needed = [0u128; Dimension::ALL.len()];
        let mut checked = None;
        for (index, item) in self.event.items().iter().enumerate() {
            let posted = self.post_item(context, index)?;
            let (sums, dimension, units) = match (item.role, posted) {
                (ItemRole::Input, Some((rules, units))) => (&mut inputs, rules.dimension.0, units),
                (ItemRole::Input, None) => {
                    let Some(amount) = stated(item) else { continue };
                    (&mut inputs, amount.dimension, amount.units)
                }
                (_, Some((rules, units))) if rules.yield_basis_points > 0 => {
                    checked = Some(index);
                    let units = rules::needed(units, rules.yield_basis_points);
                    (&mut needed, rules.dimension.0, units)
                }
                _ => continue,
            };
            let sum = &mut sums[usize::from(dimension.number())];
            *sum = sum.saturating_add(units);
        }
        for dimension in Dimension::ALL {
            let at = usize::from(dimension.number());
            self.check_yield(context, dimension, inputs[at], needed[at], checked.unwrap_or(0))?;
        }
        Ok(())
    }

    fn check_yield(
        &self,
        context: &mut Context<'_>,
        dimension: Dimension,
        inputs: u128,
        needed: u128,
        index: usize,
    ) -> Result<(), Stop> {
        let exceeds = |available: u128| {
            let told = |units| Amount { dimension, units };
            let rule = format!(
                "{} are left of what went in, {} are needed for what came out",
                told(available),
                told(needed)
            );
            self.breach(index, "lots.exceeds_yield", rule)
        };
        let Some(yields) = self.yields() else {
            return if needed > inputs { Err(exceeds(inputs)) } else { Ok(()) };
        };
        let number = u64::from(dimension.number());
        for (from, to, units) in
            [(Bucket::Outside, Bucket::Yield, inputs), (Bucket::Yield, Bucket::Outside, needed)]
        {
            if units == 0 {
                continue;
            }
            let moved = self.transfer(context, yields, (from, to, number), units)?;
            moved.map_err(|unmoved| match unmoved {
                Unmoved::Short(available) => exceeds(available),
                Unmoved::TooMuch => exceeds(0),
            })?;
            let entry = Entry { from, to, item: Entry::NONE, number, amount: units };
            self.note(context, &entry, None)?;
        }
        Ok(())
    }

    /// Everything that is in the container goes to the party.
    fn empty_container(&self, context: &mut Context<'_>) -> Result<(), Stop> {
        let container = self.container();
        for lot in storage::contents(context, container)? {
            let units = storage::amount(context, lot, Place::packed(container))?;
            if units == 0 {
                continue;
            }
            let moved = self.transfer(context, lot, (Bucket::Packed, Bucket::Held, 0), units)?;
            if moved.is_err() {
                return Err(Halt::bug("a container holds less than it holds").into());
            }
            let (from, to) = (Bucket::Packed, Bucket::Held);
            let entry = Entry { from, to, item: Entry::LISTED, number: 0, amount: units };
            self.note(context, &entry, Some(lot))?;
        }
        if storage::content_length(context, container)? > 0 {
            storage::set_contents(context, container, &[])?;
        }
        Ok(())
    }

    /// Moves an amount between buckets. What was made is counted from the other side.
    pub(super) fn transfer(
        &self,
        context: &mut Context<'_>,
        thing: B256,
        (from, to, number): (Bucket, Bucket, u64),
        units: u128,
    ) -> Outcome<Result<(), Unmoved>> {
        for (bucket, is_source) in [(from, true), (to, false)] {
            if bucket == Bucket::Outside {
                continue;
            }
            let place = self.place(bucket, number);
            let before = storage::amount(context, thing, place)?;
            let grows = is_source == (bucket == Bucket::Made);
            let after = if grows { before.checked_add(units) } else { before.checked_sub(units) };
            let is_too_much = bucket == Bucket::Made && after.is_some_and(|sum| sum > AMOUNT_MAX);
            match after {
                Some(after) if !is_too_much => {
                    storage::set_amount(context, thing, place, after)?;
                }
                _ if grows => return Ok(Err(Unmoved::TooMuch)),
                _ => return Ok(Err(Unmoved::Short(before))),
            }
        }
        Ok(Ok(()))
    }

    fn place(&self, bucket: Bucket, number: u64) -> Place {
        match bucket {
            Bucket::Held => Place::numbered(bucket, self.party.get()),
            Bucket::Transit | Bucket::Yield => Place::numbered(bucket, number),
            Bucket::Packed => Place::packed(self.container()),
            _ => Place::one(bucket),
        }
    }

    /// From where an organisation receives: from what is on its way to it, else from what is on its
    /// way to nobody in particular, else, if it comes back, from what was sold. Always from one.
    fn received_from(
        &self,
        context: &mut Context<'_>,
        lot: B256,
        motion: Motion,
        units: u128,
    ) -> Outcome<(Bucket, u64)> {
        let mine = self.party.get();
        for (bucket, number) in [(Bucket::Transit, mine), (Bucket::Transit, 0), (Bucket::Sold, 0)] {
            let is_open = bucket == Bucket::Transit || motion == Motion::Return;
            let place = self.place(bucket, number);
            if is_open && storage::amount(context, lot, place)? >= units {
                return Ok((bucket, number));
            }
        }
        Ok((Bucket::Transit, mine))
    }

    /// The organisation to which the event says that goods go; 0 where it names none that is known.
    fn destination(&self, context: &mut Context<'_>) -> Outcome<u64> {
        for kind in ["possessing_party", "location", "owning_party"] {
            let named = self.event.destinations().iter().find(|(named, _)| named == kind);
            let Some((_, id)) = named else { continue };
            let owner = views::owner_of_text(context, &self.in_force, id)?;
            if !owner.is_none() {
                return Ok(owner.get());
            }
        }
        Ok(0)
    }

    /// Puts a lot on the list of the container, unless it has some of it already.
    pub(super) fn remember_content(
        &self,
        context: &mut Context<'_>,
        lot: B256,
    ) -> Result<(), Stop> {
        let container = self.container();
        if storage::amount(context, lot, Place::packed(container))? > 0 {
            return Ok(());
        }
        let length = storage::content_length(context, container)?;
        if length < CONTENTS_MAX {
            return Ok(storage::push_content(context, container, length, lot)?);
        }
        let mut present = Vec::new();
        for other in storage::contents(context, container)? {
            let is_there = storage::amount(context, other, Place::packed(container))? > 0;
            if is_there && !present.contains(&other) {
                present.push(other);
            }
        }
        present.push(lot);
        if present.len() > CONTENTS_MAX as usize {
            let rule = format!("a container holds at most {CONTENTS_MAX} different lots");
            return Err(self.breach(0, "lots.too_many_contents", rule));
        }
        Ok(storage::set_contents(context, container, &present)?)
    }

    /// The key of the event's container.
    fn container(&self) -> B256 {
        let parent = self.event.items().iter().find(|item| item.role == ItemRole::Parent);
        parent.map(|item| types::key(item.id.as_str())).unwrap_or_default()
    }

    /// The key under which several events of one transformation are counted together.
    pub(super) fn yields(&self) -> Option<B256> {
        let id = self.event.transformation_id()?;
        Some(keccak256(
            [b"transformation", &self.party.get().to_be_bytes()[..], id.as_bytes()].concat(),
        ))
    }

    fn note(&self, context: &mut Context<'_>, entry: &Entry, lot: Option<B256>) -> Outcome<()> {
        storage::push_entry(context, self.hash, entry, lot)
    }

    pub(super) fn breach(&self, index: usize, code: &'static str, rule: String) -> Stop {
        rules::breach(self.event, index, code, rule).into()
    }
}

/// The amount of a thing that is not in the books, as the event states it.
fn stated(item: &Item) -> Option<Amount> {
    match &item.quantity {
        Some(quantity) => Amount::read(quantity, item.uom.as_deref()).ok(),
        None if item.id.is_class() => None,
        None => Some(Amount { dimension: Dimension::Count, units: 1 }),
    }
}

fn told(rules: &Rules, units: u128) -> Amount {
    Amount { dimension: rules.dimension.0, units }
}
