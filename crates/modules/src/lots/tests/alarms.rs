//! Serial numbers that cannot be where they are seen.

use super::events::*;
use super::*;

const NONE: [u8; 0] = [];

/// The alarms that the last event raised.
fn alarms(chain: &mut Sandbox, sender: Address, event: &Say) -> Vec<u8> {
    captures(chain, sender, event);
    chain.events::<CloneAlarm>().iter().map(|alarm| alarm.alarm).collect()
}

fn seen(step: &str, place: &str, time: u64) -> Say {
    Say::object("OBSERVE", step).item(&serial(BOTTLE, "1")).seen_in(place).at(time)
}

fn with_bottle() -> Sandbox {
    let mut chain = chain();
    let made = Say::object("ADD", "commissioning").item(&serial(BOTTLE, "1")).seen_in("plant");
    captures(&mut chain, PACKER, &made);
    chain
}

/// Story: somebody copies the number of a bottle. The true one stands on a shelf in the north; a
/// quarter of an hour later the number is scanned in the south.
#[test]
fn i10_a_number_in_two_places_raises_an_alarm_and_is_captured() {
    let mut chain = with_bottle();
    assert_eq!(alarms(&mut chain, PACKER, &seen("shipping", "plant", 60)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &seen("receiving", "north", 1_000)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &seen("stocking", "north", 1_100)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &seen("inspecting", "south", 2_000)), [1]);
    let raised = &chain.events::<CloneAlarm>()[0];
    assert_eq!(raised.time - raised.earlierTime, 900_000);
    assert_eq!(raised.party, STORES);
}

#[test]
fn enough_time_and_recorded_movements_raise_none() {
    let mut chain = with_bottle();
    // An hour is the distance of the product.
    assert_eq!(alarms(&mut chain, STORE, &seen("stocking", "north", 3_600)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &seen("storing", "north", 3_700)), NONE);
    let packed = Say::aggregation("ADD", &box_id(1)).item(&serial(BOTTLE, "1"));
    assert_eq!(alarms(&mut chain, STORE, &packed.seen_in("north").at(3_800)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &seen("inspecting", "south", 4_000)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &seen("inspecting", "west", 7_600)), NONE);
}

#[test]
fn events_that_come_late_raise_no_false_alarm() {
    let mut chain = with_bottle();
    assert_eq!(alarms(&mut chain, STORE, &seen("receiving", "north", 1_800)), [1]);
    let mut chain = with_bottle();
    assert_eq!(alarms(&mut chain, PACKER, &seen("shipping", "plant", 60)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &seen("receiving", "north", 1_800)), NONE);
    // The plant's own inspection, recorded after the goods arrived.
    assert_eq!(alarms(&mut chain, PACKER, &seen("inspecting", "plant", 30)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &seen("stocking", "north", 1_900)), NONE);
}

#[test]
fn a_number_sold_twice_raises_an_alarm() {
    let mut chain = bare_chain();
    let call = setRulesCall { balanced: false, ..rules(FREE, "", "", 0, 60) };
    chain.call(PACKER_ADMIN, ADDRESS, call).unwrap();
    chain.at_block(2, 1_800_000_001);
    let number = serial(FREE, "1");
    let sold = |place: &str, time| {
        Say::object("OBSERVE", "retail_selling").item(&number).seen_in(place).at(time)
    };
    assert_eq!(alarms(&mut chain, STORE, &sold("north", 100)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &sold("south", 90_000)), [2]);
    let back = Say::object("OBSERVE", "receiving").item(&number).with("returned");
    assert_eq!(alarms(&mut chain, STORE, &back.seen_in("south").at(91_000)), NONE);
    assert_eq!(alarms(&mut chain, STORE, &sold("south", 92_000)), NONE);
}
