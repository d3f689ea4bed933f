//! The story in its order: pork, lettuce, stores, recall.

mod lettuce;
mod pork;
mod recall;
mod stores;

use self::pork::PALLETS;
use crate::{
    Trade,
    calendar::Moment,
    draft::{Action, Amount, Draft, Story},
    keys::Key,
    parties::{self, ALL, CARRIER},
    products::{MINCE, MINCE_PACK, PIG_WILLOW_BEND},
};

/// Vehicles and instruments of the carrier and the cold rooms, by reference.
pub(crate) const VEHICLES: &[(&str, &str)] = &[
    ("TRUCK3", "Northwind livestock truck 3"),
    ("TRUCK7", "Northwind reefer truck 7"),
    ("TRUCK9", "Northwind reefer truck 9"),
    ("LOGGER31", "Temperature logger 31"),
    ("LOGGER32", "Temperature logger 32"),
];

/// The key of a vehicle or instrument of the carrier.
pub(crate) fn vehicle(reference: &str) -> Key {
    Key::Asset(ALL[CARRIER].company_prefix, reference.to_owned())
}

/// The lot of mince in which salmonella is found.
const MINCE_LOT: &str = "M0318";
/// Packs of it that go into cases; one more goes to the laboratory.
const MINCE_PACKS: u32 = 40;

fn mince_pack(number: u32) -> Key {
    MINCE_PACK.item(&format!("M0318-{number:03}"))
}

fn mince_packs(numbers: std::ops::RangeInclusive<u32>) -> Vec<Key> {
    numbers.map(mince_pack).collect()
}

fn place(party_index: usize, place: usize) -> Key {
    parties::ALL[party_index].place_key(place)
}

/// What is worth tracing, and why.
pub(crate) fn examples() -> Vec<(String, &'static str)> {
    let shopper_pack = mince_pack(stores::SHOPPER_PACK);
    let examples = [
        (MINCE.lot(MINCE_LOT), "The lot of mince that was recalled"),
        (shopper_pack, "A pack of mince that a shopper bought and brought back"),
        (lettuce::corrected_lot(), "A lot of lettuce whose count was corrected"),
        (PALLETS[1].pallet(), "A pallet of pork chops"),
        (PIG_WILLOW_BEND.item("WB0001"), "A pig of Willow Bend Farm"),
    ];
    examples.into_iter().map(|(key, why)| (key.canonical(), why)).collect()
}

/// Tells the whole story.
pub(crate) fn tell(start_ms: i64) -> Trade {
    let mut story = Story::new(start_ms);
    pork::tell(&mut story);
    lettuce::tell(&mut story);
    stores::tell(&mut story);
    recall::tell(&mut story);
    Trade {
        parties: parties::ALL.to_vec(),
        documents: story.finish(),
        suspect_lot: MINCE.lot(MINCE_LOT).canonical(),
        shopper_pack: mince_pack(stores::SHOPPER_PACK).canonical(),
        destroyed_pack: mince_pack(20).canonical(),
        corrected_lot: lettuce::corrected_lot().canonical(),
        recalled_packs: mince_packs(1..=MINCE_PACKS).iter().map(Key::canonical).collect(),
    }
}

/// Goods under way from one party to another.
struct Haul<'a> {
    from: (usize, usize),
    to: (usize, usize),
    depart: Moment,
    minutes: i64,
    /// Number of the despatch advice.
    advice: &'a str,
    /// The truck, which the waybill names.
    truck: &'a str,
    /// The logger and its readings in tenths of a degree; none for live animals.
    cold: Option<(&'a str, [i32; 3])>,
    /// Where the truck is half-way.
    half_way: &'a str,
    things: Vec<Key>,
    lots: Vec<Amount>,
}

impl Haul<'_> {
    fn cargo(&self, draft: Draft) -> Draft {
        draft.things(&self.things).lots(&self.lots)
    }

    /// The sender ships, the carrier carries, the receiver receives: one document each.
    fn tell(self, story: &mut Story) {
        let (sender, receiver) = (self.from.0, self.to.0);
        let arrive = self.depart.plus(self.minutes);
        let shipping = self
            .cargo(story.desk(sender).object(self.depart, Action::Observe))
            .step("shipping", "in_transit")
            .read_at(&place(self.from.0, self.from.1))
            .document("desadv", sender, self.advice)
            .handover(sender, receiver);
        story.capture(sender, vec![shipping]);
        self.carry(story);
        let receiving = self
            .cargo(story.desk(receiver).object(arrive.plus(20), Action::Observe))
            .step("receiving", "in_progress")
            .place(&place(self.to.0, self.to.1))
            .document("desadv", sender, self.advice)
            .document("recadv", receiver, &self.advice.replace("DA", "RA"))
            .handover(sender, receiver);
        story.capture(receiver, vec![receiving]);
    }

    /// What the carrier records: loading, and the journey with its temperatures.
    fn carry(&self, story: &mut Story) {
        let desk = story.desk(CARRIER);
        let waybill = format!("{}-{}", self.advice.replace("DA", "WB"), self.truck);
        let loading = self
            .cargo(desk.object(self.depart.plus(10), Action::Observe))
            .step("loading", "in_transit")
            .read_at(&place(self.from.0, self.from.1))
            .document("bol", CARRIER, &waybill);
        let mut journey = self
            .cargo(desk.object(self.depart.plus(self.minutes / 2), Action::Observe))
            .step("transporting", "in_transit")
            .on_the_road(self.half_way)
            .document("bol", CARRIER, &waybill);
        if let Some((logger, readings)) = self.cold {
            for (minutes_before, tenths) in [20, 10, 0].into_iter().zip(readings) {
                journey = journey.temperature(&vehicle(logger), minutes_before, tenths);
            }
        }
        story.capture(CARRIER, vec![loading, journey]);
    }
}
