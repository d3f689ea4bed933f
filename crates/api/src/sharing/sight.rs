//! Who looks at events, and what they see: the one place where events are made ready to leave the node.

use std::{collections::BTreeSet, sync::Arc};

use qiao_epcis::{Event, Limits};
use qiao_indexer::IndexedEvent;
use qiao_sharing::{Field, Keyring, SealedField, is_sealed, show, view};

use crate::{Chain, goods::Drawer, sharing::Profile};

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// The node's own people: all that is open, and what was sealed for their organisation.
    Own,
    /// A partner.
    Partner {
        /// The fields that it sees.
        shows: BTreeSet<Field>,
        /// Whether it sees who captured.
        shows_capturer: bool,
    },
}

/// Events as somebody may see them; nothing else is written into an answer.
#[derive(Debug, Clone)]
pub struct Shown(Vec<IndexedEvent>);

impl Shown {
    /// The events.
    pub fn events(&self) -> &[IndexedEvent] {
        &self.0
    }
}

impl Sight {
    /// That of a partner, by the profile that the node keeps under this name. A partner whose profile is
    /// gone sees no field.
    pub fn of_partner(chain: &dyn Chain, name: &str) -> Self {
        let kept = chain.cabinet().and_then(|kept| kept.get::<Profile>(Drawer::Partners, name));
        let (shows, shows_capturer) =
            kept.and_then(|profile| profile.fields().ok()).unwrap_or_default();
        Self::Partner { shows, shows_capturer }
    }

    /// Whether a field is seen.
    pub fn shows(&self, field: &Field) -> bool {
        match self {
            Self::Own => true,
            Self::Partner { shows, .. } => shows.contains(&Field::All) || shows.contains(field),
        }
    }

    /// Whether all that is open is seen, and so the Event Hash ID. Of an event of which something is hidden
    /// it is hidden too: who knows all the rest would find a quantity by trying.
    pub fn shows_all(&self) -> bool {
        self.shows(&Field::All)
    }

    /// Whether it is seen who captured an event.
    pub fn shows_capturer(&self) -> bool {
        match self {
            Self::Own => true,
            Self::Partner { shows_capturer, .. } => *shows_capturer,
        }
    }

    /// Events as they are seen.
    pub async fn show(&self, chain: &dyn Chain, mut events: Vec<IndexedEvent>) -> Shown {
        match self {
            Self::Own => {
                for event in &mut events {
                    opened(chain, event).await;
                }
            }
            Self::Partner { .. } => {
                events = events.into_iter().filter_map(|e| self.cut(e)).collect()
            }
        }
        Shown(events)
    }

    /// An event as a partner sees it; none where it cannot be read, or says nothing without what is hidden.
    fn cut(&self, event: IndexedEvent) -> Option<IndexedEvent> {
        let Self::Partner { shows, .. } = self else { return Some(event) };
        let parsed = Event::parse(event.body.as_bytes(), &Limits::EVENT).ok()?;
        let (body, is_cut) = show(&parsed, shows)?;
        let seen = |field: &str, value: Option<String>| {
            value.filter(|_| Field::parse(field).is_ok_and(|field| self.shows(&field)))
        };
        let sees = self.shows_capturer();
        Some(IndexedEvent {
            body,
            hash: if is_cut { String::new() } else { event.hash },
            biz_step: seen("bizStep", event.biz_step),
            disposition: seen("disposition", event.disposition),
            read_point: seen("readPoint", event.read_point),
            biz_location: seen("bizLocation", event.biz_location),
            party: if sees { event.party } else { 0 },
            party_name: event.party_name.filter(|_| sees),
            ..event
        })
    }
}

/// Puts back into an event what is sealed in it for the node's own organisation, and tells what is sealed
/// in it.
pub async fn opened(chain: &dyn Chain, event: &mut IndexedEvent) -> Vec<SealedField> {
    let Some((body, fields)) = own(chain, event).await else { return Vec::new() };
    event.body = body;
    fields
}

/// What is sealed in an event.
pub async fn sealed_fields(chain: &dyn Chain, event: &IndexedEvent) -> Vec<SealedField> {
    own(chain, event).await.map(|(_, fields)| fields).unwrap_or_default()
}

/// The body of an event with what is sealed for the node's own organisation in its place, and what is
/// sealed in it; `None` where nothing is.
async fn own(chain: &dyn Chain, event: &IndexedEvent) -> Option<(String, Vec<SealedField>)> {
    if !is_sealed(&event.body) {
        return None;
    }
    let parsed = Event::parse(event.body.as_bytes(), &Limits::EVENT).ok()?;
    let reader = reader(chain).await;
    let reader = reader.as_ref().map(|(organisation, keys)| (*organisation, &**keys));
    view(&parsed, event.party, reader).map(|view| (view.body, view.fields))
}

/// The organisation that reads at this node, with its keys.
pub(crate) async fn reader(chain: &dyn Chain) -> Option<(u64, Arc<Keyring>)> {
    let desk = chain.sharing()?;
    Some((desk.organisation(chain).await?, desk.keys()))
}
