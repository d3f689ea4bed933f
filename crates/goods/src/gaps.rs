//! What is missing in the events of suppliers, and how much is covered by category.

use std::collections::{BTreeMap, BTreeSet};

use qiao_epcis::{EventKind, ItemRole};
use serde::Serialize;

use crate::{
    Product, Recorded,
    fsma::{self, Describe},
    names, product_of,
};

/// What one event does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The organisation that recorded it.
    pub party: String,
    /// The Event Hash ID.
    pub event: String,
    /// When it happened, in milliseconds since the Unix epoch.
    pub time_ms: i64,
    /// The offset of local time there.
    pub time_zone: String,
    /// The business step, or the type of the event.
    pub step: String,
    /// Canonical identifier of the first thing in it.
    pub thing: String,
    /// What is missing.
    pub missing: Vec<String>,
}

/// One organisation's events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Supplier {
    /// Its name.
    pub party: String,
    /// Events that it recorded.
    pub events: usize,
    /// Those that tell all that is asked.
    pub complete: usize,
    /// What is missing how often, most often first.
    pub missing: Vec<(String, usize)>,
}

/// One category of products.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Category {
    /// Its name.
    pub name: String,
    /// Products of which something was recorded.
    pub products: usize,
    /// Lots of which something was recorded.
    pub lots: usize,
    /// Lots of which the beginning is recorded: harvested, made or numbered.
    pub lots_with_origin: usize,
    /// Events about its products.
    pub events: usize,
    /// Those that tell all that is asked.
    pub complete: usize,
}

/// Gaps, and what they come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Events that were looked at.
    pub events: usize,
    /// By supplier, the one with the most gaps first.
    pub suppliers: Vec<Supplier>,
    /// By category, in order of name.
    pub categories: Vec<Category>,
    /// The events with gaps, newest first.
    pub gaps: Vec<Gap>,
}

/// What one category's events come to, while they are counted.
#[derive(Default)]
struct Count {
    products: BTreeSet<String>,
    lots: BTreeSet<String>,
    origins: BTreeSet<String>,
    events: usize,
    complete: usize,
}

/// Looks for gaps. Of every event CBV's dimensions are asked: what, when, where, why; of products on the
/// Food Traceability List also the key data elements of FSMA 204.
pub fn coverage(
    events: &[Recorded],
    names: &dyn Describe,
    product: &dyn Fn(&str) -> Option<Product>,
) -> Coverage {
    let listed = listed_gaps(events, names, product);
    let mut coverage = Coverage::default();
    let mut suppliers: BTreeMap<String, (Supplier, BTreeMap<String, usize>)> = BTreeMap::new();
    let mut categories: BTreeMap<String, Count> = BTreeMap::new();
    for one in events.iter().filter(|one| !one.is_withdrawn) {
        let mut missing: Vec<String> = plain_gaps(one).into_iter().map(str::to_owned).collect();
        for more in listed.get(&one.hash()).into_iter().flatten() {
            if !missing.contains(more) {
                missing.push(more.clone());
            }
        }
        coverage.events += 1;
        let party = one.party_name.clone().unwrap_or_else(|| format!("organisation {}", one.party));
        let (supplier, counts) = suppliers.entry(party.clone()).or_default();
        supplier.party.clone_from(&party);
        supplier.events += 1;
        supplier.complete += usize::from(missing.is_empty());
        for what in &missing {
            *counts.entry(what.clone()).or_default() += 1;
        }
        count_category(&mut categories, one, missing.is_empty(), product);
        if !missing.is_empty() {
            coverage.gaps.push(gap(one, party, missing));
        }
    }
    coverage.suppliers = suppliers
        .into_values()
        .map(|(supplier, counts)| {
            let mut missing: Vec<(String, usize)> = counts.into_iter().collect();
            missing.sort_by_key(|(what, count)| (usize::MAX - count, what.clone()));
            Supplier { missing, ..supplier }
        })
        .collect();
    coverage
        .suppliers
        .sort_by_key(|one| (usize::MAX - (one.events - one.complete), one.party.clone()));
    coverage.categories = categories.into_iter().map(|(name, count)| count.finish(name)).collect();
    coverage.gaps.sort_by_key(|gap| (-gap.time_ms, gap.event.clone()));
    coverage
}

impl Count {
    fn finish(self, name: String) -> Category {
        Category {
            name,
            products: self.products.len(),
            lots: self.lots.len(),
            lots_with_origin: self.lots.intersection(&self.origins).count(),
            events: self.events,
            complete: self.complete,
        }
    }
}

fn gap(one: &Recorded, party: String, missing: Vec<String>) -> Gap {
    let event = &one.event;
    Gap {
        party,
        event: one.hash(),
        time_ms: event.event_time_ms(),
        time_zone: event.time_zone_offset().to_owned(),
        step: event.biz_step().unwrap_or_else(|| event.kind().as_str()).to_owned(),
        thing: event.items().first().map(|item| item.id.to_string()).unwrap_or_default(),
        missing,
    }
}

fn count_category(
    categories: &mut BTreeMap<String, Count>,
    one: &Recorded,
    is_complete: bool,
    product: &dyn Fn(&str) -> Option<Product>,
) {
    let mut counted = BTreeSet::new();
    for item in one.event.items() {
        let id = item.id.as_str();
        if names::part(id, "01").is_none() {
            continue;
        }
        let known = product(id);
        let name =
            known.and_then(|known| known.category).unwrap_or_else(|| "No category".to_owned());
        let count = categories.entry(name.clone()).or_default();
        if counted.insert(name) {
            count.events += 1;
            count.complete += usize::from(is_complete);
        }
        count.products.insert(product_of(id).to_owned());
        if names::part(id, "10").is_some() {
            count.lots.insert(id.to_owned());
            let is_new = item.role == ItemRole::Output
                || item.role == ItemRole::Object
                    && one.event.action() == Some(qiao_epcis::Action::Add);
            if is_new {
                count.origins.insert(id.to_owned());
            }
        }
    }
}

/// What FSMA 204 asks of products on the list and the events do not tell, by event.
fn listed_gaps(
    events: &[Recorded],
    names: &dyn Describe,
    product: &dyn Fn(&str) -> Option<Product>,
) -> BTreeMap<String, Vec<String>> {
    let items = events.iter().flat_map(|one| one.event.items());
    let lots: BTreeSet<String> = items
        .map(|item| item.id.to_string())
        .filter(|id| names::part(id, "10").is_some())
        .filter(|id| product(id).is_some_and(|product| product.is_listed))
        .collect();
    let mut gaps: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in fsma::rows(events, &lots, names) {
        let missing = row.missing.iter().map(|what| (*what).to_owned());
        gaps.entry(row.event).or_default().extend(missing);
    }
    gaps
}

/// What an event does not tell, by the dimensions of CBV.
fn plain_gaps(one: &Recorded) -> Vec<&'static str> {
    let event = &one.event;
    let mut missing = Vec::new();
    let mut ask = |is_there: bool, what: &'static str| {
        if !is_there {
            missing.push(what);
        }
    };
    ask(event.biz_step().is_some(), "business step");
    ask(event.disposition().is_some(), "disposition");
    // A judgement about a lot happens nowhere in particular.
    let is_seen = !matches!(event.biz_step(), Some("holding" | "inspecting"));
    ask(
        event.read_point().is_some() || !is_seen || event.kind() == EventKind::Transaction,
        "read point",
    );
    let is_handed = matches!(event.biz_step(), Some("shipping" | "receiving"));
    if is_handed {
        ask(!event.sources().is_empty(), "source");
        ask(!event.destinations().is_empty(), "destination");
        ask(!event.biz_transactions().is_empty(), "reference document");
    }
    let is_class_alone = |id: &str| names::part(id, "01").is_some() && product_of(id) == id;
    ask(!event.items().iter().any(|item| is_class_alone(item.id.as_str())), "lot or serial number");
    let is_moved =
        is_handed || matches!(event.kind(), EventKind::Transformation | EventKind::Aggregation);
    let is_counted =
        event.items().iter().all(|item| !item.id.is_class() || item.quantity.is_some());
    ask(is_counted || !is_moved, "quantity");
    missing
}
