//! What quality assurance watches: temperatures out of bounds, and lots that are held back or recalled.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    Product, Recorded,
    fsma::Contents,
    journey::{Line, Reading, Standing, readings},
};

/// A temperature that was not within the bounds of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ColdAlert {
    /// Canonical identifier of the lot or item, or of the case or pallet that it is in.
    pub thing: String,
    /// Canonical identifiers of the products in it to which the bound belongs, by lot or item.
    pub lots: Vec<String>,
    /// The reading that is farthest out.
    pub worst: Reading,
    /// The bound in thousandths of a degree Celsius.
    pub limit_milli_celsius: i64,
    /// Readings of the event that are out, and readings in all.
    pub outside: usize,
    /// Readings of the event.
    pub readings: usize,
    /// Canonical identifier of the place.
    pub place: Option<String>,
    /// The organisation that recorded it.
    pub party: Option<String>,
    /// The Event Hash ID.
    pub event: String,
}

/// A thing that is held back, or about which somebody raised an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// Canonical identifier of the thing.
    pub thing: String,
    /// What is said of it.
    pub standing: Standing,
}

/// Temperatures out of bounds, newest first. What is in a case or pallet has the bounds of its products.
pub fn cold_alerts(
    events: &[Recorded],
    product: &dyn Fn(&str) -> Option<Product>,
) -> Vec<ColdAlert> {
    let mut told: Vec<&Recorded> = events.iter().filter(|one| !one.is_withdrawn).collect();
    told.sort_by_key(|one| (one.event.event_time_ms(), one.block));
    let contents = Contents::of(&told);
    let mut alerts = Vec::new();
    for one in &told {
        let measured = readings(&one.event);
        if measured.is_empty() {
            continue;
        }
        for item in one.event.items() {
            let id = item.id.as_str();
            let lots = contents.lot_ids(id, one.event.event_time_ms());
            if let Some(alert) = alert(one, id, &lots, &measured, product) {
                alerts.push(alert);
            }
        }
    }
    alerts.sort_by_key(|alert| (-alert.worst.time_ms, alert.thing.clone()));
    alerts
}

fn alert(
    one: &Recorded,
    id: &str,
    lots: &[String],
    measured: &[Reading],
    product: &dyn Fn(&str) -> Option<Product>,
) -> Option<ColdAlert> {
    let mut found: Option<(i64, Reading, i64, usize)> = None;
    let mut concerned = BTreeSet::new();
    for lot in lots {
        let Some(known) = product(lot) else { continue };
        let excess = |value: i64| -> Option<(i64, i64)> {
            let above = known.max_milli_celsius.map(|max| (value - max, max));
            let below = known.min_milli_celsius.map(|min| (min - value, min));
            above.into_iter().chain(below).filter(|(excess, _)| *excess > 0).max()
        };
        let outside: Vec<(i64, i64, &Reading)> = measured
            .iter()
            .filter_map(|reading| excess(reading.milli_celsius).map(|(by, at)| (by, at, reading)))
            .collect();
        let Some((by, limit, reading)) = outside.iter().max_by_key(|(by, ..)| *by) else {
            continue;
        };
        concerned.insert(lot.clone());
        if found.as_ref().is_none_or(|(known, ..)| known < by) {
            found = Some((*by, (*reading).clone(), *limit, outside.len()));
        }
    }
    found.map(|(_, worst, limit_milli_celsius, outside)| ColdAlert {
        thing: id.to_owned(),
        lots: concerned.into_iter().collect(),
        worst,
        limit_milli_celsius,
        outside,
        readings: measured.len(),
        place: one.place().map(str::to_owned),
        party: one.party_name.clone(),
        event: one.hash(),
    })
}

/// Things against which something speaks now, the latest word first.
pub fn held(events: &[Recorded]) -> Vec<Held> {
    let mut by_thing: BTreeMap<&str, Vec<&Recorded>> = BTreeMap::new();
    let mut told: Vec<&Recorded> = events.iter().filter(|one| !one.is_withdrawn).collect();
    told.sort_by_key(|one| (one.event.event_time_ms(), one.block));
    for one in told {
        for item in one.event.items() {
            by_thing.entry(item.id.as_str()).or_default().push(one);
        }
    }
    let mut held: Vec<Held> = by_thing
        .into_iter()
        .map(|(thing, events)| {
            let line = Line { goods: [thing.to_owned()].into(), ..Line::default() };
            Held { thing: thing.to_owned(), standing: Standing::of(&events, &line.goods) }
        })
        .filter(|held| !held.standing.is_clear())
        .collect();
    held.sort_by_key(|held| (-since(&held.standing), held.thing.clone()));
    held
}

fn since(standing: &Standing) -> i64 {
    match standing {
        Standing::Clear => 0,
        Standing::Held { since_ms, .. } | Standing::Alarm { since_ms, .. } => *since_ms,
    }
}
