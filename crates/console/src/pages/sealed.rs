//! What is sealed in events: its readers see the values, marked as opened for them; others that it is sealed.

use std::collections::BTreeMap;

use maud::{Markup, html};
use qiao_api::sharing::{self, SealedField, State};
use qiao_epcis::{Event, EventHash, Identifier, Json, Limits, Object};
use qiao_indexer::IndexedEvent;

use crate::{
    console::{Console, Trouble},
    telling,
};

/// Letters of a value that are shown; the event's JSON has all of it.
const VALUE_CHARS_MAX: usize = 300;

/// The organisations by their numbers, and which one is this node's.
#[derive(Debug, Default)]
pub(crate) struct Members {
    names: BTreeMap<u64, String>,
    own: Option<u64>,
}

/// An event in which something is sealed, as this node's people may read it.
#[derive(Debug)]
pub(crate) struct Opened {
    event: Option<Event>,
    fields: Vec<SealedField>,
}

/// Events in which something is sealed, by their Event Hash IDs.
#[derive(Debug, Default)]
pub(crate) struct OpenedEvents {
    members: Members,
    events: BTreeMap<String, Opened>,
}

impl Members {
    /// Those of the chain.
    pub(crate) async fn read(console: &Console) -> Result<Self, Trouble> {
        let organisations = console.chain.index().organisations().await?;
        let names = organisations.into_iter().map(|one| (one.id, one.name)).collect();
        Ok(Self { names, own: own(console).await })
    }

    fn name(&self, number: u64) -> String {
        let name = self.names.get(&number).cloned();
        let name = name.unwrap_or_else(|| format!("organisation {number}"));
        if self.own == Some(number) { format!("{name} (you)") } else { name }
    }

    /// Who sealed a field, and who may read it.
    fn readers(&self, field: &SealedField) -> String {
        let author = self.name(field.author);
        let others = field.readers.iter().filter(|reader| **reader != field.author);
        let others: Vec<String> = others.map(|reader| self.name(*reader)).collect();
        let it = if self.own == Some(field.author) { "you" } else { "it" };
        match others.as_slice() {
            [] => format!("Sealed by {author}. Only {it} may read it."),
            [one] => format!("Sealed by {author}. Only {it} and {one} may read it."),
            [first @ .., last] => {
                let first = first.join(", ");
                format!("Sealed by {author}. Only {it}, {first} and {last} may read it.")
            }
        }
    }
}

impl Opened {
    /// Opens an event in its place; `None` where nothing is sealed in it.
    pub(crate) async fn of(console: &Console, event: &mut IndexedEvent) -> Option<Self> {
        let fields = sharing::opened(&*console.chain, event).await;
        let parse = || Event::parse(event.body.as_bytes(), &Limits::DOCUMENT).ok();
        (!fields.is_empty()).then(|| Self { event: parse(), fields })
    }

    /// The card on the page of an event.
    pub(crate) fn card(&self, console: &Console, members: &Members) -> Markup {
        html! {
            section.card aria-labelledby="sealed" {
                header { h2 id="sealed" { "Sealed" } }
                dl.facts {
                    @for field in &self.fields {
                        div {
                            dt { (field_words(&field.field)) }
                            dd {
                                (tag(field)) " "
                                @let values = self.values(console, field);
                                @for value in &values { strong { (value) } br; }
                                @if values.is_empty() { br; }
                                (members.readers(field))
                                @if let Some(hint) = hint(field) { " " (hint) }
                                span.line.whole { (field.commitment) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Below a step of a timeline.
    fn lines(&self, console: &Console, members: &Members) -> Markup {
        html! {
            @for field in &self.fields {
                div.small {
                    (tag(field)) " " (field_words(&field.field))
                    @for (nth, value) in self.values(console, field).iter().enumerate() {
                        @if nth > 0 { ";" }
                        " " strong { (value) }
                    }
                    " " span.soft { (members.readers(field)) }
                }
            }
        }
    }

    /// The values of a field that was opened, as people read them.
    fn values(&self, console: &Console, field: &SealedField) -> Vec<String> {
        let Some(event) = &self.event else { return Vec::new() };
        if field.field == "quantity" {
            return amounts(console, event, field);
        }
        let told = field.values.iter().map(|(place, value)| {
            let value = cut(value_words(console, value));
            let name = place.rsplit('/').next().unwrap_or_default().replace("~1", "/");
            if field.field == "all" { format!("{name}: {value}") } else { value }
        });
        told.collect()
    }
}

impl OpenedEvents {
    /// What is sealed in these events, looked up and opened.
    pub(crate) async fn read(console: &Console, hashes: &[EventHash]) -> Result<Self, Trouble> {
        let mut found = Self::default();
        for mut event in console.chain.index().events_of(hashes).await? {
            if let Some(opened) = Opened::of(console, &mut event).await {
                found.events.insert(event.hash, opened);
            }
        }
        if !found.events.is_empty() {
            found.members = Members::read(console).await?;
        }
        Ok(found)
    }

    /// What is sealed in one of them; nothing where nothing is.
    pub(crate) fn lines(&self, console: &Console, hash: &str) -> Markup {
        html! {
            @if let Some(opened) = self.events.get(hash) { (opened.lines(console, &self.members)) }
        }
    }

    /// Whether something is sealed in one of them.
    pub(crate) fn has(&self, hash: &str) -> bool {
        self.events.contains_key(hash)
    }
}

/// The organisation whose node this is, where it has keys that open what was sealed for it.
pub(crate) async fn own(console: &Console) -> Option<u64> {
    console.chain.sharing()?.organisation(&*console.chain).await
}

fn tag(field: &SealedField) -> Markup {
    match field.state {
        State::Opened => html! { span.tag.good { "opened for you" } },
        State::Closed => html! { span.tag { "sealed" } },
        State::Spoiled => html! { span.tag.alarm { "sealed for you, does not open" } },
    }
}

fn hint(field: &SealedField) -> Option<&'static str> {
    (field.state == State::Spoiled).then_some(
        "No key of this node fits, or what is in it is not what was committed to: ask who sealed it to \
         disclose it.",
    )
}

/// A field as people call it; an extension by its own name.
fn field_words(field: &str) -> Markup {
    let words = match field {
        "quantity" => "Quantity",
        "source" => "From",
        "destination" => "To",
        "bizTransaction" => "Documents",
        "sensor" => "Sensor readings",
        "readPoint" => "Seen at",
        "bizLocation" => "Afterwards at",
        "bizStep" => "Business step",
        "disposition" | "persistentDisposition" => "State afterwards",
        "certification" => "Certification",
        "ilmd" => "Master data of the lot",
        "all" => "All but what it is about",
        other => return html! { code { (other) } },
    };
    html! { (words) }
}

/// Quantities, each with what it is of.
fn amounts(console: &Console, event: &Event, field: &SealedField) -> Vec<String> {
    let mut lists: Vec<(&str, &str)> = Vec::new();
    for (place, _) in &field.values {
        let mut steps = place.trim_start_matches('/').split('/');
        let entry = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
        if !lists.contains(&entry) {
            lists.push(entry);
        }
    }
    let told = lists.into_iter().filter_map(|(list, nth)| {
        let entry = event.json().array(list).get(nth.parse::<usize>().ok()?)?.as_object()?;
        let quantity = entry.get("quantity").map(Json::to_string);
        let amount = telling::amount(quantity.as_deref(), entry.str("uom"))?;
        Some(format!("{amount} {}", named(console, entry.str("epcClass")?)))
    });
    told.collect()
}

fn value_words(console: &Console, value: &Json) -> String {
    match value {
        Json::String(text) => named(console, text),
        Json::Array(items) => {
            items.iter().map(|item| value_words(console, item)).collect::<Vec<_>>().join("; ")
        }
        Json::Object(object) => object_words(console, object),
        other => other.to_string(),
    }
}

fn object_words(console: &Console, object: &Object) -> String {
    if let Some(document) = object.str("bizTransaction") {
        let kind =
            object.str("type").map(|kind| kind.rsplit(['/', ':', '-']).next().unwrap_or(kind));
        let number = telling::document_number(document);
        return format!("{} {number}", telling::document_kind(kind));
    }
    let is_named = ["id", "source", "destination"];
    if let Some(id) = is_named.iter().find_map(|name| object.str(name)) {
        return named(console, id);
    }
    let told =
        object.iter().map(|(name, value)| format!("{name}: {}", value_words(console, value)));
    told.collect::<Vec<_>>().join(", ")
}

/// The name of a thing or place; a text that is no identifier as it is.
fn named(console: &Console, text: &str) -> String {
    match Identifier::parse(text) {
        Ok(id) if id.is_gs1_key() => console.labels.line(id.as_str()),
        _ => text.to_owned(),
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
