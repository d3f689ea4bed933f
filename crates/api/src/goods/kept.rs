//! Links and products, as the cabinet has them.

use qiao_goods::{
    GS1, Place, Product,
    fsma::Describe,
    links::{Link, anchors},
};

use super::{Cabinet, Drawer};
use crate::Chain;

/// The links of a thing: its own, then those of what it is a part of. Only the nearest default counts.
pub fn links_of(chain: &dyn Chain, id: &str) -> Vec<Link> {
    let Some(cabinet) = chain.cabinet() else { return Vec::new() };
    let mut links: Vec<Link> = Vec::new();
    for anchor in anchors(id) {
        let has_default = links.iter().any(|link| link.is_default);
        let kept: Vec<Link> = cabinet.get(Drawer::Links, &anchor).unwrap_or_default();
        links.extend(
            kept.into_iter()
                .map(|link| Link { is_default: link.is_default && !has_default, ..link }),
        );
    }
    links
}

/// What this node's member says of the product of a thing.
pub fn product(chain: &dyn Chain, id: &str) -> Option<Product> {
    let gtin = gtin_of(id)?;
    chain.cabinet()?.get(Drawer::Products, gtin)
}

/// Every product that this node's member describes, by GTIN.
pub fn products(cabinet: &Cabinet) -> Vec<(String, Product)> {
    let names = cabinet.names(Drawer::Products).into_iter();
    names.filter_map(|gtin| Some((gtin.clone(), cabinet.get(Drawer::Products, &gtin)?))).collect()
}

/// What this node's member says of a place or party.
pub fn place(chain: &dyn Chain, id: &str) -> Option<Place> {
    let path = id.strip_prefix(GS1)?;
    let gln = path.strip_prefix("414/").or_else(|| path.strip_prefix("417/"))?;
    chain.cabinet()?.get(Drawer::Places, gln.split('/').next()?)
}

/// Names as this node knows them: the member's own words, then those of the genesis file.
pub struct Names<'a>(pub &'a dyn Chain);

impl Describe for Names<'_> {
    fn product(&self, id: &str) -> String {
        let known = product(self.0, id).map(|product| product.name);
        known.unwrap_or_else(|| match gtin_of(id) {
            Some(gtin) => format!("GTIN {gtin}"),
            None => id.to_owned(),
        })
    }

    fn place(&self, id: &str) -> String {
        if let Some(known) = place(self.0, id) {
            return known.line();
        }
        let gln = id.strip_prefix(GS1).and_then(|path| path.split('/').nth(1));
        let organisations = &self.0.genesis().organisations;
        let own = organisations.iter().find(|one| one.gln.as_deref() == gln && gln.is_some());
        match (own, gln) {
            (Some(organisation), _) => organisation.name.clone(),
            (None, Some(gln)) => format!("GLN {gln}"),
            (None, None) => id.to_owned(),
        }
    }
}

/// The GTIN in a canonical identifier.
pub(crate) fn gtin_of(id: &str) -> Option<&str> {
    id.strip_prefix(GS1)?.strip_prefix("01/")?.split('/').next()
}
