//! One EPCIS event: what it says, typed, and what was written.

mod facts;
mod links;

use crate::context::{EPCIS_CONTEXT, Prefixes};
use crate::document;
use crate::hash::{self, EventHash};
use crate::identifier::Identifier;
use crate::json::{Object, write_fields, write_string};
use crate::limits::Limits;
use crate::problem::Problem;
use crate::time::parse_timestamp;
use crate::vocabulary::{BIZ_STEP, DISPOSITION};
use facts::Facts;
use std::sync::Arc;

/// The five types of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Something happened to objects.
    Object,
    /// Objects were put into, or taken out of, a container.
    Aggregation,
    /// Objects are connected with a business transaction.
    Transaction,
    /// Inputs were consumed and outputs produced.
    Transformation,
    /// Objects were fixed to, or taken from, another object or place.
    Association,
}

impl EventKind {
    /// All types, in the order of the standard.
    pub const ALL: [Self; 5] = [
        Self::Object,
        Self::Aggregation,
        Self::Transaction,
        Self::Transformation,
        Self::Association,
    ];

    /// The name in an event's `type` field: `ObjectEvent`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "ObjectEvent",
            Self::Aggregation => "AggregationEvent",
            Self::Transaction => "TransactionEvent",
            Self::Transformation => "TransformationEvent",
            Self::Association => "AssociationEvent",
        }
    }

    /// The type with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// How an event relates to the life of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// They begin to exist, or to be connected.
    Add,
    /// They were seen; nothing began or ended.
    Observe,
    /// They ceased to exist, or to be connected.
    Delete,
}

impl Action {
    /// The name in an event's `action` field.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "ADD",
            Self::Observe => "OBSERVE",
            Self::Delete => "DELETE",
        }
    }

    /// The action with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Add, Self::Observe, Self::Delete].into_iter().find(|action| action.as_str() == name)
    }
}

/// The part that an identifier plays in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemRole {
    /// What the event is about.
    Object,
    /// The container, or what the others were fixed to.
    Parent,
    /// What was put into, taken out of, or fixed to the parent.
    Child,
    /// What was consumed.
    Input,
    /// What was produced.
    Output,
}

impl ItemRole {
    /// The role as one lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Parent => "parent",
            Self::Child => "child",
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

/// An identifier in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The part it plays.
    pub role: ItemRole,
    /// The identifier.
    pub id: Identifier,
    /// How many or how much, as a decimal number in canonical form; only for classes.
    pub quantity: Option<String>,
    /// The unit of the quantity; none where pieces are counted.
    pub uom: Option<String>,
}

/// Type, a standard word or a URI, and canonical identifier of a business transaction.
pub type BizTransaction = (Option<String>, String);

/// Type, a standard word or a URI, and canonical identifier of a source or a destination.
pub type Party = (String, String);

/// Says that an earlier event with the same content is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorDeclaration {
    /// When it was declared, milliseconds since 1970.
    pub declaration_time_ms: i64,
    /// Why: a standard word or a URI.
    pub reason: Option<String>,
    /// The events that say what really happened.
    pub corrective_event_ids: Vec<String>,
}

/// One valid EPCIS event.
#[derive(Clone, Debug)]
pub struct Event {
    json: Object,
    prefixes: Arc<Prefixes>,
    hash: EventHash,
    kind: EventKind,
    event_time_ms: i64,
    biz_step: Option<String>,
    disposition: Option<String>,
    read_point: Option<String>,
    biz_location: Option<String>,
    biz_transactions: Vec<BizTransaction>,
    sources: Vec<Party>,
    destinations: Vec<Party>,
    items: Vec<Item>,
    transformation_id: Option<String>,
    corrects: Option<ErrorDeclaration>,
}

impl Event {
    /// Reads one bare event that declares its own `@context`.
    ///
    /// # Errors
    /// Everything that is wrong with it, up to the limit.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, Vec<Problem>> {
        document::parse_event(bytes, limits)
    }

    /// Reads the facts of an event that was validated before.
    pub(crate) fn from_valid(json: Object, prefixes: Arc<Prefixes>) -> Option<Self> {
        let facts = Facts { json: &json, prefixes: &prefixes };
        Some(Self {
            kind: EventKind::from_name(json.str("type")?)?,
            event_time_ms: parse_timestamp(json.str("eventTime")?)?,
            biz_step: facts.word(&json, "bizStep", &BIZ_STEP),
            disposition: facts.word(&json, "disposition", &DISPOSITION),
            read_point: facts.place("readPoint"),
            biz_location: facts.place("bizLocation"),
            biz_transactions: facts.biz_transactions(),
            sources: facts.parties("sourceList", "source"),
            destinations: facts.parties("destinationList", "destination"),
            items: facts.items(),
            transformation_id: facts.identifier(&json, "transformationID").map(Identifier::into),
            corrects: facts.error_declaration(),
            hash: EventHash::of_pre_hash(&hash::pre_hash(&json, &prefixes)),
            json,
            prefixes,
        })
    }

    /// The CBV 2.0 Event Hash ID.
    #[must_use]
    pub fn hash(&self) -> EventHash {
        self.hash
    }

    /// The text whose SHA-256 is the hash: the event in the canonical form of CBV 2.0, §8.9.
    #[must_use]
    pub fn pre_hash(&self) -> String {
        hash::pre_hash(&self.json, &self.prefixes)
    }

    /// The event on its own, in compact JSON, with a `@context` that declares what it uses.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::from("{\"@context\":[");
        let write = |text: &mut String| -> std::fmt::Result {
            write_string(text, EPCIS_CONTEXT)?;
            for (prefix, uri) in self.prefixes.used_by(&self.json) {
                text.push_str(",{");
                write_string(text, prefix)?;
                text.push(':');
                write_string(text, uri)?;
                text.push('}');
            }
            text.push_str("],");
            write_fields(text, &self.json)
        };
        write(&mut text).expect("writing to a string does not fail");
        text.push('}');
        text
    }

    /// The type of the event.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.kind
    }

    /// The action; a transformation has none.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        self.json.str("action").and_then(Action::from_name)
    }

    /// When it happened, in milliseconds since 1970.
    #[must_use]
    pub fn event_time_ms(&self) -> i64 {
        self.event_time_ms
    }

    /// The offset of the local time where it happened: `+01:00`.
    #[must_use]
    pub fn time_zone_offset(&self) -> &str {
        self.json.str("eventTimeZoneOffset").unwrap_or_default()
    }

    /// The business step: a standard word (`shipping`) or a URI.
    #[must_use]
    pub fn biz_step(&self) -> Option<&str> {
        self.biz_step.as_deref()
    }

    /// The disposition: a standard word (`in_transit`) or a URI.
    #[must_use]
    pub fn disposition(&self) -> Option<&str> {
        self.disposition.as_deref()
    }

    /// Where it happened, as a canonical URI.
    #[must_use]
    pub fn read_point(&self) -> Option<&str> {
        self.read_point.as_deref()
    }

    /// Where the objects are afterwards, as a canonical URI.
    #[must_use]
    pub fn biz_location(&self) -> Option<&str> {
        self.biz_location.as_deref()
    }

    /// Orders, invoices, despatch advices and so on.
    #[must_use]
    pub fn biz_transactions(&self) -> &[BizTransaction] {
        &self.biz_transactions
    }

    /// From whom or where.
    #[must_use]
    pub fn sources(&self) -> &[Party] {
        &self.sources
    }

    /// To whom or where.
    #[must_use]
    pub fn destinations(&self) -> &[Party] {
        &self.destinations
    }

    /// Every identifier of a thing in the event, with its role.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// What ties several transformation events together, as a canonical URI.
    #[must_use]
    pub fn transformation_id(&self) -> Option<&str> {
        self.transformation_id.as_deref()
    }

    /// The `eventID` that the sender gave.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.json.str("eventID")
    }

    /// The declaration that an earlier event with this content is wrong. The hash leaves it out, so
    /// the declaration has the hash of the event that it withdraws.
    #[must_use]
    pub fn corrects(&self) -> Option<&ErrorDeclaration> {
        self.corrects.as_ref()
    }

    /// A name or value of the event with its prefix, if it has a declared one, written out.
    #[must_use]
    pub fn expanded<'a>(&self, text: &'a str) -> std::borrow::Cow<'a, str> {
        self.prefixes.expand(text)
    }

    /// The prefixes in force for it.
    pub(crate) fn prefixes(&self) -> &Prefixes {
        &self.prefixes
    }

    /// The fields as they were written, without `@context` and comments.
    #[must_use]
    pub fn json(&self) -> &Object {
        &self.json
    }
}
