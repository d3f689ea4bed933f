//! Pork: farm, slaughter, cutting, mincing, packing, and the way to the distribution centre.

use super::{Haul, MINCE_LOT, MINCE_PACKS, mince_pack, mince_packs, place, vehicle};
use crate::{
    calendar::at,
    draft::{Action, Amount, Story, kilograms, pieces},
    keys::Key,
    parties::{
        ALL, CARRIER, DISTRIBUTION, PROCESSOR, REGULATOR, RETAILER, SLAUGHTERHOUSE, STONE_BRIDGE,
        WILLOW_BEND,
    },
    products::{
        BELLY, BELLY_PACK, BONES, CARCASS, LOIN, LOIN_PACK, MINCE, PIG_STONE_BRIDGE,
        PIG_WILLOW_BEND, Product, SHOULDER, SHOULDER_PACK, TRIM,
    },
};

/// Three pigs become one lot of carcasses.
const SLAUGHTER: [(&str, u32); 4] =
    [("C0301", 276), ("C0302", 270), ("C0303", 282), ("C0304", 273)];

/// A pallet of four equal cases.
pub(super) struct PalletPlan {
    /// Position among the pallets; cases and pallets are numbered by it.
    number: u64,
    product: Product,
    lot: &'static str,
    /// Packs in a case.
    pub(super) per_case: u32,
}

/// What is packed at the processor; the first pallet carries the mince.
pub(super) const PALLETS: [PalletPlan; 5] = [
    PalletPlan { number: 0, product: crate::products::MINCE_PACK, lot: MINCE_LOT, per_case: 10 },
    PalletPlan { number: 1, product: LOIN_PACK, lot: "L0318A", per_case: 22 },
    PalletPlan { number: 2, product: LOIN_PACK, lot: "L0318B", per_case: 22 },
    PalletPlan { number: 3, product: BELLY_PACK, lot: "B0318A", per_case: 28 },
    PalletPlan { number: 4, product: SHOULDER_PACK, lot: "S0318B", per_case: 19 },
];

impl PalletPlan {
    /// The pallet.
    pub(super) fn pallet(&self) -> Key {
        Key::Unit(ALL[PROCESSOR].company_prefix, 1_000_005_100 + self.number)
    }

    /// A case of it, from 0 to 3.
    pub(super) fn case(&self, case: u32) -> Key {
        assert!(case < 4, "a pallet has four cases");
        let serial = 31_800 + self.number * 10 + u64::from(case);
        Key::Unit(ALL[PROCESSOR].company_prefix, serial)
    }

    pub(super) fn cases(&self) -> Vec<Key> {
        (0..4).map(|case| self.case(case)).collect()
    }

    pub(super) fn is_mince(&self) -> bool {
        self.number == 0
    }

    /// The packs in a case: numbered ones, or so many of a lot.
    pub(super) fn packs(&self, case: u32) -> (Vec<Key>, Vec<Amount>) {
        if self.is_mince() {
            let first = case * self.per_case + 1;
            return (mince_packs(first..=first + self.per_case - 1), Vec::new());
        }
        (Vec::new(), vec![self.some(self.per_case)])
    }

    /// So many packs of its lot.
    pub(super) fn some(&self, packs: u32) -> Amount {
        pieces(self.product.lot(self.lot), packs)
    }
}

pub(super) fn tell(story: &mut Story) {
    farms(story);
    slaughter(story);
    cutting(story);
    packing(story);
    palletising(story);
    to_distribution(story);
}

fn pigs(product: Product, tag: &str) -> Vec<Key> {
    (1..=6).map(|number| product.item(&format!("{tag}{number:03}"))).collect()
}

fn farms(story: &mut Story) {
    let farms = [
        (WILLOW_BEND, PIG_WILLOW_BEND, "WB0", 30, "geo:30.5701,120.4903"),
        (STONE_BRIDGE, PIG_STONE_BRIDGE, "SB7", 50, "geo:30.6102,120.4240"),
    ];
    for (farm, product, tag, minute, half_way) in farms {
        let desk = story.desk(farm);
        let herd = pigs(product, tag);
        let registered = herd.iter().zip(0..).map(|(pig, i)| {
            desk.object(at(0, 6, minute).plus(4 * i), Action::Add)
                .step("commissioning", "active")
                .place(&place(farm, 0))
                .things(std::slice::from_ref(pig))
                .made_with("countryOfOrigin", "CN")
        });
        story.capture(farm, registered.collect());
        let health = story
            .desk(farm)
            .object(at(5, 8, minute), Action::Observe)
            .step("inspecting", "conformant")
            .place(&place(farm, 0))
            .things(&herd)
            .document("cert", farm, &format!("VET-{tag}-11"));
        story.capture(farm, vec![health]);
        Haul {
            from: (farm, 0),
            to: (SLAUGHTERHOUSE, 0),
            depart: at(6, 4, minute),
            minutes: 90,
            advice: &format!("DA-{tag}-1"),
            truck: "TRUCK3",
            cold: None,
            half_way,
            things: herd,
            lots: Vec::new(),
        }
        .tell(story);
    }
}

fn slaughter(story: &mut Story) {
    let herd: Vec<Key> = [pigs(PIG_WILLOW_BEND, "WB0"), pigs(PIG_STONE_BRIDGE, "SB7")].concat();
    for (i, (lot, weight)) in (0_i64..).zip(SLAUGHTER) {
        let done = at(6, 8, 0).plus(40 * i);
        let three = &herd[3 * usize::try_from(i).expect("four lots")..][..3];
        let carcasses = [kilograms(CARCASS.lot(lot), weight)];
        let killing = story
            .desk(SLAUGHTERHOUSE)
            .transformation(done)
            .step("creating_class_instance", "active")
            .place(&place(SLAUGHTERHOUSE, 0))
            .inputs(three)
            .output_lots(&carcasses)
            .document("prodorder", SLAUGHTERHOUSE, &format!("KILL-{lot}"))
            .made_with("lotNumber", lot)
            .best_before(12);
        story.capture(SLAUGHTERHOUSE, vec![killing]);
        let inspected = story
            .desk(REGULATOR)
            .object(done.plus(25), Action::Observe)
            .step("inspecting", "conformant")
            .place(&place(SLAUGHTERHOUSE, 0))
            .lots(&carcasses)
            .document("cert", REGULATOR, &format!("MEAT-{lot}"));
        story.capture(REGULATOR, vec![inspected]);
        let chilled = story
            .desk(SLAUGHTERHOUSE)
            .object(at(6, 18, 0).plus(5 * i), Action::Observe)
            .step("storing", "in_progress")
            .place(&place(SLAUGHTERHOUSE, 1))
            .lots(&carcasses)
            .temperature(&vehicle("LOGGER32"), 120, 68)
            .temperature(&vehicle("LOGGER32"), 0, 31);
        story.capture(SLAUGHTERHOUSE, vec![chilled]);
    }
    for (run, truck, logger) in [(0, "TRUCK7", "LOGGER31"), (1, "TRUCK9", "LOGGER32")] {
        let lots = SLAUGHTER[2 * run..][..2].iter();
        Haul {
            from: (SLAUGHTERHOUSE, 1),
            to: (PROCESSOR, 1),
            depart: at(7, 4, if run == 0 { 10 } else { 40 }),
            minutes: 50,
            advice: &format!("DA-ER-{}", 301 + run),
            truck,
            cold: Some((logger, [24, 26, 25])),
            half_way: "geo:30.4577,120.3702",
            things: Vec::new(),
            lots: lots.map(|(lot, weight)| kilograms(CARCASS.lot(lot), *weight)).collect(),
        }
        .tell(story);
    }
}

/// A cutting run: the carcasses that go in, the letter of its lots, and the kilograms of loin,
/// belly, shoulder, trim, bones that come out.
type CuttingRun = ([usize; 2], char, [u32; 5]);

const CUTTING: [CuttingRun; 2] =
    [([0, 1], 'A', [132, 112, 150, 84, 68]), ([2, 3], 'B', [134, 112, 152, 86, 71])];

fn cutting(story: &mut Story) {
    for (hour, (carcasses, letter, weights)) in [7, 9].into_iter().zip(CUTTING) {
        let inputs = carcasses.map(|i| kilograms(CARCASS.lot(SLAUGHTER[i].0), SLAUGHTER[i].1));
        let cuts = [LOIN, BELLY, SHOULDER, TRIM, BONES];
        let outputs: Vec<Amount> = cuts
            .into_iter()
            .zip(weights)
            .map(|(cut, weight)| kilograms(cut.lot(&cut_lot(cut, letter)), weight))
            .collect();
        let event = story
            .desk(PROCESSOR)
            .transformation(at(8, hour, 15))
            .step("creating_class_instance", "active")
            .place(&place(PROCESSOR, 0))
            .input_lots(&inputs)
            .output_lots(&outputs)
            .document("prodorder", PROCESSOR, &format!("CUT-0318{letter}"))
            .best_before(8);
        let bones = story
            .desk(PROCESSOR)
            .object(at(8, hour, 50), Action::Delete)
            .step("destroying", "destroyed")
            .read_at(&place(PROCESSOR, 0))
            .lots(&outputs[4..])
            .document("cert", PROCESSOR, &format!("RENDER-0318{letter}"));
        story.capture(PROCESSOR, vec![event, bones]);
    }
}

fn cut_lot(cut: Product, letter: char) -> String {
    let word = match cut {
        LOIN => "LB",
        BELLY => "BB",
        SHOULDER => "SB",
        TRIM => "TB",
        _ => "XB",
    };
    format!("{word}0318{letter}")
}

/// One kind of pack: the bulk lot, the kilograms used, the pallet's position, and the days it keeps.
type PackingRun = (Product, char, u32, usize, i64);

const PACKING: [PackingRun; 4] = [
    (LOIN, 'A', 132, 1, 7),
    (LOIN, 'B', 132, 2, 7),
    (BELLY, 'A', 112, 3, 7),
    (SHOULDER, 'B', 152, 4, 7),
];

fn packing(story: &mut Story) {
    let mince = kilograms(MINCE.lot(MINCE_LOT), MINCE_PACKS + 1);
    let trim = ['A', 'B'].map(|letter| TRIM.lot(&cut_lot(TRIM, letter)));
    let desk = story.desk(PROCESSOR);
    let mincing = desk
        .transformation(at(8, 11, 0))
        .step("creating_class_instance", "active")
        .place(&place(PROCESSOR, 0))
        .input_lots(&[kilograms(trim[0].clone(), 21), kilograms(trim[1].clone(), 20)])
        .output_lots(std::slice::from_ref(&mince))
        .document("prodorder", PROCESSOR, "MINCE-0318")
        .made_with("lotNumber", MINCE_LOT)
        .best_before(5);
    let packed = desk
        .transformation(at(8, 11, 40))
        .step("commissioning", "active")
        .place(&place(PROCESSOR, 0))
        .input_lots(&[mince])
        .outputs(&mince_packs(1..=MINCE_PACKS + 1))
        .document("prodorder", PROCESSOR, "PACK-0318M")
        .made_with("lotNumber", MINCE_LOT)
        .best_before(5);
    let frozen = desk
        .object(at(8, 14, 0), Action::Observe)
        .step("storing", "sellable_not_accessible")
        .place(&place(PROCESSOR, 1))
        .lots(&[kilograms(trim[0].clone(), 63), kilograms(trim[1].clone(), 66)])
        .temperature(&vehicle("LOGGER32"), 0, -182);
    story.capture(PROCESSOR, vec![mincing, packed, frozen]);
    for (i, (bulk, letter, weight, pallet, days)) in (0_i64..).zip(PACKING) {
        let plan = &PALLETS[pallet];
        let event = story
            .desk(PROCESSOR)
            .transformation(at(8, 12, 0).plus(25 * i))
            .step("creating_class_instance", "active")
            .place(&place(PROCESSOR, 0))
            .input_lots(&[kilograms(bulk.lot(&cut_lot(bulk, letter)), weight)])
            .output_lots(&[plan.some(4 * plan.per_case)])
            .document("prodorder", PROCESSOR, &format!("PACK-{}", plan.lot))
            .made_with("lotNumber", plan.lot)
            .best_before(days);
        story.capture(PROCESSOR, vec![event]);
    }
}

fn palletising(story: &mut Story) {
    for (i, plan) in (0_i64..).zip(&PALLETS) {
        let desk = story.desk(PROCESSOR);
        let begun = at(8, 14, 30).plus(30 * i);
        let mut events = Vec::new();
        for case in 0..4 {
            let (things, lots) = plan.packs(case);
            events.push(
                desk.aggregation(begun.plus(4 * i64::from(case)), Action::Add, &plan.case(case))
                    .step("packing", "container_closed")
                    .place(&place(PROCESSOR, 0))
                    .children(&things)
                    .child_lots(&lots),
            );
        }
        events.push(
            desk.aggregation(begun.plus(20), Action::Add, &plan.pallet())
                .step("packing", "container_closed")
                .place(&place(PROCESSOR, 1))
                .children(&plan.cases()),
        );
        story.capture(PROCESSOR, events);
    }
    let pallets: Vec<Key> = PALLETS.iter().map(PalletPlan::pallet).collect();
    let ordered = story
        .desk(PROCESSOR)
        .transaction(at(8, 18, 0))
        .step("reserving", "in_progress")
        .place(&place(PROCESSOR, 1))
        .things(&pallets)
        .document("po", RETAILER, "PO-77120")
        .document("inv", PROCESSOR, "INV-20931")
        .handover(PROCESSOR, RETAILER);
    story.capture(PROCESSOR, vec![ordered]);
}

fn to_distribution(story: &mut Story) {
    let fitted = [("TRUCK7", "LOGGER31"), ("TRUCK9", "LOGGER32")].map(|(truck, logger)| {
        story
            .desk(CARRIER)
            .association(at(7, 3, 30), &vehicle(truck))
            .step("installing", "active")
            .place(&place(CARRIER, 0))
            .children(&[vehicle(logger)])
    });
    story.capture(CARRIER, Vec::from(fitted));
    let loads: [(&[PalletPlan], &str, &str, [i32; 3]); 2] = [
        (&PALLETS[..3], "TRUCK7", "LOGGER31", [21, 23, 22]),
        (&PALLETS[3..], "TRUCK9", "LOGGER32", [19, 58, 24]),
    ];
    for (i, (load, truck, logger, readings)) in (0_i64..).zip(loads) {
        Haul {
            from: (PROCESSOR, 1),
            to: (DISTRIBUTION, 0),
            depart: at(9, 4, 0).plus(30 * i),
            minutes: 70,
            advice: &format!("DA-RG-{}", 881 + i),
            truck,
            cold: Some((logger, readings)),
            half_way: "geo:30.2933,120.3101",
            things: load.iter().map(PalletPlan::pallet).collect(),
            lots: Vec::new(),
        }
        .tell(story);
    }
    let opened = (0_i64..).zip(&PALLETS).map(|(i, plan)| {
        story
            .desk(DISTRIBUTION)
            .aggregation(at(9, 8, 0).plus(6 * i), Action::Delete, &plan.pallet())
            .step("unpacking", "in_progress")
            .place(&place(DISTRIBUTION, 1))
            .children(&plan.cases())
    });
    let opened = opened.collect();
    story.capture(DISTRIBUTION, opened);
}

/// The pack that goes to the laboratory instead of into a case.
pub(super) fn sample_pack() -> Key {
    mince_pack(MINCE_PACKS + 1)
}
