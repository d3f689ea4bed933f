//! From the distribution centre into two stores, onto the shelf and over the till.

use super::{Haul, lettuce, mince_packs, place, pork};
use crate::{
    calendar::{Moment, at},
    draft::{Action, Amount, Story},
    keys::Key,
    parties::{ALL, DISTRIBUTION, OLD_TOWN_STORE, RETAILER, RIVERSIDE_STORE},
};

/// The number of the mince pack that the shopper of the story buys at the Riverside Store.
pub(super) const SHOPPER_PACK: u32 = 7;

/// Mince packs sold at each store before the recall, each a sale of its own; the last entry of a
/// store is what the evening sold together.
pub(super) const SOLD_RIVERSIDE: u32 = 12;
pub(super) const SOLD_OLD_TOWN: u32 = 29;

/// Packs of lettuce of one run that go to each store.
const LETTUCE_PER_STORE: [u32; 3] = [140, 140, 70];

/// What one store gets.
struct Delivery {
    /// The retailer's place.
    store: usize,
    /// Which two cases of each pallet.
    cases: [u32; 2],
    /// Its roll cages: two with pork, one with lettuce.
    cages: [Key; 3],
    number: usize,
}

fn deliveries() -> [Delivery; 2] {
    let cage =
        |number: u32| Key::Cage(ALL[DISTRIBUTION].company_prefix, 70, format!("CAGE{number}"));
    [
        Delivery {
            store: RIVERSIDE_STORE,
            cases: [0, 1],
            cages: [cage(11), cage(12), cage(13)],
            number: 0,
        },
        Delivery {
            store: OLD_TOWN_STORE,
            cases: [2, 3],
            cages: [cage(21), cage(22), cage(23)],
            number: 1,
        },
    ]
}

pub(super) fn tell(story: &mut Story) {
    for delivery in deliveries() {
        delivery.pick(story);
        delivery.send(story);
        delivery.unpack(story);
        delivery.stock(story);
    }
    mince_sales(story);
    other_sales(story);
}

impl Delivery {
    fn pork_cases(&self, cage: usize) -> Vec<Key> {
        let plans = if cage == 0 { &pork::PALLETS[..3] } else { &pork::PALLETS[3..] };
        plans.iter().flat_map(|plan| self.cases.map(|case| plan.case(case))).collect()
    }

    fn lettuce(&self) -> Vec<Amount> {
        (0..3).map(|run| lettuce::packs(run, LETTUCE_PER_STORE[run])).collect()
    }

    /// Cases and bags go into roll cages, or out of them.
    fn cages(&self, story: &mut Story, party: usize, moment: Moment, action: Action) {
        let (step, at_place) = match action {
            Action::Add => ("picking", place(DISTRIBUTION, 1)),
            _ => ("unpacking", place(RETAILER, self.store)),
        };
        let desk = story.desk(party);
        let mut events = Vec::new();
        for (i, cage) in (0_i64..).zip(&self.cages) {
            let draft = desk
                .aggregation(moment.plus(10 * i), action, cage)
                .step(step, "in_progress")
                .place(&at_place);
            events.push(match i {
                0 => draft.children(&self.pork_cases(0)),
                1 => draft.children(&self.pork_cases(1)),
                _ => draft.child_lots(&self.lettuce()),
            });
        }
        story.capture(party, events);
    }

    fn pick(&self, story: &mut Story) {
        let moment = at(9, if self.number == 0 { 14 } else { 15 }, 0);
        self.cages(story, DISTRIBUTION, moment, Action::Add);
    }

    fn send(&self, story: &mut Story) {
        let (truck, logger) = [("TRUCK7", "LOGGER31"), ("TRUCK9", "LOGGER32")][self.number];
        Haul {
            from: (DISTRIBUTION, 0),
            to: (RETAILER, self.store),
            depart: at(10, 4, if self.number == 0 { 0 } else { 20 }),
            minutes: 50,
            advice: &format!("DA-PB-{}", 6_001 + self.number),
            truck,
            cold: Some((logger, [28, 31, 29])),
            half_way: "geo:30.2201,120.2402",
            things: Vec::from(self.cages.clone()),
            lots: Vec::new(),
        }
        .tell(story);
    }

    fn unpack(&self, story: &mut Story) {
        let opened = at(10, 6, if self.number == 0 { 0 } else { 30 });
        self.cages(story, RETAILER, opened, Action::Delete);
        let desk = story.desk(RETAILER);
        let mut events = Vec::new();
        for plan in &pork::PALLETS {
            for case in self.cases {
                let (things, lots) = plan.packs(case);
                let minutes = 3 * i64::try_from(events.len()).expect("ten cases");
                events.push(
                    desk.aggregation(opened.plus(40 + minutes), Action::Delete, &plan.case(case))
                        .step("unpacking", "in_progress")
                        .place(&place(RETAILER, self.store))
                        .children(&things)
                        .child_lots(&lots),
                );
            }
        }
        story.capture(RETAILER, events);
    }

    fn stock(&self, story: &mut Story) {
        let mut things = Vec::new();
        let mut meat = Vec::new();
        for plan in &pork::PALLETS {
            if plan.is_mince() {
                things = self.cases.iter().flat_map(|case| plan.packs(*case).0).collect();
            } else {
                meat.push(plan.some(2 * plan.per_case));
            }
        }
        let moment = at(10, 7, if self.number == 0 { 40 } else { 55 });
        let desk = story.desk(RETAILER);
        let shelf = |moment| {
            desk.object(moment, Action::Observe)
                .step("stocking", "sellable_accessible")
                .place(&place(RETAILER, self.store))
        };
        let events = vec![
            shelf(moment).things(&things).lots(&meat),
            shelf(moment.plus(12)).lots(&self.lettuce()),
        ];
        story.capture(RETAILER, events);
    }
}

fn mince_sales(story: &mut Story) {
    let sales = [
        (RIVERSIDE_STORE, at(10, 10, 12), 1, 1),
        (RIVERSIDE_STORE, at(10, 11, 47), 2, 2),
        (RIVERSIDE_STORE, at(10, 17, 31), 3, 6),
        (RIVERSIDE_STORE, at(10, 18, 22), SHOPPER_PACK, SHOPPER_PACK),
        (RIVERSIDE_STORE, at(10, 20, 45), SHOPPER_PACK + 1, SOLD_RIVERSIDE),
        (OLD_TOWN_STORE, at(10, 9, 58), 21, 21),
        (OLD_TOWN_STORE, at(10, 16, 20), 22, 24),
        (OLD_TOWN_STORE, at(10, 19, 40), 25, SOLD_OLD_TOWN),
    ];
    for (number, (store, moment, first, last)) in (48_101..).zip(sales) {
        let sale = story
            .desk(RETAILER)
            .object(moment, Action::Observe)
            .step("retail_selling", "retail_sold")
            .read_at(&place(RETAILER, store))
            .things(&mince_packs(first..=last))
            .document("inv", RETAILER, &format!("TILL-{number}"));
        story.capture(RETAILER, vec![sale]);
    }
}

fn other_sales(story: &mut Story) {
    for (store, minute) in [(RIVERSIDE_STORE, 0), (OLD_TOWN_STORE, 30)] {
        for (day, share) in [(10, 3), (11, 4)] {
            let meat: Vec<Amount> =
                pork::PALLETS[1..].iter().map(|plan| plan.some(plan.per_case / share)).collect();
            let greens: Vec<Amount> =
                (0..3).map(|run| lettuce::packs(run, LETTUCE_PER_STORE[run] / share)).collect();
            let desk = story.desk(RETAILER);
            let sold = |minutes, lots: &[Amount]| {
                desk.object(at(day, 21, minute).plus(minutes), Action::Observe)
                    .step("retail_selling", "retail_sold")
                    .read_at(&place(RETAILER, store))
                    .lots(lots)
            };
            let events = vec![sold(0, &meat), sold(5, &greens)];
            story.capture(RETAILER, events);
        }
    }
}
