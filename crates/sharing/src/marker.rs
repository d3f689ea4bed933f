//! What stands in an event in place of a field that was sealed.
//!
//! ```json
//! "qiao:sealed": [{
//!   "qiao:field": "acme:price",
//!   "qiao:commitment": "ni:///sha-256;…",
//!   "rdfs:comment": ["1 01a7…", "3 0152…"]
//! }]
//! ```

use qiao_epcis::{Event, Json, Object};

use crate::{FIELDS_MAX, Field, READERS_MAX};

/// The namespace of our own fields.
pub(crate) const NAMESPACE: &str = "urn:qiao:sharing:";
/// The prefix of our own fields in the events that we write.
pub(crate) const PREFIX: &str = "qiao";
/// The field of the markers.
pub(crate) const SEALED: &str = "urn:qiao:sharing:sealed";
const FIELD: &str = "urn:qiao:sharing:field";
const COMMITMENT: &str = "urn:qiao:sharing:commitment";
/// Where envelopes stand: CBV leaves comments out of the Event Hash ID.
const COMMENT: &str = "rdfs:comment";

/// A field that was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marker {
    /// How the field was called.
    pub(crate) field: String,
    /// The commitment to what was taken out.
    pub(crate) commitment: [u8; 32],
    /// Readers, each with its envelope.
    pub(crate) envelopes: Vec<(u64, Vec<u8>)>,
}

/// Whether the text of an event may have something that is sealed; if not, it need not be read for it.
pub fn is_sealed(body: &str) -> bool {
    body.contains(NAMESPACE)
}

/// Whether an event shows a field that a marker in it says is sealed, as the answers to those who may read
/// it do. To capture it so would tell everybody.
pub fn shows_sealed(event: &Event) -> bool {
    let shows = |marker: Marker| {
        let field = Field::parse(&marker.field);
        field.is_ok_and(|field| !field.places(event.json(), event).is_empty())
    };
    markers(event).into_iter().any(shows)
}

/// The markers of an event. What is malformed is no marker; of more than there may be the first count. An
/// event that uses our prefix for something else has none.
pub(crate) fn markers(event: &Event) -> Vec<Marker> {
    if !has_our_prefix(event) {
        return Vec::new();
    }
    let own = event.json().iter().filter(|(name, _)| event.expanded(name) == SEALED);
    let listed = own.flat_map(|(_, value)| match value {
        Json::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    });
    listed.filter_map(|value| read(value.as_object()?, event)).take(FIELDS_MAX).collect()
}

/// Whether our prefix can stand for our namespace in an event: it does, or it stands for nothing.
pub(crate) fn has_our_prefix(event: &Event) -> bool {
    let name = format!("{PREFIX}:sealed");
    let expanded = event.expanded(&name);
    expanded == name || expanded == SEALED
}

fn read(object: &Object, event: &Event) -> Option<Marker> {
    let text = |wanted: &str| {
        let mut fields = object.iter().filter(|(name, _)| event.expanded(name) == wanted);
        fields.next().and_then(|(_, value)| value.as_str())
    };
    let field = text(FIELD)?.to_owned();
    let mut commitment = [0; 32];
    let digits = text(COMMITMENT)?.strip_prefix("ni:///sha-256;")?;
    hex::decode_to_slice(digits, &mut commitment).ok()?;
    let lines = object.array(COMMENT).iter().filter_map(Json::as_str);
    let envelope = |line: &str| {
        let (reader, sealed) = line.split_once(' ')?;
        Some((reader.parse().ok()?, hex::decode(sealed).ok()?))
    };
    let envelopes = lines.filter_map(envelope).take(READERS_MAX).collect();
    Some(Marker { field, commitment, envelopes })
}

/// A commitment as text.
pub(crate) fn commitment_text(commitment: &[u8; 32]) -> String {
    format!("ni:///sha-256;{}", hex::encode(commitment))
}

impl Marker {
    /// As it stands in an event on the chain.
    pub(crate) fn on_chain(&self) -> Json {
        let line = |(reader, sealed): &(u64, Vec<u8>)| {
            Json::String(format!("{reader} {}", hex::encode(sealed)))
        };
        self.with_comment(Json::Array(self.envelopes.iter().map(line).collect()))
    }

    /// As it is shown: words in place of the envelopes. The Event Hash ID does not depend on them.
    pub(crate) fn shown(&self, words: String) -> Json {
        self.with_comment(Json::String(words))
    }

    /// The readers.
    pub(crate) fn readers(&self) -> Vec<u64> {
        self.envelopes.iter().map(|(reader, _)| *reader).collect()
    }

    fn with_comment(&self, comment: Json) -> Json {
        let mut object = Object::default();
        object.push(format!("{PREFIX}:field"), Json::String(self.field.clone()));
        let commitment = Json::String(commitment_text(&self.commitment));
        object.push(format!("{PREFIX}:commitment"), commitment);
        object.push(COMMENT.to_owned(), comment);
        Json::Object(object)
    }
}

/// Puts markers into the body of an event that has none.
pub(crate) fn put(body: &mut Object, markers: Vec<Json>) {
    body.push(format!("{PREFIX}:sealed"), Json::Array(markers));
}
