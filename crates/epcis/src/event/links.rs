//! The event with every GS1 key as its canonical Digital Link.

use super::Event;
use crate::context::Prefixes;
use crate::identifier::Identifier;
use crate::json::{Json, Object};

/// Fields that hold identifiers: the field, and the field inside it where it holds objects.
const IDENTIFIERS: &[(&str, Option<&str>)] = &[
    ("parentID", None),
    ("transformationID", None),
    ("epcList", None),
    ("childEPCs", None),
    ("inputEPCList", None),
    ("outputEPCList", None),
    ("quantityList", Some("epcClass")),
    ("childQuantityList", Some("epcClass")),
    ("inputQuantityList", Some("epcClass")),
    ("outputQuantityList", Some("epcClass")),
    ("readPoint", Some("id")),
    ("bizLocation", Some("id")),
    ("bizTransactionList", Some("bizTransaction")),
    ("sourceList", Some("source")),
    ("destinationList", Some("destination")),
];

impl Event {
    /// The same event, its things, places, documents and parties named by GS1 Digital Links on
    /// `https://id.gs1.org` where they are GS1 keys. The Event Hash ID stays.
    #[must_use]
    pub fn with_digital_links(&self) -> Self {
        let mut json: Object = self.json.clone();
        for (field, inside) in IDENTIFIERS {
            let Some(value) = json.get_mut(field) else { continue };
            match value {
                Json::Array(items) => {
                    items.iter_mut().for_each(|item| link_in(item, *inside, &self.prefixes));
                }
                single => link_in(single, *inside, &self.prefixes),
            }
        }
        Self::from_valid(json, self.prefixes.clone()).expect("a valid event stays one")
    }
}

fn link_in(value: &mut Json, inside: Option<&str>, prefixes: &Prefixes) {
    let value = match (value, inside) {
        (Json::Object(object), Some(field)) => object.get_mut(field),
        (value, None) => Some(value),
        _ => None,
    };
    let Some(Json::String(text)) = value else { return };
    if let Ok(identifier) = Identifier::parse(&prefixes.expand(text))
        && identifier.is_gs1_key()
    {
        *text = identifier.into();
    }
}
