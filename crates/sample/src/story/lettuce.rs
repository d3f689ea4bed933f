//! Lettuce: harvest, cooling, washing and packing, and the way to the distribution centre.

use super::{Haul, place, vehicle};
use crate::{
    calendar::at,
    draft::{Action, Amount, Story, kilograms, pieces},
    keys::Key,
    parties::{ALL, COOPERATIVE, DISTRIBUTION, LABORATORY, MISTY_HILL, RETAILER, SUNNY_SLOPE},
    products::{HEARTS, Product, ROMAINE_MISTY_HILL, ROMAINE_SUNNY_SLOPE, SALAD_BAG},
};

const HARVEST_KILOGRAMS: u32 = 60;

/// What one washing run gives: product, lot, packs on each of its two pallets.
pub(super) const RUNS: [(Product, &str, u32); 3] =
    [(SALAD_BAG, "G0901", 280), (SALAD_BAG, "G0902", 280), (HEARTS, "G0903", 140)];

/// The lot whose receiving was first recorded with a wrong number.
pub(super) fn corrected_lot() -> Key {
    RUNS[1].0.lot(RUNS[1].1)
}

/// So many packs of one run.
pub(super) fn packs(run: usize, quantity: u32) -> Amount {
    pieces(RUNS[run].0.lot(RUNS[run].1), quantity)
}

/// One of the six pallets: two of each run.
fn pallet(number: usize) -> Key {
    let serial = u64::try_from(number).expect("six pallets");
    Key::Unit(ALL[COOPERATIVE].company_prefix, 9_010 + serial)
}

pub(super) fn tell(story: &mut Story) {
    harvest(story);
    washing(story);
    palletising(story);
    to_distribution(story);
    correction(story);
}

fn harvest(story: &mut Story) {
    let farms = [
        (MISTY_HILL, ROMAINE_MISTY_HILL, "MH", 0, "geo:29.8860,119.7160"),
        (SUNNY_SLOPE, ROMAINE_SUNNY_SLOPE, "SS", 25, "geo:29.9120,119.7103"),
    ];
    for (farm, product, tag, minute, half_way) in farms {
        let lots: Vec<Amount> = (1..=3)
            .map(|field| kilograms(product.lot(&format!("{tag}-F{field}")), HARVEST_KILOGRAMS))
            .collect();
        let desk = story.desk(farm);
        let mut events = Vec::new();
        for (i, lot) in (0_i64..).zip(&lots) {
            let one = std::slice::from_ref(lot);
            events.push(
                desk.object(at(8, 5, minute).plus(30 * i), Action::Add)
                    .step("creating_class_instance", "active")
                    .place(&place(farm, 0))
                    .lots(one)
                    .made_with("countryOfOrigin", "CN")
                    .made_with("lotNumber", &format!("{tag}-F{}", i + 1)),
            );
            events.push(
                desk.object(at(8, 7, minute).plus(30 * i), Action::Observe)
                    .step("storing", "in_progress")
                    .place(&place(farm, 1))
                    .lots(one)
                    .temperature(&vehicle("LOGGER31"), 60, 182)
                    .temperature(&vehicle("LOGGER31"), 0, 41),
            );
        }
        story.capture(farm, events);
        Haul {
            from: (farm, 1),
            to: (COOPERATIVE, 0),
            depart: at(8, 10, minute),
            minutes: 40,
            advice: &format!("DA-{tag}-77"),
            truck: "TRUCK9",
            cold: Some(("LOGGER32", [40, 42, 39])),
            half_way,
            things: Vec::new(),
            lots,
        }
        .tell(story);
    }
    let water = story
        .desk(LABORATORY)
        .object(at(8, 12, 30), Action::Observe)
        .step("inspecting", "conformant")
        .place(&place(COOPERATIVE, 0))
        .lots(&[kilograms(ROMAINE_MISTY_HILL.lot("MH-F1"), HARVEST_KILOGRAMS)])
        .document("testres", LABORATORY, "WATER-5512");
    story.capture(LABORATORY, vec![water]);
}

/// Each run mixes a field of one farm with a field of the other; 8 kg are trimmed and washed off.
fn washing(story: &mut Story) {
    for (i, (product, lot, per_pallet)) in (0_i64..).zip(RUNS) {
        let field = i + 1;
        let inputs = [
            kilograms(ROMAINE_MISTY_HILL.lot(&format!("MH-F{field}")), HARVEST_KILOGRAMS),
            kilograms(ROMAINE_SUNNY_SLOPE.lot(&format!("SS-F{field}")), HARVEST_KILOGRAMS),
        ];
        let event = story
            .desk(COOPERATIVE)
            .transformation(at(8, 13, 30).plus(70 * i))
            .step("creating_class_instance", "active")
            .place(&place(COOPERATIVE, 0))
            .input_lots(&inputs)
            .output_lots(&[pieces(product.lot(lot), 2 * per_pallet)])
            .document("prodorder", COOPERATIVE, &format!("WASH-{lot}"))
            .made_with("lotNumber", lot)
            .best_before(6);
        story.capture(COOPERATIVE, vec![event]);
    }
}

fn palletising(story: &mut Story) {
    let desk = story.desk(COOPERATIVE);
    let mut events = Vec::new();
    for (number, minutes) in (0..6).zip((0_i64..).step_by(15)) {
        let (run, (_, _, quantity)) = (number / 2, RUNS[number / 2]);
        events.push(
            desk.aggregation(at(8, 18, 0).plus(minutes), Action::Add, &pallet(number))
                .step("packing", "container_closed")
                .place(&place(COOPERATIVE, 0))
                .child_lots(&[packs(run, quantity)]),
        );
    }
    let pallets: Vec<Key> = (0..6).map(pallet).collect();
    events.push(
        desk.transaction(at(8, 20, 0))
            .step("reserving", "in_progress")
            .place(&place(COOPERATIVE, 0))
            .things(&pallets)
            .document("po", RETAILER, "PO-77121")
            .document("inv", COOPERATIVE, "INV-4417")
            .handover(COOPERATIVE, RETAILER),
    );
    story.capture(COOPERATIVE, events);
}

fn to_distribution(story: &mut Story) {
    for (i, (truck, logger)) in (0_usize..).zip([("TRUCK7", "LOGGER31"), ("TRUCK9", "LOGGER32")]) {
        Haul {
            from: (COOPERATIVE, 0),
            to: (DISTRIBUTION, 0),
            depart: at(8, 21, if i == 0 { 0 } else { 30 }),
            minutes: 110,
            advice: &format!("DA-GT-{}", 441 + i),
            truck,
            cold: Some((logger, [33, 36, 34])),
            half_way: "geo:30.0301,119.9988",
            things: (3 * i..3 * i + 3).map(pallet).collect(),
            lots: Vec::new(),
        }
        .tell(story);
    }
    let opened = (0..6).zip((0_i64..).step_by(6)).map(|(number, minutes)| {
        let (run, (_, _, quantity)) = (number / 2, RUNS[number / 2]);
        story
            .desk(DISTRIBUTION)
            .aggregation(at(9, 6, 10).plus(minutes), Action::Delete, &pallet(number))
            .step("unpacking", "in_progress")
            .place(&place(DISTRIBUTION, 1))
            .child_lots(&[packs(run, quantity)])
    });
    let opened = opened.collect();
    story.capture(DISTRIBUTION, opened);
}

const WRONG_COUNT: &str = "5b0f4a36-08c1-4f0e-9d7c-2f6b1a0c9e01";
const RIGHT_COUNT: &str = "5b0f4a36-08c1-4f0e-9d7c-2f6b1a0c9e02";

/// Somebody counts 506 bags instead of 560; an hour later the record is declared wrong and
/// replaced. Nothing is edited: both stay readable.
fn correction(story: &mut Story) {
    let counted = |story: &Story, quantity: u32, uuid: &str| {
        story
            .desk(DISTRIBUTION)
            .object(at(9, 7, 5), Action::Observe)
            .step("stock_taking", "sellable_not_accessible")
            .place(&place(DISTRIBUTION, 1))
            .lots(&[packs(1, quantity)])
            .named(uuid)
    };
    let wrong = counted(story, 506, WRONG_COUNT);
    story.capture(DISTRIBUTION, vec![wrong]);
    let declared = counted(story, 506, WRONG_COUNT).declared_wrong(at(9, 8, 40), RIGHT_COUNT);
    let right = counted(story, 560, RIGHT_COUNT);
    story.capture_at(DISTRIBUTION, at(9, 8, 40), vec![declared, right]);
}
