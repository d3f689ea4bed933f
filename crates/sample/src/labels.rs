//! Names for people: what products, places, parties and vehicles are called.

use std::collections::BTreeMap;

use crate::{keys::Key, parties, products, story};

/// Names by canonical identifier: products (GTIN), places (GLN), parties and vehicles.
///
/// A pack, a lot or a numbered item has the name of its product: look up the part of its
/// identifier before `/10/` or `/21/`.
pub fn labels() -> BTreeMap<String, &'static str> {
    let mut labels = BTreeMap::new();
    for product in products::ALL {
        labels.insert(product.canonical(), product.name);
    }
    for party in parties::ALL {
        labels.insert(party.party_id(), party.name);
        labels.insert(Key::Place(party.company_prefix, 0).canonical(), party.name);
        for (i, place) in party.places.iter().enumerate() {
            labels.insert(party.place_id(i), place.name);
        }
    }
    for (vehicle, name) in story::VEHICLES {
        labels.insert(story::vehicle(vehicle).canonical(), *name);
    }
    labels
}
