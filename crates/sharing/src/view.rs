//! An event as one member may read it.

use qiao_epcis::{Event, Json, Limits, Object};

use crate::{
    Field, Keyring,
    envelope::{Binding, Content},
    marker::{self, Marker},
    places::Place,
    seal::{body_of, declare, declared},
};

/// What became of a sealed field at this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It was opened and put back in its place.
    Opened,
    /// It is for others.
    Closed,
    /// It is for this member, but no key fits, or what is in it is not what the event commits to.
    Spoiled,
}

impl State {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Spoiled => "spoiled",
        }
    }
}

/// A sealed field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedField {
    /// How it was called.
    pub field: String,
    /// The commitment on the chain: `ni:///sha-256;…`.
    pub commitment: String,
    /// Who sealed it: the organisation for which the event was captured.
    pub author: u64,
    /// For whom.
    pub readers: Vec<u64>,
    /// What became of it here.
    pub state: State,
    /// What was put back, each value with its place in the event (a JSON pointer); nothing unless it was
    /// opened.
    pub values: Vec<(String, Json)>,
}

/// An event as a member may read it.
#[derive(Debug, Clone)]
pub struct View {
    /// The event, in JSON with its own `@context`: what was opened in its place, and words in place of
    /// envelopes.
    pub body: String,
    /// What is sealed in it.
    pub fields: Vec<SealedField>,
}

/// Shows an event of an author to a reader with its keys; without one, to somebody who may open nothing.
/// `None` where nothing is sealed in it.
pub fn view(event: &Event, author: u64, reader: Option<(u64, &Keyring)>) -> Option<View> {
    let markers = marker::markers(event);
    if markers.is_empty() {
        return None;
    }
    let mut body = body_of(event);
    let own: Vec<String> = body
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| event.expanded(name) == marker::SEALED)
        .collect();
    own.iter().for_each(|name| _ = body.remove(name));
    let mut outcomes = vec![(State::Closed, Vec::new()); markers.len()];
    // What was taken last is put back first.
    for (marker, outcome) in markers.iter().zip(&mut outcomes).rev() {
        let Some((organisation, keys)) = reader else { continue };
        if !marker.readers().contains(&organisation) {
            continue;
        }
        outcome.0 = State::Spoiled;
        let Some(content) = open(event, author, marker, (organisation, keys)) else { continue };
        if let Some(opened) = restored(event, &body, marker, &content) {
            (body, *outcome) = (opened, (State::Opened, content.values()));
        }
    }
    let fields: Vec<SealedField> = markers
        .iter()
        .zip(outcomes)
        .map(|(marker, (state, values))| SealedField {
            field: marker.field.clone(),
            commitment: marker::commitment_text(&marker.commitment),
            author,
            readers: marker.readers(),
            state,
            values,
        })
        .collect();
    let shown = markers.iter().zip(&fields).map(|(marker, field)| marker.shown(field.words()));
    if declared(&body).get(marker::PREFIX).is_none() {
        declare(&mut body, marker::PREFIX, marker::NAMESPACE);
    }
    marker::put(&mut body, shown.collect());
    Some(View { body: body.to_string(), fields })
}

impl SealedField {
    fn words(&self) -> String {
        let readers: Vec<String> = self.readers.iter().map(u64::to_string).collect();
        let state = match self.state {
            State::Opened => "; opened by this node",
            State::Closed => "",
            State::Spoiled => "; this node cannot open it",
        };
        format!("sealed by organisation {} for {}{state}", self.author, readers.join(", "))
    }
}

/// The content of a marker, if the reader's envelope opens and holds what the marker commits to.
pub(crate) fn open(
    event: &Event,
    author: u64,
    marker: &Marker,
    (organisation, keys): (u64, &Keyring),
) -> Option<Content> {
    let field = event.expanded(&marker.field);
    let (event, commitment) = (event.hash(), marker.commitment);
    let binding = Binding { event, author, field: &field, commitment };
    let mut own = marker.envelopes.iter().filter(|(reader, _)| *reader == organisation);
    own.find_map(|(_, envelope)| binding.open(envelope, organisation, keys))
}

/// The body with the content in its place. It may bring nothing but its field, all of it, and put it only
/// where nothing is; and with it the event is valid.
fn restored(event: &Event, body: &Object, marker: &Marker, content: &Content) -> Option<Object> {
    let field = Field::parse(&marker.field).ok()?;
    let mut body = body.clone();
    let mut places = Vec::new();
    for (name, value) in content.object()? {
        if name == "@context" {
            for (prefix, uri) in value.as_object()?.iter() {
                match declared(&body).get(prefix) {
                    None => declare(&mut body, prefix, uri.as_str()?),
                    Some(known) if known == uri => {}
                    Some(_) => return None,
                }
            }
        } else {
            let place = Place::parse(&name)?;
            place.put(&mut body, value)?;
            places.push(place);
        }
    }
    let valid = Event::parse(body.to_string().as_bytes(), &Limits::DOCUMENT).ok()?;
    let mut owned = field.places(&body, &valid);
    owned.sort();
    places.sort();
    let is_same = valid.kind() == event.kind() && valid.event_time_ms() == event.event_time_ms();
    (owned == places && is_same).then_some(body)
}
