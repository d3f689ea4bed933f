//! Names for identifiers: products, places and parties as people call them.

use std::{collections::BTreeMap, sync::Arc};

use qiao_api::{Chain, goods};

const GS1: &str = "https://id.gs1.org/";

/// Names by canonical identifier.
///
/// The members' names come from the genesis, those of products from what the node's member says of them.
/// The names of the sample trade are always known: its identifiers lie under a prefix that no real company
/// has.
pub(crate) struct Labels {
    chain: Arc<dyn Chain>,
    names: BTreeMap<String, String>,
}

/// What people call a thing, and what tells it from others of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// `Minced pork 1 kg`, or the kind of key.
    pub(crate) kind: String,
    /// `lot M0318`, `no. M0318-007`, or the number.
    pub(crate) number: String,
}

impl Labels {
    pub(crate) fn of(chain: Arc<dyn Chain>) -> Self {
        let mut names: BTreeMap<String, String> =
            qiao_sample::labels().into_iter().map(|(id, name)| (id, name.to_owned())).collect();
        for organisation in &chain.genesis().organisations {
            let Some(gln) = &organisation.gln else { continue };
            names.insert(format!("{GS1}417/{gln}"), organisation.name.clone());
            names.entry(format!("{GS1}414/{gln}")).or_insert_with(|| organisation.name.clone());
        }
        Self { names, chain }
    }

    /// The products of the sample trade, by GTIN; none on another chain.
    pub(crate) fn sample_products(&self) -> impl Iterator<Item = (String, String)> {
        let glns: Vec<String> = qiao_sample::parties().iter().map(|party| party.gln()).collect();
        let is_own = |gln: &Option<String>| gln.as_ref().is_some_and(|gln| glns.contains(gln));
        let is_sample = self.chain.genesis().organisations.iter().any(|one| is_own(&one.gln));
        let products = self.names.iter().filter(move |_| is_sample).filter_map(|(id, name)| {
            let gtin = id.strip_prefix(GS1)?.strip_prefix("01/")?;
            (!gtin.contains('/')).then(|| (gtin.to_owned(), name.clone()))
        });
        products.collect::<Vec<_>>().into_iter()
    }

    /// The name of a place or party; the identifier's own words where there is none.
    pub(crate) fn place(&self, id: &str) -> String {
        if let Some(place) = goods::place(&*self.chain, id) {
            return place.name;
        }
        if let Some(name) = self.names.get(id) {
            return name.clone();
        }
        if let Some(coordinates) = id.strip_prefix("geo:") {
            return format!("Position {}", coordinates.replace(',', ", "));
        }
        match id.strip_prefix(GS1).and_then(|path| path.split_once('/')) {
            Some(("414" | "417", gln)) => format!("GLN {gln}"),
            _ => id.to_owned(),
        }
    }

    /// The name of a place or party with its address, where it is known.
    pub(crate) fn address(&self, id: &str) -> String {
        match goods::place(&*self.chain, id) {
            Some(place) => place.line(),
            None => self.place(id),
        }
    }

    /// The name of a thing or lot.
    pub(crate) fn thing(&self, id: &str) -> Name {
        let name = |kind: &str, number: String| Name { kind: kind.to_owned(), number };
        let is_product = id.starts_with("https://id.gs1.org/01/");
        if let Some(own) = self.names.get(id).filter(|_| !is_product) {
            return Name { kind: own.clone(), number: String::new() };
        }
        let Some(path) = id.strip_prefix(GS1) else { return name("Item", id.to_owned()) };
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["01", gtin, rest @ ..] => {
                let product = self.product(id, gtin);
                let number = match rest {
                    ["10", lot] => format!("lot {lot}"),
                    ["21", serial] => format!("no. {serial}"),
                    ["10", lot, "21", serial] => format!("lot {lot}, no. {serial}"),
                    other => other.join("/"),
                };
                Name { kind: product, number }
            }
            ["00", sscc] => name("Case or pallet", (*sscc).to_owned()),
            ["8003", grai] => name("Roll cage", grai.get(14..).unwrap_or(grai).to_owned()),
            ["8004", asset] => name("Asset", (*asset).to_owned()),
            ["414" | "417", ..] => name(&self.place(id), String::new()),
            _ => name("Item", path.to_owned()),
        }
    }

    fn product(&self, id: &str, gtin: &str) -> String {
        let own = goods::product(&*self.chain, id).map(|product| product.name);
        let known = own.or_else(|| self.names.get(&format!("{GS1}01/{gtin}")).cloned());
        known.unwrap_or_else(|| format!("GTIN {gtin}"))
    }

    /// The name of a thing in one line.
    pub(crate) fn line(&self, id: &str) -> String {
        let name = self.thing(id);
        if name.number.is_empty() { name.kind } else { format!("{}, {}", name.kind, name.number) }
    }
}
