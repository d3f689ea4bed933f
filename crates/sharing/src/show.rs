//! Leaving in an event only what a partner is to see.

use std::collections::BTreeSet;

use qiao_epcis::{Event, Limits, Object};

use crate::{
    Field,
    field::{amounts, extensions},
    places::Place,
    seal::body_of,
};

/// The event, in JSON with its own `@context`, without every field that is not among the shown ones; and
/// whether anything is missing. What an event cannot be without stays: its type, its times, its action and
/// the things in it. A field that is shown is shown with all that is in it. `None` where what is left is no
/// valid event, as a transaction event without its business transactions.
pub fn show(event: &Event, shown: &BTreeSet<Field>) -> Option<(String, bool)> {
    let mut body = body_of(event);
    let hidden = hidden(&body, event, shown);
    for place in &hidden {
        place.take(&mut body).expect("the place was found in this body");
    }
    let text = body.to_string();
    Event::parse(text.as_bytes(), &Limits::DOCUMENT).ok()?;
    Some((text, !hidden.is_empty()))
}

fn hidden(body: &Object, event: &Event, shown: &BTreeSet<Field>) -> Vec<Place> {
    if shown.contains(&Field::All) {
        return Vec::new();
    }
    let is_hidden = |name: &str| !is_shown_extension(name, event, shown);
    let mut hidden = Vec::new();
    for (name, value) in body.iter() {
        let is_shown = match Field::of_standard(name) {
            Some(word) => shown.contains(&Field::Standard(word)),
            None => name == "@context" || Field::is_kept(name) || !is_hidden(name),
        };
        if !is_shown {
            hidden.push(Place::top(name));
        } else if Field::is_kept(name) {
            let mut inside = Object::default();
            inside.push(name.to_owned(), value.clone());
            extensions(&inside, &Place::default(), &is_hidden, &mut hidden);
        }
    }
    if !shown.contains(&Field::Quantity) {
        hidden.extend(amounts(body));
    }
    hidden
}

/// Whether an extension is shown: profiles name them by URI, as a prefix is whatever an event says.
fn is_shown_extension(name: &str, event: &Event, shown: &BTreeSet<Field>) -> bool {
    name.contains(':') && shown.contains(&Field::Extension(event.expanded(name).into_owned()))
}
