//! Serial numbers that were seen in two places. An alarm is told; it stops nothing.

use qiao_epcis::Event;
use qiao_module_kit::{Context, Outcome};

use super::{
    super::{
        abi::ILots::CloneAlarm,
        rules::{self, Motion},
        storage,
        types::{self, Sighting, Thing, ThingKind},
    },
    Stop,
};
use crate::members::OrganisationId;

/// Compares the serial numbers in an event with where they were seen before.
pub(super) fn look(
    context: &mut Context<'_>,
    party: OrganisationId,
    event: &Event,
) -> Result<(), Stop> {
    let Some(place) = rules::place_of(event) else { return Ok(()) };
    for item in event.items() {
        let thing = Thing::of(&item.id).filter(|thing| thing.kind == ThingKind::Serial);
        let Some(thing) = thing else { continue };
        let product = storage::rules(context, thing.gtin)?;
        if product.clone_seconds == 0 || !product.hold_in(context.block_number()) {
            continue;
        }
        let key = types::key(item.id.as_str());
        let last = storage::sighting(context, key)?;
        let mut new = rules::seen(event, item.role, place);
        let alarm = rules::alarm(&last, &new, product.clone_seconds);
        if alarm > 0 {
            tell(context, party, key, alarm, (&last, &new))?;
        }
        let is_return = rules::motion(event, item.role) == Some(Motion::Return);
        new.is_sold |= last.is_sold && !is_return;
        if new.time_ms >= last.time_ms {
            storage::set_sighting(context, key, &new)?;
        }
    }
    Ok(())
}

fn tell(
    context: &mut Context<'_>,
    party: OrganisationId,
    thing: alloy_primitives::B256,
    alarm: u8,
    (last, new): (&Sighting, &Sighting),
) -> Outcome<()> {
    context.emit(CloneAlarm {
        thing,
        eventHash: new.event,
        earlierEvent: last.event,
        alarm,
        time: new.time_ms,
        earlierTime: last.time_ms,
        party: party.get(),
    })
}
