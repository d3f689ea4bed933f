//! The fields of an event that can be sealed or hidden, by name.

use qiao_epcis::{Event, Json, Object};

use crate::{marker, places::Place};

/// A field, or several that belong together, as people name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// How much there was: quantities and their units, not what of.
    Quantity,
    /// A field of the standard.
    Standard(&'static str),
    /// An extension wherever it stands, by its name with a prefix or as a URI.
    Extension(String),
    /// Everything that an event can be without: all but its type, times, action and the things in it.
    All,
}

/// A text that names no field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no field: `all`, `quantity`, {words}, or an extension as `prefix:name`", words = words())]
pub struct FieldError(String);

/// The words for fields of the standard, and the fields.
const STANDARD: [(&str, &str); 11] = [
    ("source", "sourceList"),
    ("destination", "destinationList"),
    ("bizTransaction", "bizTransactionList"),
    ("sensor", "sensorElementList"),
    ("readPoint", "readPoint"),
    ("bizLocation", "bizLocation"),
    ("bizStep", "bizStep"),
    ("disposition", "disposition"),
    ("persistentDisposition", "persistentDisposition"),
    ("certification", "certificationInfo"),
    ("ilmd", "ilmd"),
];

/// Lists of classes with quantities.
const QUANTITIES: [&str; 4] =
    ["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"];

/// What of an entry of those lists is its quantity.
const AMOUNT: [&str; 2] = ["quantity", "uom"];

/// What no event can be without, or what others find and correct it by.
const KEPT: [&str; 14] = [
    "@context",
    "type",
    "eventTime",
    "eventTimeZoneOffset",
    "recordTime",
    "eventID",
    "errorDeclaration",
    "action",
    "parentID",
    "epcList",
    "childEPCs",
    "inputEPCList",
    "outputEPCList",
    "transformationID",
];

fn words() -> String {
    STANDARD.map(|(word, _)| format!("`{word}`")).join(", ")
}

impl Field {
    /// The field that a text names.
    ///
    /// # Errors
    /// It names none.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let standard = STANDARD.iter().find(|(word, _)| *word == text);
        match (text, standard) {
            ("all", _) => Ok(Self::All),
            ("quantity", _) => Ok(Self::Quantity),
            (_, Some((word, _))) => Ok(Self::Standard(word)),
            (name, None) if is_extension(name) => Ok(Self::Extension(name.to_owned())),
            _ => Err(FieldError(text.chars().take(200).collect())),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::All => "all",
            Self::Quantity => "quantity",
            Self::Standard(word) => word,
            Self::Extension(name) => name,
        }
    }

    /// The word for a field of the standard; `None` for those that are never hidden, and extensions.
    pub(crate) fn of_standard(field: &str) -> Option<&'static str> {
        STANDARD.iter().find(|(_, known)| *known == field).map(|(word, _)| *word)
    }

    /// Whether a field is one that is never taken out of an event.
    pub(crate) fn is_kept(field: &str) -> bool {
        KEPT.contains(&field) || QUANTITIES.contains(&field)
    }

    /// Where it stands in an event. The names in the event mean what they mean in `event`.
    pub(crate) fn places(&self, body: &Object, event: &Event) -> Vec<Place> {
        let fields = || body.iter().map(|(name, _)| name);
        match self {
            Self::Quantity => amounts(body),
            Self::Standard(word) => {
                let own = STANDARD.iter().find(|(known, _)| known == word).map(|(_, field)| *field);
                fields().filter(|name| Some(*name) == own).map(Place::top).collect()
            }
            Self::Extension(name) => {
                let mut found = Vec::new();
                let wanted = event.expanded(name);
                extensions(
                    body,
                    &Place::default(),
                    &|name| event.expanded(name) == wanted,
                    &mut found,
                );
                found
            }
            Self::All => {
                let is_other =
                    |name: &&str| !Self::is_kept(name) && event.expanded(name) != marker::SEALED;
                let others = fields().filter(is_other).map(Place::top);
                others.chain(amounts(body)).collect()
            }
        }
    }
}

fn is_extension(name: &str) -> bool {
    let is_plain =
        !name.contains(|c: char| c.is_whitespace() || c.is_control() || "=;".contains(c));
    is_plain
        && name.split_once(':').is_some_and(|(prefix, rest)| !prefix.is_empty() && !rest.is_empty())
}

/// The quantities in an event.
pub(crate) fn amounts(body: &Object) -> Vec<Place> {
    let mut found = Vec::new();
    for list in QUANTITIES {
        for (nth, entry) in body.array(list).iter().enumerate() {
            let Some(entry) = entry.as_object() else { continue };
            let own = AMOUNT.iter().filter(|name| entry.get(name).is_some());
            found.extend(own.map(|name| Place::top(list).inside(&nth.to_string()).inside(name)));
        }
    }
    found
}

/// Fields whose name is wanted, anywhere in an object; inside of one that is, none is looked for.
pub(crate) fn extensions(
    object: &Object,
    at: &Place,
    is_wanted: &dyn Fn(&str) -> bool,
    found: &mut Vec<Place>,
) {
    for (name, value) in object.iter() {
        let place = at.inside(name);
        if name == "@context" {
            continue;
        } else if name.contains(':') && is_wanted(name) {
            found.push(place);
        } else {
            extensions_in(value, &place, is_wanted, found);
        }
    }
}

fn extensions_in(
    value: &Json,
    at: &Place,
    is_wanted: &dyn Fn(&str) -> bool,
    found: &mut Vec<Place>,
) {
    match value {
        Json::Object(object) => extensions(object, at, is_wanted, found),
        Json::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                extensions_in(item, &at.inside(&nth.to_string()), is_wanted, found);
            }
        }
        _ => {}
    }
}
