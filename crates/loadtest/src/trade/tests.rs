//! The trade is what it says: events that the chain takes, nothing lost, the same from the same seed.

use std::collections::{BTreeMap, BTreeSet};

use qiao_epcis::{Event, ItemRole, Limits};

use super::*;

fn all(trade: &Trade) -> Vec<Told> {
    (0..trade.days()).flat_map(|day| trade.day(day)).collect()
}

fn parsed(told: &Told) -> Event {
    Event::parse(told.body.as_bytes(), &Limits::EVENT)
        .unwrap_or_else(|problems| panic!("{problems:?} in {}", told.body))
}

#[test]
fn every_event_is_valid_and_no_two_are_the_same() {
    let trade = Trade::of(8_000, 1);
    let told = all(&trade);
    assert_eq!(told.len() as u64, trade.events());
    let hashes: BTreeSet<_> = told.iter().map(|told| parsed(told).hash().0).collect();
    assert_eq!(hashes.len(), told.len());
}

#[test]
fn the_same_seed_tells_the_same_and_another_seed_another() {
    let events = |seed| all(&Trade::of(1_000, seed));
    assert_eq!(events(7), events(7));
    assert_ne!(events(7), events(8));
}

#[test]
fn what_happens_later_is_told_later() {
    let told = all(&Trade::of(60_000, 1));
    let mut latest = BTreeMap::new();
    for told in &told {
        let event = parsed(told);
        for item in event.items().iter().filter(|item| item.id.is_class()) {
            let before = latest.insert(item.id.as_str().to_owned(), event.event_time_ms());
            assert!(before.is_none_or(|before| before <= event.event_time_ms()), "{}", told.body);
        }
    }
}

#[test]
fn lots_are_neither_gained_nor_lost_on_their_way() {
    let trade = Trade::of(EVENTS_PER_RUN, 3);
    let run = trade.run(0);
    let mut sums: BTreeMap<(String, ItemRole, String), u64> = BTreeMap::new();
    for told in all(&trade) {
        let event = parsed(&told);
        for item in event.items() {
            let step = event.biz_step().unwrap_or_default().to_owned();
            let amount = item.quantity.as_deref().map_or(1, |text| text.parse().unwrap());
            *sums.entry((item.id.as_str().to_owned(), item.role, step)).or_default() += amount;
        }
    }
    let sum = |id: &str, role, step: &str| sums[&(id.to_owned(), role, step.to_owned())];
    for raw in &run.raw {
        let made = sum(raw, ItemRole::Object, "commissioning");
        assert_eq!(made, sum(raw, ItemRole::Input, "creating_class_instance"));
        assert_eq!(made, sum(raw, ItemRole::Object, "receiving"));
    }
    let made = sum(&run.product, ItemRole::Output, "creating_class_instance");
    assert_eq!(made, sum(&run.product, ItemRole::Object, "retail_selling"));
    assert_eq!(2 * made, sum(&run.product, ItemRole::Child, "packing"));
    assert_eq!(2 * made, sum(&run.product, ItemRole::Child, "unpacking"));
}
