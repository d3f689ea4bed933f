//! Where a thing came from, what it became, and where that is.
//!
//! `docs/concepts/trace.md` defines what is followed and why.

mod affected;
mod answer;
mod life;
mod load;
mod presence;
mod walk;
mod words;

#[cfg(test)]
mod tests;

use std::str::FromStr;

use alloy_primitives::{Address, B256};
use qiao_epcis::Identifier;
use serde::{Deserialize, Serialize};

use crate::{Index, IndexError, TransactionPlace, Withdrawal};

pub use affected::{Affected, AffectedHolder, AffectedLine};

/// Which way to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// What it came from.
    Back,
    /// What it became.
    Forward,
    /// Both.
    #[default]
    Both,
}

/// How far a trace goes before it says that it was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceLimits {
    /// Things.
    pub identifiers_max: usize,
    /// Events.
    pub steps_max: usize,
    /// Links between things.
    pub links_max: usize,
    /// Links between the thing asked for and the farthest.
    pub depth_max: u32,
    /// Things listed with one event; [`TraceStep::items_total`] counts all.
    pub items_per_step_max: u32,
    /// Rows read.
    pub rows_max: usize,
}

/// The answer: a graph of things, and what happened to them in order of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Canonical identifier of the thing asked for.
    pub root: String,
    /// Which way was followed.
    pub direction: Direction,
    /// Whether any event names the thing.
    pub found: bool,
    /// Whether a limit cut the answer.
    pub truncated: bool,
    /// The things, nearest first; the first is the root.
    pub nodes: Vec<TraceNode>,
    /// What connects them.
    pub links: Vec<TraceLink>,
    /// What happened, oldest first.
    pub timeline: Vec<TraceStep>,
}

/// A thing in a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceNode {
    /// Canonical identifier.
    pub id: String,
    /// A short name made from the identifier.
    pub label: String,
    /// What sort of thing it is.
    pub kind: ThingKind,
    /// Links between it and the root.
    pub depth: u32,
    /// How it belongs to the trace.
    pub roles: Vec<NodeRole>,
    /// Where it is now, as far as was recorded; in transit there is none.
    pub present_place: Option<String>,
    /// Name of that place, if it is a member's.
    pub present_place_name: Option<String>,
    /// The organisation that last recorded where it is or what became of it.
    pub holder: Option<Holder>,
    /// What became of it.
    pub state: ThingState,
    /// When that was recorded to have happened, in milliseconds since the Unix epoch.
    pub since_ms: Option<i64>,
    /// The last disposition that anybody gave it, such as `recalled`.
    pub disposition: Option<String>,
    /// It is referred to, but nobody recorded that it was made or seen.
    pub missing: bool,
}

/// What sort of thing an identifier names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingKind {
    /// A numbered item.
    Item,
    /// A lot of a product.
    Lot,
    /// A product, of no particular lot; a trace does not follow it.
    Product,
    /// A case, pallet or container.
    LogisticUnit,
    /// A returnable or fixed asset: a roll cage, a truck, an instrument.
    Asset,
    /// A place.
    Place,
    /// Anything else.
    Other,
}

/// How a thing belongs to a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeRole {
    /// The thing asked for.
    Root,
    /// It went into the root.
    Source,
    /// It has something of the root in it.
    Product,
    /// It carried one of the others for a while.
    Carrier,
}

/// What became of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingState {
    /// At its present place.
    Present,
    /// On its way.
    InTransit,
    /// Sold to a consumer.
    Sold,
    /// Used up in a transformation.
    Consumed,
    /// Destroyed or decommissioned.
    Gone,
    /// Nothing was recorded.
    Unknown,
}

/// An organisation that holds a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Number of the organisation.
    pub party: u64,
    /// Its name.
    pub name: Option<String>,
}

/// A link between two things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceLink {
    /// Canonical identifier of the input, or of the child.
    pub from: String,
    /// Canonical identifier of the output, or of the parent.
    pub to: String,
    /// How.
    pub relation: Relation,
    /// Hash of the event that made the link.
    pub event: String,
    /// When it began, in milliseconds since the Unix epoch.
    pub from_ms: i64,
    /// When a stay ended; absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
}

/// How two things are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The first went into the second (transformation).
    Became,
    /// The first was inside the second (aggregation).
    PackedIn,
    /// The first was fixed to the second (association).
    FixedTo,
}

/// An event of a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    /// The Event Hash ID.
    pub event: String,
    /// The type: `ObjectEvent`.
    pub kind: String,
    /// The action: `ADD`, `OBSERVE`, `DELETE`.
    pub action: Option<String>,
    /// What happened, in words.
    pub words: String,
    /// The business step.
    pub biz_step: Option<String>,
    /// The disposition.
    pub disposition: Option<String>,
    /// When it happened, in milliseconds since the Unix epoch.
    pub event_time_ms: i64,
    /// The offset of local time where it happened.
    pub time_zone: String,
    /// When the chain recorded it, in milliseconds since the Unix epoch.
    pub record_time_ms: u64,
    /// Where it happened.
    pub read_point: Option<String>,
    /// Where the things were afterwards.
    pub biz_location: Option<String>,
    /// Name of the place, if it is a member's.
    pub place_name: Option<String>,
    /// Number of the organisation that it was recorded for.
    pub party: u64,
    /// Name of that organisation.
    pub party_name: Option<String>,
    /// The account that recorded it.
    pub capturer: Address,
    /// The things in it.
    pub items: Vec<TraceItem>,
    /// How many things are in it.
    pub items_total: u32,
    /// Identifiers of the things of this trace that it is about.
    pub concerns: Vec<String>,
    /// Orders, invoices, despatch advices.
    pub documents: Vec<TraceDocument>,
    /// Where the transaction is that carried it.
    #[serde(flatten)]
    pub place: TransactionPlace,
    /// Hash of that transaction.
    pub transaction: B256,
    /// Its party declared it wrong later; nothing was followed from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

/// A thing in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceItem {
    /// The part it plays: `object`, `parent`, `child`, `input`, `output`.
    pub role: String,
    /// Canonical identifier.
    pub id: String,
    /// How much, as a decimal number.
    pub quantity: Option<String>,
    /// The unit of the quantity.
    pub uom: Option<String>,
}

/// A document that an event refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceDocument {
    /// Its type: `po`, `desadv`.
    pub kind: Option<String>,
    /// Its canonical identifier.
    pub id: String,
}

impl Default for TraceLimits {
    fn default() -> Self {
        Self {
            identifiers_max: 5_000,
            steps_max: 5_000,
            links_max: 20_000,
            depth_max: 100,
            items_per_step_max: 100,
            rows_max: 500_000,
        }
    }
}

/// The text is not a direction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a direction: `back`, `forward` or `both`")]
pub struct DirectionError(String);

impl FromStr for Direction {
    type Err = DirectionError;

    fn from_str(text: &str) -> Result<Self, DirectionError> {
        match text {
            "back" => Ok(Self::Back),
            "forward" => Ok(Self::Forward),
            "both" => Ok(Self::Both),
            other => Err(DirectionError(other.to_owned())),
        }
    }
}

impl Index {
    /// Follows a thing through aggregation, transformation, transaction and association events.
    pub async fn trace(
        &self,
        root: &Identifier,
        direction: Direction,
        limits: &TraceLimits,
    ) -> Result<Trace, IndexError> {
        // One transaction, so that all of the trace sees the same blocks.
        let mut snapshot = self.snapshot().await?;
        let walk = walk::walk(&mut snapshot, root, direction, limits).await?;
        answer::answer(root, direction, walk).await
    }
}
