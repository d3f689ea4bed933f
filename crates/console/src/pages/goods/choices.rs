//! What people choose by name instead of typing its number: places, parties and products.

use std::collections::BTreeMap;

use maud::{Markup, html};
use qiao_api::goods::{self, Drawer};
use qiao_goods::{Place, import::Stage};
use qiao_indexer::{PageRequest, Resource};

use crate::console::{Console, Trouble};

/// Places of the chain that are looked at.
const PLACES_MAX: u32 = 500;

/// The list of places and parties, for fields that take a GLN.
pub(crate) const PLACES: &str = "known-places";
/// The list of products, for fields that take a GTIN.
pub(crate) const PRODUCTS: &str = "known-products";

/// Names by number, as a browser offers them.
pub(crate) async fn lists(console: &Console) -> Result<Markup, Trouble> {
    let (places, products) = (places(console).await?, products(console));
    let list = |id: &str, names: &BTreeMap<String, String>| {
        html! { datalist id=(id) { @for (number, name) in names { option value=(number) { (name) } } } }
    };
    Ok(html! { (list(PLACES, &places)) (list(PRODUCTS, &products)) })
}

/// Places that events or this member name, and the members themselves, by GLN.
async fn places(console: &Console) -> Result<BTreeMap<String, String>, Trouble> {
    let mut names = BTreeMap::new();
    for organisation in console.chain.index().organisations().await? {
        names.extend(organisation.gln.map(|gln| (gln, organisation.name)));
    }
    let page = PageRequest { token: None, limit: PLACES_MAX };
    for resource in [Resource::BizLocations, Resource::ReadPoints] {
        for id in console.chain.index().resources(resource, &page).await?.items {
            let Some(gln) = id.strip_prefix("https://id.gs1.org/414/") else { continue };
            if !gln.contains('/') {
                names.insert(gln.to_owned(), console.labels.place(&id));
            }
        }
    }
    if let Some(cabinet) = console.chain.cabinet() {
        for gln in cabinet.names(Drawer::Places) {
            let place: Option<Place> = cabinet.get(Drawer::Places, &gln);
            names.extend(place.map(|place| (gln, place.name)));
        }
    }
    Ok(names)
}

/// Products that this member names, by GTIN; on a chain with the sample trade also those of the trade.
fn products(console: &Console) -> BTreeMap<String, String> {
    let own = console.chain.cabinet().map(goods::products).unwrap_or_default();
    let own = own.into_iter().map(|(gtin, product)| (gtin, product.name));
    console.labels.sample_products().chain(own).collect()
}

/// What happened, as people say it.
pub(crate) fn title(stage: Stage) -> &'static str {
    match stage {
        Stage::Commission => "Made or harvested",
        Stage::Aggregate => "Packed",
        Stage::Ship => "Shipped",
        Stage::Receive => "Received",
        Stage::Transform => "Processed",
        Stage::Inspect => "Inspected",
        Stage::Sell => "Sold",
    }
}
