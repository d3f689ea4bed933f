//! Taking fields out of an event and sealing them for their readers.

use qiao_epcis::{Event, Json, Limits, Object, Problem};

use crate::{
    FIELDS_MAX, Field, Keyring, PLACES_MAX, PublicKey, READERS_MAX,
    envelope::{Binding, Content},
    marker::{self, Marker},
    places::Place,
};

/// Who seals.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// The organisation for which the event is captured.
    pub organisation: u64,
    /// Its keys: it reads what it sealed.
    pub keys: &'a Keyring,
}

/// A member that may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Its number.
    pub organisation: u64,
    /// The key that it announced.
    pub key: PublicKey,
}

/// A field and who besides the author may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The field.
    pub field: Field,
    /// Its readers.
    pub readers: Vec<Reader>,
}

/// An event whose fields were sealed.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The event for the chain.
    pub event: Event,
    /// For each wish, whether the event had the field.
    pub found: Vec<bool>,
}

/// Why an event cannot be sealed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SealError {
    /// It has markers already.
    #[error("something in the event is sealed already: seal the original, whole")]
    SealedAlready,
    /// It uses our prefix for something else.
    #[error("the prefix `{}` stands for another namespace in the event", marker::PREFIX)]
    Prefix,
    /// Too much of it.
    #[error(
        "at most {FIELDS_MAX} fields of an event are sealed, each for {READERS_MAX} members and at {PLACES_MAX} places"
    )]
    TooMuch,
    /// A reader's key is none.
    #[error("the key of organisation `{0}` cannot be sealed for")]
    Key(u64),
    /// Without the field it is no valid event.
    #[error("without what is sealed it is no valid event: {0}")]
    Required(Problem),
}

impl SealError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SealedAlready => "sharing.sealed_already",
            Self::Prefix => "sharing.prefix",
            Self::TooMuch => "sharing.too_much",
            Self::Key(_) => "sharing.key",
            Self::Required(_) => "sharing.required",
        }
    }
}

/// Takes the wished fields out of an event, in their order, and seals each for its readers and the author.
///
/// The same event sealed for other readers, or with their new keys, keeps its Event Hash ID.
///
/// # Errors
/// [`SealError`].
pub fn seal(event: &Event, author: Author<'_>, wishes: &[Wish]) -> Result<Sealed, SealError> {
    if !wishes.is_empty() && !marker::markers(event).is_empty() {
        return Err(SealError::SealedAlready);
    }
    if !marker::has_our_prefix(event) {
        return Err(SealError::Prefix);
    }
    let mut body = body_of(event);
    let mut found = Vec::with_capacity(wishes.len());
    let mut cuts = Vec::new();
    for wish in wishes {
        let places = wish.field.places(&body, event);
        found.push(!places.is_empty());
        if places.is_empty() {
            continue;
        }
        if cuts.len() >= FIELDS_MAX || places.len() > PLACES_MAX {
            return Err(SealError::TooMuch);
        }
        let text = take(&mut body, &places).to_string();
        let content = Content { salt: salt(event, author, &wish.field), text };
        cuts.push((wish, content));
    }
    if cuts.is_empty() {
        return Ok(Sealed { event: event.clone(), found });
    }
    declare(&mut body, marker::PREFIX, marker::NAMESPACE);
    let mut markers: Vec<Marker> = Vec::with_capacity(cuts.len());
    for (wish, content) in &cuts {
        let name = wish.field.name();
        let commitment = content.commitment(&event.expanded(name));
        markers.push(Marker { field: name.to_owned(), commitment, envelopes: Vec::new() });
    }
    let bare = with_markers(&body, &markers)?;
    for (marker, (wish, content)) in markers.iter_mut().zip(&cuts) {
        marker.envelopes = envelopes(&bare, author, (wish, content), marker)?;
    }
    let sealed = with_markers(&body, &markers)?;
    assert_eq!(sealed.hash(), bare.hash(), "envelopes take no part in the Event Hash ID");
    Ok(Sealed { event: sealed, found })
}

/// The fields of an event with its `@context`.
pub(crate) fn body_of(event: &Event) -> Object {
    match Json::parse(event.to_json().as_bytes(), &Limits::DOCUMENT) {
        Ok(Json::Object(body)) => body,
        _ => unreachable!(
            "an event writes itself as an object within the limits that it was read by"
        ),
    }
}

/// What the context of a body declares besides the standard's own.
pub(crate) fn declared(body: &Object) -> Object {
    let mut declared = Object::default();
    for entry in body.array("@context").iter().filter_map(Json::as_object) {
        for (prefix, uri) in entry.iter() {
            if declared.get(prefix).is_none() {
                declared.push(prefix.to_owned(), uri.clone());
            }
        }
    }
    declared
}

/// Declares a prefix in the context of a body.
pub(crate) fn declare(body: &mut Object, prefix: &str, uri: &str) {
    let Some(Json::Array(entries)) = body.get_mut("@context") else { return };
    let mut entry = Object::default();
    entry.push(prefix.to_owned(), Json::String(uri.to_owned()));
    entries.push(Json::Object(entry));
}

/// Takes what stands at these places, as an object by place, with the prefixes that it may need.
fn take(body: &mut Object, places: &[Place]) -> Object {
    let mut taken = Object::default();
    let declared = declared(body);
    if !declared.is_empty() {
        taken.push("@context".to_owned(), Json::Object(declared));
    }
    for place in places {
        let value = place.take(body).expect("the place was found in this body");
        taken.push(place.pointer(), value);
    }
    taken
}

/// The salt of a field: the same whenever its author seals the same event.
fn salt(event: &Event, author: Author<'_>, field: &Field) -> [u8; 32] {
    let mut of = event.hash().0.to_vec();
    of.extend_from_slice(&author.organisation.to_be_bytes());
    of.extend_from_slice(event.expanded(field.name()).as_bytes());
    author.keys.salt(&of)
}

fn with_markers(body: &Object, markers: &[Marker]) -> Result<Event, SealError> {
    let mut body = body.clone();
    marker::put(&mut body, markers.iter().map(Marker::on_chain).collect());
    let parsed = Event::parse(body.to_string().as_bytes(), &Limits::DOCUMENT);
    parsed.map_err(|problems| {
        SealError::Required(problems.into_iter().next().expect("a refused event has a problem"))
    })
}

fn envelopes(
    bare: &Event,
    author: Author<'_>,
    (wish, content): (&Wish, &Content),
    marker: &Marker,
) -> Result<Vec<(u64, Vec<u8>)>, SealError> {
    let own = Reader { organisation: author.organisation, key: author.keys.newest() };
    let others = wish.readers.iter().filter(|one| one.organisation != author.organisation);
    let readers: Vec<&Reader> = std::iter::once(&own).chain(others).collect();
    if readers.len() > READERS_MAX {
        return Err(SealError::TooMuch);
    }
    let field = bare.expanded(&marker.field);
    let binding = Binding {
        event: bare.hash(),
        author: author.organisation,
        field: &field,
        commitment: marker.commitment,
    };
    let seal = |reader: &Reader| {
        let sealed = binding.seal(content, reader.organisation, &reader.key);
        let sealed = sealed.ok_or(SealError::Key(reader.organisation))?;
        Ok((reader.organisation, sealed))
    };
    readers.into_iter().map(seal).collect()
}
