//! Undoing what an event did to the books.

use qiao_epcis::Event;
use qiao_module_kit::{Context, Outcome};

use super::{
    super::{
        ADDRESS,
        abi::ILots::Undone,
        rules, storage,
        types::{self, Breach, Bucket, Entry, Thing, ThingKind},
    },
    Stop,
    books::{Posting, Unmoved, settled},
};
use crate::members::OrganisationId;

/// For siblings: undoes what an event did to the books, because its party declares it wrong.
/// `recorded_in` is the block in which the event was captured.
///
/// # Errors
/// None but `OutOfGas` and `Fatal`.
pub fn undo(
    context: &mut Context<'_>,
    party: OrganisationId,
    event: &Event,
    recorded_in: u64,
) -> Outcome<Result<(), Breach>> {
    context.on(ADDRESS, |lots| {
        let in_force = storage::in_force(lots)?;
        let posting =
            Posting { event, hash: event.hash().0.into(), party, in_force, has_serials: false };
        settled(posting.undo(lots, recorded_in))
    })
}

impl Posting<'_> {
    fn undo(&self, context: &mut Context<'_>, recorded_in: u64) -> Result<(), Stop> {
        let mut has_entries = false;
        let mut has_serials = false;
        while let Some((entry, listed)) = storage::pop_entry(context, self.hash)? {
            has_entries = true;
            if entry.from == entry.to {
                has_serials = true;
                continue;
            }
            let thing = match entry.item {
                Entry::LISTED => listed,
                Entry::NONE => self.yields().unwrap_or_default(),
                index => types::key(self.event.items()[index as usize].id.as_str()),
            };
            if entry.from == Bucket::Packed {
                self.remember_content(context, thing)?;
            }
            let back = (entry.to, entry.from, entry.number);
            if let Err(unmoved) = self.transfer(context, thing, back, entry.amount)? {
                let left = if let Unmoved::Short(left) = unmoved { left } else { 0 };
                return Err(self.too_late(&entry, left));
            }
        }
        if has_serials {
            self.undo_serials(context, recorded_in)?;
        }
        if has_entries {
            context.emit(Undone { eventHash: self.hash, party: self.party.get() })?;
        }
        Ok(())
    }

    fn undo_serials(&self, context: &mut Context<'_>, recorded_in: u64) -> Result<(), Stop> {
        for (index, item) in self.event.items().iter().enumerate().rev() {
            let thing = Thing::of(&item.id).filter(|thing| thing.kind == ThingKind::Serial);
            let (Some(thing), Some(motion)) = (thing, rules::motion(self.event, item.role)) else {
                continue;
            };
            let rules = storage::rules(context, thing.gtin)?;
            if !rules.is_balanced || !rules.hold_in(recorded_in) {
                continue;
            }
            let key = types::key(item.id.as_str());
            let state = storage::serial(context, key)?;
            let Some(previous) = rules::previous_serial(state, motion) else {
                let rule = format!("serial number {} went on since; withdraw that first", item.id);
                return Err(self.breach(index, "lots.correction_too_late", rule));
            };
            if previous != state {
                storage::set_serial(context, key, previous)?;
            }
        }
        Ok(())
    }

    fn too_late(&self, entry: &Entry, left: u128) -> Stop {
        let index = if entry.item < Entry::NONE { entry.item as usize } else { 0 };
        let name = self.event.items().get(index).map_or("", |item| item.id.as_str());
        let rule = format!(
            "{} smallest units of {name} are no more {}, {left} are: withdraw first what \
             happened to them since",
            entry.amount,
            rules::bucket_words(entry.to)
        );
        self.breach(index, "lots.correction_too_late", rule)
    }
}
