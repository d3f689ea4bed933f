//! Showing a third party what was sealed, so that it can check it against the chain.

use qiao_epcis::{Event, EventHash, Json, Limits, Object};

use crate::{
    Keyring,
    envelope::Content,
    marker::{self, Marker},
    view,
};

/// What was sealed in a field, with what it takes to check it against the commitment on the chain. Whoever
/// has it can show it to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    event: EventHash,
    field: String,
    content: Content,
}

/// Why a disclosure does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// It is no disclosure.
    #[error("it is no disclosure: expected `event`, `field`, `salt` and `values`")]
    Malformed,
    /// It is about another event.
    #[error("it is about event `{0}`")]
    OtherEvent(EventHash),
    /// The event commits to something else.
    #[error("the event does not commit to these values of `{0}`")]
    NotCommitted(String),
}

/// What was sealed in a field for a reader; `None` where it may not read it, or cannot.
pub fn disclose(
    event: &Event,
    author: u64,
    reader: (u64, &Keyring),
    field: &str,
) -> Option<Disclosure> {
    let markers = marker::markers(event);
    let wanted = event.expanded(field);
    let mut own = markers.iter().filter(|marker| event.expanded(&marker.field) == wanted);
    own.find_map(|marker| {
        let content = view::open(event, author, marker, reader)?;
        Some(Disclosure { event: event.hash(), field: wanted.clone().into_owned(), content })
    })
}

impl Disclosure {
    /// The event that commits to it.
    pub fn event(&self) -> EventHash {
        self.event
    }

    /// The field, its prefix written out.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The values, each with the place in the event where it was.
    pub fn values(&self) -> Vec<(String, String)> {
        let values = self.content.values().into_iter();
        values.map(|(place, value)| (place, value.to_string())).collect()
    }

    /// Its file.
    pub fn to_json(&self) -> String {
        let text = |text: String| Json::String(text);
        let mut file = Object::default();
        file.push("event".to_owned(), text(self.event.to_string()));
        file.push("field".to_owned(), text(self.field.clone()));
        file.push("salt".to_owned(), text(hex::encode(self.content.salt)));
        let values = self.content.object();
        file.push("values".to_owned(), values.map_or(Json::Null, Json::Object));
        file.to_string()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`DisclosureError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DisclosureError> {
        let wrong = DisclosureError::Malformed;
        let Ok(Json::Object(file)) = Json::parse(bytes, &Limits::EVENT) else { return Err(wrong) };
        let mut salt = [0; 32];
        let read = |salt: &mut [u8; 32]| {
            hex::decode_to_slice(file.str("salt")?, salt).ok()?;
            let event = file.str("event")?.parse().ok()?;
            let values = file.get("values")?.as_object()?.to_string();
            Some((event, file.str("field")?.to_owned(), values))
        };
        let (event, field, text) = read(&mut salt).ok_or(wrong)?;
        Ok(Self { event, field, content: Content { salt, text } })
    }

    /// Checks it against the event as it stands on the chain.
    ///
    /// # Errors
    /// It is about another event, or not what the event commits to.
    pub fn check(&self, event: &Event) -> Result<(), DisclosureError> {
        if event.hash() != self.event {
            return Err(DisclosureError::OtherEvent(self.event));
        }
        let commitment = self.content.commitment(&self.field);
        let commits = |marker: &Marker| {
            event.expanded(&marker.field) == self.field && marker.commitment == commitment
        };
        match marker::markers(event).iter().any(commits) {
            true => Ok(()),
            false => Err(DisclosureError::NotCommitted(self.field.clone())),
        }
    }
}
