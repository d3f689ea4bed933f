//! Gaps, cold-chain alerts and holds.

use super::trade;
use crate::{Product, fsma::Describe, gaps::coverage, watch};

struct Plain;

impl Describe for Plain {
    fn product(&self, id: &str) -> String {
        id.to_owned()
    }

    fn place(&self, id: &str) -> String {
        id.to_owned()
    }
}

/// Pork and lettuce are kept at 5 °C at most; lettuce is on the list.
fn product(id: &str) -> Option<Product> {
    let is_meat = id.contains("/01/09521002");
    let is_salad = id.contains("/01/09521003") || id.contains("/01/0952101");
    (is_meat || is_salad).then(|| Product {
        name: "Food".to_owned(),
        category: Some(if is_meat { "Meat" } else { "Salad" }.to_owned()),
        max_milli_celsius: Some(5_000),
        min_milli_celsius: None,
        is_listed: is_salad,
    })
}

#[test]
fn a_warm_truck_raises_an_alert_for_the_lots_on_it() {
    let alerts = watch::cold_alerts(&trade(), &product);
    let pallet = alerts.iter().find(|alert| alert.thing.contains("/00/")).unwrap();
    assert_eq!((pallet.worst.milli_celsius, pallet.limit_milli_celsius), (5_800, 5_000));
    assert_eq!((pallet.outside, pallet.readings), (1, 3));
    assert!(pallet.lots.iter().all(|lot| lot.contains("/10/")), "{pallet:?}");
    assert_eq!(pallet.party.as_deref(), Some("Northwind Cold Chain"));
    assert!(watch::cold_alerts(&trade(), &|_| None).is_empty());
}

#[test]
fn what_is_recalled_or_held_is_listed() {
    let held = watch::held(&trade());
    let lot = held.iter().find(|held| held.thing.ends_with("/10/M0318")).unwrap();
    assert!(serde_json::to_string(lot).unwrap().contains("recalled"));
    assert!(!held.iter().any(|held| held.thing.contains("09521003")), "salad was never held");
}

#[test]
fn gaps_are_counted_by_supplier_and_category() {
    let events = trade();
    let coverage = coverage(&events, &Plain, &product);
    let categories: Vec<&str> = coverage.categories.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(categories, ["Meat", "No category", "Salad"]);
    let salad = &coverage.categories[2];
    assert!(salad.lots > 3 && salad.lots_with_origin == salad.lots, "{salad:?}");
    let total: usize = coverage.suppliers.iter().map(|one| one.events).sum();
    assert_eq!(total, coverage.events);
    let incomplete: usize = coverage.suppliers.iter().map(|one| one.events - one.complete).sum();
    assert_eq!(incomplete, coverage.gaps.len());
    assert!(coverage.gaps.iter().all(|gap| !gap.missing.is_empty() && !gap.party.is_empty()));
    assert!(coverage.gaps.windows(2).all(|pair| pair[0].time_ms >= pair[1].time_ms));
}
